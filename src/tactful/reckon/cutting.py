"""Cutting planes: what all passes so far prove about the dual, and where near the best point it could be lowest."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowest:
    """Where the planes allow the dual to be lowest, and how low. Stability: internal."""

    prices: Whole
    bound: float


@dataclass(slots=True, kw_only=True)
class Cuts:
    """Planes below the dual, one from each pass. Stability: internal.

    Attributes:
        top: the highest price of each limit.
        planes: prices, bound and slack of each pass.
    """

    top: Whole
    planes: list[tuple[Whole, int, Whole]] = field(default_factory=list)

    @classmethod
    def of(cls, top: Whole) -> Cuts:
        """No planes yet."""
        return cls(top=top)

    def add(self, prices: Whole, *, bound: int, slack: Whole) -> None:
        """The plane that a pass gives: its bound, and slack as its slope."""
        self.planes.append((prices, bound, slack))

    def lowest(self, centre: Whole, *, reach: Real) -> Lowest | None:
        """The lowest point of the planes within reach of a centre, or None where the programme has no answer.

        Args:
            centre: the best prices so far.
            reach: how far each price may stray; shape (limits,).
        """
        from scipy.optimize import linprog

        level = min(bound for _, bound, _ in self.planes)
        height = float(max(1, level))
        rows, right = [], []
        for prices, bound, slack in self.planes:
            # height * t >= bound - level + slack · (centre + reach z - prices)
            offset = sum(int(s) * int(c - p) for s, c, p in zip(slack, centre, prices, strict=True))
            rows.append(np.append(slack * reach / height, -1.0))
            right.append(-(bound - level + offset) / height)
        lowest = np.maximum(-1.0, -centre / reach)
        highest = np.minimum(1.0, (self.top - centre) / reach)
        bounds = [*zip(lowest, np.maximum(highest, lowest), strict=True), (None, None)]
        found = linprog(
            np.append(np.zeros(centre.size), 1.0), A_ub=np.array(rows), b_ub=np.array(right), bounds=bounds,
            method="highs-ds",
        )  # fmt: skip
        if found.status != 0:
            return None
        prices = np.clip(centre + np.rint(found.x[:-1] * reach).astype(np.int64), 0, self.top)
        return Lowest(prices=prices, bound=level + float(found.x[-1]) * height)
