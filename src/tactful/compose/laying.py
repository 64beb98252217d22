"""Pieces of many messages laid end to end: few copies, each a long one, and no work in Python for a message.

A message is a row of pieces: words that all share, and for each of the others the place of its value among distinct
ones. Pieces that stand beside each other are laid together beforehand where there are few of them (an item's card is
one piece, not nine), and all distinct pieces stand in one dictionary. To join messages is then to take from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tactful.compose.values import Codes

SHARE_BYTES = 1 << 22
"""Bytes joined at once: what stays in a processor's cache."""
MOST_BYTES = 1 << 30
_CACHED = 1 << 18
"""Bytes of a dictionary to which neighbours are added; a larger one would be slower to read than it saves copies."""
_MOST_PAIRS = 4_096
_FEW = 4
"""A dictionary is changed only where every entry is used by so many rows."""
Offsets = npt.NDArray[np.int64]


class Piece(NamedTuple):
    """What stands at one place of every message: `codes` says which of `words`; None where all have the first."""

    words: pa.Array
    codes: Codes | None

    @property
    def lengths(self) -> Codes:
        """Bytes of each of the words."""
        return np.diff(_offsets(self.words))


def static(words: bytes) -> Piece:
    """The same words in every message."""
    return Piece(pa.array([words], pa.binary()), None)


def told(words: pa.Array, codes: Codes | None) -> Piece:
    """Words by code; a dictionary with more entries than there are rows is cut to what the rows use."""
    plain = words.cast(pa.binary()) if words.type != pa.binary() else words
    if codes is not None and len(plain) > len(codes):
        return Piece(plain.take(pa.array(codes)), np.arange(len(codes)))
    return Piece(plain, codes)


def numbers(values: Codes) -> Piece:
    """Numbers as 8 bytes, big end first."""
    if not len(values):
        return static(b"")
    least = int(values.min())
    span = int(values.max()) - least + 1
    if span <= max(len(values), 16):
        return Piece(_eight(np.arange(least, least + span)), values - least)
    return Piece(_eight(values), np.arange(len(values)))


def _eight(values: Codes) -> pa.Array:
    ends = np.arange(0, 8 * len(values) + 8, 8, dtype=np.int32)
    return pa.Array.from_buffers(
        pa.binary(), len(values), [None, pa.py_buffer(ends), pa.py_buffer(values.astype(">u8"))]
    )


def lengths(pieces: Sequence[Piece], *, rows: int) -> Codes:
    """Bytes of every row."""
    found = np.zeros(rows, np.int64)
    for piece in pieces:
        sizes = piece.lengths
        found += int(sizes[0]) if piece.codes is None else sizes[piece.codes]
    return found


def merged(pieces: Sequence[Piece], *, rows: int) -> list[Piece]:
    """The same words in fewer pieces: neighbours are laid together where that makes a small dictionary."""
    found: list[Piece] = []
    for piece in pieces:
        if found and (one := _together(found[-1], piece, rows=rows)) is not None:
            found[-1] = one
        elif len(found) > 1 and (one := _over(found, piece, rows=rows)) is not None:
            found[-2:] = [one]
        else:
            found.append(piece)
    return found


def _over(found: list[Piece], piece: Piece, *, rows: int) -> Piece | None:
    """Two pieces with the static one between them."""
    before, between = found[-2:]
    if between.codes is not None or before.codes is None or piece.codes is None:
        return None
    first = _joined(before.words, between.words, rows=rows)
    return None if first is None else _together(Piece(first, before.codes), piece, rows=rows)


def _together(one: Piece, other: Piece, *, rows: int) -> Piece | None:
    if one.codes is None and other.codes is None:
        return static(one.words[0].as_py() + other.words[0].as_py())
    if one.codes is None or other.codes is None:
        words = _joined(one.words, other.words, rows=rows)
        return None if words is None else Piece(words, other.codes if one.codes is None else one.codes)
    if len(one.words) == len(other.words) and (one.codes is other.codes or np.array_equal(one.codes, other.codes)):
        words = _joined(one.words, other.words, rows=rows, is_paired=True)
        return None if words is None else Piece(words, one.codes)
    first, second = len(one.words), len(other.words)
    if first * second > min(_MOST_PAIRS, rows // _FEW):
        return None
    words = _joined(
        one.words.take(pa.array(np.repeat(np.arange(first), second))),
        other.words.take(pa.array(np.tile(np.arange(second), first))),
        rows=rows,
        is_paired=True,
    )
    return None if words is None else Piece(words, one.codes * second + other.codes)


def _joined(one: pa.Array, other: pa.Array, *, rows: int, is_paired: bool = False) -> pa.Array | None:
    """Entries side by side; None where it makes the dictionary too large."""
    count = max(len(one), len(other))
    size = sum(_size(side) * (count // max(1, len(side))) for side in (one, other))
    if count * _FEW > rows or size > _CACHED * (8 if is_paired else 1):
        return None
    pair = [side if len(side) == count else side[0] for side in (one, other)]
    return pc.binary_join_element_wise(*pair, pa.scalar(b"", pa.binary()))


def _offsets(words: pa.Array) -> npt.NDArray[np.int32]:
    return np.frombuffer(words.buffers()[1], np.int32, len(words) + 1, words.offset * 4)


def _size(words: pa.Array) -> int:
    ends = _offsets(words)
    return int(ends[-1] - ends[0])


def _roomy(dictionaries: Sequence[pa.Array], *, mean: float) -> pa.Array:
    """All words in one dictionary, with an entry behind them that nobody reads.

    Arrow makes room for as many bytes as the words are long in the mean, and copies all when that is too little. The
    last entry makes the mean what is taken; its bytes are never touched, so they are no memory.
    """
    sizes = [_size(words) for words in dictionaries]
    count, size = sum(map(len, dictionaries)), sum(sizes)
    ample = min(MOST_BYTES, max(0, int(1.2 * mean * (count + 1)) - size))
    data, ends = np.empty(size + ample, np.uint8), np.empty(count + 2, np.int32)
    entry = byte = 0
    for words, length in zip(dictionaries, sizes, strict=True):
        own = _offsets(words)
        if length:
            data[byte : byte + length] = np.frombuffer(words.buffers()[2], np.uint8)[own[0] : own[-1]]
        np.add(own[:-1], byte - int(own[0]), out=ends[entry : entry + len(words)])
        entry, byte = entry + len(words), byte + length
    ends[count:] = byte, byte + ample
    return pa.Array.from_buffers(pa.binary(), count + 1, [None, pa.py_buffer(ends), pa.py_buffer(data)])


class Laid:
    """Messages as pieces, ready to be joined. Stability: internal.

    Args:
        pieces: of every message, in order.
        rows: how many messages.
    """

    def __init__(self, pieces: Sequence[Piece], *, rows: int) -> None:
        self.rows = rows
        self.pieces = merged(pieces, rows=rows)
        self.lengths = lengths(self.pieces, rows=rows)
        width = max(1, len(self.pieces))
        self.words = _roomy([piece.words for piece in self.pieces], mean=self.lengths.sum() / max(1, rows * width))
        self.starts = np.cumsum([0, *(len(piece.words) for piece in self.pieces)])

    def shares(self) -> list[tuple[int, int]]:
        """Rows that are joined together: the first, and the one behind the last."""
        if not self.rows:
            return []
        mean, most = max(1, int(self.lengths.mean())), max(1, int(self.lengths.max()))
        step = max(1, min(SHARE_BYTES // mean, MOST_BYTES // most))
        return [(start, min(self.rows, start + step)) for start in range(0, self.rows, step)]

    def join(self, start: int, stop: int) -> tuple[pa.Buffer, Offsets]:
        """The bytes of some rows end to end, and where each begins, and the last ends."""
        width = len(self.pieces)
        places = np.empty((stop - start, width), np.int32)
        for number, (piece, first) in enumerate(zip(self.pieces, self.starts.tolist(), strict=False)):
            if piece.codes is None:
                places[:, number] = first
            else:
                np.add(piece.codes[start:stop], first, out=places[:, number], casting="unsafe")
        made = self.words.take(pa.array(places.reshape(-1)))
        return made.buffers()[2] or pa.py_buffer(b""), _offsets(made)[:: max(1, width)].astype(np.int64)

    def text(self, start: int, stop: int) -> pa.Array:
        """Some rows as text."""
        data, ends = self.join(start, stop)
        return pa.Array.from_buffers(pa.string(), stop - start, [None, pa.py_buffer(ends.astype(np.int32)), data])
