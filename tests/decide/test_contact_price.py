"""The price of a contact: a table by class and fatigue, looked up for each customer and taken off exactly."""

import numpy as np
import pyarrow as pa
import pytest

from tactful.decide import contact_price
from tactful.decide.arms import Arms
from tactful.decide.believed import Beliefs
from tactful.decide.choice import Sealed
from tactful.decide.contact_price import ContactPrices, with_contacts
from tactful.decide.fingerprint import input_ids
from tactful.decide.kernel import decide
from tactful.decide.standing import Contacts
from tactful.learn import beliefs
from tactful.words.ids import customer_key
from tests.decide.worlds import CLOCK, PROGRAM, contact, outcomes, prepared, run, segment, shop, world

FATIGUE = {"remaining": "20 GBP", "classes": [{"segment": "loyal", "remaining": "80 GBP"}]}
KIND = {"familiarity": 1 << 20, "knowledge": 1 << 20, "consents": ["marketing:email", "personalization:any"],
        "favourite_range": "tea"}  # fmt: skip
PLAIN = PROGRAM | {"touchpoints": ["email"], "offers": ["none"]}
THREE = dict.fromkeys(("ann", "bea", "cid", "dan"), KIND)
TIRED = contact(*(("bea", f"2011-12-0{day}T09:00:00") for day in range(1, 9)), ("cid", "2011-10-01T09:00:00"))


def priced(policy=None, *, people=THREE, contacts=TIRED):
    """A world with a fatigue table, its project, and the rows that the kernel reads."""
    project = shop(programs=(PLAIN,), policy={"caps": [], "fatigue": FATIGUE} | (policy or {}))
    segments = pa.concat_tables([segment(list(people)), segment(["dan"], segment="loyal")])
    inputs = world(project, people, segments=segments, contact=contacts)
    arms = Arms.of(inputs["arms"])
    made = contact_price.table(project, arms, beliefs=Beliefs.of(inputs["beliefs"], arms=arms))
    inputs["fatigue"] = pa.Table.from_batches([made])
    inputs["inputs"] = prepared(project, inputs)
    return project, inputs


def by_customer(inputs) -> dict[str, int]:
    return {row["customer_id"]: row["contact_price"][0] for row in inputs["inputs"].to_pylist()}


def scored(inputs) -> dict[str, list[int]]:
    """Scores of all arms by customer."""
    sealed = Sealed.of(inputs)
    batch = inputs["inputs"].combine_chunks().to_batches()[0]
    found = decide(
        batch, arms=sealed.arms, beliefs=sealed.beliefs, prices=sealed.prices, policy=sealed.rule, salt="s", clock=CLOCK
    )
    return dict(zip(batch["customer_id"].to_pylist(), found.drawn.scores.tolist(), strict=True))


def test_more_fatigue_and_more_at_stake_cost_more():
    _, inputs = priced()
    rows = inputs["fatigue"].to_pylist()
    assert {row["class"] for row in rows} == {"loyal", "everybody"}
    assert len(rows) == 2 * 30
    for name in ("loyal", "everybody"):
        price = [row["price"] for row in rows if row["class"] == name]
        assert price[0] > 0
        assert price[-1] > price[0]
    found = by_customer(inputs)
    assert found["bea"] > found["cid"] >= found["ann"] > 0
    assert found["dan"] > found["ann"]


def test_the_price_is_taken_off_every_marketing_message_to_the_unit_and_off_nothing_else():
    project, inputs = priced()
    without = inputs | {"fatigue": inputs["fatigue"].slice(0, 0)}
    without["inputs"] = prepared(project, without)
    found, plain, price = scored(inputs), scored(without), by_customer(inputs)
    for name in THREE:
        assert found[name][0] == plain[name][0] == 0
        assert [p - f for p, f in zip(plain[name][1:], found[name][1:], strict=True)] == [price[name]] * 4


def test_service_mails_have_no_price():
    service = PLAIN | {"program": "service", "purpose": "service"}
    project = shop(programs=(PLAIN, service), policy={"fatigue": FATIGUE})
    arms = Arms.of(world(project, THREE)["arms"])
    believed = Beliefs.of(pa.Table.from_batches([beliefs.prior(project, arms.batch, clock=CLOCK)]), arms=arms)
    kind = arms.of_kind("push")
    coefficients, shift = with_contacts(arms, beliefs=believed, kind=kind, channels=("email",))
    priced_arms = coefficients[:, -1] == -(1 << shift)
    assert priced_arms.tolist() == [arms.purpose[arm] == "marketing" and arm > 0 for arm in kind.tolist()]


def test_who_is_tired_is_left_alone():
    _, inputs = priced({"fatigue": FATIGUE | {"remaining": "200 GBP", "growth": "1"}})
    got = run(shop(programs=(PLAIN,), policy={"caps": []}), THREE, contact=TIRED)
    assert outcomes(got)["bea"]["outcome_kind"] == "chosen"
    assert max(scored(inputs)["bea"][1:]) < 0 < max(scored(inputs)["ann"][1:])


def test_without_a_declaration_rows_and_their_ids_are_as_they_were():
    project = shop(programs=(PLAIN,), policy={"caps": []})
    inputs = world(project, THREE, contact=TIRED)
    arms = Arms.of(inputs["arms"])
    assert contact_price.table(project, arms, beliefs=Beliefs.of(inputs["beliefs"], arms=arms)).num_rows == 0
    rows = prepared(project, inputs)
    assert rows["contact_price"].null_count == rows.num_rows
    batch = rows.combine_chunks().to_batches()[0]
    older = batch.drop_columns(["contact_price"])
    assert input_ids(batch).tolist() == input_ids(older).tolist()
    other, priced_rows = priced()
    del other
    changed = priced_rows["inputs"].combine_chunks().to_batches()[0]
    assert input_ids(changed).tolist() != input_ids(batch).tolist()


def test_fatigue_is_summed_by_hand():
    project = shop(programs=(PLAIN,), policy={"fatigue": FATIGUE | {"half_life": 14, "every": 7}})
    inputs = world(project, THREE, contact=TIRED)
    arms = Arms.of(inputs["arms"])
    made = contact_price.table(project, arms, beliefs=Beliefs.of(inputs["beliefs"], arms=arms))
    given = inputs | {"fatigue": pa.Table.from_batches([made])}
    known = ContactPrices.of(given, project=project, arms=arms).with_classes(given, project=project)
    # keep is 0.5^(7/14); the most there can be is 1 / (1 - 0.7071) = 3.4142.
    assert known.most == round(3.414213562373095 * (1 << 20))
    contacts = Contacts.of({"contact": contact(("ann", "2011-12-02T12:00:00"), ("ann", "2011-11-18T12:00:00"))},
                           occasion="x")  # fmt: skip
    # Seven days ago: felt in full; 21 days ago, 14 after that: half. 1.5 / 3.4142 × 29 = 12.74: point 13.
    points = known._points(np.sort([customer_key("ann")]), contacts=contacts, clock=CLOCK)
    assert points.tolist() == [13]


@pytest.mark.parametrize("shift", [0, 9, 24, 30])
def test_the_price_leaves_what_is_learned_alone_at_any_shift(shift):
    project = shop(programs=(PLAIN,))
    inputs = world(project, THREE)
    arms = Arms.of(inputs["arms"])
    believed = Beliefs.of(inputs["beliefs"], arms=arms)
    k = len(arms)
    learned = Beliefs(
        beliefs_id=believed.beliefs_id, mean=believed.mean, scale=believed.scale, finer={}, features=("constant", "b"),
        coefficients=np.tile(np.array([[12_345_678, -7_654_321]]), (k, 1)), shift=np.full(k, shift),
    )  # fmt: skip
    kind = arms.of_kind("push")
    coefficients, now = with_contacts(arms, beliefs=learned, kind=kind, channels=("email",))
    assert np.abs(coefficients).max() <= 1 << 24
    x = np.array([3, 700_001])
    before = (learned.coefficients[kind] @ x) >> shift
    after = (coefficients @ np.append(x, 4_321)) >> now
    off = before - after
    assert off[0] in (0, 1)
    assert (np.abs(off[1:] - 4_321) <= (1 if shift > 24 else 0)).all()
