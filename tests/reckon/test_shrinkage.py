"""Pooling beats both not pooling and pooling everything where the truth is known; without data the prior speaks."""

import numpy as np
import pytest

from tactful.reckon import exact
from tactful.reckon.shrinkage import Pooled, Prior, pool
from tactful.reckon.worlds import PooledWorld
from tactful.words.errors import Misuse
from tactful.words.estimate import Undefined

PRIOR = Prior(mean=0.05, count=20, variance=0.05, pull=200)


def pooled(*args: object, **named: object) -> Pooled:
    found = pool(*args, **named)  # type: ignore[arg-type]
    assert isinstance(found, Pooled)
    return found


def test_pooling_beats_no_pooling_and_full_pooling() -> None:
    wins_over_none, wins_over_full, worlds = 0, 0, 40
    errors = np.zeros(3)
    for seed in range(worlds):
        world = PooledWorld().draw(seed)
        found = pooled(world.counts, world.totals, squares=world.totals, parents=world.parents, prior=PRIOR)
        leaf = world.counts > 0
        truth = world.truth[leaf]
        own = world.totals[leaf] / world.counts[leaf]
        everybody = np.full(truth.size, world.totals.sum() / world.counts.sum())
        each = [float(((guess - truth) ** 2).mean()) for guess in (found.means[leaf], own, everybody)]
        errors += each
        wins_over_none += each[0] < each[1]
        wins_over_full += each[0] < each[2]
    assert wins_over_none == worlds
    assert wins_over_full >= worlds - 1
    assert errors[0] < 0.7 * errors[1:].min()


def test_posterior_doubt_is_honest() -> None:
    """Errors over their stated deviation have variance near 1: variance / effective_n is the posterior variance."""
    scores = []
    for seed in range(40):
        world = PooledWorld().draw(seed)
        found = pooled(world.counts, world.totals, squares=world.totals, parents=world.parents, prior=PRIOR)
        leaf = world.counts > 0
        scores.append((found.means - world.truth)[leaf] / np.sqrt(found.variance / found.effective_n[leaf]))
    assert 0.8 < np.concatenate(scores).var() < 1.3


def test_the_spread_of_each_depth_is_found() -> None:
    world = PooledWorld(segments=40, cells=40, rows=400).draw(3)
    found = pooled(world.counts, world.totals, squares=world.totals, parents=world.parents, prior=PRIOR)
    assert np.sqrt(found.spread) == pytest.approx([0, 0.03, 0.02], rel=0.25)


def test_numbers_worked_by_hand() -> None:
    """One level, two cells of 100 rows, so tau² follows from the formula of the paper."""
    prior = Prior(mean=0.0, count=0, variance=0.16, pull=100, groups=1)
    found = pooled([0, 100, 100], [0, 10, 30], squares=[0, 10, 30], parents=[-1, 0, 0], prior=prior)
    variance = (9 + 21 + 0.16) / (198 + 1)
    assert found.variance == pytest.approx(variance)
    moment = (100 * 0.1**2 * 2 - variance) / (200 - 100)
    spread = (moment + variance / 100) / 2
    assert found.spread[1] == pytest.approx(spread)
    trust = spread / (spread + variance / 100)
    assert found.means == pytest.approx([0.2, 0.2 - trust * 0.1, 0.2 + trust * 0.1])


def test_without_data_the_prior_speaks_and_without_a_prior_nothing_does() -> None:
    found = pooled([0, 0, 0], [0, 0, 0], squares=[0, 0, 0], parents=[-1, 0, 1], prior=PRIOR)
    assert found.means.tolist() == [0.05] * 3
    assert found.effective_n == pytest.approx([20, 1 / (1 / 20 + 1 / 200), 1 / (1 / 20 + 2 / 200)])
    nothing = Prior(mean=0, count=0, variance=1, pull=1)
    assert isinstance(pool([0], [0], squares=[0], parents=[-1], prior=nothing), Undefined)


def test_a_rich_cell_keeps_its_mean_and_an_empty_one_takes_its_parents() -> None:
    found = pooled([0, 10**7, 0], [0, 4 * 10**6, 0], squares=[0, 4 * 10**6, 0], parents=[-1, 0, 1], prior=PRIOR)
    assert found.means[1] == pytest.approx(0.4, abs=1e-3)
    assert found.means[2] == found.means[1]
    assert found.effective_n[2] < found.effective_n[1]


def test_the_order_of_rows_within_cells_and_the_unit_do_not_matter() -> None:
    plain = pooled([0, 5, 9], [0, 4, 2], squares=[0, 6, 4], parents=[-1, 0, 0], prior=PRIOR)
    cents = pooled([0, 5, 9], [0, 400, 200], squares=[0, 60_000, 40_000], parents=[-1, 0, 0], prior=PRIOR, scale=100)
    assert cents.means == pytest.approx(plain.means)
    assert exact.quantise(plain.means, scale=1 << 20).clipped == 0


def test_faulty_trees_are_refused() -> None:
    for parents, why in (([0, 0], "parent"), ([-1, 1], "parent"), ([-1, -1], "parent"), ([-1], "length")):
        with pytest.raises(Misuse, match=why):
            pool([1, 1], [1, 1], squares=[1, 1], parents=parents, prior=PRIOR)
    with pytest.raises(Misuse, match="no rows"):
        pool([1, 0], [1, 1], squares=[1, 1], parents=[-1, 0], prior=PRIOR)
    with pytest.raises(ValueError, match="above 0"):
        Prior(mean=0, count=1, variance=0, pull=1)
