"""The hashes of many messages, each over its own bytes, with what many begin with hashed once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from tactful.compose.laying import Laid, Piece
from tactful.compose.values import Codes

_LONG = 2_048
"""Bytes of a beginning that are worth being hashed once."""
_LEAST = 32
"""Rows for which that is worth looking."""


def digests(pieces: Sequence[Piece], *, rows: int) -> pa.Array:
    """The first 16 bytes of SHA-256 of every row.

    Args:
        pieces: of every row, in order.
        rows: how many rows.
    """
    cut = _cut(pieces) if rows >= _LEAST else 0
    owner, first = _alike(pieces[:cut], rows=rows)
    if cut and len(first) * 2 > rows:
        cut, owner, first = 0, np.zeros(rows, np.int64), np.zeros(1, np.int64)
    begun = [hashlib.sha256(one) for one in _beginnings(pieces[:cut], first)]
    laid = Laid(pieces[cut:], rows=rows)
    found = [digest for share in laid.shares() for digest in _hashed(laid, share, begun=begun, owner=owner)]
    return pa.Array.from_buffers(pa.binary(16), rows, [None, pa.py_buffer(b"".join(found))])


def _cut(pieces: Sequence[Piece]) -> int:
    """How many pieces a beginning has: up to the first long one that all share."""
    for number, piece in enumerate(pieces):
        if piece.codes is None and int(piece.lengths[0]) >= _LONG:
            return number + 1
    return 0


def _alike(pieces: Sequence[Piece], *, rows: int) -> tuple[Codes, Codes]:
    """For each row the number of its beginning, and for each beginning its first row."""
    owner, first = np.zeros(rows, np.int64), np.zeros(1, np.int64)
    for piece in pieces:
        if piece.codes is not None:
            mixed = owner * len(piece.words) + piece.codes
            _, first, owner = np.unique(mixed, return_index=True, return_inverse=True)
    return owner, first


def _beginnings(pieces: Sequence[Piece], rows: Codes) -> list[bytes]:
    found = []
    for row in rows.tolist():
        words = [piece.words[0 if piece.codes is None else int(piece.codes[row])].as_py() for piece in pieces]
        found.append(b"".join(words))
    return found


def _hashed(laid: Laid, share: tuple[int, int], *, begun: list[hashlib._Hash], owner: Codes) -> list[bytes]:
    start, stop = share
    data, ends = laid.join(start, stop)
    view, places = memoryview(data), ends.tolist()
    found = []
    for before, after, number in zip(places, places[1:], owner[start:stop].tolist(), strict=False):
        one = begun[number].copy()
        one.update(view[before:after])
        found.append(one.digest()[:16])
    return found
