"""Reports for people: how complete and fresh each fact is."""

from __future__ import annotations

import pyarrow as pa

from tactful.flow.manifest import find_run, sealed_in
from tactful.flow.workspace import Workspace
from tactful.know import completeness as know_completeness


def completeness(space: Workspace) -> pa.Table:
    """Completeness and freshness of every fact per cohort, in the last run's profiles."""
    run = find_run(space, None)
    with space.ledger.reading() as tx:
        sealed = sealed_in(tx, run.run_id, root=space.lake)
    return know_completeness.report({"profiles": sealed["profiles"]}, project=space.project, clock=space.clock)
