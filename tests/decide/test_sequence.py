"""Sequence steps, mutual exclusion over a day, and public holidays: whose turn it is, and when nobody is written to."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from decide.worlds import CLOCK, POLICY, PROGRAM, contact, outcomes, prepared, run, shop, why_not, world
from tactful.words.clock import Clock
from tactful.words.level import Level

SECOND = PROGRAM | {"program": "second", "touchpoints": ["email"], "follows": {"program": "win-back", "days": 3}}
SEQUENCE = (PROGRAM, SECOND)


def reasons(project, contacts, *, program):
    """By customer why a program's plainest letter may not go; None where it may."""
    people = {"a": {}}
    inputs = world(project, people, contact=contacts)
    inputs["inputs"] = prepared(project, inputs)
    return why_not(project, inputs, "a", program=program, level=Level.ALL)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ([], "out_of_sequence"),
        ([("win-back", "2011-12-07T09:00:00")], "out_of_sequence"),  # two days ago
        ([("win-back", "2011-12-06T23:59:00")], None),  # three project days ago
        ([("win-back", "2011-12-01T09:00:00"), ("second", "2011-12-04T09:00:00")], "out_of_sequence"),  # it went
        ([("second", "2011-11-20T09:00:00"), ("win-back", "2011-12-01T09:00:00")], None),  # another pass
        ([("win-back", "2011-12-01T09:00:00"), ("win-back", "2011-12-08T09:00:00")], "out_of_sequence"),  # the last one
    ],
)
def test_a_step_goes_once_after_each_message_of_the_step_before(sent, reason):
    project = shop(programs=SEQUENCE, policy={"caps": []})
    rows = [contact(("a", at), program=program) for program, at in sent] or [contact()]
    assert reasons(project, pa.concat_tables(rows), program="second") == {reason}


def test_a_sequence_that_took_too_long_is_over():
    late = SECOND | {"follows": {"program": "win-back", "days": 3, "within": 10}}
    project = shop(programs=(PROGRAM, late), policy={"caps": []})
    assert reasons(project, contact(("a", "2011-11-29T09:00:00")), program="second") == {None}
    assert reasons(project, contact(("a", "2011-11-28T09:00:00")), program="second") == {"out_of_sequence"}


@pytest.mark.parametrize("who_says", ["win-back", "second"])
def test_programs_that_exclude_each_other_do_not_reach_a_customer_on_one_day(who_says):
    one = PROGRAM | {"excludes": ["second"] if who_says == "win-back" else []}
    two = PROGRAM | {"program": "second", "touchpoints": ["email"]}
    two |= {"excludes": ["win-back"] if who_says == "second" else []}
    project = shop(programs=(one, two), policy={"caps": []})
    today, before = "2011-12-09T08:00:00", "2011-12-08T08:00:00"
    assert reasons(project, contact(("a", today)), program="second") == {"excluded_by"}
    expected = "excluded_by" if who_says == "win-back" else None  # within one decision the order of programs settles it
    assert reasons(project, contact(("a", before)), program="second") == {expected}


HOLIDAYS = {"United Kingdom": ["2011-12-26", "2011-12-27"], "France": ["2011-12-25"], "any": ["2012-01-01"]}


def at(when: str, country):
    policy = {"quiet_hours": [{"channel": "email", "holidays": True}], "holidays": HOLIDAYS,
              "risk": {"late_after_hours": 24 * 14}, "exploration": {"most": "0%"}}  # fmt: skip
    clock = Clock.at(when, zone="Europe/London")
    return outcomes(run(shop(policy=policy), {"a": {"country": country}}, clock=clock))["a"]


@pytest.mark.parametrize(
    ("when", "country", "due"),
    [
        ("2011-12-26T10:00:00", "United Kingdom", "2011-12-28T08:00:00"),
        ("2011-12-26T10:00:00", "France", "2011-12-26T10:00:00"),
        ("2011-12-26T10:00:00", None, "2011-12-26T10:00:00"),
        ("2011-12-31T22:00:00", None, "2012-01-02T08:00:00"),  # everybody's, and the night before it
        ("2011-12-25T22:00:00", "United Kingdom", "2011-12-28T08:00:00"),
    ],
)
def test_F36_public_holidays_are_quiet_where_the_customer_lives(when, country, due):
    assert at(when, country)["due_at"] == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_F36_a_message_that_would_come_too_late_after_a_holiday_is_not_sent():
    policy = {"quiet_hours": [{"channel": "email", "holidays": True}], "holidays": HOLIDAYS}
    clock = Clock.at("2011-12-26T10:00:00", zone="Europe/London")
    row = outcomes(run(shop(policy=policy), {"a": {}}, clock=clock))["a"]
    assert (row["outcome_kind"], row["reasons"]) == ("capped", ["quiet_hours"])
    without = shop(policy={"holidays": HOLIDAYS})  # declared, and no hours that hold on them
    assert outcomes(run(without, {"a": {}}, clock=clock))["a"]["outcome_kind"] == "chosen"


def test_caps_count_across_programs_and_over_any_channel():
    caps = POLICY["caps"] + [{"channel": "any", "most": 1, "days": 2}]
    project = shop(programs=(PROGRAM, PROGRAM | {"program": "second", "touchpoints": ["email"]}), policy={"caps": caps})
    other = contact(("a", "2011-12-08T09:00:00"), program="second")
    assert reasons(project, other, program="win-back") == {"over_cap"}
    assert CLOCK.today.isoformat() == "2011-12-09"
