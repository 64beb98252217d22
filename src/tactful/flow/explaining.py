"""Explains one customer: what is known, what was decided and why, what was sent; or what a visit would show."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tactful.compose.context import Catalogue
from tactful.decide import promised, reasons
from tactful.decide.adding_up import AddedUp, added_up
from tactful.decide.choice import Sealed as Ruled
from tactful.decide.reasons import Explanation
from tactful.flow import deploying, numbers, shown_items
from tactful.flow.approving import Approved, approvals
from tactful.flow.manifest import Run, empty, loaded, sealed_in
from tactful.flow.proof_set import SHORT
from tactful.flow.visits_told import visit_lines, visits_of
from tactful.flow.workspace import Workspace
from tactful.know import explanation
from tactful.reckon.chance import WHOLE
from tactful.store import lake, ledger
from tactful.store.sql import named
from tactful.words import score
from tactful.words.clock import Clock
from tactful.words.errors import Misuse
from tactful.words.level import Level
from tactful.words.outcome import DrawnBy, OutcomeKind, Reason
from tactful.words.sealed import Sealed
from tactful.words.touchpoint import PUSH

Row = dict[str, Any]  # Any: one row of mixed columns
_LISTED = 8
_CODES = frozenset(reason.value for reason in Reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One customer explained. Stability: caller.

    Attributes:
        facts: for programs.
        lines: for people.
    """

    facts: dict[str, Any]  # Any: mixed values
    lines: tuple[str, ...]


def explain(space: Workspace, run: Run, *, customer_id: str) -> Explained:
    """What a run decided for a customer, and why.

    Raises:
        Misuse: the run knows no such customer.
    """
    sealed = _sealed(space, run)
    profile = _row(sealed["profiles"], customer_id)
    if profile is None:
        raise Misuse.say(
            where=f"run {run.name}", what=f"there is no customer {customer_id!r}", do="check the customer's id"
        )
    decision = _row(sealed["decisions"], customer_id)
    given = _batch(sealed["inputs"], customer_id)
    told, ruled = None, Ruled.of(sealed)
    made: tuple[AddedUp, ...] = ()
    if given is not None and decision is not None:
        capped = decision["outcome_kind"] == OutcomeKind.CAPPED.value
        limited = capped or decision["drawn_by"] != DrawnBy.DRAW.value
        stored = _batch(sealed["decisions"], customer_id) if limited else None
        clock = Clock(now=run.clock, zone=run.zone)
        told = reasons.explain(given, sealed=ruled, salt=run.salt, clock=clock, stored=stored)
        made = _made(given, ruled=ruled, sealed=sealed, salt=run.salt, clock=clock)
    with space.ledger.reading() as tx:
        sent = ledger.ask(tx, named("ledger.flow.outbox_of_customer"), {"customer_id": customer_id})
    known = explanation.explain(profile, project=space.project, clock=space.clock)
    lines = [f"Customer {customer_id}, run {run.name}", "", *_known_lines(known)]
    currency = space.project.settings.currency
    lines += ["", *_decision_lines(decision, told, currency=currency), *_gate_lines(sealed, decision=decision)]
    lines += numbers.lines(made, arms=ruled.arms, got=told.arm if told else "", currency=currency)
    mixed = deploying.facts(lake.read(sealed["baseline"]))
    lines += [f"  {line}" for line in deploying.lines(mixed)]
    offered = sorted(_where(sealed["suggestions"], column="customer_id", value=customer_id), key=_plan_of)
    model = lake.read(sealed["slot_model"]).to_pylist() if offered else []
    lines += [*shown_items.lines(offered, titles=_titles(space, offered)), *shown_items.model_lines(model)]
    came = visits_of(space, customer_id)
    lines += [*_sent_lines(sent), *visit_lines(came, zone=run.zone)]
    lines += _approval_lines(run, given=approvals(space).get(run.run_id, ()))
    facts = _facts(customer_id, decision=decision, told=told, known=known, sent=sent)
    more = {"numbers": numbers.facts(made, arms=ruled.arms), "mixture": mixed}
    more = more | {"shown": shown_items.facts(offered), "visits": came}
    return Explained(facts=facts | more | {"slot_model": shown_items.model_facts(model)}, lines=tuple(lines))


def explain_visit(space: Workspace, run: Run, *, customer_id: str) -> Explained:
    """What the site would show this customer now: one row through the same kernel, decided and not kept.

    What a message promised is shown for as long as it holds, and no offer that was not promised.

    Raises:
        Misuse: the run knows no such customer, or no program has a place on the web.
    """
    sealed = _sealed(space, run)
    given = _batch(sealed["inputs"], customer_id)
    if given is None:
        raise Misuse.say(
            where=f"run {run.name}",
            what=f"{customer_id!r} is in no audience of this run",
            do="see `tactful explain` without --as-visit",
        )
    ruled = Ruled.of(sealed)
    places = sorted({t for t in ruled.arms.touchpoint if t != PUSH and "." in t})
    if not places:
        raise Misuse.say(
            where="programs", what="no program has a place on the web", do="add a touchpoint such as web.home_hero"
        )
    with space.ledger.reading() as tx:
        rows = ledger.ask(tx, named("ledger.decide.promises_of_customer"), {"customer_id": customer_id})
    held = promised.in_force(rows, clock=space.clock)
    lines = [f"Customer {customer_id}, a visit at {space.clock.now:%Y-%m-%d %H:%M} UTC"]
    facts: dict[str, Row] = {}
    currency = space.project.settings.currency
    for place in places:
        asked = _at(given, touchpoint=place)
        told, shown = promised.visit(asked, sealed=ruled, promises=held, salt=run.salt, clock=space.clock)
        lines += ["", f"{place}: {told.arm}", *(f"  {sentence}" for sentence in told.sentences)]
        lines += [*numbers.promised(held, shown=shown), *_arm_lines(told, currency=currency)]
        kept = promised.kept(asked, arms=ruled.arms, promises=held)
        made = _made(kept, ruled=ruled, sealed=sealed, salt=run.salt, clock=space.clock)
        made = _for_certain(made, arm=told.arm, ruled=ruled) if shown else made
        lines += numbers.lines(made, arms=ruled.arms, got=told.arm, currency=currency)
        facts[place] = {"arm": told.arm, "outcome": told.outcome, "reasons": list(told.sentences)}
        facts[place] |= {"promised": [one.offer for one in held], "kept": [one.offer for one in shown]}
        facts[place] |= {"numbers": numbers.facts(made, arms=ruled.arms)}
    return Explained(facts={"customer": customer_id, "places": facts}, lines=tuple(lines))


def _for_certain(made: Sequence[AddedUp], *, arm: str | None, ruled: Ruled) -> tuple[AddedUp, ...]:
    """The same where a promise is kept: chance has no part in it."""
    return tuple(
        dataclasses.replace(one, propensity=WHOLE if reasons.arm_name(ruled.arms, one.arm) == arm else 0)
        for one in made
    )


def _made(
    given: pa.RecordBatch, *, ruled: Ruled, sealed: dict[str, Sealed | pa.Table], salt: str, clock: Clock
) -> tuple[AddedUp, ...]:
    """Every number behind every arm that could be chosen."""
    found = ruled.decide(given, salt=salt, clock=clock)
    return added_up(found, sealed=ruled, beliefs=lake.read(sealed["beliefs"]))


def _sealed(space: Workspace, run: Run) -> dict[str, Sealed | pa.Table]:
    names = (
        *("profiles", "inputs", "arms", "beliefs", "baseline", "prices", "decisions"),
        *("messages", "unwritten", "findings", "suggestions", "slot_model"),
    )
    with space.ledger.reading() as tx:
        sealed = sealed_in(tx, run.run_id, root=space.lake)
    return {name: sealed.get(name) or empty(name) for name in names}


def _plan_of(row: Row) -> tuple[str, str, str]:
    return row["program"], row["plan"], row["level"]


def _titles(space: Workspace, rows: Sequence[Row]) -> dict[str, str]:
    """What the items of some lists are called now."""
    wanted = {name for row in rows for item in row["items"] for name in (item["item_id"], item["because"]) if name}
    if not wanted:
        return {}
    with space.ledger.reading() as tx:
        items = Catalogue.of(lake.read(loaded(tx, "items", root=space.lake))).items
    return {name: items[name]["title"] for name in sorted(wanted) if name in items}


def _row(source: Sealed | pa.Table, customer_id: str) -> Row | None:
    batch = _batch(source, customer_id)
    return batch.to_pylist()[0] if batch is not None else None


def _batch(source: Sealed | pa.Table, customer_id: str) -> pa.RecordBatch | None:
    """The customer's row of a table, or None."""
    for batch in lake.batches(source):
        mine = batch.filter(pc.equal(batch["customer_id"], customer_id))
        if mine.num_rows:
            return mine.slice(0, 1)
    return None


def _at(given: pa.RecordBatch, *, touchpoint: str) -> pa.RecordBatch:
    """The same person at a pull touchpoint."""
    values = {"touchpoint": touchpoint, "channel": touchpoint.split(".", 1)[0]}
    columns = [
        pa.array([values[name]], pa.string()) if name in values else given.column(name) for name in given.schema.names
    ]
    return pa.RecordBatch.from_arrays(columns, schema=given.schema)


def _known_lines(known: tuple[explanation.Explained, ...]) -> Iterator[str]:
    yield "What we know"
    for one in known:
        yield f"  {one.name}: {one.value or 'none yet'}"
        yield from (f"      {line}" for line in one.because)


def _decision_lines(decision: Row | None, told: Explanation | None, *, currency: str) -> Iterator[str]:
    yield "What was decided"
    if decision is None or told is None:
        yield "  Nothing: they are in no program's audience."
        return
    yield f"  {told.arm} ({told.outcome}; ceiling: {Level(decision['ceiling']).label})"
    yield from (f"  {sentence}" for sentence in told.sentences)
    if told.instead:
        yield f"  {told.instead}"
    yield from _arm_lines(told, currency=currency)


def _arm_lines(told: Explanation, *, currency: str) -> Iterator[str]:
    able = [arm for arm in told.arms if arm.eligible]
    for arm in able[:_LISTED]:
        yield f"    {arm.chance:7.2%}  {score.told(arm.score, currency=currency, places=2):>10}  {arm.name}"
    reasons_why: dict[str, int] = {}
    for arm in told.arms:
        if not arm.eligible:
            reasons_why[arm.why] = reasons_why.get(arm.why, 0) + 1
    for why, count in sorted(reasons_why.items(), key=lambda item: (-item[1], item[0])):
        yield f"    not possible ({count}): {why}"


def _gate_lines(sealed: dict[str, Sealed | pa.Table], *, decision: Row | None) -> Iterator[str]:
    """What kept their message from being written, and what the gate found in it."""
    if decision is None:
        return
    decision_id = decision["decision_id"]
    for row in _where(sealed["unwritten"], column="decision_id", value=decision_id):
        yield f"  not written: {row['text']}"
    for message in _where(sealed["messages"], column="decision_id", value=decision_id):
        for subject in (message["message_id"].hex(), f"skeleton:{message['skeleton_id'].hex()}"):
            for row in _where(sealed["findings"], column="subject", value=subject):
                yield f"  {row['severity']}: {row['text'] or row['place']} ({row['rule']})"


def _where(source: Sealed | pa.Table, *, column: str, value: object) -> list[Row]:
    found: list[Row] = []
    for batch in lake.batches(source):
        found += batch.filter(pc.equal(batch[column], pa.scalar(value, batch[column].type))).to_pylist()
    return found


def _sent_lines(sent: list[Row]) -> Iterator[str]:
    if sent:
        yield ""
        yield "What was sent"
    for row in sent:
        why = f" ({row['why']})" if row["why"] else ""
        yield f"  {row['planned_at']:%Y-%m-%d} {row['channel']}: {row['state']}{why}, message {row['message_id'].hex()}"
        if row["why"] in _CODES:
            yield f"    {Reason(row['why']).sentence}"


def _approval_lines(run: Run, *, given: Sequence[Approved]) -> Iterator[str]:
    """Who said yes to the run, when, and to which proofs; or that nobody did."""
    yield ""
    yield f"Who approved run {run.name}"
    if not given:
        yield "  Nobody has; unless a standing approval covers it, nothing of it leaves."
    for one in given:
        by = one.approved_by + (f" and {one.second_by}" if one.second_by else "")
        yield f"  {by} on {one.approved_at:%Y-%m-%d %H:%M} UTC, having looked at the proofs {one.proofs_hash[:SHORT]}"


def _facts(
    customer_id: str,
    *,
    decision: Row | None,
    told: Explanation | None,
    known: tuple[explanation.Explained, ...],
    sent: list[Row],
) -> dict[str, Any]:  # Any: mixed values
    return {
        "customer": customer_id,
        "known": {one.name: {"value": one.value, "because": list(one.because)} for one in known},
        "decision": decision,
        "arm": told.arm if told else None,
        "reasons": list(told.sentences) if told else [],
        "instead": told.instead if told else None,
        "arms": [
            {"name": a.name, "eligible": a.eligible, "why": a.why, "score": a.score, "chance": a.chance}
            for a in (told.arms if told else ())
        ],
        "sent": sent,
    }
