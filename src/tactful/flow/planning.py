"""Plans a run: the same list of stages that a run performs, looked at instead of performed."""

from __future__ import annotations

from dataclasses import dataclass

from tactful.flow import limits
from tactful.flow.loading import files_of
from tactful.flow.manifest import runs, stages_done
from tactful.flow.occasions import occasion_of
from tactful.flow.stages import STAGES
from tactful.flow.variants import Weighed, weighed
from tactful.flow.workspace import Workspace
from tactful.load.sources import digest_of
from tactful.store import ledger
from tactful.store.sql import named


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStage:
    """One stage of the list. Stability: caller."""

    name: str
    says: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run would do. Stability: caller.

    Attributes:
        resumes: name of the unfinished run it would go on with; empty for a new one.
        files: each source file and whether it is new.
        programs: each program, its audience, touchpoints and levels.
        stages: the list.
        portfolio: which variants would be open; None before there was a run.
        limits: what the last run with limits met, as lines; empty where there was none.
    """

    occasion: str
    clock: str
    resumes: str
    files: tuple[tuple[str, str], ...]
    programs: tuple[tuple[str, str, str, str], ...]
    stages: tuple[PlannedStage, ...]
    portfolio: Weighed | None
    limits: tuple[str, ...]


def plan(space: Workspace, *, occasion: str | None = None) -> Plan:
    """What `run` would do now, without doing it.

    Raises:
        Misuse: the occasion is no day.
    """
    slot = occasion_of(occasion, clock=space.clock)
    fingerprint = space.project.fingerprint.hex()
    unfinished = [
        run
        for run in runs(space, kind="run")
        if run.occasion == slot and run.state == "running" and run.fingerprint == fingerprint
    ]
    with space.ledger.reading() as tx:
        done = stages_done(tx, unfinished[0].run_id) if unfinished else {}
        known = {r["digest"]: r["state"] for r in ledger.ask(tx, named("ledger.flow.loaded_files"))}
    return Plan(
        occasion=slot,
        clock=f"{space.clock.now:%Y-%m-%d %H:%M} UTC",
        resumes=unfinished[0].name if unfinished else "",
        files=tuple(
            (str(path.relative_to(space.project.root)), known.get(digest_of(path), "new"))
            for source in space.project.sources.values()
            for path in files_of(space, source)
        ),
        programs=tuple(
            (p.program, p.audience, ", ".join(p.touchpoints), ", ".join(level.value for level in p.levels))
            for p in space.project.programs.values()
        ),
        stages=tuple(
            PlannedStage(name=s.name, says=s.says, reads=s.reads, writes=s.writes, done=s.name in done) for s in STAGES
        ),
        portfolio=weighed(space),
        limits=_limits(space),
    )


def _limits(space: Workspace) -> tuple[str, ...]:
    """The limits of the last run that had some."""
    for run in runs(space, kind="run"):
        if run.summary.get("limits"):
            told, said = run.summary["limits"], run.summary["drawn_by"]
            return tuple(limits.lines(told, drawn_by=said, certified=run.summary.get("certificate")))
    return ()
