"""Loads what is new in the project's sources: file by file, each sealed with its account in one transaction."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tactful.deliver import contacts, suppression
from tactful.flow.forgetting import customer_hash
from tactful.flow.manifest import begin_run, end_run, loaded, note_stage
from tactful.flow.progress import Progress
from tactful.flow.running import counted, seal_rows, sweep
from tactful.flow.workspace import Workspace
from tactful.know import consents
from tactful.load import loaded_files
from tactful.load.replaying import REPLAYED, nobody
from tactful.load.sources import Account, Reading, contract_of, digest_of, open_file, open_quarantine
from tactful.project.sources import Source
from tactful.store import ledger
from tactful.store.sql import named
from tactful.words.errors import Misuse
from tactful.words.sealed import Sealed

LOADED_TABLES = (
    "customers",
    "transactions",
    "events",
    "items",
    "stock",
    "consents",
    "preferences",
    "suppressions",
    "past_sends",
    "links",
    "quarantine",
)
"""The lake tables a source may fill."""


def load(space: Workspace, *, progress: Progress) -> list[Account]:
    """Loads every file of every source that was not loaded before; the caller holds the project alone.

    Loading a file twice changes nothing. A file above its error threshold is held whole: nothing of it is loaded.

    Returns:
        One account per file, those known before included.
    """
    sweep(space)
    accounts = [
        _load_file(space, source, path=path, progress=progress)
        for source in space.project.sources.values()
        for path in files_of(space, source)
    ]
    _record_imports(space)
    return accounts


def replay_quarantine(space: Workspace, *, progress: Progress) -> list[Account]:
    """Reads the quarantined rows again under the present contracts; what passes now is loaded as if it always had."""
    sweep(space)
    accounts = []
    for source in space.project.sources.values():
        with space.ledger.reading() as tx:
            waiting = loaded(tx, "quarantine", root=space.lake)
            seen, gone = _seen(tx, space), _erased(tx, space)
        reading = open_quarantine(
            source, waiting=waiting, project=space.project, clock=space.clock, seen=seen, is_erased=gone or nobody
        )
        if reading is not None:
            accounts.append(_seal(space, source, reading=reading, label=f"replay {source.source}", progress=progress))
    _record_imports(space)
    return accounts


def files_of(space: Workspace, source: Source) -> Iterator[Path]:
    """The files of one source, in the order of their names.

    Raises:
        Misuse: a path leads out of the project, or nothing matches.
    """
    root = space.project.root
    found: list[Path] = []
    for pattern in source.files:
        matched = sorted(root.glob(pattern))
        matches = [path for path in matched if not path.is_dir()]
        if not matches:
            is_folder = bool(matched)
            raise Misuse.say(
                where=f"sources/{source.source}.yaml",
                what=f"{pattern!r} is a folder" if is_folder else f"no file matches {pattern!r}",
                do=f"name its files, such as {pattern}/*.csv" if is_folder else "put the file there or mend `files`",
            )
        found += matches
    for path in found:
        if not path.resolve().is_relative_to(root.resolve()):
            raise Misuse.say(
                where=f"sources/{source.source}.yaml", what=f"{path} lies outside the project", do="copy it in"
            )
        yield path


def _load_file(space: Workspace, source: Source, *, path: Path, progress: Progress) -> Account:
    name, contract = str(path.relative_to(space.project.root)), contract_of(source)
    with space.ledger.reading() as tx:
        known = [r for r in ledger.ask(tx, named("ledger.flow.loaded_files")) if r["source"] == source.source]
        seen, is_erased = _seen(tx, space), _erased(tx, space)
    digest = digest_of(path)
    for row in known:
        # A held file is read again under another contract, and while it may wait for its end marker.
        settled = row["state"] == "loaded" or (row["contract"] == contract and source.end_marker is None)
        if row["digest"] == digest and settled:
            progress.skipped(source.source, says=f"{name} was {row['state']} before")
            return _known(row)
    if is_erased and names_anyone(name, is_erased=is_erased):
        name = f"(erased) {digest.hex()[:12]}"
    last = [row["rows_read"] for row in known if row["state"] == "loaded" and not row["file"].startswith(REPLAYED)]
    reading = open_file(
        source,
        path,
        name=name,
        project=space.project,
        clock=space.clock,
        seen=seen,
        last_rows=last[-1] if last and source.snapshot else None,
        is_erased=is_erased or nobody,
    )
    return _seal(space, source, reading=reading, label=name, progress=progress, is_erased=is_erased)


def _erased(tx: ledger.Transaction, space: Workspace) -> Callable[[str], bool] | None:
    """Tells whether a word is the id of somebody who was erased; None where nobody was."""
    hashes = frozenset(row["customer_hash"] for row in ledger.ask(tx, named("ledger.flow.erasures")))
    if not hashes:
        return None
    key = space.key
    return lambda word: customer_hash(word, key=key) in hashes


def names_anyone(text: str, *, is_erased: Callable[[str], bool]) -> bool:
    """Whether a word of a text is the id of somebody who was erased."""
    words = {*re.split(r"[\s,;|\"']+", text), *re.split(r"[^0-9A-Za-z]+", text)}
    return any(is_erased(word) for word in words if word)


def _without_bytes(rows: Iterable[pa.RecordBatch], *, is_erased: Callable[[str], bool]) -> Iterator[pa.RecordBatch]:
    """The same rows; the bytes of a quarantined row that names somebody who was erased are not kept."""
    for batch in rows:
        if "raw" in batch.schema.names:
            texts = [raw.replace(b"\x00", b"").decode("utf-8", "replace") for raw in batch["raw"].to_pylist()]
            theirs = pa.array([names_anyone(text, is_erased=is_erased) for text in texts], pa.bool_())
            kept = pc.if_else(theirs, pa.scalar(b"", pa.binary()), batch["raw"])
            place = batch.schema.names.index("raw")
            columns = [kept if number == place else column for number, column in enumerate(batch.columns)]
            batch = pa.RecordBatch.from_arrays(columns, schema=batch.schema)
        yield batch


def _seal(
    space: Workspace,
    source: Source,
    *,
    reading: Reading,
    label: str,
    progress: Progress,
    is_erased: Callable[[str], bool] | None = None,
) -> Account:
    """Writes what a file held, then one transaction: its parts, its account, and the load run done."""
    began = time.monotonic()
    run = begin_run(space, kind="load", occasion=f"{source.source}:{reading.digest.hex()}")
    part = f"{source.source}-{reading.digest.hex()[:12]}"
    with progress.step(source.source, says=f"load {label}", total=reading.rows_expected) as report:
        read = reading.batches()
        rows = counted(_without_bytes(read, is_erased=is_erased) if is_erased else read, report)
        parts = seal_rows(space, rows, tables=LOADED_TABLES, run_id=run.run_id, part=part)
    account = reading.account
    keep = {key: sealed for key, sealed in parts.items() if account.state == "loaded" and sealed.rows}
    with space.ledger.transaction() as tx:
        note_stage(tx, space, run_id=run.run_id, stage="load", parts=keep, seconds=time.monotonic() - began)
        loaded_files.record(tx, account.row(), run_id=run.run_id, at=space.wall.now)
        end_run(tx, run, state=account.state, summary=account.shown(), at=space.wall.now)
    if account.state != "loaded":
        sweep(space)
    return account


def _seen(tx: ledger.Transaction, space: Workspace) -> dict[str, Sealed]:
    """Everything loaded so far, against which duplicates are recognised."""
    return {name: loaded(tx, name, root=space.lake) for name in LOADED_TABLES}


def _record_imports(space: Workspace) -> None:
    """Imported consents, preferences, suppressions and past sends go into the ledger; what is there already stays."""
    key = space.key
    with space.ledger.transaction() as tx:
        inputs = _seen(tx, space)
        consents.record(inputs, project=space.project, clock=space.clock, tx=tx)
        suppression.record(inputs, key=key, tx=tx)
        contacts.record(inputs, tx=tx)


def _known(row: dict[str, Any]) -> Account:  # Any: a ledger row
    counts = {name: row[name] for name in ("rows_read", "accepted", "quarantined", "duplicate")}
    return Account(
        source=row["source"],
        file=row["file"],
        digest=row["digest"],
        contract=row["contract"],
        state="known" if row["state"] == "loaded" else row["state"],
        why=row["why"],
        **counts,
    )
