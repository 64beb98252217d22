"""Which rows of a file say something new: a mark per row where several tables are fed, else two counts."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from tactful.load.chunk import Integers
from tactful.load.numbers import Flags

FED, NEW = 1, 2
"""A row feeds a table; a row says something new, or lies in quarantine and is counted there."""


class Status(Protocol):
    """What is known of the readable rows of a file. Stability: internal."""

    def extend(self, rows: int) -> None:
        """Make room for the next rows."""

    def mark(self, places: Integers, mark: int) -> None:
        """Set a mark on rows, by their positions in the file."""

    def undecided(self, begins: int, ends: int) -> Flags:
        """Which rows of a stretch no table has made new yet."""

    @property
    def duplicates(self) -> int:
        """Rows that feed a table and say nothing new."""


class Counts:
    """For files that feed one table: there a row is fed once, and new once. Stability: internal.

    >>> counts = Counts()
    >>> counts.mark(np.array([0, 1, 2]), FED)
    >>> counts.mark(np.array([1]), NEW)
    >>> counts.duplicates
    2
    """

    def __init__(self) -> None:
        self._fed = self._new = 0

    def extend(self, rows: int) -> None:
        """Nothing is kept by row."""

    def mark(self, places: Integers, mark: int) -> None:
        """Count the rows."""
        self._fed += len(places) * (mark == FED)
        self._new += len(places) * (mark == NEW)

    def undecided(self, begins: int, ends: int) -> Flags:
        """All of them: there is no other table."""
        return np.ones(ends - begins, np.bool_)

    @property
    def duplicates(self) -> int:
        """Rows that feed the table and say nothing new."""
        return self._fed - self._new


class Marks:
    """For files that feed several tables: one byte per row. Stability: internal.

    >>> marks = Marks()
    >>> marks.extend(3)
    >>> marks.mark(np.array([0, 1]), FED)
    >>> marks.mark(np.array([1]), FED)
    >>> marks.mark(np.array([1]), NEW)
    >>> marks.duplicates, marks.undecided(0, 3).tolist()
    (1, [True, False, True])
    """

    def __init__(self) -> None:
        self._marks = np.zeros(0, np.uint8)
        self._rows = 0

    def extend(self, rows: int) -> None:
        """Make room for the next rows."""
        self._rows += rows
        if self._rows > len(self._marks):
            larger = np.zeros(max(self._rows, 2 * len(self._marks), 1 << 16), np.uint8)
            larger[: len(self._marks)] = self._marks
            self._marks = larger

    def mark(self, places: Integers, mark: int) -> None:
        """Set a mark on rows."""
        self._marks[places] |= np.uint8(mark)

    def undecided(self, begins: int, ends: int) -> Flags:
        """Which rows of a stretch no table has made new yet."""
        found: Flags = (self._marks[begins:ends] & NEW) == 0
        return found

    @property
    def duplicates(self) -> int:
        """Rows that feed a table and say nothing new; refused rows feed none."""
        return int(np.count_nonzero(self._marks[: self._rows] == FED))
