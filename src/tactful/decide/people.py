"""What stands between a person and any message: audience, consent, address, age, caps, rest and quiet hours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.decide.ceiling import said
from tactful.decide.members import Keys, among, counted
from tactful.decide.quiet import first_allowed, hours_of, is_zone, quiet_days
from tactful.decide.standing import Contacts, SharedAddresses, words_for
from tactful.decide.verdicts import Verdicts
from tactful.project.declared import Project
from tactful.project.policy import Cap
from tactful.words.clock import Clock
from tactful.words.consent import ANY_CHANNEL
from tactful.words.fact import Purpose
from tactful.words.outcome import Reason
from tactful.words.touchpoint import Channel

DECEASED: Final = "deceased"
"""A flag fact of this name, where a project declares it, silences everything."""
DEFAULT_DAYS: Final = (date(1900, 1, 1), date(1970, 1, 1))
"""Birth dates that forms fill in by themselves; they count as unknown."""
FREQUENCIES: Final = {"daily": 1, "weekly": 7, "fortnightly": 14, "monthly": 30, "quarterly": 90, "yearly": 365}
"""Days between marketing messages that a customer may ask for; `10 days` is read too, other words as quarterly."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known about everybody before the batches come. Stability: internal."""

    audiences: Mapping[str, Keys]
    contacts: Contacts
    suppressed: Mapping[str, Keys]
    shared: SharedAddresses
    since_order: Mapping[str, Keys]
    """program → key of every contact of it since the customer's last order, sorted."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A batch of customers, and the verdicts on it so far. Stability: internal."""

    batch: pa.RecordBatch
    keys: Keys
    arms: Arms
    verdicts: Verdicts
    project: Project
    clock: Clock

    def arms_where(self, **wanted: object) -> list[int]:
        """The arms with these values of channel, purpose, program, offer or level; never the nothing arms."""
        return list(self.arms.where(**wanted))

    def speaking(self) -> list[int]:
        """All arms but the nothing arms."""
        return self.arms_where()


def judge(asked: Asked, known: Known) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Denies what the person, the address and the calendar forbid.

    Returns:
        Contacts counted for each cap, shape (n, caps); and when each push channel may deliver, in microseconds since
        1970, shape (n, channels in order of name).
    """
    for program, members in known.audiences.items():
        outside = ~among(asked.keys, members)
        if asked.project.programs[program].test:
            outside = outside | ~_is_seed(asked)
        asked.verdicts.deny(asked.arms_where(program=program), where=outside, reason=Reason.NOT_IN_AUDIENCE)
    _consent(asked, known)
    _address(asked, known)
    if asked.project.policy.least_age is not None:
        deny_young(asked, asked.speaking(), least=asked.project.policy.least_age)
    _rest(asked, known)
    contacts = _caps(asked, known)
    return contacts, _quiet(asked)


def _is_seed(asked: Asked) -> NDArray[np.bool_]:
    """Whose address a rehearsal may reach."""
    seeds = pa.array([seed.strip().lower() for seed in asked.project.settings.seeds], type=pa.string())
    address = pc.utf8_lower(pc.utf8_trim_whitespace(asked.batch["email"]))
    found: NDArray[np.bool_] = pc.is_in(address, value_set=seeds).to_numpy(zero_copy_only=False)
    return found


def _consent(asked: Asked, known: Known) -> None:
    """What is pushed needs a yes, missing means no; only what carries out an order asks for none, and stops at a no."""
    yes, no = asked.batch["consents"], asked.batch["withdrawn"]
    pairs = {(asked.arms.purpose[arm], asked.arms.channel[arm]) for arm in asked.speaking()}
    for purpose, channel in sorted(pairs):
        arms, words = asked.arms_where(purpose=purpose, channel=channel), words_for(purpose, channel=channel)
        taken_back = np.logical_or.reduce([said(no, word) for word in words])
        if Channel(channel) is Channel.EMAIL:
            taken_back = taken_back | known.shared.took_back(asked.keys, words=words)
        asked.verdicts.deny(arms, where=taken_back, reason=Reason.WITHDRAWN)
        if purpose != Purpose.TRANSACTIONAL.value and Channel(channel).is_push:
            given = np.logical_or.reduce([said(yes, word) for word in words])
            asked.verdicts.deny(arms, where=~given, reason=Reason.NO_CONSENT)


def _address(asked: Asked, known: Known) -> None:
    for channel, keys in known.suppressed.items():
        arms = asked.speaking() if channel == ANY_CHANNEL else asked.arms_where(channel=channel)
        asked.verdicts.deny(arms, where=among(asked.keys, keys), reason=Reason.SUPPRESSED)
    if DECEASED in asked.batch.schema.names:
        gone = pc.fill_null(asked.batch[DECEASED], False).to_numpy(zero_copy_only=False)
        asked.verdicts.deny(asked.speaking(), where=gone, reason=Reason.SUPPRESSED)
    mail = asked.arms_where(channel=Channel.EMAIL.value)
    usable = pc.and_(asked.batch["email_usable"], pc.is_valid(asked.batch["email"])).to_numpy(zero_copy_only=False)
    asked.verdicts.deny(mail, where=~usable, reason=Reason.NO_ADDRESS)
    asked.verdicts.deny(mail, where=among(asked.keys, known.shared.passed_over), reason=Reason.SHARED_ADDRESS)


def deny_young(asked: Asked, arms: Iterable[int], *, least: int) -> None:
    """Denies who is younger than this, and whose age we do not know."""
    arms, rows = list(arms), asked.batch.num_rows
    born = asked.batch["birth_date"] if "birth_date" in asked.batch.schema.names else pa.nulls(rows, pa.date32())
    days = born.cast(pa.int32()).fill_null(-(1 << 30)).to_numpy(zero_copy_only=False)
    unknown = (days == -(1 << 30)) | np.isin(days, [_day_number(day) for day in DEFAULT_DAYS])
    asked.verdicts.deny(arms, where=unknown, reason=Reason.UNKNOWN_AGE)
    too_young = days > _day_number(years_before(asked.clock.today, years=least))
    asked.verdicts.deny(arms, where=too_young, reason=Reason.TOO_YOUNG)


def years_before(day: date, *, years: int) -> date:
    """The last birth date of somebody who has this age on a day.

    >>> years_before(date(2012, 2, 29), years=18).isoformat()
    '1994-02-28'
    """
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _rest(asked: Asked, known: Known) -> None:
    for name, program in asked.project.programs.items():
        push = [arm for arm in asked.arms_where(program=name) if not asked.arms.preview[arm]]
        if program.every is not None:
            own = known.contacts.since(program.every, clock=asked.clock, where=known.contacts.program == name)
            asked.verdicts.deny(push, where=among(asked.keys, own), reason=Reason.RESTING)
        if program.rest_after is not None:
            unanswered = counted(asked.keys, of=known.since_order[name])
            asked.verdicts.deny(push, where=unanswered >= program.rest_after, reason=Reason.RESTING)


def _caps(asked: Asked, known: Known) -> NDArray[np.int64]:
    """Denies who has heard enough; the customer's own wish counts like a cap of one."""
    counts = np.zeros((asked.batch.num_rows, len(asked.project.policy.caps)), dtype=np.int64)
    for place, cap in enumerate(asked.project.policy.caps):
        hits = known.contacts.since(cap.days, clock=asked.clock, where=_counts(known.contacts, cap))
        counts[:, place] = counted(asked.keys, of=hits)
        channel = {} if cap.channel == ANY_CHANNEL else {"channel": cap.channel}
        arms = [a for a in asked.arms_where(purpose=cap.purpose.value, **channel) if not asked.arms.preview[a]]
        asked.verdicts.deny(arms, where=counts[:, place] >= cap.most, reason=Reason.OVER_CAP)
    wishes = asked.batch["frequency"].dictionary_encode() if "frequency" in asked.batch.schema.names else None
    for place, wish in enumerate(wishes.dictionary.to_pylist() if wishes is not None else ()):
        mine = wishes.indices.fill_null(-1).to_numpy(zero_copy_only=False) == place  # type: ignore[union-attr]  # as above
        marketing = known.contacts.purpose == Purpose.MARKETING.value
        hits = known.contacts.since(days_between(wish), clock=asked.clock, where=marketing)
        arms = [a for a in asked.arms_where(purpose=Purpose.MARKETING.value) if not asked.arms.preview[a]]
        asked.verdicts.deny(arms, where=mine & among(asked.keys, hits), reason=Reason.OVER_CAP)
    return counts


def _counts(contacts: Contacts, cap: Cap) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = contacts.purpose == cap.purpose.value
    return found if cap.channel == ANY_CHANNEL else found & (contacts.channel == cap.channel)


def days_between(wish: str) -> int:
    """Days between messages that a customer's own words ask for.

    >>> days_between("monthly"), days_between("10 days"), days_between("hardly ever")
    (30, 10, 90)
    """
    match = re.fullmatch(r"\s*(\d{1,4})\s*days?\s*", wish)
    return max(1, int(match[1])) if match else FREQUENCIES.get(wish.strip().lower(), FREQUENCIES["quarterly"])


def push_channels(arms: Arms) -> tuple[str, ...]:
    """The push channels of a project, in order of name; `inputs.due` has one entry for each.

    Args:
        arms: what there is to say.
    """
    return tuple(sorted({arms.channel[a] for a, p in enumerate(arms.program) if p is not None and not arms.preview[a]}))


def _quiet(asked: Asked) -> NDArray[np.int64]:
    """When each push channel may deliver; what would come too late may not be sent at all."""
    policy, channels = asked.project.policy, push_channels(asked.arms)
    places, place = _whereabouts(asked.batch)
    late = asked.clock.now + timedelta(hours=policy.risk.late_after_hours)
    due = np.empty((asked.batch.num_rows, len(channels)), dtype=np.int64)
    for number, channel in enumerate(channels):
        hours = hours_of(policy, channel=channel)
        spans = [(quiet.start, quiet.end) for quiet in hours]
        allowed, waits = [], []
        for name, country in places:
            known = name is not None and is_zone(name)
            zone = name if known and name is not None else asked.project.settings.zone
            days = quiet_days(policy, hours=hours, country=country)
            when = first_allowed(asked.clock.now, zone=zone, spans=spans, days=days)
            allowed.append(int(when.timestamp()) * 1_000_000 + when.microsecond)
            waits.append(when > late or (bool(hours) and not known and policy.unknown_zone == "wait"))
        due[:, number] = np.array(allowed, dtype=np.int64)[place]
        arms = [arm for arm in asked.arms_where(channel=channel) if not asked.arms.preview[arm]]
        asked.verdicts.deny(arms, where=np.array(waits)[place], reason=Reason.QUIET_HOURS)
    return due


def _whereabouts(batch: pa.RecordBatch) -> tuple[list[tuple[str | None, str | None]], NDArray[np.int64]]:
    """The different (zone, country) of a batch, and which of them each row has."""
    zones, countries = (batch[name].dictionary_encode() for name in ("zone", "country"))
    zone, country = ([*coded.dictionary.to_pylist(), None] for coded in (zones, countries))
    at = zones.indices.fill_null(len(zone) - 1).to_numpy(zero_copy_only=False).astype(np.int64) * len(country)
    at = at + countries.indices.fill_null(len(country) - 1).to_numpy(zero_copy_only=False)
    seen, place = np.unique(at, return_inverse=True)
    return [(zone[code // len(country)], country[code % len(country)]) for code in seen.tolist()], place
