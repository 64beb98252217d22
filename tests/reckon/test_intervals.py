"""Intervals cover as often as they say, and say nothing where there is nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from tactful.reckon.intervals import mean, proportion
from tactful.reckon.worlds import CoinWorld
from tactful.words.errors import Misuse
from tactful.words.estimate import Estimate, Undefined


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.sampled_from([0.5, 0.8, 0.95, 0.999]))
def test_a_share_lies_in_its_interval_and_both_in_0_1(a: int, b: int, confidence: float) -> None:
    found = proportion(min(a, b), b, confidence=confidence)
    assert isinstance(found, Estimate)
    assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize("truth", [0.01, 0.1, 0.5])
def test_wilson_covers_the_truth_on_average(truth: float) -> None:
    """Exact coverage, by summing over all outcomes; averaged over sample sizes because it waves."""
    coverage = []
    for n in range(200, 260):
        holds = [proportion(x, n) for x in range(n + 1)]
        chance = binom.pmf(np.arange(n + 1), n, truth)
        coverage.append(
            sum(p for p, e in zip(chance, holds, strict=True) if isinstance(e, Estimate) and e.low <= truth <= e.high)
        )
    assert 0.94 < np.mean(coverage) < 0.97


def test_the_t_interval_holds_the_truth_in_95_percent_of_worlds() -> None:
    world, held = CoinWorld(q=0.5), 0
    for seed in range(400):
        reward = world.log(60, seed=seed)["reward"].astype(int)
        found = mean(60, int(reward.sum()), total_squares=int((reward**2).sum()))
        assert isinstance(found, Estimate)
        held += found.low <= world.truth <= found.high
    assert abs(held / 400 - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 400)


def test_scale_changes_the_unit_only() -> None:
    cents = mean(4, 1000, total_squares=300_000, scale=100)
    whole = mean(4, 10, total_squares=30)
    assert isinstance(cents, Estimate)
    assert isinstance(whole, Estimate)
    assert cents.low == pytest.approx(whole.low)
    assert cents.value == whole.value == 2.5


def test_nothing_is_undefined_and_nonsense_refused() -> None:
    assert proportion(0, 0) == Undefined("nothing was tried")
    assert isinstance(mean(0, 0, total_squares=0), Undefined)
    for wrong in (lambda: proportion(3, 2), lambda: proportion(-1, 2), lambda: proportion(1, 2, confidence=95)):
        with pytest.raises(Misuse):
            wrong()
    with pytest.raises(Misuse, match="no numbers have"):
        mean(2, 10, total_squares=1)
