"""The lake: Parquet files written by atomic rename; a row in the ledger seals them, and then they never change."""

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
    spool = _Spool(contracts.table(table), root=root, run_id=run_id, part=part, most_in_memory=most_in_memory)
    for batch in batches:
        spool.add(batch)
    return spool.finish()


def seal_all(
    batches: Iterable[pa.RecordBatch], *, tables: Sequence[str], root: Path, run_id: bytes, part: str = "0"
) -> dict[tuple[str, str], Sealed]:
    """Writes the mixed rows of several tables at once; each batch names its table in its schema's metadata.

    A batch whose metadata also has `part` goes to a file of that name, so that an open table may have several shapes.

    Args:
        batches: rows of any of `tables`, in any order.
        tables: the tables that may be written; each gets a handle even where no row came.
        root, run_id, part: as for `seal`.

    Returns:
        Handles by (table, part).

    Raises:
        StoreFaulty: a batch names no table, or one that may not be written here.
    """
    spools = {(table, part): _Spool(contracts.table(table), root=root, run_id=run_id, part=part) for table in tables}
    shaped = set()
    for batch in batches:
        labels = batch.schema.metadata or {}
        name, own = labels.get(b"table", b"").decode(), labels.get(b"part", part.encode()).decode()
        if name not in tables:
            raise StoreFaulty.say(
                where=name or "a batch", what="may not be written here", do="name it in the stage's writes"
            )
        if (name, own) not in spools:
            spools[name, own] = _Spool(contracts.table(name), root=root, run_id=run_id, part=own)
            shaped.add(name)
        spools[name, own].add(batch)
    return {
        key: spool.finish() for key, spool in spools.items() if key[1] != part or key[0] not in shaped or spool.rows
    }


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
    for path in root.rglob("*.parquet*"):
        if str(path) not in known:
            path.unlink()
            removed += 1
    return removed


def file_hash(path: Path) -> bytes:
    """The first 16 bytes of SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()[:16]


class _Spool:
    """Rows of one file on their way: held in memory, or spilled when they grow too many, and sorted at the end."""

    def __init__(
        self, contract: Table, *, root: Path, run_id: bytes, part: str, most_in_memory: int = SORT_IN_MEMORY_ROWS
    ) -> None:
        self.contract, self.run_id, self.part, self.most_in_memory = contract, run_id, part, most_in_memory
        self.folder = root / contract.name / f"run={run_id.hex()}"
        self.held: list[pa.RecordBatch] = []
        self.rows = 0
        self.spill: pq.ParquetWriter | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        """Takes rows in."""
        _check(self.contract, batch)
        self.rows += batch.num_rows
        if self.spill is not None:
            self.spill.write_batch(batch)
            return
        self.held.append(batch)
        if self.rows > self.most_in_memory:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.spill = pq.ParquetWriter(self._raw, batch.schema, compression="zstd")
            for held in self.held:
                self.spill.write_batch(held)
            self.held = []

    def finish(self) -> Sealed:
        """Sorts, writes, makes durable, and gives the file its final name."""
        paths: tuple[str, ...] = ()
        digest = hashlib.sha256(b"").digest()[:16]
        if self.rows:
            self.folder.mkdir(parents=True, exist_ok=True)
            temporary = self.folder / f"{_UNSEALED}{self._file}"
            self._write_spilled(temporary) if self.spill else self._write_held(temporary)
            make_durable(temporary)
            digest = file_hash(temporary)
            temporary.replace(self.folder / self._file)
            make_durable(self.folder)
            paths = (str(self.folder / self._file),)
        return Sealed(table=self.contract.name, run_id=self.run_id, paths=paths, content_hash=digest, rows=self.rows)

    @property
    def _file(self) -> str:
        return f"{self.part.replace('/', '__')}.parquet"

    @property
    def _raw(self) -> Path:
        return self.folder / f"{_UNSEALED}{self._file}.raw"

    def _write_held(self, path: Path) -> None:
        table = pa.Table.from_batches(self.held)
        keys = [(name, "ascending") for name in self.contract.sort if name in table.column_names]
        if keys:
            table = table.take(pc.sort_indices(table, sort_keys=keys))
        pq.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP_ROWS)

    def _write_spilled(self, path: Path) -> None:
        assert self.spill is not None
        self.spill.close()
        schema = self.spill.schema
        with (
            Engine.open(memory="2GB", scratch=self.folder / ".spill") as engine,
            pq.ParquetWriter(path, schema, compression="zstd") as writer,
        ):
            for batch in engine.sorted(str(self._raw), keys=self.contract.sort, rows=ROW_GROUP_ROWS):
                writer.write_batch(batch.cast(schema), row_group_size=ROW_GROUP_ROWS)
        self._raw.unlink()


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


def make_durable(path: Path) -> None:
    """Returns when a file, or a folder's list of names, is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
