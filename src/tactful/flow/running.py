"""Executes a list of stages: each sealed once, resumed after a kill, never repeated."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import pyarrow as pa

from tactful.flow.manifest import Run, empty, known_runs, loaded, note_stage, sealed_in, stages_done
from tactful.flow.progress import Progress
from tactful.flow.stage import Inputs, Stage, Work
from tactful.flow.workspace import Workspace
from tactful.store import contracts, lake, ledger
from tactful.store.engines.duckdb import Engine
from tactful.store.ledger import Transaction
from tactful.store.sql import Query, named
from tactful.words.sealed import Sealed

LEDGER_TABLES: dict[str, Query] = {
    "consent": named("ledger.flow.consents"),
    "preference": named("ledger.flow.preferences"),
    "contact": named("ledger.flow.contacts"),
    "suppression": named("ledger.flow.suppressions"),
    "incentive": named("ledger.flow.incentives"),
    "live_decision": named("ledger.flow.live_decisions"),
    "erasure": named("ledger.flow.erasures"),
}
"""The ledger's tables that a stage may read, each as a whole."""

PAST = "past_decisions"
"""What a stage calls the decisions of every former run."""

STOOD = "past_portfolio"
"""What a stage calls the portfolio of the last former run that came to its end."""

SUMS = "learn_sums"
"""Sums of outcomes: every part that any run has sealed adds to them, this one's too; no decision is in two parts."""

LATEST: dict[str, Query] = {"items": named("flow.items_now"), "links": named("flow.links_now")}
"""Tables of which a stage sees only the latest row of each key; small enough to be held."""


def execute(space: Workspace, stages: Sequence[Stage], *, run: Run, progress: Progress) -> None:
    """Performs every stage of a run that is not done yet.

    A stage seals its files first and names them in the ledger in one transaction; what a kill leaves behind before that
    counts for nothing and is swept away.
    """
    sweep(space)
    for stage in stages:
        with space.ledger.reading() as tx:
            done = stage.name in stages_done(tx, run.run_id)
        if done:
            progress.skipped(stage.name, says=stage.says)
        else:
            _perform(space, stage, run=run, progress=progress)


def sweep(space: Workspace) -> int:
    """Removes files that no manifest row names, and what a killed engine spilled; returns how many files."""
    shutil.rmtree(space.project.root / ".spill", ignore_errors=True)
    with space.ledger.reading() as tx:
        known = [str(space.lake / row["path"]) for row in ledger.ask(tx, named("ledger.flow.all_parts"))]
    return lake.sweep(space.lake, sealed=known) if space.lake.is_dir() else 0


def inputs_of(space: Workspace, stage: Stage, *, run: Run) -> Inputs:
    """What a stage reads: this run's sealed tables, every load so far, and the ledger as it stands."""
    with space.ledger.reading() as tx:
        sealed = sealed_in(tx, run.run_id, root=space.lake)
        return {name: _input(tx, name, space=space, run=run, sealed=sealed) for name in stage.reads}


def _input(tx: Transaction, name: str, *, space: Workspace, run: Run, sealed: dict[str, Sealed]) -> Sealed | pa.Table:
    if name == SUMS:
        return loaded(tx, SUMS, root=space.lake)
    if name in sealed:
        return sealed[name]
    if name == PAST:
        return loaded(tx, "decisions", root=space.lake, before=run.started_at)
    if name == STOOD:
        return _stood(tx, space=space, run=run)
    if name in LEDGER_TABLES:
        days = {"contact": 800, "live_decision": 28}.get(name)
        values = {"since": space.clock.days_before(days)} if days else None
        return ledger.table(tx, LEDGER_TABLES[name], values)
    if contracts.table(name).writer == "load":
        every = loaded(tx, name, root=space.lake, before=run.started_at)
        return _current(every, query=LATEST[name]) if name in LATEST else every
    return empty(name)


def _stood(tx: Transaction, *, space: Workspace, run: Run) -> Sealed | pa.Table:
    """The portfolio of the last run before this one, of another occasion, that is not still running."""
    for former in known_runs(tx):
        done = former.kind == "run" and former.state != "running" and former.started_at < run.started_at
        if done and former.occasion != run.occasion:
            return sealed_in(tx, former.run_id, root=space.lake).get("portfolio") or empty("portfolio")
    return empty("portfolio")


def _current(every: Sealed, *, query: Query) -> pa.Table:
    with Engine.open() as engine:
        return engine.table(query, tables={every.table: every})


def seal_rows(
    space: Workspace, rows: Iterable[pa.RecordBatch], *, tables: Sequence[str], run_id: bytes, part: str = "0"
) -> dict[tuple[str, str], Sealed]:
    """Writes the rows that a room yielded; they count once the ledger names them."""
    return lake.seal_all(rows, tables=tables, root=space.lake, run_id=run_id, part=part)


def _perform(space: Workspace, stage: Stage, *, run: Run, progress: Progress) -> None:
    inputs, began = inputs_of(space, stage, run=run), time.monotonic()
    followed = inputs.get(stage.follows)
    total = followed.rows if isinstance(followed, Sealed) else None
    with progress.step(stage.name, says=stage.says, total=total) as report:
        work = Work(space=space, run_id=run.run_id, occasion=run.occasion, report=report)
        rows = stage.act(inputs, work) if stage.act else ()
        parts = seal_rows(space, counted(rows, report, table=stage.writes[0]), tables=stage.writes, run_id=run.run_id)
        with space.ledger.transaction() as tx:
            if stage.notes:
                stage.notes(inputs, work, tx)
            note_stage(tx, space, run_id=run.run_id, stage=stage.name, parts=parts, seconds=time.monotonic() - began)


def counted(
    rows: Iterable[pa.RecordBatch], report: Callable[[int], None], *, table: str | None = None
) -> Iterator[pa.RecordBatch]:
    """The same rows; each batch, or each of one table, is told to the progress bar as it passes."""
    for batch in rows:
        if table is None or (batch.schema.metadata or {}).get(b"table") == table.encode():
            report(batch.num_rows)
        yield batch
