"""Delimited text (CSV and its kin) from file to chunks: our row boundaries, Arrow's columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from tactful.load.boundaries import FAULTS, Shape
from tactful.load.chunk import BadRow, Chunk, Integers, bad_rows
from tactful.load.cutting import Window, too_long, windows
from tactful.load.damage import mojibake_at
from tactful.load.decoding import Survey, pieces, source_positions, survey
from tactful.load.dialect import SAMPLE_BYTES, Dialect, Said, dialect_of
from tactful.load.limits import Limits
from tactful.load.rules import Rule
from tactful.load.unpacking import held


@dataclass(frozen=True, slots=True, kw_only=True)
class Delimited:
    """A delimited file, surveyed, with its header read. Stability: caller."""

    survey: Survey
    dialect: Dialect
    limits: Limits

    def windows(self) -> Iterator[Window]:
        """The file cut into stretches of settled rows, in order; cheap, and bound to one thread."""
        header, limits = self.dialect.header, self.limits
        shape = Shape(delimiter=self.dialect.delimiter, fields=len(header.names), limits=limits)
        return windows(self.survey, shape=shape, skip_bytes=self.dialect.text_bytes, skip_lines=self.dialect.lines)

    def chunk(self, window: Window, *, wanted: Collection[str] | None = None) -> Chunk:
        """The columns and bad rows of one window; pure, and most of the work, so it may run on any thread.

        Args:
            window: settled rows.
            wanted: columns to read; None for all.
        """
        return read_window(window, file=self, wanted=wanted)

    def chunks(self) -> Iterator[Chunk]:
        """The file's chunks in order."""
        return map(self.chunk, self.windows())


def open_delimited(
    path: Path,
    *,
    encoding: str | None = None,
    said: Said | None = None,
    limits: Limits | None = None,
) -> Delimited:
    """Survey a delimited file and read its header.

    Args:
        path: the file; plain, gzip or zip with one member.
        encoding: declared; None to find it.
        said: delimiter, names of columns and lines to skip, where they are declared.
        limits: the bounds of reading.

    Raises:
        SourceHeld: the file as a whole cannot be loaded; the message says why.
    """
    limits = limits or Limits()
    found = survey(path, encoding=encoding, limits=limits)
    sample = b""
    for piece in pieces(found, limits=limits.at_a_glance):
        sample += piece.text
        if len(sample) > SAMPLE_BYTES:
            break
    final = len(sample) <= SAMPLE_BYTES
    sample = sample[:SAMPLE_BYTES]
    dialect = dialect_of(sample, path=path, final=final, limits=limits, said=said or Said())
    return Delimited(survey=found, dialect=dialect, limits=limits)


def read_window(window: Window, *, file: Delimited, wanted: Collection[str] | None = None) -> Chunk:
    """Columns, positions and bad rows of one window."""
    rows, header = window.rows, file.dialect.header
    good = np.flatnonzero(rows.faults == 0)
    columns = read_columns(window, good=good, file=file, wanted=wanted)
    places = np.concatenate([rows.starts, rows.nexts])
    if window.text is not window.source:
        places = source_positions(window.text, positions=places, encoding=file.survey.encoding)
    starts, nexts = places[: len(rows.starts)], places[len(rows.starts) :]
    bad = refused_rows(window, starts=starts, nexts=nexts, fields=len(header.names), kept=file.limits.row_bytes)
    doubtful = np.empty(0, np.int64)
    if file.survey.mojibake:
        which = np.searchsorted(rows.starts[good], mojibake_at(window.text), side="right") - 1
        doubtful = np.unique(which[which >= 0])
    return Chunk(
        columns=columns,
        lines=rows.lines[good] + window.line,
        offsets=starts[good] + window.offset,
        lengths=(nexts - starts)[good],
        bad=pa.concat_batches([bad_rows(window.long_rows), bad]),
        blank=rows.blank,
        doubtful=doubtful,
        source=window.source,
        source_start=window.offset,
    )


def refused_rows(window: Window, *, starts: Integers, nexts: Integers, fields: int, kept: int) -> pa.RecordBatch:
    """The bad rows of a window as columns."""
    rows = window.rows
    listed = []
    for number in np.flatnonzero(rows.faults).tolist():
        rule = FAULTS[rows.faults[number]]
        assert rule is not None
        start, following = int(starts[number]), int(nexts[number])
        reason = rule.sentence
        if rule is Rule.ROW_TOO_LONG:
            reason = too_long(following - start, kept=min(kept, following - start))
            following = min(following, start + kept)
        elif rule in {Rule.TOO_FEW_FIELDS, Rule.TOO_MANY_FIELDS}:
            reason = f"{reason}: {rows.fields[number]} instead of {fields}"
        listed.append(
            BadRow(
                line=int(rows.lines[number]) + window.line,
                byte_offset=start + window.offset,
                raw=window.source[start:following],
                field=None,
                rule=rule,
                reason=reason,
            )
        )
    return bad_rows(listed)


def read_columns(
    window: Window, *, good: Integers, file: Delimited, wanted: Collection[str] | None = None
) -> pa.RecordBatch:
    """The good rows of a window as columns of text; empty and absent are both the empty text."""
    names = file.dialect.header.names
    chosen = [name for name in file.dialect.header.loaded if wanted is None or name in wanted]
    schema = pa.schema([(name, pa.string()) for name in chosen])
    if len(good) == 0:
        return pa.record_batch([pa.array([], pa.string()) for _ in schema], schema=schema)
    # A column without a name still has to be told apart from the others.
    inner = [name or f"\0{place}" for place, name in enumerate(names)]
    text = good_text(window, good=good)
    table = arrow_csv.read_csv(
        pa.BufferReader(text),
        read_options=arrow_csv.ReadOptions(column_names=inner, block_size=len(text) + 1, use_threads=False),
        parse_options=arrow_csv.ParseOptions(
            delimiter=file.dialect.delimiter.decode(), newlines_in_values=True, ignore_empty_lines=False
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(inner, pa.string()),
            include_columns=list(schema.names),
            strings_can_be_null=False,
            check_utf8=False,
        ),
    )
    if table.num_rows != len(good):
        what = f"from line {window.line}, {len(good)} rows were found and {table.num_rows} read"
        raise held(file.survey.path, what, do="report this file: its rows cannot be told apart with certainty")
    return table.combine_chunks().to_batches()[0].cast(schema)


def good_text(window: Window, *, good: Integers) -> pa.Buffer:
    """The bytes of the good rows, in one piece; no copy where every row is good and none is empty."""
    starts, nexts = window.rows.starts[good], window.rows.nexts[good]
    breaks = np.flatnonzero(starts[1:] != nexts[:-1]) + 1
    firsts = np.concatenate([[0], breaks])
    lasts = np.concatenate([breaks, [len(good)]]) - 1
    whole = pa.py_buffer(window.text)
    if len(breaks) == 0:
        return whole.slice(int(starts[0]), int(nexts[-1] - starts[0]))
    view = memoryview(window.text)
    runs = zip(starts[firsts].tolist(), nexts[lasts].tolist(), strict=True)
    return pa.py_buffer(b"".join([view[start:following] for start, following in runs]))
