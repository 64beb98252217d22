"""Decay weights as a table of integers by age in days, so that a decayed sum is exact and the same everywhere."""

from decimal import Context, Decimal, localcontext
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tactful.words.errors import Misuse

ONE: Final = 1 << 30
"""The weight of today: weights are in units of 2^-30."""


@lru_cache(maxsize=64)
def _weights(half_life_days: int) -> tuple[int, ...]:
    if half_life_days < 1:
        raise Misuse.say(where="decay", what=f"half-life of {half_life_days} days", do="give whole days, at least 1")
    weights = []
    with localcontext(Context(prec=60)):
        step = Decimal(2) ** (Decimal(-1) / half_life_days)
        exact = Decimal(ONE)
        while exact >= Decimal("0.5"):
            weights.append(int(exact.to_integral_value(rounding="ROUND_HALF_EVEN")))
            exact *= step
    while weights and weights[-1] == 0:
        weights.pop()
    return tuple(weights)


def table(half_life_days: int) -> NDArray[np.int64]:
    """Weight of an event by its age in whole days, in units of 2^-30; older than the table is weight 0.

    Worked out in decimal arithmetic with 60 digits, so no processor's power function has a say.

    Args:
        half_life_days: days after which an event counts half; at least 1.

    >>> table(1)[:4].tolist() == [2**30, 2**29, 2**28, 2**27]
    True
    >>> table(90)[[0, 1, 90, 180]].tolist()
    [1073741824, 1065504019, 536870912, 268435456]
    """
    return np.array(_weights(half_life_days), dtype=np.int64)


def weights(ages_days: ArrayLike, *, half_life_days: int) -> NDArray[np.int64]:
    """Weights of many events, in units of 2^-30.

    Args:
        ages_days: whole days between the event's day and the day of reading; never negative; any shape.
        half_life_days: days after which an event counts half.

    Raises:
        Misuse: an age is negative: an event of tomorrow cannot be read today.

    >>> weights([0, 1, 10_000], half_life_days=1).tolist()
    [1073741824, 536870912, 0]
    """
    ages = np.asarray(ages_days, dtype=np.int64)
    if (ages < 0).any():
        raise Misuse.say(where="decay", what="an age is negative", do="read facts as of a time after their events")
    known = np.append(table(half_life_days), 0)
    return known[np.minimum(ages, known.size - 1)]
