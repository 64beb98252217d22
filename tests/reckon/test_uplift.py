"""Told against left alone: the differences of means and of lines that one regression with both would find."""

import numpy as np
import pytest

from tactful.reckon.uplift import Baseline, Sums, against, alone, residual
from tactful.words.errors import Misuse


def sums(x: np.ndarray, y: np.ndarray) -> Sums:
    return Sums(count=float(len(y)), xx=x.T @ x, xy=x.T @ y, yy=float(y @ y))


def trial(n: int, *, seed: int = 1, share: float = 0.8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(0, 1, (n, 2))])
    told = rng.random(n) < share
    y = x @ [1.0, 2.0, -1.0] + told * (x @ [0.5, 0.0, 0.25]) + rng.normal(0, 1, n)
    return x, told, y


def test_it_is_the_regression_with_a_baseline_of_its_own() -> None:
    x, told, y = trial(2_000)
    information, weighted = against(sums(x[told], y[told]), sums(x[~told], y[~told]), variance=1.0)
    both = np.column_stack([x, x * told[:, None]])
    fitted = np.linalg.lstsq(both, y, rcond=None)[0]
    assert np.linalg.solve(information, weighted) == pytest.approx(fitted[3:], abs=1e-9)
    cov = np.linalg.inv(both.T @ both)[3:, 3:]
    assert np.linalg.inv(information) == pytest.approx(cov, abs=1e-9)


def test_a_planted_difference_is_found_however_large_the_baseline() -> None:
    x, told, y = trial(200_000)
    information, weighted = against(sums(x[told], y[told]), sums(x[~told], y[~told]), variance=1.0)
    assert np.linalg.solve(information, weighted) == pytest.approx([0.5, 0.0, 0.25], abs=0.03)
    level, total = alone(sums(x[told], y[told]), variance=1.0)
    assert np.linalg.solve(level, total) == pytest.approx([1.5, 2.0, -0.75], abs=0.03)


def test_a_known_baseline_makes_a_small_holdout_go_further() -> None:
    truth, plain, helped = np.array([0.5, 0.0, 0.25]), [], []
    for seed in range(40):
        x, told, y = trial(400, seed=seed, share=0.97)
        pair = sums(x[told], y[told]), sums(x[~told], y[~told])
        known = Baseline(mean=np.array([1.0, 2.0, -1.0]), rows=100)
        for baseline, kept in ((None, plain), (known, helped)):
            information, weighted = against(*pair, variance=1.0, baseline=baseline)
            kept.append(float(((np.linalg.lstsq(information, weighted, rcond=None)[0] - truth) ** 2).sum()))
    assert np.mean(helped) < 0.5 * np.mean(plain)


def test_without_anybody_left_alone_nothing_is_said() -> None:
    x, told, y = trial(100)
    information, weighted = against(sums(x[told], y[told]), Sums.none(3), variance=1.0)
    assert information == pytest.approx(np.zeros((3, 3)), abs=1e-9)
    assert weighted == pytest.approx(np.zeros(3), abs=1e-9)


def test_the_residual_variance_is_found_and_needs_a_prior() -> None:
    x, told, y = trial(20_000)
    groups = [sums(x[told], y[told]), sums(x[~told], y[~told]), Sums.none(3)]
    assert residual(groups, prior=5.0, worth=10.0) == pytest.approx(1.0, abs=0.05)
    with pytest.raises(Misuse, match="no variance"):
        residual(groups, prior=0.0, worth=1.0)
