"""In sync: while a mail's promise is in force the site shows it, and otherwise speaks of no offer."""

import json
from datetime import timedelta

import pyarrow as pa
import pytest

from decide.worlds import CLOCK, PROGRAM, TEN_OFF, run, shop
from tactful.decide import promised
from tactful.decide.choice import Sealed
from tactful.words.clock import Clock

PLACE = "web.home_hero"
OTHER = PROGRAM | {"program": "news", "offers": ["none", "ten-off", "five-off"]}
FIVE_OFF = TEN_OFF | {"offer": "five-off", "value": "5%", "cost": "90 GBP"}


def row(**said):
    promise = {"offer_id": "ten-off", "program": "win-back", "promise": json.dumps({"share": "0.10"}),
               "state": "issued", "valid_until": CLOCK.now + timedelta(days=5), "sent": "accepted"}  # fmt: skip
    return promise | said


def seen(rows, *, clock=CLOCK):
    """What the site shows, by the arm's name, and the promises it keeps."""
    inputs = run(shop(programs=(PROGRAM, OTHER), offers=(TEN_OFF, FIVE_OFF)), {"a": {}})
    batch = inputs["inputs"].combine_chunks().to_batches()[0]
    columns = {name: batch[name] for name in batch.schema.names}
    columns |= {"touchpoint": pa.array([PLACE]), "channel": pa.array(["web"])}
    asked = pa.RecordBatch.from_arrays(list(columns.values()), schema=batch.schema)
    return promised.visit(
        asked, sealed=Sealed.of(inputs), promises=promised.in_force(rows, clock=clock), salt="salt", clock=clock
    )


def test_without_a_promise_no_offer_is_shown():
    told, kept = seen([])
    assert kept == ()
    assert not any(arm.eligible and "-off" in arm.name for arm in told.arms)
    assert sum(arm.chance for arm in told.arms) == pytest.approx(1)


def test_the_site_shows_what_the_mail_promised_by_its_program():
    told, kept = seen([row()])
    assert told.arm.startswith(f"win-back by {PLACE}")
    assert told.arm.endswith("with ten-off")
    assert [one.offer for one in kept] == ["ten-off"]
    assert told.sentences == ("It shows what a message promised them, for as long as the promise holds.",)
    able = [arm.name for arm in told.arms if arm.eligible and arm.name != "nothing"]
    assert able
    assert all(name.startswith("win-back") and name.endswith("ten-off") for name in able)
    assert [arm.chance for arm in told.arms if arm.name == told.arm] == [1.0]


def test_a_promise_is_kept_though_it_is_not_worth_it():
    """Five off costs ninety pounds a time: no mail would make it now, and the site keeps the one that was made."""
    told, kept = seen([row(offer_id="five-off", program="news")])
    assert told.arm.endswith("with five-off")
    assert kept[0].offer == "five-off"
    assert next(arm.score for arm in told.arms if arm.name == told.arm) < 0


@pytest.mark.parametrize(
    ("said", "later"),
    [
        ({"state": "redeemed"}, 0),
        ({"state": "expired"}, 0),
        ({"sent": "cancelled"}, 0),
        ({}, 5),  # the instant at which it ends is not within it
        ({}, 6),
    ],
)
def test_what_is_used_over_or_was_never_sent_is_no_promise(said, later):
    clock = Clock(now=CLOCK.now + timedelta(days=later), zone=CLOCK.zone)
    told, kept = seen([row(**said)], clock=clock)
    assert kept == ()
    assert not any(arm.eligible and "-off" in arm.name for arm in told.arms)


def test_a_promise_that_no_arm_can_show_changes_nothing_else():
    told, kept = seen([row(offer_id="free-delivery")])
    assert kept == ()
    assert any(arm.eligible and arm.name != "nothing" for arm in told.arms)


def test_of_several_promises_the_best_is_shown():
    told, kept = seen([row(), row(offer_id="five-off", program="news")])
    assert told.arm.endswith("with ten-off")
    assert [one.offer for one in kept] == ["ten-off"]
