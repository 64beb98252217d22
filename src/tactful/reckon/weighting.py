"""Inverse-gap weighting in whole numbers: who may be chosen how often, exactly, and the arm that a draw picks.

Probabilities are integers in units of 2^-52 and add up to 2^52 in every row. No float is involved, so a row has the
same bits alone, in a block, in SQL or on another processor.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tactful.reckon.chance import WHOLE
from tactful.words.errors import Misuse

GAMMA_UNIT: Final = 1 << 10
"""Units of gamma in 1 per scale: gaps are resolved to a 1024th of an arm."""

_FAR: Final = 1 << 62
_CHUNK: Final = 9
_NOT_ELIGIBLE: Final = -(1 << 55)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """How far from the best arm a policy may stray. Stability: full.

    Attributes:
        gamma: how sharply a gap is punished, in units of 1/1024 per scale; 0 is uniform; at most 2^30.
        scale: score units in one prior standard deviation of the outcome; at most 2^32.
        epsilon: most that all arms but the best may hold together, in units of 2^-52 (see `chance.share_of_draws`).
        caps: most that each arm may hold while it is not the best, in units of 2^-52; None for no caps.
    """

    gamma: int
    scale: int
    epsilon: int
    caps: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.gamma <= 1 << 30:
            raise ValueError(f"gamma {self.gamma} is outside [0, 2^30]")
        if not 1 <= self.scale <= 1 << 32:
            raise ValueError(f"scale {self.scale} is outside [1, 2^32]")
        if not 0 <= self.epsilon <= WHOLE:
            raise ValueError(f"epsilon {self.epsilon} is outside [0, 2^52]; use chance.share_of_draws")
        if self.caps is not None and not all(0 <= cap <= WHOLE for cap in self.caps):
            raise ValueError("an arm's cap is outside [0, 2^52]; use chance.share_of_draws")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted:
    """Probabilities of a block of decisions. Stability: full.

    Attributes:
        probabilities: units of 2^-52, each row adds up to 2^52; int64, shape (n, k).
        best: index of each row's best eligible arm; int64, shape (n,).
    """

    probabilities: NDArray[np.int64]
    best: NDArray[np.int64]


def sharpness(rows: int, *, arms: int, width: int = 1, confidence: float = 0.95, constant: float = 1.0) -> int:
    """FALCON's gamma for a model fitted on this many rows, in units of 1/1024 per prior standard deviation.

    ``gamma = constant * sqrt(arms * rows / (width + ln(1 / (1 - confidence))))``. It is part of the policy, computed
    when beliefs are sealed and never inside the kernel. Until outcomes exist, rows are the prior's pseudo-count.

    Args:
        rows: outcomes behind the beliefs, or the prior's pseudo-count.
        arms: how many arms compete.
        width: parameters of the outcome model.
        confidence: of the regret bound, in (0, 1).
        constant: the c of the paper.

    Reference: Simchi-Levi & Xu (2022), "Bypassing the monster", algorithm 1.

    >>> sharpness(400, arms=4) / GAMMA_UNIT  # sqrt(1600 / (1 + 2.9957)) = 20.0107
    20.0107421875
    """
    gamma = constant * math.sqrt(arms * rows / (width + math.log(1 / (1 - confidence))))
    return min(round(gamma * GAMMA_UNIT), 1 << 30)


def weights(scores: ArrayLike, *, eligible: ArrayLike, exploration: Exploration) -> Weighted:
    """Probability of every arm in every row: ``floor(2^52 / (K + gamma * gap))``; the best takes the rest.

    K counts the eligible arms of the row, the best included; the gap is to the best eligible score, in units of the
    scale, cut to 1/1024. Ties are broken by the lowest index. An arm over its cap is cut to it; then, where all other
    arms together exceed epsilon, each is scaled down by the same exact ratio and rounded down. Arms that are not
    eligible have probability 0.

    Args:
        scores: whole numbers below 2^53 in magnitude; shape (n, k).
        eligible: which arms may be chosen; bool, shape (n, k). "Nothing" is an arm and always eligible.
        exploration: gamma, scale, epsilon and caps.

    Raises:
        Misuse: a row has no eligible arm, or the shapes do not meet.

    Reference: Foster & Rakhlin (2020), "Beyond UCB" (SquareCB); Abe & Long (1999).

    >>> half = Exploration(gamma=4 * GAMMA_UNIT, scale=100, epsilon=WHOLE)
    >>> found = weights([[100, 50, 0, 900]], eligible=[[True, True, True, False]], exploration=half)
    >>> found.best.tolist(), (found.probabilities[0, 1:] == [WHOLE // 5, WHOLE // 7, 0]).all()  # 3 + 4 * 0.5, 3 + 4 * 1
    ([0], np.True_)
    """
    score, may = _checked(scores, eligible, exploration=exploration)
    rows = np.arange(score.shape[0])
    masked = np.where(may, score, _NOT_ELIGIBLE)
    best = masked.argmax(axis=1).astype(np.int64)
    gap = np.where(may, masked[rows, best][:, None] - masked, 0)
    arms = np.count_nonzero(may, axis=1).astype(np.int64)[:, None]
    share = (WHOLE * GAMMA_UNIT) // (arms * GAMMA_UNIT + _punishment(gap, exploration))
    share[~may] = 0
    if exploration.caps is not None:
        share = np.minimum(share, np.asarray(exploration.caps, dtype=np.int64))
    share[rows, best] = 0
    over = np.flatnonzero(share.sum(axis=1) > exploration.epsilon)
    if over.size:
        share[over] = _scaled_down(share[over], exploration.epsilon)
    share[rows, best] = WHOLE - share.sum(axis=1)
    return Weighted(probabilities=share, best=best)


def _checked(
    scores: ArrayLike, eligible: ArrayLike, *, exploration: Exploration
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    given = np.asarray(scores)
    may = np.asarray(eligible, dtype=np.bool_)
    if given.ndim != 2 or given.shape != may.shape:
        raise Misuse.say(where="weights", what=f"shapes {given.shape} and {may.shape} differ", do="give (n, k) to both")
    if exploration.caps is not None and len(exploration.caps) != given.shape[1]:
        raise Misuse.say(
            where="weights", what=f"{len(exploration.caps)} caps for {given.shape[1]} arms", do="give one cap per arm"
        )
    score = given.astype(np.int64)
    if not np.array_equal(score, given) or (np.abs(score) >= 1 << 53).any():
        raise Misuse.say(where="weights", what="a score is not a whole number below 2^53", do="use exact.scores")
    nobody = np.flatnonzero(~may.any(axis=1))
    if nobody.size:
        raise Misuse.say(
            where=f"weights, row {nobody[0]}",
            what=f"{nobody.size} of {may.shape[0]} rows have no eligible arm",
            do="nothing is an arm: it is always eligible",
        )
    return score, may


def _punishment(gap: NDArray[np.int64], exploration: Exploration) -> NDArray[np.int64]:
    """floor(gamma * gap / scale), clipped where the share is 0 anyway; split so that no product passes 2^62."""
    if exploration.gamma == 0:
        return np.zeros_like(gap)
    whole, rest = np.divmod(gap, np.int64(exploration.scale))
    whole = np.minimum(whole, _FAR // exploration.gamma + 1)
    punishment: NDArray[np.int64] = whole * exploration.gamma + rest * exploration.gamma // exploration.scale
    return punishment


def _scaled_down(share: NDArray[np.int64], epsilon: int) -> NDArray[np.int64]:
    """floor(share * epsilon / total) by long division, nine bits of epsilon at a time, so that no term passes 2^63."""
    total = share.sum(axis=1)[:, None]
    quotient = np.zeros_like(share)
    rest = np.zeros_like(share)
    for shift in range(54 - _CHUNK, -1, -_CHUNK):
        digit = (epsilon >> shift) & ((1 << _CHUNK) - 1)
        step, rest = np.divmod((rest << _CHUNK) + share * digit, total)
        quotient = (quotient << _CHUNK) + step
    return quotient


def draw(probabilities: ArrayLike, chances: ArrayLike) -> NDArray[np.int64]:
    """The arm each draw picks: the first whose cumulative probability lies above the draw.

    Args:
        probabilities: units of 2^-52, each row adding up to 2^52; shape (n, k).
        chances: draws in [0, 2^52), see `tactful.reckon.chance`; shape (n,).

    Returns:
        Arm indices; int64, shape (n,). An arm of probability 0 is never picked.

    >>> quarter = WHOLE // 4
    >>> draw([[quarter, 0, 3 * quarter]] * 3, [0, quarter - 1, quarter]).tolist()
    [0, 0, 2]
    """
    cumulative: NDArray[np.int64] = np.cumsum(np.asarray(probabilities, dtype=np.int64), axis=1)
    chance = np.asarray(chances, dtype=np.int64)
    if cumulative.shape[0] and (cumulative[:, -1] != WHOLE).any():
        raise Misuse.say(where="draw", what="a row's probabilities do not add up to 2^52", do="use weighting.weights")
    if ((chance < 0) | (chance >= WHOLE)).any():
        raise Misuse.say(where="draw", what="a chance is outside [0, 2^52)", do="use chance.draws")
    passed: NDArray[np.int64] = np.count_nonzero(cumulative <= chance[:, None], axis=1).astype(np.int64)
    return passed
