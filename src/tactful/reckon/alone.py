"""A decision in whole numbers of Python: the definition itself, and the quickest way where few rows are asked."""

from __future__ import annotations

from typing import Final

import numpy as np

from tactful.reckon.board import Answer, Board, People, check_features, refuse_chance, refuse_nobody
from tactful.reckon.chance import WHOLE

TOP: Final = 1 << 62


def decide(board: Board, people: People, *, answer: Answer) -> None:
    """Arm, best arm, score and propensity of each of a few rows, written into the answer.

    Raises:
        Misuse: a chance is out of range, a feature too large, or a row has no eligible arm.
    """
    for row in range(len(people)):
        told = one(board, people, row=row)
        answer.arm[row], answer.best[row], answer.score[row], answer.propensity[row] = told


def one(board: Board, people: People, *, row: int) -> tuple[int, int, int, int]:
    """Arm, best arm, score of the arm and its propensity in units of 2^-52, of one row."""
    chance = int(people.chance[row])
    if not 0 <= chance < WHOLE:
        refuse_chance()
    may = _open(people, row=row, arms=board.arms)
    if not may:
        refuse_nobody(row, count=1, rows=len(people))
    score = _scores(board, people, row=row)
    best = max(may, key=score.__getitem__)  # the first of equals
    probability = _probabilities(board, score, may=may, best=best)
    running = 0
    for arm, part in zip(may, probability, strict=True):
        running += part
        if chance < running:
            return arm, best, score[arm], part
    raise AssertionError("probabilities add up to one")


def _open(people: People, *, row: int, arms: int) -> list[int]:
    """The arms that may be chosen, in order."""
    bits = sum(word << 64 * place for place, word in enumerate(people.may[:, row].tolist()))
    return [arm for arm in range(arms) if bits >> arm & 1]


def _scores(board: Board, people: People, *, row: int) -> list[int]:
    """Score of every arm, whether it may be chosen or not."""
    features, lines = people.features[row].tolist(), board.lines
    check_features(max(map(abs, features), default=0))
    if lines.has_base:
        features.append(1)
    found = np.floor(lines.table @ np.array(features, dtype=np.float64)).astype(np.int64)
    if not lines.has_base:
        found += board.base[:, 0]
    for arm in lines.grained:
        found[arm] += board.base[arm, people.cells[board.grain[arm], row]] - board.base[arm, 0]
    score: list[int] = found.tolist()
    return score


def _probabilities(board: Board, score: list[int], *, may: list[int], best: int) -> list[int]:
    """Of the arms that may be chosen, in their order; units of 2^-52."""
    top, scale, arms, caps = score[best], int(board.scale[best]), len(may) << 10, board.caps.tolist()
    share = [min(TOP // (arms + board.gamma * (top - score[arm]) // scale), caps[arm]) for arm in may]
    place = may.index(best)
    share[place] = 0
    total = sum(share)
    if total > board.epsilon:
        share = [part * board.epsilon // total for part in share]
        total = sum(share)
    share[place] = WHOLE - total
    return share
