"""Coefficients of cells in a tree (all → segment → micro-segment → individual), each pulled to its parent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tactful.words.errors import Misuse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROUNDS: Final = 60
_SETTLED: Final = 1e-3
"""A spread that moves by less than this share in a round is found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What each node's own rows say of its coefficients (not those of its children). Stability: full.

    Attributes:
        information: sum of x x' over the variance of one outcome; shape (g, d, d).
        weighted: sum of x y over the same variance; shape (g, d).
    """

    information: Floats
    weighted: Floats

    def __post_init__(self) -> None:
        g, d = self.weighted.shape
        if self.information.shape != (g, d, d):
            raise ValueError(f"shapes {self.information.shape} and {self.weighted.shape} are not of one width")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Where each node hangs. Node 0 is the root and has no rows of its own. Stability: full.

    Attributes:
        parents: index of each node's parent, before the node itself; the root is node 0 with -1; shape (g,).
        designs: features z of the nodes that hang at the root, from which their coefficients are expected as B' z; rows
            of other nodes are not looked at; shape (g, q). A lone column of 1 is a plain mean.
        offsets: how far a node is expected from its parent's coefficients; shape (g, d).
    """

    parents: Ints
    designs: Floats
    offsets: Floats
    depth: Ints = field(init=False)

    def __post_init__(self) -> None:
        parent = self.parents
        if parent.ndim != 1 or parent.size == 0 or parent[0] != -1:
            raise Misuse.say(where="hierarchy", what="there is no root", do="put the root first, as -1")
        if (parent[1:] < 0).any() or (parent >= np.arange(parent.size)).any():
            raise Misuse.say(where="hierarchy", what="a parent does not stand before its child", do="order the nodes")
        if self.designs.shape[0] != parent.size or self.offsets.shape[0] != parent.size:
            raise Misuse.say(where="hierarchy", what="the columns differ in length", do="give one row per node")
        depth = np.zeros(parent.shape, dtype=np.int64)
        for node in range(1, parent.size):
            depth[node] = depth[parent[node]] + 1
        object.__setattr__(self, "depth", depth)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is believed before any outcome. Stability: full.

    Attributes:
        mean: of B; shape (q, d).
        sd: of each entry of B; shape (q, d).
        spread: sd of a node's coefficients around its parent's, by depth; row 0 is not looked at; shape (depths, d).
        worth: how many nodes' differences that spread is worth, against those seen; infinity keeps it as it is.
    """

    mean: Floats
    sd: Floats
    spread: Floats
    worth: float = 4.0

    def __post_init__(self) -> None:
        if self.mean.shape != self.sd.shape or (self.sd < 0).any() or (self.spread < 0).any() or not self.worth > 0:
            raise ValueError("a prior has one sd for each mean, none below 0, and is worth something")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hung:
    """Posterior of every node. Stability: full.

    Attributes:
        means: shape (g, d); node 0 holds what is expected of a node whose design is the mean of those seen.
        covariances: shape (g, d, d).
        trust: share of each coefficient that the node's own subtree decides, between 0 and 1; shape (g, d).
        maps: B, from a node's design to its coefficients; shape (q, d).
        maps_covariance: of B laid out row by row; shape (q d, q d).
        spread: sd around the parent as learned, by depth; shape (depths, d).
    """

    means: Floats
    covariances: Floats
    trust: Floats
    maps: Floats
    maps_covariance: Floats
    spread: Floats

    def expected(self, design: Floats) -> tuple[Floats, Floats]:
        """Mean and covariance of a new node that hangs at the root, before any row of its own: B' z.

        Args:
            design: its z; shape (q,).
        """
        d = self.means.shape[1]
        across = np.kron(design[None, :], np.eye(d))
        doubt = across @ self.maps_covariance @ across.T + np.diag(self.spread[1] ** 2)
        return design @ self.maps, doubt


def hang(evidence: Evidence, *, tree: Tree, prior: Prior) -> Hung:
    """Coefficients of every node given all rows: one sweep up, one sweep down, the spread of each depth learned.

    ``theta_child ~ N(theta_parent + offset, diag(spread²))``; at the root ``theta ~ N(B' z, diag(spread²))`` with B
    unknown too. The sweeps are exact for Gaussian outcomes. The spread of each depth and coefficient is the one of
    highest likelihood (by EM), averaged with the prior's by the number of nodes each rests on. A node without rows sits
    where its parent, or its design, puts it.

    Args:
        evidence: what each node's own rows say.
        tree: where each node hangs.
        prior: what is believed before outcomes.

    Raises:
        Misuse: widths or depths do not meet.

    Reference: Hong et al. (2022), "Hierarchical Bayesian bandits"; Dempster, Laird & Rubin (1977).

    >>> told = Evidence(information=np.array([[[0.0]], [[4.0]], [[0.0]]]), weighted=np.array([[0.0], [8.0], [0.0]]))
    >>> tree = Tree(parents=np.array([-1, 0, 0]), designs=np.ones((3, 1)), offsets=np.zeros((3, 1)))
    >>> flat = Prior(mean=np.zeros((1, 1)), sd=np.ones((1, 1)), spread=np.full((2, 1), 0.5), worth=np.inf)
    >>> hang(told, tree=tree, prior=flat).means.ravel().round(4).tolist()  # 4 / (1 + 4/4) = 2 says 2; against 1 says 0
    [1.3333, 1.6667, 1.3333]
    """
    _check(evidence, tree=tree, prior=prior)
    variance = prior.spread**2
    for _ in range(_ROUNDS if np.isfinite(prior.worth) else 0):
        found = _sweep(evidence, tree=tree, prior=prior, variance=variance)
        fresh = _learned(found, tree=tree, prior=prior)
        moved = np.abs(fresh - variance) > _SETTLED * np.maximum(variance, 1e-300)
        variance = fresh
        if not moved.any():
            break
    found = _sweep(evidence, tree=tree, prior=prior, variance=variance)
    return Hung(
        means=found.means,
        covariances=found.covariances,
        trust=found.trust,
        maps=found.maps,
        maps_covariance=found.doubt,
        spread=np.sqrt(variance),
    )


def _check(evidence: Evidence, *, tree: Tree, prior: Prior) -> None:
    g, d = evidence.weighted.shape
    q = tree.designs.shape[1]
    if tree.parents.size != g or tree.offsets.shape != (g, d) or prior.mean.shape != (q, d):
        raise Misuse.say(where="hierarchy", what="evidence, tree and prior are not of one width", do="use one map")
    if prior.spread.shape != (int(tree.depth.max(initial=0)) + 1, d):
        raise Misuse.say(where="hierarchy", what="there is not one spread per depth", do="give one row per depth")
    if evidence.information[0].any() or evidence.weighted[0].any():
        raise Misuse.say(where="hierarchy", what="the root has rows of its own", do="hang them at a node below it")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One pair of sweeps: the posterior, and of each node how far it lies from its parent (squared, expected)."""

    means: Floats
    covariances: Floats
    trust: Floats
    maps: Floats
    doubt: Floats
    apart: Floats


def _sweep(evidence: Evidence, *, tree: Tree, prior: Prior, variance: Floats) -> _Found:
    """Up: each subtree tells its top. Down: each node hears what its parent knows."""
    information, weighted = evidence.information.copy(), evidence.weighted.copy()
    q, d = prior.mean.shape
    for level in range(variance.shape[0] - 1, 1, -1):
        nodes = np.flatnonzero(tree.depth == level)
        told, said = _told(information[nodes], weighted[nodes], offsets=tree.offsets[nodes], variance=variance[level])
        np.add.at(information, tree.parents[nodes], told)
        np.add.at(weighted, tree.parents[nodes], said)
    precision = np.diag(1.0 / np.maximum(prior.sd.ravel(), 1e-150) ** 2)
    right = precision @ prior.mean.ravel()
    top = np.flatnonzero(tree.depth == 1)
    if top.size:
        told, said = _told(information[top], weighted[top], offsets=tree.offsets[top], variance=variance[1])
        z = tree.designs[top]
        precision += np.einsum("ni,nj,nkl->ikjl", z, z, told).reshape(q * d, q * d)
        right += np.einsum("ni,nk->ik", z, said).ravel()
    doubt = np.linalg.inv(precision)
    doubt = (doubt + doubt.T) / 2
    maps = (doubt @ right).reshape(q, d)
    return _down(information, weighted, tree=tree, variance=variance, maps=maps, doubt=doubt)


def _told(information: Floats, weighted: Floats, *, offsets: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """What nodes tell their parents: their own coefficients integrated out."""
    d = variance.size
    right = np.concatenate(
        [information, (weighted - np.einsum("nij,nj->ni", information, offsets))[:, :, None]], axis=2
    )
    solved = np.linalg.solve(np.eye(d) + information * variance[None, None, :], right)
    told = solved[:, :, :d]
    return (told + told.transpose(0, 2, 1)) / 2, solved[:, :, d]


def _down(
    information: Floats, weighted: Floats, *, tree: Tree, variance: Floats, maps: Floats, doubt: Floats
) -> _Found:
    g, d = weighted.shape
    means, covariances = np.zeros((g, d)), np.zeros((g, d, d))
    trust, apart = np.zeros((g, d)), np.zeros((g, d))
    top = tree.designs[tree.depth == 1]
    means[0], covariances[0] = _mapped(top.mean(axis=0) if len(top) else np.ones(len(maps)), maps=maps, doubt=doubt)
    for level in range(1, variance.shape[0]):
        nodes = np.flatnonzero(tree.depth == level)
        if level == 1:
            above = [_mapped(z, maps=maps, doubt=doubt) for z in tree.designs[nodes]]
            expected, around = np.array([one for one, _ in above]), np.array([two for _, two in above])
        else:
            expected, around = means[tree.parents[nodes]], covariances[tree.parents[nodes]]
        expected = expected + tree.offsets[nodes]
        lever = np.linalg.inv(np.eye(d) + variance[level][None, :, None] * information[nodes])
        own = lever * variance[level][None, None, :]
        means[nodes] = np.einsum("nij,nj->ni", lever, variance[level] * weighted[nodes] + expected)
        covariances[nodes] = own + lever @ around @ lever.transpose(0, 2, 1)
        trust[nodes] = np.clip(1 - np.diagonal(lever, axis1=1, axis2=2), 0, 1)
        pulled = np.eye(d) - lever
        left = np.diagonal(own + pulled @ around @ pulled.transpose(0, 2, 1), axis1=1, axis2=2)
        apart[nodes] = (means[nodes] - expected) ** 2 + left
    return _Found(means=means, covariances=covariances, trust=trust, maps=maps, doubt=doubt, apart=apart)


def _mapped(design: Floats, *, maps: Floats, doubt: Floats) -> tuple[Floats, Floats]:
    """What B says of one design, and how sure."""
    q, d = maps.shape
    across = np.einsum("i,ijkl,k->jl", design, doubt.reshape(q, d, q, d), design)
    return design @ maps, across


def _learned(found: _Found, *, tree: Tree, prior: Prior) -> Floats:
    """The next spread²: the mean of the expected squares, the prior's counted as its worth."""
    fresh = prior.spread**2
    for level in range(1, fresh.shape[0]):
        nodes = tree.depth == level
        fresh[level] = (found.apart[nodes].sum(axis=0) + prior.worth * fresh[level]) / (nodes.sum() + prior.worth)
    return fresh
