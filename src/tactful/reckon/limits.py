"""Limits that couple customers: at most so much of each resource, or at least so much where that was promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tactful.words.errors import Misuse

SHIFT: Final = 20
"""Prices are whole numbers in units of 2^-20 of the worth's unit, so that cheap units can have a price."""
WHOLE_PRICE: Final = 1 << SHIFT

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Rows of ``use · x <= most``; a least amount is a row with both sides turned. Stability: caller.

    Attributes:
        names: of the resources.
        use: what one decision for an arm takes; int64, shape (limits, arms). Rows whose use differs by customer come
            last, in the order of `Worth.own`, and are 0 here.
        most: how much there is; int64, shape (limits,).
        top: the highest price of each row in 2^-20 units of worth; -1 for none. A least amount has one: what a unit
            that is missing costs, so that an impossible promise is reported instead of having no answer.
    """

    names: tuple[str, ...]
    use: Whole
    most: Whole
    top: Whole

    def __post_init__(self) -> None:
        m = len(self.names)
        if self.use.ndim != 2 or self.use.shape[0] != m or self.most.shape != (m,) or self.top.shape != (m,):
            raise Misuse.say(where="limits", what="names, use and most do not meet", do="give one row to each resource")

    @classmethod
    def of(cls, use: Whole, *, most: Whole, names: tuple[str, ...] | None = None) -> Limits:
        """Limits that are all upper bounds.

        >>> Limits.of(np.array([[1, 1]]), most=np.array([10])).names
        ('0',)
        """
        m = use.shape[0]
        said = names or tuple(str(place) for place in range(m))
        return cls(names=said, use=use.astype(np.int64), most=most.astype(np.int64), top=np.full(m, -1, dtype=np.int64))

    def and_least(self, name: str, *, use: Whole, least: int, penalty: int) -> Limits:
        """These and one least amount; call it before rows that differ by customer are named.

        Args:
            name: of the promise.
            use: what one decision for an arm counts towards it; shape (arms,).
            least: how much was promised.
            penalty: what each unit that is missing costs, in the unit of worth.
        """
        return Limits(
            names=(*self.names, name),
            use=np.concatenate([self.use, -use[None, :].astype(np.int64)]),
            most=np.append(self.most, -least),
            top=np.append(self.top, penalty << SHIFT),
        )

    def price_of_arms(self, prices: Whole) -> Whole:
        """What each arm costs at these prices, rounded down, so that the bound made of it stays one; shape (arms,)."""
        cost = np.zeros(self.use.shape[1], dtype=np.int64)
        for use, price in zip(self.use, prices, strict=True):
            cost += use * price
        return cost >> SHIFT
