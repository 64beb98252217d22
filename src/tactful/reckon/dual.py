"""Prices of limits over all customers: Newton steps on the dual, made of hard passes only, with a certified bound.

The dual is ``g(p) = p · most + Σ_i max(0, max_a (v_ia - p · use_a))``. Any prices of the right sign make it an upper
bound of what any allocation within the limits is worth. Its slope is a pass over the customers; its curvature is how
many of them are nearly undecided between two arms, which the same pass counts, so that no exponential is ever taken.
A sample is solved first, and all customers after it from there. Everything a pass answers is a whole number and prices
are whole numbers, so the same bits come of any number of workers.
Reference: Basu et al. (2020), "ECLIPSE"; Bertsekas (1982), "Projected Newton methods"; Kelley (1960), "The cutting-
plane method".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tactful.reckon import hard_pass
from tactful.reckon.curvature import Curvature, curvature, newton_step
from tactful.reckon.cutting import Cuts
from tactful.reckon.hard_pass import Pass
from tactful.reckon.limits import SHIFT, Limits
from tactful.reckon.worth import Worth

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

SAMPLE: Final = 20_000
_STEPS: Final = 60
_NARROWEST: Final = 16
_HIGHEST: Final = 1 << 56
_MET: Final = 1e-3
_STALLED: Final = 8
_DEAREST: Final = 1 << 29
"""No arm is worth more, in shifted worth; no price that is higher changes anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The dual at some prices. Stability: internal.

    Attributes:
        prices: by limit, 2^-20 units of worth.
        bound: g times 2^20, exact.
        slack: what is left of every limit if everybody takes the best arm; negative where it is passed.
        seen: the pass.
        width: of the pass.
    """

    prices: Whole
    bound: int
    slack: Whole
    seen: Pass
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dual:
    """Solved prices. Stability: caller.

    Attributes:
        prices: by limit, 2^-20 units of shifted worth (`Worth.shift`); int64.
        bound: no allocation within the limits is worth more; shifted worth, rounded up.
        slack: of every limit if everybody takes the best arm at these prices.
        passes: passes made over all customers.
        curvature: of the dual there, for standard deviations and the worth of one more.
        count: customers by best arm, nothing first.
    """

    prices: Whole
    bound: int
    slack: Whole
    passes: int
    curvature: Curvature
    count: Whole


def solve(
    worth: Worth, *, limits: Limits, start: Whole | None = None, workers: int = 2, tolerance: float = 1e-6
) -> Dual:
    """The prices at which everybody may take the best arm for themselves and the limits hold all but exactly.

    Args:
        worth: of every arm for every customer.
        limits: what couples them.
        start: prices to begin with; those of a sample of 20,000 customers unless given.
        workers: threads; they change no bit.
        tolerance: stop where the bound can fall by no larger share, as far as curvature and cuts can tell.
    """
    search = _Search(worth=worth, limits=limits, workers=workers, tolerance=tolerance)
    if start is None and worth.rows > 2 * SAMPLE:
        few = worth.sample(SAMPLE)
        part = Limits(names=limits.names, use=limits.use, most=limits.most * few.rows // worth.rows, top=limits.top)
        sampled = _Search(worth=few, limits=part, workers=1, tolerance=1e-5)
        start = sampled.run(np.zeros(limits.most.size, dtype=np.int64)).prices
        search.error, search.typical = 1 / few.rows**0.5, sampled.typical
    point = search.run(np.zeros(limits.most.size, dtype=np.int64) if start is None else start)
    return Dual(
        prices=point.prices,
        bound=-(-point.bound >> SHIFT),
        slack=point.slack,
        passes=search.passes,
        curvature=curvature(point.seen, limits=limits, width=point.width),
        count=point.seen.count,
    )


class _Search:
    """A search for the lowest bound."""

    def __init__(self, *, worth: Worth, limits: Limits, workers: int, tolerance: float) -> None:
        self.worth, self.limits, self.workers, self.tolerance = worth, limits, workers, tolerance
        self.passes, self.error, self.typical = 0, 1.0, 0
        reach = np.abs(limits.use).max(axis=1, initial=1)
        if worth.own.size:
            owns = worth.own.shape[0]
            reach[-owns:] = np.maximum(reach[-owns:], np.abs(worth.own.astype(np.int64)).max(axis=(1, 2, 3), initial=1))
        self.reach = np.maximum(reach, 1)
        highest = _HIGHEST // self.reach
        self.top = np.where(limits.top >= 0, np.minimum(limits.top, highest), highest)

    def at(self, prices: Whole, *, width: int) -> Point:
        """The dual at some prices, exactly."""
        seen = hard_pass.run(self.worth, limits=self.limits, prices=prices, width=width, workers=self.workers)
        self.passes += 1
        load = (self.limits.use * seen.count[1:]).sum(axis=1)
        if seen.own.size:
            load[-seen.own.size :] = seen.own
        bound = sum(int(p) * int(b) for p, b in zip(prices, self.limits.most, strict=True)) + (seen.total << SHIFT)
        return Point(prices=prices, bound=bound, slack=self.limits.most - load, seen=seen, width=width)

    def run(self, start: Whole) -> Point:
        """Newton steps while they help, then cuts if the bound is not proven good."""
        prices = np.minimum(np.maximum(start, 0), self.top)
        first, cuts = self.at(prices, width=1), Cuts.of(self.top)
        cuts.add(first.prices, bound=first.bound, slack=first.slack)
        self.far = _gained(first)
        if not self.typical:  # where much is dear already, what is gained beyond the prices says little
            free = self.at(np.zeros_like(prices), width=1) if prices.any() else first
            cuts.add(free.prices, bound=free.bound, slack=free.slack)
            self.typical = _gained(free)
        width = max(_NARROWEST, int(self.far * min(0.5, 8 * self.error)))
        here = self.at(prices, width=width)
        for _ in range(_STEPS):
            step, promised = self._step(here)
            if promised <= self.tolerance * 0.1 * here.bound and (here.width <= _NARROWEST or promised <= 0):
                break
            there = self._descend(here, step, cuts=cuts)
            if there is None:
                if here.width <= _NARROWEST * 64:
                    break
                here = self.at(here.prices, width=max(_NARROWEST, here.width // 8))
                continue
            moved = int(np.abs((there.prices - here.prices) * self.reach).max()) >> SHIFT
            gained = here.bound - there.bound
            here = there
            if gained <= self.tolerance * 0.1 * here.bound:
                break
            if (narrower := max(_NARROWEST, 2 * moved)) * 2 < here.width:
                here = self.at(here.prices, width=narrower)
        return here if self._is_met(here) else self._cut(here, cuts=cuts)

    def _is_met(self, here: Point) -> bool:
        """Whether the best arms of all keep the limits so nearly that nothing is left to be gained by better prices."""
        lacking = np.where(here.prices > 0, np.abs(here.slack), np.maximum(-here.slack, 0))
        each = np.where(here.prices > 0, here.prices, (max(self.far, self.typical) << SHIFT) // self.reach)
        return sum(int(s) * int(p) for s, p in zip(lacking, each, strict=True)) <= _MET * here.bound

    def _step(self, here: Point) -> tuple[Real, float]:
        """The step of Newton within the bounds of prices, and by how much the bound should fall."""
        bend = curvature(here.seen, limits=self.limits, width=here.width)
        step, promised = newton_step(bend, slack=here.slack, prices=here.prices, top=self.top)
        longest = float(np.abs(step * self.reach).max()) / (1 << SHIFT)
        return (step * (self.far / longest), promised) if longest > self.far else (step, promised)

    def _descend(self, here: Point, step: Real, *, cuts: Cuts) -> Point | None:
        """The first of shorter and shorter steps at which the bound is lower."""
        for share in (1.0, 0.4, 0.1, 0.01):
            prices = np.clip(here.prices + np.rint(step * share).astype(np.int64), 0, self.top)
            if (prices == here.prices).all():
                return None
            there = self.at(prices, width=here.width)
            cuts.add(there.prices, bound=there.bound, slack=there.slack)
            if there.bound < here.bound:
                return there
        return None

    def _cut(self, here: Point, *, cuts: Cuts) -> Point:
        """Cutting planes near the best prices, for duals with sharp edges: many customers worth exactly the same."""
        reach, stalled = float(self.far << SHIFT) * self.error / 8, 0
        farthest = float(_DEAREST << SHIFT)
        for _ in range(_STEPS):
            found = cuts.lowest(here.prices, reach=reach / self.reach)
            if found is None or stalled >= _STALLED:
                break
            if here.bound - found.bound <= 10 * self.tolerance * here.bound:
                if reach >= farthest:
                    break
                reach = min(reach * 8, farthest)
                continue
            there = self.at(found.prices, width=here.width)
            cuts.add(there.prices, bound=there.bound, slack=there.slack)
            promised, kept = here.bound - found.bound, here.bound - there.bound
            stalled = 0 if kept > self.tolerance * here.bound else stalled + 1
            reach = reach * 2 if kept > 0.5 * promised else reach / 2 if kept <= 0 else reach
            if there.bound < here.bound:
                here = there
        return here


def _gained(point: Point) -> int:
    """Twice what those who take something gain by it on average, beyond its price."""
    taking = max(1, int(point.seen.count[1:].sum()))
    return max(_NARROWEST, int(2 * (point.seen.total // taking)))
