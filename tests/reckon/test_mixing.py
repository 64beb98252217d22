"""Careful deployment: the weight that holds and no more, exact mixtures, and floors that only the best arm pays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.reckon.chance import WHOLE
from tactful.reckon.mixing import PARTS, Compared, feasible, floored, mixed
from tactful.reckon.weighting import draw
from tactful.words.errors import Misuse


def bound(rows: tuple[np.ndarray, np.ndarray], weight: float, *, loss: float, z: float) -> float:
    old, new = rows
    value = loss * old + weight * (new - old)
    return float(value.mean() - z * value.std(ddof=1) / np.sqrt(value.size))


@given(st.integers(0, 10_000), st.floats(-0.5, 0.5), st.floats(0.0, 1.0), st.integers(20, 400))
def test_the_weight_holds_and_the_next_one_does_not(seed: int, better: float, loss: float, n: int) -> None:
    rng = np.random.default_rng(seed)
    old = rng.normal(1.0, 1.0, n)
    rows = old, old + rng.normal(better, 1.0, n)
    weight = feasible(Compared.of(*rows), loss=loss)
    if weight:
        assert bound(rows, weight / PARTS, loss=loss, z=1.645) > -1e-6
    if 0 < weight < PARTS:
        assert bound(rows, (weight + 2) / PARTS, loss=loss, z=1.645) < 1e-6
    if weight == 0:
        assert max(bound(rows, step / 50, loss=loss, z=1.645) for step in range(1, 51)) < 2e-3


def test_a_surely_better_rule_is_deployed_whole_and_a_surely_worse_one_by_its_loss() -> None:
    rng = np.random.default_rng(1)
    old = rng.normal(1.0, 0.2, 5_000)
    assert feasible(Compared.of(old, old + 0.5), loss=0.0) == PARTS
    assert feasible(Compared.of(old, old * 0 + 0.5), loss=0.1) == pytest.approx(0.2 * PARTS, rel=0.1)
    assert feasible(Compared.of(old, old - 0.5), loss=0.0) == 0


def test_more_certainty_and_more_risk_never_deploy_less() -> None:
    rng = np.random.default_rng(2)
    old = rng.normal(1.0, 1.0, 300)
    compared = Compared.of(old, old + rng.normal(0.1, 1.0, 300))
    weights = [feasible(compared, loss=loss) for loss in np.linspace(0, 1, 21)]
    assert weights == sorted(weights)
    looser = [feasible(compared, loss=0.05, z=z) for z in (3.0, 2.0, 1.0, 0.0)]
    assert looser == sorted(looser)


def whole_rows(seed: int, n: int, k: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    found = rng.dirichlet(np.ones(k), n)
    found[rng.random((n, k)) < 0.3] = 0
    units = np.floor(found * WHOLE).astype(np.int64)
    units[:, 0] += WHOLE - units.sum(axis=1)
    return units


@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(1, 9), st.integers(0, PARTS))
def test_mixtures_add_up_stay_between_and_never_wake_an_arm(seed: int, n: int, k: int, weight: int) -> None:
    old, new = whole_rows(seed, n, k), whole_rows(seed + 1, n, k)
    found = mixed(old, new, weight=weight)
    assert (found.sum(axis=1) == WHOLE).all()
    assert (found >= np.minimum(old, new)).all()
    assert (found <= np.maximum(old, new) + k).all()
    assert (found[(old == 0) & (new == 0)] == 0).all()
    alone = np.concatenate([mixed(old[i : i + 1], new[i : i + 1], weight=weight) for i in range(n)])
    assert np.array_equal(alone, found)
    assert np.array_equal(mixed(old, new, weight=0), old)
    assert np.array_equal(mixed(old, new, weight=PARTS), new)


def test_what_is_drawn_is_what_is_logged() -> None:
    found = mixed([[WHOLE, 0, 0]], [[0, WHOLE // 4, WHOLE - WHOLE // 4]], weight=512)
    chances = np.random.default_rng(5).integers(0, WHOLE, 40_000)
    arms = draw(np.repeat(found, chances.size, axis=0), chances)
    assert np.bincount(arms, minlength=3) / chances.size == pytest.approx([0.5, 0.125, 0.375], abs=0.01)


@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(2, 9), st.floats(0, 0.6))
def test_floors_reach_only_whom_they_are_meant_for(seed: int, n: int, k: int, share: float) -> None:
    p = whole_rows(seed, n, k)
    rng = np.random.default_rng(seed)
    floors = np.where(rng.random(k) < 0.5, int(share * WHOLE), 0)
    may = (p > 0) | (rng.random((n, k)) < 0.5)
    best = p.argmax(axis=1)
    found = floored(p, floors=floors, eligible=may, best=best)
    rows = np.arange(n)
    assert (found.sum(axis=1) == WHOLE).all()
    assert (found >= 0).all()
    assert (found[~may] == p[~may]).all()
    others = np.ones_like(may)
    others[rows, best] = False
    assert (found[others] >= p[others]).all()
    unmeant = others & (floors == 0)[None, :]
    assert (found[unmeant] == p[unmeant]).all()
    wanted = np.where(may & others, np.maximum(floors[None, :] - p, 0), 0).sum(axis=1)
    met = wanted <= p[rows, best]
    assert (np.maximum(found, np.where(may & others, floors[None, :], 0))[met] == found[met])[others[met]].all()


def test_what_is_no_rule_is_refused() -> None:
    with pytest.raises(Misuse, match="does not add up"):
        mixed([[1, 2]], [[1, 2]], weight=1)
    with pytest.raises(Misuse, match="outside"):
        floored([[WHOLE]], floors=[-1], eligible=[[True]], best=[0])
    with pytest.raises(Misuse, match="too few rows"):
        feasible(Compared.of([1.0], [1.0]), loss=0.1)
