"""JSON lines from file to chunks: one object per line, unknown keys reported, bad lines kept as they stand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from tactful.load.boundaries import FAULTS, Shape
from tactful.load.chunk import BadRow, Chunk, bad_rows
from tactful.load.cutting import Window, windows
from tactful.load.decoding import Survey, source_positions, survey
from tactful.load.limits import Limits
from tactful.load.rules import Rule

# No text can hold a NUL and be a good row, so nothing is ever split at it.
NO_DELIMITER = b"\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLines:
    """A surveyed file of JSON lines and the keys that are loaded. Stability: caller."""

    survey: Survey
    keys: tuple[str, ...]
    limits: Limits

    def windows(self) -> Iterator[Window]:
        """The file cut into stretches of whole lines, in order."""
        shape = Shape(delimiter=NO_DELIMITER, fields=None, limits=self.limits, quoted=False)
        return windows(self.survey, shape=shape, skip_bytes=0, skip_lines=0)

    def chunk(self, window: Window) -> Chunk:
        """The columns and bad rows of one window; pure, so it may run on any thread."""
        return read_lines(window, file=self)

    def chunks(self) -> Iterator[Chunk]:
        """The file's chunks in order."""
        return map(self.chunk, self.windows())


def open_json_lines(
    path: Path, *, keys: tuple[str, ...], encoding: str | None = None, limits: Limits | None = None
) -> JsonLines:
    """Survey a file of JSON lines.

    Args:
        path: the file; plain, gzip or zip with one member.
        keys: the keys that become columns; any other is counted in `Chunk.unknown`.
        encoding: declared; None to find it.
        limits: the bounds of reading.

    Raises:
        SourceHeld: the file as a whole cannot be loaded.
    """
    limits = limits or Limits()
    return JsonLines(survey=survey(path, encoding=encoding, limits=limits), keys=keys, limits=limits)


def read_lines(window: Window, *, file: JsonLines) -> Chunk:
    """Columns of text, positions and bad rows of one window. null and an absent key are both the empty text."""
    rows = window.rows
    places = np.concatenate([rows.starts, rows.nexts])
    if window.text is not window.source:
        places = source_positions(window.text, positions=places, encoding=file.survey.encoding)
    starts, nexts = places[: len(rows.starts)], places[len(rows.starts) :]
    good: list[int] = []
    bad: list[BadRow] = list(window.long_rows)
    unknown: Counter[str] = Counter()
    cells: dict[str, list[str]] = {key: [] for key in file.keys}
    known = cells.keys() | {key.split(".")[0] for key in cells}
    for number in range(len(rows.starts)):
        rule: Rule | None = FAULTS[rows.faults[number]]
        found = rule or read_object(window.text[int(rows.starts[number]) : int(rows.ends[number])])
        if isinstance(found, Rule):
            raw = window.source[int(starts[number]) : int(nexts[number])][: file.limits.row_bytes]
            line, offset = int(rows.lines[number]) + window.line, int(starts[number]) + window.offset
            bad.append(BadRow(line=line, byte_offset=offset, raw=raw, field=None, rule=found, reason=found.sentence))
            continue
        good.append(number)
        unknown.update(key for key in found if key not in known)
        for key, column in cells.items():
            text = found.get(key)
            column.append(within(found, path=key) if text is None else text)
    chosen = np.array(good, np.int64)
    return Chunk(
        columns=pa.record_batch([pa.array(column, pa.string()) for column in cells.values()], names=list(cells)),
        lines=rows.lines[chosen] + window.line,
        offsets=starts[chosen] + window.offset,
        lengths=(nexts - starts)[chosen],
        bad=bad_rows(bad),
        blank=rows.blank,
        unknown=dict(unknown),
        source=window.source,
        source_start=window.offset,
    )


def read_object(line: bytes) -> dict[str, str] | Rule:
    """One line as an object of cells, or the rule it breaks.

    >>> read_object(b'{"id": 7, "price": 1.10}')
    {'id': '7', 'price': '1.10'}
    >>> read_object(b"[1]"), read_object(b'{"id": 1, "id": 2}')
    (<Rule.NOT_AN_OBJECT: 'not_an_object'>, <Rule.REPEATED_KEY: 'repeated_key'>)
    """
    try:
        whole = msgspec.json.decode(line)  # values kept raw are only skimmed, so the whole line is checked first
        found = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        return Rule.NOT_AN_OBJECT
    except (msgspec.DecodeError, RecursionError):
        return Rule.NOT_JSON
    if line.count(b":") > len(found) and not keys_once(line):
        return Rule.REPEATED_KEY
    cells = {key: as_text(value, decoded=whole[key]) for key, value in found.items()}
    return Rule.NUL_BYTE if any("\0" in text for text in cells.values()) else cells


def within(cells: dict[str, str], *, path: str) -> str:
    """The cell of an object within the object, at a path such as `line.item`; the empty text where there is none.

    >>> within({"line": '{"item": "A", "price": 1.10}'}, path="line.price")
    '1.10'
    >>> within({"line": "7"}, path="line.price")
    ''
    """
    first, _, rest = path.partition(".")
    if not rest or not cells.get(first, "").startswith("{"):
        return ""
    inner = read_object(cells[first].encode())
    if isinstance(inner, Rule):
        return ""
    return inner[rest] if rest in inner else within(inner, path=rest)


def keys_once(line: bytes) -> bool:
    """Whether each object in a line names each key once; msgspec would keep the last and say nothing."""
    once = True

    def look(pairs: list[tuple[str, object]]) -> None:
        nonlocal once
        once = once and len({key for key, _ in pairs}) == len(pairs)

    json.loads(line, object_pairs_hook=look)
    return once


def as_text(value: msgspec.Raw, *, decoded: object) -> str:
    """A JSON value as a cell: a string as it is, null as the empty text, anything else as it is written.

    Numbers keep their digits: 1.10 stays 1.10. Lists and objects stay JSON.

    >>> as_text(msgspec.Raw(b"1.10"), decoded=1.1), as_text(msgspec.Raw(b"null"), decoded=None)
    ('1.10', '')
    """
    if isinstance(decoded, str):
        return decoded
    return "" if decoded is None else bytes(value).decode().strip()
