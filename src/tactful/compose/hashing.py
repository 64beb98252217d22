"""The hashes of many messages, each over its own bytes, with what many begin with hashed once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tactful.compose.laying import Laid, Piece, told
from tactful.compose.values import Codes, dense
from tactful.store.ahead import cores

_LEAST = 32
"""Rows for which it is worth looking at what they begin with."""
_COPIED = 1_000
"""Bytes that are hashed in the time in which the state of a hash is copied and its bytes are gathered."""
Share = tuple[int, int]
"""The first row, and the one behind the last."""


class Step(NamedTuple):
    """Up to where some rows begin alike. Stability: internal.

    Attributes:
        cut: how many pieces they have in common.
        owner: for each row the number of its beginning.
        kinds: how many beginnings there are.
        size: bytes of a beginning, in the mean.
    """

    cut: int
    owner: Codes
    kinds: int
    size: float


def digests(pieces: Sequence[Piece], *, rows: int) -> pa.Array:
    """The first 16 bytes of SHA-256 of every row.

    What rows begin with alike is hashed once, and going on from there again once for those that stay alike: all letters
    of a skeleton share its head, those of one segment its items too, and often only the links and the foot are one's
    own.

    Args:
        pieces: of every row, in order.
        rows: how many rows.
    """
    cut, owner, begun = 0, np.zeros(rows, np.int64), [hashlib.sha256()]
    for step in steps(pieces, rows=rows):
        first = _first(step)
        own = [told(one.words, None if one.codes is None else one.codes[first]) for one in pieces[cut : step.cut]]
        laid = Laid(own, rows=step.kinds)
        begun = [one for share in laid.shares() for one in _further(laid, share, begun=begun, owner=owner[first])]
        cut, owner = step.cut, step.owner
    if cut == len(pieces):
        found: Iterable[bytes] = [_cut_short(begun)[owner].tobytes()]
    else:
        laid = Laid(pieces[cut:], rows=rows)
        found = _each(lambda share: _hashed(laid, share, begun=begun, owner=owner), laid.shares())
    return pa.Array.from_buffers(pa.binary(16), rows, [None, pa.py_buffer(b"".join(found))])


def steps(pieces: Sequence[Piece], *, rows: int) -> list[Step]:
    """Where rows that began alike part, as far as hashing their beginnings once is worth it."""
    found: list[Step] = []
    owner, count, size = np.zeros(rows, np.int64), 1, 0.0
    for place, piece in enumerate(pieces if rows >= _LEAST else ()):
        if piece.codes is not None:
            parted = _parted(owner, piece, count=count)
            if parted is None:
                found.append(Step(place, owner, count, size))
                break
            if parted[1] > count:
                found.append(Step(place, owner, count, size))
                owner, count = parted
        size += float(piece.lengths[0 if piece.codes is None else piece.codes].mean())
    else:
        found.append(Step(len(pieces), owner, count, size))
    return _worth(found, rows=rows)


def _parted(owner: Codes, piece: Piece, *, count: int) -> tuple[Codes, int] | None:
    """For each row the number of its beginning with one more piece, and how many; None where most rows have their own.

    Args:
        owner: the numbers without it.
        piece: of which each row has its own words.
        count: how many beginnings there are without it.
    """
    rows, words = len(owner), len(piece.words)
    assert piece.codes is not None
    if words * 2 > rows and np.count_nonzero(np.bincount(piece.codes, minlength=words)) * 2 > rows:
        return None
    parted, total = dense(owner * words + piece.codes, span=count * words)
    return None if total * 2 > rows else (parted, total)


def _worth(found: Sequence[Step], *, rows: int) -> list[Step]:
    """The steps at which the bytes that need not be hashed again outweigh the states that are copied."""
    kept: list[Step] = []
    for step in found:
        since = kept[-1].size if kept else 0.0
        if (rows - step.kinds) * (step.size - since) > step.kinds * _COPIED:
            kept.append(step)
    for place in range(len(kept) - 2, -1, -1):
        step, since = kept[place], kept[place - 1].size if place else 0.0
        if (kept[place + 1].kinds - step.kinds) * (step.size - since) < step.kinds * _COPIED:
            del kept[place]
    return kept


def _first(step: Step) -> Codes:
    """For each beginning one of its rows."""
    first = np.empty(step.kinds, np.int64)
    first[step.owner] = np.arange(len(step.owner))
    return first


def _each(act: Callable[[Share], bytes], shares: list[Share]) -> Iterable[bytes]:
    """What an act makes of each share, in order; on every core, for hashing holds nobody up."""
    count = min(cores(), len(shares))
    if count < 2:
        return map(act, shares)
    with ThreadPoolExecutor(count, thread_name_prefix="hash") as pool:
        return list(pool.map(act, shares))


def _hashed(laid: Laid, share: Share, *, begun: list[hashlib._Hash], owner: Codes) -> bytes:
    """The hashes of some rows, end to end."""
    return _cut_short(_further(laid, share, begun=begun, owner=owner)).tobytes()


def _cut_short(begun: Iterable[hashlib._Hash]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The first 16 bytes of every hash."""
    return np.frombuffer(b"".join([one.digest() for one in begun]), np.uint8).reshape(-1, 32)[:, :16]


def _further(laid: Laid, share: Share, *, begun: list[hashlib._Hash], owner: Codes) -> Iterator[hashlib._Hash]:
    """The state of each row's hash behind its pieces, begun where its beginning ended."""
    start, stop = share
    data, ends = laid.join(start, stop)
    view, places = memoryview(data), ends.tolist()
    for before, after, number in zip(places, places[1:], owner[start:stop].tolist(), strict=False):
        one = begun[number].copy()
        one.update(view[before:after])
        yield one
