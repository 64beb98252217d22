"""Text cut into windows of settled rows, the unsettled carried over; a row too long to be held is passed over."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tactful.load.boundaries import Rows, Shape, find_rows
from tactful.load.chunk import BadRow
from tactful.load.decoding import Survey, pieces, source_positions
from tactful.load.limits import Limits
from tactful.load.quoting import CR, LF
from tactful.load.rules import Rule

# What is kept for each line is many times a short line: windows of two-byte lines must not hold four million of them.
MOST_LINES = 1 << 18
LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Window:
    """Text whose rows are settled, before its columns are read. Stability: internal.

    Attributes:
        text: UTF-8.
        source: the bytes it was read from; the same object where the file is UTF-8.
        rows: the rows found in `text`.
        line: physical line of its beginning, from 1.
        offset: byte offset of its beginning in the file.
        long_rows: rows too long to be held, which ended before it.
    """

    text: bytes
    source: bytes
    rows: Rows
    line: int
    offset: int
    long_rows: tuple[BadRow, ...] = ()


def windows(found: Survey, *, shape: Shape, skip_bytes: int, skip_lines: int) -> Iterator[Window]:
    """A surveyed file cut into windows, in order; on one thread, in bounded memory.

    Args:
        found: the survey of the file.
        shape: what its rows should look like.
        skip_bytes: length of what stands before the first row of data, in UTF-8.
        skip_lines: physical lines before the first row of data.
    """
    return Cutter(survey=found, shape=shape, offset=found.mark_bytes).windows(skip_bytes, skip_lines=skip_lines)


@dataclass(slots=True)
class Cutter:
    """Cuts pieces of text into windows, carrying over what is not settled. One pass, one thread."""

    survey: Survey
    shape: Shape
    text: bytes = b""
    source: bytes = b""
    line: int = 1
    offset: int = 0
    long_row: BadRow | None = None
    long_bytes: int = 0

    def windows(self, skip_bytes: int, *, skip_lines: int) -> Iterator[Window]:
        """The windows in order."""
        limits = self.shape.limits
        for text, source, final in with_last(self.survey, limits=limits):
            same = self.text is self.source and text is source
            self.text += text
            self.source = self.text if same else self.source + source
            if len(self.text) < skip_bytes:
                continue
            if skip_bytes:
                self.advance(skip_bytes, lines=skip_lines)
                skip_bytes = 0
            ended = self.end_long_row(final=final) if self.long_row else ()
            if self.long_row:
                continue
            yield from self.settled(final=final, ended=ended)
            if len(self.text) > limits.row_bytes + 1:
                self.begin_long_row()

    def settled(self, *, final: bool, ended: tuple[BadRow, ...]) -> Iterator[Window]:
        """Windows over the text at hand: one, or several where its lines are so short that one would hold too many."""
        whole = False
        while not whole:
            lines = count_lines(self.text)
            part = self.text if lines <= MOST_LINES else self.text[: len(self.text) * MOST_LINES // lines]
            rows = find_rows(part, shape=self.shape, final=final and part is self.text)
            if rows.consumed == 0 and part is not self.text:
                part = self.text
                rows = find_rows(part, shape=self.shape, final=final)
            whole = part is self.text
            source = part if self.text is self.source else self.source
            yield Window(text=part, source=source, rows=rows, line=self.line, offset=self.offset, long_rows=ended)
            self.advance(rows.consumed, lines=rows.physical)
            ended = ()

    def advance(self, count: int, *, lines: int) -> None:
        """Drop settled text and the bytes it was read from."""
        in_source = self.in_source(count)
        same = self.text is self.source
        self.text = self.text[count:]
        self.source = self.text if same else self.source[in_source:]
        self.line += lines
        self.offset += in_source

    def in_source(self, position: int) -> int:
        """Where a place in the text stands in the source bytes held."""
        if self.text is self.source:
            return position
        head = self.text[:position]
        at = np.array([len(head)])
        return int(source_positions(head, positions=at, encoding=self.survey.encoding)[0])

    def begin_long_row(self) -> None:
        """Give up holding a line that is longer than any row may be; keep its beginning."""
        self.long_row = BadRow(
            line=self.line,
            byte_offset=self.offset,
            raw=self.source[: self.shape.limits.row_bytes],
            field=None,
            rule=Rule.ROW_TOO_LONG,
            reason="",
        )
        self.long_bytes = 0
        self.drop(len(self.text) - 1 if self.text.endswith(b"\r") else len(self.text))

    def drop(self, count: int) -> None:
        """Drop text that belongs to the long row."""
        before = self.offset
        self.advance(count, lines=0)
        self.long_bytes += self.offset - before

    def end_long_row(self, *, final: bool) -> tuple[BadRow, ...]:
        """Look for the line end of the long row; empty as long as it is not there."""
        match = LINE_END.search(self.text)
        waits = match is None or (match.end() == len(self.text) and match.group() == b"\r")
        if waits and not final:
            self.drop(match.start() if match else len(self.text))
            return ()
        self.drop(match.end() if match else len(self.text))
        self.line += 1
        row, self.long_row = self.long_row, None
        if row is None:
            return ()
        return (replace(row, reason=too_long(self.long_bytes, kept=len(row.raw))),)


def count_lines(text: bytes) -> int:
    """How many line ends a text has at most; a CR LF counts twice."""
    held = np.frombuffer(text, np.uint8)
    feeds = int(np.count_nonzero(held == LF))
    return feeds + (int(np.count_nonzero(held == CR)) if b"\r" in text else 0)


def too_long(size: int, *, kept: int) -> str:
    """Why a row was not held, in numbers."""
    return f"the row has {size:,} bytes; its first {kept:,} are kept"


def with_last(found: Survey, *, limits: Limits) -> Iterator[tuple[bytes, bytes, bool]]:
    """The pieces of a file as text and source, and whether nothing follows."""
    parts = itertools.chain(pieces(found, limits=limits), [None])
    upcoming = next(parts)
    while upcoming is not None:
        piece, upcoming = upcoming, next(parts)
        yield piece.text, piece.source, upcoming is None
