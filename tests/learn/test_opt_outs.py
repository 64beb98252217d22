"""The risk that a contact is the last: counted by how many are felt, and mixed with what was declared."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from decide.worlds import CLOCK
from tactful.decide.contact_price import wear_of
from tactful.learn import opt_outs
from tactful.learn.outcomes import Deployed
from tactful.project.wear import Fatigue
from tactful.reckon.fatigue import Wear
from tactful.store import contracts
from tactful.words.estimate import Undefined
from tactful.words.ids import customer_key, derived_id

GUESS = Fatigue.model_validate({"remaining": "30 GBP", "opt_out": "0.1%", "growth": "0.4", "weight_of_guess": 2000})
TRUE = Wear(keep=0.7, weight=(1.0,), loss=0.0, base=(-3.5,), growth=0.8, patience=0.9)
INSTANT = pa.timestamp("us", tz="UTC")


def counts(rows: int, *, seed: int = 3) -> pa.Table:
    """Sums of so many contacts, each leaving by the true hazard."""
    rng = np.random.default_rng(seed)
    cell = rng.integers(0, 6, rows)
    gone = rng.random(rows) < TRUE.opt_out(cell / opt_outs.PER_UNIT)[0]
    name = opt_outs.name_of("email", declared=GUESS, cell=0).rsplit("/", 1)[0]
    made = [
        {"sum": name, "cell": str(place), "day": date(2011, 12, 1), "count": int((cell == place).sum()),
         "total": int(gone[cell == place].sum()), "products": None}
        for place in range(6)
    ]  # fmt: skip
    return pa.Table.from_pylist(made, schema=contracts.table("learn_sums").schema)


def test_many_opt_outs_show_the_true_hazard_and_few_leave_what_is_declared():
    found = opt_outs.learned(counts(60_000), declared=GUESS)
    assert isinstance(found, opt_outs.Learned)
    assert found.hazard.base["email"] == pytest.approx(-3.5, abs=0.15)
    assert found.hazard.growth == pytest.approx(0.8, abs=0.08)
    assert found.contacts["email"] == 60_000
    few = opt_outs.learned(counts(200), declared=GUESS)
    assert isinstance(few, Undefined)
    assert "what is declared stands" in few.reason


def test_what_is_declared_counts_for_as_many_contacts_as_it_says():
    near = opt_outs.learned(counts(4_000), declared=GUESS)
    sure = opt_outs.learned(counts(4_000), declared=GUESS.model_copy(update={"weight_of_guess": 2_000_000}))
    stated = wear_of(GUESS, channels=("email",)).base[0]
    assert isinstance(near, opt_outs.Learned)
    assert isinstance(sure, opt_outs.Learned)
    assert abs(sure.hazard.base["email"] - stated) < 0.1 < abs(near.hazard.base["email"] - stated)


def test_counts_of_another_half_life_are_not_read():
    other = GUESS.model_copy(update={"half_life": 30})
    assert isinstance(opt_outs.learned(counts(60_000), declared=other), Undefined)


def test_who_was_told_and_left_within_the_week_is_counted_with_what_they_felt():
    """Ann had two letters in the last week (both felt in full) and leaves; Bob had none and leaves too late."""
    people = ["ann", "bob"]
    arm = derived_id("arm")
    decisions = pa.table({
        "decision_id": pa.array([derived_id(name) for name in people], pa.binary(16)),
        "customer_id": people, "customer_key": pa.array([customer_key(name) for name in people]),
        "outcome_kind": ["chosen", "chosen"], "arm_id": pa.array([arm, arm], pa.binary(16)),
        "ghost_arm_id": pa.nulls(2, pa.binary(16)),
    })  # fmt: skip
    spoken = {"arm": 1, "arm_id": arm, "touchpoint": "email", "channel": "email", "program": "letter",
              "purpose": "marketing", "level": "all", "cell_by": [], "cost": 0, "offer_cost": 0,
              "preview_only": False}  # fmt: skip
    nothing = spoken | {"arm": 0, "arm_id": derived_id("nothing"), "program": None, "level": "none"}
    arms = pa.Table.from_pylist([nothing, spoken], schema=contracts.table("arms").schema)
    of = Deployed(run_id=bytes(16), decided_at=CLOCK.now, map_id="", decisions=decisions, inputs=decisions, arms=arms,
                  portfolio=decisions)  # fmt: skip
    at = [CLOCK.now - timedelta(days=days) for days in (2, 5, 40)]
    contact = pa.table({
        "customer_id": ["ann", "ann", "zoe"], "channel": ["email"] * 3, "happened_at": pa.array(at, INSTANT),
        "decision_id": pa.nulls(3, pa.binary(16)),
    })  # fmt: skip
    left = pa.table({
        "customer_id": people,
        "happened_at": pa.array([CLOCK.now + timedelta(days=days) for days in (3, 9)], INSTANT),
    })  # fmt: skip
    rows = pa.Table.from_batches([opt_outs.rows(of, declared=GUESS, contact=contact, left=left)])
    assert [(row["metric"].rsplit("/", 1)[1], row["value"]) for row in rows.to_pylist()] == [("4", 1), ("0", 0)]
    sums = opt_outs.counted(rows, zone="Europe/London").to_pylist()
    assert [(row["cell"], row["count"], row["total"]) for row in sums] == [("0", 1, 0), ("4", 1, 1)]
