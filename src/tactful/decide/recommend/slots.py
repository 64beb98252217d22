"""The model that fills the places of a letter: what goes with what people have, in whole numbers that come apart.

An item's score is what each of a customer's items says of it, added up, times how well it sells now. Because it is one
sum, the item that says most is known exactly, and "because you ordered it" is true. What is learned (EASE with titles,
Steck 2019 and Jeunen et al. 2020) is rounded to whole numbers once; from there on no rounding takes place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
from scipy import sparse

from tactful.decide.recommend.history import Bench, History, Ints, Scores, Sparse
from tactful.decide.recommend.popular import popularity
from tactful.decide.recommend.similar import bounded
from tactful.reckon import attributed, decay
from tactful.reckon.item_regression import regression
from tactful.reckon.pair_counts import gram, strongest

LARGEST: Final = 1_600
"""Items that are modelled: the best known, and among them new ones that hardly anybody knows yet."""
FRESH: Final = 400
"""So many of them at most are new: first chosen within `FRESH_DAYS`, or never chosen at all."""
FRESH_DAYS: Final = 180
KEPT: Final = 16
"""Links kept of each item; more gain nothing on held-out orders."""
LINK: Final = 1 << 14
HELD: Final = 1 << 8
FACTOR: Final = 1 << 6
"""Units of a link, of what a customer holds, and of what sells now: a score stays far below 2^53."""
FILLED: Final = 1_023
"""So many best sellers have a place of their own where nothing else speaks for them; it fits into ten bits."""
FILL: Final = 1 << 10
MOST_HELD: Final = 64
"""Of a customer's items the latest so many speak."""
CONTENT_WEIGHT: Final = 20.0
CUSTOMERS_A_RIDGE: Final = 20
LEAST_RIDGE: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """What goes with what a customer has, times what sells now. Stability: full.

    Attributes:
        half_life: days after which a choice speaks half as loud, from the customer's own latest day; None: all alike.
        trend: half-life in days of what sells now.
        pull: how much more the item that sells best counts than one that does not sell.
        largest: items that are modelled.
    """

    name: ClassVar[str] = "slots"
    half_life: int | None = 60
    trend: int = 15
    pull: int = 3
    largest: int = LARGEST

    def fit(self, bench: Bench) -> SlotScorer:
        """One inverse of a Gram for all settings, rounded to whole numbers."""
        name = ("slot weights", self.largest)
        head, weights = bench.once(name, lambda: _weights(bench.history, largest=self.largest))
        links = bench.once(("slot links", self.largest), lambda: strongest(sparse.csr_array(weights), keep=KEPT))
        sold = bench.once(("popularity", self.trend), lambda: popularity(bench.history, half_life=self.trend))[head]
        most = max(int(sold.max(initial=0)), 1)
        factor = FACTOR + np.rint(sold / most * (self.pull * FACTOR)).astype(np.int64)
        return SlotScorer(head=head, weights=weights, links=links, factor=factor, sold=sold,
                          half_life=self.half_life, items=bench.history.items)  # fmt: skip

    def choices(self, history: History) -> Mapping[str, Sequence[Any]]:
        """Shorter and longer memory, of the customer and of the shop."""
        if history.age is None:
            return {}
        return {"half_life": (None, 120, 30), "trend": (4, 60), "pull": (1, 10)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SlotScorer:
    """What was learned, for the modelled items, which have numbers of their own. Stability: caller.

    Attributes:
        head: the modelled items' numbers in the history; rising; shape (m,).
        weights: what each says of each other, in units of 2^-14; int64, shape (m, m).
        links: the strongest of them; sparse.
        factor: how well each sells now, in units of 2^-6; shape (m,).
        sold: the same as decayed counts.
        half_life: as in `Slots`.
        items: how many the history has.
    """

    head: Ints
    weights: Ints
    links: Sparse
    factor: Ints
    sold: Ints
    half_life: int | None
    items: int

    def only(self, allowed: Any) -> Sparse:  # Any: flags that go with the weights, sparse or dense
        """The strongest links of each item among those that are allowed; shape (m, m)."""
        kept = sparse.csr_array(self.weights * allowed) if isinstance(allowed, np.ndarray) else None
        chosen = kept if kept is not None else sparse.csr_array(allowed.multiply(self.weights)).astype(np.int64)
        return strongest(chosen, keep=KEPT)

    def places(self, items: Ints) -> Ints:
        """The modelled items' own numbers of items; -1 for others."""
        at = np.full(self.items, -1, dtype=np.int64)
        at[self.head] = np.arange(self.head.size)
        found: Ints = at[items]
        return found

    def held(self, who: Ints, *, place: Ints, age: Ints, customers: int) -> Sparse:
        """How loud each customer's items speak, in units of 2^-8.

        Args:
            who: the customer of each pair; rising; shape (n,).
            place: the modelled item; each once for a customer; shape (n,).
            age: days since they last chose it; shape (n,).
            customers: how many there are.
        """
        if self.half_life is None:
            loud = np.full(who.size, HELD, dtype=np.int64)
        else:
            newest = np.full(customers, np.iinfo(np.int64).max)
            np.minimum.at(newest, who, age)
            loud = decay.weights(age - newest[who], half_life_days=self.half_life) // (decay.ONE // HELD)
        order = np.lexsort((place, age, who))
        begins = np.searchsorted(who[order], np.arange(customers))
        nth = np.arange(order.size) - begins[who[order]]
        stays = np.sort(order[(nth < MOST_HELD) & (loud[order] > 0)])
        return sparse.csr_array((loud[stays], (who[stays], place[stays])), shape=(customers, self.head.size))

    def scores(self, visits: History) -> Scores:
        """The sums, times what sells now; where nothing speaks, what sells best. Float32 rounds large sums."""
        who, item, age = latest(visits)
        place = self.places(item)
        mine = place >= 0
        held = self.held(who[mine], place=place[mine], age=age[mine], customers=visits.customers)
        found = attributed.totals(attributed.said(held, self.links), rows=visits.customers, things=self.head.size)
        out = np.zeros((visits.customers, visits.items), np.float32)
        out[:, self.head] = found * self.factor + ranks_of(self.sold) / FILL
        return out


def ranks_of(sold: Ints) -> Ints:
    """1023 for the best seller, one less for each that follows, 0 for the rest and for what does not sell.

    >>> ranks_of(np.array([5, 0, 9])).tolist()
    [1022, 0, 1023]
    """
    order = np.argsort(-sold, kind="stable")[:FILLED]
    ranks = np.zeros(sold.size, np.int64)
    ranks[order] = FILLED - np.arange(order.size)
    return np.where(sold > 0, ranks, 0)


def latest(visits: History) -> tuple[Ints, Ints, Ints]:
    """Each customer's items once, in the order of both, and days since they last chose each; 0 where nobody knows."""
    keys = visits.customer * visits.items + visits.item
    age = np.zeros(keys.size, np.int64) if visits.age is None else visits.age
    order = np.lexsort((age, keys))
    first = order[np.diff(keys[order], prepend=-1) != 0]
    return visits.customer[first], visits.item[first], age[first]


def _weights(history: History, *, largest: int) -> tuple[Ints, Ints]:
    """The modelled items, and what each says of each other, in units of 2^-14; nothing negative."""
    kept = bounded(history)
    rows = kept.chosen()
    head = _head(kept, count=np.bincount(rows.indices, minlength=history.items), largest=largest)
    table = gram(rows[:, head]).toarray()
    words = None if history.content is None else history.content[head]
    content = None if words is None else (words @ words.T).toarray()
    ridge = max(LEAST_RIDGE, history.customers / CUSTOMERS_A_RIDGE)
    found = regression(table, ridge=ridge, content=content, content_weight=CONTENT_WEIGHT if words is not None else 0)
    return head, np.rint(np.maximum(found, 0) * LINK).astype(np.int64)


def _head(history: History, *, count: Ints, largest: int) -> Ints:
    """The items that are modelled, rising: new ones up to `FRESH`, and the best known."""
    fresh = np.zeros(0, np.int64)
    if history.content is not None and count.size > largest:
        oldest = np.full(count.size, -1)
        if history.age is not None:
            np.maximum.at(oldest, history.item, history.age)
        recent = np.flatnonzero((oldest < FRESH_DAYS) | (count == 0))
        fresh = recent[np.argsort(-count[recent], kind="stable")][:FRESH]
    best = np.argsort(-count, kind="stable")
    best = best[~np.isin(best, fresh)][: largest - fresh.size]
    return np.sort(np.concatenate([fresh, best]))
