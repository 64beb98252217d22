"""Whose row a row is, found by customers' keys: both tables are sorted by them, and a search is quicker than a hash."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_ID, KEY = "customer_id", "customer_key"
NEEDS = (_ID, KEY)
"""The columns by which rows are found."""


def rows_by_key(wanted: pa.Table, *, among: pa.Table) -> NDArray[np.int64] | None:
    """For each row of one table the row of its customer in another; None where their keys alone cannot say.

    They can where everybody who is wanted is known, and the other table has one row for each, sorted by key. The names
    are compared: a key that two customers share tells nothing.

    Args:
        wanted: columns of `NEEDS`.
        among: columns of `NEEDS`.

    >>> known = pa.table({"customer_id": ["a", "b", "c"], "customer_key": [-3, 0, 7]})
    >>> rows_by_key(pa.table({"customer_id": ["c", "a"], "customer_key": [7, -3]}), among=known).tolist()
    [2, 0]
    >>> rows_by_key(pa.table({"customer_id": ["d"], "customer_key": [7]}), among=known) is None
    True
    """
    if not all(name in table.column_names for table in (wanted, among) for name in NEEDS):
        return None
    sought, known = (_numbers(table[KEY]) for table in (wanted, among))
    if sought is None or known is None or not len(known) or (known[1:] <= known[:-1]).any():
        return None
    places = np.arange(len(known)) if np.array_equal(sought, known) else np.searchsorted(known, sought)
    places[places == len(known)] = 0
    if not np.array_equal(known[places], sought):
        return None
    is_in_order = len(places) == len(known) and bool((places[1:] > places[:-1]).all())
    names = among[_ID] if is_in_order else among[_ID].take(pa.array(places))
    return places if pc.all(pc.equal(names, wanted[_ID]), min_count=0, skip_nulls=False).as_py() else None


def _numbers(column: pa.ChunkedArray) -> NDArray[np.int64] | None:
    """Keys as numbers; None where one is missing."""
    if column.null_count or not pa.types.is_int64(column.type):
        return None
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int64)
