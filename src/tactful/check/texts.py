"""Many texts looked at as one run of bytes: which of them a rule need be asked about at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import IntFlag
from typing import overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


class Sign(IntFlag):
    """What kinds of byte stand in a text. Stability: internal."""

    DIGIT = 1
    ZERO = 2
    UPPER = 4
    LOWER = 8
    WIDE = 16
    """A byte of a character beyond ASCII."""
    CONTROL = 32
    AT = 64
    PERCENT = 128
    MARK = 256
    """A sign that begins or ends the mark of some template."""
    TAG = 512
    STOP = 1024
    BANG = 2048
    COLON = 4096
    """What may part hours from minutes."""
    BLANK = 8192


ANY = Sign(0)
_SIGNS = (
    (Sign.DIGIT, "0123456789"),
    (Sign.ZERO, "0"),
    (Sign.UPPER, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    (Sign.LOWER, "abcdefghijklmnopqrstuvwxyz"),
    (Sign.AT, "@"),
    (Sign.PERCENT, "%"),
    (Sign.MARK, "{}%$<>*|[]#="),
    (Sign.TAG, "<>&;"),
    (Sign.STOP, "."),
    (Sign.BANG, "!"),
    (Sign.COLON, ":h."),
    (Sign.BLANK, " \t"),
)


def _table() -> NDArray[np.uint16]:
    found = np.zeros(256, dtype=np.uint16)
    found[128:] |= np.uint16(Sign.WIDE)
    found[:32] |= np.uint16(Sign.CONTROL)
    found[127] |= np.uint16(Sign.CONTROL)
    for sign, letters in _SIGNS:
        found[[ord(letter) for letter in letters]] |= np.uint16(sign)
    return found


_OF_BYTE = _table()
_ESCAPED = np.ones(256, dtype=np.int64)
for _letter, _length in (("&", 5), ("<", 4), (">", 4), ('"', 5), ("'", 5)):
    _ESCAPED[ord(_letter)] = _length


class Texts(Sequence[str | None]):
    """Distinct texts and what is known of them; null is a text without a byte. Stability: internal.

    They become Python's only where a rule looks at one.

    >>> made = Texts(pa.array(["a@b", None, "10"]))
    >>> made.having(Sign.AT).tolist(), made.having(Sign.DIGIT).tolist()
    ([0], [2])
    >>> made.matching("^[a-z]").tolist()
    [0]
    """

    __slots__ = ("_around", "_asked", "_known", "_list", "_signs", "_summed_up", "array", "marked")

    def __init__(self, array: pa.Array, *, signs: NDArray[np.uint16] | None = None) -> None:
        self.array = array
        self._list: list[str | None] | None = None
        self._signs = signs
        self._known: dict[tuple[str, Sign], Numbers] = {}
        self._asked: dict[object, Numbers] = {}
        self._around: dict[tuple[str, str], Texts] = {}
        self._summed_up: dict[str, NDArray[np.int64]] = {}
        self.marked: dict[object, NDArray[np.bool_]] = {}

    @classmethod
    def of(cls, values: Sequence[str | None]) -> Texts:
        """Of Python texts; half a character, which is no text, stands as the sign for damage."""
        try:
            return cls(pa.array(values, pa.string()))
        except UnicodeEncodeError:
            mended = [one.encode("utf-8", "replace").decode() + "\ufffd" if one else one for one in values]
            return cls(pa.array(mended, pa.string()))

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, place: int) -> str | None: ...

    @overload
    def __getitem__(self, place: slice) -> list[str | None]: ...

    def __getitem__(self, place: int | slice) -> str | list[str | None] | None:
        if self._list is None and isinstance(place, int):
            return self.array[place].as_py()  # type: ignore[no-any-return]  # a text
        return self.said[place]

    def __iter__(self) -> Iterator[str | None]:
        return iter(self.said)

    @property
    def said(self) -> list[str | None]:
        """All of them as Python has them."""
        if self._list is None:
            self._list = self.array.to_pylist()
        return self._list

    @property
    def signs(self) -> NDArray[np.uint16]:
        """For each text the signs in it, joined."""
        if self._signs is None:
            self._signs = self._summed(_OF_BYTE, how=np.bitwise_or)
        return self._signs

    @property
    def missing(self) -> Numbers:
        """Numbers of the nulls."""
        return np.flatnonzero(self.array.is_null().to_numpy(zero_copy_only=False))

    @property
    def escaped_lengths(self) -> NDArray[np.int64]:
        """For each text its bytes when it is escaped for HTML."""
        if "escaped" not in self._summed_up:
            self._summed_up["escaped"] = self._summed(_ESCAPED, how=np.add)
        return self._summed_up["escaped"]

    def counts(self, letter: str) -> NDArray[np.int64]:
        """For each text how often a letter, one sign, stands in it."""
        if letter not in self._summed_up:
            found = pc.fill_null(pc.count_substring(self.array, letter), 0)
            self._summed_up[letter] = np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)
        return self._summed_up[letter]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """For each text its bytes."""
        return np.diff(self._offsets())

    def _offsets(self) -> NDArray[np.int64]:
        _, offsets, _ = self.array.buffers()
        first, count = self.array.offset, len(self.array)
        if offsets is None:
            return np.zeros(count + 1, dtype=np.int64)
        kind = np.int64 if pa.types.is_large_string(self.array.type) else np.int32
        return np.frombuffer(offsets, dtype=kind)[first : first + count + 1].astype(np.int64)

    def _summed(self, table: NDArray, *, how: np.ufunc) -> NDArray:  # type: ignore[type-arg]  # of the table's type
        count = len(self.array)
        found = np.zeros(count, dtype=table.dtype)
        offsets = self._offsets()
        data = self.array.buffers()[2]
        full = np.flatnonzero(np.diff(offsets))
        if data is not None and full.size:
            start = offsets[0]
            of_bytes = table[np.frombuffer(data, dtype=np.uint8)[start : offsets[-1]]]
            found[full] = how.reduceat(of_bytes, offsets[full] - start)
        return found

    def having(self, sign: Sign) -> Numbers:
        """Numbers of the texts that hold any of these signs."""
        return np.flatnonzero(self.signs & int(sign))

    def matching(self, pattern: str, *, needs: Sign = ANY) -> Numbers:
        """Numbers of the texts in which a pattern matches.

        Args:
            pattern: in the words of RE2.
            needs: signs of which every match holds one at least; texts without them are not searched.
        """
        key = (pattern, needs)
        if key not in self._known:
            if needs:
                some = self.having(needs)
                found = self._found(self.array if some.size == len(self) else self.array.take(pa.array(some)), pattern)
                self._known[key] = some[found] if some.size else some
            else:
                self._known[key] = self._found(self.array, pattern)
        return self._known[key]

    def asking(self, key: object, wrong: Callable[[str], str], *, unless: str = "") -> Numbers:
        """Numbers of the texts of which a function has something to say; it is asked once of each.

        Args:
            key: what tells functions apart.
            wrong: what is wrong with a text; empty where nothing is.
            unless: a pattern of texts with which nothing is wrong: of them it is not asked.
        """
        if key not in self._asked:
            some = np.arange(len(self))
            if unless:
                some = np.delete(some, self.matching(unless))
            told = zip(some.tolist(), self.chosen(some) if unless else self.said, strict=True)
            found = [number for number, text in told if text is not None and wrong(text)]
            self._asked[key] = np.array(found, dtype=np.int64)
        return self._asked[key]

    def numbers(self, wanted: Sequence[str | None] | Texts) -> Numbers:
        """For each wanted text its number here, null among null; -1 where there is none.

        >>> Texts.of(["a", None]).numbers(["b", None, "a"]).tolist()
        [-1, 1, 0]
        """
        sought = wanted if isinstance(wanted, Texts) else Texts.of(wanted)
        found = pc.fill_null(pc.index_in(sought.array, value_set=self.array), -1)
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)

    def filled(self) -> Texts:
        """The same, null as the empty text."""
        return Texts(pc.fill_null(self.array, "")) if self.array.null_count else self

    def chosen(self, numbers: Numbers) -> list[str | None]:
        """The texts of some numbers."""
        if self._list is not None:
            return [self._list[number] for number in numbers.tolist()]
        found: list[str | None] = self.array.take(pa.array(numbers)).to_pylist()
        return found

    @staticmethod
    def _found(array: pa.Array, pattern: str) -> Numbers:
        if not len(array):
            return np.zeros(0, dtype=np.int64)
        mask = pc.match_substring_regex(array, pattern)
        return np.flatnonzero(pc.fill_null(mask, fill_value=False).to_numpy(zero_copy_only=False))

    def taken(self, numbers: Numbers) -> Texts:
        """Some of the texts, with what is known of their signs."""
        return Texts(self.array.take(pa.array(numbers)), signs=None if self._signs is None else self._signs[numbers])

    def around(self, before: str, after: str) -> Texts:
        """Each text with the same words before and after it."""
        if not before and not after:
            return self
        if (before, after) not in self._around:
            joined = pc.binary_join_element_wise(before, self.array, after, "")
            self._around[before, after] = Texts(joined)
        return self._around[before, after]


def texts_of(values: Sequence[str | None]) -> Texts:
    """Values to be looked at all at once."""
    return values if isinstance(values, Texts) else Texts.of(values)
