"""Reports for people: how complete and fresh each fact is."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from tactful.flow.manifest import find_run, sealed_in
from tactful.flow.workspace import Workspace
from tactful.know import completeness as known


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
