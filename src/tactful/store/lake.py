"""The lake: Parquet files written by atomic rename; a row in the ledger seals them, and then they never change."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import LiteralString

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tactful.store import contracts
from tactful.store.codes import opened
from tactful.store.table import Table
from tactful.words.errors import StoreFaulty
from tactful.words.sealed import Sealed, SealedFile

ROWS_PER_FILE = 1 << 20
"""A table with more rows has several files, so that one is sorted in memory and a row costs the same in any table."""
ROW_GROUP_ROWS = ROWS_PER_FILE // 32
"""A file is sorted, so a reader of a span of keys passes over most groups of rows; small ones waste less."""
_UNSEALED = ".unsealed-"


def seal(
    table: LiteralString,
    batches: Iterable[pa.RecordBatch],
    *,
    root: Path,
    run_id: bytes,
    part: str = "0",
    rows_per_file: int = ROWS_PER_FILE,
) -> Sealed:
    """Writes rows of one table as sorted files and returns their handle.

    A table of up to `rows_per_file` rows is one file. A larger one is cut as the rows come and each file is sorted for
    itself: where rows come in the order of the contract, they are read back in it. A file appears under its final name
    only when it is complete and on disk; until the ledger holds its manifest row it counts for nothing and the next run
    of the stage writes it again.

    Args:
        table: name of a lake table in the contracts.
        batches: rows; their schema must be the contract's (open tables may add columns).
        root: the lake's folder.
        run_id: 16 bytes.
        part: what tells files of one run and table apart.
        rows_per_file: how many rows a file has before the next is begun; a full one has 32 groups of rows.

    Raises:
        StoreFaulty: a column is missing, of another type, or empty where it may not be.
    """
    spool = _Spool(contracts.table(table), root=root, run_id=run_id, part=part, rows_per_file=rows_per_file)
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
    shaped, open_part = set(), dict[str, str]()
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
        if open_part.get(name, own) != own:
            spools[name, open_part[name]].rest()
        open_part[name] = own
        spools[name, own].add(batch)
    sealed = {
        key: spool.finish() for key, spool in spools.items() if key[1] != part or key[0] not in shaped or spool.has_rows
    }
    pa.default_memory_pool().release_unused()  # what the rows took, the next stage may need
    return sealed


def schema(source: Sealed | pa.Table) -> pa.Schema:
    """The columns of a table, of all its files together; of an empty one its contract's."""
    if isinstance(source, pa.Table):
        return source.schema
    if not source.paths:
        return contracts.table(source.table).schema
    every = [pq.read_schema(path) for path in source.paths]
    return every[0] if len(every) == 1 else pa.unify_schemas(every, promote_options="default")


def read(source: Sealed | pa.Table, *, columns: Sequence[str] | None = None, coded: Sequence[str] = ()) -> pa.Table:
    """All rows of a sealed table; where a table is empty, no rows under the contract's schema.

    Args:
        source: a sealed table, or one in memory, which is given back as it is.
        columns: those that are wanted; all where left out. In files without one it is null.
        coded: columns of texts, or of lists of rows with texts, of which the texts are read as dictionaries: the codes
            stand in the file and are not spelt out.
    """
    if isinstance(source, pa.Table):
        return source.select(columns) if columns else source
    if not source.paths:
        empty = contracts.table(source.table).schema.empty_table()
        return empty.select([c for c in columns if c in empty.column_names]) if columns else empty
    wanted = list(columns) if columns else None
    tables = [opened(path, coded=coded).table(wanted) for path in source.paths]
    return pa.concat_tables(tables, promote_options="default")


def batches(
    source: Sealed | pa.Table, *, columns: Sequence[str] | None = None, rows: int = 65_536, coded: Sequence[str] = ()
) -> Iterator[pa.RecordBatch]:
    """The rows in order, a bounded number at a time; `columns` and `coded` as `read` has them."""
    if isinstance(source, pa.Table):
        yield from (source.select(columns) if columns else source).to_batches(max_chunksize=rows)
        return
    for path in source.paths:
        yield from opened(path, coded=coded).batches(list(columns) if columns else None, rows=rows)


def verify(sealed: Sealed) -> None:
    """Compares the files with the hashes of the manifest.

    Raises:
        StoreFaulty: a file is missing or its bytes are not those that were sealed.
    """
    for file in sealed.files:
        if not Path(file.path).is_file():
            raise StoreFaulty.say(where=file.path, what="a sealed file is missing", do="restore it from a backup")
        if file_hash(Path(file.path)) != file.content_hash:
            raise StoreFaulty.say(
                where=file.path,
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
    """Rows of one table on their way: whole files are sorted and written beside the work, the rest at the end.

    What comes in is cut after every `rows_per_file` rows, wherever batches end, so the files depend on the rows alone.
    """

    def __init__(
        self, contract: Table, *, root: Path, run_id: bytes, part: str, rows_per_file: int = ROWS_PER_FILE
    ) -> None:
        self.contract, self.run_id, self.part, self.rows_per_file = contract, run_id, part, rows_per_file
        self.folder = root / contract.name / f"run={run_id.hex()}"
        self.held: list[pa.RecordBatch] = []
        self.held_rows = 0
        self.writing: list[Future[SealedFile]] = []
        self.beside = ThreadPoolExecutor(max_workers=1)

    @property
    def has_rows(self) -> bool:
        """Whether anything came."""
        return bool(self.held_rows or self.writing)

    def add(self, batch: pa.RecordBatch) -> None:
        """Takes rows in; a file that is full is written while more come."""
        _check(self.contract, batch)
        while self.held_rows + batch.num_rows > self.rows_per_file:
            room = self.rows_per_file - self.held_rows
            self._hold(batch.slice(0, room))
            batch = batch.slice(room)
            self._begin_file()
        self._hold(batch)

    def rest(self) -> None:
        """Rows of another part come next: what is held is written if it is much, so that one part is held at a time."""
        if self.held_rows >= self.rows_per_file // 16:
            self._begin_file()

    def finish(self) -> Sealed:
        """Writes what is left, and gives every file of the table."""
        if self.held_rows:
            self._begin_file()
        files = tuple(one.result() for one in self.writing)
        self.beside.shutdown()
        if files:
            make_durable(self.folder)
        return Sealed(table=self.contract.name, run_id=self.run_id, files=files)

    def _hold(self, batch: pa.RecordBatch) -> None:
        self.held.append(batch)
        self.held_rows += batch.num_rows

    def _begin_file(self) -> None:
        """Hands what is held to the writer; first the file before must be done, so that two at most are in memory."""
        if self.writing:
            self.writing[-1].result()
        number = len(self.writing)
        name = self.part.replace("/", "__") + (f"_{number:04}" if number else "") + ".parquet"
        held, self.held, self.held_rows = self.held, [], 0
        self.folder.mkdir(parents=True, exist_ok=True)
        self.writing.append(self.beside.submit(self._write, held, self.folder / name))

    def _write(self, held: list[pa.RecordBatch], path: Path) -> SealedFile:
        """Sorts, writes, makes durable, and gives the file its final name."""
        table = pa.Table.from_batches(held)
        held.clear()
        keys = [(name, "ascending") for name in self.contract.sort if name in table.column_names]
        if keys:
            table = table.take(pc.sort_indices(table, sort_keys=keys))
        unsealed = path.with_name(f"{_UNSEALED}{path.name}")
        rows = min(self.contract.together, max(1, self.rows_per_file // 32))
        pq.write_table(table, unsealed, compression="zstd", row_group_size=rows)
        make_durable(unsealed)
        digest = file_hash(unsealed)
        unsealed.replace(path)
        return SealedFile(path=str(path), content_hash=digest, rows=table.num_rows)


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
