"""Columns as distinct values with a code for each row: a value is looked at once, whoever has it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.check.texts import Texts

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """A column as its distinct values and a code for each row. Stability: internal.

    Attributes:
        values: distinct values; `Texts` where they are texts.
        codes: index into `values`, shape (rows,).
        whole: texts among which those of this column are, of which something is known; None where they stand alone.
        plain: the texts of the rows as they came, where they came so.
    """

    values: Sequence[Any]  # Any: a column of any type
    codes: Rows
    whole: Texts | None = None
    plain: pa.ChunkedArray | None = None

    @classmethod
    def of(cls, column: pa.ChunkedArray | pa.Array) -> Encoded:
        """Of an Arrow column; null is a value of its own.

        >>> made = Encoded.of(pa.array(["a", None, "a"]))
        >>> [*made.values], made.codes.tolist()
        (['a', None], [0, 1, 0])
        """
        if pa.types.is_list(column.type):
            column = pa.array([str(value) for value in column.to_pylist()], pa.string())
        words, numbers = coded(column)
        codes = np.concatenate([np.zeros(0, np.int64), *numbers], dtype=np.int64)
        return cls(values=Texts(words) if pa.types.is_string(words.type) else tuple(words.to_pylist()), codes=codes)

    def rows(self, numbers: Iterable[int]) -> Rows:
        """Rows whose value is one of these, by number."""
        wanted = numbers if isinstance(numbers, np.ndarray) else [*numbers]
        if not len(wanted):
            return np.zeros(0, dtype=np.int64)
        chosen = np.zeros(len(self.values) + 1, dtype=bool)
        chosen[wanted] = True
        return np.flatnonzero(chosen[self.codes])

    def each(self) -> list[Any]:  # Any: a column of any type
        """The value of every row."""
        values = [*self.values]
        return [values[code] for code in self.codes.tolist()]

    def taken(self, rows: Rows) -> Encoded:
        """The column of some rows, with the values that they have."""
        codes, count = self.codes[rows], len(self.values)
        if count <= 8 * len(codes):
            seen = np.zeros(count, dtype=bool)
            seen[codes] = True
            numbers = np.flatnonzero(seen)
            if len(numbers) == count:
                return Encoded(values=self.values, codes=codes, whole=self.whole)
            codes = (np.cumsum(seen) - 1)[codes]
        else:
            numbers, codes = np.unique(codes, return_inverse=True)
        whole = self.values
        values = whole.taken(numbers) if isinstance(whole, Texts) else tuple(whole[n] for n in numbers.tolist())
        return Encoded(values=values, codes=codes.astype(np.int64), whole=self.whole)

    def own(self) -> Encoded:
        """The column with no other values than its rows have.

        >>> made = Encoded(values=("a", "b", "c"), codes=np.array([2, 0])).own()
        >>> made.values, made.codes.tolist()
        (('a', 'c'), [1, 0])
        """
        return self.taken(np.arange(len(self.codes)))

    def with_none(self) -> Encoded:
        """The same, with null as its last value."""
        more = (
            Texts(pa.concat_arrays([self.values.array, pa.nulls(1, self.values.array.type)]))
            if isinstance(self.values, Texts)
            else (*self.values, None)
        )
        return Encoded(values=more, codes=np.append(self.codes, len(self.values)))


def coded(column: pa.ChunkedArray | pa.Array) -> tuple[pa.Array, list[NDArray[np.integer[Any]]]]:
    """The distinct values of a column, null among them, and for each of its pieces their numbers."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode(null_encoding="encode")
    elif isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries()
    pieces = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    words = pieces[0].dictionary if pieces else pa.array([], column.type.value_type)
    numbers = [piece.indices for piece in pieces]
    if any(one.null_count for one in numbers):
        numbers = [one.fill_null(len(words)) for one in numbers]
        words = pa.concat_arrays([words, pa.nulls(1, words.type)])
    return words, [one.to_numpy(zero_copy_only=False) for one in numbers]


def places(wanted: pa.Array, *, among: pa.Array) -> tuple[Rows, bool]:
    """For each wanted value its first place among others, -1 where it is none of them; and whether those are distinct.

    >>> found, are_distinct = places(pa.array(["b", "x", "a"]), among=pa.array(["a", "b", "a"]))
    >>> found.tolist(), are_distinct
    ([1, -1, 0], False)
    """
    values, numbers = coded(pa.chunked_array([wanted.slice(0, 0), among, wanted], among.type))
    every = np.concatenate([np.zeros(0, np.int64), *numbers], dtype=np.int64)
    known, sought = every[: len(among)], every[len(among) :]
    first = np.full(len(values) + 1, -1, dtype=np.int64)
    first[known[::-1]] = np.arange(len(known))[::-1]
    return first[sought], bool((first[known] == np.arange(len(known))).all())


def dense(key: Rows) -> Rows:
    """The same numbers made small, in their order.

    >>> dense(np.array([7, 300, 7])).tolist()
    [0, 1, 0]
    """
    most = int(key.max(initial=0)) + 1
    if most > 4 * len(key) + 1_000:
        return np.unique(key, return_inverse=True)[1].reshape(-1).astype(np.int64)
    seen = np.zeros(most, dtype=bool)
    seen[key] = True
    return np.asarray((np.cumsum(seen) - 1)[key], dtype=np.int64)


def together(columns: Sequence[Encoded]) -> Encoded:
    """Several columns as one, whose values are tuples.

    >>> made = together([Encoded.of(pa.array([1, 1, 2])), Encoded.of(pa.array(["a", "a", "b"]))])
    >>> made.values, made.codes.tolist()
    (((1, 'a'), (2, 'b')), [0, 0, 1])
    """
    key = np.zeros(len(columns[0].codes), dtype=np.int64)
    for column in columns:
        key = dense(key * len(column.values) + column.codes)
    first = np.zeros(int(key.max(initial=-1)) + 1, dtype=np.int64)
    first[key[::-1]] = np.arange(len(key))[::-1]
    places = [column.codes[first].tolist() for column in columns]
    values = (
        tuple(column.values[place] for column, place in zip(columns, one, strict=True))
        for one in zip(*places, strict=True)
    )
    return Encoded(values=tuple(values), codes=key)
