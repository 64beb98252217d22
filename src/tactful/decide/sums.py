"""Sums over the lines of orders: what each customer kept, how each item sells, and what stands in one order."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa

from tactful.decide.order_lines import Ints, Lines, OrderLines
from tactful.reckon import decay
from tactful.reckon.together import Together
from tactful.words.clock import Clock

HALF_LIFE_DAYS: Final = 90
"""Days after which an order counts half."""
MOST_LINES: Final = 60
"""Orders of more different items than this say little about what goes together."""
DAY: Final = 86_400_000_000
NEVER: Final = np.iinfo(np.int64).min
TIME: Final = pa.timestamp("us", tz="UTC")


class Sums:
    """What is counted over all orders, by number of an item. Stability: internal.

    Args:
        items: how many items there are.
        clock: now.
    """

    def __init__(self, items: int, *, clock: Clock) -> None:
        self.together = Together(items)
        self._items, self._today = items, pa.scalar(clock.now, TIME).value // DAY
        self._weights = np.append(decay.table(HALF_LIFE_DAYS), 0)
        self._orders, self._buyers, self._again, self._decayed = (np.zeros(items, np.int64) for _ in range(4))
        self._first = np.full(items, np.iinfo(np.int64).max)

    def add(self, lines: Lines) -> pa.Table:
        """Adds all lines of some customers, and gives a row for each of them and each item, in this order.

        Returns:
            `customer_key`, `number` of the item, in how many `orders`, these `decayed` by their age, and when it was
            sold last (`last_at`) and came back last (`returned_at`).
        """
        lines = lines.nameable()
        keys, who = ranked(lines.keys)
        pairs = _paired(who, lines.orders, seconds=len(lines.order_ids))
        order, begins = groups(pairs * self._items + lines.items)
        sold_at = latest_of(np.where(lines.is_sale, lines.at, NEVER)[order], begins)
        back_at = latest_of(np.where(lines.is_sale, NEVER, lines.at)[order], begins)
        first = order[begins]
        whose, items, is_sold = who[first], lines.items[first], sold_at > NEVER
        self._add_orders(pairs[first][is_sold], items[is_sold])
        self._add_first(lines)
        weights = self._weights[np.minimum(self._today - np.maximum(sold_at, back_at) // DAY, self._weights.size - 1)]
        order, begins = groups(whose * self._items + items)
        counted = np.add.reduceat(is_sold[order].astype(np.int64), begins) if order.size else begins
        decayed = np.add.reduceat(np.where(is_sold, weights, 0)[order], begins) if order.size else begins
        items = items[order[begins]]
        self._add_buyers(items, orders=counted, decayed=decayed)
        columns = {"customer_key": keys[whose[order[begins]]], "number": items, "orders": counted, "decayed": decayed}
        times = {"last_at": sold_at, "returned_at": back_at}
        return pa.table(columns | {name: _instants(latest_of(at[order], begins)) for name, at in times.items()})

    def add_nobody(self, reading: OrderLines, *, lines_at_once: int) -> None:
        """Adds the orders without a customer; eight bytes for each of their lines are held.

        Args:
            reading: its spans were all read.
            lines_at_once: about so many are counted at once.
        """
        ids, parts = [], []
        for part in reading.of_nobody():
            lines = part.nameable()
            self._add_first(lines)
            ids.append(lines.order_ids)
            parts.append(_distinct((lines.orders * self._items + lines.items)[lines.is_sale]))
        if not ids:
            return
        numbers = np.asarray(pa.chunked_array(ids).combine_chunks().dictionary_encode().indices).astype(np.int64)
        offsets = np.cumsum([0, *map(len, ids)])
        renumbered = [
            numbers[begin + held // self._items] * self._items + held % self._items
            for begin, held in zip(offsets, parts, strict=False)
        ]
        both = _distinct(np.concatenate(renumbered))
        starts = np.append(np.flatnonzero(np.diff(both // self._items, prepend=-1)), both.size)
        cuts = starts[np.searchsorted(starts, np.arange(0, both.size, lines_at_once))]
        for low, high in pairwise(np.unique(np.append(cuts, both.size))):
            self._add_orders(both[low:high] // self._items, both[low:high] % self._items)

    def of_items(self) -> pa.Table:
        """A row for every item that was sold: `number`, `orders`, `buyers`, `again`, `decayed`, `first_at`."""
        there = np.flatnonzero(self._orders)
        columns = {"number": there, "orders": self._orders[there], "buyers": self._buyers[there]}
        columns |= {"again": self._again[there], "decayed": self._decayed[there]}
        return pa.table(columns | {"first_at": _instants(self._first[there])})

    def _add_orders(self, pairs: Ints, items: Ints) -> None:
        """Items of orders, each once in an order: the orders of each item, and what stands together."""
        self._orders += np.bincount(items, minlength=self._items)
        begins = np.flatnonzero(np.diff(pairs, prepend=-1))
        sizes = np.diff(np.append(begins, pairs.size))
        is_basket = (sizes >= 2) & (sizes <= MOST_LINES)
        bounds = np.concatenate([[0], np.cumsum(sizes[is_basket])])
        self.together.add(bounds, items[np.repeat(is_basket, sizes)])

    def _add_first(self, lines: Lines) -> None:
        np.minimum.at(self._first, lines.items[lines.is_sale], lines.at[lines.is_sale])

    def _add_buyers(self, items: Ints, *, orders: Ints, decayed: Ints) -> None:
        """What customers kept: a row for each of them and each item."""
        self._buyers += np.bincount(items[orders > 0], minlength=self._items)
        self._again += np.bincount(items[orders > 1], minlength=self._items)
        np.add.at(self._decayed, items, decayed)


def groups(keys: Ints) -> tuple[Ints, Ints]:
    """An order in which equal keys stand together, rising, and where in it each different key begins."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    return order, np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: keys.size])


def latest_of(at: Ints, begins: Ints) -> Ints:
    """The latest instant of each group."""
    found: Ints = np.maximum.reduceat(at, begins) if at.size else at
    return found


def ranked(keys: Ints) -> tuple[Ints, Ints]:
    """The different keys, rising, and the place of each key among them; rows of one customer mostly stand together."""
    begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])[: keys.size])
    different, places = np.unique(keys[begins], return_inverse=True)
    return different, np.repeat(places, np.diff(np.append(begins, keys.size)))


def _distinct(numbers: Ints) -> Ints:
    """The different numbers, rising; by sorting, which is fast where they nearly are."""
    numbers.sort(kind="stable")
    found: Ints = numbers[np.concatenate([[True], numbers[1:] != numbers[:-1]])[: numbers.size]]
    return found


def _paired(ones: Ints, others: Ints, *, seconds: int) -> Ints:
    """A number from 0 for each different pair of numbers."""
    return ranked(ones * seconds + others)[1]


def _instants(micros: Ints) -> pa.Array:
    """Instants, empty where there is none."""
    return pa.array(micros, mask=micros == NEVER).cast(TIME)
