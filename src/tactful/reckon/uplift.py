"""What sums of features and outcomes say of coefficients: as they were told, or told against left alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tactful.words.errors import Misuse

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Sums over rows (x, y) in real units; what `dated.read` gives. Stability: full.

    Attributes:
        count: rows, each at its weight.
        xx: sum of x x'; shape (d, d).
        xy: sum of x y; shape (d,).
        yy: sum of y squared.
    """

    count: float
    xx: Floats
    xy: Floats
    yy: float

    def __post_init__(self) -> None:
        if self.xx.shape != (self.xy.size, self.xy.size) or self.count < 0:
            raise ValueError(f"shapes {self.xx.shape} and {self.xy.shape} are not those of one width")

    @classmethod
    def none(cls, width: int) -> Sums:
        """The sums over no rows.

        >>> Sums.none(2).count
        0.0
        """
        return cls(count=0.0, xx=np.zeros((width, width)), xy=np.zeros(width), yy=0.0)

    def __add__(self, other: Sums) -> Sums:
        """Both together."""
        return Sums(count=self.count + other.count, xx=self.xx + other.xx, xy=self.xy + other.xy, yy=self.yy + other.yy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What people left alone are expected to bring, before their own sums. Stability: full.

    Attributes:
        mean: coefficients; shape (d,).
        rows: how many rows like those of the sums that expectation is worth.
    """

    mean: Floats
    rows: float

    def __post_init__(self) -> None:
        if self.rows < 0:
            raise ValueError("a baseline is worth no negative number of rows")


def residual(groups: list[Sums], *, prior: float, worth: float) -> float:
    """Variance of one outcome around a line through each group's own rows; the prior's counts as `worth` rows.

    Args:
        groups: sums, each fitted by itself.
        prior: variance expected, in the outcome's unit squared.
        worth: rows that expectation is worth; above 0.

    >>> rows = Sums(count=4, xx=np.array([[4.0]]), xy=np.array([8.0]), yy=20.0)  # 1, 1, 3, 3
    >>> residual([rows], prior=1.0, worth=1.0)  # (4 + 1) / (3 + 1)
    1.25
    """
    if not (prior > 0 and worth > 0):
        raise Misuse.say(where="residual", what="no variance is expected", do="state a prior variance above 0")
    left, freedom = prior * worth, worth
    for sums in groups:
        if sums.count > 0:
            fitted = np.linalg.lstsq(sums.xx, sums.xy, rcond=None)
            left += max(0.0, sums.yy - float(fitted[0] @ sums.xy))
            freedom += max(0.0, sums.count - float(fitted[2]))
    return left / freedom


def alone(sums: Sums, *, variance: float) -> tuple[Floats, Floats]:
    """Information and weighted outcomes of rows that have nothing to be held against.

    Args:
        sums: of those told.
        variance: of one outcome.
    """
    return sums.xx / variance, sums.xy / variance


def against(told: Sums, left: Sums, *, variance: float, baseline: Baseline | None = None) -> tuple[Floats, Floats]:
    """Information and weighted outcomes of the difference being told makes, the baseline integrated out.

    ``y = x'beta + t x'tau``: with G and s the sums of the told (1) and those left alone (0), and R and m the precision
    and mean of the baseline, tau has information ``G1 - G1 (G1 + G0 + R)^-1 G1`` and weighted outcomes
    ``s1 - G1 (G1 + G0 + R)^-1 (s1 + s0 + R m)``. Of one feature that is 1 this is the difference of two means.

    Args:
        told: of those who were told.
        left: of those who would have been told and were held out.
        variance: of one outcome.
        baseline: what those left alone are expected to bring; nothing is expected when left out.

    Returns:
        Shapes (d, d) and (d,).

    >>> one = Sums(count=4, xx=np.array([[4.0]]), xy=np.array([8.0]), yy=20.0)
    >>> two = Sums(count=4, xx=np.array([[4.0]]), xy=np.array([2.0]), yy=2.0)
    >>> information, weighted = against(one, two, variance=1.0)  # 2 - 0.5, worth 4 * 4 / 8 rows
    >>> information.tolist(), (weighted / information[0]).tolist()
    ([[2.0]], [1.5])
    """
    both, right = told.xx + left.xx, told.xy + left.xy
    if baseline is not None and (rows := told.count + left.count) > 0:
        ridge = both * (baseline.rows / rows)
        both, right = both + ridge, right + ridge @ baseline.mean
    share = told.xx @ np.linalg.pinv(both, hermitian=True)
    information = told.xx - share @ told.xx
    return (information + information.T) / (2 * variance), (told.xy - share @ right) / variance
