"""What single customers are shown: ranked by what they have, within the rules, each with its reason and chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from tactful.decide.learned import Learned, Purpose
from tactful.decide.order_lines import Flags, Ints
from tactful.decide.recommend.slots import FILL
from tactful.decide.recommend.taught import chances
from tactful.decide.wanted import least_of
from tactful.reckon import attributed, ranking
from tactful.reckon.few_reasons import Spoken, carried
from tactful.reckon.mixed_list import picked
from tactful.words.left_out import LeftOut

AGAIN: Final = 2
"""Items ordered before that are shown to be ordered again, at most."""
CANDIDATES: Final = 48
"""So many best candidates are looked at for a list."""
NARROW: Final = 8 * CANDIDATES
"""The same where few reasons have to speak for a whole list."""
MILLION: Final = 1_000_000
NONE: Final = -1
UNKNOWN: Final = -2
_PLACE: Final = {reason: number for number, reason in enumerate(LeftOut)}


class Kept(NamedTuple):
    """What customers ordered or sent back, a row for each of them and each item, by customer and item; shapes (n,)."""

    who: Ints
    number: Ints
    orders: Ints
    decayed: Ints
    age: Ints
    """Days since it was ordered last; meaningless where it never was."""
    is_back: Flags
    """Whether it ever came back."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class People:
    """Some customers and what is known of them. Stability: internal.

    Attributes:
        count: how many.
        kept: what they ordered.
        within: the category that each one's list is to be of, as a place; `NONE` for any, `UNKNOWN` for one of no item.
        country: the place of each one's country.
        near: who * goods + item of what others of their household just ordered or sent back, rising.
    """

    count: int
    kept: Kept
    within: Ints
    country: Ints
    near: Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lists:
    """Lists of items, anchors first. Stability: internal; shapes (customers, places) but the last.

    Attributes:
        items: numbers of goods, -1 for none.
        roles: places in `ROLES`.
        because: numbers of goods, -1 for none.
        chances: in millionths, -1 where nobody knows.
        left_out: how many items were left out, by reason; shape (customers, reasons).
    """

    items: Ints
    roles: Ints
    because: Ints
    chances: Ints
    left_out: Ints


ROLES: Final = ("anchor", "pair", "again", "new", "pick")
ANCHOR, PAIR, AGAIN_ROLE, NEW, PICK = range(len(ROLES))


def listed(wanted: Any, people: People, *, learned: Learned) -> Lists:  # Any: ItemsWanted
    """The lists of some customers.

    Args:
        wanted: `alongside`, `again_and_new` or `likely`, and how many.
        people: who.
        learned: what is known of the goods.
    """
    return _Block(wanted, people, learned=learned).lists()


class _Block:
    """Some customers and one plan, on the way from all items to those they are shown."""

    def __init__(self, wanted: Any, people: People, *, learned: Learned) -> None:  # Any: ItemsWanted
        self.wanted, self.people, self.learned = wanted, people, learned
        kept = people.kept
        place = learned.scorer.places(kept.number)
        mine = (place >= 0) & (kept.orders > 0) & ~kept.is_back
        self.held = learned.scorer.held(kept.who[mine], place=place[mine], age=kept.age[mine], customers=people.count)
        purposes = {"alongside": "together", "again_and_new": "newest"}
        self.purpose: Purpose = getattr(learned, purposes.get(wanted.suggest, "everything"))
        self.open = np.ones((people.count, self.purpose.items.size), dtype=bool)
        self.left_out = np.tile(self.purpose.gone, (people.count, 1))
        self._close_own()
        self._close_household()

    def lists(self) -> Lists:
        """What speaks for what the rules leave."""
        match self.wanted.suggest:
            case "alongside":
                return self._alongside()
            case "again_and_new":
                return self._again_and_new()
            case _:
                return self._likely()

    def _close(self, where: Flags, *, reason: LeftOut) -> None:
        """Leaves out what is still open, and counts it; shape of `where` (customers, items to choose from)."""
        where &= self.open
        self.left_out[:, _PLACE[reason]] += np.count_nonzero(where, axis=1)
        self.open &= ~where

    def _close_cells(self, who: Ints, place: Ints, *, reason: LeftOut) -> None:
        """The same for single items of single customers; each only once."""
        still = np.flatnonzero(place >= 0)
        still = still[self.open[who[still], place[still]]]
        self.left_out[:, _PLACE[reason]] += np.bincount(who[still], minlength=self.people.count)
        self.open[who[still], place[still]] = False

    def _close_own(self) -> None:
        kept, rules = self.people.kept, self.learned.rules
        place = self.purpose.at[kept.number]
        is_used_up = self.learned.goods.is_used_up[kept.number] & (self.wanted.suggest == "likely")
        just = (kept.orders > 0) & (kept.age < rules.just_bought)
        steps = ((LeftOut.RETURNED, kept.is_back), (LeftOut.JUST_BOUGHT, just & ~is_used_up),
                 (LeftOut.OWNED, ~is_used_up))  # fmt: skip
        for reason, where in steps:
            self._close_cells(kept.who[where], place[where], reason=reason)

    def _close_household(self) -> None:
        near, goods = self.people.near, len(self.learned.goods)
        if near.size:
            self._close_cells(near // goods, self.purpose.at[near % goods], reason=LeftOut.HOUSEHOLD)

    def _close_ranges(self, ranges: Ints) -> None:
        """Only what is of each customer's ranges stays open; shape (customers, k), `NONE` throughout for any."""
        if (ranges == NONE).all():
            return
        fits = np.repeat((ranges == NONE).all(axis=1)[:, None], self.open.shape[1], axis=1)
        for column in ranges.T:
            fits |= (self.purpose.range_of == column[:, None]) & (column >= 0)[:, None]
        self._close(~fits, reason=LeftOut.OTHER_RANGE)

    def _ranked(self, *, fills: bool, looked_at: int) -> tuple[Ints, Any, attributed.Said]:  # Any: doubles
        """The best open candidates, their scores, and what was added up."""
        purpose, people = self.purpose, self.people
        parts = attributed.said(self.held, purpose.links)
        order = attributed.totals(parts, rows=people.count, things=purpose.items.size)
        order *= purpose.factor
        if fills:
            order *= FILL
            order += purpose.sells[people.country]
        self._close(order <= 0, reason=LeftOut.UNRELATED)
        order[~self.open] = -np.inf
        found = ranking.best(order, count=looked_at)
        score = np.where(found < 0, 0, np.take_along_axis(order, np.maximum(found, 0), axis=1))
        return found, score, parts

    def _chances(self, score: Any) -> Ints:  # Any: doubles
        if self.learned.calibration is None or not score.size:
            return np.full(score.shape, NONE, dtype=np.int64)
        count = np.diff(self.held.indptr).astype(np.int64)
        made = chances(score, most=score[:, 0], count=count, calibration=self.learned.calibration)
        return np.where(score > 0, np.rint(made * MILLION).astype(np.int64), NONE)

    def _taken(self, *, count: int, reasons: int | None = None, fills: bool = False) -> _Taken:
        """The items of a list, and the counts of those left over."""
        if not self.purpose.items.size or not count:
            self.left_out[:, _PLACE[LeftOut.LESS_LIKELY]] += np.count_nonzero(self.open, axis=1)
            return _plain(np.full((self.people.count, count), NONE, dtype=np.int64))
        is_wide = self.wanted.within is None and self.wanted.suggest != "again_and_new"
        mix = self.purpose.mix(count=count, is_wide=is_wide)
        found, score, parts = self._ranked(fills=fills, looked_at=CANDIDATES if reasons is None else NARROW)
        chance = self._chances(score // FILL if fills else score)
        if reasons is None:
            sources = attributed.leading(parts, found, things=mix.things)
            at, passed = picked(found, mix=mix)
        else:
            spoken = Spoken.of(parts, found, worth=score, kinds=self.purpose.range_of)
            least = least_of(self.wanted)
            at, passed, sources = carried(found, spoken=spoken, mix=mix, reasons=reasons, least=least)
        where, shown = np.maximum(at, 0), at >= 0
        thing, source, likely = (np.take_along_axis(one, where, axis=1) for one in (found, sources, chance))
        self.left_out[:, _PLACE[LeftOut.ALIKE]] += passed
        left = np.count_nonzero(self.open, axis=1) - passed - shown.sum(axis=1)
        self.left_out[:, _PLACE[LeftOut.LESS_LIKELY]] += left
        because = np.where(shown & (source >= 0), self.learned.scorer.head[np.maximum(source, 0)], NONE)
        return _Taken(items=np.where(shown, self.purpose.items[thing], NONE), because=because,
                      chances=np.where(shown, likely, NONE))  # fmt: skip

    def _alongside(self) -> Lists:
        """What is often ordered with a few things they ordered, which are named."""
        self._close_ranges(self.people.within[:, None])
        found = self._taken(count=self.wanted.count, reasons=self.wanted.reasons)
        enough = ((found.items >= 0).sum(axis=1) >= least_of(self.wanted))[:, None]
        items = np.where(enough, found.items, NONE)
        anchors = _first_ones(np.where(items >= 0, found.because, NONE), count=self.wanted.reasons)
        return self._whole((_plain(anchors), ANCHOR), (found._replace(items=items), PAIR))

    def _again_and_new(self) -> Lists:
        """What they ordered again and again, and what is new of the same kind."""
        kept, goods, count = self.people.kept, self.learned.goods, self.wanted.count
        within = self.people.within[kept.who]
        fits = (kept.orders >= 2) & ~kept.is_back & (kept.age >= self.learned.rules.just_bought)
        fits &= (goods.is_there & ~goods.is_never)[kept.number]
        fits &= (within == NONE) | (goods.range_of[kept.number] == within)
        again = _best_of(kept, fits, customers=self.people.count, count=min(AGAIN, count))
        shown, number = again >= 0, np.maximum(again, 0)
        ranges = np.where(shown & (goods.range_of[number] >= 0), goods.range_of[number], UNKNOWN)
        self._close_ranges(ranges)
        fresh = self._taken(count=count - again.shape[1], fills=True)
        why = np.where(self.learned.reason_of[number] >= 0, self.learned.reason_of[number], _PLACE[LeftOut.NOT_NEW])
        why = np.where(self.purpose.at[number] >= 0, _PLACE[LeftOut.OWNED], why)
        row, place = np.nonzero(shown)
        np.subtract.at(self.left_out, (row, why[row, place]), 1)
        return self._whole((_plain(again), AGAIN_ROLE), (fresh, NEW))

    def _likely(self) -> Lists:
        """What they are likeliest to order; what sells where they live, where nothing else is known."""
        self._close_ranges(self.people.within[:, None])
        return self._whole((self._taken(count=self.wanted.count, fills=True), PICK))

    def _whole(self, *parts: tuple[_Taken, int]) -> Lists:
        """One part of a list after the other, each with its role."""
        both = [np.concatenate(columns, axis=1) for columns in zip(*(part for part, _ in parts), strict=True)]
        roles = np.repeat([role for _, role in parts], [part.items.shape[1] for part, _ in parts])
        return Lists(items=both[0], because=both[1], chances=both[2], roles=np.broadcast_to(roles, both[0].shape),
                     left_out=self.left_out)  # fmt: skip


class _Taken(NamedTuple):
    items: Ints
    because: Ints
    chances: Ints


def _plain(items: Ints) -> _Taken:
    """Items that come from the customer's own orders: without a reason and a chance."""
    none = np.full_like(items, NONE)
    return _Taken(items=items, because=none, chances=none)


def _first_ones(numbers: Ints, *, count: int) -> Ints:
    """The different numbers of each row in the order in which they come, at most so many; -1 for none."""
    found = np.full((len(numbers), count), NONE, dtype=np.int64)
    have = np.zeros(len(numbers), dtype=np.int64)
    for column in numbers.T:
        fresh = np.flatnonzero((column >= 0) & ~(found == column[:, None]).any(axis=1) & (have < count))
        found[fresh, have[fresh]] = column[fresh]
        have[fresh] += 1
    return found


def _best_of(kept: Kept, fits: Flags, *, customers: int, count: int) -> Ints:
    """The items that each customer ordered most and latest among those that fit; shape (customers, count)."""
    rows = np.flatnonzero(fits)
    order = rows[np.lexsort((kept.number[rows], -kept.decayed[rows], kept.who[rows]))]
    who = kept.who[order]
    nth = np.arange(order.size) - np.searchsorted(who, who)
    found = np.full((customers, count), NONE, dtype=np.int64)
    found[who[nth < count], nth[nth < count]] = kept.number[order[nth < count]]
    return found
