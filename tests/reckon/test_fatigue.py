"""What one more contact costs: hand-worked states, a programme solved backwards, monotone prices, and worlds."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.reckon.fatigue import Classes, Wear, followed, worn
from tactful.words.errors import Misuse


def wear(**changed: object) -> Wear:
    usual = {"keep": 0.8, "weight": (1.0,), "loss": 0.1, "base": (-6.0,), "growth": 0.2, "patience": 0.9}
    return Wear(**{**usual, **changed})  # type: ignore[arg-type]  # any of its fields


def one_class(reward: float, *, remaining: float = 0.0) -> Classes:
    return Classes(reward=np.full((1, 1, 1), reward), remaining=np.array([remaining]))


def test_without_wear_a_contact_every_time_is_worth_the_geometric_sum_and_costs_nothing():
    free = wear(loss=0.0, growth=0.0, base=(-40.0,))
    found = worn(free, classes=one_class(2.0))
    assert found.value[0] == pytest.approx(np.full(30, 20.0), rel=1e-6)  # 2 / (1 - 0.9)
    assert found.price[0, 0] == pytest.approx(np.zeros(30), abs=1e-6)


def test_the_price_of_a_last_contact_is_all_that_was_still_to_come():
    # base 3: the hazard is 1 - exp(-e^3), so that every contact is the last; and the reward pays for it just so.
    found = worn(wear(base=(3.0,), growth=0.0, loss=0.0), classes=one_class(5.0, remaining=4.0))
    # V = max(0.9 V, 5 - 4) = 1, and a contact costs the 4 and the 0.9 that waiting would have kept.
    assert found.value[0] == pytest.approx(np.ones(30), rel=1e-6)
    assert found.price[0, 0] == pytest.approx(np.full(30, 4.9), rel=1e-6)


def test_a_fixed_share_that_leaves_is_the_sum_worked_by_hand():
    # Nothing but a chance h to leave at each contact: V = 1 - 3 h + (1 - h) 0.9 V.
    h = -np.expm1(-np.exp(-3.0))
    found = worn(wear(base=(-3.0,), growth=0.0, loss=0.0), classes=one_class(1.0, remaining=3.0))
    value = (1 - 3 * h) / (1 - 0.9 * (1 - h))
    assert found.value[0] == pytest.approx(np.full(30, value), rel=1e-6)
    assert found.price[0, 0, 0] == pytest.approx(h * (3 + 0.9 * value), rel=1e-6)


def test_where_a_contact_costs_more_than_it_brings_nothing_is_said():
    found = worn(wear(), classes=one_class(0.01, remaining=100.0))
    assert found.value[0] == pytest.approx(np.zeros(30))
    assert (found.price[0, 0] > 0.2).all()  # e^-6 of 100


def test_it_agrees_with_every_plan_tried_over_a_short_life():
    short = wear(patience=0.3, keep=0.5, loss=0.8, base=(-2.0,), growth=0.4)
    found = worn(short, classes=one_class(1.0, remaining=2.0), points=2001)

    def comes_of(plan: tuple[bool, ...]) -> float:
        fatigue, here, total = 0.0, 1.0, 0.0
        for period, speaks in enumerate(plan):
            if speaks:
                gone = float(short.opt_out(fatigue)[0])
                total += here * 0.3**period * (float(short.response(fatigue)) - gone * 2.0)
                here *= 1 - gone
            fatigue = 0.5 * fatigue + speaks
        return total

    best = max(comes_of(plan) for plan in itertools.product((False, True), repeat=10))
    assert found.value[0, 0] == pytest.approx(best, abs=2e-3)


@settings(max_examples=25)
@given(
    st.floats(0.0, 0.95), st.floats(0.0, 0.5), st.floats(-9.0, -2.0), st.floats(0.0, 0.5), st.floats(0.5, 0.98),
    st.floats(0.0, 50.0),
)  # fmt: skip
def test_more_fatigue_never_is_worth_more_and_more_at_stake_never_makes_a_contact_cheaper(
    keep, loss, base, growth, patience, remaining
):
    tried = wear(keep=keep, loss=loss, base=(base,), growth=growth, patience=patience)
    both = Classes(reward=np.ones((2, 1, 3)) * [0.5, 1.0, 2.0], remaining=np.array([remaining, remaining + 5]))
    found = worn(tried, classes=both)
    assert (np.diff(found.value, axis=1) <= 1e-7).all()
    assert (found.value[0] >= found.value[1] - 1e-7).all()
    assert (found.price >= 0).all()
    assert (found.value >= 0).all()
    got = followed(tried, classes=both, price=found.price)
    assert np.allclose(got.value, found.value, rtol=1e-5, atol=1e-6)


def test_no_other_prices_bring_more():
    tried, stakes = wear(growth=0.5, base=(-4.0,)), one_class(1.0, remaining=10.0)
    found = worn(tried, classes=stakes)
    for factor in (0.0, 0.5, 0.9, 1.1, 2.0, 5.0):
        assert followed(tried, classes=stakes, price=found.price * factor).value[0, 0] <= found.value[0, 0] + 1e-6


def test_channels_wear_by_their_weight():
    two = wear(weight=(1.0, 3.0), base=(-5.0, -5.0), growth=0.3)
    found = worn(two, classes=Classes(reward=np.ones((1, 2, 1)), remaining=np.array([20.0])))
    assert (found.price[0, 1] > found.price[0, 0]).all()


def test_what_cannot_be_is_refused():
    with pytest.raises(Misuse, match="shares below 1"):
        wear(keep=1.0)
    with pytest.raises(Misuse, match="weight above 0"):
        wear(weight=(0.0,))
    with pytest.raises(Misuse, match="neither helps nor calms"):
        wear(loss=-1.0)
    with pytest.raises(Misuse, match="by class, channel"):
        Classes(reward=np.ones((2, 2)), remaining=np.ones(2))
    with pytest.raises(Misuse, match="does not exist"):
        Classes(reward=np.full((1, 1, 1), np.nan), remaining=np.ones(1))
    with pytest.raises(Misuse, match="no grid"):
        worn(wear(), classes=one_class(1.0), points=1)
