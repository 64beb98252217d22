"""Quiet hours and public holidays: the first instant at which a message may arrive, by the customer's own clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tactful.project.policy import Policy, QuietHours
from tactful.words.consent import ANY_CHANNEL


def next_allowed(now: datetime, *, zone: str, start: str, end: str) -> datetime:
    """The first instant from now on that lies outside quiet hours on the wall clock of a zone.

    Quiet hours run from `start` up to `end`, over midnight where start is later. On the night the clocks change, a time
    that does not exist is taken as the moment of the change, and one that comes twice as the first of the two.

    Args:
        now: aware instant.
        zone: IANA name.
        start: such as 21:00.
        end: such as 08:00.

    >>> from datetime import datetime, UTC
    >>> late = datetime(2011, 12, 9, 23, 30, tzinfo=UTC)
    >>> next_allowed(late, zone="Europe/London", start="21:00", end="08:00").isoformat()
    '2011-12-10T08:00:00+00:00'
    >>> next_allowed(late, zone="America/New_York", start="21:00", end="08:00") == late
    True
    """
    here, first, last = ZoneInfo(zone), time.fromisoformat(start), time.fromisoformat(end)
    found = now.astimezone(UTC)
    while is_quiet(found, zone=zone, start=start, end=end):
        local = found.astimezone(here)
        day = local.date() + timedelta(days=1 if first > last and local.time() >= first else 0)
        ends = datetime.combine(day, last, tzinfo=here).astimezone(UTC)
        found = ends if ends > found else found + timedelta(minutes=1)
    return _earlier(found, now=now.astimezone(UTC), here=here, quiet=(start, end))


def hours_of(policy: Policy, *, channel: str) -> tuple[QuietHours, ...]:
    """The quiet hours that hold on a channel.

    Args:
        policy: the project's.
        channel: such as `email`.
    """
    return tuple(quiet for quiet in policy.quiet_hours if quiet.channel in (channel, ANY_CHANNEL))


def quiet_days(policy: Policy, *, hours: Iterable[QuietHours], country: str | None) -> frozenset[date]:
    """The public holidays that are quiet for somebody: their country's and everybody's, where the hours say so.

    Args:
        policy: the project's.
        hours: those of the channel.
        country: as their profile names it; None where it is not known.
    """
    if not any(quiet.holidays for quiet in hours):
        return frozenset()
    return frozenset((*policy.holidays.get(ANY_CHANNEL, ()), *policy.holidays.get(country or "", ())))


def first_allowed(
    now: datetime, *, zone: str, spans: Sequence[tuple[str, str]], days: Collection[date] = ()
) -> datetime:
    """The first instant from now on that lies outside each of several spans of quiet hours, and on no quiet day.

    Args:
        now: aware instant.
        zone: IANA name.
        spans: start and end of each.
        days: whole days that are quiet, on the wall clock of the zone.

    >>> from datetime import datetime, UTC
    >>> late = datetime(2011, 12, 9, 23, 30, tzinfo=UTC)
    >>> first_allowed(late, zone="Europe/London", spans=[("21:00", "08:00"), ("08:00", "09:00")]).isoformat()
    '2011-12-10T09:00:00+00:00'
    >>> eve = datetime(2011, 12, 24, 23, 0, tzinfo=UTC)
    >>> christmas = {date(2011, 12, 25), date(2011, 12, 26)}
    >>> first_allowed(eve, zone="Europe/London", spans=[("21:00", "08:00")], days=christmas).isoformat()
    '2011-12-27T08:00:00+00:00'
    """
    here = ZoneInfo(zone)
    while True:
        for start, end in (*spans, *spans):
            now = next_allowed(now, zone=zone, start=start, end=end)
        today = now.astimezone(here).date()
        if today not in days:
            return now
        now = datetime.combine(today + timedelta(days=1), time(), tzinfo=here).astimezone(UTC)


def _earlier(found: datetime, *, now: datetime, here: ZoneInfo, quiet: tuple[str, str]) -> datetime:
    """Where the clocks jumped over the end of quiet hours, the moment of the jump is the first allowed one."""
    while found > now:
        before = found - timedelta(minutes=1)
        if before < now or is_quiet(before, zone=here.key, start=quiet[0], end=quiet[1]):
            return found
        found = before
    return found


def is_quiet(instant: datetime, *, zone: str, start: str, end: str) -> bool:
    """Whether an instant lies in quiet hours on the wall clock of a zone.

    >>> from datetime import datetime, UTC
    >>> is_quiet(datetime(2011, 7, 1, 7, 30, tzinfo=UTC), zone="Europe/London", start="21:00", end="08:00")
    False
    """
    wall = instant.astimezone(ZoneInfo(zone)).time()
    first, last = time.fromisoformat(start), time.fromisoformat(end)
    return first <= wall < last if first <= last else wall >= first or wall < last


@lru_cache(maxsize=4096)
def is_zone(name: str) -> bool:
    """Whether a name is one of the zones we know.

    >>> is_zone("Europe/London"), is_zone("Atlantis/Main")
    (True, False)
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
