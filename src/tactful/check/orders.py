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
        people, whose = np.unique(decisions["customer_key"].to_numpy(), return_inverse=True)
        items = texts_of(shown.item.values).array
        pairs = whose.reshape(-1)[shown.row] * len(items) + shown.item.codes
        codes, is_sale, times = _lines(transactions, people=people, items=items, wanted=np.sort(pairs))
        order = np.lexsort((np.arange(len(codes)), times, codes))
        sorted_codes = codes[order]
        ends = order[np.append(sorted_codes[1:] != sorted_codes[:-1], [True] * bool(len(codes))).astype(bool)]
        return cls(bought=_within(pairs, codes[is_sale]), returned=_within(pairs, codes[ends[~is_sale[ends]]]))


def _within(pairs: NDArray[np.int64], known: NDArray[np.int64]) -> Shows:
    found = pc.is_in(pa.array(pairs), value_set=pa.array(known))
    return np.asarray(found.to_numpy(zero_copy_only=False))


def _lines(
    transactions: Sealed | pa.Table, *, people: NDArray[np.int64], items: pa.Array, wanted: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Shows, NDArray[np.int64]]:
    """The pair, whether it was a sale, and the time of every line that is about a wanted pair.

    Lines come by customer, so each run of one customer's lines is looked for once among those who are shown anything.
    """
    found = [(np.zeros(0, np.int64), np.zeros(0, bool), np.zeros(0, np.int64))]
    for batch in lake.batches(transactions, columns=list(_COLUMNS), rows=_ROWS):
        place = _among(people, batch["customer_key"].fill_null(_NOBODY).to_numpy(zero_copy_only=False))
        some = np.flatnonzero(place >= 0)
        item = pc.index_in(batch["item_id"].take(pa.array(some)), value_set=items, skip_nulls=True)
        codes = place[some] * len(items) + item.fill_null(0).to_numpy(zero_copy_only=False)
        is_wanted = (_sought(wanted, codes) >= 0) & item.is_valid().to_numpy(zero_copy_only=False)
        rows = pa.array(some[is_wanted])
        if len(rows):
            is_sale = pc.equal(batch["kind"].take(rows), "sale").fill_null(False).to_numpy(zero_copy_only=False)
            times = batch["happened_at"].take(rows).cast(pa.int64()).to_numpy(zero_copy_only=False)
            found.append((codes[is_wanted], is_sale, times))
    codes, sales, times = (np.concatenate(one) for one in zip(*found, strict=True))
    return codes, sales, times


def _among(known: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each key its place among those known, -1 where it is none of them; equal neighbours are sought once."""
    if not len(keys):
        return np.zeros(0, dtype=np.int64)
    begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    found = _sought(known, keys[begins])
    return np.repeat(found, np.diff(np.append(begins, len(keys))))


def _sought(known: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.int64]:
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
