"""A graph filter on the normalised Gram: close neighbours as they are, and the strongest directions beside them.

Shen et al. (2021), "How powerful is graph convolution for recommendation?" (GF-CF). It needs no dense inverse, so it
stands in for EASE where the catalogue is large.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np

from tactful.decide.recommend.history import Bench, History, Scores, Sparse
from tactful.decide.recommend.similar import bounded, neighbours
from tactful.reckon.pair_counts import likeness
from tactful.reckon.spectrum import directions, normalised

DEEPEST: Final = 512
"""Directions that are ever asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtered:
    """x P + w x D^-1/2 V V' D^1/2, where V holds the strongest directions of P. Stability: full.

    Attributes:
        rank: how many directions.
        mix: w, what the directions weigh beside the close neighbours.
        fading: what one occasion further back is worth.
    """

    name: ClassVar[str] = "filtered"
    rank: int = 64
    mix: float = 0.3
    fading: float = 1.0

    def fit(self, bench: Bench) -> FilteredScorer:
        """The directions once for all ranks, and the close neighbours."""
        rows = bounded(bench.history).chosen()
        links = bench.once(
            "filter", lambda: likeness(rows, powers=(0.5, 0.5, 1.0), shrinkage=0, keep=neighbours(rows.shape[1]))
        )
        most = min(max(self.rank, bench.deepest), *rows.shape)
        vectors, root = bench.once(("directions", most), lambda: _directions(rows, most))
        kept = vectors[:, : self.rank]
        return FilteredScorer(links=links, into=kept / root[:, None], back=kept * root[:, None] * np.float32(self.mix),
                              fading=self.fading)  # fmt: skip

    def choices(self, history: History) -> Mapping[str, Sequence[Any]]:
        """Ranks up to a fourth of the catalogue, and mixtures in use."""
        most = min(deepest(history), DEEPEST)
        ranks = [rank for rank in (16, 32, 128, 256, 512) if rank <= most]
        return {"fading": (0.9, 0.7) if history.ordered else (), "rank": ranks, "mix": (0.1, 1.0)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilteredScorer:
    """Close neighbours, and the way into the directions and back; shapes (items, items), (items, rank) twice."""

    links: Sparse
    into: Scores
    back: Scores
    fading: float

    def scores(self, visits: History) -> Scores:
        """What close neighbours and the directions say together."""
        chosen = visits.recent(self.fading)
        out = np.asarray((chosen @ self.into) @ self.back.T, dtype=np.float32)
        near = (chosen @ self.links).tocsr()
        out[np.repeat(np.arange(visits.customers), np.diff(near.indptr)), near.indices] += near.data
        return out


def deepest(history: History) -> int:
    """The most directions worth asking for: a fourth of the catalogue, at most 512."""
    return max(1, min(DEEPEST, history.items // 4, history.customers // 2))


def _directions(rows: Sparse, rank: int) -> tuple[Scores, Scores]:
    _, vectors = directions(normalised(rows, row_power=0.5, column_power=0.5), rank=rank)
    root = np.sqrt(np.maximum(np.bincount(rows.indices, minlength=rows.shape[1]), 1)).astype(np.float32)
    return vectors, root
