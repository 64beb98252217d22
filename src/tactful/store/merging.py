"""Sorted files of one load as one sorted table: some rows of each are held, and what nothing can precede is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tactful.store import lake
from tactful.words.sealed import Sealed


def merged(source: Sealed | pa.Table, *, by: str, rows: int = 65_536) -> Iterator[pa.RecordBatch]:
    """The rows of each load in the order of one column, a bounded number at a time; equal values come file by file.

    A large table has several files, each sorted for itself. Rows in order find their place in the ledger beside the
    ones before; file after file would go through all of its pages once for each.

    Args:
        source: a sealed table whose files are sorted by `by`, which is empty nowhere; or one in memory, given as it is.
        by: the column, of text or whole numbers.
        rows: how many are held at once of the files of one load, about.
    """
    if isinstance(source, pa.Table):
        yield from lake.batches(source, rows=rows)
        return
    for _, load in groupby(source.paths, key=lambda path: Path(path).parent):
        paths = list(load)
        if len(paths) == 1:
            yield from pq.ParquetFile(paths[0]).iter_batches(batch_size=rows)
        else:
            yield from _together(paths, by=by, rows=max(1, rows // len(paths)))


def _together(paths: Sequence[str], *, by: str, rows: int) -> Iterator[pa.RecordBatch]:
    files = [_File(path, by=by, rows=rows) for path in paths]
    while reading := [file for file in files if not file.is_ended]:
        high = min(file.last for file in reading)
        yield from _sorted([file.below(high) for file in files], by=by)
        for file in reading:
            if file.last == high:
                file.read_on()
    yield from _sorted([file.held for file in files], by=by)


def _sorted(parts: Sequence[pa.Table], *, by: str) -> Iterator[pa.RecordBatch]:
    """Parts as one; the sort is stable, so equal values stay in the order of the files."""
    whole = pa.concat_tables(parts).combine_chunks()
    if whole.num_rows:
        yield from whole.take(pc.sort_indices(whole[by])).combine_chunks().to_batches()


class _File:
    """One sorted file, read forwards; what was read and not given is held, and is never empty before its end."""

    def __init__(self, path: str, *, by: str, rows: int) -> None:
        self._by, self._coming = by, pq.ParquetFile(path).iter_batches(batch_size=rows)
        self.held: pa.Table = pq.read_schema(path).empty_table()
        self.is_ended = False
        self.read_on()

    @property
    def last(self) -> str | int:
        """The highest value read so far; only before the end."""
        value: str | int = self.held[self._by][-1].as_py()
        return value

    def read_on(self) -> None:
        """Holds more rows, or notes that there are none."""
        batch = next(self._coming, None)
        if batch is None:
            self.is_ended = True
        else:
            self.held = pa.concat_tables([self.held, pa.Table.from_batches([batch])])

    def below(self, high: str | int) -> pa.Table:
        """The rows below a value, which are held no longer; rows of that value itself may still come."""
        count = pc.sum(pc.less(self.held[self._by], pa.scalar(high))).as_py() or 0
        given, self.held = self.held.slice(0, count), self.held.slice(count)
        return given
