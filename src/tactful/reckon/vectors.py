"""The same numbers as `reckon.loops`, bit for bit, by NumPy alone: arms by rows, a block of rows at a time.

Everything is whole. It is held in float64 while it stays below 2^53, where every operation used is exact and the floor
of a quotient is the quotient's floor; beyond, in int64, and quotients are set right by their remainder modulo 2^64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tactful.reckon.board import Answer, Board, People, Whole, check_features, flags_of
from tactful.reckon.chance import WHOLE

Real = NDArray[np.float64]
Flags = NDArray[np.bool_]
TOP = 1 << 62
NO_SCORE = -(1 << 55)
ALONE = 1 << 18
"""Multiplications up to which OpenBLAS keeps to one thread: more threads than blocks would only disturb each other."""
LITTLE = 1 << 49
"""Below it an estimate from two roundings, lowered by 2^-50 of itself, is the floor or one less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Memory that is used again for every block: asking for it anew would cost more than the numbers do."""

    kept: NDArray[np.int64]
    features: Real
    flags: Flags
    reach: float
    is_near: bool

    @classmethod
    def of(cls, board: Board, rows: int) -> Room:
        """Room for blocks of up to so many rows."""
        return cls(
            kept=np.empty((4, board.arms * rows), dtype=np.int64),
            features=np.empty((rows, board.width)),
            flags=np.empty(board.arms * rows, dtype=np.bool_),
            reach=float(board.reach),
            is_near=board.is_near,
        )

    def shaped(self, arms: int, rows: int) -> list[Any]:
        """Four tables of arms by rows, whole numbers or reals by view; Any: of either kind."""
        return [line[: arms * rows].reshape(arms, rows) for line in self.kept]

    def flagged(self, arms: int, rows: int) -> Flags:
        """A table of flags."""
        return self.flags[: arms * rows].reshape(arms, rows)


def scores(board: Board, people: People, *, into: Real, wide: Real | None = None) -> Real:
    """Score of every arm for every row, whether it may be chosen or not: whole numbers, shape (k, n)."""
    if board.width:
        wide = np.empty((len(people), board.width)) if wide is None else wide[: len(people)]
        _products(board, people.features, into=into, wide=wide)
        into += board.base[:, :1].astype(np.float64)
    else:
        into[:] = board.base[:, :1]
    for arm in np.flatnonzero(board.grain >= 0):
        into[arm] += board.base[arm][people.cells[board.grain[arm]]] - board.base[arm, 0]
    return into


def _products(board: Board, features: NDArray[np.int32] | Whole, *, into: Real, wide: Real) -> None:
    """``(x · c) >> shift`` of every arm for every row, exact however BLAS orders it."""
    step = max(8, ALONE // (board.arms * board.width) & ~7)
    wide[:] = features
    check_features(int(max(wide.max(initial=0), -wide.min(initial=0))))
    for start in range(0, len(features), step):
        np.matmul(board.coefficients, wide[start : start + step].T, out=into[:, start : start + step])
    if board.shift.any():
        into *= np.ldexp(1.0, -board.shift)[:, None]
        np.floor(into, out=into)


def decide(board: Board, people: People, *, answer: Answer, room: Room) -> None:
    """One block of rows: arm, best arm, score and propensity of each, written into the answer."""
    k, n = board.arms, len(people)
    tables, flags = room.shaped(k, n), room.flagged(k, n)
    score = scores(board, people, into=tables[0].view(np.float64), wide=room.features)
    may = flags_of(people.may, arms=k)
    arms = np.bitwise_count(people.may).sum(axis=0, dtype=np.int64) << 10
    weigh = _near if room.is_near else _far
    top = weigh(board, score, may=may, arms=arms, room=room, best=answer.best)
    probability = _settled(board, tables, best=answer.best)
    answer.arm[:] = _drawn(probability, people.chance, flags=flags)
    answer.propensity[:] = probability[answer.arm, np.arange(n)]
    answer.score[:] = top
    if (other := np.flatnonzero(answer.arm != answer.best)).size:
        answer.score[other] = score_of(board, people.take(other), arm=answer.arm[other])


def score_of(board: Board, people: People, *, arm: Whole) -> Whole:
    """The score of one arm for each row; shape (n,)."""
    product = np.einsum("ij,ij->i", people.features.astype(np.float64), board.coefficients[arm]).astype(np.int64)
    cell = np.zeros_like(arm)
    for line in range(len(people.cells)):
        cell = np.where(board.grain[arm] == line, people.cells[line], cell)
    found: Whole = (product >> board.shift[arm]) + board.base[arm, cell]
    return found


def _near(  # the block, and the memory it may use
    board: Board, score: Real, *, may: Flags, arms: Whole, room: Room, best: Whole
) -> Whole:
    """The best score of each row, and in the third table ``floor(2^62 / (arms + floor(gamma gap / scale)))``.

    Gamma times any gap is below 2^53. The share of an arm that may not be chosen is 0.
    """
    gap, mask, share, work = room.shaped(*score.shape)
    np.copyto(mask, np.negative(may.view(np.int8)))
    score += room.reach  # now above 0, so that the lowest is 0: of arms that may not be chosen
    gap &= mask
    top = score.max(axis=0)
    best[:] = _first(np.equal(score, top, out=room.flagged(*score.shape)))
    np.subtract(top, score, out=score)
    score *= board.gamma
    score /= board.scale[best].astype(np.float64)
    np.floor(score, out=score)
    score += arms.astype(np.float64)
    np.copyto(work, score, casting="unsafe")
    np.divide(float(TOP), score, out=score)
    np.copyto(share, score, casting="unsafe")
    work *= share
    np.subtract(TOP, work, out=work)
    work >>= 63
    share += work
    share &= mask
    found: Whole = (top - room.reach).astype(np.int64)
    return found


def _far(  # as `_near`
    board: Board, score: Real, *, may: Flags, arms: Whole, room: Room, best: Whole
) -> Whole:
    """The same for any gap: a share is 0 from 2^62 on, and quotients are taken of whole numbers."""
    value = np.where(may, score.astype(np.int64), NO_SCORE)
    top: Whole = value.max(axis=0)
    best[:] = _first(value == top)
    gap, scale, gamma = np.where(may, top - value, 0), board.scale[best], board.gamma
    whole, rest = np.divmod(gap, scale)
    if gamma:
        whole = np.minimum(whole, TOP // gamma + 1)
    room.shaped(*score.shape)[2][:] = np.where(may, TOP // (arms + whole * gamma + rest * gamma // scale), 0)
    return top


def _first(same: Flags) -> Whole:
    """The first line in which each column is set."""
    k = len(same)
    kind = np.int8 if k < 128 else np.int32
    behind: NDArray[Any] = np.arange(k, 0, -1).astype(kind)[:, None]  # Any: the smaller the kind, the faster
    found: Whole = k - (same.view(np.int8) * behind).max(axis=0).astype(np.int64)
    return found


def _settled(board: Board, tables: list[Any], *, best: Whole) -> Whole:
    """Shares of the third table as probabilities: caps and the limit on exploring hold, and the best takes the rest."""
    share, rows = tables[2], np.arange(best.size)
    if (board.caps < WHOLE).any():
        np.minimum(share, board.caps[:, None], out=share)
    share[best, rows] = 0
    total = share.sum(axis=0)
    if (total > board.epsilon).any():
        share = _shrunk(tables, total, epsilon=board.epsilon)
        total = share.sum(axis=0)
    share[best, rows] = WHOLE - total
    found: Whole = share
    return found


def _shrunk(tables: list[Any], total: Whole, *, epsilon: int) -> Whole:
    """floor(share epsilon / total) where the total is above epsilon, else the share itself; all tables are used up.

    An estimate in float64 is set right by its remainder, which is exact modulo 2^64 however large the product.
    """
    most, whole = np.minimum(total, epsilon), np.maximum(total, 1)
    product, rest, share, found = tables
    estimate = product.view(np.float64)
    np.copyto(estimate, share)
    estimate *= most / whole.astype(np.float64) * (1 - 2.0**-50)
    np.copyto(found, estimate, casting="unsafe")
    np.multiply(found, whole, out=product)
    np.multiply(share, most, out=rest)
    rest -= product
    if epsilon < LITTLE:
        np.subtract(whole - 1, rest, out=rest)
        rest >>= 63
        found -= rest
    else:
        found += rest // whole
    answer: Whole = found
    return answer


def _drawn(probability: Whole, chance: Whole, *, flags: Flags) -> Whole:
    """The first arm whose running total lies above the chance."""
    running = np.zeros_like(chance)
    for line, place in zip(flags, probability, strict=True):
        running += place
        np.less_equal(running, chance, out=line)
    kind = np.int8 if len(probability) < 128 else np.int32
    found: Whole = np.add.reduce(flags.view(np.int8), axis=0, dtype=kind).astype(np.int64)
    return found
