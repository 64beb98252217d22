"""What others chose next, after what a customer chose lately: transitions between items, as sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from tactful.decide.recommend.history import Bench, History, Sparse
from tactful.decide.recommend.similar import MANY, ProfileScorer, bounded, neighbours
from tactful.reckon.following import followed
from tactful.reckon.pair_counts import UNIT, strongest


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequel:
    """Directed pair counts within a window, over powers of both counts; needs an order. Stability: full.

    Attributes:
        spread: what one occasion between two choices takes away of their tie; 1 takes nothing.
        powers: of the item that was chosen, and of the item recommended.
        fading: what one occasion further back is worth.
    """

    name: ClassVar[str] = "sequel"
    spread: float = 0.9
    powers: tuple[float, float] = (0.3, 0.5)
    fading: float = 0.7

    def fit(self, bench: Bench) -> ProfileScorer:
        """Sums over all sequences, then the strongest sequels of each item."""
        links = bench.once(("sequels", self.spread, self.powers), lambda: self._links(bench))
        return ProfileScorer(links=links, fading=self.fading)

    def _links(self, bench: Bench) -> Sparse:
        history = bounded(bench.history)
        table = bench.once(("followed", self.spread), lambda: followed(
            history.bounds, history.item, steps=history.steps, kinds=history.items, decay=self.spread
        ))  # fmt: skip
        count = np.bincount(history.chosen().indices, minlength=history.items) + 2.0
        scaled = (
            sparse.diags_array(count ** -self.powers[0] / UNIT) @ table @ sparse.diags_array(count ** -self.powers[1])
        )
        return strongest(scaled.tocsr().astype(np.float32), keep=neighbours(history.items))

    def choices(self, history: History) -> Mapping[str, Sequence[Any]]:
        """Shorter and longer memory, and normalisations in use; fewer where there are very many choices."""
        if history.item.size > MANY:
            return {"fading": (0.9, 0.5), "spread": (0.7,)}
        powers = ((0.5, 0.5), (0.7, 0.3), (0.3, 0.3))
        return {"fading": (0.9, 0.8, 0.5, 0.2), "spread": (1.0, 0.7, 0.4), "powers": powers}
