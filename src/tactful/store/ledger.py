"""The ledger: what must survive anything, in SQLite through apsw, WAL, synchronous FULL; flow opens transactions."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, LiteralString, TypeAlias

import apsw
import pyarrow as pa

from tactful.store import contracts
from tactful.store.contracts_of_ledger import LEDGER
from tactful.store.migrations import migrations
from tactful.store.sql import Query
from tactful.store.table import TYPES, Table
from tactful.words.errors import StoreFaulty, TactfulError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BUSY_MILLISECONDS = 30_000
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "secure_delete = ON",
    "foreign_keys = ON",
    # KiB, taken as needed: with SQLite's 2 MB a large shop's consents write the same pages again and again.
    "cache_size = -131072",
)
_ROWS_AT_ONCE = 65_536
_LEAST_ROOM = 65_536
"""Below so many free bytes an input or output error means that the disk is full."""

Rows: TypeAlias = "pa.Table | pa.RecordBatch | Sequence[Mapping[str, object]]"


class Transaction:
    """An open transaction; it ends with the block that opened it. Stability: caller."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection


class Ledger:
    """One ledger file. Stability: caller."""

    def __init__(self, connection: apsw.Connection, path: Path) -> None:
        self._connection, self.path = connection, path

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: Path) -> Iterator[Ledger]:
        """Opens a ledger, making or migrating it as needed; only its owner may read the file.

        Raises:
            StoreFaulty: the file is damaged, or was written by a newer Tactful.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            connection = apsw.Connection(str(path))
            Path(path).chmod(0o600)
            connection.set_busy_timeout(_BUSY_MILLISECONDS)
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            _migrate(connection, path)
        except apsw.Error as error:
            if _is_full(error, path):
                raise _full_disk(path) from error
            raise StoreFaulty.say(
                where=str(path), what=f"the ledger cannot be opened: {error}", do=_way_out(error)
            ) from error
        try:
            yield cls(connection, path)
        finally:
            connection.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """All or nothing: commits at the end of the block, rolls back on any error.

        Raises:
            StoreFaulty: the disk is full.
        """
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield Transaction(self._connection)
            self._connection.execute("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(error, apsw.Error) and _is_full(error, self.path):
                raise _full_disk(self.path) from error
            raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[Transaction]:
        """One moment's view for several questions; nothing may be written."""
        self._connection.execute("BEGIN")
        try:
            yield Transaction(self._connection)
        finally:
            self._connection.execute("ROLLBACK")

    def compact(self) -> None:
        """Rewrites the file so that nothing deleted is left in it, the write-ahead log included."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.execute("VACUUM")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _is_full(error: apsw.Error, path: Path) -> bool:
    """Whether the disk is what an error is about: SQLite calls some of them input or output errors."""
    return isinstance(error, apsw.FullError) or shutil.disk_usage(path.parent).free < _LEAST_ROOM


def _way_out(error: apsw.Error) -> str:
    """What helps where a ledger cannot be opened; a backup only where the file itself is damaged."""
    if isinstance(error, apsw.CantOpenError | apsw.ReadOnlyError | apsw.PermissionsError):
        return "give this account the right to read and write the file and its folder; the ledger itself is untouched"
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return "wait for the other process that holds it, and try again"
    return "restore it from a backup"


def _full_disk(path: Path) -> TactfulError:
    do = "make room and give the same command again; nothing that was done is lost"
    return StoreFaulty.say(where=str(path), what="the disk is full", do=do)


def write(tx: Transaction, table: LiteralString, rows: Rows) -> int:
    """Adds rows; a row whose key is there already changes nothing. Returns how many were really added.

    Args:
        tx: the open transaction.
        table: name of a ledger table; the room that calls must be its writer.
        rows: Arrow rows or mappings; columns left out are empty.
    """
    contract = contracts.table(table)
    columns = [column.name for column in contract.columns]
    marks = ", ".join("?" for _ in columns)
    statement = f"INSERT OR IGNORE INTO {contract.name} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608  # names of the contracts
    before = tx.connection.total_changes()
    tx.connection.executemany(statement, _encoded(rows, contract))
    return tx.connection.total_changes() - before


def ask(tx: Transaction, query: Query, values: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
    """The rows a named query answers, each a dict with instants, ids and flags as their Python types."""
    names, rows = _rows(tx, query, values)
    return [{name: _decode(name, value) for name, value in zip(names, row, strict=True)} for row in rows]


def table(tx: Transaction, query: Query, values: Mapping[str, object] | None = None) -> pa.Table:
    """The rows a named query answers, as Arrow; columns have the types of the contracts' columns of the same name."""
    names, rows = _rows(tx, query, values)
    kinds = [_TYPES.get(name) for name in names]
    chunks: list[list[pa.Array]] = [[] for _ in names]
    while block := list(itertools.islice(rows, _ROWS_AT_ONCE)):
        for held, column, kind in zip(chunks, zip(*block, strict=True), kinds, strict=True):
            held.append(_arrow(column, kind))
    if not any(chunks):
        return pa.table([pa.array([], type=kind) for kind in kinds], names=names)
    return pa.table([_joined(held) for held in chunks], names=names)


def _arrow(column: Sequence[Any], kind: pa.DataType | None) -> pa.Array:  # Any: what SQLite holds
    """One column's values as the contracts' type, without a Python call per value."""
    if kind is not None and pa.types.is_timestamp(kind):
        return pa.array(column, type=pa.int64()).cast(kind)
    if kind is not None and pa.types.is_boolean(kind):
        return pa.array(column, type=pa.int64()).cast(kind)
    return pa.array(column, type=kind)


def _joined(chunks: list[pa.Array]) -> pa.ChunkedArray:
    """Chunks as one column; a chunk of nothing but empty values takes the type of the others."""
    kinds = {chunk.type for chunk in chunks if not pa.types.is_null(chunk.type)}
    kind = kinds.pop() if len(kinds) == 1 else chunks[0].type
    return pa.chunked_array([chunk.cast(kind) if chunk.type != kind else chunk for chunk in chunks])


def act(tx: Transaction, query: Query, values: Mapping[str, object] | None = None) -> int:
    """Performs a named UPDATE or DELETE; returns how many rows it changed."""
    before = tx.connection.total_changes()
    tx.connection.execute(query.text, {k: _encode(v) for k, v in (values or {}).items()}).fetchall()
    return tx.connection.total_changes() - before


def act_many(tx: Transaction, query: Query, values: Sequence[Mapping[str, object]]) -> int:
    """Performs a named UPDATE or DELETE once for each set of values; returns how many rows changed in all."""
    before = tx.connection.total_changes()
    tx.connection.executemany(query.text, [{k: _encode(v) for k, v in row.items()} for row in values])
    return tx.connection.total_changes() - before


def stamp(tx: Transaction) -> int:
    """A number that is another one once any other connection has committed; the same means nobody else wrote since."""
    return int(next(iter(tx.connection.execute("PRAGMA data_version")))[0])


def schema_text(tables: Sequence[Table] = LEDGER) -> str:
    """The whole schema as SQL, made from the contracts; migrations are proven to lead to the same."""
    made = []
    for contract in tables:
        columns = [f"    {c.name} {_sqlite_type(c.type)}{'' if c.null else ' NOT NULL'}" for c in contract.columns]
        columns.append(f"    PRIMARY KEY ({', '.join(contract.key)})")
        made.append(f"CREATE TABLE {contract.name} (\n" + ",\n".join(columns) + "\n) STRICT, WITHOUT ROWID;")
        for index in contract.indexes:
            name = f"{contract.name}_by_{'_'.join(index)}"
            made.append(f"CREATE INDEX {name} ON {contract.name} ({', '.join(index)});")
    return "\n\n".join(made) + "\n"


def _rows(
    tx: Transaction, query: Query, values: Mapping[str, object] | None
) -> tuple[list[str], Iterator[tuple[Any, ...]]]:  # Any: what SQLite holds
    """Column names and rows, which are to be taken to their end.

    SQLite forgets the names once a cursor is exhausted, so they are noted as it starts.
    """
    names: list[str] = []

    def note(inner: apsw.Cursor, _sql: str, _bindings: object) -> bool:
        names.extend(name for name, _ in inner.get_description())
        return True

    cursor = tx.connection.cursor()
    cursor.exec_trace = note
    return names, cursor.execute(query.text, {k: _encode(v) for k, v in (values or {}).items()})


def _migrate(connection: apsw.Connection, path: Path) -> None:
    """Brings the file to this version's schema, each step in a transaction of its own."""
    steps = migrations()
    version = next(iter(connection.execute("PRAGMA user_version")))[0]
    if version > len(steps):
        raise StoreFaulty.say(
            where=str(path),
            what=f"was written by a newer Tactful (schema {version}, this one knows {len(steps)})",
            do="upgrade Tactful",
        )
    for number, text in enumerate(steps[version:], start=version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(text)
            connection.execute(f"PRAGMA user_version = {number}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    _same_tables(connection, path)


def _same_tables(connection: apsw.Connection, path: Path) -> None:
    """Refuses a file whose tables lack a column: one made before the first release, for which there are no steps."""
    asked = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
    there = set(connection.execute(asked))
    for contract in LEDGER:
        lacking = [column.name for column in contract.columns if (contract.name, column.name) not in there]
        if lacking:
            what = f"its table {contract.name} lacks {', '.join(lacking)}: a Tactful from before any release made it"
            do = "go on with that one, or begin in a new folder with the same project files; this file is untouched"
            raise StoreFaulty.say(where=str(path), what=what, do=do)


def _encoded(rows: Rows, contract: Table) -> Iterator[tuple[object, ...]]:
    names = [column.name for column in contract.columns]
    if isinstance(rows, pa.Table | pa.RecordBatch):
        have = set(rows.schema.names)
        empty = [None] * rows.num_rows
        yield from zip(*(_column(rows.column(name)) if name in have else empty for name in names), strict=True)
    else:
        for row in rows:
            yield tuple(_encode(row.get(name)) for name in names)


def _column(column: pa.Array | pa.ChunkedArray) -> list[object]:
    """One column's values as SQLite keeps them; the common types without a Python call per value."""
    if pa.types.is_timestamp(column.type):
        return list(column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_pylist())
    if pa.types.is_boolean(column.type):
        return list(column.cast(pa.int8()).to_pylist())
    if pa.types.is_decimal(column.type):
        return list(column.cast(pa.string()).to_pylist())
    if pa.types.is_list(column.type) or pa.types.is_struct(column.type) or pa.types.is_date(column.type):
        return [_encode(value) for value in column.to_pylist()]
    return list(column.to_pylist())


def _encode(value: object) -> Any:  # Any: what SQLite can hold
    match value:
        case bool():
            return int(value)
        case datetime():
            return (value - _EPOCH) // timedelta(microseconds=1)
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case list() | tuple() | dict():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


def _decode(name: str, value: Any) -> Any:  # Any: what SQLite holds
    kind = _TYPES.get(name)
    if value is None or kind is None:
        return value
    if pa.types.is_timestamp(kind):
        return _EPOCH + timedelta(microseconds=value)
    if pa.types.is_boolean(kind):
        return bool(value)
    return value


def _sqlite_type(kind: pa.DataType) -> str:
    if kind in (TYPES["id"], TYPES["bytes"]):
        return "BLOB"
    if kind in (TYPES["whole"], TYPES["flag"], TYPES["time"]):
        return "INTEGER"
    return "REAL" if kind == TYPES["real"] else "TEXT"


def _column_types() -> dict[str, pa.DataType]:
    found: dict[str, pa.DataType] = {}
    for contract in LEDGER:
        for column in contract.columns:
            if found.setdefault(column.name, column.type) != column.type:
                raise TypeError(f"{contract.name}.{column.name} has another type than the same name elsewhere")
    return found


_TYPES = _column_types()
