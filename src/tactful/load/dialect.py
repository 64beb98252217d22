"""Which byte separates the fields of a delimited file: declared, said by a `sep=` line, or found by a stated rule."""

from __future__ import annotations

import csv
import io
import itertools
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tactful.load.boundaries import FAULTS, Rows, Shape, find_rows
from tactful.load.encodings import Evidence
from tactful.load.header import Header, read_header
from tactful.load.limits import Limits
from tactful.load.unpacking import held

CANDIDATES = (b",", b";", b"\t", b"|")
SAMPLE_BYTES = 256 * 1024
HEADER_BYTES = 4 * 1024
SEPARATOR_LINE = re.compile(rb"\A(?:\r\n|\r|\n)*sep=([,;\t|])(?:\r\n|\r|\n)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a delimited file is written. Stability: caller.

    Attributes:
        delimiter: one byte.
        evidence: how it is known.
        header: the columns.
        text_bytes: length of everything before the first row of data, in UTF-8.
        lines: physical lines before the first row of data.
    """

    delimiter: bytes
    evidence: Evidence
    header: Header
    text_bytes: int
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a source says of how its file is written. Stability: internal.

    Attributes:
        delimiter: None to find it.
        names: column names of a file without a header row; None where the first row is the header.
        skip: lines before the header or the first row.
    """

    delimiter: str | None = None
    names: tuple[str, ...] | None = None
    skip: int = 0


def dialect_of(sample: bytes, *, path: Path, final: bool, limits: Limits, said: Said) -> Dialect:
    """Read delimiter and header from the beginning of a file.

    The rule where nothing is declared: of comma, semicolon, tab and pipe, the one for which most sampled rows have as
    many fields as the first (two or more); between equals, the one with more fields.

    Args:
        sample: the beginning of the text, in UTF-8.
        path: the file, for messages.
        final: the sample is the whole text.
        limits: the bounds of reading.
        said: what the source declares.

    Raises:
        SourceHeld: the file is empty, two delimiters explain it equally, or its header cannot be read.
    """
    line = SEPARATOR_LINE.match(sample)
    skipped = end_of_line(sample, after=line.end() if line else 0, lines=said.skip)
    if line and said.delimiter is None:
        chosen, evidence = line.group(1), Evidence.MARK
    elif said.delimiter is not None:
        chosen, evidence = one_byte(said.delimiter), Evidence.DECLARED
    else:
        chosen, evidence = detected(sample[skipped:], path=path, final=final, limits=limits), Evidence.DETECTED
    if said.names is not None:
        header = read_header(said.names, path=path)
        lines = count_lines(sample[:skipped])
        return Dialect(delimiter=chosen, evidence=evidence, header=header, text_bytes=skipped, lines=lines)
    shape = Shape(delimiter=chosen, fields=None, limits=limits)
    body = sample[skipped:]
    rows = beginning_of(body, shape=shape)
    if len(rows.starts) == 0:
        rows = find_rows(body, shape=shape, final=final)
    if len(rows.starts) == 0:
        what = "it is empty" if final and not body.strip() else "its first row has no end"
        raise held(path, what, do="check how the file was made; nothing of it was loaded")
    lines = int(rows.lines[0]) + count_lines(body[rows.starts[0] : rows.nexts[0]])
    return Dialect(
        delimiter=chosen,
        evidence=evidence,
        header=read_header(header_names(body, rows=rows, delimiter=chosen, path=path), path=path),
        text_bytes=skipped + int(rows.nexts[0]),
        lines=count_lines(sample[:skipped]) + lines,
    )


def end_of_line(text: bytes, *, after: int, lines: int) -> int:
    """Where so many lines end.

    >>> end_of_line(b"a\\r\\nb\\nc", after=0, lines=2)
    5
    """
    ends = [found.end() for found in itertools.islice(re.finditer(rb"\r\n|\r|\n", text[after:]), lines)]
    return after + ends[-1] if ends else after


def beginning_of(text: bytes, *, shape: Shape) -> Rows:
    """The rows that are complete within the first few thousand bytes: for most files the header and some more."""
    return find_rows(text[:HEADER_BYTES], shape=shape, final=False)


def one_byte(delimiter: str) -> bytes:
    """A declared delimiter as a byte; `tab` and `\\t` name the tab."""
    named = {"tab": "\t", "\\t": "\t"}.get(delimiter.lower(), delimiter)
    if len(named.encode()) != 1 or named in '"\r\n\0':
        raise ValueError(f"the delimiter {delimiter!r} is not one ASCII character other than a quote or a line end")
    return named.encode()


def count_lines(text: bytes) -> int:
    """Physical lines that end in a text; one that is not ended counts too.

    >>> count_lines(b"a\\r\\nb\\rc"), count_lines(b"")
    (3, 0)
    """
    return len(re.findall(rb"\r\n|\r|\n|[^\r\n]\Z", text))


def header_names(text: bytes, *, rows: Rows, delimiter: bytes, path: Path) -> list[str]:
    """The fields of the first row."""
    if fault := FAULTS[rows.faults[0]]:
        raise held(path, f"its header cannot be read: {fault.sentence}", do="mend the first row")
    first = text[rows.starts[0] : rows.ends[0]].decode()
    return next(csv.reader(io.StringIO(first, newline=""), delimiter=delimiter.decode()))


def detected(sample: bytes, *, path: Path, final: bool, limits: Limits) -> bytes:
    """The delimiter by the rule of `dialect_of`; a comma for a file of one column."""
    scores = []
    for candidate in CANDIDATES:
        shape = Shape(delimiter=candidate, fields=None, limits=limits)
        first = beginning_of(sample, shape=shape).fields[:1]
        if len(first) and first[0] < 2:
            continue
        rows = find_rows(sample, shape=shape, final=final)
        if len(rows.fields) and rows.fields[0] >= 2:
            agreeing = float(np.mean((rows.fields == rows.fields[0]) & (rows.faults == 0)))
            scores.append((agreeing, int(rows.fields[0]), candidate))
    if not scores:
        return b","
    best, *others = sorted(scores, reverse=True)
    if others and others[0][:2] == best[:2]:
        names = f"{best[2].decode()!r} and {others[0][2].decode()!r}"
        raise held(path, f"{names} explain its rows equally well as delimiters", do="declare `delimiter:`")
    return best[2]
