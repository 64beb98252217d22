"""Hazards from counts: hand-worked rates, merging and erasing, and planted truth that comes back."""

import numpy as np
import pytest

from tactful.reckon.hazard import Fit, Periods, fitted
from tactful.words.errors import Misuse
from tactful.words.estimate import Undefined


def test_one_cell_gives_its_own_rate():
    seen = Periods(count=np.array([400]), events=np.array([20]))
    fit = fitted(seen, design=[[1.0]])
    assert isinstance(fit, Fit)
    assert fit.coefficients[0] == pytest.approx(np.log(-np.log(0.95)), abs=1e-6)
    rate = fitted(seen, design=[[1.0]], link="log")
    assert isinstance(rate, Fit)
    assert rate.coefficients[0] == pytest.approx(np.log(0.05), abs=1e-6)
    assert rate.errors[0] == pytest.approx(1 / np.sqrt(20), rel=1e-6)


def test_counts_merge_in_any_order_and_a_person_is_taken_out_by_subtracting():
    rng = np.random.default_rng(1)
    cell, event = rng.integers(0, 6, 900), rng.random(900) < 0.1
    whole = Periods.of(cell, event=event, cells=6)
    parts = [Periods.of(cell[a:b], event=event[a:b], cells=6) for a, b in ((0, 100), (100, 640), (640, 900))]
    merged = parts[2].merged(parts[0]).merged(parts[1])
    assert merged.count.tolist() == whole.count.tolist()
    assert merged.events.tolist() == whole.events.tolist()
    left = whole.without(parts[0])
    assert left.count.tolist() == Periods.of(cell[100:], event=event[100:], cells=6).count.tolist()
    one, other = (fitted(p, design=np.column_stack([np.ones(6), np.arange(6)])) for p in (whole, merged))
    assert isinstance(one, Fit)
    assert isinstance(other, Fit)
    assert (one.coefficients == other.coefficients).all()


def test_planted_hazards_come_back_within_three_standard_errors_in_most_worlds():
    inside = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        cell = rng.integers(0, 30, 60_000)
        event = rng.random(60_000) < -np.expm1(-np.exp(-5.0 + 0.08 * cell))
        fit = fitted(Periods.of(cell, event=event, cells=30), design=np.column_stack([np.ones(30), np.arange(30)]))
        assert isinstance(fit, Fit)
        inside += bool((np.abs(fit.coefficients - [-5.0, 0.08]) < 1.96 * fit.errors).all())
    assert inside / 60 > 0.8  # both of two correlated 95% intervals


def test_what_counts_cannot_tell_is_undefined():
    none = Periods(count=np.array([5, 5]), events=np.array([0, 0]))
    assert isinstance(fitted(none, design=np.eye(2)), Undefined)
    every = Periods(count=np.array([5]), events=np.array([5]))
    assert isinstance(fitted(every, design=[[1]]), Undefined)
    with pytest.raises(Misuse, match="other cells"):
        fitted(none, design=[[1]])
    with pytest.raises(Misuse, match="not among"):
        Periods.of([7], event=[True], cells=3)
