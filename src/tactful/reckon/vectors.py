"""The same numbers as `reckon.loops`, bit for bit, by NumPy alone: arms by rows, a block of rows at a time.

Everything is whole and, but for scores, below 2^53, so that it is held in float64, where every sum is exact. A quotient
in float64 that is no whole number has the right floor, because rounding is monotone; those few that come out whole, or
stand too near to one, are taken again in int64 and set right by their remainder modulo 2^64.

What takes the time is going over tables, so each is gone over as seldom as can be, in memory that is there already.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tactful.reckon.board import Answer, Board, People, Whole, check_features, flags_of
from tactful.reckon.chance import WHOLE

Real = NDArray[np.float64]
Flags = NDArray[np.bool_]
TOP: Final = 1 << 62
NO_SCORE: Final = -(1 << 55)
FAR: Final = -(2.0**100)
"""Added to the score of an arm that may not be chosen: its share is below one whatever the scale, see `board.Board`."""
ALONE: Final = 1 << 18
"""Multiplications up to which OpenBLAS keeps to one thread: more threads than blocks would only disturb each other."""
LESS: Final = 1 - 2.0**-51
MORE: Final = 1 + 2.0**-50 + 2.0**-52
"""A product of two roundings and `LESS` is not above the true one, and times `MORE` it is not below it."""
_APART: Final = 1088
"""Bytes between tables, so that lines of several do not fall upon the same places of the processor's memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Memory that is used again for every block.

    Attributes:
        kept: three tables of so many scores.
        features: features as reals, with room for a last column of ones.
        flags: one table of flags, arms filled up to eights.
    """

    kept: tuple[Real, Real, Real]
    features: Real
    flags: NDArray[np.uint8]

    @classmethod
    def of(cls, *, arms: int, rows: int, width: int) -> Room:
        """Room for blocks of up to so many rows and features."""
        each = arms * rows * 8
        whole = np.empty(3 * (each + _APART) + 64, dtype=np.uint8)
        start = -whole.ctypes.data % 64
        first, second, third = (
            whole[at : at + each].view(np.float64) for at in range(start, start + 3 * (each + _APART), each + _APART)
        )
        flags = np.empty(-(-arms // 8) * 8 * rows, dtype=np.uint8)
        return cls(kept=(first, second, third), features=np.empty(rows * (width + 1)), flags=flags)

    def holds(self, *, arms: int, rows: int, width: int) -> bool:
        """Whether it is large enough."""
        enough = self.kept[0].size >= arms * rows and self.features.size >= rows * (width + 1)
        return enough and self.flags.size >= -(-arms // 8) * 8 * rows

    def shaped(self, arms: int, rows: int) -> list[Real]:
        """Three tables of arms by rows."""
        return [line[: arms * rows].reshape(arms, rows) for line in self.kept]

    def wide(self, rows: int, width: int) -> Real:
        """A table of features."""
        return self.features[: rows * width].reshape(rows, width)


@contextmanager
def unbuffered(rows: int) -> Iterator[None]:
    """Where a row is set against a table, NumPy copies it again and again if two fit its buffer: not here."""
    before = np.setbufsize(max(16, rows & ~15))
    try:
        yield
    finally:
        np.setbufsize(before)


def scores(board: Board, people: People, *, into: Real, room: Room | None = None) -> Real:
    """Score of every arm for every row, whether it may be chosen or not: whole numbers, shape (k, n)."""
    if board.width:
        room = room or Room.of(arms=1, rows=len(people), width=board.width)
        _products(board, people.features, into=into, room=room)
    if not board.lines.has_base:
        into[:] = into + board.base[:, :1] if board.width else board.base[:, :1]
    for arm in board.lines.grained:
        into[arm] += board.base[arm][people.cells[board.grain[arm]]] - board.base[arm, 0]
    return into


def _products(board: Board, features: NDArray[np.int32] | Whole, *, into: Real, room: Room) -> None:
    """``(x · c) >> shift`` of every arm for every row, and the base where it fits; exact however BLAS orders it."""
    table = board.lines.table
    step = max(8, ALONE // table.size & ~7)
    wide = room.wide(len(features), table.shape[1])
    wide[:, : board.width] = features
    wide[:, board.width :] = 1
    check_features(int(max(features.max(initial=0), -int(features.min(initial=0)))))
    for start in range(0, len(features), step):
        np.matmul(table, wide[start : start + step].T, out=into[:, start : start + step])
    if board.shift.any():
        np.floor(into, out=into)


def decide(board: Board, people: People, *, answer: Answer, room: Room) -> None:
    """One block of rows: arm, best arm, score and propensity of each, written into the answer."""
    k, n = board.arms, len(people)
    tables = room.shaped(k, n)
    scores(board, people, into=tables[0], room=room)
    may = flags_of(people.may, arms=k, into=room.flags)
    arms = np.bitwise_count(people.may).sum(axis=0, dtype=np.int64) << 10
    weigh = _near if board.is_near and board.gamma else _far
    top = weigh(board, tables, may=may, arms=arms, best=answer.best)
    probability, total = _settled(board, tables, flags=may, best=answer.best)
    answer.arm[:] = _drawn(probability, people.chance, total=total, best=answer.best)
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


def _near(board: Board, tables: list[Real], *, may: Flags, arms: Whole, best: Whole) -> Whole:
    """The best score of each row, and in the third table ``floor(2^62 / (arms + floor(gamma gap / scale)))``.

    Gamma times any gap, and arms times any scale, are below 2^49: one quotient gives the divisor, and its floor is
    right. The share of an arm that may not be chosen is 0; `may` is used up.
    """
    score, spare, share = tables
    np.copyto(spare, np.logical_not(may, out=may).view(np.int8))
    spare *= FAR
    score += spare
    top = score.max(axis=0)
    best[:] = _first(np.equal(score, top, out=may))
    size = board.scale[best].astype(np.float64) if board.lines.scale is None else board.lines.scale
    score *= board.gamma
    np.subtract(top * board.gamma + arms * size, score, out=score)
    score /= size
    np.floor(score, out=score)
    np.divide(float(TOP), score, out=spare)
    np.floor(spare, out=share)
    unsure = np.flatnonzero(np.equal(spare, share, out=may))
    divisor, guess = score.reshape(-1)[unsure].astype(np.int64), share.reshape(-1)[unsure].astype(np.int64)
    share.reshape(-1)[unsure] = guess - (TOP - guess * divisor < 0)
    found: Whole = top.astype(np.int64)
    return found


def _far(board: Board, tables: list[Real], *, may: Flags, arms: Whole, best: Whole) -> Whole:
    """The same for any gap, where `may` says which arms may be chosen: a share is 0 from 2^62 on."""
    value = np.where(may, tables[0].astype(np.int64), NO_SCORE)
    top: Whole = value.max(axis=0)
    best[:] = _first(value == top)
    gap, scale, gamma = np.where(may, top - value, 0), board.scale[best], board.gamma
    whole, rest = np.divmod(gap, scale)
    if gamma:
        whole = np.minimum(whole, TOP // gamma + 1)
    tables[2][:] = np.where(may, TOP // (arms + whole * gamma + rest * gamma // scale), 0)
    return top


def _first(same: Flags) -> Whole:
    """The first line in which each column is set."""
    k = len(same)
    kind = np.int8 if k < 128 else np.int32
    behind: NDArray[Any] = np.arange(k, 0, -1).astype(kind)[:, None]  # Any: the smaller the kind, the faster
    found: Whole = k - (same.view(np.int8) * behind).max(axis=0).astype(np.int64)
    return found


def _settled(board: Board, tables: list[Real], *, flags: Flags, best: Whole) -> tuple[Real, Real]:
    """Shares of the third table as probabilities: caps and the limit on exploring hold, and the best takes the rest.

    Also what all arms but the best hold together; the tables are used up.
    """
    share, rows = tables[2], np.arange(best.size)
    if (board.caps < WHOLE).any():
        np.minimum(share, board.caps[:, None].astype(np.float64), out=share)
    share[best, rows] = 0
    total = share.sum(axis=0)
    over = total > board.epsilon
    count = np.count_nonzero(over)
    if count > best.size // 2:
        limit, whole = np.where(over, board.epsilon, 1), np.where(over, total, 1.0)
        share = _shrunk(tables, limit, whole=whole, flags=flags)
    elif count:
        at = np.flatnonzero(over)
        few = share.take(at, axis=1)
        spare = [np.empty_like(few), np.empty_like(few), few]
        limit = np.full(count, board.epsilon)
        share[:, at] = _shrunk(spare, limit, whole=total[at], flags=np.empty(few.shape, dtype=np.bool_))
    if count:
        total = share.sum(axis=0)
    share[best, rows] = WHOLE - total
    return share, total


def _shrunk(tables: list[Real], limit: Whole, *, whole: Real, flags: Flags) -> Real:
    """floor(share limit / whole) of each share in the third table, by two estimates around it; tables are used up.

    Where they differ, the lower is set right by its remainder, which is exact modulo 2^64 however large the product.
    Where limit and whole are 1, shares stay as they are.
    """
    low, high, share = tables
    np.multiply(share, np.where(limit == whole, 1.0, limit / whole * LESS), out=low)
    np.multiply(low, MORE, out=high)
    np.floor(low, out=low)
    np.floor(high, out=high)
    unsure = np.flatnonzero(np.not_equal(low, high, out=flags))
    row = unsure % whole.size
    found = low.reshape(-1)[unsure].astype(np.int64)
    rest = share.reshape(-1)[unsure].astype(np.int64) * limit[row]
    divisor = whole[row].astype(np.int64)
    low.reshape(-1)[unsure] = found + (rest - found * divisor) // divisor
    return low


def _drawn(probability: Real, chance: Whole, *, total: Real, best: Whole) -> Whole:
    """The first arm whose running total lies above the chance.

    All arms but the best hold no more than `total`: a chance at least so far from both ends is the best arm's, and only
    for others are totals run.
    """
    drawn = chance.astype(np.float64)
    ends = np.flatnonzero((drawn < total) | (drawn >= WHOLE - total))
    found = best.copy()
    if ends.size:
        running = probability.take(ends, axis=1)
        for before, line in pairwise(running):
            line += before
        passed = np.less_equal(running, drawn[ends]).view(np.int8)
        found[ends] = np.add.reduce(passed, axis=0, dtype=np.int8 if len(running) < 128 else np.int32)
    return found
