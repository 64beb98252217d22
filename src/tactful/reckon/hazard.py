"""The chance of an event per person and period, from counts that merge: regression on a table, not on people.

Counts by cell are integers, so that any number of workers gives the same table, a person is erased by subtracting, and
the fit sees each cell once. The link is complementary log-log, which makes the rates of short and long periods agree
(Prentice & Gloeckler 1978), or plain log for responses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tactful.words.errors import Misuse
from tactful.words.estimate import Undefined

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """Person-periods by cell, such as channel × fatigue. Stability: caller.

    Attributes:
        count: periods lived through at risk; shape (cells,).
        events: those of them that ended with the event; shape (cells,).
    """

    count: Whole
    events: Whole

    @classmethod
    def of(cls, cell: ArrayLike, *, event: ArrayLike, cells: int) -> Periods:
        """Counts of single periods.

        Args:
            cell: cell of each period; shape (n,).
            event: whether it happened then; shape (n,).
            cells: how many cells there are.

        >>> Periods.of([0, 0, 1], event=[False, True, False], cells=2).events.tolist()
        [1, 0]
        """
        at, happened = np.asarray(cell, dtype=np.int64), np.asarray(event, dtype=np.bool_)
        if at.size and (at.min() < 0 or at.max() >= cells):
            raise Misuse.say(where="person-periods", what=f"a cell is not among {cells}", do="cut fatigue at its most")
        count, events = np.bincount(at, minlength=cells), np.bincount(at[happened], minlength=cells)
        return cls(count=count.astype(np.int64), events=events.astype(np.int64))

    def merged(self, other: Periods) -> Periods:
        """Both together, in any order the same."""
        return Periods(count=self.count + other.count, events=self.events + other.events)

    def without(self, other: Periods) -> Periods:
        """Without the periods of somebody who is erased."""
        return Periods(count=self.count - other.count, events=self.events - other.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """The risk that a contact is the last, as `fatigue.Wear` has it. Stability: caller.

    Attributes:
        base: by channel, the log of the hazard without fatigue.
        growth: how much that log rises with each contact felt.
    """

    base: Mapping[str, float]
    growth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Coefficients and their standard errors; both of shape (d,). Stability: caller."""

    coefficients: Floats
    errors: Floats


def fitted(
    periods: Periods, *, design: ArrayLike, link: Literal["cloglog", "log"] = "cloglog", pull: float = 1e-6
) -> Fit | Undefined:
    """The coefficients under which the counts are likeliest, by reweighted least squares.

    Args:
        periods: the counts.
        design: what each cell is made of; shape (cells, d).
        link: ``cloglog``: the log of the hazard is linear; ``log``: the log of the rate is (Poisson).
        pull: ridge towards 0 that keeps a coefficient finite which the counts say nothing of.

    Returns:
        The fit; `Undefined` where there were no events, or nothing but events, or no end after 100 rounds.

    >>> seen = Periods(count=np.array([1000, 1000]), events=np.array([10, 27]))
    >>> fit = fitted(seen, design=[[1, 0], [1, 1]])
    >>> fit.coefficients.round(3).tolist()  # log(-log(0.99)), and what 0.973 adds
    [-4.6, 1.002]
    """
    x = np.asarray(design, dtype=np.float64)
    n, y = periods.count.astype(np.float64), periods.events.astype(np.float64)
    if x.ndim != 2 or len(x) != n.size:
        raise Misuse.say(where="person-periods", what="the design has other cells than the counts", do="one row each")
    if y.sum() <= 0 or (link == "cloglog" and (n - y).sum() <= 0):
        return Undefined("no event was seen, or nothing else: a hazard cannot be told from that")
    there = n > 0
    x, n, y = x[there], n[there], y[there]
    line: Floats = np.full(n.size, np.log(max(y.sum() / n.sum(), 1e-12)))
    found = np.zeros(x.shape[1])
    for _ in range(100):
        weight, target = _working(line, n=n, y=y, link=link)
        normal = x.T @ (weight[:, None] * x) + pull * np.eye(x.shape[1])
        now: Floats = np.linalg.solve(normal, x.T @ (weight * target)).astype(np.float64)
        if np.abs(now - found).max() < 1e-10:
            return Fit(coefficients=now, errors=np.sqrt(np.diag(np.linalg.inv(normal))).astype(np.float64))
        found, line = now, np.clip(x @ now, -30, 3 if link == "cloglog" else 30)
    return Undefined("the counts do not settle on coefficients: look at cells with no events")


def _working(line: Floats, *, n: Floats, y: Floats, link: str) -> tuple[Floats, Floats]:
    """Weights and working response of one round."""
    rate = np.exp(line)
    if link == "log":
        return n * rate, line + (y / n - rate) / rate
    share = np.clip(-np.expm1(-rate), 1e-12, 1 - 1e-12)
    slope = np.maximum(rate * np.exp(-rate), 1e-12)
    return n * slope**2 / (share * (1 - share)), line + (y / n - share) / slope
