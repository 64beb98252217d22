"""The same numbers as `reckon.loops`, bit for bit, by NumPy alone: arms by rows, a block of rows at a time.

Everything is whole and, but for scores, below 2^53, so that it is held in float64, where every sum is exact. A quotient
in float64 that is no whole number has the right floor, because rounding is monotone; those few that come out whole, or
stand too near to one, are taken again in int64 and set right by their remainder modulo 2^64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tactful.reckon.board import Answer, Board, People, Whole, check_features, flags_of
from tactful.reckon.chance import WHOLE
from tactful.reckon.exact import FEATURE_LIMIT, SUM_LIMIT

Real = NDArray[np.float64]
Flags = NDArray[np.bool_]
TOP = 1 << 62
NO_SCORE = -(1 << 55)
ALONE = 1 << 18
"""Multiplications up to which OpenBLAS keeps to one thread: more threads than blocks would only disturb each other."""
BAND = 2.0**-51
"""Two roundings move a product by less than this share of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Memory that is used again for every block, and the board as blocks use it.

    Attributes:
        kept: four tables of so many scores.
        features: features as reals, and a last column of ones where `lines` has the base.
        flags: one table of flags.
        lines: coefficients shifted down (a power of two moves no digit), and the base where it fits; (k, d or d + 1).
        has_base: whether it does.
    """

    kept: Real
    features: Real
    flags: Flags
    lines: Real
    has_base: bool

    @classmethod
    def of(cls, board: Board, rows: int) -> Room:
        """Room for blocks of up to so many rows."""
        lines = np.ldexp(board.coefficients, -board.shift[:, None].astype(np.int32))
        moved = np.abs(board.coefficients).sum(axis=1) * FEATURE_LIMIT
        base = board.base[:, :1].astype(np.float64)
        has_base = board.width > 0 and bool((moved + np.ldexp(np.abs(base[:, 0]), board.shift) < SUM_LIMIT).all())
        if has_base:
            lines = np.hstack([lines, base])
        features = np.ones((rows, lines.shape[1]))
        kept, flags = np.empty((4, board.arms * rows)), np.empty(board.arms * rows, dtype=np.bool_)
        return cls(kept=kept, features=features, flags=flags, lines=np.ascontiguousarray(lines), has_base=has_base)

    def shaped(self, arms: int, rows: int) -> list[Real]:
        """Four tables of arms by rows."""
        return [line[: arms * rows].reshape(arms, rows) for line in self.kept]

    def flagged(self, arms: int, rows: int) -> Flags:
        """A table of flags."""
        return self.flags[: arms * rows].reshape(arms, rows)


def scores(board: Board, people: People, *, into: Real, room: Room | None = None) -> Real:
    """Score of every arm for every row, whether it may be chosen or not: whole numbers, shape (k, n)."""
    room = Room.of(board, len(people)) if room is None else room
    if board.width:
        _products(board, people.features, into=into, room=room)
    if not room.has_base:
        into[:] = into + board.base[:, :1] if board.width else board.base[:, :1]
    for arm in np.flatnonzero(board.grain >= 0):
        into[arm] += board.base[arm][people.cells[board.grain[arm]]] - board.base[arm, 0]
    return into


def _products(board: Board, features: NDArray[np.int32] | Whole, *, into: Real, room: Room) -> None:
    """``(x · c) >> shift`` of every arm for every row, and the base where it fits; exact however BLAS orders it."""
    step = max(8, ALONE // (board.arms * room.lines.shape[1]) & ~7)
    wide = room.features[: len(features)]
    wide[:, : board.width] = features
    check_features(int(max(features.max(initial=0), -int(features.min(initial=0)))))
    for start in range(0, len(features), step):
        np.matmul(room.lines, wide[start : start + step].T, out=into[:, start : start + step])
    if board.shift.any():
        np.floor(into, out=into)


def decide(board: Board, people: People, *, answer: Answer, room: Room) -> None:
    """One block of rows: arm, best arm, score and propensity of each, written into the answer."""
    k, n = board.arms, len(people)
    tables, flags = room.shaped(k, n), room.flagged(k, n)
    scores(board, people, into=tables[0], room=room)
    arms = np.bitwise_count(people.may).sum(axis=0, dtype=np.int64) << 10
    may, weigh = flags_of(people.may, arms=k), _near if board.is_near else _far
    top = weigh(board, tables, may=may, arms=arms, best=answer.best)
    probability = _settled(board, tables, flags=flags, best=answer.best)
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


def _near(board: Board, tables: list[Real], *, may: Flags, arms: Whole, best: Whole) -> Whole:
    """The best score of each row, and in the third table ``floor(2^62 / (arms + floor(gamma gap / scale)))``.

    Gamma times any gap, and arms times any scale, are below 2^49: one quotient gives the divisor, and its floor is
    right. The share of an arm that may not be chosen is 0; `may` is used up.
    """
    score, mask, share, quotient = tables
    chosen = mask.view(np.int64)
    np.copyto(chosen, np.negative(may.view(np.int8)))
    score += float(board.reach)  # now above 0, so that the lowest is 0: of arms that may not be chosen
    np.bitwise_and(score.view(np.int64), chosen, out=score.view(np.int64))
    top = score.max(axis=0)
    best[:] = _first(np.equal(score, top, out=may))
    scale = board.scale[best].astype(np.float64)
    score *= board.gamma
    np.subtract(top * board.gamma + arms * scale, score, out=score)
    score /= scale
    np.floor(score, out=score)
    np.divide(float(TOP), score, out=quotient)
    np.floor(quotient, out=share)
    unsure = np.flatnonzero(np.equal(quotient, share, out=may))
    divisor, guess = score.ravel()[unsure].astype(np.int64), share.ravel()[unsure].astype(np.int64)
    share.ravel()[unsure] = guess - (TOP - guess * divisor < 0)
    np.bitwise_and(share.view(np.int64), chosen, out=share.view(np.int64))
    found: Whole = (top - board.reach).astype(np.int64)
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


def _settled(board: Board, tables: list[Real], *, flags: Flags, best: Whole) -> Real:
    """Shares of the third table as probabilities: caps and the limit on exploring hold, and the best takes the rest."""
    share, rows = tables[2], np.arange(best.size)
    if (board.caps < WHOLE).any():
        np.minimum(share, board.caps[:, None].astype(np.float64), out=share)
    share[best, rows] = 0
    total = share.sum(axis=0)
    over = np.flatnonzero(total > board.epsilon)
    if over.size > best.size // 2:
        kept = np.flatnonzero(total <= board.epsilon)
        left = share[:, kept]
        _shrink(tables, np.maximum(total, 1), epsilon=board.epsilon, flags=flags)
        share[:, kept] = left
    elif over.size:
        few = np.ascontiguousarray(share[:, over])
        spare = [np.empty_like(few), np.empty_like(few), few, few]
        _shrink(spare, total[over], epsilon=board.epsilon, flags=np.empty(few.shape, dtype=np.bool_))
        share[:, over] = few
    if over.size:
        total = share.sum(axis=0)
    share[best, rows] = WHOLE - total
    return share


def _shrink(tables: list[Real], total: Real, *, epsilon: int, flags: Flags) -> None:
    """The third table becomes floor(share epsilon / total), by two estimates around it; the others are used up.

    Where they differ, the lower is set right by its remainder, which is exact modulo 2^64 however large the product.
    """
    high, low, share, _ = tables
    part = epsilon / total
    np.multiply(share, part * (1 - BAND), out=low)
    np.floor(low, out=low)
    np.multiply(share, part * (1 + BAND), out=high)
    np.floor(high, out=high)
    np.not_equal(low, high, out=flags)
    unsure = np.flatnonzero(flags)
    whole = total.astype(np.int64)[unsure % total.size]
    found = low.ravel()[unsure].astype(np.int64)
    rest = share.ravel()[unsure].astype(np.int64) * epsilon - found * whole
    share[:] = low
    share.ravel()[unsure] = found + rest // whole


def _drawn(probability: Real, chance: Whole, *, flags: Flags) -> Whole:
    """The first arm whose running total lies above the chance."""
    running, drawn = np.zeros(chance.size), chance.astype(np.float64)
    for line, place in zip(flags, probability, strict=True):
        running += place
        np.less_equal(running, drawn, out=line)
    kind = np.int8 if len(probability) < 128 else np.int32
    found: Whole = np.add.reduce(flags.view(np.int8), axis=0, dtype=kind).astype(np.int64)
    return found
