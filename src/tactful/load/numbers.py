"""Whole and decimal numbers from text, exactly: by declared marks, without floats, rounding or guessing."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.load.kinds import Decimal, Integer

Flags = NDArray[np.bool_]
DIGITS = 18
DECIMAL_DIGITS = 38
MINUS, POINT = b"-."


def text_bytes(column: pa.Array) -> NDArray[np.uint8]:
    """The bytes of all texts of a column, one after the other."""
    data = column.buffers()[2]
    if data is None or len(column) == 0:
        return np.empty(0, np.uint8)
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    return np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]


def only_bytes(column: pa.Array, *, allowed: bytes) -> bool:
    """Whether a column's texts are made of the allowed bytes only."""
    return not text_bytes(column).tobytes().translate(None, allowed)


def marked(column: pa.Array, *, pattern: str) -> Flags:
    """Which texts match a pattern as a whole; absent ones do not. RE2, so linear in the text."""
    found = pc.match_substring_regex(column, f"^(?:{pattern})$")
    # RE2's $ also stands before a final line end, which no number, id or date has.
    clean = pc.invert(pc.match_substring(column, "\n"))
    return np.asarray(pc.fill_null(pc.and_(found, clean), fill_value=False))


def read_integers(column: pa.Array, *, kind: Integer) -> tuple[pa.Array, Flags]:
    """Whole numbers and which texts are one; a text that is not becomes null.

    >>> read_integers(pa.array(["12", "0x1F", "-3", None]), kind=Integer())[0].to_pylist()
    [12, None, -3, None]
    """
    if kind.group is None and only_bytes(column, allowed=b"0123456789-"):
        try:
            values = pc.cast(column, pa.int64())
        except pa.ArrowInvalid:
            pass
        else:
            return values, np.asarray(column.is_valid())
    good = marked(column, pattern=grouped(kind.group))
    plain = without(column, mark=kind.group)
    readable = pc.utf8_ltrim(pc.if_else(pa.array(good), plain, None), characters="+")
    return pc.cast(readable, pa.int64()), good


def grouped(group: str | None) -> str:
    """The pattern of a whole number, with or without marks between thousands.

    >>> grouped(None), grouped(".")
    ('[+-]?\\\\d{1,18}', '[+-]?(?:\\\\d{1,18}|\\\\d{1,3}(?:\\\\.\\\\d{3}){1,5})')
    """
    if group is None:
        return rf"[+-]?\d{{1,{DIGITS}}}"
    return rf"[+-]?(?:\d{{1,{DIGITS}}}|\d{{1,3}}(?:{re.escape(group)}\d{{3}}){{1,5}})"


def without(column: pa.Array, *, mark: str | None) -> pa.Array:
    """The texts without a mark."""
    return column if mark is None else pc.replace_substring(column, mark, "")


def read_decimals(column: pa.Array, *, kind: Decimal) -> tuple[pa.Array, Flags]:
    """Decimal numbers and which texts are one in the declared notation; a text that is not becomes null.

    >>> numbers, _ = read_decimals(pa.array(["1.234,50", "1234.5", "7"]), kind=Decimal(mark=",", group=".", places=2))
    >>> [str(number) for number in numbers]
    ['1234.50', 'None', '7.00']
    """
    target = pa.decimal128(DECIMAL_DIGITS, kind.places)
    if kind.mark == "." and only_bytes(column, allowed=b"0123456789-."):
        try:
            values = cast_distinct(column, target)
        except pa.ArrowInvalid:
            pass
        else:
            if not loose_marks(column):
                return values, np.asarray(column.is_valid())
    # Trailing zeros say nothing; other digits behind `places` would be lost, so the number is refused.
    places = (
        rf"(?:{re.escape(kind.mark)}\d{{1,{max(kind.places, 1)}}}0*)?"
        if kind.places
        else rf"(?:{re.escape(kind.mark)}0+)?"
    )
    good = marked(column, pattern=grouped(kind.group) + places)
    plain = without(column, mark=kind.group)
    if kind.mark != ".":
        plain = pc.replace_substring(plain, kind.mark, ".")
    readable = pc.if_else(pa.array(good), plain, None)
    return pc.cast(readable, target), good


def cast_distinct(column: pa.Array, target: pa.DataType) -> pa.Array:
    """Text as numbers, each distinct text read once where many repeat.

    Raises:
        pa.ArrowInvalid: a text is no number.
    """
    encoded = pc.dictionary_encode(column)
    if len(encoded.dictionary) * 4 > len(column):
        return pc.cast(column, target)
    return pc.cast(encoded.dictionary, target).take(encoded.indices)


def loose_marks(column: pa.Array) -> bool:
    """Whether a text begins or ends with its decimal mark, as in `.5` and `5.`, or has too many digits to trust."""
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    lengths = np.diff(offsets)
    if lengths.max(initial=0) > DIGITS:
        return True
    starts, ends = offsets[:-1][lengths > 0], offsets[1:][lengths > 0]
    if len(starts) == 0:
        return False
    data = np.frombuffer(column.buffers()[2], np.uint8)
    first = data[np.minimum(starts + (data[starts] == MINUS), ends - 1)]
    return bool((first == POINT).any() or (data[ends - 1] == POINT).any())
