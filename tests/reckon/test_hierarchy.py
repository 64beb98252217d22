"""The tree of coefficients: equal to one big solve, better than no pooling and full pooling, right for new arms."""

from typing import Any

import numpy as np
import pytest

from tactful.reckon import shrinkage
from tactful.reckon.hierarchy import Evidence, Hung, Prior, Tree, hang
from tactful.words.errors import Misuse

WIDTH = 3


def world(seed: int, *, arms: int = 12, cells: int = 6, rows: int = 40, noise: float = 1.0) -> dict[str, Any]:
    """Arms whose coefficients follow from features of theirs, and cells around each arm; rows only in cells."""
    rng = np.random.default_rng(seed)
    maps = rng.normal(0, 1, (2, WIDTH))
    z = np.column_stack([np.ones(arms), rng.normal(0, 1, arms)])
    theta_arm = z @ maps + rng.normal(0, 0.3, (arms, WIDTH))
    parents, theta = [-1, *([0] * arms)], [np.zeros(WIDTH), *theta_arm]
    for arm in range(arms):
        for _ in range(cells):
            parents.append(1 + arm)
            theta.append(theta_arm[arm] + rng.normal(0, 0.2, WIDTH))
    g = len(parents)
    information, weighted = np.zeros((g, WIDTH, WIDTH)), np.zeros((g, WIDTH))
    for node in range(1 + arms, g):
        n = int(rng.integers(2, rows))
        x = np.column_stack([np.ones(n), rng.normal(0, 1, (n, WIDTH - 1))])
        y = x @ theta[node] + rng.normal(0, noise, n)
        information[node], weighted[node] = x.T @ x / noise**2, x.T @ y / noise**2
    designs = np.ones((g, 2))
    designs[1 : 1 + arms] = z
    tree = Tree(parents=np.array(parents), designs=designs, offsets=np.zeros((g, WIDTH)))
    return {
        "evidence": Evidence(information=information, weighted=weighted), "tree": tree, "theta": np.array(theta),
        "maps": maps, "z": z,
    }  # fmt: skip


def prior(*, worth: float = 4.0, spread: float = 0.5) -> Prior:
    sd = np.full((3, WIDTH), spread)
    return Prior(mean=np.zeros((2, WIDTH)), sd=np.full((2, WIDTH), 3.0), spread=sd, worth=worth)


def at_once(evidence: Evidence, *, tree: Tree, prior: Prior) -> np.ndarray:
    """The same posterior by one solve over all unknowns together."""
    g, d = evidence.weighted.shape
    q = tree.designs.shape[1]
    size = q * d + (g - 1) * d
    precision, right = np.zeros((size, size)), np.zeros(size)
    precision[: q * d, : q * d] = np.diag(1 / prior.sd.ravel() ** 2)
    right[: q * d] = prior.mean.ravel() / prior.sd.ravel() ** 2

    def place(node: int) -> slice:
        return slice(q * d + (node - 1) * d, q * d + node * d)

    for node in range(1, g):
        precision[place(node), place(node)] += evidence.information[node]
        right[place(node)] += evidence.weighted[node]
        link = np.zeros((d, size))
        link[:, place(node)] = np.eye(d)
        if tree.parents[node] == 0:
            link[:, : q * d] = -np.kron(tree.designs[node][None, :], np.eye(d))
        else:
            link[:, place(int(tree.parents[node]))] = -np.eye(d)
        weight = np.diag(1 / prior.spread[tree.depth[node]] ** 2)
        precision += link.T @ weight @ link
        right += link.T @ weight @ tree.offsets[node]
    return np.linalg.solve(precision, right)


def test_two_sweeps_are_one_big_solve() -> None:
    made = world(1, arms=4, cells=3)
    rng = np.random.default_rng(9)
    tree = made["tree"]
    tree = Tree(parents=tree.parents, designs=tree.designs, offsets=rng.normal(0, 0.5, tree.offsets.shape))
    stated = prior(worth=np.inf)
    found = hang(made["evidence"], tree=tree, prior=stated)
    truth = at_once(made["evidence"], tree=tree, prior=stated)
    assert found.maps.ravel() == pytest.approx(truth[: 2 * WIDTH], abs=1e-9)
    assert found.means[1:].ravel() == pytest.approx(truth[2 * WIDTH :], abs=1e-9)


def test_of_one_feature_it_is_the_scalar_tree() -> None:
    counts, totals = np.array([0, 40, 300, 5]), np.array([0, 10, 30, 3])
    known = shrinkage.Prior(mean=0.2, count=50, variance=0.16, pull=100, groups=1e12)
    scalar = shrinkage.pool(counts, totals, squares=totals, parents=[-1, 0, 0, 1], prior=known)
    assert isinstance(scalar, shrinkage.Pooled)
    evidence = Evidence(
        information=(counts / scalar.variance)[:, None, None], weighted=(totals / scalar.variance)[:, None]
    )
    tree = Tree(parents=np.array([-1, 0, 0, 1]), designs=np.ones((4, 1)), offsets=np.zeros((4, 1)))
    stated = Prior(
        mean=np.full((1, 1), 0.2), sd=np.full((1, 1), np.sqrt(scalar.variance / 50)),
        spread=np.sqrt(scalar.spread)[:, None], worth=np.inf,
    )  # fmt: skip
    found = hang(evidence, tree=tree, prior=stated)
    assert found.means.ravel() == pytest.approx(scalar.means, rel=1e-9)
    assert found.covariances.ravel() == pytest.approx(scalar.variance / scalar.effective_n, rel=1e-9)


def errors(made: dict[str, Any], found: Hung) -> list[float]:
    """Mean squared error of the tree, of each cell alone, and of everybody together."""
    evidence, theta = made["evidence"], made["theta"]
    leaf = np.flatnonzero(evidence.information[:, 0, 0] > 0)
    own = np.array([np.linalg.lstsq(evidence.information[n], evidence.weighted[n], rcond=None)[0] for n in leaf])
    everybody = np.linalg.solve(evidence.information.sum(axis=0), evidence.weighted.sum(axis=0))
    return [float(((guess - theta[leaf]) ** 2).mean()) for guess in (found.means[leaf], own, everybody)]


def test_pooling_beats_no_pooling_and_full_pooling() -> None:
    total = np.zeros(3)
    for seed in range(12):
        made = world(seed)
        each = errors(made, hang(made["evidence"], tree=made["tree"], prior=prior()))
        assert each[0] < min(each[1:])
        total += each
    assert total[0] < 0.5 * total[1:].min()


def test_posterior_doubt_is_honest() -> None:
    scores = []
    for seed in range(12):
        made = world(seed)
        found = hang(made["evidence"], tree=made["tree"], prior=prior())
        sd = np.sqrt(np.diagonal(found.covariances, axis1=1, axis2=2))[1:]
        scores.append(((found.means - made["theta"])[1:] / sd).ravel())
    assert 0.8 < np.concatenate(scores).var() < 1.3


def test_planted_coefficients_and_spreads_are_found() -> None:
    made = world(3, arms=40, cells=12, rows=900)
    found = hang(made["evidence"], tree=made["tree"], prior=prior())
    assert found.maps == pytest.approx(made["maps"], abs=0.15)
    assert found.spread[1:] == pytest.approx(np.array([[0.3] * WIDTH, [0.2] * WIDTH]), rel=0.25)
    leaf = made["evidence"].information[:, 0, 0] > 400
    assert found.means[leaf] == pytest.approx(made["theta"][leaf], abs=0.2)


def test_a_new_arm_starts_at_what_its_features_predict() -> None:
    made = world(3, arms=40, cells=4, rows=400)
    found = hang(made["evidence"], tree=made["tree"], prior=prior())
    z = np.array([1.0, 1.5])
    mean, doubt = found.expected(z)
    assert mean == pytest.approx(z @ made["maps"], abs=0.4)
    assert np.sqrt(np.diagonal(doubt)) == pytest.approx([0.3] * WIDTH, rel=0.4)
    tree = made["tree"]
    g = tree.parents.size
    wider = Tree(
        parents=np.append(tree.parents, 0), designs=np.vstack([tree.designs, z]), offsets=np.zeros((g + 1, WIDTH))
    )
    evidence = Evidence(
        information=np.append(made["evidence"].information, np.zeros((1, WIDTH, WIDTH)), axis=0),
        weighted=np.append(made["evidence"].weighted, np.zeros((1, WIDTH)), axis=0),
    )
    again = hang(evidence, tree=wider, prior=Prior(mean=np.zeros((2, WIDTH)), sd=np.full((2, WIDTH), 3.0),
                                                   spread=found.spread, worth=np.inf))  # fmt: skip
    assert again.means[-1] == pytest.approx(mean, abs=1e-9)
    assert again.covariances[-1] == pytest.approx(doubt, abs=1e-9)


def test_an_individual_is_a_node_below_its_cell() -> None:
    """Depth three: a person with many rows is believed, one with none sits at the cell."""
    information, weighted = np.zeros((5, 1, 1)), np.zeros((5, 1))
    information[2:, 0, 0], weighted[2:, 0] = [100.0, 50.0, 0.0], [100.0, 150.0, 0.0]
    tree = Tree(parents=np.array([-1, 0, 1, 2, 2]), designs=np.ones((5, 1)), offsets=np.zeros((5, 1)))
    stated = Prior(mean=np.zeros((1, 1)), sd=np.ones((1, 1)), spread=np.full((4, 1), 0.5), worth=np.inf)
    found = hang(Evidence(information=information, weighted=weighted), tree=tree, prior=stated)
    cell, often, never = found.means[2:, 0]
    assert cell < often < 3.0
    assert never == cell
    assert found.trust[3, 0] > 0.9
    assert found.trust[4, 0] == 0


def test_what_does_not_meet_is_refused() -> None:
    none = Evidence(information=np.zeros((2, 1, 1)), weighted=np.zeros((2, 1)))
    with pytest.raises(Misuse, match="no root"):
        Tree(parents=np.array([0, 0]), designs=np.ones((2, 1)), offsets=np.zeros((2, 1)))
    tree = Tree(parents=np.array([-1, 0]), designs=np.ones((2, 1)), offsets=np.zeros((2, 1)))
    with pytest.raises(Misuse, match="one spread per depth"):
        hang(none, tree=tree, prior=Prior(mean=np.zeros((1, 1)), sd=np.ones((1, 1)), spread=np.ones((3, 1))))
    rooted = Evidence(information=np.ones((2, 1, 1)), weighted=np.zeros((2, 1)))
    with pytest.raises(Misuse, match="rows of its own"):
        hang(rooted, tree=tree, prior=Prior(mean=np.zeros((1, 1)), sd=np.ones((1, 1)), spread=np.ones((2, 1))))
