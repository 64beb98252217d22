"""An id of each kernel row over everything the decision reads, so that one changed bit of a sealed row is seen."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.reckon.board import words_of
from tactful.reckon.chance import hash_words
from tactful.store import contracts
from tactful.words.errors import Misuse

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)

_BLOCK: Final = 8192
_WHOLE: Final = (1 << 64) - 1

Words = NDArray[np.uint64]


def input_ids(batch: pa.RecordBatch) -> NDArray[np.bytes_]:
    """16 bytes for each row of `inputs`, over every column of it; a row's id does not depend on its neighbours.

    Returns:
        dtype V16, shape (n,).
    """
    said: list[Words] = []
    for column in contracts.table("inputs").columns:
        if column.null and _is_empty(batch, column.name):
            continue
        said += _words(batch.column(column.name))
    both = np.empty((batch.num_rows, 2), dtype=np.uint64)
    for start in range(0, batch.num_rows, _BLOCK):
        part = slice(start, start + _BLOCK)
        for place in (0, 1):
            both[part, place] = _absorbed([words[part] for words in said], seed=place + 1)
    return both.byteswap().view("V16").reshape(batch.num_rows)


def _absorbed(said: list[Words], *, seed: int) -> Words:
    """The state after each word in turn, in memory that stays near the processor."""
    if len(said[0]) == 1:
        return np.array([_one(said, seed=seed)], dtype=np.uint64)
    state = np.full(len(said[0]), seed, dtype=np.uint64)
    spare = np.empty_like(state)
    for words in said:
        np.bitwise_xor(state, words, out=state)
        state += _STEP
        for shift, factor in ((30, _FIRST), (27, _SECOND), (31, None)):
            np.right_shift(state, np.uint64(shift), out=spare)
            state ^= spare
            if factor is not None:
                state *= factor
    return state


def _one(said: list[Words], *, seed: int) -> int:
    """The same of a single row: plain numbers are quicker than arrays of one."""
    state = seed
    for words in said:
        state = ((state ^ int(words[0])) + int(_STEP)) & _WHOLE
        for shift, factor in ((30, int(_FIRST)), (27, int(_SECOND)), (31, 1)):
            state = ((state ^ (state >> shift)) * factor) & _WHOLE
    return state


def _is_empty(batch: pa.RecordBatch, name: str) -> bool:
    """Whether a run has nothing at all in a list that not every project fills: it says nothing about any row."""
    if name not in batch.schema.names:
        return True
    column = batch[name]
    return bool(pa.types.is_list(column.type) and column.null_count == batch.num_rows)


def _mix(z: Words) -> Words:
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))


def _words(column: pa.Array) -> list[Words]:
    """A column as 64-bit words by row: one for a plain column, one per place for lists of equal length."""
    if pa.types.is_list(column.type):
        return _list_words(column)
    if pa.types.is_fixed_size_binary(column.type):
        data = np.frombuffer(column.buffers()[1], dtype=np.uint64)[
            column.offset * 2 : (column.offset + len(column)) * 2
        ]
        return [data[0::2], data[1::2]]
    return [_plain(column)]


def _plain(values: pa.Array) -> Words:
    found: Words
    if pa.types.is_string(values.type):
        coded = values.dictionary_encode()
        known = np.append(hash_words(coded.dictionary.cast(pa.binary()).to_pylist()), np.uint64(0))
        found = known[coded.indices.fill_null(len(known) - 1).to_numpy(zero_copy_only=False)]
    elif pa.types.is_boolean(values.type):
        found = values.to_numpy(zero_copy_only=False).astype(np.uint64)
    else:
        found = values.to_numpy(zero_copy_only=False).astype(np.int64).view(np.uint64)
    return found


def _list_words(column: pa.Array) -> list[Words]:
    """Numbers and flags have one width in all rows and give a word per place; lists of words give one word in all."""
    lengths = column.value_lengths().to_numpy(zero_copy_only=False).astype(np.int64)
    if pa.types.is_boolean(column.type.value_type):
        return _packed(column.flatten().to_numpy(zero_copy_only=False), lengths)
    flat = _plain(column.flatten())
    if pa.types.is_string(column.type.value_type):
        return [_ragged(flat, lengths)]
    return list(np.ascontiguousarray(flat.reshape(lengths.size, _width(lengths)).T))


def _width(lengths: NDArray[np.int64]) -> int:
    width = int(lengths[0]) if lengths.size else 0
    if (lengths != width).any():
        raise Misuse.say(where="inputs", what="lists of different lengths in one column", do="prepare the rows again")
    return width


def _packed(flags: NDArray[np.bool_], lengths: NDArray[np.int64]) -> list[Words]:
    """Flags as bits, 64 to a word."""
    return list(words_of(flags.reshape(lengths.size, _width(lengths)))) if flags.size else []


def _ragged(flat: Words, lengths: NDArray[np.int64]) -> Words:
    """One word for a list of any length: a sum of hashes of (value, place)."""
    ends = np.cumsum(lengths)
    place = np.arange(flat.size) - np.repeat(ends - lengths, lengths)
    mixed = np.append(_mix(flat + place.astype(np.uint64) * _STEP + np.uint64(1)), np.uint64(0))
    total = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(mixed, dtype=np.uint64)])
    found: Words = (total[ends] - total[ends - lengths]) ^ lengths.astype(np.uint64)
    return found
