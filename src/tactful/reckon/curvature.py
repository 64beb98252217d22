"""How fast use answers prices: counted on customers who are nearly undecided, and the Newton step it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tactful.reckon import compiled
from tactful.reckon.hard_pass import Pass
from tactful.reckon.limits import SHIFT, Limits

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

_SWEEPS: Final = 300
_AS_MANY: Final = 1000
"""Numbers of a table that NumPy goes over while it sweeps once over an entry of the matrix, by and large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curvature:
    """By how much use of each limit falls when the price of another rises by a unit of worth. Stability: internal.

    Attributes:
        matrix: symmetric, not negative; float64, shape (limits, limits).
        floor: what is added to the diagonal so that a step stays finite; shape (limits,).
    """

    matrix: Real
    floor: Real


def curvature(seen: Pass, *, limits: Limits, width: int) -> Curvature:
    """From the customers near an edge: each would change arms within the width, on either side."""
    near = (seen.near + seen.near.T) / (2.0 * width)
    arms = near.shape[0]
    m, owns = limits.most.size, seen.own.size
    use = np.zeros((m, arms))
    use[:, 1:] = limits.use
    laplacian = np.where(np.eye(arms, dtype=np.bool_), near.sum(axis=1)[:, None] - near, -near)
    spread = _product(_product(use, laplacian), use.T)
    for place in range(owns):
        row = m - owns + place
        flow = seen.cross[place].sum(axis=1) - seen.cross[place].sum(axis=0)
        spread[row] = spread[:, row] = (use * flow[None, :]).sum(axis=1) / (2.0 * width)
    if owns:
        spread[m - owns :, m - owns :] = seen.square / (2.0 * width)
    weight = float(near.sum()) / max(1, arms)
    floor = 1e-3 * spread.diagonal() + 1e-6 * (weight + 1e-9) * np.maximum(1.0, (use * use).max(axis=1))
    return Curvature(matrix=spread, floor=floor)


def newton_step(bend: Curvature, *, slack: Whole, prices: Whole, top: Whole) -> tuple[Real, float]:
    """The step that minimises slope and curvature within the bounds of prices.

    Returns:
        The step in 2^-20 units, and by how much the bound should fall, in the same units as the bound.
    """
    scale = np.sqrt(bend.matrix.diagonal() + bend.floor)
    lowest, highest = -prices / float(1 << SHIFT) * scale, (top - prices) / float(1 << SHIFT) * scale
    matrix = (bend.matrix + np.diag(bend.floor)) / scale[:, None] / scale[None, :]
    slope = slack / scale
    sweep = compiled.loop(_sweep) if compiled.pays(_AS_MANY * matrix.size) else _sweep_plainly
    step = sweep(matrix, slope, lowest, highest, _SWEEPS)
    promised = -(float((slope * step).sum()) + 0.5 * float((step * _product(matrix, step[:, None])[:, 0]).sum()))
    unscaled: Real = step / scale * float(1 << SHIFT)
    return unscaled, promised * (1 << SHIFT)


def _sweep(  # noqa: PLR0917  # a compiled loop takes arrays, in their order
    matrix: Any, slope: Any, lowest: Any, highest: Any, sweeps: Any
) -> Any:  # Any: arrays in a compiled loop
    """Coordinate by coordinate to the lowest point of a quadratic in a box; the diagonal is 1."""
    m = slope.size
    step, rest = np.zeros(m), slope.copy()
    for _ in range(sweeps):
        largest = 0.0
        for k in range(m):
            moved = min(max(step[k] - rest[k], lowest[k]), highest[k]) - step[k]
            if moved != 0.0:
                step[k] += moved
                for j in range(m):
                    rest[j] += matrix[j, k] * moved
                largest = max(largest, abs(moved))
        if largest <= 1e-7 * (1e-12 + np.abs(step).max()):
            break
    return step


def _sweep_plainly(  # noqa: PLR0917  # as the loop takes them
    matrix: Real, slope: Real, lowest: Real, highest: Real, sweeps: int
) -> Real:
    step, rest = np.zeros(slope.size), slope.copy()
    low, high = lowest.tolist(), highest.tolist()
    for _ in range(sweeps):
        largest = 0.0
        for k in range(slope.size):
            now = float(step[k])
            moved = min(max(now - float(rest[k]), low[k]), high[k]) - now
            if moved != 0.0:
                step[k] += moved
                rest += matrix[:, k] * moved
                largest = max(largest, abs(moved))
        if largest <= 1e-7 * (1e-12 + float(np.abs(step).max())):
            break
    return step


def _product(left: Real, right: Real) -> Real:
    """A matrix product in a fixed order of additions, so that its bits do not depend on the library beneath."""
    found = np.zeros((left.shape[0], right.shape[1]))
    for place in range(left.shape[1]):
        found += left[:, place, None] * right[None, place]
    return found
