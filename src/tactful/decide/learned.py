"""What was learned for a run's suggestions: links between items for each purpose, what sells where, what is alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from tactful.decide.goods import Goods
from tactful.decide.members import Keys
from tactful.decide.order_lines import Flags, Ints
from tactful.decide.recommend.blend import Calibration
from tactful.decide.recommend.history import Bench, History, Sparse
from tactful.decide.recommend.popular import popularity
from tactful.decide.recommend.slots import SlotScorer
from tactful.decide.recommend.taught import taught
from tactful.project.items import ItemRules
from tactful.reckon.mixed_list import Mix
from tactful.words.left_out import LeftOut

FILLED: Final = 1_023
"""So many best sellers have a place of their own where nothing else speaks for them; it fits into ten bits."""
FILL: Final = 1 << 10
ELSEWHERE: Final = 0
"""The place of a country of which too little is known: there all orders count."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Learned:
    """A model and the goods it speaks of, by the model's own numbers of items. Stability: internal.

    Attributes:
        scorer: the model.
        calibration: from scores to chances; None where too few customers could be held out.
        days: the days that chances are about.
        goods: the items by their numbers.
        pairs: in how many orders two items stand together, of those that do often enough; by the goods' numbers.
        countries: of which enough is known, in order; place 0 is everywhere else.
        sells: best sellers of each country first: 1023 down to 0; shape (1 + countries, modelled items).
        rules: of the policy.
    """

    scorer: SlotScorer
    calibration: Calibration | None
    days: int
    goods: Goods
    pairs: Sparse
    countries: tuple[str, ...]
    sells: Ints
    rules: ItemRules

    @property
    def things(self) -> int:
        """How many items are modelled."""
        return self.scorer.head.size

    @cached_property
    def offered(self) -> Flags:
        """Which modelled items may be offered now; shape (m,)."""
        goods, head = self.goods, self.scorer.head
        return np.asarray(goods.is_there[head] & ~goods.is_never[head])

    @cached_property
    def is_new(self) -> Flags:
        """Which of these are new; shape (m,)."""
        return np.asarray(self.goods.is_new[self.scorer.head] & self.offered)

    @cached_property
    def range_of(self) -> Ints:
        """Their categories; shape (m,)."""
        return self.goods.range_of[self.scorer.head]

    @cached_property
    def everything(self) -> Sparse:
        """Links to whatever may be offered."""
        return self.scorer.only(np.broadcast_to(self.offered, (self.things, self.things)))

    @cached_property
    def together(self) -> Sparse:
        """Links between what really stands together in orders, often enough to say so."""
        head = self.scorer.head
        both = self.pairs[head][:, head].tocsr()
        both.data = self.offered[both.indices].astype(np.int64)
        return self.scorer.only(both)

    @cached_property
    def newest(self) -> Sparse:
        """Links to what is new."""
        return self.scorer.only(np.broadcast_to(self.is_new, (self.things, self.things)))

    @cached_property
    def alike(self) -> Ints:
        """All of one * m + other for every two modelled items with titles too much alike, rising."""
        if self.goods.content is None or not self.things:
            return np.empty(0, np.int64)
        words = self.goods.content[self.scorer.head]
        found = (words @ words.T).tocoo()
        same = (found.data >= float(self.rules.alike)) & (found.row != found.col)
        return np.sort(found.row[same].astype(np.int64) * self.things + found.col[same])

    def mix(self, *, count: int, reasons: int | None, is_wide: bool) -> Mix:
        """What a list must keep; one that is to be of one range may be."""
        most = self.rules.most_of_range if is_wide else None
        return Mix(count=count, reasons=reasons, most_of_kind=most, kinds=self.range_of, alike=self.alike)

    @cached_property
    def gone(self) -> Ints:
        """How many items of the catalogue nobody is shown, by reason, in the order of `LeftOut`."""
        goods, known = self.goods, np.zeros(len(self.goods), dtype=bool)
        known[self.scorer.head] = True
        counts = dict.fromkeys(LeftOut, 0) | goods.unnameable
        counts[LeftOut.OUT_OF_STOCK] = int((~goods.is_there).sum())
        counts[LeftOut.NEVER] = int((goods.is_there & goods.is_never).sum())
        counts[LeftOut.UNKNOWN] = int((goods.is_there & ~goods.is_never & ~known).sum())
        return np.array(list(counts.values()), dtype=np.int64)

    def country(self, names: list[str | None]) -> Ints:
        """The place of each country among those of which enough is known."""
        place = {name: number for number, name in enumerate(self.countries, start=1)}
        return np.array([place.get(name or "", ELSEWHERE) for name in names], dtype=np.int64)


def learn(history: History, *, goods: Goods, pairs: Sparse, homes: tuple[str | None, ...], rules: ItemRules,
          least: int) -> Learned:  # fmt: skip
    """Chooses settings by the latest orders, and learns from all.

    Args:
        history: of some or all customers.
        goods: the items.
        pairs: in how many orders two items stand together.
        homes: the country of each customer of the history.
        rules: of the policy.
        least: customers that a country needs before it has best sellers of its own.
    """
    found = taught(history)
    scorer = found.model.fit(Bench(history=history))
    countries, sells = _sells(history, scorer=scorer, trend=found.model.trend, homes=homes, least=least)
    return Learned(scorer=scorer, calibration=found.calibration, days=found.days, goods=goods, pairs=pairs,
                   countries=countries, sells=sells, rules=rules)  # fmt: skip


def _sells(
    history: History, *, scorer: SlotScorer, trend: int, homes: tuple[str | None, ...], least: int
) -> tuple[tuple[str, ...], Ints]:
    """What sells in each country that has customers enough, with everybody's orders for as many customers beside it."""
    names = sorted({home for home in homes if home is not None})
    place = {name: number for number, name in enumerate(names)}
    at = np.array([place.get(home or "", -1) for home in homes], dtype=np.int64)
    counts = np.bincount(at[at >= 0], minlength=len(names))
    known = [name for name in names if counts[place[name]] >= least]
    everywhere = scorer.sold
    ranks = [_ranks(everywhere)]
    for name in known:
        mine = np.flatnonzero(at == place[name])
        own = popularity(history.only(mine), half_life=trend)[scorer.head]
        ranks.append(_ranks(own * max(history.customers, 1) // least + everywhere))
    return tuple(known), np.stack(ranks)


def _ranks(sold: Ints) -> Ints:
    """1023 for the best seller, one less for each that follows, 0 for the rest and for what does not sell."""
    order = np.argsort(-sold, kind="stable")[:FILLED]
    ranks = np.zeros(sold.size, np.int64)
    ranks[order] = FILLED - np.arange(order.size)
    return np.where(sold > 0, ranks, 0)


def homes_of(keys: Keys, *, known: Keys, countries: list[str | None]) -> tuple[str | None, ...]:
    """The country of each key, by profiles whose keys rise."""
    if not known.size:
        return (None,) * keys.size
    at = np.minimum(np.searchsorted(known, keys), known.size - 1)
    return tuple(countries[place] if same else None for place, same in zip(at, known[at] == keys, strict=True))
