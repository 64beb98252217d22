"""The numbers that explain a score add up to it, to the unit, for every arm and however it came about."""

import numpy as np
import pyarrow as pa
import pytest

from decide.worlds import CLOCK, TEN_OFF, contact, decide_all, run, shop, world
from tactful.decide import contact_price
from tactful.decide.adding_up import added_up
from tactful.decide.arms import Arms
from tactful.decide.believed import Beliefs
from tactful.decide.choice import Sealed
from tactful.project.feature_maps import features_of
from tactful.reckon.features import names
from tactful.words.ids import customer_key

CELL = '{"favourite_range":"baking"}'
DECLARED = {"value": {"features": [{"fact": "familiarity", "edges": ["0", "600000"]}]}}


def told(inputs, *, customer="a", seed=None):
    sealed = Sealed.of(inputs)
    row = inputs["inputs"].filter(pa.compute.equal(inputs["inputs"]["customer_id"], customer))
    batch = row.combine_chunks().to_batches()[0]
    found = sealed.decide(batch, salt="salt", clock=CLOCK)
    return found, added_up(found, sealed=sealed, beliefs=inputs["beliefs"]), sealed


def learned(inputs, project, *, seed):
    """Beliefs with coefficients and a cell of their own, drawn by chance."""
    rng = np.random.default_rng(seed)
    features = names(features_of(project))
    rows = inputs["beliefs"].to_pylist()
    for row in rows:
        if row["cell"] != "/":
            row |= {"features": features, "shift": int(rng.integers(0, 20))}
            row |= {"coefficients": rng.integers(-(1 << 20), 1 << 20, len(features)).tolist()}
    base = next(row for row in rows if row["cell"] == "/email/many/none")
    rows.append(base | {"cell": f"/email/many/none/{CELL}", "mean": base["mean"] + 4_321, "precision": 7})
    return pa.Table.from_pylist(rows, schema=inputs["beliefs"].schema)


def priced(inputs):
    rows = inputs["prices"].to_pylist()
    for place, row in enumerate(rows):
        if not row["resource"].startswith("exploration:"):
            row["price"] = 1_000_003 * (place + 1)
    return pa.Table.from_pylist(rows, schema=inputs["prices"].schema)


@pytest.mark.parametrize("seed", range(8))
def test_every_score_is_the_sum_of_what_is_told(seed):
    project = shop(offers=[TEN_OFF | {"budget": "50 GBP", "stock": 40}], policy=DECLARED)
    inputs = run(project, {"a": {}, "b": {"familiarity": 700_000}, "c": {"favourite_range": "garden"}})
    inputs |= {"beliefs": learned(inputs, project, seed=seed), "prices": priced(inputs)}
    for customer in "abc":
        found, arms, _ = told(inputs, customer=customer)
        place = {int(arm): at for at, arm in enumerate(found.drawn.kind)}
        assert len(arms) == int(found.drawn.may[0].sum()) > 1
        for one in arms:
            assert sum(part.amount for part in one.parts) == one.score == found.drawn.scores[0, place[one.arm]]
            assert "what is not told apart here" not in {part.what for part in one.parts}
            assert one.propensity == found.drawn.probabilities[0, place[one.arm]]
            assert one.gap == arms[0].score - one.score >= 0
        assert sum(one.propensity for one in arms) == 2**52


@pytest.mark.parametrize("seed", range(4))
def test_numbers_add_up_with_a_contact_price_too(seed):
    wears = {"fatigue": {"remaining": "20 GBP"}} | DECLARED
    project = shop(offers=[TEN_OFF | {"budget": "50 GBP"}], policy=wears | {"caps": []})
    people = {"a": {}, "b": {"familiarity": 700_000}}
    tired = contact(*(("b", f"2011-12-0{day}T09:00:00") for day in range(1, 9)))
    inputs = world(project, people, contact=tired)
    arms = Arms.of(inputs["arms"])
    table = contact_price.table(project, arms, beliefs=Beliefs.of(inputs["beliefs"], arms=arms))
    inputs = decide_all(project, inputs | {"fatigue": pa.Table.from_batches([table])})
    inputs |= {"beliefs": learned(inputs, project, seed=seed), "prices": priced(inputs)}
    taken = {}
    for customer in people:
        found, told_arms, sealed = told(inputs, customer=customer)
        place = {int(arm): at for at, arm in enumerate(found.drawn.kind)}
        (price,) = found.batch["contact_price"][0].as_py()
        for one in told_arms:
            assert sum(part.amount for part in one.parts) == one.score == found.drawn.scores[0, place[one.arm]]
            assert "what is not told apart here" not in {part.what for part in one.parts}
            said = [part.amount for part in one.parts if part.what.startswith("one more contact by email")]
            assert said == ([-price] if sealed.arms.program[one.arm] else [])
        taken[customer] = price
    assert taken["b"] > taken["a"] > 0


def test_the_tree_of_pulls_ends_in_the_customers_own_cell():
    project = shop(policy=DECLARED)
    people = {name: {} for name in "abc"} | {name: {"favourite_range": "garden"} for name in "def"}
    inputs = run(project, people)
    cells = {row["cell"] for row in inputs["portfolio"].to_pylist() if row["level"] == "many"}
    assert customer_key(CELL) in {customer_key(cell) for cell in cells}
    inputs["beliefs"] = learned(inputs, project, seed=1)
    for customer, ends in (("a", f"/email/many/none/{CELL}"), ("d", "/email/many/none")):
        _, arms, sealed = told(inputs, customer=customer)
        many = next(one for one in arms if one.pulls and one.pulls[1].of == "/email/many/none")
        assert [pull.of for pull in many.pulls] == list(dict.fromkeys(["win-back", "/email/many/none", ends]))
        assert many.parts[0].amount == many.pulls[-1].believed
        assert sealed.arms.program[many.arm] == "win-back"


def test_nothing_is_worth_nothing():
    _, arms, sealed = told(run(shop(), {"a": {}}))
    nothing = next(one for one in arms if sealed.arms.program[one.arm] is None)
    assert (nothing.parts, nothing.pulls, nothing.score) == ((), (), 0)
