"""Sums over links with whose doing they are: what the things a row holds say of every other thing, and which says most.

Everything is a whole number, so a sum is the same in any order, in blocks of any size, and on any machine.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Sparse: TypeAlias = Any  # a scipy CSR array; scipy publishes no types
EXACT = 1 << 53
"""Below it a double holds every whole number, so that sums in doubles are exact."""


class Said(NamedTuple):
    """What each held thing adds to each thing it is linked to: one entry for every two of a row."""

    row: Ints
    thing: Ints
    source: Ints
    amount: Ints


def said(held: Sparse, links: Sparse) -> Said:
    """Every amount that is added up, row by row.

    Args:
        held: how much each row holds of each thing; int64, sparse, shape (rows, things).
        links: what one of a thing says of each other; int64, sparse, shape (things, things).

    >>> from scipy import sparse
    >>> held = sparse.csr_array(np.array([[2, 1, 0]]))
    >>> links = sparse.csr_array(np.array([[0, 0, 5], [0, 0, 3], [1, 0, 0]]))
    >>> [part.tolist() for part in said(held, links)]
    [[0, 0], [2, 2], [0, 1], [10, 3]]
    """
    counts = np.diff(links.indptr).astype(np.int64)[held.indices]
    entry = np.repeat(np.arange(held.indices.size), counts)
    begins = np.cumsum(counts) - counts
    place = np.arange(entry.size) - begins[entry] + links.indptr[held.indices].astype(np.int64)[entry]
    row = np.repeat(np.arange(held.shape[0]), np.diff(held.indptr))
    return Said(
        row=row[entry], thing=links.indices[place].astype(np.int64), source=held.indices[entry].astype(np.int64),
        amount=held.data[entry] * links.data[place],
    )  # fmt: skip


def totals(parts: Said, *, rows: int, things: int) -> Floats:
    """The sum of each row and thing, whole numbers in doubles; shape (rows, things).

    >>> parts = Said(*(np.array(one) for one in ([0, 0, 1], [2, 2, 0], [0, 1, 1], [10, 3, 4])))
    >>> totals(parts, rows=2, things=3).tolist()
    [[0.0, 0.0, 13.0], [4.0, 0.0, 0.0]]
    """
    keys = parts.row * things + parts.thing
    found = np.bincount(keys, weights=parts.amount, minlength=rows * things)
    return found.astype(np.float64, copy=False).reshape(rows, things)  # of nothing NumPy answers whole numbers


def leading(parts: Said, lists: Ints, *, things: int) -> Ints:
    """Which source adds most to each listed thing; of equal ones the smallest number. -1 where none adds anything.

    Args:
        parts: what was added.
        lists: things of each row, -1 for none; shape (rows, k).
        things: how many there are.

    Returns:
        Sources; the shape of `lists`.

    >>> parts = Said(*(np.array(one) for one in ([0, 0, 1], [2, 2, 0], [0, 1, 1], [10, 13, 4])))
    >>> leading(parts, np.array([[2, 1], [0, -1]]), things=3).tolist()
    [[1, -1], [1, -1]]
    """
    rows, wide = lists.shape
    at = np.full(rows * things, -1, dtype=np.int32)
    row, place = np.nonzero(lists >= 0)
    at[row * things + lists[row, place]] = row * wide + place
    where = at[parts.row * things + parts.thing]
    mine = np.flatnonzero((where >= 0) & (parts.amount > 0))
    where, source, amount = where[mine], parts.source[mine], parts.amount[mine]
    order = np.lexsort((source, -amount, where))
    first = order[np.diff(where[order], prepend=-1) != 0]
    found = np.full(rows * wide, -1, dtype=np.int64)
    found[where[first]] = source[first]
    return found.reshape(rows, wide)
