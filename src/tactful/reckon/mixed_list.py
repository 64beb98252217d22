"""A list picked from ranked candidates, one place after the other, so that its items differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mix:
    """What a list must keep. Stability: caller.

    Attributes:
        count: places.
        most_of_kind: at most so many of one kind; None for any number.
        kinds: the kind of each thing, -1 for none; shape (things,).
        alike: one * things + other of every two that are too much alike, both ways round, rising.
    """

    count: int
    most_of_kind: int | None = None
    kinds: Ints
    alike: Ints

    @property
    def things(self) -> int:
        """How many things there are."""
        return self.kinds.size


def picked(candidates: Ints, *, mix: Mix) -> tuple[Ints, Ints]:
    """For each row the candidates that are taken, in their order, and how many were passed over.

    A candidate is taken unless a thing taken before is too much like it, or its kind is full.

    Args:
        candidates: things, best first, -1 for none; shape (rows, k).
        mix: what a list must keep.

    Returns:
        Places among the candidates, shape (rows, count), -1 where nothing is left; and passed over, shape (rows,).

    >>> mix = Mix(count=2, most_of_kind=1, kinds=np.array([0, 0, 1]), alike=np.empty(0, np.int64))
    >>> [one.tolist() for one in picked(np.array([[0, 1, 2]]), mix=mix)]
    [[[0, 2]], [1]]
    """
    rows, wide = candidates.shape
    taken, passed = np.full((rows, mix.count), -1, dtype=np.int64), np.zeros(rows, dtype=np.int64)
    have = np.zeros(rows, dtype=np.int64)
    left = np.arange(rows)
    for place in range(wide):
        left = left[have[left] < mix.count]
        mine = left[candidates[left, place] >= 0]
        if not mine.size:
            continue
        fits = _differs(candidates, mine, place=place, taken=taken, mix=mix)
        passed[mine[~fits]] += 1
        mine = mine[fits]
        taken[mine, have[mine]] = place
        have[mine] += 1
    return taken, passed


def _differs(candidates: Ints, rows: Ints, *, place: int, taken: Ints, mix: Mix) -> NDArray[np.bool_]:
    """Whether the candidate at a place differs enough from what its row has already."""
    thing, there = candidates[rows, place], taken[rows] >= 0
    before = np.take_along_axis(candidates[rows], np.maximum(taken[rows], 0), axis=1)
    fits = np.ones(rows.size, dtype=bool)
    if mix.most_of_kind is not None:
        same = there & (mix.kinds[before] == mix.kinds[thing][:, None]) & (mix.kinds[thing] >= 0)[:, None]
        fits &= same.sum(axis=1) < mix.most_of_kind
    if mix.alike.size:
        keys = before * mix.things + thing[:, None]
        at = np.minimum(np.searchsorted(mix.alike, keys), mix.alike.size - 1)
        fits &= ~(there & (mix.alike[at] == keys)).any(axis=1)
    return fits
