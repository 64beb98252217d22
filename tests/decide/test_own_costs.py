"""What an offer costs differs by customer: it is taken off for each, and budgets count it for each."""

import numpy as np
import pyarrow as pa
import pytest
from scipy.optimize import linprog

from decide.worlds import CLOCK, PROGRAM, TEN_OFF, decide_all, outcomes, prepared, shop, world
from tactful.decide import own_costs, prices, usage
from tactful.decide.adding_up import added_up
from tactful.decide.arms import Arms
from tactful.decide.believed import Beliefs, Prices
from tactful.decide.choice import Sealed
from tactful.decide.kernel import scores
from tactful.decide.own_costs import extra_of
from tactful.decide.replay import replay
from tactful.flow import limits
from tactful.project.facts import Fact
from tactful.store import contracts

GREEDY = {"exploration": {"most": "0%"}, "caps": []}
# A tenth of what they usually order; used by three in ten: 20 pounds cost 60 pence, as the arms say of everybody.
OFFER = TEN_OFF | {"cost_of": {"fact": "usual_order", "share": "10%"}}
PLAIN = PROGRAM | {"touchpoints": ["email"], "levels": {"all": {"content": "win-back/everyone"}},
                   "expect": PROGRAM["expect"] | {"offers": {"ten-off": "3"}}}  # fmt: skip
FACT = {"usual_order": Fact.model_validate({"from": "transactions", "keep": "sum(revenue)"})}
ORDERS = {"a": 20.0, "b": 10.0, "c": 200.0, "d": None, "e": 0.0}


def made(orders=ORDERS, *, offer=OFFER, program=PLAIN, policy=None, beliefs=None):
    """A project and its world, where everybody has a usual order; decided."""
    project = shop(programs=[program], offers=[offer], facts=FACT, policy=GREEDY | (policy or {}))
    inputs = world(project, {name: {} for name in orders})
    known = inputs["profiles"]
    usual = pa.array([orders[name] for name in known["customer_id"].to_pylist()], pa.float64())
    inputs["profiles"] = known.append_column("usual_order", usual)
    if beliefs is not None:
        inputs["beliefs"] = beliefs(inputs["beliefs"])
    return project, decide_all(project, inputs)


def own(inputs):
    return {row["customer_id"]: row["offer_costs"] for row in inputs["inputs"].to_pylist()}


def test_what_it_costs_with_each_is_reckoned_by_hand():
    _, inputs = made()
    # 10 % × 30 % of 10 pounds is 30 pence, 30 less than stated; of 200 pounds 6 pounds, 5.40 more; unknown: as stated.
    assert own(inputs) == {"a": [0], "b": [-30_000], "c": [540_000], "d": [0], "e": [-60_000]}


def test_it_is_taken_off_the_score_to_the_unit_and_decides_who_gets_the_offer():
    project, inputs = made()
    arms = Arms.of(inputs["arms"])
    (batch,) = inputs["inputs"].combine_chunks().to_batches()
    sealed, kind = Sealed.of(inputs), arms.of_kind("push")
    score = scores(batch, arms=arms, beliefs=sealed.beliefs, prices=sealed.prices, kind=kind)
    with_offer, without = (
        next(place for place, arm in enumerate(kind) if arm and arms.offer[arm] == offer) for offer in ("ten-off", None)
    )
    stated = int(sealed.beliefs.mean[kind[with_offer]] - (arms.cost + arms.offer_cost)[kind[with_offer]])
    extra = extra_of(batch, arms=arms)[:, 0]
    assert score[:, with_offer].tolist() == (stated - extra).tolist()
    assert len(set(score[:, without].tolist())) == 1
    got = {name: row["offer_id"] for name, row in outcomes(inputs).items()}
    assert got == {"a": "ten-off", "b": "ten-off", "c": None, "d": "ten-off", "e": "ten-off"}
    costs = {name: row["offer_cost"] for name, row in outcomes(inputs).items()}
    assert costs == {"a": 60_000, "b": 30_000, "c": None, "d": 60_000, "e": 0}
    assert list(replay(inputs, salt=project.settings.salt, clock=CLOCK)) == []


def test_without_such_an_offer_nothing_is_sealed_and_ids_are_as_they_were():
    project = shop()
    rows = prepared(project, world(project, 3))
    assert rows["offer_costs"].null_count == 3
    assert own_costs.dearer({"inputs": rows}, arms=Arms.of(world(project, 3)["arms"])) == {}


def crowd(n=120, *, seed=4):
    rng = np.random.default_rng(seed)
    return {f"c{place}": float(np.round(np.exp(rng.normal(3, 0.8)), 2)) for place in range(n)}


@pytest.mark.parametrize("budget", ["2 GBP", "12 GBP"])
def test_a_budget_counts_what_it_costs_with_each_and_is_spent_as_highs_would(budget):
    orders = crowd()
    _, inputs = made(orders, offer=OFFER | {"budget": budget})
    arms = Arms.of(inputs["arms"])
    (batch,) = inputs["inputs"].combine_chunks().to_batches()
    kind = arms.of_kind("push")
    free = Prices(prices_id=bytes(16), price=np.zeros(len(arms), dtype=np.int64), limits={}, use={})
    score = scores(batch, arms=arms, beliefs=Beliefs.of(inputs["beliefs"], arms=arms), prices=free, kind=kind)
    place = {arm_id: arm for arm, arm_id in enumerate(inputs["arms"]["arm_id"].to_pylist())}
    got = np.array([np.flatnonzero(kind == place[i])[0] for i in inputs["decisions"]["arm_id"].to_pylist()])
    offered = np.array([arms.offer[arm] is not None for arm in kind])
    cost = np.where(offered, arms.offer_cost[kind] + extra_of(batch, arms=arms), 0)
    most = int(budget.split()[0]) * 100_000
    spent = int(cost[np.arange(got.size), got].sum())
    assert spent <= most
    assert spent == sum(cost or 0 for cost in inputs["decisions"]["offer_cost"].to_pylist())
    row = next(row for row in limits.facts(inputs, currency="GBP") if row["resource"] == "offer_budget:ten-off")
    assert row["used"] == spent
    n, k = score.shape
    best = linprog(
        -score.ravel().astype(float), A_ub=np.vstack([np.kron(np.eye(n), np.ones(k)), cost.ravel()]),
        b_ub=[*np.ones(n), most], bounds=(0, 1), method="highs",
    )  # fmt: skip
    ours = int(score[np.arange(n), got].sum())
    assert 0.99 * -best.fun <= ours <= -best.fun + 1e-6
    assert limits.certificate(inputs, currency="GBP")["gap"] >= 0
    assert any(row["price"] > 0 for row in inputs["prices"].to_pylist())


def test_what_former_promises_cost_with_each_is_taken_off_the_budgets():
    project, before = made(program=PLAIN | {"limits": {"budget": "50 GBP"}}, offer=OFFER | {"budget": "40 GBP"})
    arms = Arms.of(before["arms"])
    promises = [
        {"offer_id": "ten-off", "decision_id": row["decision_id"], "state": "issued", "promise": "{}", "cost_minor": 1,
         "issued_at": CLOCK.now, "valid_until": CLOCK.now, "customer_id": name}
        for name, row in outcomes(before).items() if row["offer_id"]
    ]  # fmt: skip
    inputs = {
        "incentive": pa.Table.from_pylist(promises, schema=contracts.table("incentive").schema),
        "past_decisions": before["decisions"],
    }
    gone = usage.used(inputs, arms=arms, occasion="another", clock=CLOCK)
    assert gone["offer_budget:ten-off"] == 60_000 + 30_000 + 60_000 + 0
    assert gone["budget:win-back"] == gone["offer_budget:ten-off"] + 5 * 1_000  # and a penny for each message
    rows = prices.table(project, arms, people=5, used=gone).to_pylist()
    left = {row["resource"]: row["most"] for row in rows}
    assert left["offer_budget:ten-off"] == 4_000_000 - 150_000


def test_chance_never_spends_more_than_its_budget_on_the_dearest():
    policy = {"exploration": {"most": "30%", "budget": "1 GBP"}}
    project, inputs = made(policy=policy)
    arms = Arms.of(inputs["arms"])
    dearer = own_costs.dearer(inputs, arms=arms)
    assert dearer == {"ten-off": 540_000}
    rows = prices.table(project, arms, people=5, dearer=dearer).to_pylist()
    caps = [row["most"] for row in rows if row["resource"].startswith("exploration:cap:")]
    assert all(5 * len(caps) * cap * 600_000 <= 100_000 << 52 for cap in caps)
    assert all(cap > 0 for cap in caps)


@pytest.mark.parametrize("seed", range(6))
def test_with_prices_and_learned_coefficients_every_number_still_adds_up(seed):
    rng = np.random.default_rng(seed)
    project, inputs = made(offer=OFFER | {"budget": "40 GBP"}, program=PLAIN | {"limits": {"budget": "50 GBP"}})
    rows = inputs["prices"].to_pylist()
    for row in rows:
        if row["resource"].split(":")[0] in ("budget", "offer_budget"):
            row["price"] = int(rng.integers(0, 9_000_000))
    inputs["prices"] = pa.Table.from_pylist(rows, schema=inputs["prices"].schema)
    sealed = Sealed.of(inputs)
    free = Prices.of(pa.Table.from_pylist([row | {"price": 0} for row in rows]), arms=sealed.arms)
    (batch,) = inputs["inputs"].combine_chunks().to_batches()
    kind = sealed.arms.of_kind("push")
    ask = {"arms": sealed.arms, "beliefs": sealed.beliefs, "kind": kind}
    taken = scores(batch, prices=free, **ask) - scores(batch, prices=sealed.prices, **ask)
    each = sum(price / per for price, per in sealed.prices.each.values())
    extra = extra_of(batch, arms=sealed.arms)[:, 0]
    for place, arm in enumerate(kind):
        own_cost = np.where(sealed.arms.own_cost[arm] >= 0, extra, 0)
        true = sealed.prices.price[arm] + own_cost * each
        assert np.abs(taken[:, place] - true).max() <= 2 + np.abs(own_cost).max() / 2**11
    for row in range(batch.num_rows):
        found = sealed.decide(batch.slice(row, 1), salt="salt", clock=CLOCK)
        for one in added_up(found, sealed=sealed, beliefs=inputs["beliefs"]):
            assert sum(part.amount for part in one.parts) == one.score
            assert "what is not told apart here" not in {part.what for part in one.parts}
    assert project.offers["ten-off"].cost_of is not None
