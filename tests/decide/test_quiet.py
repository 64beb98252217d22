"""Quiet hours: the first allowed instant, in every zone, over the nights on which clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from decide.worlds import CLOCK, outcomes, run, shop, why_not, world
from tactful.decide.quiet import is_quiet, next_allowed
from tactful.words.clock import Clock
from tactful.words.level import Level

HOURS = {"start": "21:00", "end": "08:00"}


@pytest.mark.parametrize("day", ["2011-03-27", "2011-10-30", "2011-12-09"])
def test_F36_the_first_allowed_instant_is_not_quiet_in_any_zone(day):
    for number, zone in enumerate(sorted(available_timezones())):
        now = datetime.fromisoformat(f"{day}T{number % 24:02}:07:30+00:00")
        due = next_allowed(now, zone=zone, **HOURS)
        assert due >= now
        assert not is_quiet(due, zone=zone, **HOURS), zone
        assert due == now or is_quiet(due - timedelta(seconds=1), zone=zone, **HOURS), zone
        assert due - now <= timedelta(hours=13), zone


@pytest.mark.parametrize(
    ("now", "hours", "due"),
    [
        ("2011-03-27T00:30:00", ("23:00", "01:30"), "2011-03-27T01:00:00"),  # 01:30 does not exist: the jump is the end
        ("2011-10-30T00:10:00", ("23:00", "01:30"), "2011-10-30T00:30:00"),  # 01:30 comes twice: the first
        ("2011-10-30T01:10:00", ("23:00", "01:30"), "2011-10-30T01:30:00"),  # 01:10 again: quiet once more
        ("2011-12-09T12:00:00", ("12:00", "13:00"), "2011-12-09T13:00:00"),
        ("2011-12-09T13:00:00", ("12:00", "13:00"), "2011-12-09T13:00:00"),
    ],
)
def test_F36_the_night_the_clocks_change_in_london(now, hours, due):
    found = next_allowed(datetime.fromisoformat(f"{now}+00:00"), zone="Europe/London", start=hours[0], end=hours[1])
    assert found == datetime.fromisoformat(f"{due}+00:00")


def test_F36_a_message_waits_for_the_morning_or_is_not_sent():
    project = shop(policy={"exploration": {"most": "0%"}})
    people = {"london": {}, "york": {"zone": "America/New_York"}, "la": {"zone": "America/Los_Angeles"}}
    early = Clock.at("2011-12-09T12:50:00", zone="Europe/London")
    rows = outcomes(run(project, people, clock=early))
    eight = datetime(2011, 12, 9, 8, tzinfo=ZoneInfo("America/Los_Angeles")).astimezone(UTC)
    assert rows["london"]["due_at"] == CLOCK.now
    assert rows["york"]["due_at"] == datetime(2011, 12, 9, 13, tzinfo=UTC)
    assert rows["la"]["due_at"] == eight
    late = Clock.at("2011-12-09T22:00:00", zone="Europe/London")
    rows = outcomes(run(project, people, clock=late))
    assert (rows["london"]["outcome_kind"], rows["london"]["reasons"]) == ("capped", ["quiet_hours"])
    assert rows["la"]["outcome_kind"] == "chosen"


@pytest.mark.parametrize(("rule", "reason"), [("sender", None), ("wait", "quiet_hours")])
def test_F36_without_a_known_zone_the_senders_rule_holds_or_nothing_is_sent(rule, reason):
    project = shop(policy={"unknown_zone": rule})
    inputs = world(project, {"a": {"zone": None}, "b": {"zone": "Atlantis/Main"}})
    for customer in ("a", "b"):
        assert why_not(project, inputs, customer, level=Level.ALL) == {reason}
