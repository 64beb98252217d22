"""Means of cells in a tree (all → segment → micro-segment), each pulled to its parent as far as its data is thin."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tactful.words.errors import Misuse
from tactful.words.estimate import Undefined

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is believed before any outcome, in pseudo-observations. Stability: full.

    Attributes:
        mean: outcome expected at the root, in the outcome's unit.
        count: pseudo-observations behind that mean; 0 states no mean at all.
        variance: variance of one outcome, in its unit squared; for a share p it is p (1 - p).
        pull: pseudo-observations with which a parent speaks for its child: the prior tau² is variance / pull.
        groups: how many differences between siblings the prior tau² is worth, against those seen.
    """

    mean: float
    count: float
    variance: float
    pull: float
    groups: float = 4.0

    def __post_init__(self) -> None:
        if not (self.variance > 0 and self.pull > 0 and self.groups > 0 and self.count >= 0):
            raise ValueError("a prior needs variance, pull and groups above 0, and a count of at least 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """Posterior means of every cell. Stability: full.

    Attributes:
        means: in the outcome's unit; shape (g,).
        effective_n: observations whose plain mean would be as sure; shape (g,).
        variance: of one outcome around its cell's mean.
        spread: tau² of the cells at each depth around their parents; index 0 (the root) is 0; shape (depths,).
    """

    means: Floats
    effective_n: Floats
    variance: float
    spread: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tree:
    """What each cell's own rows say, and where the cell stands."""

    counts: Floats
    totals: Floats
    squares: Floats
    parent: NDArray[np.int64]
    depth: NDArray[np.int64]

    def __post_init__(self) -> None:
        n, parent = self.counts, self.parent
        if n.ndim != 1 or n.size == 0 or not n.shape == self.totals.shape == self.squares.shape == parent.shape:
            raise Misuse.say(where="pool", what="the columns differ in length or are empty", do="give one row per cell")
        if parent[0] != -1 or (parent[1:] < 0).any() or (parent >= np.arange(n.size)).any():
            raise Misuse.say(
                where="pool", what="a parent does not stand before its child", do="put the root first, as -1"
            )
        if (n < 0).any() or ((n == 0) & ((self.totals != 0) | (self.squares != 0))).any():
            raise Misuse.say(
                where="pool", what="a cell has outcomes but no rows", do="take all sums from the same rows"
            )
        for cell in range(1, n.size):
            self.depth[cell] = self.depth[parent[cell]] + 1

    def variance(self, prior: Prior) -> float:
        """Of one outcome around its cell's mean; the prior's counts as its pseudo-observations and one more."""
        seen = self.counts > 0
        within = float((self.squares[seen] - self.totals[seen] ** 2 / self.counts[seen]).sum())
        freedom = float(self.counts.sum()) - np.count_nonzero(seen)
        return (max(within, 0.0) + (prior.count + 1) * prior.variance) / (freedom + prior.count + 1)


@dataclass(slots=True, kw_only=True)
class _Message:
    """What each subtree says of its top: how precisely, and precision times mean."""

    precision: Floats
    weighted: Floats


def pool(
    counts: ArrayLike, totals: ArrayLike, *, squares: ArrayLike, parents: ArrayLike, prior: Prior, scale: int = 1
) -> Pooled | Undefined:
    """Empirical-Bayes means across a tree, exact for Gaussian outcomes given the spread at each depth.

    One sweep up gathers what each subtree says of its top, one sweep down hands each cell what its parent knows. The
    spread tau² of a depth is DerSimonian and Laird's moment estimate within families, averaged with the prior's by the
    number of differences each rests on, and cut at 0. In a tree of one level this is the familiar
    ``mean + B (own - mean)`` with ``B = tau² / (tau² + variance / n)``.

    Args:
        counts: own rows of each cell (not those of its children); int64, shape (g,).
        totals: sum of y over own rows, in units of 1 / scale; int64, shape (g,).
        squares: sum of y squared over own rows; for a yes-or-no outcome the same as totals; int64, shape (g,).
        parents: index of each cell's parent, before the cell itself; the root is cell 0 with parent -1; shape (g,).
        prior: what is believed before outcomes.
        scale: units of y in 1.0.

    Returns:
        Means and effective n, or `Undefined` where there is neither a row nor a prior mean.

    Reference: Hong et al. (2022), "Hierarchical Bayesian bandits"; DerSimonian & Laird (1986).

    >>> flat = Prior(mean=0.5, count=2, variance=0.25, pull=10)
    >>> alone = pool([0, 0], [0, 0], squares=[0, 0], parents=[-1, 0], prior=flat)
    >>> alone.means.tolist(), alone.effective_n.round(3).tolist()  # 1 / (1/2 + 1/10) = 1.667
    ([0.5, 0.5], [2.0, 1.667])
    """
    own = [np.asarray(part, dtype=np.int64) for part in (counts, totals, squares, parents)]
    tree = _Tree(
        counts=own[0].astype(np.float64),
        totals=own[1] / scale,
        squares=own[2] / scale**2,
        parent=own[3],
        depth=np.zeros(own[3].shape, dtype=np.int64),
    )
    if not tree.counts.any() and prior.count == 0:
        return Undefined("no outcome has been seen, and no prior mean is stated")
    variance = tree.variance(prior)
    said = _Message(precision=tree.counts / variance, weighted=tree.totals / variance)
    spread = np.zeros(int(tree.depth.max()) + 1)
    for level in range(spread.size - 1, 0, -1):
        cells = np.flatnonzero(tree.depth == level)
        above = tree.parent[cells]
        seen = cells[said.precision[cells] > 0]
        spread[level] = _spread(
            said, cells=seen, family=tree.parent[seen], prior=variance / prior.pull, worth=prior.groups
        )
        passed = 1.0 / (1.0 + said.precision[cells] * spread[level])
        np.add.at(said.precision, above, said.precision[cells] * passed)
        np.add.at(said.weighted, above, said.weighted[cells] * passed)
    said.precision[0] += prior.count / variance
    said.weighted[0] += prior.mean * prior.count / variance
    means, doubt = _handed_down(tree, said, spread=spread)
    return Pooled(means=means, effective_n=variance / doubt, variance=variance, spread=spread)


def _spread(
    said: _Message, *, cells: NDArray[np.int64], family: NDArray[np.int64], prior: float, worth: float
) -> float:
    """tau² of siblings around their parents, averaged with the prior's by the differences each rests on."""
    w, xw = said.precision[cells], said.weighted[cells]
    if w.size == 0:
        return prior
    _, group = np.unique(family, return_inverse=True)
    sums, squares, top = (np.bincount(group, weights=part) for part in (w, w**2, xw))
    freedom = int(w.size - sums.size)
    room = float((sums - squares / sums).sum())
    if freedom == 0 or room <= 0:
        return prior
    q = float((w * (xw / w - (top / sums)[group]) ** 2).sum())
    return max(0.0, (freedom * (q - freedom) / room + worth * prior) / (freedom + worth))


def _handed_down(tree: _Tree, said: _Message, *, spread: Floats) -> tuple[Floats, Floats]:
    """Posterior mean and variance of each cell, from the root down."""
    means, doubt = np.zeros_like(said.precision), np.zeros_like(said.precision)
    means[0], doubt[0] = said.weighted[0] / said.precision[0], 1.0 / said.precision[0]
    for level in range(1, spread.size):
        cells = np.flatnonzero(tree.depth == level)
        above, precision = tree.parent[cells], said.precision[cells]
        trust = precision * spread[level] / (1.0 + precision * spread[level])
        own = np.divide(said.weighted[cells], precision, out=np.zeros(cells.size), where=precision > 0)
        means[cells] = trust * own + (1.0 - trust) * means[above]
        doubt[cells] = spread[level] / (1.0 + precision * spread[level]) + (1.0 - trust) ** 2 * doubt[above]
    return means, doubt
