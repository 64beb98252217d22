"""A surrogate index: what slow outcomes are expected to be, from fast signals, fitted on cohorts that have matured.

"No order yet" is not "no order": rows whose outcome is still out count with what their fast signals foretell, and with
the outcome itself once it is there. The index is linear, so it is applied to sums and never to rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tactful.reckon.uplift import Sums
from tactful.words.errors import Misuse
from tactful.words.estimate import Undefined

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """E[outcome | features, fast signals], as a line. Stability: full.

    Attributes:
        weights: of the features, then of the signals; shape (d + m,).
        width: how many of them are features.
        share: of the outcome's variance that it foretells, in [0, 1].
        left: variance of one outcome around it.
    """

    weights: Floats
    width: int
    share: float
    left: float

    @property
    def signals(self) -> int:
        """How many fast signals it reads."""
        return int(self.weights.size) - self.width


def fit(ripe: Sums, *, width: int, ridge: float = 1.0) -> Index | Undefined:
    """The index of a matured cohort.

    Args:
        ripe: sums of (features, signals) and outcome over rows that have matured.
        width: how many columns are features; the rest are signals.
        ridge: rows' worth of pull of each signal's weight towards 0; features are not pulled but for a trace.

    Returns:
        The index, or `Undefined` where no more rows have matured than it has weights.

    Reference: Athey, Chetty, Imbens & Kang (2019), "The surrogate index".

    >>> x = np.array([[1.0, 0], [1, 0], [1, 1], [1, 1]])
    >>> y = np.array([0.0, 0, 4, 4])
    >>> found = fit(Sums(count=4, xx=x.T @ x, xy=x.T @ y, yy=float(y @ y)), width=1, ridge=1e-9)
    >>> found.weights.round(6).tolist(), round(found.share, 6)
    ([0.0, 4.0], 1.0)
    """
    total = ripe.xy.size
    if not 0 < width < total:
        raise Misuse.say(where="surrogate", what=f"{width} features of {total} columns", do="give at least one signal")
    if ripe.count <= total:
        return Undefined(f"{ripe.count:g} rows have matured, and the index has {total} weights")
    pull = np.full(total, 1e-9 * max(float(np.trace(ripe.xx)), 1e-300) / total)
    means = np.diagonal(ripe.xx)[width:] / ripe.count
    pull[width:] += ridge * means
    weights = np.asarray(np.linalg.solve(ripe.xx + np.diag(pull), ripe.xy), dtype=np.float64)
    left = max(0.0, ripe.yy - 2 * float(weights @ ripe.xy) + float(weights @ ripe.xx @ weights))
    plain = _left_without(ripe, width=width)
    share = min(max(1 - left / plain, 0.0), 1.0) if plain > 0 else 0.0
    return Index(weights=weights, width=width, share=share, left=left / max(ripe.count - total, 1.0))


def _left_without(ripe: Sums, *, width: int) -> float:
    """What features alone leave of the outcome."""
    solved = np.linalg.lstsq(ripe.xx[:width, :width], ripe.xy[:width], rcond=None)[0]
    return max(0.0, ripe.yy - float(solved @ ripe.xy[:width]))


def ripened(young: Sums, index: Index) -> Sums:
    """Sums of features and foretold outcome over rows that have not matured; their own outcomes are not looked at.

    Args:
        young: sums of (features, signals) over those rows.
        index: from a matured cohort.

    >>> index = Index(weights=np.array([0.0, 4.0]), width=1, share=1.0, left=0.0)
    >>> x = np.array([[1.0, 1], [1, 0]])
    >>> ripened(Sums(count=2, xx=x.T @ x, xy=np.zeros(2), yy=0.0), index).xy.tolist()
    [4.0]
    """
    if young.xy.size != index.weights.size:
        raise Misuse.say(where="surrogate", what="the sums are of other columns than the index", do="use one map")
    d = index.width
    foretold = young.xx @ index.weights
    return Sums(
        count=young.count,
        xx=young.xx[:d, :d],
        xy=foretold[:d],
        yy=float(index.weights @ foretold) + index.left * young.count,
    )


def plain(sums: Sums, *, width: int) -> Sums:
    """The same rows without their signals.

    Args:
        sums: of (features, signals).
        width: how many columns are features.
    """
    return Sums(count=sums.count, xx=sums.xx[:width, :width], xy=sums.xy[:width], yy=sums.yy)
