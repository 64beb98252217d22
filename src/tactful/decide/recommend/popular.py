"""What everybody chooses, lately: the line to beat, and the answer for a customer of whom nothing is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tactful.decide.recommend.history import Bench, History, Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Popular:
    """Customers per item, each counted by when they last chose it. Stability: full.

    Attributes:
        half_life: days (or steps of the data's clock) after which a choice counts half; None counts all alike.
    """

    name: ClassVar[str] = "popular"
    half_life: int | None = None

    def fit(self, bench: Bench) -> PopularScorer:
        """Sums that are exact, in units of 2^-30."""
        return PopularScorer(count=popularity(bench.history, half_life=self.half_life))

    def choices(self, history: History) -> Mapping[str, Sequence[Any]]:
        """Half-lives of a part of the time that the data span."""
        return {"half_life": half_lives(history)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PopularScorer:
    """The sum of each item; shape (items,)."""

    count: np.ndarray

    def scores(self, visits: History) -> Scores:
        """The same for everybody."""
        return np.tile((self.count / max(int(self.count.max(initial=0)), 1)).astype(np.float32), (visits.customers, 1))


def popularity(history: History, *, half_life: int | None) -> np.ndarray:
    """Customers of each item, by when they last chose it; int64 in units of 2^-30, shape (items,)."""
    if half_life is None or history.age is None:
        return np.bincount(history.chosen().indices, minlength=history.items).astype(np.int64)
    keys = history.customer * history.items + history.item
    order = np.lexsort((history.age, keys))
    last = order[np.append(True, np.diff(keys[order]) != 0)] if order.size else order
    total = np.zeros(history.items, np.int64)
    latest = history.rows(np.isin(np.arange(keys.size), last))
    table = latest.decayed(half_life)
    np.add.at(total, table.indices, table.data)
    return total


def half_lives(history: History) -> list[int]:
    """The whole, a fourth, a sixteenth and a sixty-fourth of the time that a history spans; none without time."""
    if history.age is None or history.age.size == 0:
        return []
    span = int(history.age.max() - history.age.min())
    return sorted({max(1, span // part) for part in (1, 4, 16, 64)}, reverse=True) if span else []
