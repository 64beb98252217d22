"""DuckDB: computes on the lake, in memory, without extensions, with a memory limit; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

from tactful.store import contracts
from tactful.store.sql import Query
from tactful.words.errors import Misuse
from tactful.words.sealed import Sealed

Source: TypeAlias = "Sealed | pa.Table | pa.RecordBatchReader"


class Engine:
    """One connection to an in-memory database. Stability: caller."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, *, memory: str = "1GB", threads: int = 2, scratch: Path | None = None) -> Iterator[Engine]:
        """An engine that ends with the block.

        Args:
            memory: limit such as `1GB`; beyond it DuckDB spills to `scratch`.
            threads: number of threads.
            scratch: folder for spilled data; none means no spilling.
        """
        settings: dict[str, Any] = {  # Any: duckdb's own settings type
            "memory_limit": memory,
            "threads": threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": True,
            "temp_directory": str(scratch) if scratch else "",
        }
        connection = duckdb.connect(":memory:", config=settings)
        connection.execute("SET TimeZone = 'UTC'")
        try:
            yield cls(connection)
        finally:
            connection.close()
            if scratch and scratch.is_dir() and not any(scratch.iterdir()):
                scratch.rmdir()

    def table(
        self, query: Query, *, tables: Mapping[str, Source] | None = None, values: Mapping[str, object] | None = None
    ) -> pa.Table:
        """The whole answer to a query.

        Args:
            query: a named statement, or one built as a typed tree.
            tables: what its table names stand for.
            values: what its `$names` stand for.
        """
        return self._ask(query.text, tables=tables or {}, values=values or {}).to_arrow_table()

    def stream(
        self,
        query: Query,
        *,
        tables: Mapping[str, Source] | None = None,
        values: Mapping[str, object] | None = None,
        rows: int = 65_536,
    ) -> Iterator[pa.RecordBatch]:
        """The answer a bounded number of rows at a time."""
        yield from self._ask(query.text, tables=tables or {}, values=values or {}).to_arrow_reader(rows)

    def make(
        self,
        name: str,
        query: Query,
        *,
        tables: Mapping[str, Source] | None = None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        """Keeps the answer to a query as a table of this engine, under a name that later queries may use.

        The answer never leaves DuckDB, which spills what memory does not hold.
        """
        kept = _identifier(name)
        self._ask(query.text, tables=tables or {}, values=values or {}).create(f"{kept}__made")
        self._connection.execute(f'DROP TABLE IF EXISTS "{kept}"')
        self._connection.execute(f'ALTER TABLE "{kept}__made" RENAME TO "{kept}"')

    def user_table(self, text: str, *, tables: Mapping[str, Source]) -> pa.Table:
        """The answer to SQL that a user wrote: one SELECT, nothing outside the tables given.

        Raises:
            Misuse: more than one statement, something other than a SELECT, or DuckDB's own complaint.
        """
        try:
            statements = self._connection.extract_statements(text)
        except duckdb.Error as error:
            raise Misuse.say(where="user SQL", what=str(error).splitlines()[0], do="mend the statement") from error
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise Misuse.say(
                where="user SQL", what="is not exactly one SELECT", do="write one SELECT that yields customer_id"
            )
        given = {name: self._arrow(source) for name, source in tables.items()}
        with Engine.open() as inner:
            return inner.locked_table(text, tables=given)

    def locked_table(self, text: str, *, tables: Mapping[str, pa.Table]) -> pa.Table:
        """The answer to one statement with everything outside the tables given locked away, for good.

        Raises:
            Misuse: DuckDB's own complaint.
        """
        for name, table in tables.items():
            self._connection.register(_identifier(name), table)
        for setting in ("enable_external_access = false", "lock_configuration = true"):
            self._connection.execute(f"SET {setting}")
        try:
            return self._connection.sql(text).to_arrow_table()
        except duckdb.Error as error:
            raise Misuse.say(where="user SQL", what=str(error).splitlines()[0], do="mend the statement") from error

    def _arrow(self, source: Source) -> pa.Table:
        if isinstance(source, Sealed):
            self._name("given__", source)
            return self._connection.sql("SELECT * FROM given__").to_arrow_table()
        return source

    def _ask(self, text: str, *, tables: Mapping[str, Source], values: Mapping[str, object]) -> duckdb.DuckDBPyRelation:
        for name, source in tables.items():
            self._name(_identifier(name), source)
        return self._connection.sql(text, params=dict(values) or None)

    def _name(self, name: str, source: Source) -> None:
        if isinstance(source, Sealed) and source.paths:
            relation = self._connection.from_parquet(list(source.paths), union_by_name=len(source.paths) > 1)
            relation.create_view(name, replace=True)
        elif isinstance(source, Sealed):
            self._connection.register(name, contracts.table(source.table).schema.empty_table())
        else:
            self._connection.register(name, source)


def _identifier(name: str) -> str:
    """A name that is safe between double quotes: letters, digits and _ only."""
    if not name.replace("_", "a").isalnum() or not name.isascii():
        raise Misuse.say(where="engine", what=f"{name!r} is no identifier", do="use letters, digits and _")
    return name
