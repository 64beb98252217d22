"""How sure prices are, and what one more of a resource would be worth."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tactful.reckon import hard_pass
from tactful.reckon.chance import WHOLE, draws
from tactful.reckon.curvature import Curvature, curvature, newton_step
from tactful.reckon.dual import Dual
from tactful.reckon.limits import SHIFT, Limits
from tactful.reckon.worth import Worth

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

_FAR: Final = 1 << 60
_NARROWEST: Final = 16
_WIDEST: Final = 1 << 28
_WIDER: Final = 4


def spread(
    dual: Dual, *, worth: Worth, limits: Limits, stated: Whole | None = None, repeats: int = 200, salt: str = ""
) -> NDArray[np.float64]:
    """Standard deviation of the prices if other customers of the same kind had come: Poisson bootstrap of the solve.

    Each customer counts a Poisson number of times, so that the customers of each arm do too, independently; what the
    limits then lack moves the prices by one Newton step within their bounds. How fast use answers prices is counted
    as far around them as they move: nearer by, a single customer would decide it.

    Args:
        dual: solved prices.
        worth: of every arm for every customer.
        limits: what they are the prices of.
        stated: use of every arm, also of limits where it differs by customer; shape (limits, arms).
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
    use = limits.use if stated is None else stated
    lacks = ((counts - dual.count[1:])[:, None, :] * use[None]).sum(axis=2)
    reach, width = _reach(worth, use=use), _NARROWEST
    while True:
        seen = hard_pass.run(worth, limits=limits, prices=dual.prices, width=width)
        bend = curvature(seen, limits=limits, width=width)
        deviation: Real = _moved(dual, lacks=lacks, bend=bend, top=_top(limits)).std(axis=0)
        if float((deviation * reach).max()) / (1 << SHIFT) <= width or width >= _WIDEST:
            return deviation
        width *= _WIDER


def _reach(worth: Worth, *, use: Whole) -> Whole:
    """The most that one decision takes of each limit; shape (limits,)."""
    reach: Whole = np.abs(use).max(axis=1, initial=1)
    if owns := worth.own.shape[0]:
        reach[-owns:] = np.maximum(reach[-owns:], np.abs(worth.own.astype(np.int64)).max(axis=(1, 2, 3), initial=1))
    return reach


def _moved(dual: Dual, *, lacks: Whole, bend: Curvature, top: Whole) -> Real:
    """The prices of every bootstrap draw; shape (repeats, limits)."""
    steps = [newton_step(bend, slack=dual.slack - one, prices=dual.prices, top=top)[0] for one in lacks]
    found: Real = dual.prices.astype(np.float64) + np.array(steps, dtype=np.float64)
    return found


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
