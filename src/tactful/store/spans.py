"""Rows of a table in the order of one column, span after span of its values; each group of rows is read about once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tactful.store import contracts
from tactful.words.sealed import Sealed

LOWEST: Final = -(1 << 63)
HIGHEST: Final = (1 << 63) - 1
HELD_ROWS: Final = 1 << 22
"""So many rows beyond the present span are held for the next; of the rest, groups are read again."""


def evenly(shares: int) -> list[int]:
    """The upper ends of so many spans of one width over all whole numbers; keys that are hashes fill them alike.

    >>> [high > 0 for high in evenly(4)], evenly(1) == [HIGHEST]
    ([False, False, True, True], True)
    """
    width = (1 << 64) // shares
    return [LOWEST + share * width - 1 for share in range(1, shares)] + [HIGHEST]


class Spans:
    """The rows of a table by spans of a whole number that its files are sorted by. Stability: internal.

    Every file is sorted for itself and spans its whole range, so a span lies in all files, and its ends in the middle
    of groups of rows: what lies beyond the end is held for the next span.

    Args:
        source: sealed files, each sorted by `by`, empty values last; or a table, which is sorted here.
        by: the column of whole numbers.
        columns: those wanted, `by` among them.
        coded: columns of text that come dictionary-encoded.
        held_rows: how many rows are held for later spans at most, about.
    """

    def __init__(
        self,
        source: Sealed | pa.Table,
        *,
        by: str,
        columns: Sequence[str],
        coded: Sequence[str] = (),
        held_rows: int = HELD_ROWS,
    ) -> None:
        self._by, self._held_rows, self._given = by, held_rows, LOWEST - 1
        self._files: list[_File] = []
        if isinstance(source, Sealed):
            schema = contracts.table(source.table).schema
            self._loose = schema.empty_table().select([name for name in columns if name in schema.names])
            self._files = [_File(path, by=by, columns=columns, coded=coded) for path in source.paths]
        else:
            self._loose = _coded(source.select(list(columns)).sort_by(by), coded=coded)

    def up_to(self, high: int) -> pa.Table:
        """The rows after the last span up to a value, it included; each file's rows in order, one file after another.

        Args:
            high: not below that of the span before.
        """
        parts, held = [], 0
        for file in self._files:
            rows = file.read_to(high)
            begin, end = self._places(rows, high=high)
            parts.append(rows.slice(begin, end - begin))
            held += file.hold(rows.slice(end), room=self._held_rows - held)
        if not self._files:
            begin, end = self._places(self._loose, high=high)
            parts.append(self._loose.slice(begin, end - begin))
        self._given = high
        return pa.concat_tables(parts)

    def rest(self) -> Iterator[pa.Table]:
        """The rows without a value, a group of rows at a time. Only after the last span."""
        for file in self._files:
            for rows in file.rest():
                yield rows.filter(pc.is_null(rows[self._by]))
        if not self._files:
            yield self._loose.filter(pc.is_null(self._loose[self._by]))

    @property
    def groups_read(self) -> int:
        """How many groups of rows were read, one that was read again twice."""
        return sum(file.groups_read for file in self._files)

    def _places(self, rows: pa.Table, *, high: int) -> tuple[int, int]:
        """Where among rows those begin and end that come after what was given, up to a value."""
        keys = rows[self._by].drop_null().to_numpy()
        begin = 0 if self._given < LOWEST else int(np.searchsorted(keys, self._given, side="right"))
        return begin, int(np.searchsorted(keys, high, side="right"))


class _File:
    """A sealed file, read forwards by groups of rows."""

    def __init__(self, path: str, *, by: str, columns: Sequence[str], coded: Sequence[str]) -> None:
        self._path, self._columns, self._coded = path, list(columns), list(coded)
        with pq.ParquetFile(path) as file:
            self._metadata = file.metadata
            place = file.schema_arrow.get_field_index(by)
        groups = range(self._metadata.num_row_groups)
        self._lows = [_lowest(self._metadata.row_group(group).column(place)) for group in groups]
        self._next = self.groups_read = 0
        self._held: pa.Table | None = None

    def read_to(self, high: int) -> pa.Table:
        """What is held, and the further groups that may have rows up to a value."""
        end = self._next
        while end < len(self._lows) and self._lows[end] <= high:
            end += 1
        parts = [] if self._held is None else [self._held]
        parts.append(self._groups(range(self._next, end)))
        self._next = end
        return pa.concat_tables(parts)

    def hold(self, rows: pa.Table, *, room: int) -> int:
        """Keeps rows that were read too early, where there is room; else they will be read again."""
        if rows.num_rows <= room:
            self._held = rows
            return int(rows.num_rows)
        self._held = None
        left = rows.num_rows
        while left > 0:
            self._next -= 1
            left -= self._metadata.row_group(self._next).num_rows
        return 0

    def rest(self) -> Iterator[pa.Table]:
        """What was not given yet."""
        if self._held is not None:
            yield self._held
        for group in range(self._next, len(self._lows)):
            yield self._groups([group])

    def _groups(self, groups: Sequence[int]) -> pa.Table:
        self.groups_read += len(groups)
        with pq.ParquetFile(self._path, metadata=self._metadata, read_dictionary=self._coded) as file:
            return file.read_row_groups(list(groups), columns=self._columns)


def _lowest(column: pq.ColumnChunkMetaData) -> int:
    """A group's lowest value; beyond all of them where there is none, as low as can be where nothing is said."""
    said = column.statistics
    if said is not None and said.has_min_max:
        return int(said.min)
    is_empty = said is not None and said.has_null_count and said.null_count == column.num_values
    return HIGHEST + 1 if is_empty else LOWEST


def _coded(rows: pa.Table, *, coded: Sequence[str]) -> pa.Table:
    for name in coded:
        rows = rows.set_column(rows.column_names.index(name), name, rows[name].dictionary_encode())
    return rows
