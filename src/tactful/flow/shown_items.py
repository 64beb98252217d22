"""What a customer could be shown, why, and how each of the other items was left out, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tactful.words.left_out import LeftOut

Row = Mapping[str, Any]  # Any: one row of mixed columns
MILLION = 1_000_000
_SAID = {"anchor": "theirs, named as a reason", "pair": "ordered together", "again": "ordered again and again",
         "new": "new", "pick": "likely"}  # fmt: skip


def lines(rows: Sequence[Row], *, titles: Mapping[str, str]) -> Iterator[str]:
    """Every list of a customer, and one way down from the catalogue to it.

    Args:
        rows: their `suggestions`.
        titles: what items are called.
    """
    if rows:
        yield ""
        yield "What they could be shown as their own"
    for row in rows:
        where = row["level"] + (" on the web" if row["plan"] == "web" else "")
        yield f"  {row['program']}, {where}"
        for item, chance in zip(row["items"], row["chances"], strict=True):
            likely = "" if chance is None else f", {chance / MILLION:.2%}"
            because = f", because of {_called(item['because'], titles)}" if item["because"] else ""
            yield f"    {_called(item['item_id'], titles)} ({_SAID[item['role']]}{likely}{because})"
        if counts := left_out(row):
            whole = sum(counts.values()) + sum(item["role"] != "anchor" for item in row["items"])
            yield f"    left out of {whole:,} items:"
            yield from (f"      {count:,}: {LeftOut(reason).sentence}" for reason, count in counts.items())


def facts(rows: Sequence[Row]) -> list[dict[str, Any]]:  # Any: mixed values
    """The same for programs; chances in millionths."""
    return [
        {name: row[name] for name in ("program", "plan", "level", "items", "chances")} | {"left_out": left_out(row)}
        for row in rows
    ]


def left_out(row: Row) -> dict[str, int]:
    """How many items were left out, by reason, in the order of the way down; reasons that met none are not said.

    >>> left_out({"left_out": [3, 0, 1] + [0] * 11})
    {'not_for_sale': 3, 'out_of_stock': 1}
    """
    counts = zip(LeftOut, row["left_out"], strict=False)
    return {reason.value: count for reason, count in counts if count}


def _called(item_id: str, titles: Mapping[str, str]) -> str:
    return titles.get(item_id, item_id)


def model_lines(rows: Sequence[Row]) -> list[str]:
    """Which model filled the places; nothing where none did.

    Args:
        rows: of `slot_model`, one at most.
    """
    return [
        f"  filled by {one['model']} {one['fingerprint'].hex()[:8]}: {one['things']:,} items, learned from"
        f" {one['choices']:,} choices of {one['customers']:,} customers; {_judged(one)}"
        for one in rows
    ]


def _judged(one: Row) -> str:
    if not one["judged"]:
        return "its settings are the first ones: too few customers could judge"
    return f"its settings were judged by {one['judged']:,} customers over {one['days']} days held out"


def model_facts(rows: Sequence[Row]) -> list[Row]:
    """The same for programs."""
    return [{**one, "fingerprint": one["fingerprint"].hex()} for one in rows]
