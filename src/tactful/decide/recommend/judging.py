"""How good lists are, over all customers of a split, a bounded number at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from tactful.decide.recommend.history import Bools, History, Ints, Scores
from tactful.decide.recommend.port import Scorer
from tactful.decide.recommend.splits import Split
from tactful.reckon import ranking

CELLS: Final = 16_000_000
"""Scores that are held at once: 64 MB for each model that takes part."""
DEPTHS: Final = (10, 20)
LONGEST: Final = max(DEPTHS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """Customers to recommend to, and what they chose afterwards. Stability: caller.

    Attributes:
        visits: what they chose before; numbered from 0.
        keys: customer * items + item of each true pair, rising.
        sizes: true items of each customer; shape (customers,), nowhere zero.
        excludes: whether what a customer chose before may not be shown.
    """

    visits: History
    keys: Ints
    sizes: Ints
    excludes: bool

    def blocks(self) -> Iterator[tuple[int, History]]:
        """The customers a bounded number at a time, with the first one's number."""
        wide = max(1, CELLS // max(self.visits.items, 1))
        for start in range(0, self.visits.customers, wide):
            yield start, self.visits.part(start, min(start + wide, self.visits.customers))

    def hits(self, lists: Ints, *, first: int) -> Bools:
        """Which places of the lists of customers from `first` on hold a true item."""
        rows = np.arange(first, first + len(lists))
        return ranking.hits(lists, truth_keys=self.keys, rows=rows, columns=self.visits.items)


def task(split: Split, *, excludes: bool, most: int | None = None, cold: bool = False) -> Task:
    """The customers of a split who have a truth and, unless `cold`, something before it.

    Args:
        split: what is known and what is asked for.
        excludes: what was chosen before is neither shown nor part of the truth.
        most: at most so many customers, spread evenly over all; None for everybody.
        cold: the customers of whom nothing is known instead.
    """
    truth = split.truth
    if excludes:
        truth = (truth - truth.multiply(split.train.chosen())).tocsr()
        truth.eliminate_zeros()
    truth = truth.sorted_indices()
    sizes = np.diff(truth.indptr)
    who = np.flatnonzero((sizes > 0) & ((np.diff(split.train.bounds) == 0) == cold))
    if most is not None and who.size > most:
        who = who[np.arange(most) * who.size // most]
    mine = truth[who]
    row = np.repeat(np.arange(who.size), np.diff(mine.indptr))
    keys = row * truth.shape[1] + mine.indices
    return Task(visits=split.train.only(who), keys=keys.astype(np.int64), sizes=sizes[who].astype(np.int64),
                excludes=excludes)  # fmt: skip


def allowed(scores: Scores, visits: History, *, excludes: bool) -> Scores:
    """Scores with -inf, in place, where an item may not be shown."""
    if excludes:
        scores[visits.customer, visits.item] = -np.inf
    return scores


def listed(scorer: Scorer, visits: History, *, excludes: bool, count: int = LONGEST) -> Ints:
    """The best items for each customer; shape (customers, count), -1 where there are no more."""
    return ranking.best(allowed(scorer.scores(visits), visits, excludes=excludes), count=count)


def gain(scorer: Scorer, asked: Task) -> float:
    """NDCG at 20, the mean over customers: what settings are chosen by."""
    total = 0.0
    for first, visits in asked.blocks():
        hit = asked.hits(listed(scorer, visits, excludes=asked.excludes), first=first)
        total += float(ranking.gain(hit, sizes=asked.sizes[first : first + len(hit)]).sum())
    return total / max(asked.visits.customers, 1)


@dataclass(slots=True, kw_only=True, eq=False)
class Tally:
    """The measures of one model, added a block of customers at a time. Stability: caller.

    Attributes:
        known: customers of each item in the history; shape (items,).
        customers: how many the history has.
    """

    known: Ints
    customers: int
    _values: dict[str, list[np.ndarray]] = field(default_factory=dict)
    _shown: dict[int, Bools] = field(default_factory=dict)

    def add(self, lists: Ints, hit: Bools, *, sizes: Ints) -> None:
        """Counts the lists of some more customers."""
        rarity = -np.log2(np.maximum(self.known, 1) / max(self.customers, 1))
        for depth in DEPTHS:
            top, top_hit = lists[:, :depth], hit[:, :depth]
            found = {
                "recall": ranking.recall(top_hit, sizes=sizes),
                "hit_rate": top_hit.any(axis=1).astype(float),
                "ndcg": ranking.gain(top_hit, sizes=sizes),
                "map": ranking.precision(top_hit, sizes=sizes),
                "mrr": ranking.reciprocal_rank(top_hit),
                "novelty": np.where(top >= 0, rarity[top], 0).sum(axis=1) / np.maximum((top >= 0).sum(axis=1), 1),
            }
            for name, values in found.items():
                self._values.setdefault(f"{name}@{depth}", []).append(values)
            self._shown.setdefault(depth, np.zeros(self.known.size, bool))[top[top >= 0]] = True

    def each(self, name: str) -> np.ndarray:
        """One measure of every customer."""
        return np.concatenate(self._values.get(name, [np.zeros(0)]))

    def measures(self) -> dict[str, float]:
        """The mean of every measure, and the share of the catalogue that anybody was shown."""
        means = {name: float(self.each(name).mean()) for name in self._values}
        return means | {f"coverage@{depth}": float(shown.mean()) for depth, shown in self._shown.items()}


def smaller(asked: Task, *, most: int) -> Task:
    """A part of a task's customers, spread evenly."""
    if asked.visits.customers <= most:
        return asked
    who = np.arange(most) * asked.visits.customers // most
    row, item = np.divmod(asked.keys, asked.visits.items)
    place = np.searchsorted(who, row)
    mine = who[np.minimum(place, most - 1)] == row
    return replace(asked, visits=asked.visits.only(who), sizes=asked.sizes[who],
                   keys=place[mine] * asked.visits.items + item[mine])  # fmt: skip
