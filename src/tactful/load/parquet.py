"""Parquet from file to chunks: the row number stands for the line, and there is no byte offset."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet as arrow_parquet

from tactful.load.chunk import Chunk, as_json
from tactful.load.header import Header, read_header
from tactful.load.unpacking import held

ROWS_PER_CHUNK = 65_536
_TOLD_APART = float(1 << 53)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Page:
    """Consecutive rows as a Parquet file holds them. Stability: internal.

    Attributes:
        rows: with every column.
        first: number of the first row, from 1.
    """

    rows: pa.RecordBatch
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetFile:
    """A Parquet file whose footer was read. Stability: caller.

    Attributes:
        path: the file.
        size: its size in bytes.
        digest: SHA-256 of the file, 32 bytes.
        header: its columns.
        rows: number of rows its footer states.
        schema: the types it states.
    """

    path: Path
    size: int
    digest: bytes
    header: Header
    rows: int
    schema: pa.Schema

    def chunks(self) -> Iterator[Chunk]:
        """The file's chunks in order.

        Raises:
            SourceHeld: a page is broken, or the rows are not as many as the footer states.
        """
        return map(self.chunk, self.pages())

    def chunk(self, page: Page, *, wanted: Collection[str] | None = None) -> Chunk:
        """A page as a chunk of text; pure, so it may run on any thread.

        Args:
            page: rows as the file holds them.
            wanted: columns to read; None for all.
        """
        return read_batch(page.rows, first=page.first, header=self.header, wanted=wanted)

    def pages(self) -> Iterator[Page]:
        """The file's rows in order, as it holds them; bound to one thread.

        Raises:
            SourceHeld: a page is broken, or the rows are not as many as the footer states.
        """
        given = 0
        try:
            with arrow_parquet.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=ROWS_PER_CHUNK, use_threads=False):
                    yield Page(rows=batch, first=given + 1)
                    given += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise held(self.path, f"it is no readable Parquet ({error})", do="ask for it again") from error
        if given != self.rows:
            raise held(self.path, f"its footer states {self.rows:,} rows and it holds {given:,}", do="ask for it again")


def open_parquet(path: Path) -> ParquetFile:
    """Read the footer of a Parquet file.

    Raises:
        SourceHeld: it is no Parquet, is cut short, or one name stands twice.
    """
    try:
        with arrow_parquet.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise held(path, f"it is no readable Parquet ({error})", do="ask for it again") from error
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").digest()
    header = read_header(schema.names, path=path)
    size = path.stat().st_size
    return ParquetFile(path=path, size=size, digest=digest, header=header, rows=rows, schema=schema)


def read_batch(batch: pa.RecordBatch, *, first: int, header: Header, wanted: Collection[str] | None = None) -> Chunk:
    """A batch as a chunk of text: each value as a person would write it, null as the empty text.

    Instants are ISO text, with Z where the column knows its zone; decimals keep their places; floats are written with
    the fewest digits that tell them apart.
    """
    named = [(name, column) for name, column in zip(header.names, batch.columns, strict=True) if name]
    chosen = [(name, column) for name, column in named if wanted is None or name in wanted]
    columns = pa.record_batch([as_text(column) for _, column in chosen], names=[name for name, _ in chosen])
    whole = pa.record_batch([column for _, column in named], names=[name for name, _ in named])

    def as_raw(row: int) -> bytes:
        one = [as_text(column) for column in whole.slice(row, 1).columns]
        return as_json(pa.record_batch(one, names=whole.schema.names), row=0)

    return Chunk(columns=columns, lines=np.arange(first, first + batch.num_rows), whole=whole, as_raw=as_raw)


def as_text(column: pa.Array) -> pa.Array:
    """A column as text.

    >>> as_text(pa.array([1, None])).to_pylist()
    ['1', '']
    """
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        # Some writers do not say that their bytes are text.
        texts = [None if value is None else value.decode("utf-8", "replace") for value in column.to_pylist()]
        written = pa.array(texts, pa.string())
    elif pa.types.is_nested(column.type):
        written = pa.array([_as_json(value) for value in column.to_pylist()], pa.string())
    elif pa.types.is_timestamp(column.type):
        utc = column.cast(pa.timestamp(column.type.unit, tz="UTC")) if column.type.tz else column
        written = pc.replace_substring_regex(utc.cast(pa.string()), r"\.0+(Z?)$", r"\1")
    else:
        written = column.cast(pa.string())
        if pa.types.is_floating(column.type):
            written = _in_full(written, numbers=column)
    return written.fill_null("")


def _as_json(value: object) -> str | None:
    """A list or a struct as JSON."""
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _in_full(written: pa.Array, *, numbers: pa.Array) -> pa.Array:
    """Numbers like 4.0128e+10 in full while a float tells whole numbers apart: a barcode is no spreadsheet's damage."""
    told = pc.less(pc.abs(numbers), _TOLD_APART)
    short = pc.fill_null(pc.and_(told, pc.match_substring_regex(written, r"e[+-]\d\d?$")), fill_value=False)
    if not pc.any(short).as_py():
        return written
    full = [format(Decimal(text), "f") for text in written.filter(short).to_pylist()]
    return pc.replace_with_mask(written, short, pa.array(full, pa.string()))
