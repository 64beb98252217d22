"""Limits over all customers hold to the unit; what they cut is marked, and the best and the hash decide who stays."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.optimize import linprog

from decide.worlds import (
    CLOCK,
    OCCASION,
    PROGRAM,
    TEN_OFF,
    contact,
    crowd,
    decide_all,
    outcomes,
    run,
    shop,
    table,
    world,
)
from tactful.decide import capacity, portfolio, prices, usage
from tactful.decide.arms import Arms
from tactful.decide.believed import Beliefs, Prices
from tactful.decide.choice import Sealed, blocks
from tactful.decide.codes import CODE
from tactful.decide.kernel import scores
from tactful.decide.prices import Load, repair
from tactful.decide.repairs import Repairs, deployed
from tactful.decide.replay import replay
from tactful.reckon import tied
from tactful.reckon.chance import WHOLE
from tactful.store import contracts
from tactful.words.errors import Misuse
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
        assert (row["drawn_by"], row["reasons"], row["level"]) == ("exact" if most else "draw", ["capacity"], "none")
        assert (row["ghost_arm_id"] is not None) == (most > 0)  # of what is used up before the day nobody is drawn


def test_what_is_used_already_counts():
    project = shop(programs=[PROGRAM | {"limits": {"sends_per_day": 20}}], policy=GREEDY)
    assert tally(run(project, 60, used={"sends:win-back": 15}))[0] == 5
    assert tally(run(project, 60, used={"sends:win-back": 99}))[0] == 0


CHEAP = TEN_OFF | {"cost": "0.10 GBP"}


def test_F73_an_offer_is_never_promised_more_often_than_there_is_stock():
    project = shop(offers=[CHEAP | {"stock": 7}], policy=GREEDY)
    inputs = run(project, 60)
    assert tally(inputs) == (60, 7)  # who does not get the offer is written to without it
    assert {row["drawn_by"] for row in outcomes(inputs).values() if row["offer_id"]} == {"exact"}


def test_a_budget_holds_to_the_smallest_unit():
    project = shop(programs=[PROGRAM | {"limits": {"budget": "1 GBP"}}], policy=GREEDY, offers=[])
    project = shop(programs=[PROGRAM | {"limits": {"budget": "1 GBP"}, "offers": ["none"]}], policy=GREEDY)
    inputs = run(project, 60)
    cost = {row["arm_id"]: row["cost"] + row["offer_cost"] for row in inputs["arms"].to_pylist()}
    spent = sum(cost[row["arm_id"]] for row in outcomes(inputs).values())
    assert 16 * 6_000 <= spent <= 100_000  # one for you costs 6 pence: 16 of them fit into a pound


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
    free = Prices(
        prices_id=bytes(16), price=np.zeros(len(arms), dtype=np.int64), use=Prices.of(_none(), arms=arms).use,
        limits={"sends:win-back": sends, "budget:win-back": budget},
    )  # fmt: skip
    arm, margin = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    load = Load(
        arm=arm, margin=margin, key=np.arange(len(rows)), place=arms.own_cost,
        extra=np.zeros((len(rows), 0), dtype=np.int64),
    )  # fmt: skip
    why = repair(load, prices=free, occasion="o", salt="s")
    stays = arm[why == 0]
    for resource, limit in free.limits.items():
        assert free.use[resource][stays].sum() <= limit
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


def mixed(project, size=900, *, seed=5):
    """A crowd with its occasion decided, many of whom are worth the same."""
    known = crowd(size, seed=seed)
    inputs = world(project, 1)
    inputs["profiles"] = known
    inputs["segments"] = table_of_segment(known)
    inputs["portfolio"] = table(portfolio.build(inputs, project=project), "portfolio")
    inputs["prices"] = pa.Table.from_batches([prices.table(project, Arms.of(inputs["arms"]), people=size)])
    return decide_all(project, inputs)


def table_of_segment(known):
    rows = {"segment": ["lapsing"] * known.num_rows, "customer_id": known["customer_id"],
            "customer_key": known["customer_key"], "as_of": [CLOCK.now] * known.num_rows}  # fmt: skip
    return pa.table(rows, schema=contracts.table("segments").schema)


def load_of(inputs):
    """By resource what the decisions use, and what there is."""
    made = Arms.of(inputs["arms"])
    place = {arm_id: arm for arm, arm_id in enumerate(inputs["arms"]["arm_id"].to_pylist())}
    count = np.bincount([place[i] for i in inputs["decisions"]["arm_id"].to_pylist()], minlength=len(made))
    found = Prices.of(inputs["prices"], arms=made)
    return {name: (int((found.use[name] * count).sum()), most) for name, most in found.limits.items()}


SHARED = {
    "sends": [{"channel": "email", "most": 260}],
    "checking": {"most": 60, "levels": ["one"]},
    "complaints": [{"channel": "email", "most": "0.5", "expected": {"all": "1%", "many": "0.2%", "one": "0.1%"}}],
}


def test_shared_capacities_hold_to_the_unit_and_whoever_loses_a_message_gets_the_next_best():
    project = shop(offers=[CHEAP | {"stock": 40}], policy={"capacity": SHARED})
    inputs = mixed(project)
    used = load_of(inputs)
    assert set(used) >= {"channel:email", "checking", "complaints:email", "stock:ten-off"}
    for name, (load, most) in used.items():
        assert load <= most, name
    assert sum(load >= most - 8_000 * (name == "complaints:email") for name, (load, most) in used.items()) >= 2
    rows = outcomes(inputs).values()
    assert {row["drawn_by"] for row in rows} >= {"draw", "exact"}
    moved = [row for row in rows if row["outcome_kind"] == "chosen" and row["drawn_by"] in ("repair", "tie", "exact")]
    assert moved
    assert list(replay(inputs, salt="salt", clock=CLOCK)) == []


def test_prices_bring_more_than_holding_limits_by_the_order_of_margins():
    limited = PROGRAM | {"limits": {"sends_per_day": 200}}
    project = shop(programs=[limited], offers=[CHEAP | {"stock": 60}], policy=GREEDY)
    inputs = mixed(project)
    made = Arms.of(inputs["arms"])
    free = Prices(prices_id=bytes(16), price=np.zeros(len(made), dtype=np.int64), limits={}, use={})
    believed = Beliefs.of(inputs["beliefs"], arms=made)
    (batch,) = inputs["inputs"].combine_chunks().to_batches()
    kind = made.of_kind("push")
    score = scores(batch, arms=made, beliefs=believed, prices=free, kind=kind)
    may = batch["eligible"].flatten().to_numpy(zero_copy_only=False).reshape(-1, len(made))[:, kind]
    place = {arm_id: arm for arm, arm_id in enumerate(inputs["arms"]["arm_id"].to_pylist())}
    got = np.array([np.flatnonzero(kind == place[i])[0] for i in inputs["decisions"]["arm_id"].to_pylist()])
    ours = int(score[np.arange(got.size), got].sum())
    sends = Prices.of(inputs["prices"], arms=made).use["sends:win-back"][kind]
    stock = Prices.of(inputs["prices"], arms=made).use["stock:ten-off"][kind]
    n, k = score.shape
    each = np.kron(np.eye(n), np.ones(k))
    best = linprog(
        -score.ravel().astype(float), A_ub=np.vstack([each, np.tile(sends, n), np.tile(stock, n)]),
        b_ub=[*np.ones(n), 200, 60], bounds=[(0, float(one)) for one in may.ravel()], method="highs",
    )  # fmt: skip
    assert 0.999 * -best.fun <= ours <= -best.fun * (1 + 1e-9)


def test_the_load_of_the_rule_with_its_exploring_keeps_the_limit():
    limited = PROGRAM | {"limits": {"sends_per_day": 400}}
    inputs = mixed(shop(programs=[limited], policy={"exploration": {"most": "30%", "budget": "50 GBP"}}), 4_000)
    load, most = load_of(inputs)["sends:win-back"]
    assert 0.97 * most <= load <= most


def test_the_propensity_of_a_tie_is_the_share_that_really_got_it():
    limited = PROGRAM | {"limits": {"sends_per_day": 1_200}}
    project = shop(programs=[limited], offers=[CHEAP], policy=GREEDY)
    rows = [row for row in outcomes(mixed(project, 6_000)).values() if row["drawn_by"] == "tie"]
    assert len(rows) > 100
    asked = [row for row in rows if row["outcome_kind"] == "chosen"]
    expected = sum(row["propensity"] / 2**52 for row in asked)
    weights = sum(2**52 / row["propensity"] for row in asked)
    assert 0 < expected < len(rows)
    assert weights == pytest.approx(len(rows), rel=0.05)  # inverse propensities count everybody who was asked for


@pytest.mark.parametrize(("quiet", "most"), [([], 240), ([{"channel": "email"}], 130)])
def test_an_hour_s_capacity_counts_for_the_hours_that_are_not_quiet(quiet, most):
    policy = {"quiet_hours": quiet, "capacity": {"sends": [{"channel": "email", "most": 10, "per": "hour"}]}}
    project = shop(policy=policy)
    (one,) = capacity.shared(project, Arms.of(world(project, 1)["arms"]))
    assert (one.resource, one.most) == ("channel:email", most)


def test_what_other_occasions_of_today_used_is_taken_off_shared_capacities():
    project = shop(policy={"capacity": SHARED}, offers=[CHEAP])
    before = run(project, {"a": {}, "b": {}})
    arms = Arms.of(before["arms"])
    inputs = {"past_decisions": before["decisions"], "contact": contact(("a", "2011-12-09T09:00:00"))}
    asked = {"inputs": inputs, "project": project, "arms": arms, "clock": CLOCK}
    found = capacity.used_today(**asked, occasion="another")
    individual = sum(row["level"] == "one" for row in outcomes(before).values())
    assert (found["channel:email"], found["checking"]) == (1, individual)
    assert capacity.used_today(**asked, occasion=OCCASION)["checking"] == 0


def test_what_stands_in_place_of_a_lost_message_is_always_an_arm_they_may_get():
    project = shop(offers=[CHEAP | {"stock": 40}], policy={"capacity": SHARED})
    inputs = mixed(project)
    may = {(row["decision_id"], row["arm_id"]) for row in inputs["candidates"].to_pylist() if row["eligible"]}
    rows = list(outcomes(inputs).values())
    assert any(row["drawn_by"] != "draw" and row["outcome_kind"] == "chosen" for row in rows)
    assert all((row["decision_id"], row["arm_id"]) in may for row in rows)


def test_an_arm_nobody_may_give_is_refused_and_not_decided():
    inputs = mixed(shop(), 50)
    sealed = Sealed.of(inputs)
    decided = sealed.decide(next(iter(blocks(inputs))), salt="salt", clock=CLOCK)
    drawn = decided.drawn
    (row, *_), (place, *_) = np.nonzero(~drawn.may)
    forged = Repairs.none(drawn.arms, by=0)
    forged.why[row], forged.arm[row] = CODE[Reason.CAPACITY], drawn.kind[place]
    with pytest.raises(Misuse, match="an arm they may not get"):
        decided.repaired(forged)


def test_candidates_hold_the_chances_of_the_rule_as_deployed():
    inputs = mixed(shop(programs=[PROGRAM | {"limits": {"sends_per_day": 1_500}}], offers=[CHEAP]), 6_000)
    chosen = {row["decision_id"]: row for row in inputs["decisions"].to_pylist()}
    total: dict[bytes, int] = {}
    for row in inputs["candidates"].to_pylist():
        total[row["decision_id"]] = total.get(row["decision_id"], 0) + row["propensity"]
        assert row["eligible"] or row["propensity"] == 0
        decision = chosen[row["decision_id"]]
        if decision["arm_id"] == row["arm_id"] and decision["drawn_by"] in ("draw", "tie"):
            assert row["propensity"] == decision["propensity"] > 0
    assert set(total.values()) == {2**52}
    ways = [row["drawn_by"] for row in chosen.values()]
    assert ways.count("tie") > 100
    strayed = [row for row in chosen.values() if row["drawn_by"] == "tie" and row["reasons"][0] == "explored"]
    assert strayed  # whom chance led astray could have got the same arm by the second draw


def test_where_scarce_things_are_assigned_those_led_astray_are_left_out_too():
    """Else only strays of those who were assigned something would be evaluated: far oftener than their chances say."""
    said = came = 0.0
    for turn in range(3):
        policy = {"exploration": {"most": "30%", "budget": "50 GBP"}}
        limited = PROGRAM | {"limits": {"sends_per_day": 300}}
        project = shop(programs=[limited], offers=[CHEAP | {"stock": 40}], policy=policy, salt=f"salt {turn}")
        inputs = mixed(project, 900)
        ways = {row["decision_id"]: row for row in inputs["decisions"].to_pylist()}
        assert any(row["drawn_by"] == "exact" and row["reasons"][0] == "explored" for row in ways.values())
        for row in inputs["candidates"].to_pylist():
            decision = ways[row["decision_id"]]
            if decision["drawn_by"] in ("draw", "tie") and 0 < row["propensity"] < 2**51:
                said += row["propensity"] / 2**52
                came += decision["arm_id"] == row["arm_id"]
        assert list(replay(inputs, salt=f"salt {turn}", clock=CLOCK)) == []
    assert came == pytest.approx(said, abs=4 * max(said, 4) ** 0.5)


@given(some.integers(0, 10**6), some.integers(2, 6))
def test_chances_of_a_tie_sum_to_the_whole_whatever_share_of_the_group_got_what(seed, arms):
    rng = np.random.default_rng(seed)
    small = rng.integers(0, WHOLE // (2 * arms), (40, arms))
    best = rng.integers(0, arms, 40)
    small[np.arange(40), best] = 0
    small[np.arange(40), best] = WHOLE - small.sum(axis=1)
    of, got = rng.integers(0, 3, 40), rng.integers(0, arms, 40)
    groups = tied.Groups(of=of, size=np.bincount(of, minlength=3), value=np.zeros((3, arms - 1), dtype=np.int64))
    split = tied.split(groups, arm=got) if (groups.size > 0).all() else np.full((3, arms), WHOLE // arms)
    found = deployed(small, best=best, split=split[of])
    assert (found >= 0).all()
    assert (found.sum(axis=1) == WHOLE).all()


def test_over_some_salts_arms_come_as_often_as_their_logged_chances_say():
    """Whom chance led astray and whom a tie was drawn for: what the log says of each arm is how often it is given."""
    said, came = {}, {}
    for turn in range(3):
        limited = PROGRAM | {"limits": {"sends_per_day": 1_500}, "offers": ["none"]}
        policy = {"exploration": {"most": "30%"}}
        inputs = mixed(shop(programs=[limited], offers=[], policy=policy, salt=f"salt {turn}"), 4_500)
        ways = {row["decision_id"]: row for row in inputs["decisions"].to_pylist()}
        assert {row["drawn_by"] for row in ways.values()} == {"draw", "tie"}
        for row in inputs["candidates"].to_pylist():
            arm = row["arm_id"]
            said[arm] = said.get(arm, 0) + row["propensity"] / 2**52
            came[arm] = came.get(arm, 0) + (ways[row["decision_id"]]["arm_id"] == arm)
    for arm, expected in said.items():
        assert came[arm] == pytest.approx(expected, abs=4 * max(expected, 4) ** 0.5)
    assert sum(expected > 20 for expected in said.values()) >= 4
