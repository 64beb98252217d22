"""The occasion of a run: a day of the schedule, by which decisions of two runs are known to be the same."""

from __future__ import annotations

import re
from datetime import datetime

from tactful.words.clock import Clock
from tactful.words.errors import Misuse

_SLOT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?")


def occasion_of(given: str | None, *, clock: Clock) -> str:
    """The schedule slot that is meant: today, a day, or a day with its hour.

    Another word would make another occasion, and so decide anew for everybody: it is refused.

    Args:
        given: as it was typed; None for today in the project's zone.
        clock: the project's now.

    Raises:
        Misuse: it is no day of the calendar.

    >>> occasion_of("2011-12-09", clock=Clock.at("2011-12-01T00:00:00+00:00", zone="UTC"))
    '2011-12-09'
    """
    if given is None:
        return clock.today.isoformat()
    if _SLOT.fullmatch(given):
        try:
            datetime.fromisoformat(given)
        except ValueError:
            what = f"{given} is no day of the calendar"
        else:
            return given
    else:
        what = f"{given!r} is no occasion"
    raise Misuse.say(
        where="--occasion",
        what=what,
        do=f"name the day of the schedule slot, such as {clock.today.isoformat()}, or leave it out for today",
    )
