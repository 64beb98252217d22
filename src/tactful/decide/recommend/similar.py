"""Items like those a customer chose, by who else chose both: item to item, with shrinkage, lately chosen first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np

from tactful.decide.recommend.history import Bench, History, Scores, Sparse
from tactful.reckon.pair_counts import likeness

KEPT: Final = 400
"""Neighbours kept for each item,"""
FEWEST_KEPT: Final = 50
MOST_LINKS: Final = 20_000_000
"""and fewer where they would be more than this altogether: some 160 MB for each variant of a model."""
MANY = 500_000
"""Of more choices than this fewer settings are tried: each costs seconds."""
MOST_OF_ONE = 1_000
"""Of a customer with more choices than this only the latest are counted: their pairs grow with the square."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """Pair counts over powers of both counts: cosine (.5, .5, 0), RP3-beta (1, b, 1) and what lies between.

    Stability: full.

    Attributes:
        powers: of the item that was chosen, of the item recommended, of the size of the customer that has both.
        shrinkage: customers added to each item's count, so that chance pairs of rare items weigh little.
        fading: what one occasion further back is worth; 1 forgets the order.
    """

    name: ClassVar[str] = "similar"
    powers: tuple[float, float, float] = (0.5, 0.5, 0.5)
    shrinkage: float = 2.0
    fading: float = 1.0

    def fit(self, bench: Bench) -> ProfileScorer:
        """Exact sums over pairs, then the strongest neighbours of each item."""
        name = ("likeness", self.powers, self.shrinkage)
        links = bench.once(name, lambda: likeness(
            bounded(bench.history).chosen(), powers=self.powers, shrinkage=self.shrinkage,
            keep=neighbours(bench.history.items),
        ))  # fmt: skip
        return ProfileScorer(links=links, fading=self.fading)

    def choices(self, history: History) -> Mapping[str, Sequence[Any]]:
        """Normalisations in use, and how fast the past fades where there is an order."""
        powers = ((0.5, 0.3, 0.5), (0.7, 0.3, 0.5), (1.0, 0.4, 1.0), (0.5, 0.5, 0.0))
        tried = powers[: 1 if history.item.size > MANY else len(powers)]
        return {"fading": (0.9, 0.7, 0.4) if history.ordered else (), "powers": tried}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProfileScorer:
    """Adds up what each chosen item says of each other one.

    Attributes:
        links: float32, sparse, shape (items, items).
        fading: what one occasion further back is worth.
    """

    links: Sparse
    fading: float

    def scores(self, visits: History) -> Scores:
        """The sum over what was chosen, the latest most."""
        return np.asarray((visits.recent(self.fading) @ self.links).toarray(), dtype=np.float32)


def neighbours(items: int) -> int:
    """How many neighbours of each item are kept in a catalogue of so many.

    >>> neighbours(1_000), neighbours(100_000), neighbours(5_000_000)
    (400, 200, 50)
    """
    return max(FEWEST_KEPT, min(KEPT, MOST_LINKS // max(items, 1)))


def bounded(history: History) -> History:
    """A history without the older choices of customers with very many."""
    bounds = history.bounds
    place = bounds[1:][history.customer] - np.arange(history.customer.size)
    return history if (place <= MOST_OF_ONE).all() else history.rows(place <= MOST_OF_ONE)
