"""Reports for people: how complete and fresh each fact is, and what the gate found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tactful.flow.manifest import find_run, sealed_in
from tactful.flow.workspace import Workspace
from tactful.know import completeness as known


def gate_of(space: Workspace) -> dict[str, Any]:  # Any: printed as JSON
    """What the gate came to in the last run: by rule, program, level and branch, what was let pass, and the audit."""
    run = find_run(space, None)
    names = ("messages", "quarantined", "found", "suppressed", "audited", "why_stop")
    return {"run": run.name, "state": run.state, **{name: run.summary[name] for name in names if name in run.summary}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How complete and fresh each fact is, per cohort. Stability: caller."""

    table: pa.Table
    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


def completeness(space: Workspace) -> Completeness:
    """Completeness and freshness of every fact per cohort, in the last run's profiles."""
    run = find_run(space, None)
    with space.ledger.reading() as tx:
        sealed = sealed_in(tx, run.run_id, root=space.lake)
    table = known.report({"profiles": sealed["profiles"]}, project=space.project, clock=space.clock)
    return Completeness(table=table, headings=known.HEADINGS, lines=tuple(known.lines(table)))
