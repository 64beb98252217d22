"""Limits made to hold exactly: scarce things are assigned, ties are split by hash, and what does not fit gives way.

What chance explored stands first, as long as it fits. Everybody else gets the best arm at the prices; those who are
nearly undecided get what fits into what is left. Who loses a message gets the next best that fits, not silence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tactful.decide.believed import Prices
from tactful.decide.codes import CODE
from tactful.decide.coupled import Coupled
from tactful.decide.decided import DRAWN
from tactful.decide.prices import Load, reason_of_limit, repair
from tactful.decide.repairs import Repairs
from tactful.reckon import rounding, small_assignment, tied
from tactful.reckon.chance import WHOLE, draws
from tactful.reckon.limits import SHIFT
from tactful.reckon.worth import CLOSED, Worth
from tactful.words.outcome import DrawnBy, Reason

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

_OUT: Final = -(1 << 55)
_DEAREST: Final = (1 << 30) - 1
_DRAW, _TIE, _REPAIR, _EXACT = (DRAWN.index(by) for by in (DrawnBy.DRAW, DrawnBy.TIE, DrawnBy.REPAIR, DrawnBy.EXACT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Everybody of an occasion, as the kernel left them; arms are places in `kind`. Stability: internal.

    Attributes:
        kind: numbers of the arms among all arms; nothing first; shape (k,).
        arm: what was drawn; shape (n,).
        score: of each arm at the prices; shape (n, k).
        may: which arms may be chosen; shape (n, k).
        key: customer_key; shape (n,).
        place: of each arm's offer among those whose cost differs by customer, -1 elsewhere; by arm.
        extra: what each such offer costs more with each customer; shape (n, offers).
    """

    kind: Whole
    arm: Whole
    score: Whole
    may: Flags
    key: Whole
    place: Whole
    extra: Whole

    @property
    def best(self) -> Whole:
        """The best arm of everybody at the prices."""
        found: Whole = np.where(self.may, self.score, _OUT).argmax(axis=1)
        return found


def settle(crowd: Crowd, *, prices: Prices, occasion: str, salt: str) -> Repairs | None:
    """What changes about the draws so that no limit is passed by one unit, and none that has a price is left over.

    Args:
        crowd: everybody.
        prices: sealed prices, limits and uses.
        occasion: the point of the draws that settle ties.
        salt: the project's.
    """
    rows = Coupled.of(prices, kind=crowd.kind, place=crowd.place)
    if not prices.price.any() and (rows.load(crowd.arm, extra=crowd.extra) <= rows.most).all():
        return None
    explored = _explored(crowd, best=crowd.best, prices=prices, occasion=occasion, salt=salt)
    pool = np.flatnonzero(~explored)
    pool = pool[np.argsort(draws(crowd.key[pool], point=occasion, purpose="repair", salt=salt), kind="stable")]
    arm, by, group = crowd.arm.copy(), np.full(crowd.arm.size, _DRAW, dtype=np.int8), np.full(crowd.arm.size, -1)
    given = _assigned(
        crowd, pool, rows=rows, prices=prices, left=_left(crowd, np.flatnonzero(explored), arm=crowd.arm, rows=rows)
    )
    arm[pool], by[pool] = np.maximum(given.arm, 0), np.where(given.arm > 0, _EXACT, _DRAW)
    rest = pool[given.arm <= 0]
    left = _left(crowd, np.arange(arm.size), arm=arm, rows=rows)
    found = _rounded(crowd, rest, rows=rows, left=left, closed=given.closed, prices=prices, chance=(occasion, salt))
    arm[rest], group[rest] = found.arm, found.group
    by[rest] = _how(crowd, rest, arm=arm[rest], odds=found.odds, exact=given.closed[crowd.arm[rest]])
    strayed = np.flatnonzero(explored)
    group[strayed] = found.group_of(strayed)
    is_split, assigned = found.is_split(group[strayed], best=crowd.best[strayed]), given.closed[crowd.best[strayed]]
    by[strayed] = np.where(assigned, _EXACT, np.where(is_split, _TIE, _DRAW))  # else only those led astray would count
    group[by != _TIE] = -1
    why, ghost = _reasons(arm, crowd=crowd, by=by, rows=rows, price=prices.price[crowd.kind])
    why[strayed] = np.where(by[strayed] != _DRAW, CODE[Reason.EXPLORED], why[strayed])
    if not why.any():
        return None
    return Repairs(
        why=why, arm=crowd.kind[arm], by=by, group=group, ghost=np.where(ghost > 0, crowd.kind[ghost], -1),
        propensity=np.full(arm.size, -1, dtype=np.int64), split=found.split,
    )  # fmt: skip


def _left(crowd: Crowd, who: Whole, *, arm: Whole, rows: Coupled) -> Whole:
    """What some of them leave of every limit."""
    return rows.most - rows.load(arm[who], extra=crowd.extra[who])


def _how(crowd: Crowd, rest: Whole, *, arm: Whole, odds: Whole, exact: Flags) -> Whole:
    """What is said of how each of the rest came to their arm."""
    changed, best = arm != crowd.arm[rest], crowd.best[rest] == crowd.arm[rest]
    split = (odds >= 0) & best & ((odds < WHOLE) | changed)
    return np.where(exact, _EXACT, np.where(split, _TIE, np.where(changed, _REPAIR, _DRAW)))


def _explored(crowd: Crowd, *, best: Whole, prices: Prices, occasion: str, salt: str) -> Flags:
    """Whose draw was not the best arm and fits: these stand as they were drawn."""
    rows = np.flatnonzero(crowd.arm != best)
    score = crowd.score[rows, crowd.arm[rows]]
    load = Load(
        arm=crowd.kind[crowd.arm[rows]], margin=score, key=crowd.key[rows], place=crowd.place, extra=crowd.extra[rows]
    )
    why = repair(load, prices=prices, occasion=occasion, salt=salt)
    found = np.zeros(crowd.arm.size, dtype=np.bool_)
    found[rows[why == 0]] = True
    return found


def _scarce(rows: Coupled, *, left: Whole, wanted: Callable[[int], int]) -> Whole:
    """Limits of few units, one to a decision, that more people want than there are: as many as may be assigned.

    Where something was promised of an arm, who gets it is not decided by the gain from one limit alone.

    Args:
        rows: all limits.
        left: of every limit.
        wanted: how much of a limit people want who pay for all others, so that what another limit leaves nobody to
            take is not scarce.
    """
    single = np.isin(rows.use, (0, 1)).all(axis=1) & (rows.use.sum(axis=1) > 0)
    few = np.flatnonzero(single & (left < small_assignment.SMALL))
    found = [row for row in few.tolist() if wanted(row) > left[row]]
    kept, total, taken = [], 0, (rows.use < 0).any(axis=0)
    for row in sorted(found, key=lambda row: (int(left[row]), row)):
        own = rows.use[row] > 0
        if total + int(left[row]) <= small_assignment.SMALL and not (taken & own).any():
            kept.append(row)
            total, taken = total + int(left[row]), taken | own
    return np.array(kept, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """Scarce units given out: arm of everybody in the pool, -1 for none; and the arms that are gone."""

    arm: Whole
    closed: Flags


def _assigned(crowd: Crowd, pool: Whole, *, rows: Coupled, prices: Prices, left: Whole) -> _Given:
    """Scarce units to those who gain most from them over their best other arm; what is scarce has no price there."""
    may, free = crowd.may[pool], np.zeros_like(prices.price)

    def wanted(row: int) -> int:
        score = crowd.score[pool] + prices.of_resource.get(rows.names[row], free)[crowd.kind]
        return int(rows.use[row][np.where(may, score, _OUT).argmax(axis=1)].sum())

    scarce = _scarce(rows, left=left, wanted=wanted)
    closed = np.isin(np.arange(crowd.kind.size), np.nonzero(rows.use[scarce])[1])
    if not scarce.size:
        return _Given(arm=np.full(pool.size, -1, dtype=np.int64), closed=closed)
    score = crowd.score[pool]
    for row in scarce:
        score = score + prices.of_resource.get(rows.names[row], free)[crowd.kind]
    score = np.where(may, score, _OUT)
    otherwise = score[:, ~closed].max(axis=1)
    arms = [np.flatnonzero(rows.use[row] > 0) for row in scarce]
    best = np.stack([own[score[:, own].argmax(axis=1)] for own in arms], axis=1)
    gain = np.take_along_axis(score, best, axis=1) - otherwise[:, None]
    got = small_assignment.assigned(np.where(gain > _OUT // 2, gain, 0), units=np.maximum(left[scarce], 0))
    arm = np.where(got >= 0, np.take_along_axis(best, np.maximum(got, 0)[:, None], axis=1)[:, 0], -1)
    kept = _within(arm, score=gain.max(axis=1), rows=rows, left=left, extra=crowd.extra[pool])
    return _Given(arm=kept, closed=closed)


def _within(arm: Whole, *, score: Whole, rows: Coupled, left: Whole, extra: Whole) -> Whole:
    """The same without those whom another limit does not allow, the least gains first."""
    order = np.lexsort((np.arange(arm.size), -score))
    order = order[arm[order] >= 0]
    rest, kept = left.copy(), arm.copy()
    taken = rows.taken(np.maximum(arm, 0), extra=extra)
    for place in order.tolist():
        use = taken[:, place]
        if ((use <= rest) | (use <= 0)).all():
            rest -= use
        else:
            kept[place] = -1
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settled:
    """What those got whom chance did not lead astray, and how ties among them were split. Stability: internal."""

    arm: Whole
    odds: Whole
    group: Whole
    split: Whole
    alike: Whole
    worths: Callable[[Whole], Whole]

    def group_of(self, who: Whole) -> Whole:
        """The group that some others are worth the same as, -1 where there is none."""
        if not len(self.alike):
            return np.full(who.size, -1, dtype=np.int64)
        return tied.group_of(self.worths(who), among=self.alike)

    def is_split(self, group: Whole, *, best: Whole) -> Flags:
        """Whether not everybody of a group got what is best for them."""
        if not len(self.split):
            return np.zeros(group.size, dtype=np.bool_)
        found: Flags = (group >= 0) & (self.split[np.maximum(group, 0), best] < WHOLE)
        return found


def _rounded(  # noqa: PLR0913  # one step of `settle`
    crowd: Crowd, rest: Whole, *, rows: Coupled, left: Whole, closed: Flags, prices: Prices, chance: tuple[str, str]
) -> _Settled:
    """The best arm at the prices that fits for everybody else, and how ties among them were split."""
    fixed, each = _parts(crowd, rows=rows, prices=prices)
    value = _before_prices(crowd, rest, rows=rows, prices=prices, each=each)
    able = crowd.may[rest][:, 1:] & ~closed[1:]
    worth = Worth.of(value, eligible=able, own=rows.own_use(crowd.extra[rest]))
    limits = rows.limits(worth, most=np.where(rows.is_limit, np.maximum(left, 0), left))

    def worths(who: Whole) -> Whole:
        scaled = _moved(_before_prices(crowd, who, rows=rows, prices=prices, each=each), worth=worth)
        return np.where(crowd.may[who][:, 1:] & ~closed[1:], scaled, CLOSED)

    if not rest.size:
        none, empty = np.zeros(0, dtype=np.int64), np.zeros((0, crowd.kind.size), dtype=np.int64)
        return _Settled(arm=none, odds=none, group=none, split=empty, alike=empty[:, 1:], worths=worths)
    found = rounding.settled(
        worth, limits=limits, price=np.clip(_moved(fixed, worth=worth), -_DEAREST, _DEAREST),
        own=_moved(each, worth=worth), bound=0,
        chance=lambda near: draws(crowd.key[rest[near]], point=chance[0], purpose="repair", salt=chance[1]),
    )  # fmt: skip
    return _Settled(
        arm=found.arm.astype(np.int64), odds=found.odds, group=found.group, split=found.split, alike=found.alike,
        worths=worths,
    )  # fmt: skip


def _before_prices(crowd: Crowd, who: Whole, *, rows: Coupled, prices: Prices, each: Whole) -> Whole:
    """What every arm but nothing is worth to some of them before prices; shape (n, k - 1)."""
    value = crowd.score[who][:, 1:] - crowd.score[who][:, :1] + prices.price[crowd.kind[1:]]
    if (own := rows.own_use(crowd.extra[who])) is None:
        return value
    more = own - rows.use[-rows.owns :, None, 1:]
    found: Whole = value + ((more * each[:, None, None]) >> SHIFT).sum(axis=0)
    return found


def _parts(crowd: Crowd, *, rows: Coupled, prices: Prices) -> tuple[Whole, Whole]:
    """What each arm but nothing costs whoever gets it, and the prices of what differs by customer in 2^-20 units."""
    names = rows.names[len(rows.names) - rows.owns :]
    fixed = prices.price[crowd.kind[1:]].copy()
    for name in names:
        fixed -= prices.of_resource.get(name, np.zeros_like(prices.price))[crowd.kind[1:]]
    each = [(prices.each[name][0] << SHIFT) // prices.each[name][1] for name in names]
    return fixed, np.array(each, dtype=np.int64)


def _moved(value: Whole, *, worth: Worth) -> Whole:
    return value << worth.shift if worth.shift >= 0 else value >> -worth.shift


def _reasons(arm: Whole, *, crowd: Crowd, by: NDArray[np.int8], rows: Coupled, price: Whole) -> tuple[Whole, Whole]:
    """Code of the first reason of every row that a limit has a part in, and the arm that it took; 0 for none.

    Who would have heard from us if limits cost nothing, and gets nothing, is told of the limit and not of silence.
    """
    tight = rows.most - rows.load(arm, extra=crowd.extra)
    best = CODE[Reason.BEST]
    stops = np.full(rows.use.shape[1], best, dtype=np.int64)
    for place in range(rows.use.shape[1]):
        own = np.flatnonzero(rows.use[:, place] > 0)
        if own.size:
            row = min(own.tolist(), key=lambda row: (int(tight[row]) // max(1, int(rows.use[row, place])), row))
            stops[place] = CODE[reason_of_limit(rows.names[row])]
    unpriced = np.where(crowd.may, crowd.score + price, _OUT).argmax(axis=1)
    out = (arm == 0) & (crowd.arm == 0) & (crowd.best == 0) & (unpriced != 0)
    lost = (by != _DRAW) & (arm != crowd.arm) & ~((by == _TIE) & (arm != 0))
    ghost = np.where(out, unpriced, np.where(lost, crowd.arm, 0))
    plain = np.where(by == _DRAW, 0, np.where(arm == 0, CODE[Reason.SILENCE_WON], best))
    return np.where(ghost == 0, plain, stops[ghost]), ghost
