"""The same numbers as `reckon.loops`, bit for bit, by NumPy alone: arms by rows, a block of rows at a time.

Everything is whole. It is held in float64 while it stays below 2^53, where every operation used is exact and the floor
of a quotient is the quotient's floor; beyond, in int64, and quotients are set right by their remainder modulo 2^64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tactful.reckon.board import Answer, Board, People, Whole, flags_of
from tactful.reckon.chance import WHOLE

Real = NDArray[np.float64]
Flags = NDArray[np.bool_]
TOP = 1 << 62
EXACT = 1 << 53
BARRED = 2.0**60
"""Taken off the score of an arm that may not be chosen: more than twice any score."""
ALONE = 1 << 18
"""Multiplications up to which OpenBLAS keeps to one thread: more threads than blocks would only disturb each other."""
LITTLE = 1 << 49
"""Below it an estimate from two roundings, lowered by 2^-50 of itself, is the floor or one less."""


def scores(board: Board, people: People) -> Real:
    """Score of every arm for every row, whether it may be chosen or not: whole numbers, shape (k, n)."""
    found = np.empty((board.arms, len(people)))
    if board.width:
        _products(board, people.features, into=found)
        found += board.base[:, :1].astype(np.float64)
    else:
        found[:] = board.base[:, :1]
    for arm in np.flatnonzero(board.grain >= 0):
        found[arm] += board.base[arm][people.cells[board.grain[arm]]] - board.base[arm, 0]
    return found


def _products(board: Board, features: NDArray[np.int32] | Whole, *, into: Real) -> None:
    """``(x · c) >> shift`` of every arm for every row, exact however BLAS orders it."""
    step = max(8, ALONE // (board.arms * board.width) & ~7)
    real = features.astype(np.float64)
    for start in range(0, len(features), step):
        np.matmul(board.coefficients, real[start : start + step].T, out=into[:, start : start + step])
    if board.shift.any():
        into *= np.ldexp(1.0, -board.shift)[:, None]
        np.floor(into, out=into)


def decide(board: Board, people: People, *, answer: Answer) -> None:
    """One block of rows: arm, best arm, score and propensity of each, written into the answer."""
    may = flags_of(people.may, arms=board.arms)
    score = scores(board, people)
    rows = np.arange(len(people))
    probability = weigh(board, score, may=may, best=answer.best)
    answer.arm[:] = _drawn(probability, people.chance)
    answer.score[:] = score[answer.arm, rows]
    answer.propensity[:] = probability[answer.arm, rows]


def _drawn(probability: Whole, chance: Whole) -> Whole:
    """The first arm whose running total lies above the chance."""
    passed = np.empty(probability.shape, dtype=np.bool_)
    running = np.zeros_like(chance)
    for line, place in zip(passed, probability, strict=True):
        running += place
        np.less_equal(running, chance, out=line)
    kind = np.int8 if len(probability) < 128 else np.int32
    found: Whole = np.add.reduce(passed.view(np.int8), axis=0, dtype=kind).astype(np.int64)
    return found


def weigh(board: Board, score: Real, *, may: Flags, best: Whole) -> Whole:
    """Probabilities of arms by rows, units of 2^-52; shape (k, n). `best` is filled in."""
    rows = np.arange(score.shape[1])
    mask = np.negative(may.view(np.int8)).astype(np.int64)
    gap = (~mask).astype(np.float64)
    gap *= BARRED  # of -1 where not
    gap += score
    top = gap.max(axis=0)
    best[:] = _first(gap == top)
    np.subtract(top, gap, out=gap)
    np.bitwise_and(gap.view(np.int64), mask, out=gap.view(np.int64))
    arms = np.add.reduce(may.view(np.int8), axis=0, dtype=np.int64) << 10
    near = gap.max() * max(1, board.gamma) < EXACT
    share = (_near if near else _far)(gap, gamma=board.gamma, scale=board.scale[best], arms=arms)
    if (board.caps < WHOLE).any():
        np.minimum(share, board.caps[:, None], out=share)
    share &= mask
    share[best, rows] = 0
    total = share.sum(axis=0)
    if (total > board.epsilon).any():
        share = _shrunk(share, total, epsilon=board.epsilon)
        total = share.sum(axis=0)
    share[best, rows] = WHOLE - total
    return share


def _first(same: Flags) -> Whole:
    """The first line in which each column is set."""
    k = len(same)
    kind = np.int8 if k < 128 else np.int32
    behind: NDArray[Any] = np.arange(k, 0, -1).astype(kind)[:, None]  # Any: the smaller the kind, the faster
    found: Whole = k - (same.view(np.int8) * behind).max(axis=0).astype(np.int64)
    return found


def _near(gap: Real, *, gamma: int, scale: Whole, arms: Whole) -> Whole:
    """floor(2^62 / (arms + floor(gamma gap / scale))) where gamma gap is below 2^53; `gap` is used up."""
    gap *= gamma
    gap /= scale.astype(np.float64)
    np.floor(gap, out=gap)
    gap += arms.astype(np.float64)
    divisor = gap.astype(np.int64)
    np.divide(float(TOP), gap, out=gap)
    share = gap.astype(np.int64)
    divisor *= share
    np.subtract(TOP, divisor, out=divisor)
    divisor >>= 63
    share += divisor
    return share


def _far(gap: Real, *, gamma: int, scale: Whole, arms: Whole) -> Whole:
    """The same for any gap: a share is 0 from 2^62 on, and quotients are taken of whole numbers."""
    whole, rest = np.divmod(gap.astype(np.int64), scale)
    if gamma:
        whole = np.minimum(whole, TOP // gamma + 1)
    divisor = arms + whole * gamma + rest * gamma // scale
    found: Whole = TOP // divisor
    return found


def _shrunk(share: Whole, total: Whole, *, epsilon: int) -> Whole:
    """floor(share epsilon / total) where the total is above epsilon, else the share itself.

    An estimate in float64 is set right by its remainder, which is exact modulo 2^64 however large the product.
    """
    most, whole = np.minimum(total, epsilon), np.maximum(total, 1)
    estimate = share.astype(np.float64)
    estimate *= most / whole.astype(np.float64) * (1 - 2.0**-50)
    found = estimate.astype(np.int64)
    rest = share * most
    rest -= found * whole
    if epsilon < LITTLE:
        np.subtract(whole - 1, rest, out=rest)
        rest >>= 63
        found -= rest
    else:
        found += rest // whole
    return found
