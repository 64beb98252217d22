"""A stretch of rows read from a file: columns of text, where each row stood, and the rows that could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.load.rules import Rule

Integers = NDArray[np.int64]

BAD_ROWS = pa.schema(
    [
        ("line", pa.int64()),
        ("byte_offset", pa.int64()),
        ("raw", pa.binary()),
        ("field", pa.string()),
        ("rule", pa.string()),
        ("reason", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """One row that was not accepted, with everything needed to mend and replay it. Stability: full.

    Attributes:
        line: physical line in the file on which the row starts, from 1; for Parquet the row number, from 1.
        byte_offset: where its first byte stands in the file (in what it unpacks to, if packed); None for Parquet.
        raw: its exact bytes with the line end; for Parquet the row as JSON.
        field: name of the field at fault; None where the row as a whole is.
        rule: the rule it breaks.
        reason: the same for a person, with the value where there is one.
    """

    line: int
    byte_offset: int | None
    raw: bytes
    field: str | None
    rule: Rule
    reason: str


def bad_rows(rows: Iterable[BadRow]) -> pa.RecordBatch:
    """Bad rows as columns, with the schema `BAD_ROWS`.

    >>> row = BadRow(line=2, byte_offset=4, raw=b"1,", field=None, rule=Rule.NUL_BYTE, reason="a NUL")
    >>> bad_rows([row]).column("rule").to_pylist()
    ['nul_byte']
    """
    listed = list(rows)
    return pa.record_batch(
        [
            pa.array([r.line for r in listed], pa.int64()),
            pa.array([r.byte_offset for r in listed], pa.int64()),
            pa.array([r.raw for r in listed], pa.binary()),
            pa.array([r.field for r in listed], pa.string()),
            pa.array([r.rule.value for r in listed], pa.string()),
            pa.array([r.reason for r in listed], pa.string()),
        ],
        schema=BAD_ROWS,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chunk:
    """Consecutive rows of a file. Stability: caller.

    Attributes:
        columns: the readable rows, one column of text per header name, in file order.
        lines: physical line on which each readable row starts, from 1; shape (rows,).
        offsets: byte offset of each readable row, line end included; shape (rows,). None for Parquet.
        lengths: its bytes, line end included; shape (rows,). None for Parquet.
        bad: the unreadable rows as columns (`BAD_ROWS`).
        blank: number of empty lines; they are no rows.
        doubtful: positions among the readable rows whose text looks like mojibake; flagged, never mended.
        unknown: keys met that the header does not name, with their number (JSON lines only).
        source: the bytes the chunk was cut from; empty for Parquet.
        source_start: byte offset of `source` in the file.
        whole: for Parquet, the rows with every column of the file, as it holds them; None elsewhere.
        as_raw: for Parquet, one row as JSON with every column of the file.
    """

    columns: pa.RecordBatch
    lines: Integers
    offsets: Integers | None = None
    lengths: Integers | None = None
    bad: pa.RecordBatch = field(default_factory=lambda: bad_rows(()))
    blank: int = 0
    doubtful: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    unknown: dict[str, int] = field(default_factory=dict)
    source: bytes = b""
    source_start: int = 0
    whole: pa.RecordBatch | None = None
    as_raw: Callable[[int], bytes] | None = None

    def __post_init__(self) -> None:
        rows = self.columns.num_rows
        if len(self.lines) != rows:
            raise ValueError(f"{rows} rows but {len(self.lines)} line numbers")
        if (self.offsets is None) != (self.lengths is None):
            raise ValueError("offsets and lengths come together or not at all")
        if self.offsets is not None and self.lengths is not None and not len(self.offsets) == len(self.lengths) == rows:
            raise ValueError(f"{rows} rows, {len(self.offsets)} offsets and {len(self.lengths)} lengths")

    @property
    def rows_read(self) -> int:
        """Readable rows and bad rows together; empty lines are no rows."""
        return int(self.columns.num_rows + self.bad.num_rows)

    def raw(self, row: int) -> bytes:
        """The exact bytes of one readable row, line end included; for Parquet the row as JSON."""
        if self.offsets is None or self.lengths is None:
            return as_json(self.columns, row=row) if self.as_raw is None else self.as_raw(row)
        start = int(self.offsets[row]) - self.source_start
        return self.source[start : start + int(self.lengths[row])]

    def bad_rows(self) -> Iterator[BadRow]:
        """The bad rows one by one, for printing and for tests."""
        for row in self.bad.to_pylist():
            yield BadRow(**{**row, "rule": Rule(row["rule"])})


def as_json(columns: pa.RecordBatch, *, row: int) -> bytes:
    """One row as JSON, keys in column order; instants and decimals as text."""
    return msgspec.json.encode(columns.slice(row, 1).to_pylist()[0], enc_hook=str)
