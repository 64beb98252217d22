"""The chain over what customers said: each row's hash is tied to all before it, so that a change made quietly shows.

A row keeps random bytes of its own beside it. Erasing the row erases them too: the hash that stays in the chain then
says nothing about anybody, and still holds the links after it. An erasure is a link itself.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from tactful.store import ledger, sql
from tactful.store.table import TYPES, names

ERASURE: Final = "erasure"
LINKS_AT_ONCE: Final = 65_536
_ROWS: Final = {
    "consent": sql.named("ledger.know.consents_linked"),
    "preference": sql.named("ledger.know.preferences_linked"),
}
_SAYS: Final = {
    "consent": names(
        "link, nonce, customer_id, purpose, channel, state, happened_at, source, wording_hash, recorded_at"
    ),
    "preference": names(
        "link, nonce, customer_id, dial, topics_off, occasions_off, frequency, happened_at, source, recorded_at"
    ),
}
"""What is proved of a row, in this order."""
_FIRST: Final = bytes(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What was found of the chain. Stability: caller.

    Attributes:
        links: how many there are, erasures included.
        ends: the last link, 32 hexadecimal digits. Noted elsewhere, it also shows that nothing was cut off the end.
        broken: what is wrong at the first place where it is broken; empty where it is whole.
    """

    links: int
    ends: str
    broken: str = ""


class Links:
    """Ties rows to the chain as they are recorded. Stability: internal.

    Args:
        tx: the transaction that records them.
        now: when.
        chance: gives so many random bytes.
    """

    def __init__(self, tx: ledger.Transaction, *, now: datetime, chance: Callable[[int], bytes] = os.urandom) -> None:
        self._tx, self._now, self._chance = tx, now, chance
        last, self._link = _last(tx)
        self._next = last + 1

    def number(self, rows: pa.Table) -> pa.Table:
        """The rows with a number and bytes of their own each; one that the ledger knows already will leave a gap."""
        count = rows.num_rows
        own = [None, pa.py_buffer(self._chance(16 * count))]
        nonces = pa.FixedSizeBinaryArray.from_buffers(TYPES["id"], count, own)
        numbers = pa.array(np.arange(self._next, self._next + count))
        return rows.append_column("link", numbers).append_column("nonce", nonces)

    def tie(self, kind: str, rows: pa.Table, *, added: int) -> int:
        """Ties numbered rows that were just recorded, before others are numbered; returns how many were added.

        Args:
            kind: `consent` or `preference`.
            rows: all that were offered to the ledger.
            added: how many it did not know. Only where it knew some is it asked which it took.
        """
        if added < rows.num_rows:
            values = {"after": self._next - 1, "rows": rows.num_rows}
            rows = ledger.table(self._tx, _ROWS[kind], values) if added else rows.slice(0, 0)
        numbers, hashes, link = (
            rows["link"].to_pylist(),
            list(_hashes(kind, rows.select(list(_SAYS[kind])))),
            self._link,
        )
        links = [
            link := _tied(link, kind, number=number, row_hash=row_hash)
            for number, row_hash in zip(numbers, hashes, strict=True)
        ]
        ledger.write(self._tx, "said", _said(kind, numbers=numbers, hashes=hashes, links=links, now=self._now))
        self._link, self._next = link, numbers[-1] + 1 if numbers else self._next
        return added


def erase(tx: ledger.Transaction, *, customer_id: str, now: datetime) -> int:
    """Notes in the chain that a customer's rows are erased now, by their numbers; returns how many. Before it is done.

    Args:
        tx: the transaction that erases them.
        customer_id: whose rows.
        now: when.
    """
    rows = ledger.ask(tx, sql.named("ledger.know.links_of_customer"), {"customer_id": customer_id})
    numbers = [int(row["link"]) for row in rows]
    if not numbers:
        return 0
    last, link = _last(tx)
    text = json.dumps(numbers, separators=(",", ":"))
    row_hash = hashlib.sha256(text.encode()).digest()[:16]
    tied = _tied(link, ERASURE, number=last + 1, row_hash=row_hash)
    said = {
        "link": last + 1,
        "kind": ERASURE,
        "row_hash": row_hash,
        "link_hash": tied,
        "erased": text,
        "linked_at": now,
    }
    ledger.write(tx, "said", [said])
    return len(numbers)


def inspect(tx: ledger.Transaction) -> Chain:
    """Reads the whole chain and every row it holds, and says where it is broken first, if it is."""
    erased = {number for row in ledger.ask(tx, sql.named("ledger.know.erasures_linked")) for number in _numbers(row)}
    after, count, link, broken = 0, 0, _FIRST, ""
    while rows := ledger.ask(tx, sql.named("ledger.know.links_from"), {"after": after, "rows": LINKS_AT_ONCE}):
        found = _rows_between(tx, low=rows[0]["link"], high=rows[-1]["link"])
        for row in rows:
            tied = _tied(link, row["kind"], number=row["link"], row_hash=row["row_hash"])
            broken = broken or _fault(row, tied=tied, held=found.get(row["link"], []), erased=erased)
            link = row["link_hash"]
        after, count = rows[-1]["link"], count + len(rows)
    return Chain(links=count, ends=link.hex(), broken=broken or _stray(tx))


def _fault(row: dict[str, Any], *, tied: bytes, held: list[tuple[str, bytes]], erased: set[int]) -> str:
    """What is wrong with a link and its row; nothing where both are as they were made."""
    name = f"row {row['link']:,} ({row['kind']}, recorded {row['linked_at']:%Y-%m-%d})"
    if row["kind"] == ERASURE and hashlib.sha256((row["erased"] or "").encode()).digest()[:16] != row["row_hash"]:
        return f"{name} names other rows than those that were erased"
    if tied != row["link_hash"]:
        return f"{name} is not tied to the rows before it: a link was changed, left out or put in"
    if row["kind"] == ERASURE:
        return ""
    if row["link"] in erased:
        return f"{name} was erased and is there again" if held else ""
    if not held:
        return f"{name} is gone, and no erasure names it"
    return "" if held == [(row["kind"], row["row_hash"])] else f"{name} is not what was recorded"


def _stray(tx: ledger.Transaction) -> str:
    rows = ledger.ask(tx, sql.named("ledger.know.stray_rows"))
    count = sum(row["rows"] for row in rows)
    kinds = " and ".join(row["kind"] for row in rows if row["rows"])
    return f"{count:,} rows ({kinds}) are in no link: something else than Tactful wrote them" if count else ""


def _rows_between(tx: ledger.Transaction, *, low: int, high: int) -> dict[int, list[tuple[str, bytes]]]:
    """The kinds and hashes of the rows of some links, as they are now."""
    found: dict[int, list[tuple[str, bytes]]] = {}
    for kind, query in _ROWS.items():
        after = low - 1
        while (rows := ledger.table(tx, query, {"after": after, "rows": LINKS_AT_ONCE})).num_rows:
            for number, row_hash in zip(
                rows["link"].to_pylist(), _hashes(kind, rows.select(list(_SAYS[kind]))), strict=True
            ):
                if number <= high:
                    found.setdefault(number, []).append((kind, row_hash))
            after = rows["link"][-1].as_py()
            if after >= high:
                break
    return found


def _hashes(kind: str, rows: pa.Table) -> Iterator[bytes]:
    """The hash of all that each row says, its number and its own bytes included."""
    columns = [(c.cast(pa.int64()) if pa.types.is_timestamp(c.type) else c).to_pylist() for c in rows.columns]
    encode, sha256 = msgspec.json.Encoder().encode, hashlib.sha256
    for values in zip(*columns, strict=True):
        yield sha256(encode((kind, values))).digest()[:16]


def _said(kind: str, *, numbers: list[int], hashes: list[bytes], links: list[bytes], now: datetime) -> pa.Table:
    """Links as rows of the ledger."""
    columns = {"link": pa.array(numbers, TYPES["whole"]), "kind": pa.repeat(kind, len(numbers))}
    columns |= {"row_hash": pa.array(hashes, TYPES["id"]), "link_hash": pa.array(links, TYPES["id"])}
    return pa.table(columns | {"linked_at": pa.repeat(pa.scalar(now, TYPES["time"]), len(numbers))})


def _tied(link: bytes, kind: str, *, number: int, row_hash: bytes) -> bytes:
    return hashlib.sha256(link + number.to_bytes(8, "big") + row_hash + kind.encode()).digest()[:16]


def _last(tx: ledger.Transaction) -> tuple[int, bytes]:
    """The last link's number and hash."""
    rows = ledger.ask(tx, sql.named("ledger.know.last_link"))
    return (int(rows[0]["link"]), bytes(rows[0]["link_hash"])) if rows else (0, _FIRST)


def _numbers(row: dict[str, Any]) -> list[int]:
    """The rows an erasure names; none where that cannot be read any more, which its own hash shows."""
    try:
        return [int(number) for number in json.loads(row["erased"] or "[]")]
    except (ValueError, TypeError):
        return []
