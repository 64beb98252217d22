"""Concludes a run: the gate's verdict, the audience guard, the waterfall, the summary and the proof page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tactful.check import audience, verdict
from tactful.check.audience import Crowd
from tactful.check.rules import RULES
from tactful.check.verdict import Verdict
from tactful.decide import waterfall
from tactful.decide.waterfall import Waterfall
from tactful.flow import deploying, limits
from tactful.flow.gate_figures import gate_figures, gate_lines
from tactful.flow.manifest import Run, empty, end_run, runs, sealed_in
from tactful.flow.proofing import draw_page, make_index
from tactful.flow.sending import ready
from tactful.flow.workspace import Workspace
from tactful.store import lake, ledger
from tactful.store.sql import named
from tactful.words.errors import Misuse
from tactful.words.level import Level
from tactful.words.outcome import OutcomeKind, Reason
from tactful.words.sealed import Sealed

Tables = dict[str, "Sealed | pa.Table"]
_NEEDED = (
    "profiles",
    "segments",
    "arms",
    "inputs",
    "decisions",
    "messages",
    "skeletons",
    "unwritten",
    "findings",
    "audits",
    "portfolio",
    "prices",
    "baseline",
)


def conclude(space: Workspace, run: Run) -> tuple[str, ...]:
    """Writes a run's state and summary into the manifest and its proof page to the output; returns lines for people.

    The run waits for approval, or is stopped where the gate or the policy says so.
    """
    tables, judged, falls = _seen(space, run)
    summary = _summary(space, run, tables=tables, judged=judged, falls=falls)
    state = "stopped" if judged.must_stop else "waiting"
    if run.state == "sent" and state == "waiting":
        state = "sent"
    summary["proofs"] = draw_page(space, run, tables=tables, judged=judged, falls=falls, summary=summary)
    page = make_index(space, summary["proofs"])
    with space.ledger.transaction() as tx:
        end_run(tx, run, state=state, summary=summary, at=space.wall.now)
    return (*_lines(run, summary=summary, falls=falls, judged=judged), "", f"Proof page: {page}")


def redraw(space: Workspace, run: Run) -> Path:
    """Draws a run's proof page again, from what is sealed now: after an erasure took the page, or a hand changed it.

    Raises:
        Misuse: the run has not come to its end.
    """
    if run.state == "running":
        raise Misuse.say(where=f"run {run.name}", what="has not come to its end", do="finish it with `tactful run`")
    tables, judged, falls = _seen(space, run)
    drawn = draw_page(space, run, tables=tables, judged=judged, falls=falls, summary=run.summary)
    if runs(space, kind="run")[0].run_id == run.run_id:
        make_index(space, drawn)
    with space.ledger.transaction() as tx:
        end_run(tx, run, state=run.state, summary={**run.summary, "proofs": drawn}, at=run.ended_at or space.wall.now)
    return space.out / str(drawn["page"])


def _seen(space: Workspace, run: Run) -> tuple[Tables, Verdict, tuple[Waterfall, ...]]:
    """What a run sealed, the gate's verdict over it, and where everybody left."""
    with space.ledger.reading() as tx:
        sealed = sealed_in(tx, run.run_id, root=space.lake)
    tables: Tables = {name: sealed.get(name) or empty(name) for name in _NEEDED}
    judged = verdict.judge(
        lake.read(tables["findings"]), messages=lake.read(tables["messages"]), policy=space.project.policy
    )
    people = lake.read(tables["profiles"], columns=["customer_key"]).num_rows
    return tables, judged, waterfall.count(tables, people=people)


def _summary(
    space: Workspace, run: Run, *, tables: Tables, judged: Verdict, falls: tuple[Waterfall, ...]
) -> dict[str, Any]:  # Any: numbers, lists and texts
    decisions = lake.read(tables["decisions"])
    chosen = decisions.filter(pc.equal(decisions["outcome_kind"], OutcomeKind.CHOSEN.value))
    leaving = ready(tables, policy=space.project.policy)
    programs = Counter(chosen["program"].to_pylist())
    crowds = [
        Crowd(
            program=space.project.programs[name],
            audience=_audience(tables["segments"], space.project.programs[name].audience),
            sending=count,
            before=_before(space, run, program=name),
        )
        for name, count in sorted(programs.items())
    ]
    levels = Counter(chosen["level"].to_pylist())
    return {
        "people": falls[0].people,
        "decisions": decisions.num_rows,
        "messages": lake.read(tables["messages"], columns=["message_id"]).num_rows,
        "ready": leaving.num_rows,
        "handed_over_before": _before_us(space, run, leaving=leaving),
        "quarantined": len(judged.quarantined),
        "unwritten": lake.read(tables["unwritten"]).num_rows,
        "skeletons": len(set(lake.read(tables["skeletons"])["skeleton_id"].to_pylist())),
        "levels": {level.value: levels[level.value] for level in Level if levels[level.value]},
        "programs": dict(sorted(programs.items())),
        "offers": dict(sorted(Counter(o or "none" for o in chosen["offer_id"].to_pylist()).items())),
        "drawn_by": dict(sorted(Counter(decisions["drawn_by"].to_pylist()).items())),
        "held_back_by": dict(judged.by_rule),
        "warnings": dict(judged.warned),
        "why_stop": list(judged.why_stop),
        **gate_figures(tables, project=space.project),
        **_kept_silent(decisions),
        "guard": list(audience.guard(crowds, risk=space.project.policy.risk)),
        "limits": limits.facts(tables, currency=space.project.settings.currency),
        "certificate": limits.certificate(tables, currency=space.project.settings.currency),
        "mixture": deploying.facts(lake.read(tables["baseline"])),
        "waterfall": [{"step": step.name, "left": step.left, "remain": step.remain} for step in falls[0].steps],
    }


def _before_us(space: Workspace, run: Run, *, leaving: pa.Table) -> int:
    """How many of a run's messages an earlier run of its occasion gave to the outbox: they never leave again."""
    with space.ledger.reading() as tx:
        given = ledger.ask(
            tx, named("ledger.flow.handed_over_before"), {"occasion": run.occasion, "run_id": run.run_id}
        )
    known = pa.array([row["decision_id"] for row in given], leaving.schema.field("decision_id").type)
    return int(pc.sum(pc.is_in(leaving["decision_id"], value_set=known)).as_py() or 0)


def _audience(segments: Sealed | pa.Table, name: str) -> int:
    found = lake.read(segments, columns=["segment"])
    return int(pc.sum(pc.equal(found["segment"], name)).as_py() or 0)


def _before(space: Workspace, run: Run, *, program: str) -> int | None:
    """How many the last sent run of another occasion wrote to for this program."""
    for other in runs(space, kind="run"):
        if other.occasion != run.occasion and other.state == "sent" and program in other.summary.get("programs", {}):
            return int(other.summary["programs"][program])
    return None


def _lines(
    run: Run,
    *,
    summary: Mapping[str, Any],
    falls: tuple[Waterfall, ...],
    judged: Verdict,  # Any: as in _summary
) -> Iterator[str]:
    yield f"Run {run.name}, decided as of {run.clock:%Y-%m-%d %H:%M} UTC"
    yield ""
    yield from _fall_lines(falls[0])
    yield ""
    if summary["levels"]:
        yield from _level_lines(summary["levels"])
        yield ""
    if summary["limits"]:
        certified = summary["certificate"]
        yield from limits.lines(summary["limits"], drawn_by=summary["drawn_by"], certified=certified)
        yield ""
    if mixed := tuple(deploying.lines(summary.get("mixture"))):
        yield from (f"{line[0].upper()}{line[1:]}." for line in mixed)
        yield ""
    yield f"{summary['skeletons']:,} skeletons make {summary['messages']:,} individual messages; every one was checked."
    held = ", ".join(f"{count:,} by {rule}" for rule, count in judged.by_rule.items())
    yield f"The gate held back {summary['quarantined']:,}{f' ({held})' if held else ''}."
    fixes = {rule.id: rule.fix for rule in RULES}
    yield from (f"  {rule}: {fixes[rule]}" for rule in judged.by_rule if rule in fixes)
    yield from gate_lines(summary)
    if summary["unwritten"]:
        yield f"{summary['unwritten']:,} could not be written; `tactful explain CUSTOMER` says why."
    yield ""
    if judged.must_stop:
        yield "STOPPED: nothing can be approved."
        yield from (f"  {why}" for why in judged.why_stop)
        return
    if not summary["ready"]:
        yield from _nobody_lines(summary)
        return
    yield f"{summary['ready']:,} messages are ready. Nothing leaves before someone approves."
    if before := summary["handed_over_before"]:
        yield f"{before:,} of them were handed over by an earlier run of {run.occasion} and are not sent a second time."
    if before == summary["ready"]:
        yield "So there is nothing new to send."
        return
    yield from (f"  Two people must approve: {why}" for why in summary["guard"])
    yield "Next: look at the proof page, then `tactful approve` and `tactful send`."


def _nobody_lines(summary: Mapping[str, Any]) -> Iterator[str]:  # Any: as in _summary
    """Why nobody is written to, and what to do about it."""
    yield "Nobody is written to, so there is nothing to approve."
    if not summary["kept_silent"]:
        yield "Nobody is in the audience of a program: `tactful plan` names the audiences, `segments/` declares them."
        return
    yield "Of those who are in an audience:"
    yield from (f"  {count:>9,}  {sentence}" for sentence, count in summary["kept_silent"].items())
    yield f"Next: `tactful explain {summary['for_example']}`, for example, tells all that keeps them out."


def _kept_silent(decisions: pa.Table) -> dict[str, Any]:  # Any: as in _summary
    """Where nobody is chosen: the commonest reasons, and one of those whom the commonest keeps out."""
    if pc.any(pc.equal(decisions["outcome_kind"], OutcomeKind.CHOSEN.value)).as_py():
        return {"kept_silent": {}, "for_example": ""}
    first = [next(iter(codes), "").split(":", 1)[0] for codes in decisions["reasons"].to_pylist()]
    known = {reason.value: reason.sentence for reason in Reason}
    counts = Counter(code for code in first if code in known)
    common = sorted(counts, key=lambda code: (-counts[code], code))[:5]
    example = min(
        (c for c, code in zip(decisions["customer_id"].to_pylist(), first, strict=True) if code in common[:1]),
        default="",
    )
    return {"kept_silent": {known[code]: counts[code] for code in common}, "for_example": example}


def _fall_lines(fall: Waterfall) -> Iterator[str]:
    """The audience waterfall: who was in, and where each left."""
    width = max(len(step.name) for step in fall.steps) + 2
    yield f"{'people in the project':<{width}}{'':>9}{fall.people:>9,}"
    for step in fall.steps:
        if step.left:
            bar = "█" * round(28 * step.remain / max(1, fall.people))
            yield f"  {step.name:<{width - 2}}{-step.left:>9,}{step.remain:>9,}  {bar}"
    yield f"{'written to':<{width}}{'':>9}{fall.sending:>9,}"


def _level_lines(levels: Mapping[str, int]) -> Iterator[str]:
    total = max(1, sum(levels.values()))
    for name, count in levels.items():
        yield f"  {Level(name).label:<14}{count:>9,}  {'█' * round(28 * count / total)}"
