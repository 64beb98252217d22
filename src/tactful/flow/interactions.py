"""Reads a file of who chose what and when: CSV, Parquet or JSON lines, plain or gzipped."""

from __future__ import annotations

import difflib
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tactful.words.errors import Misuse

Ints: TypeAlias = NDArray[np.int64]
DELIMITERS: Final = ",;\t|"
DAY: Final = 86_400
FORMATS: Final = (
    "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S",
    "%d.%m.%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d",
    "%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%m %d, %Y", "%d %b %Y %H:%M:%S",
)  # fmt: skip
"""How times are written beside ISO 8601; of several that fit every row the first is taken."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interactions:
    """Rows of a file, as they stand. Stability: caller.

    Attributes:
        customer: whose; text, shape (n,).
        item: what; text, shape (n,).
        time: seconds, or whole numbers of the file's own clock; int64, shape (n,). None where no column was named.
        is_clock: whether `time` counts seconds.
        notes: what was left out, and what was guessed.
    """

    customer: pa.Array
    item: pa.Array
    time: Ints | None
    is_clock: bool = False
    notes: tuple[str, ...] = ()


def read(path: Path, *, customer: str, item: str, time: str | None) -> Interactions:
    """The rows of a file that name both a customer and an item.

    Raises:
        Misuse: there is no such file or column, no row is left, or a time cannot be read; says where.
    """
    names = [customer, item, *([time] if time else [])]
    table, notes = columns_of(path, names=names)
    who, what = (text(table[name]) for name in (customer, item))
    there = pc.and_(pc.not_equal(who, ""), pc.not_equal(what, ""))
    missing = len(there) - (pc.sum(there).as_py() or 0)
    if missing:
        notes.append(f"{missing:,} of {len(there):,} rows name no customer or no item and are left out")
    if time:
        there = _timed(table[time], there=there, notes=notes)
    keep = there.to_numpy(zero_copy_only=False)
    if not keep.any():
        raise Misuse.say(where=str(path), what="no row names a customer and an item", do="name other columns")
    moments, is_clock = (None, False) if time is None else _times(table[time], path=path, there=there, notes=notes)
    return Interactions(
        customer=who.filter(there), item=what.filter(there), time=None if moments is None else moments[keep],
        is_clock=is_clock, notes=tuple(notes),
    )  # fmt: skip


def _timed(column: pa.ChunkedArray, *, there: pa.Array, notes: list[str]) -> pa.Array:
    """Which rows also say when; where none does, all as they are, so that the first is told."""
    has = pc.not_equal(text(column), "") if _is_text(column.type) else pc.is_valid(column)
    both = pc.and_(there, has.combine_chunks() if isinstance(has, pa.ChunkedArray) else has)
    missing = (pc.sum(there).as_py() or 0) - (pc.sum(both).as_py() or 0)
    if not missing or not pc.any(both).as_py():
        return there
    notes.append(f"{missing:,} of {len(there):,} rows do not say when and are left out")
    return both


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind))


def titles(path: Path, *, item: str) -> dict[str, str]:
    """What every text column of a file says of each item; ids in the column `item`, or in the first.

    Of an item that has several rows, the distinct texts are joined.

    Raises:
        Misuse: there is no such file, or no text beside the ids.
    """
    table, _ = columns_of(path, names=None)
    ids = item if item in table.column_names else table.column_names[0]
    kinds = {name: table.schema.field(name).type for name in table.column_names if name != ids}
    told = [name for name, kind in kinds.items() if _is_text(kind)]
    if not told:
        raise Misuse.say(where=str(path), what=f"no column beside {ids!r} holds text", do="give a file with titles")
    texts = [pc.coalesce(table[name].cast(pa.string()), "") for name in told]
    rows = pa.table({"item": text(table[ids]), "text": pc.binary_join_element_wise(*texts, " ")})
    rows = rows.group_by(["item", "text"]).aggregate([]).sort_by([("item", "ascending"), ("text", "ascending")])
    found: dict[str, str] = {}
    for one, said in zip(rows["item"].to_pylist(), rows["text"].to_pylist(), strict=True):
        found[one] = f"{found[one]} {said}" if one in found else said
    return found


def columns_of(path: Path, *, names: Sequence[str] | None) -> tuple[pa.Table, list[str]]:
    """Columns of a file as text or as its own types, and notes about how it was read.

    Args:
        path: the file; what it is shows by its first bytes, not by its name.
        names: the columns; None for all.

    Raises:
        Misuse: the file or a column is not there, or it cannot be read; says where.
    """
    if not path.is_file():
        near = difflib.get_close_matches(path.name, [one.name for one in path.parent.glob("*")], n=1)
        raise Misuse.say(where=str(path), what="there is no such file", meant=near[0] if near else "",
                         do="give the path of a CSV, Parquet or JSON-lines file")  # fmt: skip
    with path.open("rb") as file:
        head = file.read(4)
    try:
        if head == b"PAR1":
            _known(path, names or (), there=pq.read_schema(path).names)
            return pq.read_table(path, columns=list(names) if names else None), []
        if head == b"PK\x03\x04":
            raise Misuse.say(where=str(path), what="it is a zip file", do="unpack it first, or pack it with gzip")
        with gzip.open(path) if head[:2] == b"\x1f\x8b" else path.open("rb") as plain:
            return _plain(path, plain.read(), names=names)
    except (pa.ArrowInvalid, OSError, EOFError) as error:
        raise Misuse.say(where=str(path), what=f"it cannot be read ({str(error).splitlines()[0]})",
                         do="give a CSV, Parquet or JSON-lines file, plain or gzipped") from error  # fmt: skip


def _plain(path: Path, data: bytes, *, names: Sequence[str] | None) -> tuple[pa.Table, list[str]]:
    if not data.strip():
        raise Misuse.say(where=str(path), what="the file is empty", do="give a file with rows")
    if data.lstrip()[:1] in (b"{", b"["):
        table = pyarrow.json.read_json(pa.BufferReader(data)) if data.lstrip()[:1] == b"{" else _of_list(path, data)
        _known(path, names or (), there=table.column_names)
        return table.select(list(names)) if names else table, []
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16").encode()
    encoding, notes = "utf-8-sig" if data[:3] == b"\xef\xbb\xbf" else "utf-8", []
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        encoding = "windows-1252"
        notes.append("the file is not UTF-8; it was read as Windows-1252")
    first = data.split(b"\n", 1)[0].decode(encoding, "replace")
    if "::" in first and not any(one in first for one in DELIMITERS):  # as the MovieLens files are written
        data, first = data.replace(b"::", b"\t"), first.replace("::", "\t")
    delimiter = max(DELIMITERS, key=first.count)
    there = [name.strip().strip('"') for name in first.strip("\r\n\ufeff").split(delimiter)]
    numbered = [str(number) for number in range(1, len(there) + 1)]
    is_headed = not names or not set(names) <= set(numbered) or set(names) <= set(there)
    there = there if is_headed else numbered
    _known(path, names or (), there=there)
    wanted = list(names or there)
    table = pyarrow.csv.read_csv(
        pa.BufferReader(data),
        read_options=pyarrow.csv.ReadOptions(encoding="utf-8" if encoding.startswith("utf") else encoding,
                                             column_names=there, skip_rows=int(is_headed)),
        parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=b'"' in data),
        convert_options=pyarrow.csv.ConvertOptions(
            include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string()) if names else None
        ),
    )  # fmt: skip
    return table, notes


def _of_list(path: Path, data: bytes) -> pa.Table:
    try:
        return pa.Table.from_pylist(json.loads(data))
    except (ValueError, AttributeError) as error:
        raise Misuse.say(where=str(path), what="its list does not hold objects of one kind",
                         do="give one JSON object a line") from error  # fmt: skip


def _known(path: Path, names: Sequence[str], *, there: Sequence[str]) -> None:
    for name in names:
        if name not in there:
            folded = {one.casefold().replace("_", "").replace(" ", ""): one for one in there}
            near = difflib.get_close_matches(name.casefold().replace("_", "").replace(" ", ""), folded, n=1, cutoff=0.5)
            raise Misuse.say(
                where=str(path), what=f"there is no column {name!r}", meant=repr(folded[near[0]]) if near else "",
                do=f"its columns are {', '.join(there[:20])}",
            )  # fmt: skip


def text(column: pa.ChunkedArray) -> pa.Array:
    """A column as trimmed text, empty where a cell is; whole numbers as they are written.

    >>> text(pa.chunked_array([pa.array([7.0, None])])).to_pylist()
    ['7', '']
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):  # a whole number that stands beside empty cells
        whole = pc.equal(pc.floor(column), column)
        if pc.all(whole).as_py():
            column = column.cast(pa.int64())
    words = pc.utf8_trim_whitespace(pc.coalesce(column.cast(pa.string()), pa.scalar("")))
    return words.combine_chunks() if isinstance(words, pa.ChunkedArray) else words


def _times(column: pa.ChunkedArray, *, path: Path, there: pa.Array, notes: list[str]) -> tuple[Ints, bool]:
    """Times as whole numbers, and whether they are seconds; rows that count for nothing need none."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _whole(column.cast(pa.timestamp("us")), column, path=path, there=there) // 1_000_000, True
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _numbers(_whole(_floor(column), column, path=path, there=there))
    written = text(column)
    for parsed in _as_numbers(written), *_as_moments(written):
        if parsed is not None and not _first_missing(parsed, there):
            is_number = pa.types.is_integer(parsed.type)
            values = _whole(parsed, written, path=path, there=there)
            return _numbers(values) if is_number else (values // 1_000_000, True)
    tries = [one for one in (_as_numbers(written), *_as_moments(written)) if one is not None]
    best = min(tries, key=lambda one: one.null_count)
    if pa.types.is_timestamp(best.type):
        notes.append("times are read as most of them are written")
    return _whole(best, written, path=path, there=there), True


def _first_missing(parsed: pa.Array, there: pa.Array) -> bool:
    return bool(pc.any(pc.and_(pc.is_null(parsed), there)).as_py())


def _floor(column: Any) -> Any:  # Any: an Arrow array, which publishes no types
    return pc.floor(column).cast(pa.int64()) if pa.types.is_floating(column.type) else column.cast(pa.int64())


def _as_numbers(written: pa.Array) -> pa.Array | None:
    """Whole numbers, nothing where a cell is none; None where none is."""
    fits = pc.match_substring_regex(written, r"^[+-]?\d{1,18}(\.\d*)?([eE]\+?\d{1,2})?$")
    if not pc.any(fits).as_py():
        return None
    return _floor(pc.if_else(fits, written, pa.scalar(None, pa.string())).cast(pa.float64()))


def _as_moments(written: pa.Array) -> list[pa.Array]:
    """The same writtens read in every way of writing times that fits the first of them."""
    iso = pc.match_substring_regex(
        written, r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?( ?UTC|Z|[+-]\d{2}:?\d{2})?$"
    )
    bare = (
        pc.replace_substring_regex(written, r"(\.\d+)?( ?UTC|Z|[+-]\d{2}:?\d{2})?$", "")
        if pc.any(iso).as_py()
        else written
    )
    found = []
    if pc.any(iso).as_py():
        days = pc.match_substring_regex(written, r"^\d{4}-\d{2}-\d{2}$")
        cut = pc.if_else(days, written, bare)
        good = pc.match_substring_regex(cut, r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?$")
        try:
            found.append(pc.if_else(good, cut, pa.scalar(None, pa.string())).cast(pa.timestamp("us")))
        except pa.ArrowInvalid:
            found.append(pc.strptime(cut, format="%Y-%m-%d %H:%M:%S", unit="us", error_is_null=True))
    found += [pc.strptime(written, format=one, unit="us", error_is_null=True) for one in FORMATS]
    return found


def _whole(parsed: Any, column: Any, *, path: Path, there: pa.Array) -> Ints:  # Any: Arrow arrays
    wrong = pc.and_(pc.is_null(parsed), there)
    if pc.any(wrong).as_py():
        place = int(np.flatnonzero(wrong.to_numpy(zero_copy_only=False) if isinstance(wrong, pa.Array) else
                                   wrong.combine_chunks().to_numpy(zero_copy_only=False))[0])  # fmt: skip
        shown = column[place].as_py()
        raise Misuse.say(
            where=f"{path}, line {place + 2}", what=f"{shown!r} is no time" if shown else "there is no time",
            do="write times as 2011-12-01, 2011-12-01 08:26:00, seconds since 1970, or as whole numbers",
        )  # fmt: skip
    values = pc.fill_null(parsed.cast(pa.int64()), 0)
    return np.asarray(
        values.to_numpy() if isinstance(values, pa.ChunkedArray) else values.to_numpy(zero_copy_only=False)
    )


def _numbers(values: Ints) -> tuple[Ints, bool]:
    """Whole numbers as seconds where their size says that they count them, thousandths or millionths of them."""
    most = int(np.abs(values).max(initial=0))
    if values.size and int(values.min()) >= 19_000_101 and most <= 21_001_231:
        days = pc.strptime(pa.array(values).cast(pa.string()), format="%Y%m%d", unit="s", error_is_null=True)
        if not days.null_count:
            return np.asarray(days.cast(pa.int64()).to_numpy(), dtype=np.int64), True
    for scale, least in ((1_000_000_000, 10**17), (1_000_000, 10**14), (1_000, 10**11), (1, 10**8)):
        if most >= least:
            return values // scale, True
    return values, False
