"""Lists that few sources speak for: those whose things are worth most together, so that few reasons need be named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tactful.reckon.attributed import Said
from tactful.reckon.mixed_list import Mix, picked

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
TRIES: Final = 3
"""So often others are tried where the best sources leave too few."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spoken:
    """Which sources speak for which candidates, an entry for every two, by row, source and place. Stability: caller.

    Attributes:
        row: shape (n,).
        source: shape (n,).
        place: of the candidate in its row; shape (n,).
        amount: what the source adds to the candidate; positive; shape (n,).
        worth: what the candidate is worth to its row: whole numbers, so that sums are exact; shape (n,).
        kind: of the candidate, -1 for none; shape (n,).
    """

    row: Ints
    source: Ints
    place: Ints
    amount: Ints
    worth: Floats
    kind: Ints

    @classmethod
    def of(cls, parts: Said, candidates: Ints, *, worth: Floats, kinds: Ints) -> Spoken:
        """What was added up, of candidates only.

        Args:
            parts: everything that was added.
            candidates: things, best first, -1 for none; shape (rows, k).
            worth: of each candidate; the same shape.
            kinds: of each thing; shape (things,).
        """
        rows, wide = candidates.shape
        at = np.full(rows * kinds.size, -1, dtype=np.int64)
        row, place = np.nonzero(candidates >= 0)
        at[row * kinds.size + candidates[row, place]] = row * wide + place
        where = at[parts.row * kinds.size + parts.thing]
        mine = np.flatnonzero((where >= 0) & (parts.amount > 0))
        mine = mine[np.lexsort((where[mine], parts.source[mine], parts.row[mine]))]
        where = where[mine]
        return cls(row=where // wide, place=where % wide, source=parts.source[mine], amount=parts.amount[mine],
                   worth=worth.ravel()[where], kind=kinds[parts.thing[mine]])  # fmt: skip

    def only(self, chosen: Bools | Ints) -> Spoken:
        """Some of the entries."""
        return Spoken(row=self.row[chosen], source=self.source[chosen], place=self.place[chosen],
                      amount=self.amount[chosen], worth=self.worth[chosen], kind=self.kind[chosen])  # fmt: skip

    def by(self, sources: Ints) -> Bools:
        """Which entries are of some sources of their row, -1 for none; shape of `sources` (rows, any)."""
        return np.asarray((sources[self.row] == self.source[:, None]).any(axis=1))


def carried(candidates: Ints, *, spoken: Spoken, mix: Mix, reasons: int, least: int) -> tuple[Ints, Ints, Ints]:
    """The list of each row that few sources carry: what is taken, how many were passed over, and what speaks for each.

    Args:
        candidates: things, best first, -1 for none; shape (rows, k).
        spoken: which sources speak for them.
        mix: what a list must keep.
        reasons: at most so many sources.
        least: where things too much alike leave fewer than so many, other sources are tried.

    Returns:
        As `mixed_list.picked`; and of every candidate the chosen source that adds most to it, of equal ones the
        smallest number, -1 where none does; shape (rows, k).
    """
    chosen = carriers(spoken, rows=len(candidates), mix=mix, reasons=reasons)
    sources = _reasons(spoken, chosen, shape=candidates.shape)
    taken, passed = picked(np.where(sources < 0, -1, candidates), mix=mix)
    for _ in range(TRIES):
        short = (taken >= 0).sum(axis=1) < least
        spoken = spoken.only(short[spoken.row] & ~spoken.by(chosen[:, :1]))
        if not spoken.row.size:
            break
        chosen = carriers(spoken, rows=len(candidates), mix=mix, reasons=reasons)
        others = _reasons(spoken, chosen, shape=candidates.shape)
        other, over = picked(np.where(others < 0, -1, candidates), mix=mix)
        longer = (other >= 0).sum(axis=1) > (taken >= 0).sum(axis=1)
        taken[longer], passed[longer], sources[longer] = other[longer], over[longer], others[longer]
    return taken, passed, sources


def carriers(spoken: Spoken, *, rows: int, mix: Mix, reasons: int) -> Ints:
    """The sources that carry each row's list best, one after the other, each the one that adds most to those before.

    Args:
        spoken: which sources speak for which candidates.
        rows: how many rows there are.
        mix: what a list must keep; that things are alike is left out of account.
        reasons: at most so many sources.

    Returns:
        Sources, -1 for none; of equal ones the smallest number; shape (rows, reasons).

    >>> numbers = {"row": [0, 0, 0], "source": [7, 8, 8], "place": [0, 1, 2], "amount": [5, 3, 2], "kind": [-1, -1, -1]}
    >>> made = Spoken(**{name: np.array(one) for name, one in numbers.items()}, worth=np.array([9.0, 6.0, 5.0]))
    >>> mix = Mix(count=2, kinds=np.full(3, -1), alike=np.empty(0, np.int64))
    >>> carriers(made, rows=1, mix=mix, reasons=1).tolist()  # 8 brings two things, worth 11 together
    [[8]]
    """
    found = np.full((rows, reasons), -1, dtype=np.int64)
    left = spoken
    for nth in range(reasons):
        if not left.row.size:
            break
        before = spoken.only(spoken.by(found[:, :nth])) if nth else spoken.only(np.zeros(0, np.int64))
        row, source, worth = _worths(left, _listed(before, mix=mix), mix=mix)
        order = np.lexsort((source, -worth, row))
        first = order[np.diff(row[order], prepend=-1) != 0]
        found[row[first], nth] = source[first]
        left = left.only(~left.by(found[:, nth : nth + 1]))
    return found


def _worths(spoken: Spoken, listed: Spoken, *, mix: Mix) -> tuple[Ints, Ints, Floats]:
    """Each row and source, and what a list of the source's things and of those listed already would be worth."""
    fresh = np.diff(np.stack([spoken.row, spoken.source]), prepend=-1).any(axis=0)
    row, source = spoken.row[fresh], spoken.source[fresh]
    begins, ends = (np.searchsorted(listed.row, row, side=side) for side in ("left", "right"))
    many = ends - begins
    entry = np.arange(many.sum()) + np.repeat(begins - np.cumsum(many) + many, many)
    group = np.concatenate([np.cumsum(fresh) - 1, np.repeat(np.arange(row.size), many)])
    place, kind = (np.concatenate([of, other[entry]]) for of, other in (
        (spoken.place, listed.place), (spoken.kind, listed.kind)))  # fmt: skip
    worth = np.concatenate([spoken.worth, listed.worth[entry]])
    stays = _taken(group, place=place, kind=kind, mix=mix)
    total = np.bincount(group[stays], weights=worth[stays], minlength=row.size)
    return row, source, total.astype(np.float64, copy=False)  # of nothing NumPy answers whole numbers


def _listed(spoken: Spoken, *, mix: Mix) -> Spoken:
    """The entries of what each row would take, rising by row."""
    return spoken.only(_taken(spoken.row, place=spoken.place, kind=spoken.kind, mix=mix))


def _taken(group: Ints, *, place: Ints, kind: Ints, mix: Mix) -> Ints:
    """Which entries a list takes that goes through each group by place, each place once; by group and place."""
    order = np.lexsort((place, group))
    order = order[np.diff(np.stack([group, place])[:, order], prepend=-1).any(axis=0)]
    if mix.most_of_kind is not None:
        by_kind = order[np.lexsort((place[order], kind[order], group[order]))]
        nth = np.empty(group.size, dtype=np.int64)
        nth[by_kind] = _nth(np.stack([group, kind])[:, by_kind])
        order = order[(nth[order] < mix.most_of_kind) | (kind[order] < 0)]
    return order[_nth(group[None, order]) < mix.count]


def _nth(keys: Ints) -> Ints:
    """The number of each column among the equal ones before it, which stand together."""
    fresh = np.ones(keys.shape[1], dtype=bool)
    fresh[1:] = np.diff(keys).any(axis=0)
    place = np.arange(fresh.size)
    return np.asarray(place - np.maximum.accumulate(np.where(fresh, place, 0)))


def _reasons(spoken: Spoken, chosen: Ints, *, shape: tuple[int, ...]) -> Ints:
    """For each candidate the chosen source that adds most to it, of equal ones the smallest; -1 where none adds."""
    mine = spoken.only(spoken.by(chosen))
    where = mine.row * shape[1] + mine.place
    order = np.lexsort((mine.source, -mine.amount, where))
    first = order[np.diff(where[order], prepend=-1) != 0]
    found = np.full(shape[0] * shape[1], -1, dtype=np.int64)
    found[where[first]] = mine.source[first]
    return found.reshape(shape)
