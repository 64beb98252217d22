"""One customer's rows of a sealed table: of its files only the groups are read that may hold them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tactful.store import contracts, lake
from tactful.words.sealed import Sealed

KEY: Final = "customer_key"
HELD: Final = 32
"""Groups of rows of a table that are held once they were read."""
Whole = NDArray[np.int64]


@dataclass(kw_only=True)
class Finder:
    """A sealed table kept open, in which customers are looked up one after the other. Stability: caller.

    Attributes:
        schema: of the rows.
        files: its files; of each group of rows `low` and `high` are the least and the greatest key, `file` and `group`
            say where it is.
    """

    schema: pa.Schema
    files: tuple[pq.ParquetFile, ...]
    low: Whole
    high: Whole
    file: Whole
    group: Whole
    columns: tuple[str, ...]
    held: OrderedDict[int, tuple[Whole, pa.Table]] = field(default_factory=OrderedDict)

    @classmethod
    def of(cls, source: Sealed, *, columns: Sequence[str] | None = None) -> Finder:
        """Opens a table that has a customer_key.

        Args:
            source: the table; that of one run, whose files are of one shape.
            columns: those that are wanted; all where left out.
        """
        files = tuple(pq.ParquetFile(path) for path in source.paths)
        schema = files[0].schema_arrow if files else contracts.table(source.table).schema
        spans = [
            (*_span(one, group), number, group)
            for number, one in enumerate(files)
            for group in range(one.num_row_groups)
        ]
        table = np.array(spans, dtype=np.int64).reshape(len(spans), 4)
        wanted = tuple(columns) if columns else tuple(schema.names)
        kept = pa.schema([schema.field(name) for name in wanted], metadata=schema.metadata)
        return cls(schema=kept, files=files, low=table[:, 0], high=table[:, 1], file=table[:, 2], group=table[:, 3],
                   columns=wanted)  # fmt: skip

    def rows(self, key: int) -> pa.Table:
        """The rows of one customer_key, in order."""
        parts = []
        for place in np.flatnonzero((self.low <= key) & (key <= self.high)).tolist():
            rows = self._rows(place, key=key)
            parts += [rows] if rows is not None else []
        return pa.concat_tables(parts) if parts else self.schema.empty_table()

    def _rows(self, place: int, *, key: int) -> pa.Table | None:
        """Theirs in one group; the whole group is read only where it has any."""
        if place not in self.held:
            file, group = self.files[int(self.file[place])], int(self.group[place])
            keys = file.read_row_group(group, columns=[KEY], use_threads=False)[KEY].to_numpy()
            if not (keys == key).any():
                return None
            self.held[place] = keys, file.read_row_group(group, columns=list(self.columns), use_threads=False)
            if len(self.held) > HELD:
                self.held.popitem(last=False)
        self.held.move_to_end(place)
        keys, table = self.held[place]
        found = np.flatnonzero(keys == key)
        return table.take(pa.array(found)) if found.size else None


def _span(file: pq.ParquetFile, group: int) -> tuple[int, int]:
    """The least and the greatest key of a group of rows, from what the file says of it."""
    about = file.metadata.row_group(group)
    leaf = next(n for n in range(about.num_columns) if about.column(n).path_in_schema == KEY)
    said = about.column(leaf).statistics
    if said is None or not said.has_min_max:
        keys = file.read_row_group(group, columns=[KEY])[KEY]
        ends = pc.min_max(keys).as_py()
        return ends["min"], ends["max"]
    return said.min, said.max


def of_key(source: Sealed | pa.Table, key: int, *, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of one customer_key, in order; for one question. Who asks often keeps a `Finder`.

    Args:
        source: a table with a customer_key.
        key: whose.
        columns: those that are wanted; all where left out.
    """
    if isinstance(source, pa.Table) or not source.paths:
        table = lake.read(source)
        mine = table.filter(pc.equal(table[KEY], key))
        return mine.select(columns) if columns else mine
    return Finder.of(source, columns=columns).rows(key)
