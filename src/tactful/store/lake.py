"""The lake: Parquet files written by atomic rename; a manifest row in the ledger seals them, and then they never change."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import LiteralString

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tactful.store import contracts
from tactful.store.engines.duckdb import Engine
from tactful.store.table import Table
from tactful.words.errors import StoreFaulty
from tactful.words.sealed import Sealed

SORT_IN_MEMORY_ROWS = 4_000_000
"""Up to so many rows are sorted in memory; beyond, DuckDB sorts and spills to disk."""
ROW_GROUP_ROWS = 131_072
_UNSEALED = ".unsealed-"


def seal(
    table: LiteralString,
    batches: Iterable[pa.RecordBatch],
    *,
    root: Path,
    run_id: bytes,
    part: str = "0",
    most_in_memory: int = SORT_IN_MEMORY_ROWS,
) -> Sealed:
    """Writes rows of one table as one sorted file and returns its handle.

    The file appears under its final name only when it is complete and on disk; until the ledger holds its manifest row
    it counts for nothing and the next run of the stage writes it again.

    Args:
        table: name of a lake table in the contracts.
        batches: rows; their schema must be the contract's (open tables may add columns).
        root: the lake's folder.
        run_id: 16 bytes.
        part: what tells files of one run and table apart.
        most_in_memory: up to so many rows are sorted in memory; beyond, DuckDB sorts and spills to disk.

    Raises:
        StoreFaulty: a column is missing, of another type, or empty where it may not be.
    """
    contract = contracts.table(table)
    folder = root / table / f"run={run_id.hex()}"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{part}.parquet"
    temporary = folder / f"{_UNSEALED}{part}.parquet"
    rows = _write_sorted(contract, batches, temporary, most_in_memory=most_in_memory)
    if rows == 0:
        temporary.unlink(missing_ok=True)
        return Sealed(table=table, run_id=run_id, paths=(), content_hash=hashlib.sha256(b"").digest()[:16], rows=0)
    _make_durable(temporary)
    digest = file_hash(temporary)
    temporary.replace(target)
    _make_durable(folder)
    return Sealed(table=table, run_id=run_id, paths=(str(target),), content_hash=digest, rows=rows)


def read(source: Sealed | pa.Table, *, columns: Sequence[str] | None = None) -> pa.Table:
    """All rows of a sealed table; where a table is empty, no rows under the contract's schema."""
    if isinstance(source, pa.Table):
        return source.select(columns) if columns else source
    if not source.paths:
        empty = contracts.table(source.table).schema.empty_table()
        return empty.select([c for c in columns if c in empty.column_names]) if columns else empty
    tables = [pq.ParquetFile(path).read(columns=list(columns) if columns else None) for path in source.paths]
    return pa.concat_tables(tables, promote_options="default")


def batches(
    source: Sealed | pa.Table, *, columns: Sequence[str] | None = None, rows: int = 65_536
) -> Iterator[pa.RecordBatch]:
    """The rows in order, a bounded number at a time."""
    if isinstance(source, pa.Table):
        yield from (source.select(columns) if columns else source).to_batches(max_chunksize=rows)
        return
    for path in source.paths:
        yield from pq.ParquetFile(path).iter_batches(batch_size=rows, columns=list(columns) if columns else None)


def verify(sealed: Sealed, *, hashes: Sequence[bytes]) -> None:
    """Compares the files with the hashes of the manifest.

    Raises:
        StoreFaulty: a file is missing or its bytes are not those that were sealed.
    """
    for path, wanted in zip(sealed.paths, hashes, strict=True):
        if not Path(path).is_file():
            raise StoreFaulty.say(where=path, what="a sealed file is missing", do="restore it from a backup")
        if file_hash(Path(path)) != wanted:
            raise StoreFaulty.say(
                where=path,
                what="a sealed file is not what was sealed",
                do="restore it from a backup; do not edit the lake",
            )


def sweep(root: Path, *, sealed: Iterable[str]) -> int:
    """Removes files that no manifest row names: what a killed run left behind. Returns how many.

    Args:
        root: the lake's folder.
        sealed: paths of every sealed file.
    """
    known, removed = {str(Path(path)) for path in sealed}, 0
    for path in root.rglob("*.parquet"):
        if str(path) not in known:
            path.unlink()
            removed += 1
    return removed


def file_hash(path: Path) -> bytes:
    """The first 16 bytes of SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()[:16]


def _write_sorted(contract: Table, batches: Iterable[pa.RecordBatch], path: Path, *, most_in_memory: int) -> int:
    """Writes the rows in the contract's order; returns their number."""
    held: list[pa.RecordBatch] = []
    rows, stream = 0, iter(batches)
    for batch in stream:
        _check(contract, batch)
        held.append(batch)
        rows += batch.num_rows
        if rows > most_in_memory:
            return _write_large(contract, held, stream, path)
    if not rows:
        return 0
    table = pa.Table.from_batches(held)
    keys = [(name, "ascending") for name in contract.sort if name in table.column_names]
    if keys:
        table = table.take(pc.sort_indices(table, sort_keys=keys))
    pq.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP_ROWS)
    return rows


def _write_large(contract: Table, held: list[pa.RecordBatch], stream: Iterator[pa.RecordBatch], path: Path) -> int:
    """More rows than memory should hold: first as they come, then sorted by the engine, which spills."""
    raw = path.with_suffix(".raw")
    schema, rows = held[0].schema, 0
    with pq.ParquetWriter(raw, schema, compression="zstd") as writer:
        while held:
            batch = held.pop(0)
            writer.write_batch(batch)
            rows += batch.num_rows
        for batch in stream:
            _check(contract, batch)
            writer.write_batch(batch)
            rows += batch.num_rows
    with (
        Engine.open(memory="2GB", scratch=path.parent / ".spill") as engine,
        pq.ParquetWriter(path, schema, compression="zstd") as writer,
    ):
        for batch in engine.sorted(str(raw), keys=contract.sort, rows=ROW_GROUP_ROWS):
            writer.write_batch(batch.cast(schema), row_group_size=ROW_GROUP_ROWS)
    raw.unlink()
    return rows


def _check(contract: Table, batch: pa.RecordBatch) -> None:
    """Every column there, of its type, and empty only where it may be."""
    wanted = contract.schema
    for field in wanted:
        if field.name not in batch.schema.names:
            raise StoreFaulty.say(
                where=contract.name, what=f"column {field.name} is missing", do="this is our fault; report it"
            )
        column = batch.column(field.name)
        if column.type != field.type:
            raise StoreFaulty.say(
                where=f"{contract.name}.{field.name}",
                what=f"is {column.type}, not {field.type}",
                do="this is our fault; report it",
            )
        if not field.nullable and column.null_count:
            raise StoreFaulty.say(
                where=f"{contract.name}.{field.name}",
                what=f"{column.null_count} rows are empty",
                do="this is our fault; report it",
            )
    extra = set(batch.schema.names) - set(wanted.names)
    if extra and not contract.open:
        raise StoreFaulty.say(
            where=contract.name, what=f"has columns no contract names: {sorted(extra)}", do="add them to the contract"
        )


def _make_durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
