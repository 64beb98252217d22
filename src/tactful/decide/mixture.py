"""The rule as deployed, where it is more than one board: mixed with the one before, and with least chances.

Everything is in whole numbers of 2^-52, and one draw decides, so that what is logged of every arm is exactly how
likely it was. Where a project mixes nothing and declares no floor, boards are drawn from as they are.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tactful.decide.offered import Offered
from tactful.reckon import drawing, mixing, weighting
from tactful.reckon.board import Answer, Board, People, flags_of

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """What is laid over the probabilities of a board. Stability: internal.

    Attributes:
        board: of the former rule; None where the new one stands alone.
        people: the same people as that board sees them.
        weight: of the new rule, in units of 1/1024.
        floors: least probability of each arm, units of 2^-52; shape (k,).
    """

    board: Board | None
    people: People | None
    weight: int
    floors: Whole

    def take(self, rows: Whole) -> Mixture:
        """For some of the people."""
        return dataclasses.replace(self, people=None if self.people is None else self.people.take(rows))

    def with_held(self, offered: Offered, rows: Whole) -> Mixture:
        """For some of the people, as they would be if nobody were held out."""
        people = None if self.people is None else offered.with_held(self.people, rows)
        return dataclasses.replace(self, people=people)


def weighed(board: Board, people: People, *, mixture: Mixture | None) -> tuple[Whole, Whole]:
    """Scores of every arm under the new rule, and its probability under the rule as deployed; shapes (n, k).

    Args:
        board: of the new rule.
        people: who asks.
        mixture: what is laid over it; None for nothing.
    """
    score, probability = drawing.weighed(board, people)
    if mixture is None or not len(people):
        return score, probability
    may = flags_of(people.may, arms=board.arms).T
    if mixture.board is not None and mixture.people is not None:
        former = drawing.weighed(mixture.board, mixture.people)[1]
        probability = mixing.mixed(former, probability, weight=mixture.weight)
    if mixture.floors.any():
        top = probability.argmax(axis=1)
        probability = mixing.floored(probability, floors=mixture.floors, eligible=may, best=top)
    return score, probability


def drawn(board: Board, people: People, *, mixture: Mixture | None) -> Answer:
    """The arm of everybody by the rule as deployed.

    Args:
        board: of the new rule.
        people: who asks, with their chance.
        mixture: what is laid over it; None for nothing.
    """
    if mixture is None:
        return drawing.draw(board, people)
    score, probability = weighed(board, people, mixture=mixture)
    may, rows = flags_of(people.may, arms=board.arms).T, np.arange(len(people))
    arm = weighting.draw(probability, people.chance)
    best = np.where(may, score, -(1 << 55)).argmax(axis=1)
    return Answer(arm=arm, best=best, score=score[rows, arm], propensity=probability[rows, arm])
