"""The manifest: runs, their finished stages and sealed parts, kept in the ledger."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from tactful.flow.workspace import Workspace
from tactful.store import contracts, ledger
from tactful.store.ledger import Transaction
from tactful.store.sql import named
from tactful.words.errors import Misuse
from tactful.words.ids import derived_id
from tactful.words.sealed import Sealed, SealedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run's row of the manifest. Stability: caller."""

    run_id: bytes
    kind: str
    occasion: str
    fingerprint: str
    clock: datetime
    zone: str
    salt: str
    number: int
    state: str
    started_at: datetime
    ended_at: datetime | None
    summary: dict[str, Any]  # Any: numbers and lists for people

    @property
    def name(self) -> str:
        """What people call it: the occasion, and a number from the second run of it on."""
        return self.occasion if self.number == 1 else f"{self.occasion}#{self.number}"


def _run(row: dict[str, Any]) -> Run:  # Any: a ledger row
    return Run(**{**row, "summary": json.loads(row["summary"] or "{}")})


def runs(space: Workspace, *, kind: str | None = None) -> list[Run]:
    """Every run, newest first."""
    with space.ledger.reading() as tx:
        return [run for run in known_runs(tx) if kind is None or run.kind == kind]


def known_runs(tx: Transaction) -> list[Run]:
    """Every run in the caller's transaction, newest first."""
    return [_run(row) for row in ledger.ask(tx, named("ledger.flow.runs"))]


def find_run(space: Workspace, name: str | None) -> Run:
    """The run of this name, id or id's beginning; the last one where no name is given.

    Raises:
        Misuse: there is none; the message lists the last ones.
    """
    known = runs(space, kind="run")
    if not known:
        raise Misuse.say(where="runs", what="nothing was run yet", do="run `tactful run`")
    if name is None:
        return known[0]
    for run in known:
        if name == run.name or (len(name) >= 6 and run.run_id.hex().startswith(name)):
            return run
    raise Misuse.say(
        where="runs",
        what=f"there is no run {name!r}",
        meant=", ".join(run.name for run in known[:5]),
        do="name one of these",
    )


def begin_run(space: Workspace, *, kind: str, occasion: str) -> Run:
    """The run to go on with: an unfinished one of this occasion and fingerprint, or a new one."""
    fingerprint = space.project.fingerprint.hex()
    with space.ledger.transaction() as tx:
        rows = ledger.ask(tx, named("ledger.flow.runs_of_occasion"), {"occasion": occasion, "kind": kind})
        known = [_run(row) for row in rows]
        for run in known:
            if run.state == "running" and run.fingerprint == fingerprint and run.clock == space.clock.now:
                return run
        number = 1 + max((run.number for run in known), default=0)
        run = Run(
            run_id=derived_id("run", kind, occasion, str(number), fingerprint),
            kind=kind,
            occasion=occasion,
            fingerprint=fingerprint,
            clock=space.clock.now,
            zone=space.clock.zone,
            salt=space.project.settings.salt,
            number=number,
            state="running",
            started_at=space.wall.now,
            ended_at=None,
            summary={},
        )
        values = {name: getattr(run, name) for name in Run.__slots__ if name != "summary"}
        ledger.write(tx, "run", [{**values, "summary": "{}"}])
    return run


def end_run(tx: Transaction, run: Run, *, state: str, summary: dict[str, Any], at: datetime) -> None:
    """Marks a run's state; `summary` is what people will read again later."""
    values = {"run_id": run.run_id, "state": state, "ended_at": at, "summary": json.dumps(summary)}
    ledger.act(tx, named("ledger.flow.end_run"), values)


def forget_in_summaries(tx: Transaction, *, pattern: re.Pattern[bytes]) -> int:
    """Takes a person's name out of what runs say of themselves, such as names of files; returns how many changed.

    Args:
        tx: the open transaction.
        pattern: matches the person's identifiers.
    """
    changed = 0
    for run in known_runs(tx):
        summary = _without(run.summary, pattern=pattern)
        if summary != run.summary:
            values = {"run_id": run.run_id, "state": run.state, "ended_at": run.ended_at}
            changed += ledger.act(tx, named("ledger.flow.end_run"), {**values, "summary": json.dumps(summary)})
    return changed


def _without(value: Any, *, pattern: re.Pattern[bytes]) -> Any:  # Any: JSON
    """JSON in which `(erased)` stands wherever a person stood."""
    match value:
        case str():
            return pattern.sub(b"(erased)", value.encode()).decode()
        case list():
            return [_without(one, pattern=pattern) for one in value]
        case dict():
            return {_without(key, pattern=pattern): _without(one, pattern=pattern) for key, one in value.items()}
    return value


def stages_done(tx: Transaction, run_id: bytes) -> dict[str, dict[str, Any]]:
    """Finished stages of a run by name."""
    return {row["stage"]: row for row in ledger.ask(tx, named("ledger.flow.stages"), {"run_id": run_id})}


def note_stage(
    tx: Transaction,
    space: Workspace,
    *,
    run_id: bytes,
    stage: str,
    parts: dict[tuple[str, str], Sealed],
    seconds: float,
) -> None:
    """Seals: one transaction names every file of the stage and marks it done.

    Paths are kept relative to the lake, so that a project's folder can be moved.

    Args:
        tx: the open transaction.
        space: whose lake it is.
        run_id: 16 bytes.
        stage: its name.
        parts: handles by (table, part).
        seconds: how long the stage took.
    """
    at = space.wall.now
    rows = [
        {
            "part_id": derived_id("part", run_id.hex(), table, part, *([str(number)] if number else [])),
            "run_id": run_id,
            "stage": stage,
            "table_name": table,
            "path": str(Path(file.path).relative_to(space.lake)),
            "content_hash": file.content_hash,
            "rows": file.rows,
            "bytes": Path(file.path).stat().st_size,
            "sealed_at": at,
        }
        for (table, part), sealed in parts.items()
        for number, file in enumerate(sealed.files)
    ]
    ledger.write(tx, "part", rows)
    ledger.write(tx, "stage", [{"run_id": run_id, "stage": stage, "done_at": at, "seconds": seconds, "note": ""}])


def sealed_in(tx: Transaction, run_id: bytes, *, root: Path) -> dict[str, Sealed]:
    """Handles of everything a run sealed, by table; tables whose stage wrote no row are not in it."""
    rows = ledger.ask(tx, named("ledger.flow.parts"), {"run_id": run_id})
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["table_name"], []).append(row)
    return {table: _handle(table, parts, run_id=run_id, root=root) for table, parts in found.items()}


def loaded(tx: Transaction, table: str, *, root: Path, before: datetime | None = None) -> Sealed:
    """A handle over every load of a table so far, or before an instant of the machine's time."""
    rows = ledger.ask(tx, named("ledger.flow.parts_of_table"), {"table_name": table})
    parts = [row for row in rows if before is None or row["sealed_at"] <= before]
    return _handle(table, parts, run_id=bytes(16), root=root)


def empty(table: str) -> pa.Table:
    """No rows under a table's contract."""
    return contracts.table(table).schema.empty_table()


def _handle(table: str, parts: list[dict[str, Any]], *, run_id: bytes, root: Path) -> Sealed:
    files = (
        SealedFile(path=str(root / part["path"]), content_hash=part["content_hash"], rows=part["rows"])
        for part in parts
    )
    return Sealed(table=table, run_id=run_id, files=tuple(files))
