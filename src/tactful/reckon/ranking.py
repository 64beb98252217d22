"""The best of many scores in a total order, and how good a ranked list is, by the usual definitions.

All lists are judged against every item of the catalogue; nothing is sampled. A customer's truth is the set of items
they chose afterwards; customers without any are not judged.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Scores: TypeAlias = NDArray[np.float32] | Floats
Bools: TypeAlias = NDArray[np.bool_]
GROUPS: Final = 16
"""Groups of columns for each place of a list."""


def best(scores: Scores, *, count: int) -> Ints:
    """The columns with the highest scores of each row, best first; of equal scores the smaller column comes first.

    Args:
        scores: shape (rows, columns); -inf where a column may not be chosen.
        count: how many; at most the number of columns is answered.

    Returns:
        Columns, shape (rows, count); -1 where no more may be chosen.

    >>> best(np.array([[1, 3, 3, -np.inf], [0, 0, 0, 0]], np.float32), count=2).tolist()
    [[1, 2], [0, 1]]
    """
    rows, columns = scores.shape
    count = min(count, columns)
    least = _bound(scores, count=count)
    row, column = np.nonzero(scores > least[:, None])
    order = np.lexsort((column, -scores[row, column], row))
    row, column = row[order], column[order]
    above = np.bincount(row, minlength=rows)
    place = np.arange(row.size) - np.repeat(np.cumsum(above) - above, above)
    answer = np.full((rows, count), -1, dtype=np.int64)
    answer[row[place < count], place[place < count]] = column[place < count]
    for short in np.flatnonzero((above < count) & ~np.isneginf(least)).tolist():
        ties = _first(scores[short] == least[short], count=count - int(above[short]))
        answer[short, above[short] : above[short] + ties.size] = ties
    return answer


def _bound(scores: Scores, *, count: int) -> Scores:
    """A value that at least `count` scores of each row reach, and not many more pass: found without sorting all.

    Columns are dealt into groups; as many groups as are asked for have a maximum at or above it.
    """
    rows, columns = scores.shape
    groups = min(columns, GROUPS * count)
    most = np.full((rows, groups), -np.inf, dtype=scores.dtype)
    for start in range(0, columns, groups):
        part = scores[:, start : start + groups]
        np.maximum(most[:, : part.shape[1]], part, out=most[:, : part.shape[1]])
    return np.asarray(-np.partition(-most, count - 1, axis=1)[:, count - 1])


def _first(chosen: Bools, *, count: int) -> Ints:
    """The first `count` places that are true; looks no further than it must."""
    width = 4 * count + 64
    while True:
        places = np.flatnonzero(chosen[:width])
        if places.size >= count or width >= chosen.size:
            return places[:count]
        width *= 8


def hits(lists: Ints, *, truth_keys: Ints, rows: Ints, columns: int) -> Bools:
    """Which places of each list hold an item of its customer's truth.

    Args:
        lists: columns, -1 for none; shape (rows, k).
        truth_keys: row * columns + column of every true pair, rising.
        rows: the row number in `truth_keys` of each list; shape (rows,).
        columns: how many items there are.

    >>> hits(np.array([[2, 0]]), truth_keys=np.array([1, 2]), rows=np.array([0]), columns=3).tolist()
    [[True, False]]
    """
    keys = rows[:, None] * columns + lists
    place = np.minimum(np.searchsorted(truth_keys, keys), max(truth_keys.size - 1, 0))
    return np.zeros(lists.shape, bool) if truth_keys.size == 0 else (truth_keys[place] == keys) & (lists >= 0)


def recall(hit: Bools, *, sizes: Ints) -> Floats:
    """What share of a customer's truth the list holds.

    >>> recall(np.array([[True, False, True]]), sizes=np.array([4])).tolist()
    [0.5]
    """
    return np.asarray(hit.sum(axis=1) / sizes)


def gain(hit: Bools, *, sizes: Ints) -> Floats:
    """NDCG: each hit counts 1 / log2(1 + place), over what the best list of that length has.

    >>> gain(np.array([[False, True]]), sizes=np.array([1])).round(4).tolist()  # (1 / log2 3) / 1
    [0.6309]
    """
    worth = 1 / np.log2(np.arange(2, hit.shape[1] + 2))
    ideal = np.concatenate([[0.0], np.cumsum(worth)])
    return np.asarray(hit @ worth / ideal[np.minimum(sizes, hit.shape[1])])


def precision(hit: Bools, *, sizes: Ints) -> Floats:
    """MAP: the precision at the place of each hit, over the most hits that a list of that length could have.

    >>> precision(np.array([[True, False, True]]), sizes=np.array([2])).round(4).tolist()  # (1/1 + 2/3) / 2
    [0.8333]
    """
    places = np.arange(1, hit.shape[1] + 1)
    return np.asarray((hit * np.cumsum(hit, axis=1) / places).sum(axis=1) / np.minimum(sizes, hit.shape[1]))


def reciprocal_rank(hit: Bools) -> Floats:
    """MRR: one over the place of the first hit, nothing without one.

    >>> reciprocal_rank(np.array([[False, True, True], [False, False, False]])).tolist()
    [0.5, 0.0]
    """
    return np.where(hit.any(axis=1), 1 / (1 + hit.argmax(axis=1)), 0.0)
