"""What was learned for a run's suggestions: links between items for each purpose, what sells where, what is alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from tactful.decide.goods import Goods
from tactful.decide.members import Keys
from tactful.decide.order_lines import Flags, Ints
from tactful.decide.recommend.blend import Calibration
from tactful.decide.recommend.history import Bench, History, Sparse
from tactful.decide.recommend.popular import popularity
from tactful.decide.recommend.slots import SlotScorer, ranks_of
from tactful.decide.recommend.taught import Taught, taught
from tactful.project.items import ItemRules
from tactful.reckon.mixed_list import Mix
from tactful.words.left_out import LeftOut

ELSEWHERE: Final = 0
"""The place of a country of which too little is known: there all orders count."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Purpose:
    """What a kind of list chooses from. Stability: internal.

    Attributes:
        items: numbers of goods, rising; shape (c,).
        at: the place of each of the goods among them, -1 for others; shape (goods,).
        links: what each modelled item says of them; int64, sparse, shape (m, c).
        gone: how many items of the catalogue are none of them, by reason, in the order of `LeftOut`.
        factor: how well each sells now; shape (c,).
        sells: best sellers of each country; shape (1 + countries, c).
        range_of: the category of each; shape (c,).
        alike: one * c + other for every two with titles too much alike, rising.
        most_of_range: of the policy.
    """

    items: Ints
    at: Ints
    links: Sparse
    gone: Ints
    factor: Ints
    sells: Ints
    range_of: Ints
    alike: Ints
    most_of_range: int | None

    def mix(self, *, count: int, is_wide: bool) -> Mix:
        """What a list must keep; one that is to be of one range may be."""
        most = self.most_of_range if is_wide else None
        return Mix(count=count, most_of_kind=most, kinds=self.range_of, alike=self.alike)


def _alike(content: Sparse, items: Ints, *, least: float) -> Ints:
    """Those of some items whose titles are too much alike, as one * items + other, both ways round, rising."""
    if content is None or not items.size:
        return np.empty(0, np.int64)
    words = content[items]
    found = (words @ words.T).tocoo()
    same = (found.data >= least) & (found.row != found.col)
    return np.sort(found.row[same].astype(np.int64) * items.size + found.col[same])


@dataclass(frozen=True, kw_only=True, eq=False)
class Learned:
    """A model and the goods it speaks of, by the model's own numbers of items. Stability: internal.

    Attributes:
        scorer: the model.
        taught: the settings that it has, by whom they were judged, and what its scores mean.
        learned_from: how many customers, and choices of theirs.
        goods: the items by their numbers.
        pairs: in how many orders two items stand together, of those that do often enough; by the goods' numbers.
        countries: of which enough is known, in order; place 0 is everywhere else.
        sells: best sellers of each country first: 1023 down to 0; shape (1 + countries, modelled items).
        rules: of the policy.
    """

    scorer: SlotScorer
    taught: Taught
    learned_from: tuple[int, int]
    goods: Goods
    pairs: Sparse
    countries: tuple[str, ...]
    sells: Ints
    rules: ItemRules

    @property
    def calibration(self) -> Calibration | None:
        """From scores to chances; None where too few customers could be held out."""
        return self.taught.calibration

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
    def everything(self) -> Purpose:
        """Whatever may be offered."""
        allowed = np.broadcast_to(self.offered, (self.things, self.things))
        return self._purpose(allowed, among=self.offered, why=LeftOut.UNRELATED)

    @cached_property
    def together(self) -> Purpose:
        """What really stands together in orders, often enough to say so."""
        head = self.scorer.head
        both = self.pairs[head][:, head].tocsr()
        both.data = self.offered[both.indices].astype(np.int64)
        reached = np.bincount(both.indices[both.data > 0], minlength=self.things) > 0
        return self._purpose(both, among=reached, why=LeftOut.UNRELATED)

    @cached_property
    def newest(self) -> Purpose:
        """What is new."""
        is_new = self.offered & self.goods.is_new[self.scorer.head]
        return self._purpose(np.broadcast_to(is_new, (self.things, self.things)), among=is_new, why=LeftOut.NOT_NEW)

    def _purpose(self, allowed: Any, *, among: Flags, why: LeftOut) -> Purpose:  # Any: sparse or dense flags
        columns = np.flatnonzero(among)
        gone = self._gone.copy()
        gone[list(LeftOut).index(why)] += int((self.offered & ~among).sum())
        most, least = self.rules.most_of_range, float(self.rules.alike)
        at = np.full(len(self.goods), -1, dtype=np.int64)
        at[self.scorer.head[columns]] = np.arange(columns.size)
        head = self.scorer.head[columns]
        return Purpose(
            items=head, at=at, links=self.scorer.only(allowed)[:, columns].tocsr(), gone=gone,
            factor=self.scorer.factor[columns], sells=self.sells[:, columns], range_of=self.goods.range_of[head],
            alike=_alike(self.goods.content, head, least=least), most_of_range=most,
        )  # fmt: skip

    @cached_property
    def reason_of(self) -> Ints:
        """Why each item that may be named is open to nobody, as a place in `LeftOut`; -1 where it may be offered."""
        goods, places = self.goods, {reason: number for number, reason in enumerate(LeftOut)}
        found = np.full(len(goods), places[LeftOut.UNKNOWN], dtype=np.int64)
        found[self.scorer.head] = -1
        found[goods.is_never] = places[LeftOut.NEVER]
        found[~goods.is_there] = places[LeftOut.OUT_OF_STOCK]
        return found

    @cached_property
    def _gone(self) -> Ints:
        """How many items of the catalogue nobody is shown, by reason, in the order of `LeftOut`."""
        counts = np.bincount(self.reason_of[self.reason_of >= 0], minlength=len(LeftOut)).astype(np.int64)
        for reason, count in self.goods.unnameable.items():
            counts[list(LeftOut).index(reason)] += count
        return counts

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
    return Learned(scorer=scorer, taught=found, learned_from=(history.customers, history.item.size), goods=goods,
                   pairs=pairs, countries=countries, sells=sells, rules=rules)  # fmt: skip


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
    ranks = [ranks_of(everywhere)]
    for name in known:
        mine = np.flatnonzero(at == place[name])
        own = popularity(history.only(mine), half_life=trend)[scorer.head]
        ranks.append(ranks_of(own * max(history.customers, 1) // least + everywhere))
    return tuple(known), np.stack(ranks)


def homes_of(keys: Keys, *, known: Keys, countries: list[str | None]) -> tuple[str | None, ...]:
    """The country of each key, by profiles whose keys rise."""
    if not known.size:
        return (None,) * keys.size
    at = np.minimum(np.searchsorted(known, keys), known.size - 1)
    return tuple(countries[place] if same else None for place, same in zip(at, known[at] == keys, strict=True))
