"""The surrogate index: what is still out counts with what its fast signals foretell, and never as nothing."""

import numpy as np
import pytest

from tactful.reckon.surrogate import Index, fit, plain, ripened
from tactful.reckon.uplift import Sums
from tactful.words.errors import Misuse
from tactful.words.estimate import Undefined


def cohort(n: int, *, seed: int, lift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Visits come fast and foretell orders, which come late; a lift makes more visits."""
    rng = np.random.default_rng(seed)
    visits = rng.poisson(1.0 + lift, n).astype(np.float64)
    return np.column_stack([np.ones(n), visits]), 2.0 * visits + rng.normal(0, 3.0, n)


def sums(x: np.ndarray, y: np.ndarray) -> Sums:
    return Sums(count=float(len(y)), xx=x.T @ x, xy=x.T @ y, yy=float(y @ y))


def fitted(*args: object, **named: object) -> Index:
    found = fit(*args, **named)  # type: ignore[arg-type]
    assert isinstance(found, Index)
    return found


def test_the_planted_index_is_found() -> None:
    index = fitted(sums(*cohort(20_000, seed=1)), width=1)
    assert index.weights == pytest.approx([0.0, 2.0], abs=0.08)
    assert index.left == pytest.approx(9.0, rel=0.05)
    assert index.share == pytest.approx(4 / 13, rel=0.1)
    assert index.signals == 1


def test_young_rows_say_what_matured_ones_would_and_no_order_yet_is_not_no_order() -> None:
    index = fitted(sums(*cohort(20_000, seed=1)), width=1)
    x, late = cohort(3_000, seed=2, lift=0.5)
    seen_so_far = np.where(np.random.default_rng(3).random(late.size) < 0.2, late, 0.0)
    foretold = ripened(sums(x, seen_so_far), index)
    value = foretold.xy[0] / foretold.count
    assert value == pytest.approx(3.0, abs=0.15)
    assert abs(value - 3.0) < abs(seen_so_far.mean() - 3.0) / 5
    assert foretold.yy / foretold.count == pytest.approx((late**2).mean(), rel=0.1)


def test_it_applies_to_sums_and_adds_to_what_has_matured() -> None:
    index = fitted(sums(*cohort(5_000, seed=1)), width=1)
    x, y = cohort(900, seed=4)
    ripe, young = sums(x[:300], y[:300]), sums(x[300:], y[300:] * 0)
    both = plain(ripe, width=1) + ripened(young, index)
    by_row = np.concatenate([y[:300], x[300:] @ index.weights])
    assert both.xy[0] == pytest.approx(by_row.sum())
    assert both.count == 900


def test_too_young_a_cohort_has_no_index() -> None:
    assert isinstance(fit(sums(*cohort(2, seed=1)), width=1), Undefined)
    with pytest.raises(Misuse, match="at least one signal"):
        fit(sums(*cohort(50, seed=1)), width=2)
