"""Prices, bounds and whole decisions under limits: true against HiGHS, exact, the same bits from any workers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from tactful.reckon import compiled, curvature, dual, hard_pass, price_error, rounding, small_assignment, tied
from tactful.reckon.chance import draws
from tactful.reckon.limits import SHIFT, Limits
from tactful.reckon.worth import CLOSED, Worth
from tactful.words.errors import Misuse

Whole = NDArray[np.int64]


def chance(rows: Whole) -> Whole:
    return draws(rows, point="2011-12-01", purpose="tie", salt="s")


def world(n: int, *, arms: int = 6, seed: int = 1) -> tuple[Whole, NDArray[np.bool_], Limits]:
    """Log-normal worth, six in ten eligible; stock by arm, two channels and a budget, of which most bind."""
    chances = np.random.default_rng(seed)
    value = (np.exp(chances.normal(0, 1, (n, arms))) * 1000).astype(np.int64)
    may = chances.random((n, arms)) < 0.6
    channel = np.stack([np.arange(arms) % 2 == c for c in range(2)]).astype(np.int64)
    use = np.vstack([np.eye(arms, dtype=np.int64), channel, chances.integers(5, 40, (1, arms))])
    wish = np.bincount(np.where(may, value, 0).argmax(axis=1), minlength=arms)
    most = np.concatenate([(wish * chances.uniform(0.4, 1.2, arms)), channel @ wish * 0.8, use[-1:] @ wish * 0.6])
    return value, may, Limits.of(use, most=most.astype(np.int64))


def by_highs(value: Whole, *, may: NDArray[np.bool_], limits: Limits) -> float:
    """The best that shares of customers could be worth."""
    n, arms = value.shape
    each = np.zeros((n, n * arms))
    for row in range(n):
        each[row, row * arms : (row + 1) * arms] = 1
    found = linprog(
        -value.ravel(), A_ub=np.vstack([each, np.tile(limits.use, n)]), b_ub=np.append(np.ones(n), limits.most),
        bounds=[(0, float(one)) for one in may.ravel()], method="highs",
    )  # fmt: skip
    return float(-found.fun)


def solved(worth: Worth, limits: Limits, **kept: Any) -> tuple[dual.Dual, rounding.Rounded]:
    found = dual.solve(worth, limits=limits, **kept)
    return found, rounding.rounded(worth, limits=limits, dual=found, chance=chance)


def load(answer: rounding.Rounded, limits: Limits) -> Whole:
    count = np.bincount(answer.arm, minlength=limits.use.shape[1] + 1)[1:]
    used: Whole = (limits.use * count).sum(axis=1)
    return used


@pytest.mark.parametrize("seed", range(4))
def test_the_certified_gap_is_true_against_highs(seed: int) -> None:
    value, may, limits = world(300, seed=seed)
    worth = Worth.of(value, eligible=may)
    prices, answer = solved(worth, limits)
    best = by_highs(value, may=may, limits=limits) * 2.0**worth.shift
    assert answer.value <= best * (1 + 1e-9) <= prices.bound * (1 + 2e-9)
    assert prices.bound == pytest.approx(best, rel=2e-5)
    assert answer.gap < 0.02
    assert (load(answer, limits) <= limits.most).all()
    given_value = np.take_along_axis(value, np.maximum(answer.arm.astype(np.int64) - 1, 0)[:, None], axis=1)[:, 0]
    assert int(given_value[answer.arm > 0].sum()) << worth.shift == answer.value
    assert may[np.flatnonzero(answer.arm), answer.arm[answer.arm > 0] - 1].all()


def test_many_customers_leave_a_small_gap_in_few_passes() -> None:
    value, may, limits = world(60_000, arms=12)
    prices, answer = solved(Worth.of(value, eligible=may), limits)
    assert answer.gap < 1e-4
    assert prices.passes <= 15
    assert answer.changed < 200
    assert (load(answer, limits) <= limits.most).all()


def test_any_number_of_workers_and_no_compiler_give_the_same_bits() -> None:
    value, may, limits = world(50_000, arms=5)
    worth = Worth.of(value, eligible=may)
    first, answer = solved(worth, limits, workers=1)
    for workers in (2, 4):
        again, same = solved(worth, limits, workers=workers)
        assert again.prices.tolist() == first.prices.tolist()
        assert again.bound == first.bound
        assert (same.arm == answer.arm).all()
    if compiled.is_there():
        small = Worth.of(value[:9_000], eligible=may[:9_000])
        fewer = Limits(names=limits.names, use=limits.use, most=limits.most // 6, top=limits.top)
        with compiled.taking(loops=True):
            fast, by_loop = solved(small, fewer)
        with compiled.taking(loops=False):
            plain, by_hand = solved(small, fewer)
        assert plain.prices.tolist() == fast.prices.tolist()
        assert plain.bound == fast.bound
        assert (by_hand.arm == by_loop.arm).all()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), row=st.integers(0, 8), more=st.integers(1, 50))
def test_raising_a_limit_never_lowers_the_objective(seed: int, row: int, more: int) -> None:
    value, may, limits = world(150, seed=seed)
    worth = Worth.of(value, eligible=may)
    wider = limits.most.copy()
    wider[row] += more
    less = dual.solve(worth, limits=limits)
    larger = dual.solve(worth, limits=Limits(names=limits.names, use=limits.use, most=wider, top=limits.top))
    assert larger.bound >= less.bound * (1 - 3e-5)


def test_customers_worth_exactly_the_same_are_split_as_the_programme_says() -> None:
    chances = np.random.default_rng(3)
    cells, segment = chances.integers(1_000, 20_000, (12, 8)), chances.integers(0, 12, 30_000)
    use = np.vstack([np.eye(8, dtype=np.int64), np.ones((1, 8), dtype=np.int64)])
    limits = Limits.of(use, most=np.append((chances.uniform(0.05, 0.2, 8) * 30_000).astype(np.int64), 24_000))
    prices, answer = solved(Worth.of(cells[segment], eligible=np.ones((30_000, 8), dtype=np.bool_)), limits)
    assert answer.gap < 1e-4
    assert (load(answer, limits) <= limits.most).all()
    assert prices.bound > 0


@pytest.mark.parametrize("row", [1, 2, 3])
def test_much_more_of_a_limit_is_worth_the_same_from_whatever_prices_the_search_begins(row: int) -> None:
    """Among customers worth exactly the same nothing is gained beyond the prices: the search goes far all the same."""
    chances = np.random.default_rng(7)
    cells, segment = chances.integers(20_000, 120_000, (3, 4)), chances.integers(0, 3, 400)
    use = np.array([[1, 1, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0], [2, 0, 1, 3]])
    limits = Limits.of(use, most=np.array([250, 40, 50, 90]))
    value, may = cells[segment], np.ones((400, 4), dtype=np.bool_)
    worth = Worth.of(value, eligible=may)
    before = dual.solve(worth, limits=limits)
    wider = limits.most.copy()
    wider[row] += 1_000
    more = Limits(names=limits.names, use=use, most=wider, top=limits.top)
    after = dual.solve(worth, limits=more, start=before.prices)
    best = by_highs(value, may=may, limits=more) * 2.0**worth.shift
    assert after.bound == pytest.approx(best, rel=1e-5)


def test_a_promised_least_amount_is_kept_or_named() -> None:
    value, may, limits = world(2_000, arms=4)
    wanted = np.array([0, 0, 0, 1])
    free = Limits.of(limits.use[4:], most=limits.most[4:] * 4)
    before, _ = solved(Worth.of(value, eligible=may), free)
    least = int(before.count[4]) + 200
    worth = Worth.of(value, eligible=may)
    promised = free.and_least("fourth", use=wanted, least=least, penalty=1 << 28)
    _, kept = solved(worth, promised)
    assert np.count_nonzero(kept.arm == 4) >= least
    assert kept.left[-1] >= 0
    impossible = free.and_least("fourth", use=wanted, least=int(may[:, 3].sum()) + 5, penalty=1 << 28)
    found, missed = solved(worth, impossible)
    assert missed.left[-1] <= -5
    assert found.prices[-1] == impossible.top[-1]
    assert (missed.left[:-1] >= 0).all()


def test_use_that_differs_between_customers_is_counted_for_each() -> None:
    chances = np.random.default_rng(5)
    value, may, limits = world(5_000, arms=4)
    own = chances.integers(1, 30, (1, 5_000, 4))
    most = np.append(limits.most, int(own.sum() / 12))
    both = Limits.of(np.vstack([limits.use, np.zeros((1, 4), dtype=np.int64)]), most=most)
    worth = Worth.of(value, eligible=may, own=own)
    _, answer = solved(worth, both)
    rows = np.flatnonzero(answer.arm)
    assert int(own[0, rows, answer.arm[rows].astype(int) - 1].sum()) == int(most[-1] - answer.left[-1])
    assert (answer.left >= 0).all()
    assert answer.gap < 5e-3
    with compiled.taking(loops=True):
        _, by_loop = solved(worth, both)
    with compiled.taking(loops=False):
        _, by_hand = solved(worth, both)
    assert (by_loop.arm == by_hand.arm).all()
    prices = np.full(both.most.size, 3 << SHIFT)
    with compiled.taking(loops=True):
        first = hard_pass.run(worth, limits=both, prices=prices, width=1000, workers=1)
    again = hard_pass._plain(
        worth,
        price=hard_pass.priced(both, prices=prices, owns=1)[0],
        own=prices[-1:],
        width=1000,
        span=(0, len(worth.blocks)),
    )
    assert (first.total, first.own.tolist(), first.square.tolist()) == (again[0], again[3].tolist(), again[5].tolist())
    assert (first.cross == again[4]).all()
    assert (first.near == again[2]).all()


def test_prices_say_how_sure_they_are_and_what_more_is_worth() -> None:
    value, may, limits = world(40_000, arms=5)
    worth = Worth.of(value, eligible=may)
    prices = dual.solve(worth, limits=limits)
    deviation = price_error.spread(prices, worth=worth, limits=limits)
    row = limits.most.size - 1
    assert prices.prices[row] > 0
    assert 0 < deviation[row] < prices.prices[row] / 5
    more = int(limits.most[row] // 20)
    wider = limits.most.copy()
    wider[row] += more
    truth = dual.solve(worth, limits=Limits(names=limits.names, use=limits.use, most=wider, top=limits.top))
    assert price_error.worth_of_more(prices, limits=limits, row=row, more=more) == pytest.approx(
        truth.bound - prices.bound, rel=0.1
    )
    slack = Limits(names=limits.names, use=limits.use, most=limits.most * 100, top=limits.top)
    assert price_error.worth_of_more(dual.solve(worth, limits=slack), limits=slack, row=row, more=1000) == 0


@pytest.mark.parametrize("size", [300, 3_000])
def test_other_customers_would_move_the_prices_as_the_deviation_says(size: int) -> None:
    """Among a few customers hardly anybody is nearly undecided: their price is not a million times less sure."""
    found, said = [], []
    for seed in range(20):
        value, may, _ = world(size, arms=3, seed=seed)
        limits = Limits.of(np.array([[1, 1, 1], [0, 1, 2]]), most=np.array([4 * size // 10, 2 * size // 10]))
        worth = Worth.filled([(value, may)], rows=size, arms=3, most=1 << 17)
        prices = dual.solve(worth, limits=limits)
        found.append(prices.prices.astype(np.float64))
        said.append(price_error.spread(prices, worth=worth, limits=limits))
    truth = np.std(found, axis=0)
    assert (0.6 * truth < np.mean(said, axis=0)).all()
    assert (np.mean(said, axis=0) < 1.7 * truth).all()
    assert (np.max(said, axis=0) < 5 * truth).all()


def test_scarce_things_are_assigned_exactly() -> None:
    chances = np.random.default_rng(2)
    gain = chances.integers(-50, 100, (40, 3))
    units = np.array([3, 5, 2])
    got = small_assignment.assigned(gain, units=units)
    assert (np.bincount(got[got >= 0], minlength=3) <= units).all()
    rows = np.flatnonzero(got >= 0)
    found = linprog(
        -gain.ravel(), A_ub=np.vstack([np.kron(np.eye(40), np.ones(3)), np.tile(np.eye(3), 40)]),
        b_ub=np.append(np.ones(40), units), bounds=(0, 1), method="highs",
    )  # fmt: skip
    assert int(gain[rows, got[rows]].sum()) == round(-found.fun)
    assert small_assignment.assigned(-np.abs(gain), units=units).max() == -1


def test_groups_are_found_by_what_they_are_worth_and_dealt_in_order() -> None:
    value = np.array([[5, CLOSED], [3, 4]] * 20)
    found = tied.groups(value)
    assert found is not None
    assert found.size.tolist() == [20, 20]
    one = int(found.of[0])
    counts = np.zeros((2, 2), dtype=np.int64)
    counts[one, 0] = 4
    arm = tied.dealt(found, counts=counts, order=np.arange(40))
    assert arm[0:8:2].tolist() == [1, 1, 1, 1]
    assert (arm == 1).sum() == 4
    assert tied.groups(np.arange(80).reshape(40, 2)) is None


def test_tables_that_do_not_meet_are_refused() -> None:
    with pytest.raises(Misuse, match="differ"):
        Worth.of(np.zeros((2, 2), dtype=np.int64), eligible=np.ones((2, 3), dtype=np.bool_))
    with pytest.raises(Misuse, match="do not meet"):
        Limits.of(np.zeros((2, 2), dtype=np.int64), most=np.zeros(3, dtype=np.int64))
    with pytest.raises(Misuse, match="were said"):
        Worth.filled([], rows=3, arms=2, most=1)


@pytest.mark.skipif(not compiled.is_there(), reason="needs the extra `fast`")
def test_a_newton_step_has_the_same_bits_compiled_or_not():
    value, may, limits = world(4_000, arms=6)
    worth = Worth.of(value, eligible=may)
    prices = np.full(limits.most.size, 3 << SHIFT)
    seen = hard_pass.run(worth, limits=limits, prices=prices, width=1 << 22)
    bend = curvature.curvature(seen, limits=limits, width=1 << 22)
    slack = limits.most - (limits.use * seen.count[1:]).sum(axis=1)
    steps = []
    for loops in (True, False):
        with compiled.taking(loops=loops):
            steps.append(curvature.newton_step(bend, slack=slack, prices=prices, top=np.full_like(prices, 1 << 50)))
    assert steps[0][0].tobytes() == steps[1][0].tobytes()
    assert steps[0][1] == steps[1][1]
    assert steps[0][0].any()


@pytest.mark.parametrize(("penalty", "counted", "value"), [(70, 0, 270 - 140), (85, 1, 191 - 85), (95, 2, 102)])
def test_a_promise_that_prices_left_unmet_is_kept_by_those_who_lose_least(
    penalty: int, counted: int, value: int
) -> None:
    """Three messages for six; two of the second arm were promised, and each that is missing costs the penalty."""
    scores = np.array([[100, 1], [90, 1], [80, 1], [10, 1], [9, 1], [8, 1]], dtype=np.int64)
    worth = Worth.of(scores, eligible=np.ones((6, 2), dtype=np.bool_))
    limits = Limits.of(np.array([[1, 1]]), most=np.array([3]))
    limits = limits.and_least("promised", use=np.array([0, 1]), least=2, penalty=penalty << worth.shift)
    none = np.zeros(2, dtype=np.int64)
    found = rounding.settled(
        worth, limits=limits, price=none, own=none[:0], bound=0, chance=lambda near: near.astype(np.int64)
    )
    assert int((found.arm == 2).sum()) == counted
    assert int((found.arm > 0).sum()) == 3
    assert found.value >> worth.shift == value
