"""64-bit fingerprints of rows, whole columns at a time: the same values always share one, others practically never."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Prints = NDArray[np.uint64]

LONG = 256
"""Texts of more bytes are hashed one by one."""
_FIRST, _SECOND, _NOTHING = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB), np.uint64(0x9E3779B97F4A7C15)
_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(9)], np.uint64)


def fingerprints(columns: Sequence[pa.Array]) -> Prints:
    """One number per row; equal rows have equal ones, an absent value differs from every present one.

    The chance that any two of n different rows share one is about n² / 2^65.

    Args:
        columns: text, numbers, instants, flags, bytes or lists of text, all of one length.

    >>> same = fingerprints([pa.array(["a", "b", "a"]), pa.array([1, 1, 1])])
    >>> bool(same[0] == same[2]), bool(same[0] == same[1])
    (True, False)
    """
    found = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        _stir(found, _words_of(column))
    return found


def _words_of(column: pa.Array) -> Prints:
    """A column as one 64-bit word per row."""
    if pa.types.is_list(column.type):
        column = pa.array([None if v is None else "\x1f".join(v) for v in column.to_pylist()], pa.string())
    if pa.types.is_dictionary(column.type) or pa.types.is_nested(column.type):
        column = (
            column.cast(pa.string()) if pa.types.is_dictionary(column.type) else pa.array(map(str, column.to_pylist()))
        )
    if is_text(column.type):
        words = _texts(column)
    elif pa.types.is_decimal(column.type):
        words = np.frombuffer(column.buffers()[1], "<u8")[2 * column.offset : 2 * (column.offset + len(column)) : 2]
    elif pa.types.is_fixed_size_binary(column.type):
        words = _texts(column.cast(pa.binary()))
    elif pa.types.is_floating(column.type):
        words = np.frombuffer(column.cast(pa.float64()).buffers()[1], "<u8")[
            column.offset : column.offset + len(column)
        ]
    elif pa.types.is_null(column.type):
        return np.full(len(column), _NOTHING)
    else:
        plain = column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column
        bits = f"int{plain.type.bit_width}"
        words = np.frombuffer(plain.buffers()[1], bits)[plain.offset : plain.offset + len(plain)].astype(np.uint64)
    if column.null_count:
        words = np.where(np.asarray(column.is_valid()), words, _NOTHING)
    return words


def is_text(kind: pa.DataType) -> bool:
    """Whether values of a type are bytes of their own length."""
    return any(
        test(kind)
        for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    )


def _texts(column: pa.Array) -> Prints:
    """A column of text as one word per row."""
    wide = pa.types.is_large_string(column.type) or pa.types.is_large_binary(column.type)
    offsets = np.frombuffer(column.buffers()[1], np.int64 if wide else np.int32)
    offsets = offsets[column.offset : column.offset + len(column) + 1]
    if len(column) == 0 or column.buffers()[2] is None or offsets[-1] == offsets[0]:
        return np.zeros(len(column), np.uint64)
    data = np.frombuffer(column.buffers()[2], np.uint8)[offsets[0] : offsets[-1]]
    return of_slices(data, starts=(offsets[:-1] - offsets[0]).astype(np.int64), lengths=np.diff(offsets))


def of_slices(data: NDArray[np.uint8], *, starts: NDArray[np.int64], lengths: NDArray[np.integer]) -> Prints:
    """Stretches of bytes as one word each: their bytes eight at a time, and their length.

    >>> found = of_slices(np.frombuffer(b"abcabc", np.uint8), starts=np.array([0, 3, 0]), lengths=np.array([3, 3, 4]))
    >>> bool(found[0] == found[1]), bool(found[0] == found[2])
    (True, False)
    """
    padded = np.concatenate([data, np.zeros(8, np.uint8)])
    eights = np.ndarray((len(data) + 1,), "<u8", padded, 0, (1,))
    found = lengths.astype(np.uint64)
    if len(found) == 0:
        return found
    longest, shortest = int(lengths.max()), int(lengths.min())
    for begun in range(0, min(longest, LONG) - 7, 8):
        if begun + 8 <= shortest:
            _stir(found, eights[starts + begun])
            continue
        rows = np.flatnonzero(lengths >= begun + 8)
        part = found[rows]
        _stir(part, eights[starts[rows] + begun])
        found[rows] = part
    rest = lengths & 7
    _stir(found, eights[starts + lengths - rest] & _MASKS[rest])
    if longest > LONG:
        rows = np.flatnonzero(lengths > LONG)
        whole = data.data
        spans = zip(starts[rows].tolist(), lengths[rows].tolist(), strict=True)
        digests = b"".join(hashlib.blake2b(whole[a : a + n], digest_size=8).digest() for a, n in spans)
        found[rows] = np.frombuffer(digests, np.uint64)
    return found


def _stir(found: Prints, words: Prints) -> None:
    """Mix one more word into each number, in place (the finaliser of splitmix64)."""
    found += _NOTHING
    found ^= words
    found ^= found >> np.uint64(30)
    found *= _FIRST
    found ^= found >> np.uint64(27)
    found *= _SECOND
    found ^= found >> np.uint64(31)
