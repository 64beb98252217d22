"""Many rows of one key made one: in each column the last value that says something."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.load.chunk import Integers


def merged(rows: pa.Table, *, keys: tuple[str, ...]) -> pa.Table:
    """One row per key, in the order in which keys were first met.

    Args:
        rows: in the order of the file.
        keys: columns that make the key.

    >>> rows = pa.table({"id": ["a", "b", "a"], "name": ["Anna", "Bert", None], "city": [None, "Ulm", "Rom"]})
    >>> merged(rows, keys=("id",)).to_pylist()
    [{'id': 'a', 'name': 'Anna', 'city': 'Rom'}, {'id': 'b', 'name': 'Bert', 'city': 'Ulm'}]
    """
    codes = codes_of(rows, keys=keys)
    count = int(codes.max()) + 1 if len(codes) else 0
    if count == rows.num_rows:
        return rows
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(count))
    columns = {}
    for name in rows.column_names:
        column = rows.column(name).combine_chunks()
        places = order
        if column.null_count:
            says = np.asarray(column.is_valid())[order]
            places = np.where(says, order, -1)
        # Within one key the order is the file's, so the greatest place is the last.
        last = np.maximum.reduceat(places, starts)
        columns[name] = column.take(pa.array(last, mask=last < 0))
    return pa.table(columns)


def codes_of(rows: pa.Table, *, keys: tuple[str, ...]) -> Integers:
    """A number per row, from 0, the same for rows of the same key, in the order in which keys were first met."""
    codes = np.zeros(rows.num_rows, np.int64)
    for key in keys:
        column = rows.column(key).combine_chunks()
        encoded = pc.dictionary_encode(column, null_encoding="encode")
        pairs = codes * max(1, len(encoded.dictionary)) + encoded.indices.to_numpy(zero_copy_only=False)
        codes = pc.dictionary_encode(pa.array(pairs)).indices.to_numpy().astype(np.int64)
    return codes
