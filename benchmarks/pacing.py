"""Pacing in real time: 200 thousand customers come one by one, beside what hindsight could have had.

Three worlds of chapter 4: nothing drifts; a wave of 30 % that the forecast knows; a trend from 0.8 to 1.4 that it does
not. Beside ours stand frozen prices, and prices corrected towards even spending, on the same arrivals.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import limited_world
from benchmarks.report import Goal, Report
from tactful.reckon import dual, hard_pass, pacing
from tactful.reckon.limits import Limits
from tactful.reckon.worth import Worth

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

STEPS = 200
FORECAST = 20_000
AGAIN = 20
"""Steps after which the plan is made again."""
NO_OWN: Whole = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, kw_only=True)
class Day:
    """What comes, and what was forecast: worth by customer, its step, and how it is expected to move in the day."""

    values: Whole
    may: NDArray[np.bool_]
    step: Whole
    limits: Limits
    forecast: Whole
    forecast_may: NDArray[np.bool_]
    expected: Real

    @property
    def bound(self) -> float:
        """No allocation of all who come is worth more, by the dual over them all."""
        worth = Worth.of(self.values, eligible=self.may)
        return dual.solve(worth, limits=self.limits).bound / 2.0**worth.shift

    def planned(self, level: Real, *, first: int, used: Whole) -> tuple[pacing.Plan, int]:
        """The plan for the steps left, at the expected worth times a level; and the shift of its worth."""
        n = self.forecast.shape[0]
        step = first + np.arange(n) * (STEPS - first) // n
        values = (self.forecast * (self.expected * level)[step][:, None]).astype(np.int64)
        worth = Worth.of(values, eligible=self.forecast_may)
        coming = int(np.count_nonzero(self.step >= first))
        found = pacing.plan(worth, step=step, limits=self.limits, steps=STEPS, first=first, coming=coming, used=used)
        return found, worth.shift


def day(arrivals: int, *, true: Real, expected: Real) -> Day:
    """A day whose worth moves as `true` says and was forecast to move as `expected` says."""
    values, may = limited_world.part(0, rows=arrivals)
    forecast, forecast_may = limited_world.part(1, rows=FORECAST)
    step = np.arange(arrivals) * STEPS // arrivals
    moved = (values * true[step][:, None]).astype(np.int64)
    limits = limited_world.limits([(values, may)])
    return Day(
        values=moved, may=may, step=step, limits=limits, forecast=forecast, forecast_may=forecast_may, expected=expected
    )


Pricing = Callable[..., tuple[Whole, int]]
"""From step, use and what was seen (by name) to prices and the shift of their worth."""


def spent(today: Day, *, pricing: Pricing) -> tuple[float, int]:
    """What a way of pricing earns over the day, and the units by which it passed a limit: 0, as it must."""
    left, total = today.limits.most.copy(), 0
    seen = np.zeros(0)
    usual = np.where(today.forecast_may, today.forecast, 0).max(axis=1).mean()
    for step in range(STEPS):
        rows = np.flatnonzero(today.step == step)
        prices, shift = pricing(step=step, used=today.limits.most - left, seen=seen)
        worth = Worth.of(today.values[rows], eligible=today.may[rows])
        price, _ = hard_pass.priced(today.limits, prices=moved(prices, worth.shift - shift), owns=0)
        arm = pacing.serve(worth.of_rows(np.arange(rows.size)), price=price, limits=today.limits, left=left)
        got = np.flatnonzero(arm)
        total += int(today.values[rows[got], arm[got] - 1].sum())
        came = np.where(today.may[rows], today.values[rows], 0).max(axis=1).mean()
        seen = np.append(seen, came / (usual * today.expected[step]))
    return float(total), int(np.maximum(-left, 0).sum())


def moved(prices: Whole, bits: int) -> Whole:
    """Prices in another shift of worth."""
    return prices << bits if bits >= 0 else prices >> -bits


def ours(today: Day) -> Pricing:
    """Along a planned path, corrected around it, planned again every twentieth of the day."""
    kept: dict[str, tuple[pacing.Plan, int]] = {}

    def pricing(*, step: int, used: Whole, seen: Real) -> tuple[Whole, int]:
        if step % AGAIN == 0:
            kept["plan"] = today.planned(pacing.level(seen, steps=STEPS), first=step, used=used)
        made, shift = kept["plan"]
        return pacing.corrected(made, step=step, used=used), shift

    return pricing


def frozen(today: Day) -> Pricing:
    """The forecast's prices, whatever comes."""
    made, shift = today.planned(np.ones(STEPS), first=0, used=np.zeros_like(today.limits.most))
    return lambda **_: (made.prices, shift)


def evenly(today: Day) -> Pricing:
    """The forecast's prices, corrected by a mirror step towards spending the same in every step."""
    made, shift = today.planned(np.ones(STEPS), first=0, used=np.zeros_like(today.limits.most))

    def pricing(*, step: int, used: Whole, **_: Real) -> tuple[Whole, int]:
        ahead = used / np.maximum(made.path[-1], 1) - step / STEPS
        return np.rint(made.prices * np.exp(np.clip(5 * ahead, -0.7, 0.7))).astype(np.int64), shift

    return pricing


def run(*, quick: bool) -> Report:
    """200 thousand arrivals in three worlds; 50 thousand if quick."""
    arrivals = 50_000 if quick else 200_000
    at = (np.arange(STEPS) + 0.5) / STEPS
    flat, wave, trend = np.ones(STEPS), 1 + 0.3 * np.sin(2 * np.pi * at), 0.8 + 0.6 * at
    worlds = {"no_drift": (flat, flat), "wave_forecast": (wave, wave), "trend_not_forecast": (trend, flat)}
    figures: dict[str, dict[str, float]] = {}
    over = 0
    for name, (true, expected) in worlds.items():
        today = day(arrivals, true=true, expected=expected)
        bound = today.bound
        figures[name] = {}
        for way in (ours, frozen, evenly):
            begun = time.process_time()
            value, passed = spent(today, pricing=way(today))
            over += passed
            figures[name][f"{way.__name__}_share_of_hindsight"] = round(value / bound, 5)
            figures[name][f"{way.__name__}_cpu_seconds"] = round(time.process_time() - begun, 2)
    shares = {name: one["ours_share_of_hindsight"] for name, one in figures.items()}
    return Report(
        figures={"arrivals": arrivals, **figures},
        ratios={
            f"ours_over_frozen_{name}": round(shares[name] / one["frozen_share_of_hindsight"], 4)
            for name, one in figures.items()
        },
        goals=(
            Goal(name="share of hindsight without drift", value=shares["no_drift"], at_least=0.99),
            Goal(name="share of hindsight with the wave", value=shares["wave_forecast"], at_least=0.97),
            Goal(name="share of hindsight with the trend", value=shares["trend_not_forecast"], at_least=0.97),
            Goal(name="units over a limit", value=over, at_most=0),
        ),
    )
