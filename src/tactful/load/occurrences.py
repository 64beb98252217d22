"""Which occurrence of its key each row of a file is: exact, in one pass, in bounded memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tactful.load.chunk import Integers
from tactful.load.fingerprint_log import FingerprintLog
from tactful.load.fingerprints import Prints
from tactful.load.numbers import Flags

SIEVE_BITS = 28
MOST_SIEVE_BITS = 31
BITS_EACH = 8
"""A sieve with fewer bits for each fingerprint would take too many strangers for known."""
BITS_EACH_OF_FEW = 64
_SLOTS = 1 << 20
_ONE, _LAST = np.uint64(1), np.uint64(63)
_NONE: Integers = np.empty(0, np.int64)
MOST_AT_ONCE = 1_000_000


class Sieve:
    """A set of fingerprints that never forgets one, and seldom takes one for known that is not. Stability: internal.

    32 MiB for up to 33 million fingerprints, then more; less where they are known to be few, since what is taken anew
    from the system has to be cleared first. A fingerprint is three bits of one word: with a million fingerprints in
    32 MiB 1 in 10,000 strangers passes, with eight 2 in 1,000, one in 25 at most.

    Args:
        room: for how many fingerprints, about; 0 where nobody knows.
        usual_bits: the size of one for an unknown number, as a power of two.
    """

    def __init__(self, *, room: int = 0, usual_bits: int = SIEVE_BITS) -> None:
        bits = usual_bits
        if room:
            bits = max((BITS_EACH * room - 1).bit_length(), min(usual_bits, (BITS_EACH_OF_FEW * room).bit_length()))
        self._words = np.zeros(1 << (max(6, min(MOST_SIEVE_BITS, bits)) - 6), np.uint64)

    @property
    def room(self) -> int:
        """How many fingerprints it has room for."""
        return len(self._words) * 64 // BITS_EACH

    @property
    def is_largest(self) -> bool:
        """Whether no larger one is made."""
        return len(self._words) * 64 >= 1 << MOST_SIEVE_BITS

    def has(self, prints: Prints) -> Flags:
        """Which fingerprints may be in the set; those that are not are told for certain."""
        places, bits = self._places(prints)
        found: Flags = (self._words[places] & bits) == bits
        return found

    def add(self, prints: Prints) -> None:
        """Put fingerprints into the set."""
        places, bits = self._places(prints)
        while len(places):
            # Of two that share a word only one is written at a time; the other comes round again.
            self._words[places] |= bits
            left = (self._words[places] & bits) != bits
            places, bits = places[left], bits[left]

    def _places(self, prints: Prints) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        places = ((prints >> np.uint64(18)) & np.uint64(len(self._words) - 1)).astype(np.int64)
        bits = _ONE << (prints & _LAST)
        for shift in (6, 12):
            bits |= _ONE << ((prints >> np.uint64(shift)) & _LAST)
        return places, bits


class Occurrences:
    """Numbers the occurrences of each key in the order of a file. One pass, one thread. Stability: internal.

    Rows whose key was certainly never met before their stretch are numbered at once. The few others stay open: the
    caller keeps them, and asks once for all of them (`settle`), best at the end of the file.
    """

    def __init__(self, *, sieve: Sieve | None = None) -> None:
        self._sieve = sieve or Sieve()
        self._settled, self._whole = FingerprintLog(), FingerprintLog()
        self._has_whole = False
        # Of every key that occurs more than once: the key for each occurrence but the first, and all its whole rows.
        self._repeated, self._alike = FingerprintLog(), FingerprintLog()
        self._open: list[Prints] = []
        self.seen = 0

    def number(self, prints: Prints, *, whole: Prints | None = None) -> tuple[Integers, Flags]:
        """Occurrence numbers, from 1, of the next stretch of rows, and which of them are still open.

        Args:
            prints: fingerprints of the keys; shape (rows,).
            whole: fingerprints of the whole rows, where exact repeats are to be counted: always or never.

        >>> counter = Occurrences()
        >>> lines, still_open = counter.number(np.array([7, 8, 7], np.uint64))
        >>> lines.tolist(), still_open.tolist()
        ([1, 1, 2], [False, False, False])
        >>> counter.number(np.array([8], np.uint64))[1].tolist()
        [True]
        """
        self._make_room(len(prints))
        still_open = self._sieve.has(prints)
        self._sieve.add(prints)
        lines = within(prints)
        if still_open.any():
            self._open.append(prints[still_open])
        self._keep(prints, whole, chosen=~still_open if still_open.any() else None)
        repeated = prints[(lines > 1) & ~still_open]
        self._repeated.append(repeated)
        if whole is not None and len(repeated):
            self._alike.append(whole[Sought(np.unique(repeated)).among(prints)[1]])
        return lines, still_open

    def settle(self, prints: Prints, *, whole: Prints | None = None) -> Integers:
        """Occurrence numbers of every open row so far, given in the order of the file.

        >>> counter = Occurrences()
        >>> _ = counter.number(np.array([7, 8, 7], np.uint64))
        >>> _ = counter.number(np.array([8, 7, 8], np.uint64))
        >>> counter.settle(np.array([8, 7, 8], np.uint64)).tolist()
        [2, 3, 3]
        """
        if len(prints) == 0:
            return np.empty(0, np.int64)
        keys, which, count = np.unique(prints, return_inverse=True, return_counts=True)
        before = self._occurred(keys)
        lines = before[which] + within(prints)
        if whole is not None:
            self._alike.append(whole[(before + count)[which] > 1])
        self._keep(prints, whole, chosen=None)
        self._repeated.append(prints[lines > 1])
        self._open = []
        return lines

    def _occurred(self, keys: Prints) -> Integers:
        """How often each of some keys is among the settled rows; the whole rows of those that are count as alike."""
        sought, found = Sought(keys), np.zeros(len(keys), np.int64)
        wholes = iter(self._whole)
        for settled in self._settled:
            at, rows = sought.among(settled)
            np.add.at(found, at, 1)
            if self._has_whole:
                self._alike.append(next(wholes)[rows])
        return found

    def exact_repeats(self) -> int:
        """How many settled rows repeat an earlier row as a whole; 0 where whole rows were never given.

        >>> counter = Occurrences()
        >>> _ = counter.number(np.array([7, 7, 7], np.uint64), whole=np.array([1, 2, 1], np.uint64))
        >>> counter.exact_repeats()
        1
        """
        if not self._has_whole:
            return 0
        # A row that repeats another as a whole has its key. Of the rows whose key occurs more than once, as many are
        # repeats as there are fewer different ones among them.
        rows = len(self._repeated) + _distinct(self._repeated)
        return rows - _distinct(self._alike)

    def _make_room(self, more: int) -> None:
        """A larger sieve where the present one grows full, filled with what is settled; what is open is added too."""
        self.seen += more
        if self.seen <= self._sieve.room or self._sieve.is_largest:
            return
        larger = Sieve(room=2 * self.seen)
        for settled in self._settled:
            larger.add(settled)
        for waiting in self._open:
            larger.add(waiting)
        self._sieve = larger

    def _keep(self, prints: Prints, whole: Prints | None, *, chosen: Flags | None) -> None:
        self._settled.append(prints if chosen is None else prints[chosen])
        if whole is not None:
            self._has_whole = True
            self._whole.append(whole if chosen is None else whole[chosen])


def _distinct(prints: FingerprintLog) -> int:
    """How many different fingerprints there are: part by part, so that a file of nothing but repeats takes no more
    memory.
    """
    parts, found = 1 + len(prints) // MOST_AT_ONCE, 0
    for part in range(parts):
        chosen = (some[some % np.uint64(parts) == part] for some in prints)
        ordered = np.sort(np.concatenate([np.empty(0, np.uint64), *chosen]))
        found += min(len(ordered), 1) + int(np.count_nonzero(ordered[1:] != ordered[:-1]))
    return found


class Sought:
    """Fingerprints that are looked for among many others, a stretch at a time. Stability: internal.

    Args:
        keys: ascending, each once; shape (keys,).
    """

    def __init__(self, keys: Prints) -> None:
        self._keys = keys
        self._slots = np.uint64((1 << max(16, min(25, (32 * len(keys)).bit_length()))) - 1)
        self._met = np.zeros(int(self._slots) + 1, np.bool_)
        self._met[keys & self._slots] = True

    def among(self, prints: Prints) -> tuple[Integers, Integers]:
        """Which of some fingerprints are sought: where they stand among the keys, and their rows.

        Args:
            prints: any; most are strangers.

        >>> Sought(np.array([3, 9], np.uint64)).among(np.array([9, 4, 3], np.uint64))
        (array([1, 0]), array([0, 2]))
        """
        rows = np.flatnonzero(self._met[prints & self._slots])
        some = prints[rows]
        at = np.minimum(np.searchsorted(self._keys, some), len(self._keys) - 1)
        same = self._keys[at] == some
        return at[same], rows[same]


def within(prints: Prints) -> Integers:
    """Occurrence number of each fingerprint among those given, from 1, in their order.

    >>> within(np.array([5, 6, 5, 5], np.uint64)).tolist()
    [1, 1, 2, 3]
    """
    numbers = np.ones(len(prints), np.int64)
    # Most stand alone in their slot of a table; only those that share one are sorted.
    slots = (prints & np.uint64(_SLOTS - 1)).astype(np.int64)
    rows = np.arange(len(prints), dtype=np.int32)
    owner = np.empty(_SLOTS, np.int32)
    owner[slots] = rows
    crowded = slots[owner[slots] != rows]
    if len(crowded) == 0:
        return numbers
    owner[slots] = 0
    owner[crowded] = 1
    some = np.flatnonzero(owner[slots])
    some = some[np.argsort(prints[some], kind="stable")]
    ordered = prints[some]
    begins = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    first = np.maximum.accumulate(np.where(begins, np.arange(len(some)), 0))
    numbers[some] = np.arange(len(some)) - first + 1
    return numbers
