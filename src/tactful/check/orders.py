"""Who ordered and sent back what they are shown: the lines of a customer and an item, as one number for each pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.check.late import Late
from tactful.check.shown import Shown, Shows
from tactful.check.texts import texts_of
from tactful.store import lake
from tactful.words.sealed import Sealed

Numbers = NDArray[np.int64]
_NOBODY = -1
"""The key of lines without a customer; no customer has it."""
_ROWS = 1 << 18
_COLUMNS = ("customer_key", "item_id", "kind", "happened_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """Of the items that decisions show, those that their customers bought and sent back. Stability: internal.

    Attributes:
        bought: for each shown item of the run whether its customer has a line of a sale.
        returned: for each whether the customer's last line of it is a return or a cancellation.
    """

    bought: Shows
    returned: Shows

    @classmethod
    def of(cls, transactions: Sealed | pa.Table, *, decisions: Late, shown: Shown) -> Ordered:
        """From order lines; those without a customer say nothing about anybody.

        Args:
            transactions: every line; lines of one customer best stand together.
            decisions: of the run, row by row.
            shown: their items.
        """
        wanted = _Wanted.of(decisions["customer_key"].to_numpy(), shown=shown)
        number, is_sale, times = _lines(transactions, wanted=wanted)
        bought, returned = (np.zeros(len(shown.row), dtype=bool) for _ in range(2))
        bought[number[is_sale]] = True
        doubtful = np.zeros(len(shown.row), dtype=bool)
        doubtful[number[~is_sale]] = True
        some = np.flatnonzero(doubtful[number])  # of the others no line can be the last that is no sale
        number, is_sale, times = number[some], is_sale[some], times[some]
        order = np.lexsort((np.arange(len(number)), times, number))
        last = order[np.append(number[order][1:] != number[order][:-1], [True] * bool(len(number))).astype(bool)]
        returned[number[last[~is_sale[last]]]] = True
        return cls(bought=bought, returned=returned)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What is asked of order lines. Stability: internal.

    Attributes:
        people: the keys of customers, ascending, each once.
        rows: the rows of their decisions, those of one customer together.
        starts: where each customer's rows begin, and at last where they end.
        items: every item shown.
    """

    people: Numbers
    rows: Numbers
    starts: Numbers
    shown: Shown
    items: pa.Array

    @classmethod
    def of(cls, keys: Numbers, *, shown: Shown) -> _Wanted:
        """The rows of each customer."""
        is_sorted = not np.any(keys[1:] < keys[:-1])
        rows = np.arange(len(keys)) if is_sorted else np.argsort(keys, kind="stable")
        own = keys if is_sorted else keys[rows]
        begins = np.flatnonzero(np.append([True] * bool(len(own)), own[1:] != own[:-1]))
        items = texts_of(shown.item.values).array
        return cls(people=own[begins], rows=rows, starts=np.append(begins, len(own)), shown=shown, items=items)

    def matches(self, whose: Numbers, items: Numbers) -> tuple[Numbers, Numbers]:
        """Lines and shown items that are about one customer and item: the number of the line, and of the shown item.

        Args:
            whose: the customer of each line, by place.
            items: its item, by number.
        """
        counts = self.starts[whose + 1] - self.starts[whose]
        lines = np.repeat(np.arange(len(whose)), counts)
        ends = np.cumsum(counts)
        rows = self.rows[np.arange(len(lines)) + np.repeat(self.starts[whose] - (ends - counts), counts)]
        first, stop, sought = self.shown.starts[rows], self.shown.starts[rows + 1], items[lines]
        found: list[tuple[Numbers, Numbers]] = [(lines[:0], lines[:0])]
        for step in range(int((stop - first).max(initial=0))):
            there = first + step
            is_within = there < stop
            codes = self.shown.item.codes[np.where(is_within, there, 0)]
            same = np.flatnonzero(is_within & (codes == sought))
            found.append((lines[same], there[same]))
        told, shown = (np.concatenate(one) for one in zip(*found, strict=True))
        return told, shown


def _lines(transactions: Sealed | pa.Table, *, wanted: _Wanted) -> tuple[Numbers, Shows, Numbers]:
    """Of every line about a shown item, in their order: the number of that item, whether it was a sale, and its time.

    Lines come by customer, so each run of one customer's lines is looked for once among those who are shown anything.
    """
    found = [(np.zeros(0, np.int64), np.zeros(0, bool), np.zeros(0, np.int64))]
    for batch in lake.batches(transactions, columns=list(_COLUMNS), rows=_ROWS):
        place = _among(wanted.people, batch["customer_key"].fill_null(_NOBODY).to_numpy(zero_copy_only=False))
        some = np.flatnonzero(place >= 0)
        names = batch["item_id"].take(pa.array(some)).dictionary_encode()
        number = pc.fill_null(pc.index_in(names.dictionary, value_set=wanted.items, skip_nulls=True), -1)
        of_name = np.append(number.to_numpy(zero_copy_only=False).astype(np.int64), -1)
        items = of_name[names.indices.fill_null(len(number)).to_numpy(zero_copy_only=False)]
        is_shown = items >= 0
        line, shown = wanted.matches(place[some[is_shown]], items[is_shown])
        if len(line):
            order = np.argsort(line, kind="stable")
            rows = pa.array(some[is_shown][line[order]])
            is_sale = pc.equal(batch["kind"].take(rows), "sale").fill_null(False).to_numpy(zero_copy_only=False)
            times = batch["happened_at"].take(rows).cast(pa.int64()).to_numpy(zero_copy_only=False)
            found.append((shown[order], is_sale, times))
    numbers, sales, times = (np.concatenate(one) for one in zip(*found, strict=True))
    return numbers, sales, times


def _among(known: Numbers, keys: Numbers) -> Numbers:
    """For each key its place among those known, -1 where it is none of them; equal neighbours are sought once."""
    if not len(keys):
        return np.zeros(0, dtype=np.int64)
    begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    found = _sought(known, keys[begins])
    return np.repeat(found, np.diff(np.append(begins, len(keys))))


def _sought(known: Numbers, keys: Numbers) -> Numbers:
    """For each number the place of one like it among those known, which ascend; -1 where it is none of them."""
    if not len(known):
        return np.full(len(keys), -1, dtype=np.int64)
    if not np.any(keys[1:] < keys[:-1]):
        place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
        return np.where(known[place] == keys, place, -1)
    order = np.argsort(keys)  # in order they are found several times as fast
    place = np.empty(len(keys), dtype=np.int64)
    place[order] = _sought(known, keys[order])
    return place
