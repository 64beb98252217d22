"""Decides one customer now, at a place they came to: what the last run sealed, held to what is known at this moment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from tactful.decide import asked, capacity, paced, promised
from tactful.decide.arms import Arms
from tactful.decide.choice import Sealed as Ruled
from tactful.decide.decided import Decided
from tactful.decide.eligibility import Laid, prepare
from tactful.decide.filling import Filling
from tactful.decide.reasons import arm_name
from tactful.deliver import suppression
from tactful.flow.manifest import Run, empty, sealed_in
from tactful.flow.workspace import Workspace
from tactful.know.channels import channels_of
from tactful.know.standing_of_one import consents_of, wishes_of
from tactful.store import lake, ledger
from tactful.store.ledger import Transaction
from tactful.store.one_customer import Finder
from tactful.store.sql import named
from tactful.words.clock import Clock
from tactful.words.errors import Misuse
from tactful.words.ids import customer_key
from tactful.words.outcome import OutcomeKind, Reason
from tactful.words.sealed import Sealed
from tactful.words.touchpoint import Channel

Tables = dict[str, "Sealed | pa.Table"]
Row = dict[str, Any]  # Any: one row of mixed columns

_WHOLE = ("arms", "beliefs", "baseline", "prices", "portfolio", "fatigue", "cell_suggestions")
_THEIRS = ("profiles", "segments", "suggestions", "clashes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What one place shows one customer now. Stability: caller.

    Attributes:
        place: the touchpoint.
        arm: in words.
        facts: the `decisions` row, for programs.
        sentences: why.
        is_new: whether it was decided now; False where it stands since they came earlier today.
    """

    place: str
    arm: str
    facts: Row
    sentences: tuple[str, ...]
    is_new: bool


@dataclass(kw_only=True)
class Desk:
    """What is read of a run once, so that whoever comes is decided from their own rows alone. Stability: caller.

    Attributes:
        whole: tables that are small however many customers there are.
        finders: tables of customers, kept open.
        laid: what everybody is held to.
        priced: prices as they were corrected last, and what is decided by them.
    """

    space: Workspace
    run: Run
    whole: Tables
    finders: Mapping[str, Finder]
    ruled: Ruled
    filling: Filling
    laid: Laid
    priced: tuple[pa.Table, Ruled]

    @classmethod
    def of(cls, space: Workspace, run: Run) -> Desk:
        """Reads what a run sealed that is small, and opens the rest.

        Args:
            space: the project.
            run: whose sealed tables are decided by, as a rule the last.
        """
        with space.ledger.reading() as tx:
            sealed = sealed_in(tx, run.run_id, root=space.lake)
        whole: Tables = {name: lake.read(sealed.get(name) or empty(name)) for name in _WHOLE}
        finders = {name: Finder.of(sealed.get(name) or _no_rows(name)) for name in _THEIRS}
        ruled = Ruled.of(whole)
        filling = Filling.of(whole, project=space.project, arms=ruled.arms)
        laid = Laid.of(whole, project=space.project)
        prices = whole["prices"]
        assert isinstance(prices, pa.Table)
        return cls(space=space, run=run, whole=whole, finders=finders, ruled=ruled, filling=filling, laid=laid,
                   priced=(prices, ruled))  # fmt: skip

    def decide(self, customer_id: str, *, touchpoint: str, clock: Clock | None = None) -> tuple[Shown, ...]:
        """What places show a customer who has just come, decided once a day for each place and kept in the ledger.

        The row is prepared anew from what is known now: consents and wishes as they stand this moment, promises in
        force, what was shown so far. Prices are those the run sealed for the day, corrected by what was really used.

        Args:
            customer_id: who came.
            touchpoint: a place such as `web.home_hero`, or a channel such as `web` for all its places.
            clock: now; the project's where left out.

        Raises:
            Misuse: no program speaks there, or nobody of that id is known or in any audience.
        """
        arms, now = self.ruled.arms, clock or self.space.clock
        places = [place for place in arms.pull_touchpoints if touchpoint in (place, Channel.of(place).value)]
        if not places:
            spoken = ", ".join(arms.pull_touchpoints)
            do = f"name {spoken}" if spoken else "add one to a program's touchpoints, such as web.home_hero"
            raise Misuse.say(where=f"touchpoint {touchpoint}", what="no program speaks there when asked", do=do)
        theirs = self._theirs(customer_id, clock=now)
        return tuple(self._at(place, theirs=theirs, customer_id=customer_id, clock=now) for place in places)

    def _at(self, place: str, *, theirs: Tables, customer_id: str, clock: Clock) -> Shown:
        """What one place shows."""
        inputs, occasion = self.whole | theirs, clock.today.isoformat()
        project = self.space.project
        rows = prepare(inputs, project=project, clock=clock, occasion=occasion, touchpoint=place, laid=self.laid)
        row = next(iter(rows), None)
        if row is None:
            what = f"{customer_id!r} is in no program's audience"
            raise Misuse.say(where="tactful decide", what=what, do="`tactful explain` tells what is known of them")
        with self.space.ledger.transaction() as tx:
            return self._kept(tx, row=row, theirs=theirs, clock=clock)

    def _kept(self, tx: Transaction, *, row: pa.RecordBatch, theirs: Tables, clock: Clock) -> Shown:
        """The decision that stands for this point already, or one made now and kept with the room it takes."""
        found = ledger.ask(tx, named("ledger.decide.live_decision_of"), {"decision_id": row["decision_id"][0].as_py()})
        if found:
            return _stands(json.loads(found[0]["body"]), row=row, arms=self.ruled.arms)
        held = promised.in_force(_promises(tx, row), clock=clock)
        channel = Channel.of(row["touchpoint"][0].as_py()).value
        resource, most = f"channel:{channel}", self._most(channel)
        values = {"channel": channel, "since": clock.midnight}
        shown = 0 if most is None else ledger.ask(tx, named("ledger.decide.live_shown"), values)[0]["shown"]
        prices, ruled = self._priced({resource: shown}, clock=clock)
        full = [resource] if most is not None and shown >= most else []
        decided = asked.answer(row, sealed=ruled, promises=held, salt=self.run.salt, clock=clock, full=full)
        suggested = theirs["suggestions"]
        assert isinstance(suggested, pa.Table)
        filling = self.filling.with_own(suggested)
        made = asked.row_of(decided, filling=filling, project=self.space.project, run_id=self.run.run_id)
        kept = asked.keep(made, decided, prices=prices, most=most, clock=clock, tx=tx)
        assert kept, "a transaction that reads and writes at once found room and lost it"
        return _told(decided, made)

    def _priced(self, used: Mapping[str, int], *, clock: Clock) -> tuple[pa.Table, Ruled]:
        """Prices of this moment, and what is decided by them; read again only where they changed."""
        stored = self.whole["prices"]
        assert isinstance(stored, pa.Table)
        at = Clock(now=clock.now, zone=self.run.zone)
        prices = paced.corrected(stored, used=used, made=self.run.clock, clock=at)
        if not prices.equals(self.priced[0]):
            baseline = self.whole["baseline"]
            assert isinstance(baseline, pa.Table)
            self.priced = prices, self.ruled.at(prices, baseline=baseline)
        return self.priced

    def _most(self, channel: str) -> int | None:
        """How much a channel can show in a day, as the policy says now; None where it does not."""
        shared = capacity.shared(self.space.project, self.ruled.arms)
        return next((one.most for one in shared if one.resource == f"channel:{channel}"), None)

    def _theirs(self, customer_id: str, *, clock: Clock) -> Tables:
        """What concerns one customer, as it stands now.

        Raises:
            Misuse: the run knows nobody of that id.
        """
        key = customer_key(customer_id)
        mine: Tables = {name: finder.rows(key) for name, finder in self.finders.items()}
        profile = mine["profiles"]
        assert isinstance(profile, pa.Table)
        if not profile.num_rows:
            raise Misuse.say(
                where="tactful decide", what=f"there is no customer {customer_id!r}", do="check the customer's id"
            )
        values = {"customer_id": customer_id}
        address = suppression.address_hash(profile["email"][0].as_py() or "", key=self.space.key)
        with self.space.ledger.reading() as tx:
            consent = ledger.ask(tx, named("ledger.flow.consents_of"), values)
            preference = ledger.ask(tx, named("ledger.flow.preferences_of"), values)
            since = {**values, "since": clock.days_before(800)}
            mine["contact"] = ledger.table(tx, named("ledger.flow.contacts_of"), since)
            mine["incentive"] = ledger.table(tx, named("ledger.flow.incentives_of"), values)
            listed = ledger.table(tx, named("ledger.flow.suppressions_of"), {"address_hash": address})
        mine["profiles"] = _as_now(self.space, profile, consent=consent, preference=preference, clock=clock)
        mine["suppressed"] = suppression.suppressed({**mine, "suppression": listed}, key=self.space.key)
        return mine


def decide_now(space: Workspace, run: Run, *, customer_id: str, touchpoint: str) -> tuple[Shown, ...]:
    """What places show one customer who has just come; who decides for many keeps a `Desk`.

    Args:
        space: the project.
        run: whose sealed tables are decided by, as a rule the last.
        customer_id: who came.
        touchpoint: a place such as `web.home_hero`, or a channel such as `web` for all its places.

    Raises:
        Misuse: no program speaks there, or nobody of that id is known or in any audience.
    """
    return Desk.of(space, run).decide(customer_id, touchpoint=touchpoint)


def _no_rows(name: str) -> Sealed:
    return Sealed(table=name, run_id=bytes(16), files=())


def _stands(body: Mapping[str, Any], *, row: pa.RecordBatch, arms: Arms) -> Shown:  # Any: JSON
    """What was decided earlier today, as long as they may still see it; nothing where they took a yes back since."""
    arm_id = bytes.fromhex(body["arm_id"])
    ids = arms.batch["arm_id"].to_pylist()
    number, place = ids.index(arm_id) if arm_id in ids else -1, row["touchpoint"][0].as_py()
    nothing = number >= 0 and arms.program[number] is None
    if nothing or (number >= 0 and asked.still_may(row, arm_id=arm_id, arms=arms)):
        sentences = tuple(Reason(word).sentence for word in body["reasons"])
        return Shown(place=place, arm=arm_name(arms, number), facts=dict(body), sentences=sentences, is_new=False)
    facts = {**body, "outcome_kind": OutcomeKind.INELIGIBLE.value, "arm_id": None}
    sentence = "What was shown earlier today may not be shown any more."
    return Shown(place=place, arm="nothing", facts=facts, sentences=(sentence,), is_new=False)


def _told(found: Decided, made: pa.RecordBatch) -> Shown:
    (row,) = made.to_pylist()
    return Shown(
        place=row["touchpoint"], arm=arm_name(found.arms, int(found.drawn.arms[0])), facts=row,
        sentences=tuple(Reason(word).sentence for word in row["reasons"]), is_new=True,
    )  # fmt: skip


def _promises(tx: Transaction, row: pa.RecordBatch) -> list[Row]:
    values = {"customer_id": row["customer_id"][0].as_py()}
    return ledger.ask(tx, named("ledger.decide.promises_of_customer"), values)


def _as_now(
    space: Workspace, profile: pa.Table, *, consent: Sequence[Row], preference: Sequence[Row], clock: Clock
) -> pa.Table:
    """A profile with the consents and wishes of this moment: a no said a minute ago counts."""
    at = clock.now
    consent = [_heard(row, now=at, times=("recorded_at",)) for row in consent]
    preference = [_heard(row, now=at, times=("recorded_at", "happened_at")) for row in preference]
    now: Row = dict(consents_of(consent, instant=at, channels=channels_of(space.project)))
    if (wish := wishes_of(preference, instant=at)) is not None:
        topics = json.loads(wish["topics_off"]) if wish["topics_off"] else []
        now |= {"dial": wish["dial"], "topics_off": topics, "frequency": wish["frequency"]}
    for name, value in now.items():
        if name in profile.schema.names:
            kind = profile.schema.field(name).type
            column = pa.array([value if value is not None or not pa.types.is_list(kind) else []], kind)
            profile = profile.set_column(profile.schema.get_field_index(name), profile.schema.field(name), column)
    return profile


def _heard(row: Row, *, now: datetime, times: tuple[str, ...]) -> Row:
    """What stands in the ledger is known, also where it was recorded after this work began."""
    return row | {name: min(row[name], now) for name in times}
