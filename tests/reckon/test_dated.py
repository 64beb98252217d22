"""Sums by day and by month: added in any order, taken out again without a trace, discounted only when read."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.reckon import gram
from tactful.reckon.dated import Dated, read
from tactful.words.errors import Misuse

TODAY = date(2011, 12, 9)
SCALES = np.array([1.0, 1024.0])


def rows(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, list[date]]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n, dtype=np.int64), rng.integers(-1024, 1024, n)])
    return x, rng.integers(-500, 5_000, n), [TODAY - timedelta(days=int(d)) for d in rng.integers(0, 120, n)]


def by_day(x: np.ndarray, y: np.ndarray, days: list[date]) -> dict[date, gram.Gram]:
    found: dict[date, gram.Gram] = {}
    for day in sorted(set(days)):
        mine = [place for place, each in enumerate(days) if each == day]
        found[day] = gram.lift(x[mine], y[mine])
    return found


@given(st.integers(0, 1000), st.integers(1, 60), st.integers(1, 4))
def test_any_number_of_workers_gives_the_same_sums(seed: int, n: int, workers: int) -> None:
    x, y, days = rows(seed, n)
    whole = Dated(sums={}, today=TODAY).added(by_day(x, y, days))
    parts = Dated(sums={}, today=TODAY)
    for worker in reversed(range(workers)):
        mine = list(range(worker, n, workers))
        parts = parts.added(by_day(x[mine], y[mine], [days[i] for i in mine]))
    assert dict(parts.sums) == dict(whole.sums)
    one, two = (read(each, half_life=30, scales=SCALES, width=2) for each in (whole, parts))
    assert (one.xx.tobytes(), one.xy.tobytes(), one.yy) == (two.xx.tobytes(), two.xy.tobytes(), two.yy)


@given(st.integers(0, 1000), st.integers(2, 60), st.integers(0, 90))
def test_taking_somebody_out_is_never_having_seen_them(seed: int, n: int, later: int) -> None:
    x, y, days = rows(seed, n)
    theirs = [place for place in range(n) if place % 3 == 0]
    others = [place for place in range(n) if place % 3]
    on = TODAY + timedelta(days=later)
    everybody = Dated(sums={}, today=TODAY).added(by_day(x, y, days)).at(on)
    without = everybody.erased(by_day(x[theirs], y[theirs], [days[i] for i in theirs]))
    never = Dated(sums={}, today=TODAY).added(by_day(x[others], y[others], [days[i] for i in others])).at(on)
    assert dict(without.sums) == dict(never.sums)


def test_days_become_months_and_their_discount_is_that_of_the_middle() -> None:
    old = Dated(sums={}, today=TODAY).added({date(2011, 10, 3): gram.lift([[1]], [4])})
    assert list(old.sums) == [date(2011, 10, 1)]
    age = (TODAY - date(2011, 10, 15)).days
    found = read(old, half_life=age, scales=np.ones(1), width=1)
    assert found.count == pytest.approx(0.5, abs=1e-8)
    assert found.xy[0] == pytest.approx(2.0, abs=1e-7)


def test_real_units_come_back() -> None:
    today = Dated(sums={}, today=TODAY).added({TODAY: gram.lift([[1, 512]], [250])})
    found = read(today, half_life=30, scales=SCALES, outcome=100.0, width=2)
    assert found.xx.tolist() == [[1.0, 0.5], [0.5, 0.25]]
    assert found.xy.tolist() == [2.5, 1.25]
    assert found.yy == 6.25


def test_what_was_never_added_cannot_be_taken_out() -> None:
    with pytest.raises(Misuse, match="none to erase from"):
        Dated(sums={}, today=TODAY).erased({TODAY: gram.lift([[1]], [1])})
    with pytest.raises(Misuse, match="lies before"):
        Dated(sums={}, today=TODAY).at(TODAY - timedelta(days=1))
