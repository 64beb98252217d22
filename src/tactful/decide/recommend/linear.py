"""EASE and its form with content: each item predicted from all the others, from one merged Gram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np

from tactful.decide.recommend.history import Bench, History, Ints, Scores
from tactful.decide.recommend.similar import bounded
from tactful.reckon.item_regression import regression
from tactful.reckon.pair_counts import gram

LARGEST: Final = 3_000
"""Items that the dense inverse is made for, those that most customers chose; others get nothing from this model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """EASE, or CEASE where the titles of items are known. Stability: full.

    Attributes:
        ridge: the larger, the less a single customer says.
        content_weight: what a likeness of titles counts beside a customer who chose both.
        fading: what one occasion further back is worth when scores are asked for.
        largest: items that are modelled.
    """

    name: ClassVar[str] = "linear"
    ridge: float = 200.0
    content_weight: float = 0.0
    fading: float = 1.0
    largest: int = LARGEST

    def fit(self, bench: Bench) -> LinearScorer:
        """One inverse of the Gram of the items that most customers chose."""
        name = ("regression", self.ridge, self.content_weight, self.largest)
        head, weights = bench.once(name, lambda: self._weights(bench))
        return LinearScorer(head=head, weights=weights, fading=self.fading)

    def _weights(self, bench: Bench) -> tuple[Ints, Scores]:
        history = bounded(bench.history)
        rows = history.chosen()
        count = np.bincount(rows.indices, minlength=history.items)
        head = np.sort(np.argsort(-count, kind="stable")[: self.largest])
        table = bench.once(("gram", self.largest), lambda: gram(rows[:, head]).toarray())
        content = None
        if history.content is not None and self.content_weight:
            words = history.content[head]
            content = (words @ words.T).toarray()
        return head, regression(table, ridge=self.ridge, content=content, content_weight=self.content_weight)

    def choices(self, history: History) -> Mapping[str, Sequence[Any]]:
        """Fewer on large catalogues, where each takes seconds."""
        many = min(history.items, self.largest) > 1_500
        return {
            "fading": (0.9, 0.7, 0.4) if history.ordered else (),
            "ridge": (800.0,) if many else (20.0, 50.0, 500.0, 1500.0),
            "content_weight": () if history.content is None else (20.0,) if many else (5.0, 20.0, 80.0),
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearScorer:
    """Weights among the modelled items.

    Attributes:
        head: their numbers; shape (m,).
        weights: float32, shape (m, m).
        fading: what one occasion further back is worth.
    """

    head: Ints
    weights: Scores
    fading: float

    def scores(self, visits: History) -> Scores:
        """The sum of weights over what was chosen."""
        found = visits.recent(self.fading)[:, self.head] @ self.weights
        if self.head.size == visits.items:
            return np.asarray(found, dtype=np.float32)
        out = np.zeros((visits.customers, visits.items), np.float32)
        out[:, self.head] = found
        return out
