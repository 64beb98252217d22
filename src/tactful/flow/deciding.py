"""Decides one customer now, at a place they came to: what the last run sealed, held to what is known at this moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tactful.decide import asked, capacity, paced, promised
from tactful.decide.arms import Arms
from tactful.decide.choice import Sealed as Ruled
from tactful.decide.decided import Decided
from tactful.decide.eligibility import prepare
from tactful.decide.filling import Filling
from tactful.decide.promised import Promise
from tactful.decide.reasons import arm_name
from tactful.deliver import suppression
from tactful.flow.claiming import known
from tactful.flow.manifest import Run, empty, sealed_in
from tactful.flow.workspace import Workspace
from tactful.know import standing
from tactful.know.profiles import channels_of
from tactful.store import lake, ledger
from tactful.store.engines.duckdb import Engine
from tactful.store.ledger import Transaction
from tactful.store.sql import named
from tactful.words.clock import Clock
from tactful.words.errors import Misuse
from tactful.words.outcome import OutcomeKind, Reason
from tactful.words.sealed import Sealed
from tactful.words.touchpoint import Channel

Tables = dict[str, "Sealed | pa.Table"]
Row = dict[str, Any]  # Any: one row of mixed columns

_WHOLE = ("arms", "beliefs", "prices", "portfolio", "fatigue", "cell_suggestions", "clashes")
_THEIRS = ("profiles", "segments", "suggestions")


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


def decide_now(space: Workspace, run: Run, *, customer_id: str, touchpoint: str) -> tuple[Shown, ...]:
    """What places show a customer who has just come, decided once a day for each place and kept in the ledger.

    The row is prepared anew from what is known now: consents and wishes as they stand this moment, promises in force,
    what was shown so far. Prices are those the run sealed for the day, corrected by what was really used.

    Args:
        space: the project.
        run: whose sealed tables are decided by, as a rule the last.
        customer_id: who came.
        touchpoint: a place such as `web.home_hero`, or a channel such as `web` for all its places.

    Raises:
        Misuse: no program speaks there, or nobody of that id is known or in any audience.
    """
    with space.ledger.reading() as tx:
        sealed: Tables = {**sealed_in(tx, run.run_id, root=space.lake)}
    sealed |= {name: empty(name) for name in (*_WHOLE, *_THEIRS) if name not in sealed}
    arms = Arms.of(lake.read(sealed["arms"]))
    places = [place for place in arms.pull_touchpoints if touchpoint in (place, Channel.of(place).value)]
    if not places:
        spoken = ", ".join(arms.pull_touchpoints)
        do = f"name {spoken}" if spoken else "add one to a program's touchpoints, such as web.home_hero"
        raise Misuse.say(where=f"touchpoint {touchpoint}", what="no program speaks there when asked", do=do)
    theirs = _theirs(space, sealed, customer_id=customer_id)
    return tuple(_at(space, run, place=place, sealed=sealed | theirs, customer_id=customer_id) for place in places)


def _at(space: Workspace, run: Run, *, place: str, sealed: Tables, customer_id: str) -> Shown:
    """What one place shows."""
    occasion = space.clock.today.isoformat()
    rows = prepare(sealed, project=space.project, clock=space.clock, occasion=occasion, touchpoint=place)
    row = next(iter(rows), None)
    if row is None:
        what = f"{customer_id!r} is in no program's audience"
        raise Misuse.say(where="tactful decide", what=what, do="`tactful explain` tells what is known of them")
    with space.ledger.transaction() as tx:
        return _kept(tx, space=space, run=run, row=row, sealed=sealed)


def _kept(tx: Transaction, *, space: Workspace, run: Run, row: pa.RecordBatch, sealed: Tables) -> Shown:
    """The decision that stands for this point already, or one made now and kept with the room it takes."""
    found = ledger.ask(tx, named("ledger.decide.live_decision_of"), {"decision_id": row["decision_id"][0].as_py()})
    place, stored = row["touchpoint"][0].as_py(), lake.read(sealed["prices"])
    ruled = Ruled.of({**sealed, "prices": stored})
    if found:
        return _stands(json.loads(found[0]["body"]), row=row, arms=ruled.arms)
    held = promised.in_force(_promises(tx, row), clock=space.clock)
    resource = f"channel:{Channel.of(place).value}"
    values = {"channel": Channel.of(place).value, "since": space.clock.midnight}
    shown = ledger.ask(tx, named("ledger.decide.live_shown"), values)[0]["shown"]
    most = _most(space, resource=resource, arms=ruled.arms)
    prices = paced.corrected(
        stored, used={resource: shown}, made=run.clock, clock=Clock(now=space.clock.now, zone=run.zone)
    )
    decided = _answer(space, run, row=row, ruled=Ruled.of({**sealed, "prices": prices}), held=held,
                      full=[resource] if most is not None and shown >= most else [])  # fmt: skip
    filling = Filling.of(sealed, project=space.project, arms=ruled.arms)
    made = asked.row_of(decided, filling=filling, project=space.project, run_id=run.run_id)
    kept = asked.keep(made, decided, prices=prices, most=most, clock=space.clock, tx=tx)
    assert kept, "a transaction that reads and writes at once found room and lost it"
    return _told(decided, made)


def _answer(
    space: Workspace, run: Run, *, row: pa.RecordBatch, ruled: Ruled, held: tuple[Promise, ...], full: list[str]
) -> Decided:
    return asked.answer(row, sealed=ruled, promises=held, salt=run.salt, clock=space.clock, full=full)


def _most(space: Workspace, *, resource: str, arms: Arms) -> int | None:
    """How much a channel can show in a day, as the policy says now; None where it does not."""
    return next((one.most for one in capacity.shared(space.project, arms) if one.resource == resource), None)


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


def _theirs(space: Workspace, sealed: Tables, *, customer_id: str) -> Tables:
    """What concerns one customer, as it stands now.

    Raises:
        Misuse: the run knows nobody of that id.
    """
    mine: Tables = {name: _of(sealed[name], customer_id) for name in _THEIRS}
    profile = mine["profiles"]
    assert isinstance(profile, pa.Table)
    if not profile.num_rows:
        raise Misuse.say(
            where="tactful decide", what=f"there is no customer {customer_id!r}", do="check the customer's id"
        )
    with space.ledger.reading() as tx:
        values = {"customer_id": customer_id}
        consent = ledger.table(tx, named("ledger.flow.consents_of"), values)
        preference = ledger.table(tx, named("ledger.flow.preferences_of"), values)
        every = {"since": space.clock.days_before(800)}
        mine["contact"] = _of(ledger.table(tx, named("ledger.flow.contacts"), every), customer_id)
        mine["incentive"] = _of(ledger.table(tx, named("ledger.flow.incentives")), customer_id)
        listed = ledger.table(tx, named("ledger.flow.suppressions"))
    mine["profiles"] = _as_now(space, profile, consent=consent, preference=preference)
    mine["suppressed"] = suppression.suppressed({**mine, "suppression": listed}, key=space.key)
    return mine


def _of(source: Sealed | pa.Table, customer_id: str) -> pa.Table:
    """One customer's rows of a table."""
    table = lake.read(source)
    return table.filter(pc.equal(table["customer_id"], customer_id))


def _as_now(space: Workspace, profile: pa.Table, *, consent: pa.Table, preference: pa.Table) -> pa.Table:
    """A profile with the consents and wishes of this moment: a no said a minute ago counts."""
    settings, now_is = space.project.settings, space.clock.now
    consent = known(consent, now=now_is, times=("recorded_at",))
    preference = known(preference, now=now_is, times=("recorded_at", "happened_at"))
    with Engine.open(memory=settings.memory, threads=1) as engine:
        said = standing.consents_at(engine, consent, instant=now_is, channels=channels_of(space.project))
        wished = standing.preferences_at(engine, preference, instant=now_is)
    now: Row = {"consents": [], "withdrawn": [], **(said.to_pylist()[0] if said.num_rows else {})}
    if wished.num_rows:
        wish = wished.to_pylist()[0]
        topics = json.loads(wish["topics_off"]) if wish["topics_off"] else []
        now |= {"dial": wish["dial"], "topics_off": topics, "frequency": wish["frequency"]}
    for name, value in now.items():
        if name in profile.schema.names and name != "customer_id":
            kind = profile.schema.field(name).type
            column = pa.array([value if value is not None or not pa.types.is_list(kind) else []], kind)
            profile = profile.set_column(profile.schema.get_field_index(name), profile.schema.field(name), column)
    return profile
