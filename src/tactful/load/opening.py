"""A file of any form, opened under a source: its header, its stretches of rows, and how its bytes are written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tactful.load.chunk import Chunk
from tactful.load.delimited import open_delimited
from tactful.load.dialect import Said
from tactful.load.encodings import Evidence
from tactful.load.fingerprints import Prints, fingerprints, of_slices
from tactful.load.header import Header, match_header
from tactful.load.json_lines import open_json_lines
from tactful.load.judging import Stretch
from tactful.load.limits import Limits
from tactful.load.mapping import asked_headers
from tactful.load.parquet import open_parquet
from tactful.load.quarantine import unreadable
from tactful.load.refused import RefusedRow
from tactful.project.sources import Source
from tactful.words.errors import SourceHeld

USUAL_ROW_BYTES = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beside:
    """What a stretch of a file held besides readable rows. Stability: internal.

    Attributes:
        bad: the rows that could not be cut into cells.
        blank: empty lines.
        unknown: keys of JSON that nobody asked for.
    """

    bad: list[RefusedRow]
    blank: int = 0
    unknown: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Read:
    """One stretch of a file as it was read. Stability: internal.

    Attributes:
        stretch: the readable rows.
        beside: what else was met.
    """

    stretch: Stretch
    beside: Beside


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opened:
    """A file that was surveyed, before its rows are read. Stability: internal.

    Attributes:
        digest: SHA-256 of the file, 16 bytes.
        header: its columns.
        rows: how many rows it states; None where it does not.
        about_rows: how many there are about, so that room is made for them.
        pieces: what `read` takes, in order; bound to one thread.
        read: one piece as rows of text; pure.
        written_as: form, encoding, delimiter and header as JSON, enough to read one row's bytes again.
        found: encoding, delimiter and packing for the report.
    """

    digest: bytes
    header: Header
    rows: int | None
    about_rows: int
    pieces: Callable[[], Iterator[Any]]  # Any: each form has its own
    read: Callable[[Any], Read]
    written_as: str
    found: dict[str, str]


def open_form(source: Source, path: Path) -> Opened:
    """Survey a file as its source says it is.

    Raises:
        SourceHeld: the file as a whole cannot be loaded; the message says why.
    """
    limits = Limits(damaged_share=float(source.limits.garbled))
    match source.format or _form_of(path):
        case "csv":
            _refuse_parquet(path, source=source.source)
            return _open_csv(source, path, limits=limits)
        case "json_lines":
            _refuse_array(path)
            return _open_json(source, path, limits=limits)
        case "parquet":
            return _open_parquet(source, path)


def _form_of(path: Path) -> Literal["csv", "parquet", "json_lines"]:
    """What a file's ending says it is."""
    name = path.name.lower().removesuffix(".gz")
    if name.endswith((".parquet", ".pq")):
        return "parquet"
    return "json_lines" if name.endswith((".jsonl", ".ndjson", ".json")) else "csv"


def _refuse_parquet(path: Path, *, source: str) -> None:
    with path.open("rb") as file:
        if file.read(4) == b"PAR1":
            raise SourceHeld.say(
                where=path.name,
                what="it is a Parquet file, and is read as text",
                do=f"write  format: parquet  into sources/{source}.yaml",
            )


def _refuse_array(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            raise SourceHeld.say(
                where=path.name,
                what="it is one JSON array, and one object a line is read",
                do=f"write its objects one a line, as  jq -c '.[]' {path.name}  does",
            )


def written_as(form: str, *, header: Header, encoding: str = "utf-8", delimiter: str = "") -> str:
    """How bytes of a file are written, as JSON."""
    told = {"form": form, "encoding": encoding, "delimiter": delimiter, "names": list(header.names)}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _open_csv(source: Source, path: Path, *, limits: Limits) -> Opened:
    said = Said(delimiter=source.delimiter, names=source.header or None, skip=source.skip)
    file = open_delimited(path, encoding=source.encoding, said=said, limits=limits)
    survey, dialect = file.survey, file.dialect
    wanted = wanted_of(source, dialect.header)
    delimiter = dialect.delimiter.decode()
    return Opened(
        digest=survey.digest[:16],
        header=dialect.header,
        rows=None,
        about_rows=survey.plain_bytes // USUAL_ROW_BYTES,
        pieces=file.windows,
        read=lambda window: _read(file.chunk(window, wanted=wanted)),
        written_as=written_as("csv", header=dialect.header, encoding=survey.encoding, delimiter=delimiter),
        found={
            "encoding": f"{survey.encoding} ({_how(survey.evidence)})",
            "delimiter": f"{delimiter!r} ({_how(dialect.evidence)})",
            "packing": survey.packing.value,
        },
    )


def _open_json(source: Source, path: Path, *, limits: Limits) -> Opened:
    file = open_json_lines(path, keys=asked_headers(source), encoding=source.encoding, limits=limits)
    header = Header(names=file.keys)
    return Opened(
        digest=file.survey.digest[:16],
        header=header,
        rows=None,
        about_rows=file.survey.plain_bytes // USUAL_ROW_BYTES,
        pieces=file.windows,
        read=lambda window: _read(file.chunk(window)),
        written_as=written_as("json_lines", header=header, encoding=file.survey.encoding),
        found={
            "encoding": f"{file.survey.encoding} ({_how(file.survey.evidence)})",
            "packing": file.survey.packing.value,
        },
    )


def _open_parquet(source: Source, path: Path) -> Opened:
    file = open_parquet(path)
    wanted = wanted_of(source, file.header)
    return Opened(
        digest=file.digest[:16],
        header=file.header,
        rows=file.rows,
        about_rows=file.rows,
        pieces=file.pages,
        read=lambda page: _read(file.chunk(page, wanted=wanted)),
        written_as=written_as("parquet", header=file.header),
        found={},
    )


def wanted_of(source: Source, header: Header) -> frozenset[str]:
    """The file's columns that the source asks for."""
    return frozenset(match_header(header, asked=asked_headers(source)).found.values())


def _how(evidence: Evidence) -> str:
    return evidence.value


def _read(chunk: Chunk) -> Read:
    """A chunk as a stretch."""
    stretch = Stretch(
        columns=chunk.columns,
        lines=chunk.lines,
        offsets=chunk.offsets,
        raw=chunk.raw,
        whole=lambda: whole_prints(chunk),
    )
    beside = Beside(bad=unreadable(chunk.bad), blank=chunk.blank, unknown=Counter(chunk.unknown))
    return Read(stretch=stretch, beside=beside)


def whole_prints(chunk: Chunk) -> Prints:
    """Fingerprints of whole rows: of their bytes without the line end, or of every column of a Parquet file."""
    if chunk.offsets is None or chunk.lengths is None:
        rows = chunk.columns if chunk.whole is None else chunk.whole
        return fingerprints(rows.columns)
    data = np.frombuffer(chunk.source, np.uint8)
    starts = chunk.offsets - chunk.source_start
    ends = starts + chunk.lengths
    for sign in b"\n\r":
        ends = ends - ((ends > starts) & (data[np.maximum(ends - 1, 0)] == sign))
    return of_slices(data, starts=starts, lengths=ends - starts)
