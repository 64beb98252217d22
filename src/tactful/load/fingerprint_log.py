"""Fingerprints of rows in the order of a file: in memory while they are few, beyond that in a file without a name."""

from __future__ import annotations

import errno
import os
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tactful.load.fingerprints import Prints

MOST_IN_MEMORY = 1_000_000


class FingerprintLog:
    """Only appended to, and read from its beginning. Stability: internal.

    >>> log = FingerprintLog(most_in_memory=2)
    >>> for values in ([1, 2, 3], [], [4]):
    ...     log.append(np.array(values, np.uint64))
    >>> [part.tolist() for part in log]
    [[1, 2, 3], [], [4]]
    """

    def __init__(self, *, most_in_memory: int = MOST_IN_MEMORY) -> None:
        self._most, self._held = most_in_memory, 0
        self._parts: list[Prints] = []
        self._sizes: list[int] = []
        self._file: int | None = None

    def append(self, prints: Prints) -> None:
        """Add the fingerprints of the next rows."""
        self._parts.append(prints)
        self._held += len(prints)
        if self._held > self._most:
            self._put_away()

    def __len__(self) -> int:
        """How many fingerprints were appended."""
        return sum(self._sizes) + self._held

    def __iter__(self) -> Iterator[Prints]:
        """What was appended, part by part."""
        at = 0
        for size in self._sizes:
            assert self._file is not None
            yield np.frombuffer(os.pread(self._file, 8 * size, at), np.uint64)
            at += 8 * size
        yield from self._parts

    def _put_away(self) -> None:
        if self._file is None:
            self._file, name = tempfile.mkstemp()
            Path(name).unlink()
            weakref.finalize(self, os.close, self._file)
        at = 8 * sum(self._sizes)
        for part in self._parts:
            if os.pwrite(self._file, np.ascontiguousarray(part).data, at) < part.nbytes:
                raise OSError(errno.ENOSPC, "no room for what is noted of a large file", tempfile.gettempdir())
            at += part.nbytes
            self._sizes.append(len(part))
        self._parts, self._held = [], 0
