"""Lists for everybody of a cell: what people order, what is new, what goes together; always in a total order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from tactful.project.programs import ItemsWanted

NEW_DAYS: Final = 90
"""An item is new for so many days after it was first ordered."""

Shown = dict[str, str | None]
"""One item: item_id, role, because."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is known of an item that may be offered. Stability: internal.

    Attributes:
        title: what it is called; sizes of one thing often share theirs.
        orders, buyers: how many orders and customers.
        again: customers who ordered it in two orders or more.
        decayed: orders weighted by their age.
        first_at: when it was first ordered.
    """

    item_id: str
    title: str
    category: str | None
    orders: int
    buyers: int
    again: int
    decayed: int
    first_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two items that stand in one order often. Stability: internal."""

    item_id: str
    other_id: str
    support: int
    closeness: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The items a list may be made of. Stability: internal.

    Attributes:
        items: those that may be offered now.
        pairs: pairs of them.
        now: the run's now.
        least: customers that an item needs before it is called new or steady.
    """

    items: tuple[Item, ...]
    pairs: tuple[Pair, ...]
    now: datetime
    least: int

    def within(self, category: str) -> Shelf:
        """The part of one category."""
        items = tuple(item for item in self.items if item.category == category)
        ids = {item.item_id for item in items}
        pairs = tuple(pair for pair in self.pairs if pair.item_id in ids and pair.other_id in ids)
        return Shelf(items=items, pairs=pairs, now=self.now, least=self.least)


def listed(wanted: ItemsWanted, *, shelf: Shelf) -> list[Shown]:
    """The list a level wants, shorter where there is not enough.

    Args:
        wanted: which suggester, and how many.
        shelf: what there is to choose from.
    """
    if wanted.suggest == "picks":
        there = {item.item_id: item for item in shelf.items}
        picks = _one_of_each_title(there[pick] for pick in wanted.picks if pick in there)
        return [_shown(item.item_id, role="pick") for item in picks][: wanted.count]
    return _SUGGESTERS[wanted.suggest](shelf, wanted.count)


def popular(shelf: Shelf, count: int) -> list[Shown]:
    """What was ordered most of late."""
    return _ranged(sorted(shelf.items, key=lambda item: (-item.decayed, item.item_id)), count)


def most_ordered(shelf: Shelf, count: int) -> list[Shown]:
    """What most customers ordered."""
    return _ranged(sorted(shelf.items, key=lambda item: (-item.buyers, item.item_id)), count)


def newest(shelf: Shelf, count: int) -> list[Shown]:
    """What was first ordered most recently, once enough customers have."""
    since = shelf.now - timedelta(days=NEW_DAYS)
    new = [item for item in shelf.items if item.first_at >= since and item.buyers >= shelf.least]
    ordered = sorted(new, key=lambda item: (-item.first_at.timestamp(), -item.decayed, item.item_id))
    return [_shown(item.item_id, role="new") for item in _one_of_each_title(ordered)[:count]]


def steady_and_new(shelf: Shelf, count: int) -> list[Shown]:
    """What customers order again, then what is new: half and half, the odd one steady; all or nothing of each half."""
    steady = [item for item in shelf.items if item.again >= shelf.least]
    ordered = _one_of_each_title(sorted(steady, key=lambda item: (-item.again, item.item_id)))[: (count + 1) // 2]
    there = {_named(item) for item in ordered}
    others = replace(shelf, items=tuple(item for item in shelf.items if _named(item) not in there))
    return [_shown(item.item_id, role="steady") for item in ordered] + newest(others, count // 2)


def pairings(shelf: Shelf, count: int) -> list[Shown]:
    """Items that are ordered together, two by two; no item and no title twice."""
    title = {item.item_id: _named(item) for item in shelf.items}
    found: list[Shown] = []
    taken: set[str] = set()
    for pair in sorted(shelf.pairs, key=lambda pair: (-pair.closeness, -pair.support, pair.item_id, pair.other_id)):
        if len(found) + 2 > count:
            break
        both = {title[pair.item_id], title[pair.other_id]}
        if len(both) == 2 and not both & taken:
            taken |= both
            found.append(_shown(pair.item_id, role="pair", because=pair.other_id))
            found.append(_shown(pair.other_id, role="pair", because=pair.item_id))
    return found


_SUGGESTERS: Final[dict[str, Callable[[Shelf, int], list[Shown]]]] = {
    "popular": popular,
    "most_ordered": most_ordered,
    "newest": newest,
    "steady_and_new": steady_and_new,
    "pairings": pairings,
}


def _ranged(ordered: Sequence[Item], count: int) -> list[Shown]:
    return [_shown(item.item_id, role="range") for item in _one_of_each_title(ordered)[:count]]


def _one_of_each_title(items: Iterable[Item]) -> list[Item]:
    """The first of each title: two sizes of one thing look like the same thing twice."""
    found: dict[str, Item] = {}
    for item in items:
        found.setdefault(_named(item), item)
    return list(found.values())


def _named(item: Item) -> str:
    return item.title.casefold()


def _shown(item_id: str, *, role: str, because: str | None = None) -> Shown:
    return {"item_id": item_id, "role": role, "because": because}
