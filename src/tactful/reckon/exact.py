"""Fixed-point numbers whose products and sums are exact in float64, in any order, block size or processor.

Every number is an integer. Features are at most 2^20 in magnitude, coefficients at most 2^24, and the coefficients of
one arm sum to less than 2^33 in magnitude; so every partial sum of a product is an integer below 2^53, which float64
holds exactly, however BLAS orders or fuses the additions. (Plain float products differ in most cells between one-row
and many-row calls; measured.)
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tactful.words.errors import Misuse

FEATURE_LIMIT: Final = 1 << 20
COEFFICIENT_LIMIT: Final = 1 << 24
SUM_LIMIT: Final = 1 << 53
WIDEST: Final = SUM_LIMIT // (FEATURE_LIMIT * COEFFICIENT_LIMIT) - 1
"""Most features for which the limits alone guarantee exact scores: 511."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantised:
    """Fixed-point integers, and what fixing them cost. Stability: full.

    Attributes:
        values: int64, the shape that was given; one unit is 1 / scale.
        scale: units in 1.0.
        clipped: how many values lay beyond the limit and were brought to it.
    """

    values: NDArray[np.int64]
    scale: int
    clipped: int


def quantise(values: ArrayLike, *, scale: int, limit: int = FEATURE_LIMIT) -> Quantised:
    """Real numbers as integers in units of 1 / scale, rounded half to even and clipped at the limit.

    Args:
        values: finite real numbers; any shape.
        scale: units in 1.0; positive.
        limit: largest magnitude allowed, in units; `FEATURE_LIMIT` or `COEFFICIENT_LIMIT`.

    Raises:
        Misuse: a value is not finite: a value that does not exist must not become a number here.

    >>> fixed = quantise([0.5, -1.25, 9e9], scale=1024)
    >>> fixed.values.tolist(), fixed.clipped
    ([512, -1280, 1048576], 1)
    """
    if scale < 1 or not 0 < limit < SUM_LIMIT:
        raise Misuse.say(where="quantise", what=f"scale {scale} or limit {limit} is out of range", do="use whole units")
    real = np.asarray(values, dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(real))
    if bad.size:
        raise Misuse.say(
            where=f"quantise, position {bad[0]}",
            what=f"{bad.size} of {real.size} values are not finite",
            do="leave values that do not exist out, or give them a missing-value feature of their own",
        )
    units = np.rint(real * scale)
    beyond = np.abs(units) > limit
    return Quantised(
        values=np.clip(units, -limit, limit).astype(np.int64), scale=scale, clipped=int(np.count_nonzero(beyond))
    )


def check_width(width: int) -> None:
    """That scores over this many features are exact whatever the coefficients, within their limit.

    Raises:
        Misuse: more than 511 features; `scores` may still prove a given set of coefficients exact.

    >>> check_width(511)
    >>> check_width(512)
    Traceback (most recent call last):
        ...
    tactful.words.errors.Misuse: kernel: 512 features at 2^20 times coefficients at 2^24 may pass 2^53. Use at most 511.
    """
    if width > WIDEST:
        raise Misuse.say(
            where="kernel",
            what=f"{width} features at 2^20 times coefficients at 2^24 may pass 2^53",
            do=f"use at most {WIDEST}",
        )


def _whole(name: str, numbers: ArrayLike, *, limit: int) -> NDArray[np.float64]:
    given = np.asarray(numbers)
    real = given.astype(np.float64)
    if real.size and not (np.abs(real) <= limit).all():
        raise Misuse.say(where=name, what=f"a value is beyond {limit} in magnitude, or not a number", do="quantise it")
    if given.dtype.kind == "f" and not np.array_equal(real, np.rint(real)):
        raise Misuse.say(where=name, what="a value is not a whole number", do="quantise it")
    return real


def scores(features: ArrayLike, coefficients: ArrayLike) -> NDArray[np.int64]:
    """Exact score of every arm for every row: the integer product, computed by BLAS.

    Args:
        features: whole numbers of magnitude at most 2^20; shape (n, d).
        coefficients: whole numbers of magnitude at most 2^24, one row per arm; shape (k, d).

    Returns:
        int64, shape (n, k), equal to the product over Python integers; one row alone gives the same bits.

    Raises:
        Misuse: a number breaks its limit, or an arm's coefficients are together too large for an exact sum.

    >>> scores([[3, -2], [1, 0]], [[10, 1], [0, 5], [7, 7]]).tolist()
    [[28, -10, 7], [10, 0, 7]]
    """
    left = _whole("features", features, limit=FEATURE_LIMIT)
    right = _whole("coefficients", coefficients, limit=COEFFICIENT_LIMIT)
    if left.ndim != 2 or right.ndim != 2 or left.shape[1] != right.shape[1]:
        raise Misuse.say(
            where="scores", what=f"shapes {left.shape} and {right.shape} do not meet", do="give (n, d) and (k, d)"
        )
    reach = np.abs(right).sum(axis=1)
    too_far = np.flatnonzero(reach * FEATURE_LIMIT >= SUM_LIMIT)
    if too_far.size:
        raise Misuse.say(
            where=f"coefficients of arm {too_far[0]}",
            what=f"they sum to {int(reach[too_far[0]])} in magnitude, and a score may pass 2^53",
            do=f"keep the sum below {SUM_LIMIT // FEATURE_LIMIT}: use a smaller scale or fewer features",
        )
    return (left @ right.T).astype(np.int64)
