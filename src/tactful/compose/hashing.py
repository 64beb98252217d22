"""The hashes of many messages, each over its own bytes, with what many begin with hashed once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa

from tactful.compose.laying import Laid, Piece
from tactful.compose.values import Codes

_LONG = 2_048
"""Bytes of a beginning that are worth being hashed once."""
_LEAST = 32
"""Rows for which that is worth looking."""
_MOST_WORKERS = 4
Share = tuple[int, int]
"""The first row, and the one behind the last."""


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
    found = _each(lambda share: _hashed(laid, share, begun=begun, owner=owner), laid.shares())
    return pa.Array.from_buffers(pa.binary(16), rows, [None, pa.py_buffer(b"".join(found))])


def _each(act: Callable[[Share], bytes], shares: list[Share]) -> Iterable[bytes]:
    """What an act makes of each share, in order; on every core, for hashing holds nobody up."""
    cores = min(_MOST_WORKERS, len(os.sched_getaffinity(0)), len(shares))
    if cores < 2:
        return map(act, shares)
    with ThreadPoolExecutor(cores, thread_name_prefix="hash") as pool:
        return list(pool.map(act, shares))


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


def _hashed(laid: Laid, share: Share, *, begun: list[hashlib._Hash], owner: Codes) -> bytes:
    """The hashes of some rows, end to end."""
    start, stop = share
    data, ends = laid.join(start, stop)
    view, places = memoryview(data), ends.tolist()
    found = []
    for before, after, number in zip(places, places[1:], owner[start:stop].tolist(), strict=False):
        one = begun[number].copy()
        one.update(view[before:after])
        found.append(one.digest())
    return np.frombuffer(b"".join(found), np.uint8).reshape(-1, 32)[:, :16].tobytes()
