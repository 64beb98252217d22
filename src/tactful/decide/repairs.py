"""What limits over all customers changed about what was drawn: who gets what instead, why, and how likely it was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tactful.reckon.chance import BITS, WHOLE

Whole = NDArray[np.int64]

_HALF = BITS // 2
_LOW = (1 << _HALF) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Repairs:
    """One entry per row of `inputs`, in their order; all shape (n,). Stability: caller.

    Attributes:
        why: code of the first reason that the row is given; 0 where the draw stands and nothing else counts.
        arm: what they get, by its number among all arms.
        by: place in `decided.DRAWN`.
        group: of a tie, which group of those worth the same; -1 elsewhere.
        ghost: number of the arm that a limit took away; -1 where none did.
        propensity: the propensity as it was stored, where a stored run is taken as it is; -1 elsewhere.
        split: by group, how likely each arm of the kind was given in units of 2^-52; shape (groups, k).
    """

    why: Whole
    arm: Whole
    by: NDArray[np.int8]
    group: Whole
    ghost: Whole
    propensity: Whole
    split: Whole

    @classmethod
    def none(cls, arm: Whole, *, by: int) -> Repairs:
        """Every draw as it stands."""
        nothing = np.full(arm.size, -1, dtype=np.int64)
        return cls(
            why=np.zeros(arm.size, dtype=np.int64), arm=arm.copy(), by=np.full(arm.size, by, dtype=np.int8),
            group=nothing, ghost=nothing.copy(), propensity=nothing.copy(), split=np.zeros((0, 0), dtype=np.int64),
        )  # fmt: skip

    def slice(self, start: int, stop: int) -> Repairs:
        """Some rows of it."""
        part = slice(start, stop)
        return Repairs(
            why=self.why[part], arm=self.arm[part], by=self.by[part], group=self.group[part],
            ghost=self.ghost[part], propensity=self.propensity[part], split=self.split,
        )  # fmt: skip


def product(share: Whole, odds: Whole) -> Whole:
    """Two probabilities in units of 2^-52 multiplied and rounded down, in whole numbers.

    >>> product(np.array([1 << 51]), np.array([1 << 51]))[0] == 1 << 50
    np.True_
    """
    high, low = share >> _HALF, share & _LOW
    above, below = odds >> _HALF, odds & _LOW
    found: Whole = high * above + ((high * below + low * above + ((low * below) >> _HALF)) >> _HALF)
    return found


def deployed(shares: Whole, *, best: Whole, split: Whole) -> Whole:
    """How likely each arm was where who drew the best arm is given one by a second draw among those worth the same.

    Args:
        shares: of the first draw, units of 2^-52; shape (n, k).
        best: the arm that is split, by its place; shape (n,).
        split: of the second draw; shape (n, k).

    Returns:
        Units of 2^-52; every row adds up to 2^52, what rounding leaves going to the likeliest arm.

    >>> half = 1 << 51
    >>> deployed(np.array([[half, half, 0]]), best=np.array([0]), split=np.array([[half, 0, half]])) / 2**52
    array([[0.25, 0.5 , 0.25]])
    """
    here = np.arange(best.size)
    found = shares.copy()
    found[here, best] = 0
    found += product(shares[here, best][:, None], split)
    found[here, found.argmax(axis=1)] += WHOLE - found.sum(axis=1)
    return found
