"""A table of which a column is read when a rule looks at it: most rules look at few."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import pyarrow as pa

from tactful.check.encoded import Encoded
from tactful.store import lake
from tactful.words.sealed import Sealed

_ALONE = frozenset({"customer_id", "decision_id"})
"""What every row has another of is read as it stands, the rest as codes."""


class Late:
    """A table whose columns are read one by one, texts as codes where they come from the lake. Stability: internal.

    Args:
        source: a sealed table, or one in memory.
        rows: those that count, in their order; all where left out.

    >>> made = Late(pa.table({"a": ["x", "y"], "b": [1, 2]}), rows=pa.array([1]))
    >>> made["a"].to_pylist(), made.num_rows, made.column_names
    (['y'], 1, ('a', 'b'))
    """

    def __init__(self, source: Sealed | pa.Table, *, rows: pa.Array | None = None) -> None:
        self.source, self.rows = source, rows
        self.schema = lake.schema(source)
        self._read: dict[str, pa.Array] = {}
        self._encoded: dict[str, Encoded] = {}

    @property
    def column_names(self) -> tuple[str, ...]:
        """Every column's name."""
        return tuple(self.schema.names)

    @cached_property
    def num_rows(self) -> int:
        """How many rows it has."""
        if self.rows is not None:
            return len(self.rows)
        return self.source.num_rows if isinstance(self.source, pa.Table) else self.source.rows

    def __getitem__(self, name: str) -> pa.Array:
        if name not in self._read:
            column = lake.read(self.source, columns=[name], coded=() if name in _ALONE else [name])[name]
            self._read[name] = self._kept(whole(column))
        return self._read[name]

    def encoded(self, name: str) -> Encoded:
        """A column as distinct values and codes."""
        if name not in self._encoded:
            self._encoded[name] = Encoded.of(self[name])
        return self._encoded[name]

    def taken(self, names: Sequence[str], rows: pa.Array) -> pa.Table:
        """Some columns of some rows."""
        return pa.table({name: self[name].take(rows) for name in names})

    def take(self, rows: pa.Array) -> pa.Table:
        """Every column of some rows, read again and not kept."""
        table = lake.read(self.source)
        return (table if self.rows is None else table.take(self.rows)).take(rows)

    def _kept(self, column: pa.Array) -> pa.Array:
        return column if self.rows is None else column.take(self.rows)


def whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column in one piece."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    made = column.unify_dictionaries().combine_chunks()
    return pa.concat_arrays(made.chunks) if isinstance(made, pa.ChunkedArray) else made
