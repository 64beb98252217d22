"""What is asked once more when letters are claimed: consents, wishes, suppression, and whether it is night there.

Everything is worked out in columns whenever somebody said something since the last claim; a claim then looks up its
own few hundred rows. A no counts from the moment it stands in the ledger, whatever day it is dated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tactful.decide.people import days_between
from tactful.decide.quiet import first_allowed, hours_of, is_zone, quiet_days
from tactful.deliver import suppression
from tactful.deliver.outbox import Barred
from tactful.flow.mailboxes import sharers
from tactful.flow.manifest import Run
from tactful.flow.workspace import Workspace, project_clock
from tactful.know import standing
from tactful.store import lake, ledger
from tactful.store.engines.duckdb import Engine
from tactful.store.sql import named
from tactful.words.clock import Clock
from tactful.words.consent import ANY_CHANNEL, PERSONALIZATION
from tactful.words.fact import Purpose, Sensitivity
from tactful.words.level import Level
from tactful.words.outcome import OutcomeKind, Reason
from tactful.words.sealed import Sealed
from tactful.words.touchpoint import Channel

EMAIL = Channel.EMAIL.value
NOT_PERSONAL = f"{PERSONALIZATION}:{EMAIL}"
"""What somebody takes back who wants letters, but none more personal than one for all."""


@dataclass(slots=True, kw_only=True)
class Claiming:
    """Who may still be written to, and when. Stability: internal.

    Attributes:
        letters: customer_id, program, level and content_id of every message of the run that was chosen.
        zones: the zone of each of them who lives in another than the project's.
        countries: the country of each of them, where public holidays are quiet there.
        beside: everybody at the address of each customer who shares one.
    """

    space: Workspace
    key: bytes
    occasion: str
    letters: pa.Table
    zones: Mapping[str, str]
    countries: Mapping[str, str]
    beside: Mapping[str, frozenset[str]]
    stamp: int = -1
    said: tuple[int, int] = (-1, -1)
    granted: frozenset[tuple[str, str]] = frozenset()
    withdrawn: frozenset[tuple[str, str]] = frozenset()
    unwished: Mapping[str, Reason] = field(default_factory=dict)
    """Whose letter is not what they wish by now, and why."""
    often: frozenset[str] = frozenset()
    """Who has heard from us as often as they asked for, without this letter."""

    @classmethod
    def of(cls, space: Workspace, run: Run, *, sealed: Mapping[str, Sealed]) -> Claiming:
        """What a run's letters are, and to whom they go."""
        columns = ["customer_id", "program", "level", "content_id", "outcome_kind"]
        decisions = lake.read(sealed["decisions"], columns=columns)
        chosen = decisions.filter(pc.equal(decisions["outcome_kind"], OutcomeKind.CHOSEN.value))
        people = lake.read(sealed["profiles"], columns=["customer_id", "zone", "country"])
        mine = people.filter(pc.is_in(people["customer_id"], value_set=chosen["customer_id"].combine_chunks()))
        abroad = mine.filter(pc.not_equal(mine["zone"], space.project.settings.zone))
        zones = zip(abroad["customer_id"].to_pylist(), abroad["zone"].to_pylist(), strict=True)
        return cls(
            space=space,
            key=space.key,
            occasion=run.occasion,
            letters=chosen.drop_columns(["outcome_kind"]),
            zones={customer: zone for customer, zone in zones if is_zone(zone)},
            countries=_with_holidays(mine, space=space),
            beside=sharers(sealed["profiles"]),
        )

    @property
    def clock(self) -> Clock:
        """The project's now at this moment: a send that goes on into the night meets the night."""
        return project_clock(self.space.project)

    def barred(self, tx: ledger.Transaction) -> Barred:
        """What holds in this claim's own transaction: a no said a moment ago counts."""
        stamp = ledger.stamp(tx)
        if stamp != self.stamp:
            row = ledger.ask(tx, named("ledger.deliver.said_so_far"))[0]
            if (row["consents"], row["preferences"]) != self.said:
                self._learn(tx)
            self.stamp, self.said = stamp, (row["consents"], row["preferences"])
        listed = ledger.ask(tx, named("ledger.deliver.suppressed_hashes"), {"channel": EMAIL})
        return Barred(
            refused=self.refused,
            waits=_Night(claiming=self, now=self.clock.now).until,
            suppressed=frozenset(row["address_hash"] for row in listed),
            hash_of=lambda address: suppression.address_hash(address, key=self.key),
        )

    def refused(self, customer: str, purpose: str) -> Reason | None:
        """Why a customer may not be written to, or not so. Missing means no."""
        words = [f"{purpose}:{word}" for word in (EMAIL, ANY_CHANNEL)]
        everybody = self.beside.get(customer, frozenset({customer}))
        if any((other, word) in self.withdrawn for other in everybody for word in words):
            return Reason.WITHDRAWN
        if purpose != Purpose.TRANSACTIONAL.value and not any((customer, word) in self.granted for word in words):
            return Reason.NO_CONSENT
        if customer in self.unwished:
            return self.unwished[customer]
        if customer in self.often and purpose == Purpose.MARKETING.value:
            return Reason.OVER_CAP
        return None

    def _learn(self, tx: ledger.Transaction) -> None:
        """Works out who may be written to, from all that was said."""
        settings, now = self.space.project.settings, self.clock.now
        consent, preference = (
            ledger.table(tx, named("ledger.flow.consents")),
            ledger.table(tx, named("ledger.flow.preferences")),
        )
        consent = known(consent, now=now, times=("recorded_at",))
        preference = known(preference, now=now, times=("recorded_at", "happened_at"))
        with Engine.open(memory=settings.memory, threads=settings.threads) as engine:
            rows = standing.consents_at(engine, consent, instant=now, channels=[Channel.EMAIL]).to_pylist()
            wishes = standing.preferences_at(engine, preference, instant=now)
        self.granted = frozenset((row["customer_id"], word) for row in rows for word in row["consents"] or ())
        self.withdrawn = frozenset((row["customer_id"], word) for row in rows for word in row["withdrawn"] or ())
        self.unwished = self._unwished(wishes)
        self.often = self._often(tx, wishes)

    def _often(self, tx: ledger.Transaction, wishes: pa.Table) -> frozenset[str]:
        """Who would hear from us more often than they asked for: other contacts count, reserved ones too."""
        values = {"purpose": Purpose.MARKETING.value, "occasion": self.occasion}
        last = {
            row["customer_id"]: row["happened_at"]
            for row in ledger.ask(tx, named("ledger.deliver.last_contacts"), values)
        }
        said = wishes.filter(pc.is_valid(wishes["frequency"]))
        wish = dict(zip(said["customer_id"].to_pylist(), said["frequency"].to_pylist(), strict=True))
        since = {words: self.clock.days_before(days_between(words) - 1) for words in set(wish.values())}
        return frozenset(customer for customer, at in last.items() if customer in wish and at >= since[wish[customer]])

    def _unwished(self, wishes: pa.Table) -> dict[str, Reason]:
        """Letters above the level or of a topic that their reader wants by now; the reason told first is kept."""
        found: dict[str, Reason] = {}
        personal = self.letters.filter(pc.is_in(self.letters["level"], value_set=pa.array(_above(Level.ALL))))
        back = pa.array([customer for customer, word in self.withdrawn if word == NOT_PERSONAL], pa.string())
        found |= self._to(personal, back, reason=Reason.CEILING_CONSENT)
        for level in Level:
            above = self.letters.filter(pc.is_in(self.letters["level"], value_set=pa.array(_above(level), pa.string())))
            turned = wishes.filter(pc.equal(wishes["dial"], level.value))["customer_id"].combine_chunks()
            found = self._to(above, turned, reason=Reason.CEILING_DIAL) | found
        for content, topics in self._topics().items():
            about = self.letters.filter(pc.equal(self.letters["content_id"], content))
            for topic in topics:
                off = wishes.filter(standing.turned_off(wishes["topics_off"], topic=topic))["customer_id"]
                found = self._to(about, off.combine_chunks(), reason=Reason.TOPIC_OFF) | found
        for customers, topic in self._sensitive():
            found = self._unasked(customers, topic=topic) | found
        return found

    def _to(self, letters: pa.Table, customers: pa.Array, *, reason: Reason) -> dict[str, Reason]:
        """The reason for each of these customers who has one of these letters."""
        mine = letters.filter(pc.is_in(letters["customer_id"], value_set=customers))["customer_id"]
        return dict.fromkeys(mine.to_pylist(), reason)

    def _topics(self) -> dict[str, tuple[str, ...]]:
        """What each content speaks of, as the project's files say."""
        found: dict[str, set[str]] = {}
        for (content, _, _), file in self.space.project.contents.items():
            found.setdefault(content, set()).update(file.topics)
        return {content: tuple(sorted(topics)) for content, topics in sorted(found.items()) if topics}

    def _sensitive(self) -> Iterator[tuple[list[str], str]]:
        """Whose letter is about something sensitive, a topic or a fact, and what."""
        project = self.space.project
        for content, topics in self._topics().items():
            for topic in sorted({*topics} & {*project.policy.sensitive_topics}):
                yield (
                    self.letters.filter(pc.equal(self.letters["content_id"], content))["customer_id"].to_pylist(),
                    topic,
                )
        for name, program in project.programs.items():
            for level, plan in program.levels.items():
                of_plan = pc.and_(pc.equal(self.letters["program"], name), pc.equal(self.letters["level"], level.value))
                for fact in {*plan.by, *plan.needs} & {*project.facts}:
                    if project.facts[fact].sensitivity is Sensitivity.SENSITIVE:
                        yield self.letters.filter(of_plan)["customer_id"].to_pylist(), fact

    def _unasked(self, customers: Iterable[str], *, topic: str) -> dict[str, Reason]:
        """Who no longer has asked for a sensitive topic."""
        words = [f"{topic}:{word}" for word in (EMAIL, ANY_CHANNEL)]
        return {
            customer: Reason.SENSITIVE_TOPIC
            for customer in customers
            if any((customer, word) in self.withdrawn for word in words)
            or not any((customer, word) in self.granted for word in words)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Night:
    """When each zone and country may be written to, worked out once for a claim."""

    claiming: Claiming
    now: datetime
    places: dict[tuple[str, str | None], datetime] = field(default_factory=dict)

    def until(self, row: Mapping[str, Any]) -> datetime | None:  # Any: a ledger row
        """When a message may arrive; None where it may now."""
        space = self.claiming.space
        zone = self.claiming.zones.get(row["customer_id"], space.project.settings.zone)
        place = zone, self.claiming.countries.get(row["customer_id"])
        if place not in self.places:
            policy = space.project.policy
            hours = hours_of(policy, channel=EMAIL)
            days = quiet_days(policy, hours=hours, country=place[1])
            spans = [(quiet.start, quiet.end) for quiet in hours]
            self.places[place] = first_allowed(self.now, zone=zone, spans=spans, days=days)
        return self.places[place] if self.places[place] > self.now else None


def _with_holidays(people: pa.Table, *, space: Workspace) -> dict[str, str]:
    """The country of each of these who lives where public holidays are quiet."""
    policy = space.project.policy
    if not any(quiet.holidays for quiet in hours_of(policy, channel=EMAIL)):
        return {}
    there = people.filter(pc.is_in(people["country"], value_set=pa.array(sorted(policy.holidays), pa.string())))
    return dict(zip(there["customer_id"].to_pylist(), there["country"].to_pylist(), strict=True))


def _above(level: Level) -> list[str]:
    return [other.value for other in Level if other > level]


def known(rows: pa.Table, *, now: datetime, times: tuple[str, ...]) -> pa.Table:
    """What stands in the ledger is known, also where it was recorded after this work began."""
    for name in times:
        instant = pa.scalar(now, rows[name].type)
        clipped = pc.if_else(pc.greater(rows[name], instant), instant, rows[name])
        rows = rows.set_column(rows.column_names.index(name), name, clipped)
    return rows
