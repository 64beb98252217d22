"""A small set of rows that shows every feature: greedy set cover that never spends what the branches still need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
"""Rows that have a feature, ascending and each once; shape (rows,)."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Feature:
    """Something a person should have seen once. Stability: full.

    Attributes:
        kind: one of `WEIGHTS`.
        words: what it is, in plain words; two features of a kind with the same words are the same.
    """

    kind: str
    words: str

    def __post_init__(self) -> None:
        if self.kind not in WEIGHTS:
            raise ValueError(f"{self.kind!r} is no kind of feature; there are {', '.join(WEIGHTS)}")


WEIGHTS = {
    "level": 8,
    "risk": 6,
    "branch": 5,
    "offer": 4,
    "language": 4,
    "extreme": 4,
    "finding": 4,
    "touchpoint": 3,
    "corner": 1,
}
"""How much showing one feature of a kind counts: what is riskier is shown first. A corner is the extreme of one content
in one language."""
BRANCH = "branch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Which rows show what. Stability: full.

    Attributes:
        chosen: rows in the order of their worth, each with the features that no row before it shows.
        uncovered: features that no chosen row shows, the heaviest first, then the commonest.
    """

    chosen: tuple[tuple[int, tuple[Feature, ...]], ...]
    uncovered: tuple[Feature, ...]


def cover(features: Mapping[Feature, Rows], *, rank: NDArray[np.int64], most: int) -> Cover:
    """At most so many rows that together show as much as possible, the same for the same rows in any order.

    Greedy by weight (at worst 1 - 1/e of what the best choice of so many rows would show; Nemhauser, Wolsey and Fisher
    1978), with one promise beyond it: every row has one branch, so where there are no more branches than rows allowed,
    each branch is shown, because a row is only taken for something else while enough are left for the branches. A row
    that those after it make needless is dropped again.

    Args:
        features: the rows of each feature.
        rank: of each row among all; ties go to the lowest. Shape (rows,).
        most: as many rows as may be taken, at least 1.

    >>> features = {Feature(kind="branch", words="a"): np.array([0, 1]), Feature(kind="branch", words="b"):
    ...     np.array([2]), Feature(kind="risk", words="x"): np.array([1])}
    >>> [row for row, _ in cover(features, rank=np.arange(3), most=2).chosen]
    [1, 2]
    """
    wanted = {feature: rows for feature, rows in features.items() if rows.size}
    chosen: list[int] = []
    while True:
        left = _unshown(wanted, chosen)
        added = _add(wanted, left, rank=rank, room=most - len(chosen))
        chosen += added
        kept = _needed(wanted, chosen)
        if not added or len(kept) == len(chosen):
            break
        chosen = kept
    return _told(wanted, chosen)


def _add(wanted: Mapping[Feature, Rows], left: set[Feature], *, rank: NDArray[np.int64], room: int) -> list[int]:
    """Again and again the row that shows most of what is not yet shown."""
    gain = np.zeros(len(rank), dtype=np.int64)
    branches = np.zeros(len(rank), dtype=bool)
    for feature in left:
        gain[wanted[feature]] += WEIGHTS[feature.kind]
        if feature.kind == BRANCH:
            branches[wanted[feature]] = True
    open_branches = sum(feature.kind == BRANCH for feature in left)
    found: list[int] = []
    while left and len(found) < room:
        worth = np.where(branches, gain, 0) if open_branches >= room - len(found) and open_branches else gain
        best = np.flatnonzero(worth == worth.max())
        row = int(best[rank[best].argmin()])
        for feature in [one for one in left if _has(wanted[one], row)]:
            left.discard(feature)
            gain[wanted[feature]] -= WEIGHTS[feature.kind]
            if feature.kind == BRANCH:
                branches[wanted[feature]] = False
                open_branches -= 1
        found.append(row)
    return found


def _has(rows: Rows, row: int) -> bool:
    place = int(np.searchsorted(rows, row))
    return place < rows.size and int(rows[place]) == row


def _unshown(wanted: Mapping[Feature, Rows], chosen: list[int]) -> set[Feature]:
    return {feature for feature, rows in wanted.items() if not any(_has(rows, row) for row in chosen)}


def _needed(wanted: Mapping[Feature, Rows], chosen: list[int]) -> list[int]:
    """The rows without those that the others make needless; the last are looked at first."""
    shows = {row: {feature for feature, rows in wanted.items() if _has(rows, row)} for row in chosen}
    times: dict[Feature, int] = {}
    for features in shows.values():
        for feature in features:
            times[feature] = times.get(feature, 0) + 1
    kept = list(chosen)
    for row in reversed(chosen):
        if all(times[feature] > 1 for feature in shows[row]):
            kept.remove(row)
            for feature in shows[row]:
                times[feature] -= 1
    return kept


def _told(wanted: Mapping[Feature, Rows], chosen: list[int]) -> Cover:
    """The chosen rows by what each adds, heaviest first among its features."""
    left = set(wanted)
    told = []
    for row in chosen:
        mine = sorted((f for f in left if _has(wanted[f], row)), key=lambda f: (-WEIGHTS[f.kind], f.kind, f.words))
        left -= set(mine)
        told.append((row, tuple(mine)))
    rest = sorted(left, key=lambda f: (-WEIGHTS[f.kind], -wanted[f].size, f.kind, f.words))
    return Cover(chosen=tuple(told), uncovered=tuple(rest))
