"""A certificate for a set of open variants: nothing can bring more than this, however it was found.

For any reserve ``u_i >= 0`` of each customer, nothing brings more than
``sum_i u_i + sum_v max(0, sum_i max(0, s_iv - u_i) - F_v)``: the dual of the strong linear relaxation. Good reserves
come from cutting planes over the 40 or so shares y_v in which variants are open (Fischetti, Ljubic & Sinnl 2017,
"Redesigning Benders decomposition for large-scale facility location", with in-out points); where there are very many
customers the planes are found on some of them, and their mixture is then applied to all. The bound itself is always
summed in whole numbers over everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tactful.reckon.facility import Chosen, Part, Whole, costs_of, thinned

ROUNDS: Final = 400
INWARDS: Final = 0.4
"""How far from the best shares known towards the master's the next plane is asked for."""
SHARE: Final = 1 << 20
"""Units in a share of 1."""
BLOCK: Final = 8_192
CLOSE: Final = 1e-10
NEAR: Final = 1e-7
"""How close planes come to what they promise before no more are asked for; on a sample, more would be idle."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What cannot be passed. Stability: caller.

    Attributes:
        most: no set of variants brings more, its costs taken off; in the unit of worth.
        rounds: how many cutting planes were asked for.
    """

    most: int
    rounds: int

    def gap(self, chosen: Chosen) -> float:
        """How much more there could be, as a share of the bound; 0 proves that nothing is better."""
        return (self.most - chosen.value) / max(1, abs(self.most))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planes:
    """Cutting planes: with shares y open, nobody brings more than ``floor + slope . y``."""

    shares: list[Whole]
    floor: list[float]
    slope: list[Floats]

    def add(self, shares: Whole, *, floor: int, slope: Whole) -> None:
        self.shares.append(shares)
        self.floor.append(float(floor))
        self.slope.append(slope.astype(np.float64))


def bounded(parts: Sequence[Part], *, cost: ArrayLike, chosen: Chosen, rounds: int = ROUNDS, workers: int = 1) -> Bound:
    """The most that any set of variants can bring.

    It is true whatever the planes are; how close it comes to the linear relaxation depends on them. With at most
    `facility.SAMPLE` kinds of customers it is the relaxation's own value to one unit, unless the rounds run out.

    Args:
        parts: the customers.
        cost: fixed cost of each variant; shape (m,).
        chosen: a good answer: where the search begins, and where it may stop.
        rounds: most cutting planes.
        workers: how many parts are looked at at once; it changes no bit of the answer.

    >>> from tactful.reckon.facility import choose
    >>> part = Part.of([[9, 8], [9, 8], [1, 8]])
    >>> bounded([part], cost=[5, 5], chosen=choose([part], cost=[5, 5])).most
    19
    """
    fixed = costs_of(parts, cost=cost)
    total = sum(float(part.worth.max(axis=0, initial=0).astype(np.float64) @ part.people) for part in parts)
    finer = max(0, min(16, 61 - int(total).bit_length()))
    few = thinned(parts)
    known, used = _planes(few, fixed=fixed, chosen=chosen, rounds=rounds, is_all=few is parts)
    with ThreadPoolExecutor(max(1, workers)) as pool:
        each = pool.map if workers > 1 else map
        found = list(each(lambda part: _mixed(part, known, finer=finer), parts))
    floor = sum(base for base, _ in found)
    slope = np.sum([steep for _, steep in found], axis=0, dtype=np.int64)
    over = floor + int(np.maximum(slope - (fixed << finer), 0).sum())
    return Bound(most=max(over >> finer, 0), rounds=used)


def _planes(
    parts: Sequence[Part], *, fixed: Whole, chosen: Chosen, rounds: int, is_all: bool
) -> tuple[tuple[list[Whole], Floats], int]:
    """Shares and weights whose mixture of reserves is nearly the best; and how many planes it took."""
    ordered = [_sorted(part) for part in parts]
    planes = _Planes(shares=[], floor=[], slope=[])
    inner = np.full(fixed.size, 0.5)
    inner[list(chosen.open)] = 1.0
    inner *= 1 - 0.2 * (inner < 1)
    best, weights, least = -np.inf, np.ones(1), float(chosen.value) if is_all else -np.inf
    at = inner
    for used in range(1, rounds + 1):
        shares = np.rint(np.clip(at, 0, 1) * SHARE).astype(np.int64)
        each = [_plane(rows, shares=shares) for rows in ordered]
        floor = sum(base for base, _ in each)
        slope: Whole = np.sum([steep for _, steep in each], axis=0, dtype=np.int64)
        planes.add(shares, floor=floor, slope=slope)
        value = floor + float((slope - fixed) @ (shares / SHARE))
        if value > best:
            best, inner = value, shares / SHARE
        outer, top, weights = _master(planes, fixed=fixed)
        close = CLOSE * abs(top) if is_all else NEAR * abs(top)
        if top - max(best, least) <= close:
            break
        at = inner + INWARDS * (outer - inner) if used % 8 else outer
    kept = np.flatnonzero(weights > 1e-12)
    return ([planes.shares[k] for k in kept], weights[kept] / weights[kept].sum()), used


def _master(planes: _Planes, *, fixed: Whole) -> tuple[Floats, float, Floats]:
    """The shares that the planes like best, what they promise, and the weight of each plane."""
    from scipy.optimize import linprog

    steep, scale = np.array(planes.slope), max(1.0, *map(abs, planes.floor))
    rows = np.column_stack([-steep / scale, np.ones(len(steep))])
    found = linprog(
        np.append(fixed / scale, -1.0),
        A_ub=rows,
        b_ub=np.array(planes.floor) / scale,
        bounds=[(0, 1)] * fixed.size + [(None, None)],
        method="highs-ds",
    )
    return found.x[:-1], -found.fun * scale, np.maximum(-found.ineqlin.marginals, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ordered:
    """A part with every customer's variants from best to worst: both of shape (n, m)."""

    part: Part
    order: NDArray[np.int64]
    worth: Whole


def _sorted(part: Part) -> _Ordered:
    across = np.ascontiguousarray(part.worth.T).astype(np.int64, copy=False)
    order = np.argsort(-across, axis=1, kind="stable")
    return _Ordered(part=part, order=order, worth=np.take_along_axis(across, order, axis=1))


def _reserves(rows: _Ordered, *, shares: Whole) -> Whole:
    """What each customer keeps: the worth of the variant at which the open shares of the better ones come to one."""
    full = np.cumsum(shares.astype(np.int32)[rows.order], axis=1, dtype=np.int32) >= SHARE
    at = full.argmax(axis=1)
    n = np.arange(at.size)
    return np.where(full[n, at], rows.worth[n, at], 0)


def _plane(rows: _Ordered, *, shares: Whole) -> tuple[int, Whole]:
    """Floor and slope of the plane at these shares; exact."""
    return _taken(rows.part, _reserves(rows, shares=shares), finer=0)


def _taken(part: Part, reserve: Whole, *, finer: int) -> tuple[int, Whole]:
    """The reserves together, and what each variant brings above them; in units of 2^-finer."""
    floor = int((reserve * part.people).sum())
    slope = [
        int((np.maximum((row.astype(np.int64, copy=False) << finer) - reserve, 0) * part.people).sum())
        for row in part.worth
    ]
    return floor, np.array(slope, dtype=np.int64)


def _mixed(part: Part, known: tuple[list[Whole], Floats], *, finer: int) -> tuple[int, Whole]:
    """Floor and slope of a mixture of planes' reserves, for everybody of a part; exact."""
    floor, slope = 0, np.zeros(part.worth.shape[0], dtype=np.int64)
    for start in range(0, part.people.size, BLOCK):
        rows = slice(start, start + BLOCK)
        block = Part(worth=np.ascontiguousarray(part.worth[:, rows]), people=part.people[rows])
        ordered, reserve = _sorted(block), np.zeros(block.people.size)
        for shares, weight in zip(*known, strict=True):
            reserve += weight * _reserves(ordered, shares=shares)
        base, steep = _taken(block, np.rint(reserve * (1 << finer)).astype(np.int64), finer=finer)
        floor, slope = floor + base, slope + steep
    return floor, slope
