"""Rules about items: known, on sale, in stock, fit to show, not shown twice, and what the words say of them true."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tactful.check.derived import said_of_items
from tactful.check.orders import Ordered
from tactful.check.rule import Hit, Messages, Rule
from tactful.check.scene import Row
from tactful.check.shown import ROLE_ANCHOR
from tactful.check.texts import texts_of
from tactful.words.finding import Severity

NEW_TO_THEM = frozenset({"pair", "new"})
"""Roles that say the customer has not got it."""
ORDERED = frozenset({ROLE_ANCHOR, "again"})
"""Roles that say the customer has ordered it."""
_SLOT = re.compile(r"(?:items\[(\d+)\]|anchor)\.(title|url|note|image)")


def _catalogued(
    messages: Messages, key: object, *, wrong: Callable[[Row | None], str], anchors: bool = False
) -> Iterator[Hit]:
    """A hit for each distinct item of which a function has something to say; it is asked once in a run."""
    shown, tables, items = messages.block.shown, messages.block.tables, messages.scene.items
    if key not in tables.of_items:
        said = ((number, wrong(items.get(one))) for number, one in enumerate(tables.shown.item.values))
        tables.of_items[key] = {number: what for number, what in said if what}
    for number, what in tables.of_items[key].items():
        is_it = tables.shown.item.codes[shown.told] == number
        rows = np.unique(shown.row[is_it if anchors else is_it & (shown.place >= 0)])
        if rows.size:
            yield Hit(what=f"{tables.shown.item.values[number]} {what}", rows=rows)


def _unknown(messages: Messages) -> Iterable[Hit]:
    def wrong(item: Row | None) -> str:
        return "is not in the catalogue" if item is None else ""

    return _catalogued(messages, _unknown, wrong=wrong, anchors=True)


def _out_of_stock(messages: Messages) -> Iterable[Hit]:
    def wrong(item: Row | None) -> str:
        gone = item is not None and item["stock"] is not None and item["stock"] <= 0
        return "is out of stock" if gone else ""

    return _catalogued(messages, _out_of_stock, wrong=wrong)


def _not_sold(messages: Messages) -> Iterable[Hit]:
    now = messages.scene.clock.now

    def wrong(item: Row | None) -> str:
        if item is None:
            return ""
        if not item["sellable"]:
            return "is not for sale"
        if item["active_from"] is not None and item["active_from"] > now:
            return "is not on sale yet"
        return "is no longer on sale" if item["active_to"] is not None and item["active_to"] <= now else ""

    return _catalogued(messages, _not_sold, wrong=wrong)


def _sensitive(messages: Messages) -> Iterable[Hit]:
    def wrong(item: Row | None) -> str:
        topic = item["sensitive_topic"] if item is not None else None
        return f"belongs to a sensitive topic ({topic})" if topic else ""

    return _catalogued(messages, _sensitive, wrong=wrong, anchors=True)


def _twice(messages: Messages) -> Iterable[Hit]:
    shown, tables = messages.block.shown, messages.block.tables
    every = np.ones(len(shown.row), dtype=bool)
    for what in ("item", "title"):
        of_item = _alike(messages, what)
        if (rows := shown.like(every, every, codes=of_item[tables.shown.item.codes[shown.told]])).size:
            yield Hit(what=f"one {what} is shown twice", rows=rows)
            return


def _alike(messages: Messages, what: str) -> NDArray[np.int64]:
    """For each item shown in the run a number, the same for those of one name or of one title, capitals aside."""
    tables, items = messages.block.tables, messages.scene.items
    if (_alike, what) not in tables.of_items:
        known: dict[str, int] = {}
        every = tables.shown.item.values
        names = every if what == "item" else [items.get(item, {}).get("title", item) for item in every]
        made = [known.setdefault(str(name).casefold(), len(known)) for name in names]
        tables.of_items[_alike, what] = np.array(made or [0])
    return np.asarray(tables.of_items[_alike, what])


def _other_words(messages: Messages) -> Iterable[Hit]:
    """Slots that print an item's own words print those of the decision's item in that place."""
    shown = messages.block.shown
    for number, slots in messages.use.bones.columns():
        match = _SLOT.fullmatch(slots[0][1].source)
        column = messages.block.columns.get(number)
        if match is None or column is None:
            continue
        place, truth = int(match[1]) if match[1] else -1, said_of_items(messages, match[2])
        if place >= 0 and messages.block.is_catalogues(number, place, leaf=match[2], truth=truth):
            continue
        here = shown.place == place
        rows, items = shown.row[here], shown.item.codes[here]
        right = texts_of(column.values).numbers(truth)
        wrong = np.ones(len(messages.block), dtype=bool)
        wrong[rows] = column.codes[rows] != right[items]
        if (both := np.flatnonzero(wrong)).size:
            source = slots[0][1].source
            yield Hit(
                what=f"{source} does not say what the catalogue says of the decided item", rows=both, place=source
            )


def _because(messages: Messages) -> Iterable[Hit]:
    """An item is not recommended because of itself, nor as new when it is the one they ordered."""
    shown = messages.block.shown
    reasons = np.append(messages.block.tables.reasons, -1)[shown.because.codes]
    itself = shown.rows_of(reasons == shown.item.codes)
    both = shown.like(shown.having(NEW_TO_THEM), shown.having(ORDERED), codes=shown.item.codes)
    if itself.size or both.size:
        yield Hit(what="an item is shown as new to go with itself", rows=np.union1d(itself, both))


def _flags(messages: Messages, what: str) -> NDArray[np.bool_] | None:
    """For each item shown whether the customer bought it, or sent it back; None where that was not given."""
    tables, lines = messages.block.tables, messages.scene.transactions
    if lines is None:
        return None
    if not tables.flags:
        ordered = Ordered.of(lines, decisions=tables.decisions, shown=tables.shown)
        tables.flags |= {"bought": ordered.bought, "returned": ordered.returned}
    return tables.flags[what][messages.block.shown.told]


def _owned(messages: Messages) -> Iterable[Hit]:
    shown, bought = messages.block.shown, _flags(messages, "bought")
    if bought is not None and (rows := shown.rows_of(bought & shown.having(NEW_TO_THEM))).size:
        yield Hit(what="something they have is shown as new to them", rows=rows)


def _returned(messages: Messages) -> Iterable[Hit]:
    returned = _flags(messages, "returned")
    if returned is not None and (rows := messages.block.shown.rows_of(returned)).size:
        yield Hit(what="something they sent back is shown", rows=rows)


def _never_ordered(messages: Messages) -> Iterable[Hit]:
    shown, bought = messages.block.shown, _flags(messages, "bought")
    if bought is not None and (rows := shown.rows_of(~bought & shown.having(ORDERED))).size:
        yield Hit(what="the letter says they ordered something they did not", rows=rows)


def _rule(id_: str, *, place: str = "items", **more: Any) -> Rule:  # Any: the rule's own fields
    return Rule(id=id_, severity=Severity.ERROR, place=place, **more)


RULES = (
    _rule(
        "item-unknown",
        why="What the catalogue does not know cannot be bought, priced or checked.",
        fix="load the catalogue, or decide again",
        message=_unknown,
    ),
    _rule(
        "item-out-of-stock",
        why="Showing what is gone disappoints twice.",
        fix="decide again with the stock as it is now",
        message=_out_of_stock,
    ),
    _rule(
        "item-not-sold",
        why="What is not for sale today should not be in a letter today.",
        fix="decide again with the catalogue as it is now",
        message=_not_sold,
    ),
    _rule(
        "item-sensitive",
        why="Some things are never brought up unless the customer asks: children, faith, health, grief.",
        fix="leave out items of sensitive topics",
        message=_sensitive,
    ),
    _rule(
        "item-twice",
        why="One thing shown twice shows that nobody looked.",
        fix="decide again; suggestions must differ",
        message=_twice,
    ),
    _rule(
        "item-words-differ",
        place="item slots",
        why="A title beside another item's price or link is a wrong promise.",
        fix="write the message again from the catalogue as it is now",
        message=_other_words,
    ),
    _rule(
        "item-because-of-itself",
        why="Recommending what they named as ordered says we did not listen.",
        fix="exclude anchors from suggestions",
        message=_because,
    ),
    _rule(
        "item-owned-shown-as-new",
        why="What they bought from us is not new to them.",
        fix="exclude what they ordered from suggestions of new things",
        message=_owned,
    ),
    _rule(
        "item-just-returned",
        why="What they sent back is the last thing to recommend.",
        fix="exclude what they returned",
        message=_returned,
    ),
    _rule(
        "anchor-not-ordered",
        why="Telling people they ordered what they did not is worse than telling them nothing.",
        fix="take anchors from kept orders only",
        message=_never_ordered,
    ),
)
