"""Expected value of an order per customer (Gamma-Gamma), from their number of orders and what these were worth."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from tactful.reckon.relationship import FEWEST
from tactful.words.errors import Misuse
from tactful.words.estimate import Undefined

_FARTHEST: Final = 12.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """Fitted parameters of Gamma-Gamma. Stability: full.

    Attributes:
        p: shape of an order's value within a customer.
        q: shape of the customers' scales.
        v: scale, in units of money.
        correlation: between number and value of orders; the model assumes none, so look at it.
        customers: how many were fitted.
    """

    p: float
    q: float
    v: float
    correlation: float
    customers: int


def fit(frequency: ArrayLike, mean_value: ArrayLike, *, fewest: int = FEWEST) -> Spend | Undefined:
    """Gamma-Gamma by maximum likelihood.

    Args:
        frequency: orders behind each customer's mean; whole, at least 1; shape (n,).
        mean_value: mean value of those orders, above 0; shape (n,).
        fewest: customers below which nothing is fitted.

    Returns:
        The parameters; or `Undefined` where too few customers ordered, or all spend the same, or q is not above 1 and
        so no expected value exists.

    Reference: Fader & Hardie (2013), "The Gamma-Gamma model of monetary value".

    >>> fit([2, 3], [10.0, 12.0])
    Undefined(reason='2 customers with orders; at least 30 are needed')
    """
    x, m = (np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in (frequency, mean_value))
    if x.shape != m.shape or not ((x >= 1) & (m > 0) & np.isfinite(m)).all():
        raise Misuse.say(where="spend", what="an order count below 1 or a value not above 0", do="leave such rows out")
    if x.size < fewest:
        return Undefined(f"{x.size} customers with orders; at least {fewest} are needed")
    if np.ptp(m) == 0:
        return Undefined("every customer spends the same, so their differences cannot be fitted")
    unit = float(m.mean())
    target = _likelihood(x, m / unit)
    starts = (np.zeros(3), np.array([2.0, 1.0, 1.0]), np.array([0.0, 2.0, 2.0]))
    bounds = [(-_FARTHEST, _FARTHEST)] * 3
    options = {"maxiter": 500, "ftol": 1e-14, "gtol": 1e-8}
    found = [minimize(target, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options) for start in starts]
    best = min(found, key=lambda one: float(one.fun))
    if not np.isfinite(best.fun) or np.abs(best.x).max() > _FARTHEST - 0.01 or np.abs(best.jac).max() > 1e-4:
        return Undefined("the likelihood has no peak: these values do not follow the model")
    p, q, v = (float(one) for one in np.exp(best.x))
    if q <= 1:
        return Undefined(f"q is {q:.3f}: values are so heavy-tailed that no expected value exists")
    correlation = float(np.corrcoef(x, m)[0, 1]) if np.ptp(x) else 0.0
    return Spend(p=p, q=q, v=v * unit, correlation=correlation, customers=x.size)


def _likelihood(x: Floats, m: Floats) -> Callable[[Floats], tuple[float, Floats]]:
    """Minus the mean log-likelihood and its gradient, in the logarithms of p, q and v."""
    n = x.size
    log_m, log_x = np.log(m), np.log(x)

    def target(logs: Floats) -> tuple[float, Floats]:
        p, q, v = np.exp(logs)
        px = p * x
        rest = np.log(v + x * m)
        total = gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(v) + (px - 1) * log_m + px * log_x
        total = total - (px + q) * rest
        joint = digamma(px + q)
        slope = np.array(
            [
                (x * (joint - digamma(px) + log_m + log_x - rest)).sum(),
                (joint - digamma(q) + np.log(v) - rest).sum(),
                (q / v - (px + q) / (v + x * m)).sum(),
            ]
        )
        return -float(total.sum()) / n, -slope * np.exp(logs) / n

    return target


def expected_value(known: Spend, *, frequency: ArrayLike, mean_value: ArrayLike) -> Floats:
    """Value of each customer's next order: their own mean, pulled to everybody's by how few orders it rests on.

    Args:
        known: fitted parameters.
        frequency: orders behind each mean, 0 for none; shape (n,).
        mean_value: mean value of those orders; anything where frequency is 0; shape (n,).

    >>> cdnow = Spend(p=6.25, q=3.74, v=15.44, correlation=0.1, customers=946)
    >>> expected_value(cdnow, frequency=[0, 2], mean_value=[0, 22.35]).round(2).tolist()
    [35.22, 24.66]
    """
    x, m = (np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in (frequency, mean_value))
    everybody = known.v * known.p / (known.q - 1.0)
    trust = known.p * x / (known.p * x + known.q - 1.0)
    value: Floats = (1.0 - trust) * everybody + trust * np.where(x > 0, m, 0.0)
    return value
