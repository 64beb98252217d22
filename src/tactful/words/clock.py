"""Now, passed in as a value: an instant in UTC and the zone in which the project counts its days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The one now of a run. Stability: full.

    Args:
        now: an aware instant; kept in UTC.
        zone: IANA name of the zone in which the project counts days.

    >>> clock = Clock.at("2011-12-09T12:50:00", zone="Europe/London")
    >>> clock.today.isoformat(), clock.midnight.isoformat()
    ('2011-12-09', '2011-12-09T00:00:00+00:00')
    """

    now: datetime
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError(f"{self.now.isoformat()} says no zone; a clock needs an aware instant")
        object.__setattr__(self, "now", self.now.astimezone(UTC))
        ZoneInfo(self.zone)

    @classmethod
    def at(cls, text: str, *, zone: str = "UTC") -> Clock:
        """A clock standing at an ISO instant; without an offset it is read in `zone`."""
        instant = datetime.fromisoformat(text)
        return cls(now=instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(zone)), zone=zone)

    @classmethod
    def from_system(cls, *, zone: str = "UTC") -> Clock:
        """A clock standing at the machine's time, to the microsecond."""
        return cls(now=datetime.now(UTC), zone=zone)

    @property
    def today(self) -> date:
        """The day in project time."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    @property
    def midnight(self) -> datetime:
        """The instant at which today began in project time, in UTC: windows end here."""
        return self.start_of(self.today)

    def start_of(self, day: date) -> datetime:
        """The instant at which a project day begins, in UTC."""
        return datetime.combine(day, time(), tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def days_before(self, days: int) -> datetime:
        """The start of the project day that lies so many days before today, in UTC."""
        return self.start_of(self.today - timedelta(days=days))
