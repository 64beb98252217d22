"""Columns of lists, made from matrices and flags without a Python object per row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def named_flags(flags: dict[str, NDArray[np.bool_]], *, rows: int) -> pa.Array:
    """For each row the names whose flag is set, in order; list<string>, shape (rows,).

    >>> import numpy as np
    >>> named_flags({"a": np.array([True, False]), "b": np.array([True, True])}, rows=2).to_pylist()
    [['a', 'b'], ['b']]
    """
    names, code = list(flags), np.zeros(rows, dtype=object if len(flags) > 62 else np.int64)
    for place, flag in enumerate(flags.values()):
        code += flag.astype(code.dtype) * (1 << place)
    unique, where = np.unique(code, return_inverse=True)
    words = [[name for place, name in enumerate(names) if int(number) >> place & 1] for number in unique]
    return pa.array(words, type=pa.list_(pa.string())).take(pa.array(where))


def lists(values: NDArray[np.int64] | NDArray[np.bool_]) -> pa.Array:
    """A matrix as one list per row."""
    n, k = values.shape
    return pa.ListArray.from_arrays(pa.array(np.arange(n + 1, dtype=np.int32) * k), pa.array(values.ravel()))


def coded_lists(column: pa.Array) -> tuple[NDArray[np.int64], list[list[str]]]:
    """A column of lists of words as a number per row and the list that each number stands for.

    >>> numbers, known = coded_lists(pa.array([["a"], [], ["a"], ["b", "a"]]))
    >>> [known[number] for number in numbers]
    [['a'], [], ['a'], ['b', 'a']]
    """
    lengths = column.value_lengths().to_numpy(zero_copy_only=False).astype(np.int64)
    words = column.flatten().dictionary_encode()
    codes, starts = words.indices.to_numpy(zero_copy_only=False).astype(np.int64), np.cumsum(lengths) - lengths
    number = np.zeros(lengths.size, dtype=np.int64)
    for place in range(int(lengths.max(initial=0))):
        longer = lengths > place
        code = np.zeros(lengths.size, dtype=np.int64)
        code[longer] = codes[starts[longer] + place] + 1
        _, number = np.unique(number * (len(words.dictionary) + 1) + code, return_inverse=True)
    unique, first, place_of = np.unique(number, return_index=True, return_inverse=True)
    return place_of, [column[int(row)].as_py() for row in first[: unique.size]]
