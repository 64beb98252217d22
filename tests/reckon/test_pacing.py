"""Pacing keeps to its plan, learns a trend that was not forecast, and never passes a limit."""

from __future__ import annotations

import numpy as np
import pytest

from tactful.reckon import dual, hard_pass, pacing
from tactful.reckon.limits import Limits
from tactful.reckon.worth import Worth

STEPS = 20


def customers(n, *, seed):
    chances = np.random.default_rng(seed)
    return (np.exp(chances.normal(0, 1, (n, 4))) * 1000).astype(np.int64), chances.random((n, 4)) < 0.7


def limits_for(n):
    use = np.vstack([np.eye(4, dtype=np.int64), [[3, 5, 8, 13]]])
    return Limits.of(use, most=np.array([n // 12, n // 9, n // 7, n // 5, int(1.8 * n)]))


def planned(n, *, limits, first=0, used=None, moved=None):
    values, may = customers(4_000, seed=2)
    step = first + np.arange(4_000) * (STEPS - first) // 4_000
    values = (values * (np.ones(STEPS) if moved is None else moved)[step][:, None]).astype(np.int64)
    worth = Worth.filled([(values, may)], rows=4_000, arms=4, most=1 << 19)
    used = np.zeros(5, dtype=np.int64) if used is None else used
    left = n * (STEPS - first) // STEPS
    return pacing.plan(worth, step=step, limits=limits, steps=STEPS, first=first, coming=left, used=used)


def day(n, *, true, again):
    """Value of a paced day over what hindsight could have had, and what was left of the limits."""
    values, may = customers(n, seed=3)
    step = np.arange(n) * STEPS // n
    values = (values * true[step][:, None]).astype(np.int64)
    limits = limits_for(n)
    worth = Worth.filled([(values, may)], rows=n, arms=4, most=1 << 19)
    bound = dual.solve(worth, limits=limits).bound
    left, total, seen = limits.most.copy(), 0, np.zeros(0)
    for now in range(STEPS):
        if now % again == 0:
            made = planned(n, limits=limits, first=now, used=limits.most - left, moved=pacing.level(seen, steps=STEPS))
        prices = pacing.corrected(made, step=now, used=limits.most - left)
        price, _ = hard_pass.priced(limits, prices=prices, owns=0)
        rows = np.flatnonzero(step == now)
        table = worth.of_rows(rows)
        arm = pacing.serve(table, price=price, limits=limits, left=left)
        total += int(table[np.flatnonzero(arm), arm[arm > 0] - 1].sum())
        seen = np.append(seen, true[now])
    return total / bound, left


@pytest.mark.parametrize(
    ("true", "least"), [(np.ones(STEPS), 0.985), (0.8 + 0.6 * np.arange(STEPS) / STEPS, 0.97)], ids=["level", "trend"]
)
def test_a_paced_day_comes_close_to_hindsight_and_passes_no_limit(true, least):
    share, left = day(20_000, true=true, again=2)
    assert least <= share <= 1
    assert (left >= 0).all()


def test_prices_rise_where_more_was_used_than_planned_and_fall_where_less():
    made = planned(20_000, limits=limits_for(20_000))
    assert (pacing.corrected(made, step=0, used=made.used) == made.prices).all()
    on_path = np.rint(made.path[9]).astype(np.int64)
    assert pacing.corrected(made, step=10, used=on_path) == pytest.approx(made.prices, rel=1e-3)
    dear = made.prices > 0
    assert (pacing.corrected(made, step=10, used=on_path * 2)[dear] > made.prices[dear]).all()
    assert (pacing.corrected(made, step=10, used=on_path // 2)[dear] < made.prices[dear]).all()
    assert (pacing.conservative(made.prices)[dear] > made.prices[dear]).all()


def test_a_line_is_followed_only_where_there_is_one():
    noise = np.array([1.0, 1.1, 0.9, 1.05, 0.95, 1.0, 1.1, 0.9])
    assert pacing.level(noise, steps=10)[8:] == pytest.approx([1.0, 1.0])
    assert (pacing.level(np.zeros(0), steps=4) == 1).all()
    falling = pacing.level(np.array([1.0, 0.8, 0.6, 0.4, 0.2]), steps=9)
    assert (falling > 0).all()
