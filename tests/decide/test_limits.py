"""Limits over all customers hold to the unit; what they cut is marked, and the best and the hash decide who stays."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as some

from decide.worlds import CLOCK, OCCASION, PROGRAM, TEN_OFF, contact, outcomes, run, shop, world
from tactful.decide import usage
from tactful.decide.arms import Arms
from tactful.decide.believed import Prices
from tactful.decide.codes import CODE
from tactful.decide.prices import Load, repair
from tactful.store import contracts
from tactful.words.outcome import Reason

GREEDY = {"exploration": {"most": "0%"}}


def tally(inputs):
    chosen = [row for row in outcomes(inputs).values() if row["outcome_kind"] == "chosen"]
    return len(chosen), sum(row["offer_id"] is not None for row in chosen)


@pytest.mark.parametrize("most", [0, 1, 17, 60, 61])
def test_sends_per_day_hold_exactly(most):
    project = shop(programs=[PROGRAM | {"limits": {"sends_per_day": most}}], policy=GREEDY)
    inputs = run(project, 60)
    assert tally(inputs)[0] == min(most, 60)
    cut = [row for row in outcomes(inputs).values() if row["outcome_kind"] == "capped"]
    assert len(cut) == max(0, 60 - most)
    for row in cut:
        assert (row["drawn_by"], row["reasons"], row["level"]) == ("repair", ["capacity"], "none")
        assert row["ghost_arm_id"] is not None


def test_what_is_used_already_counts():
    project = shop(programs=[PROGRAM | {"limits": {"sends_per_day": 20}}], policy=GREEDY)
    assert tally(run(project, 60, used={"sends:win-back": 15}))[0] == 5
    assert tally(run(project, 60, used={"sends:win-back": 99}))[0] == 0


CHEAP = TEN_OFF | {"cost": "0.10 GBP"}


def test_F73_an_offer_is_never_promised_more_often_than_there_is_stock():
    project = shop(offers=[CHEAP | {"stock": 7}], policy=GREEDY)
    inputs = run(project, 60)
    assert tally(inputs) == (7, 7)
    assert {r["reasons"][0] for r in outcomes(inputs).values() if r["outcome_kind"] == "capped"} == {"out_of_stock"}


def test_a_budget_holds_to_the_smallest_unit():
    project = shop(programs=[PROGRAM | {"limits": {"budget": "1 GBP"}}], policy=GREEDY, offers=[])
    project = shop(programs=[PROGRAM | {"limits": {"budget": "1 GBP"}, "offers": ["none"]}], policy=GREEDY)
    inputs = run(project, 60)
    cost = {row["arm_id"]: row["cost"] + row["offer_cost"] for row in inputs["arms"].to_pylist()}
    spent = sum(cost[row["arm_id"]] for row in outcomes(inputs).values())
    assert spent == 16 * 6_000 <= 100_000  # one for you costs 6 pence: 16 of them fit into a pound


def test_the_better_ones_stay_and_ties_fall_by_hash_the_same_each_time():
    project = shop(programs=[PROGRAM | {"limits": {"sends_per_day": 20}}], policy=GREEDY)
    people = {f"a{n}": {} for n in range(15)} | {f"b{n}": {"dial": "all"} for n in range(15)}
    first, again = (outcomes(run(project, people)) for _ in range(2))
    assert first == again
    stays = [name for name, row in first.items() if row["outcome_kind"] == "chosen"]
    assert sum(name.startswith("a") for name in stays) == 15
    assert sum(name.startswith("b") for name in stays) == 5


@given(
    some.lists(some.tuples(some.integers(0, 8), some.integers(0, 10**6)), min_size=1, max_size=60),
    some.integers(0, 20),
    some.integers(0, 200_000),
)
def test_no_limit_is_ever_passed_and_only_as_many_fall_as_must(rows, sends, budget):
    project = shop(programs=[PROGRAM | {"touchpoints": ["email"]}])
    arms = Arms.of(world(project, 1)["arms"])
    prices = Prices(
        prices_id=bytes(16), price=np.zeros(len(arms), dtype=np.int64), use=Prices.of(_none(), arms=arms).use,
        limits={"sends:win-back": sends, "budget:win-back": budget},
    )  # fmt: skip
    arm, margin = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    load = Load(arm=arm, margin=margin, key=np.arange(len(rows)))
    why = repair(load, prices=prices, occasion="o", salt="s")
    stays = arm[why == 0]
    for resource, limit in prices.limits.items():
        assert prices.use[resource][stays].sum() <= limit
    assert (why[arm == 0] == 0).all()
    assert set(why[why > 0]) <= {CODE[Reason.CAPACITY], CODE[Reason.BUDGET]}


def _none():
    return pa.Table.from_pylist([], schema=contracts.table("prices").schema)


def test_what_former_occasions_used_is_counted_from_contacts_promises_and_decisions():
    project = shop(offers=[CHEAP], policy=GREEDY)
    before = run(project, {"a": {}, "b": {}})
    arms = Arms.of(before["arms"])
    promise = {"offer_id": "ten-off", "decision_id": b"x" * 16, "state": "issued", "promise": "{}", "cost_minor": 10,
               "issued_at": CLOCK.now, "valid_until": CLOCK.now, "customer_id": "a"}  # fmt: skip
    inputs = {
        "contact": contact(("a", "2011-12-09T09:00:00"), ("b", "2011-12-09T09:00:00"), ("a", "2011-12-08T09:00:00")),
        "incentive": pa.Table.from_pylist([promise], schema=contracts.table("incentive").schema),
        "past_decisions": before["decisions"],
    }
    found = usage.used(inputs, arms=arms, occasion="another", clock=CLOCK)
    assert (found["sends:win-back"], found["stock:ten-off"], found["offer_budget:ten-off"]) == (2, 1, 3_000)
    cost = {row["arm_id"]: row["cost"] + row["offer_cost"] for row in before["arms"].to_pylist()}
    assert found["budget:win-back"] == sum(cost[row["arm_id"]] for row in outcomes(before).values()) > 0
    own = usage.used(inputs, arms=arms, occasion=OCCASION, clock=CLOCK)
    assert own.get("budget:win-back", 0) == 0  # an occasion does not use up what it is about to use
