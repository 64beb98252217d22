"""Scores made into probabilities: rising steps over counts that add up, and how far probabilities are from what was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from tactful.words.errors import Misuse

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
BINS: Final = 100
ROUNDS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """Probabilities that rise with the score. Stability: caller.

    Attributes:
        edges: the lowest score of each bin but the first, rising; shape (bins - 1,).
        seen: how many scores fell into each bin; shape (bins,).
        happened: for how many of these the thing happened; counts over the same edges add up.
    """

    edges: Floats
    seen: Ints
    happened: Ints

    def __post_init__(self) -> None:
        if not self.seen.shape == self.happened.shape == (self.edges.size + 1,):
            raise ValueError("counts and edges do not belong together")

    def merged(self, other: Steps) -> Steps:
        """Both samples together."""
        if not np.array_equal(self.edges, other.edges):
            raise Misuse.say(where="calibration", what="the bins differ", do="count both over the same edges")
        return Steps(edges=self.edges, seen=self.seen + other.seen, happened=self.happened + other.happened)

    def chances(self, scores: ArrayLike) -> Floats:
        """The probability of each score: the rate of its bin, after neighbours out of order were pooled.

        >>> made = Steps(edges=np.array([1.0]), seen=np.array([10, 10]), happened=np.array([1, 5]))
        >>> made.chances([0.2, 7.0]).tolist()
        [0.1, 0.5]
        """
        place = np.searchsorted(self.edges, np.asarray(scores, dtype=np.float64), side="right")
        return pooled(self.seen, self.happened)[place]


def counted(scores: ArrayLike, outcomes: ArrayLike, *, bins: int = BINS) -> Steps:
    """Scores cut into bins of about as many outcomes that happened as that did not, and counted.

    The edges are quantiles of the scores of what happened together with those of everything, so that the few high
    scores that matter are told apart.

    >>> made = counted([1, 2, 3, 4], [0, 0, 1, 1], bins=2)  # edges at 3 (of all) and 4 (of what happened)
    >>> made.seen.tolist(), made.happened.tolist()
    ([2, 1, 1], [0, 1, 1])
    """
    score, outcome = np.asarray(scores, dtype=np.float64), np.asarray(outcomes, dtype=bool)
    if score.shape != outcome.shape or score.ndim != 1 or score.size == 0:
        raise Misuse.say(where="calibration", what="scores and outcomes are not as many", do="give one outcome a score")
    shares = np.arange(1, bins) / bins
    cuts = [np.quantile(one, shares, method="higher") for one in (score, score[outcome]) if one.size]
    edges = np.unique(np.concatenate(cuts))
    edges = edges[edges > score.min()]
    place = np.searchsorted(edges, score, side="right")
    seen = np.bincount(place, minlength=edges.size + 1)
    return Steps(edges=edges, seen=seen, happened=np.bincount(place[outcome], minlength=edges.size + 1))


def pooled(seen: Ints, happened: Ints) -> Floats:
    """Rates that never fall: neighbours out of order get their common rate (pool adjacent violators).

    >>> pooled(np.array([10, 10, 10]), np.array([4, 2, 9])).tolist()
    [0.3, 0.3, 0.9]
    """
    groups: list[tuple[int, int, int]] = []
    for count, good in zip(seen.tolist(), happened.tolist(), strict=True):
        groups.append((count, good, 1))
        while len(groups) > 1 and groups[-2][1] * groups[-1][0] >= groups[-1][1] * groups[-2][0]:
            (n, k, wide), (m, j, further) = groups[-2:]
            groups[-2:] = [(n + m, k + j, wide + further)]
    return np.repeat([k / n if n else 0.0 for n, k, _ in groups], [wide for _, _, wide in groups])


def logistic(features: ArrayLike, outcomes: ArrayLike, *, ridge: float = 1.0) -> Floats:
    """Coefficients of a logistic regression, by Newton's steps; the first column is not shrunk.

    Args:
        features: shape (n, d); the first column is the constant one.
        outcomes: what happened; shape (n,).
        ridge: pulls the other coefficients towards zero.

    >>> found = logistic([[1.0]] * 4, [1, 0, 0, 0])
    >>> round(float(1 / (1 + np.exp(-found[0]))), 4)
    0.25
    """
    x, y = np.asarray(features, dtype=np.float64), np.asarray(outcomes, dtype=np.float64)
    pull = np.full(x.shape[1], ridge)
    pull[0] = 1e-9
    found = np.zeros(x.shape[1])
    found[0] = np.log((y.sum() + 0.5) / (y.size - y.sum() + 0.5))
    for _ in range(ROUNDS):
        chance = expit(x @ found)
        slope = x.T @ (y - chance) - pull * found
        step = np.linalg.solve((x * (chance * (1 - chance) + 1e-12)[:, None]).T @ x + np.diag(pull), slope)
        found += step
        if np.abs(step).max() < 1e-8:
            break
    return found


def error(chances: ArrayLike, outcomes: ArrayLike, *, bins: int = 10) -> float:
    """ECE: over bins of equally many, the mean distance between what was promised and what happened.

    Args:
        chances: probabilities; shape (n,).
        outcomes: whether it happened; shape (n,).
        bins: how many bins.

    >>> error([0.5, 0.5, 0.1, 0.1], [1, 0, 0, 0], bins=2)
    0.05
    """
    chance, outcome = np.asarray(chances, dtype=np.float64), np.asarray(outcomes, dtype=np.float64)
    order = np.argsort(chance, kind="stable")
    parts = np.array_split(order, min(bins, max(order.size, 1)))
    apart = sum(abs(float(chance[one].sum() - outcome[one].sum())) for one in parts)
    return apart / max(order.size, 1)
