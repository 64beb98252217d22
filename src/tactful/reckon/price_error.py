"""How sure prices are, and what one more of a resource would be worth."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tactful.reckon.chance import WHOLE, draws
from tactful.reckon.curvature import newton_step
from tactful.reckon.dual import Dual
from tactful.reckon.limits import SHIFT, Limits

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

_FAR: Final = 1 << 60


def spread(dual: Dual, *, limits: Limits, repeats: int = 200, salt: str = "") -> NDArray[np.float64]:
    """Standard deviation of the prices if other customers of the same kind had come: Poisson bootstrap of the solve.

    Each customer counts a Poisson number of times, so that the customers of each arm do too, independently; what the
    limits then lack moves the prices by one Newton step within their bounds.

    Args:
        dual: solved prices.
        limits: what they are the prices of.
        repeats: bootstrap draws.
        salt: of the run; the same salt gives the same deviations.

    Returns:
        By limit, in 2^-20 units of shifted worth; shape (limits,).

    Reference: Oza & Russell (2001), "Online bagging"; methods 11.3.
    """
    if not dual.prices.any():
        return np.zeros(limits.most.size)
    arms = dual.count.size - 1
    keys = np.arange(repeats * arms)
    drawn = draws(keys, point="prices", purpose="bootstrap", salt=salt).astype(np.float64)
    chance = (drawn + 0.5) / float(WHOLE)
    counts = _poisson(chance.reshape(repeats, arms), mean=np.maximum(dual.count[1:], 1e-9))
    top = _top(limits)
    found = np.empty((repeats, limits.most.size))
    for place, count in enumerate(counts):
        lacks = (limits.use * (count - dual.count[1:])).sum(axis=1)
        step, _ = newton_step(dual.curvature, slack=dual.slack - lacks, prices=dual.prices, top=top)
        found[place] = dual.prices + step
    deviation: NDArray[np.float64] = found.std(axis=0)
    return deviation


def _poisson(chance: Real, *, mean: Real) -> Whole:
    """The smallest whole numbers at or below which a Poisson number falls with at least these chances."""
    from scipy.special import pdtr, pdtrik

    above = np.ceil(pdtrik(chance, mean))
    below = np.maximum(above - 1, 0)
    found: Whole = np.where(pdtr(below, mean) >= chance, below, above).astype(np.int64)
    return found


def worth_of_more(dual: Dual, *, limits: Limits, row: int, more: int) -> int:
    """What so much more of a resource would be worth, in shifted worth: its price, falling as it grows less scarce.

    Args:
        dual: solved prices.
        limits: what they are the prices of.
        row: which limit.
        more: how much more of it, in its own unit.
    """
    if not dual.prices[row]:
        return 0
    top = _top(limits)
    here, there = dual.slack.copy(), dual.slack.copy()
    there[row] += more
    at = {"prices": dual.prices, "top": top}
    _, now = newton_step(dual.curvature, slack=here, **at)
    _, then = newton_step(dual.curvature, slack=there, **at)
    full = int(dual.prices[row]) * more
    return max(0, full - int(max(0.0, then - now))) >> SHIFT


def _top(limits: Limits) -> Whole:
    return np.where(limits.top >= 0, limits.top, _FAR)
