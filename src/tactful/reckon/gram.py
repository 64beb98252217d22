"""Exact integer sums of features and outcomes: added in any order, subtracted to erase, the same bits always."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tactful.reckon.exact import COEFFICIENT_LIMIT, FEATURE_LIMIT
from tactful.words.errors import Misuse

OUTCOME_LIMIT: Final = COEFFICIENT_LIMIT
_BLOCK: Final = 4096
"""Rows whose products of two features sum below 2^53, so that a float64 product of the block is exact."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gram:
    """Sums over rows (x, y) of fixed-point integers. Stability: full.

    Attributes:
        count: rows; negative never.
        x: sum of x; int64, shape (d,).
        y: sum of y.
        xx: sum of x x'; int64, shape (d, d).
        xy: sum of x y; int64, shape (d,).
        yy: sum of y squared.
    """

    count: int
    x: Ints
    y: int
    xx: Ints
    xy: Ints
    yy: int

    def __post_init__(self) -> None:
        width = self.x.shape[0]
        if self.xx.shape != (width, width) or self.xy.shape != (width,):
            raise ValueError(f"shapes {self.x.shape}, {self.xx.shape}, {self.xy.shape} are not those of one width")
        if self.count < 0 or self.yy < 0 or (np.diagonal(self.xx) < 0).any():
            raise ValueError("a count or a sum of squares is negative: something was erased that had not been added")
        if max(abs(self.y), self.yy) >= 1 << 63:
            raise ValueError("a sum of outcomes passes int64: keep sums by day or by month")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Gram):
            return NotImplemented
        return (self.count, self.y, self.yy) == (other.count, other.y, other.yy) and all(
            np.array_equal(a, b) for a, b in ((self.x, other.x), (self.xx, other.xx), (self.xy, other.xy))
        )

    def __hash__(self) -> int:
        return hash((self.count, self.y, self.yy, self.x.tobytes(), self.xx.tobytes(), self.xy.tobytes()))

    @classmethod
    def empty(cls, width: int) -> Self:
        """The sums over no rows.

        >>> Gram.empty(2).count
        0
        """
        none = np.zeros(width, dtype=np.int64)
        return cls(count=0, x=none, y=0, xx=np.zeros((width, width), dtype=np.int64), xy=none.copy(), yy=0)


def lift(features: ArrayLike, outcomes: ArrayLike) -> Gram:
    """The sums over some rows.

    Args:
        features: whole numbers of magnitude at most 2^20; shape (n, d).
        outcomes: whole numbers of magnitude at most 2^24; shape (n,).

    Raises:
        Misuse: a number breaks its limit, or a sum would pass int64.

    >>> sums = lift([[1, 2], [3, -1]], [10, 1])
    >>> sums.xx.tolist(), sums.xy.tolist(), sums.yy
    ([[10, -1], [-1, 5]], [13, 19], 101)
    """
    x = np.asarray(features)
    y = np.asarray(outcomes)
    if x.ndim != 2 or y.shape != x.shape[:1]:
        raise Misuse.say(where="gram", what=f"shapes {x.shape} and {y.shape} do not meet", do="give (n, d) and (n,)")
    _within("features", x, limit=FEATURE_LIMIT)
    _within("outcomes", y, limit=OUTCOME_LIMIT)
    total = Gram.empty(x.shape[1])
    for start in range(0, x.shape[0], _BLOCK):
        total = merge(total, _block(x[start : start + _BLOCK], y[start : start + _BLOCK]))
    return total


def _within(name: str, numbers: NDArray[np.generic], *, limit: int) -> None:
    real = numbers.astype(np.float64)
    if not ((np.abs(real) <= limit) & (real == np.rint(real))).all():
        raise Misuse.say(where=f"gram, {name}", what=f"not a whole number within ±{limit}", do="use exact.quantise")


def _block(features: NDArray[np.generic], outcomes: NDArray[np.generic]) -> Gram:
    real = features.astype(np.float64)
    x, y = features.astype(np.int64), outcomes.astype(np.int64)
    return Gram(
        count=x.shape[0],
        x=x.sum(axis=0),
        y=int(y.sum()),
        xx=(real.T @ real).astype(np.int64),
        xy=y @ x,
        yy=int(y @ y),
    )


def merge(a: Gram, b: Gram) -> Gram:
    """Both together; the order never matters.

    Raises:
        Misuse: the widths differ, or a sum would pass int64.

    >>> merge(lift([[1]], [2]), lift([[3]], [4])) == lift([[3], [1]], [4, 2])
    True
    """
    return _joined(a, b, sign=1)


def erase(a: Gram, b: Gram) -> Gram:
    """The sums as if the rows of b had never been added.

    Raises:
        Misuse: b holds more rows than a, or something that a never held.

    >>> erase(lift([[1], [3]], [2, 4]), lift([[3]], [4])) == lift([[1]], [2])
    True
    """
    if b.count > a.count:
        raise Misuse.say(where="gram", what=f"{b.count} rows to erase from {a.count}", do="erase only what was added")
    return _joined(a, b, sign=-1)


def _joined(a: Gram, b: Gram, *, sign: int) -> Gram:
    if a.x.shape != b.x.shape:
        raise Misuse.say(
            where="gram", what=f"widths {a.x.shape[0]} and {b.x.shape[0]} differ", do="use sums of one feature set"
        )
    try:
        return Gram(
            count=a.count + sign * b.count,
            x=_added(a.x, sign * b.x),
            y=a.y + sign * b.y,
            xx=_added(a.xx, sign * b.xx),
            xy=_added(a.xy, sign * b.xy),
            yy=a.yy + sign * b.yy,
        )
    except ValueError as error:
        raise Misuse.say(where="gram", what=str(error), do="look at which rows these sums are of") from error


def _added(a: Ints, b: Ints) -> Ints:
    total = a + b
    if (((a ^ total) & (b ^ total)) < 0).any():
        raise ValueError("a sum passes int64: keep sums by day or by month")
    return total
