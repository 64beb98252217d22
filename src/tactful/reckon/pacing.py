"""Prices while customers come one by one: along a planned path, corrected around it, planned again from time to time.

A plan is the solution for the customers that are forecast: its prices, and how much of every limit they will have used
by when. Spending evenly would spend in the wrong hours; what is corrected is the distance to the plan. What comes is
compared with what was forecast, and the next plan is made for customers worth as much as they have become.
Reference: Balseiro, Lu & Mirrokni (2020), "Dual mirror descent for online allocation problems"; methods, chapter 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tactful.reckon import compiled, dual, greedy, hard_pass, rounding
from tactful.reckon.limits import Limits
from tactful.reckon.worth import CLOSED, Worth

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

CONSERVATIVE: Final = 1.2
"""What prices are multiplied by when nobody knows how much has been used since they were made."""
_PULL: Final = 0.5
_FURTHEST: Final = 2.0
_LEAST_STEPS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Prices for the time that is left, and the path on which they should use the limits. Stability: caller.

    Attributes:
        prices: by limit, 2^-20 units of worth; int64, shape (limits,).
        path: how much of every limit should be used at the end of each step; float64, shape (steps, limits).
        first: the step at which the plan was made; path counts from there.
        used: of every limit when it was made.
    """

    prices: Whole
    path: Real
    first: int
    used: Whole


def plan(  # noqa: PLR0913  # the forecast, the limits, and where in the day one stands
    forecast: Worth, *, step: Whole, limits: Limits, steps: int, first: int, coming: int, used: Whole
) -> Plan:
    """The plan for the steps that are left.

    Args:
        forecast: customers such as will come, with the worth they will have then.
        step: at which each of them comes, from `first` on; shape (n,).
        limits: of the whole time.
        steps: of the whole time.
        first: the step now.
        coming: how many customers are still to come.
        used: of every limit so far.
    """
    share = forecast.rows / max(1, coming)
    left = np.maximum(limits.most - used, 0)
    scaled = Limits(names=limits.names, use=limits.use, most=np.floor(left * share).astype(np.int64), top=limits.top)
    found = dual.solve(forecast, limits=scaled)
    price, _ = hard_pass.priced(scaled, prices=found.prices, owns=0)
    arm = greedy.best(forecast.blocks, price=price).ravel()[: forecast.rows]
    count = np.zeros((steps - first, limits.use.shape[1] + 1))
    np.add.at(count, (step - first, arm), 1.0)
    path = np.cumsum((count[:, None, 1:] * limits.use[None]).sum(axis=2), axis=0) / share
    return Plan(prices=found.prices, path=path, first=first, used=used.copy())


def corrected(made: Plan, *, step: int, used: Whole) -> Whole:
    """The plan's prices, dearer where more was used than planned and cheaper where less: a mirror step around the path.

    Args:
        made: the plan.
        step: the one about to begin.
        used: of every limit so far.
    """
    if step <= made.first:
        return made.prices
    planned = made.path[step - made.first - 1]
    ahead = (used - made.used - planned) / np.maximum(made.path[-1], 1.0)
    drift = np.exp(np.clip(_PULL * 10 * ahead, -np.log(_FURTHEST), np.log(_FURTHEST)))
    moved: Whole = np.rint(made.prices * drift).astype(np.int64)
    return moved


def conservative(prices: Whole) -> Whole:
    """Prices that are stale: nobody knows what was used since, so everything counts as somewhat scarcer.

    >>> conservative(np.array([10, 0])).tolist()
    [12, 0]
    """
    dearer: Whole = np.rint(prices * CONSERVATIVE).astype(np.int64)
    return dearer


def level(seen: Real, *, steps: int) -> Real:
    """How much more than forecast each step is worth: what was seen, and a straight line beyond where it is one.

    Args:
        seen: worth of what came over what was forecast, by step so far; shape (so far,).
        steps: of the whole time.

    Returns:
        Shape (steps,).

    >>> level(np.array([1.0, 1.1, 1.2, 1.3, 1.4, 1.5]), steps=8).round(2).tolist()
    [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7]
    """
    found = np.ones(steps)
    if not seen.size:
        return found
    found[: seen.size] = seen
    found[seen.size :] = seen.mean()
    if seen.size < _LEAST_STEPS:
        return found
    at = np.arange(seen.size) - (seen.size - 1) / 2
    slope = float((at * seen).sum() / (at * at).sum())
    rest = seen - seen.mean() - slope * at
    error = float(np.sqrt((rest * rest).sum() / max(1, seen.size - 2) / (at * at).sum()))
    if abs(slope) > 2 * error:
        later = np.arange(seen.size, steps) - (seen.size - 1) / 2
        found[seen.size :] = np.maximum(seen.mean() + slope * later, 0.1 * seen.mean())
    return found


def serve(values: Whole, *, price: Whole, limits: Limits, left: Whole) -> Whole:
    """Customers in the order in which they come: each the best arm at the prices that what is left allows.

    Args:
        values: worth of every arm, `CLOSED` where it may not be chosen; shape (n, arms).
        price: of each arm; shape (arms,).
        limits: what couples them.
        left: of every limit; what they take is taken off.

    Returns:
        Arm of each, 0 for nothing; shape (n,).
    """
    score = np.where(values <= CLOSED, -(1 << 60), values - price[None, :])
    found = np.zeros(values.shape[0], dtype=np.int16)
    settle = compiled.loop(rounding.settle) if compiled.is_there() else rounding.settle_plainly
    none = np.zeros((0, 0, 0), dtype=np.int64)
    soft = (limits.top >= 0).astype(np.int64)
    settle(found, np.arange(values.shape[0]), score, none, limits.use, soft, left)
    return found.astype(np.int64)
