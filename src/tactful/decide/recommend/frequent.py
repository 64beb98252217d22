"""What a customer chose before, as often as they did and as lately; what they never chose comes by popularity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tactful.decide.recommend.history import Bench, History, Scores
from tactful.decide.recommend.popular import half_lives, popularity
from tactful.reckon import decay


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequent:
    """Personal frequency with ties by popularity (GP-TopFreq), or with a half-life (UWPop). Stability: full.

    Li, Jullien, Ariannezhad & de Rijke (2023), "A next basket recommendation reality check".

    Attributes:
        half_life: days (or steps) after which a customer's choice counts half; None counts all alike.
        pull: how much the most popular item weighs beside one choice of today; below 1 it only breaks ties.
    """

    name: ClassVar[str] = "frequent"
    half_life: int | None = None
    pull: float = 0.01

    def fit(self, bench: Bench) -> FrequentScorer:
        """Learns popularity alone; a customer's own choices come with the question."""
        count = bench.once(("popularity", None), lambda: popularity(bench.history, half_life=None))
        known = (count / max(int(count.max(initial=0)), 1) * self.pull).astype(np.float32)
        return FrequentScorer(known=known, half_life=self.half_life)

    def choices(self, history: History) -> Mapping[str, Sequence[Any]]:
        """Half-lives of a part of the time that the data span, and a little more of popularity."""
        return {"half_life": half_lives(history), "pull": (0.1, 0.5)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrequentScorer:
    """What popularity adds to each item; shape (items,)."""

    known: Scores
    half_life: int | None

    def scores(self, visits: History) -> Scores:
        """The logarithm of one more than the decayed count, and popularity."""
        mine = visits.decayed(self.half_life)
        own = (mine.astype(np.float32) / np.float32(decay.ONE)).tocsr()
        out = np.tile(self.known, (visits.customers, 1))
        out[np.repeat(np.arange(visits.customers), np.diff(own.indptr)), own.indices] += np.log1p(own.data)
        return out
