"""The latent relationship: how likely a customer is still there, and how many interactions are to come (BG/NBD).

The fit runs on merged counts: customers with the same (frequency, recency, age) are one row with a multiplicity, so
its cost follows the number of distinct triples. Bins of a day serve up to some hundred thousand customers; for more,
bins of a week keep the triples few (two years of weeks: about 10^5 for any number of customers).

The model knows no marketing: where contacts drive purchases, what it expects includes their effect.
Reference: Fader, Hardie & Lee (2005), "Counting your customers the easy way", Marketing Science 24(2).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import digamma, gammaln, hyp2f1

from tactful.words.errors import Misuse
from tactful.words.estimate import Undefined

FEWEST: Final = 30
"""Customers below which four parameters are not fitted."""

_FARTHEST: Final = 12.0
_STARTS: Final = ((0.0, 0.0, 0.0, 0.0), (-1.0, 0.0, -1.0, 1.0), (0.5, 1.0, 1.0, 2.0))

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """Distinct purchase histories and how many customers have each. Stability: full.

    Attributes:
        frequency: repeat interactions (the first is not counted); int64, shape (m,).
        recency: time from first to last interaction; 0 where there was one; shape (m,).
        age: time from first interaction to now, same unit; shape (m,).
        weight: customers; int64, shape (m,).
    """

    frequency: NDArray[np.int64]
    recency: Floats
    age: Floats
    weight: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """Fitted parameters of BG/NBD, per unit of time of the histories. Stability: full.

    Attributes:
        r: shape of the interaction rate among customers.
        alpha: its rate: the mean rate is r / alpha per unit of time.
        a: first shape of the chance to leave after an interaction.
        b: its second shape: the mean chance to leave is a / (a + b).
        log_likelihood: of all customers.
        customers: how many were fitted.
        histories: how many distinct histories they had.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int
    histories: int

    def __post_init__(self) -> None:
        if not all(np.isfinite(p) and p > 0 for p in (self.r, self.alpha, self.a, self.b)):
            raise ValueError("the parameters of a relationship are positive numbers")


def merge(frequency: ArrayLike, recency: ArrayLike, *, age: ArrayLike, weight: ArrayLike | None = None) -> Histories:
    """Distinct histories with their multiplicity, in a fixed order.

    Args:
        frequency: repeat interactions; whole, at least 0; shape (n,).
        recency: first to last interaction; 0 exactly where frequency is 0; shape (n,).
        age: first interaction to now, in the same unit; at least recency; shape (n,).
        weight: customers per row, whole, at least 1; one each where not given.

    Raises:
        Misuse: a history that cannot be.

    >>> merge([1, 0, 1], [2.0, 0.0, 2.0], age=[5.0, 5.0, 5.0]).weight.tolist()
    [1, 2]
    """
    x, t_x, T = (np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in (frequency, recency, age))
    w = np.ones(x.shape, dtype=np.int64) if weight is None else np.atleast_1d(np.asarray(weight, dtype=np.int64))
    if not x.shape == t_x.shape == T.shape == w.shape:
        raise Misuse.say(where="relationship", what="the columns differ in length", do="give one row per customer")
    possible = (
        (x >= 0) & (x == np.rint(x)) & (t_x >= 0) & (t_x <= T) & np.isfinite(T) & ((x > 0) | (t_x == 0)) & (w > 0)
    )
    bad = np.flatnonzero(~possible)
    if bad.size:
        i = int(bad[0])
        raise Misuse.say(
            where=f"relationship, row {i}",
            what=f"frequency {x[i]:g}, recency {t_x[i]:g}, age {T[i]:g}, weight {w[i]} is no history "
            f"({bad.size} such rows)",
            do="frequency counts repeats only, and recency runs from the first interaction to the last",
        )
    order = np.lexsort((T, t_x, x))
    x, t_x, T, w = x[order], t_x[order], T[order], w[order]
    new = np.ones(x.size, dtype=np.bool_)
    new[1:] = (x[1:] != x[:-1]) | (t_x[1:] != t_x[:-1]) | (T[1:] != T[:-1])
    starts = np.flatnonzero(new)
    merged = np.add.reduceat(w, starts) if starts.size else w
    return Histories(frequency=x[starts].astype(np.int64), recency=t_x[starts], age=T[starts], weight=merged)


class _Likelihood:
    """Minus the mean log-likelihood and its gradient, in the logarithms of the parameters."""

    def __init__(self, histories: Histories) -> None:
        self.customers = int(histories.weight.sum())
        counts = np.bincount(histories.frequency, weights=histories.weight)
        self.distinct = np.flatnonzero(counts).astype(np.float64)
        self.counts = counts[counts > 0]
        self.x = histories.frequency.astype(np.float64)
        self.t_x, self.T = histories.recency, histories.age
        self.w = histories.weight.astype(np.float64)
        self.again = self.x > 0

    def __call__(self, logs: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = np.exp(logs)
        y, n, x = self.distinct, self.counts, self.x
        L_T, L_t = np.log(alpha + self.T), np.log(alpha + self.t_x)
        left = np.full(x.shape, -np.inf)
        np.log(b + x - 1.0, out=left, where=self.again)
        left = np.where(self.again, np.log(a) - left + (r + x) * (L_T - L_t), -np.inf)
        gone = np.where(
            left > 0, 1.0 / (1.0 + np.exp(-np.abs(left))), np.exp(-np.abs(left)) / (1 + np.exp(-np.abs(left)))
        )
        by_count = (
            gammaln(r + y)
            - gammaln(r)
            + r * np.log(alpha)
            + gammaln(a + b)
            + gammaln(b + y)
            - gammaln(b)
            - gammaln(a + b + y)
        )
        total = n @ by_count + self.w @ (np.logaddexp(0.0, left) - (r + x) * L_T)
        at_T, at_t = 1.0 / (alpha + self.T), 1.0 / (alpha + self.t_x)
        shared = digamma(a + b) - digamma(a + b + y)
        stayed = np.where(self.again, gone / np.where(self.again, b + x - 1.0, 1.0), 0.0)
        slope = np.array(
            [
                n @ (digamma(r + y) - digamma(r) + np.log(alpha)) + self.w @ (gone * (L_T - L_t) - L_T),
                n @ np.full(y.shape, r / alpha) + self.w @ ((r + x) * (gone * (at_T - at_t) - at_T)),
                n @ shared + self.w @ gone / a,
                n @ (shared + digamma(b + y) - digamma(b)) - self.w @ stayed,
            ]
        )
        return -float(total) / self.customers, -slope * np.exp(logs) / self.customers


def fit(
    frequency: ArrayLike, recency: ArrayLike, *, age: ArrayLike, weight: ArrayLike | None = None, fewest: int = FEWEST
) -> Relationship | Undefined:
    """BG/NBD by maximum likelihood on merged counts; several starts, no chance, the same answer every time.

    Args:
        frequency: repeat interactions; shape (n,).
        recency: first to last interaction; shape (n,).
        age: first interaction to now, same unit; shape (n,).
        weight: customers per row; one each where not given.
        fewest: customers below which nothing is fitted.

    Returns:
        The parameters; or `Undefined` where there are too few customers, nobody came again, no time has passed, or the
        likelihood has no peak.

    >>> fit([0] * 40, [0] * 40, age=[10] * 40)
    Undefined(reason='nobody came a second time, so neither rate nor leaving can be seen')
    >>> fit([2, 0], [3, 0], age=[5, 4])
    Undefined(reason='2 customers; at least 30 are needed')
    """
    histories = merge(frequency, recency, age=age, weight=weight)
    customers = int(histories.weight.sum())
    if customers < fewest:
        return Undefined(f"{customers} customers; at least {fewest} are needed")
    if not histories.frequency.any():
        return Undefined("nobody came a second time, so neither rate nor leaving can be seen")
    if not histories.age.any():
        return Undefined("no time has passed since the first interactions")
    # Time in units of the mean age, so that the same starts serve days, weeks and years.
    unit = float(histories.age @ histories.weight) / customers
    scaled = Histories(
        frequency=histories.frequency,
        recency=histories.recency / unit,
        age=histories.age / unit,
        weight=histories.weight,
    )
    target = _Likelihood(scaled)
    found = [
        minimize(
            target,
            np.array(start),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-_FARTHEST, _FARTHEST)] * 4,
            options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8},
        )
        for start in _STARTS
    ]
    best = min(found, key=lambda one: float(one.fun))
    # a at its least, or b at an edge, is an answer: nobody is seen to leave. Any other edge is none.
    at_edge = np.abs(best.x) > _FARTHEST - 0.01
    if not np.isfinite(best.fun) or np.abs(best.jac[~at_edge]).max(initial=0.0) > 1e-4:
        return Undefined("the likelihood has no peak: these histories do not tell rate and leaving apart")
    if at_edge[0] or at_edge[1] or (at_edge[2] and best.x[2] > 0):
        return Undefined("the likelihood keeps rising to the edge: these histories do not tell rate and leaving apart")
    r, alpha, a, b = (float(p) for p in np.exp(best.x))
    shift = float(np.log(unit) * (histories.frequency @ histories.weight))
    return Relationship(
        r=r,
        alpha=alpha * unit,
        a=a,
        b=b,
        log_likelihood=-float(best.fun) * customers - shift,
        customers=customers,
        histories=histories.frequency.size,
    )


def p_alive(known: Relationship, *, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
    """Probability that each customer is still there; 1 where there was a single interaction, as the model has it.

    Args:
        known: fitted parameters.
        frequency: repeat interactions; shape (n,).
        recency: first to last interaction, in the unit of the fit; shape (n,).
        age: first interaction to now; shape (n,).

    >>> cdnow = Relationship(r=0.243, alpha=4.414, a=0.793, b=2.426, log_likelihood=0, customers=2357, histories=1)
    >>> p_alive(cdnow, frequency=[2, 0], recency=[30.43, 0], age=[38.86, 38.86]).round(4).tolist()
    [0.7266, 1.0]
    """
    x, t_x, T = (np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in (frequency, recency, age))
    ratio = (known.r + x) * np.log((known.alpha + T) / (known.alpha + t_x))
    again = x > 0
    odds = np.where(again, np.log(known.a / np.where(again, known.b + x - 1.0, 1.0)) + ratio, -np.inf)
    alive: Floats = np.exp(-np.logaddexp(0.0, odds))
    return alive


def expected_transactions(
    known: Relationship, *, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, t: float
) -> Floats:
    """Interactions each customer is expected to have in the next t units of time.

    Euler's transformation of the published formula: the powers of the history's length cancel, so customers with
    hundreds of orders do not overflow.

    Args:
        known: fitted parameters.
        frequency: repeat interactions; shape (n,).
        recency: first to last interaction, in the unit of the fit; shape (n,).
        age: first interaction to now; shape (n,).
        t: how far ahead, in the unit of the fit; at least 0.

    >>> cdnow = Relationship(r=0.243, alpha=4.414, a=0.793, b=2.426, log_likelihood=0, customers=2357, histories=1)
    >>> expected_transactions(cdnow, frequency=[2], recency=[30.43], age=[38.86], t=39).round(3).tolist()
    [1.226]
    """
    if t < 0:
        raise Misuse.say(where="relationship", what=f"{t} units ahead", do="look forward, not back")
    x, T = (np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in (frequency, age))
    # a = 1 and a + b = 1 (at x = 0) are removable poles: step a hair aside.
    a = known.a + (1e-7 if abs(known.a - 1.0) < 1e-7 else 0.0)
    c = a + known.b + x - 1.0
    c = np.where(np.abs(c) < 1e-7, 1e-7, c)
    z = t / (known.alpha + T + t)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        series = hyp2f1(a + known.b - 1.0 - known.r, a - 1.0, c, z)
        coming = c / (a - 1.0) * (1.0 - (1.0 - z) ** (a - 1.0) * series)
    # Where everybody leaves with nearly the same chance, a and b are so large that the series overflows.
    coming = np.where(np.isfinite(coming), coming, _same_chance(known, x=x, T=T, t=t))
    alive = p_alive(known, frequency=x, recency=recency, age=T)
    expected: Floats = np.maximum(coming * alive, 0.0)
    return expected


def _same_chance(known: Relationship, *, x: Floats, T: Floats, t: float) -> Floats:
    """Interactions to come if one is still there, where all leave with the same chance p after each interaction.

    The limit of the model as a and b grow together: a rate has given (1 - exp(-rate p t)) / p by time t, and the rates
    of those still there are gamma with r + x and alpha + T.
    """
    p = known.a / (known.a + known.b + x)
    gone = -np.expm1((known.r + x) * -np.log1p(p * t / (known.alpha + T)))
    coming: Floats = gone / p
    return coming
