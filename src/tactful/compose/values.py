"""Values of many messages at once: each distinct value is held once, and every row says which of them is its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tactful.compose.placed import PlacedDict, PlacedList, Said

Rows = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int64]
_SPELT_ONE_WAY = frozenset({str, int, bool, type(None)})
"""Kinds whose equal values are the same text; 0.0 and -0.0, 2.5 and 2.50, one instant in two zones are not."""
_ROOMY = 8
"""Numbers are found in a table of up to so many entries for each row, by sorting beyond."""


class Distinct:
    """The distinct values of a column. Stability: internal.

    Args:
        objects: the values, as a template sees them.
        at: the path at which all of them stand, where every one of them is a text of the context.
    """

    __slots__ = ("_longest", "_size", "at", "derived", "memo", "objects", "stored")

    def __init__(self, objects: Sequence[Any], *, at: str = "") -> None:  # Any: whatever a template sees
        self.objects = objects
        self.at = at
        self.memo: dict[tuple[object, ...], Any] = {}  # Any: what an expression made of each value
        self.derived: dict[object, Distinct] = {}
        self.stored: dict[object, pa.Array] = {}
        self._longest = -1
        self._size = -1

    @property
    def longest(self) -> int:
        """Characters of the longest text."""
        if self._longest < 0:
            self._longest = max(map(len, self.objects), default=0)
        return self._longest

    @property
    def size(self) -> int:
        """The most that Python says one of the values takes."""
        if self._size < 0:
            self._size = max((one.__sizeof__() + 16 for one in self.objects), default=0)
        return self._size


class Texts(Distinct):
    """Texts of one path; they become what a template sees only where one is looked at. Stability: internal.

    Args:
        make: gives the texts, once.
        at: the path at which all of them stand.
    """

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], pa.Array], *, at: str) -> None:
        super().__init__((), at=at)
        del self.objects
        self.make = make

    def __getattr__(self, name: str) -> Any:  # Any: only `objects` may be missing
        if name != "objects":
            raise AttributeError(name)
        self.objects = [Said(value, (self.at,)) for value in self.array.to_pylist()]
        return self.objects

    @property
    def array(self) -> pa.Array:
        """The texts as Arrow has them."""
        if "text" not in self.stored:
            self.stored["text"] = self.make()
        return self.stored["text"]

    @property
    def longest(self) -> int:
        """At least the characters of the longest text: its bytes."""
        if self._longest < 0:
            self._longest = pc.max(pc.binary_length(self.array)).as_py() or 0
        return self._longest


class Column:
    """One value for each row: a code into what is distinct. Stability: internal.

    Args:
        distinct: the values.
        codes: for each of `rows` the place of its value; None where there is only one value.
        rows: ascending; None for all rows of the frame.
    """

    __slots__ = ("codes", "distinct", "now", "rows")

    def __init__(self, distinct: Distinct, codes: Codes | None, *, rows: Rows | None = None) -> None:
        self.distinct, self.codes, self.rows = distinct, codes, rows
        self.now: int = 0

    def of(self, rows: Rows) -> Codes:
        """The codes of some of the rows."""
        if self.codes is None:
            return np.zeros(len(rows), np.int64)
        if self.rows is None:
            return self.codes[rows]
        if self.rows is rows:
            return self.codes
        return self.codes[np.searchsorted(self.rows, rows)]

    def __sizeof__(self) -> int:
        """What python-liquid counts a name of this value with: never less than it would count in any row."""
        return self.distinct.size


class Tree(PlacedDict):
    """A mapping whose values differ by row. Stability: internal."""

    __slots__ = ()


class Branch(PlacedList):
    """A list of the same length in every row, whose entries differ by row. Stability: internal."""

    __slots__ = ()


class Lists:
    """A list that is longer in some rows than in others. Stability: internal.

    Args:
        lengths: of each row's list.
        entries: by place; where a row has none its code is any. Or what gives them: a long list that no template
            looks at costs nothing then.
        at: the path of the list.
    """

    __slots__ = ("_entries", "at", "lengths")

    def __init__(self, lengths: Codes, entries: list[object] | Callable[[], list[object]], *, at: str) -> None:
        self.lengths, self._entries, self.at = lengths, entries, at

    @property
    def entries(self) -> list[object]:
        """The columns by place."""
        if callable(self._entries):
            self._entries = self._entries()
        return self._entries


def dense(mixed: Codes, *, span: int) -> tuple[Codes, int]:
    """Codes from 0 on without a gap, in the order of the numbers they stand for, and how many there are.

    Args:
        mixed: whole numbers, several for each row put into one.
        span: more than any of them.

    >>> codes, kinds = dense(np.array([7, 2, 7]), span=8)
    >>> codes.tolist(), kinds
    ([1, 0, 1], 2)
    """
    if span > _ROOMY * len(mixed):
        distinct, codes = np.unique(mixed, return_inverse=True)
        return codes, len(distinct)
    seen = np.zeros(span, bool)
    seen[mixed] = True
    places = np.cumsum(seen) - 1
    return places[mixed], int(places[-1]) + 1 if span else 0


def numbered(mixed: Codes, *, span: int) -> tuple[Codes, Codes]:
    """The distinct numbers, ascending, and for each number its place among them: `np.unique` without sorting.

    >>> [one.tolist() for one in numbered(np.array([7, 2, 7]), span=8)]
    [[2, 7], [1, 0, 1]]
    """
    codes, kinds = dense(mixed, span=span)
    distinct = np.empty(kinds, np.int64)
    distinct[codes] = mixed
    return distinct, codes


def below(value: object) -> Iterator[Column]:
    """Every column within a value."""
    if type(value) is Column:
        yield value
    elif type(value) is Tree:
        for inner in value.values():
            yield from below(inner)
    elif type(value) is Branch or type(value) is tuple:
        for inner in value:
            yield from below(inner)


def is_symbolic(value: object) -> bool:
    """Whether a value differs by row."""
    return type(value) in {Column, Tree, Branch, Lists} or (
        type(value) is tuple and any(is_symbolic(inner) for inner in value)
    )


def concrete(value: object) -> object:
    """The value of the row that is looked at now."""
    if type(value) is Column:
        return value.distinct.objects[value.now]
    if type(value) is Tree:
        return PlacedDict({key: concrete(inner) for key, inner in value.items()}, value.at)
    if type(value) is Branch:
        return PlacedList([concrete(inner) for inner in value], value.at)
    if type(value) is tuple and any(is_symbolic(inner) for inner in value):
        return tuple(concrete(inner) for inner in value)
    return value


def factorised(values: Sequence[object]) -> tuple[list[Any], Codes]:
    """The distinct values in order of first sight, and the code of each; what is spelt differently differs.

    >>> factorised(["a", "b", "a"])[1].tolist()
    [0, 1, 0]
    >>> factorised([0.0, -0.0, 1, True])[1].tolist()
    [0, 1, 2, 3]
    """
    known: dict[object, int] = {}
    distinct: list[Any] = []
    codes = np.empty(len(values), np.int64)
    for number, value in enumerate(values):
        kind = type(value)
        key = (kind, value) if kind in _SPELT_ONE_WAY else (kind, value, repr(value))
        code = known.get(key)
        if code is None:
            code = known[key] = len(distinct)
            distinct.append(value)
        codes[number] = code
    return distinct, codes
