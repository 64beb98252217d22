"""Replay finds every changed bit and nothing else; the waterfall adds up; reasons are said in plain words."""

import numpy as np
import pyarrow as pa
import pytest

from decide.worlds import CLOCK, PROGRAM, contact, outcomes, run, segment, shop
from tactful.decide import reasons, waterfall
from tactful.decide.choice import Sealed
from tactful.decide.replay import replay
from tactful.words.outcome import Reason

PEOPLE = {f"c{n}": {} for n in range(40)} | {
    "no": {"consents": []}, "back": {"withdrawn": ["marketing:any"]}, "bad": {"email_usable": False},
    "far": {"familiarity": 0}, "tired": {},
}  # fmt: skip


@pytest.fixture(scope="module")
def night():
    limited = PROGRAM | {"holdout": "20%", "limits": {"sends_per_day": 25}}
    project = shop(programs=[limited, PROGRAM | {"program": "news", "audience": "regular"}])
    both = pa.concat_tables([segment(PEOPLE), segment(["c1", "c2", "no"], segment="regular")])
    contacts = contact(("tired", "2011-12-07T09:00:00"), ("tired", "2011-12-08T09:00:00"))
    return project, run(project, PEOPLE, segments=both, contact=contacts)


def test_what_was_sealed_gives_the_same_decisions(night):
    _, inputs = night
    assert list(replay(inputs, salt="salt", clock=CLOCK)) == []


@pytest.mark.parametrize("column", ["score", "propensity", "customer_key"])
def test_one_changed_bit_of_a_stored_decision_is_found(night, column):
    _, inputs = night
    values = inputs["decisions"][column].to_numpy().copy()
    values[3] ^= 1
    place = inputs["decisions"].schema.get_field_index(column)
    field = inputs["decisions"].schema.field(place)
    changed = inputs["decisions"].set_column(place, field, pa.array(values))
    found = list(replay(inputs | {"decisions": changed}, salt="salt", clock=CLOCK))
    assert [(d.column, d.decision_id) for d in found] == [(column, inputs["decisions"]["decision_id"][3].as_py())]


def flipped(table, column):
    """The table with one bit of one row changed, in a list of numbers."""
    lists = table[column].to_pylist()
    lists[5][-1] = lists[5][-1] ^ 1 if not isinstance(lists[5][-1], bool) else not lists[5][-1]
    place = table.schema.get_field_index(column)
    return table.set_column(place, table.schema.field(place), pa.array(lists, type=table.schema.field(place).type))


@pytest.mark.parametrize("column", ["features", "cells", "contacts", "due"])
def test_one_changed_bit_of_a_stored_input_is_found_even_where_it_changes_no_choice(night, column):
    _, inputs = night
    changed = inputs | {"inputs": flipped(inputs["inputs"], column)}
    assert "input_id" in {difference.column for difference in replay(changed, salt="salt", clock=CLOCK)}


def test_a_changed_belief_is_found(night):
    _, inputs = night
    rows = inputs["beliefs"].to_pylist()
    rows[1]["mean"] += 1
    changed = inputs | {"beliefs": pa.Table.from_pylist(rows, schema=inputs["beliefs"].schema)}
    assert list(replay(changed, salt="salt", clock=CLOCK))


def test_erased_rows_are_not_there_and_nothing_else_differs(night):
    _, inputs = night
    keep = np.arange(inputs["decisions"].num_rows) != 7
    less = inputs | {name: inputs[name].filter(pa.array(keep)) for name in ("inputs", "decisions")}
    assert list(replay(less, salt="salt", clock=CLOCK, erased=True)) == []


def test_a_missing_decision_is_a_difference(night):
    _, inputs = night
    less = inputs | {"decisions": inputs["decisions"].slice(0, inputs["decisions"].num_rows - 1)}
    assert [d.column for d in replay(less, salt="salt", clock=CLOCK)] == ["row"]


def test_the_waterfall_adds_up_for_the_project_and_each_program(night):
    _, inputs = night
    whole, news, win_back = waterfall.count(inputs, people=50)
    assert (whole.program, news.program, win_back.program) == (None, "news", "win-back")
    rows = outcomes(inputs).values()
    for fall in (whole, news, win_back):
        assert fall.people - sum(step.left for step in fall.steps) == fall.sending == fall.steps[-1].remain
    assert whole.sending == sum(row["outcome_kind"] == "chosen" for row in rows)
    assert news.sending + win_back.sending == whole.sending
    left = {step.name: step.left for step in whole.steps}
    assert left["not in the audience"] == 5
    assert left["no consent"] == 2
    assert left["suppressed or no usable address"] == 1
    assert left["caps, rest and quiet hours"] == 1
    assert left["held out"] == sum(row["outcome_kind"] == "held_out" for row in rows) > 0
    assert left["silence won"] == sum(row["outcome_kind"] == "none" for row in rows)
    assert left["limits"] == sum(row["reasons"][:1] == ["capacity"] for row in rows) > 0


def test_a_waterfall_that_does_not_add_up_is_refused():
    with pytest.raises(ValueError, match="does not add up"):
        waterfall.Waterfall(program=None, people=2, steps=(waterfall.Step(name="x", left=1, remain=1),), sending=2)


def explained(inputs, customer, **more):
    place = inputs["inputs"]["customer_id"].to_pylist().index(customer)
    row = inputs["inputs"].slice(place, 1).combine_chunks().to_batches()[0]
    return reasons.explain(row, sealed=Sealed.of(inputs), salt="salt", clock=CLOCK, **more)


def test_reasons_are_told_in_plain_words_with_what_would_have_changed_it(night):
    _, inputs = night
    told = explained(inputs, "no")
    assert (told.outcome, told.arm) == ("ineligible", "nothing")
    assert told.sentences == ("They have not said yes to this purpose on this channel.",)
    assert told.instead is not None
    assert told.instead.startswith("It would have been ")
    assert told.instead.endswith("but: they have not said yes to this purpose on this channel.")
    assert abs(sum(arm.chance for arm in told.arms) - 1) < 1e-12
    assert all(arm.why for arm in told.arms if not arm.eligible)


def test_what_a_limit_took_is_explained_by_the_limit(night):
    _, inputs = night
    cut = next(row["customer_id"] for row in outcomes(inputs).values() if row["outcome_kind"] == "capped")
    place = inputs["decisions"]["customer_id"].to_pylist().index(cut)
    told = explained(inputs, cut, stored=inputs["decisions"].slice(place, 1))
    assert (told.arm, told.sentences) == ("nothing", ("There is no capacity left to send it.",))


def test_every_reason_has_a_sentence():
    assert all(reason.sentence.endswith(".") for reason in Reason)
