"""Rows of `messages` of several skeletons as one table, values held as codes until the width of their file is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_ORDER = ("skeleton_id", "message_id")
_MOST_DISTINCT = 0.5
"""Of the rows: up to so many distinct values a column is held as codes until its file is complete."""


def gathered(tables: Sequence[pa.Table]) -> pa.Table | None:
    """One table, sorted by skeleton and message; None where there is none.

    A column has codes and the words they stand for, in which a word may stand twice; or its words, where most rows have
    their own. Where a table has no column of a name, its rows have none.

    Args:
        tables: ids, and slot columns by codes; each table has those of its skeleton.
    """
    if not tables:
        return None
    names = max((table.column_names for table in tables), key=len)
    names += sorted({name for table in tables for name in table.column_names} - set(names))
    ids = pa.concat_tables([table.select(_ORDER) for table in tables])
    order = pc.sort_indices(ids, sort_keys=[(name, "ascending") for name in _ORDER])
    return pa.table({name: _gathered(tables, name).take(order) for name in names})


def spelt(table: pa.Table, schema: pa.Schema) -> pa.RecordBatch:
    """The same rows in the columns of a file, every value spelt out; null where no row has a column."""
    return pa.RecordBatch.from_arrays([_spelt(table, one) for one in schema], schema=schema)


def _spelt(table: pa.Table, wanted: pa.Field) -> pa.Array:
    if wanted.name not in table.column_names:
        return pa.nulls(table.num_rows, wanted.type)
    return _whole(table[wanted.name]).cast(wanted.type)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _gathered(tables: Sequence[pa.Table], name: str) -> pa.Array:
    """One column of all tables."""
    columns = [_whole(table[name]) if name in table.column_names else None for table in tables]
    counts = [table.num_rows for table in tables]
    if not any(one is not None and pa.types.is_dictionary(one.type) for one in columns):
        kind = next(one.type for one in columns if one is not None)
        return pa.concat_arrays(
            [pa.nulls(count, kind) if one is None else one for one, count in zip(columns, counts, strict=True)]
        )
    words = [_words(one) for one in columns]
    if sum(map(len, words)) > _MOST_DISTINCT * sum(counts):
        texts = [
            pa.nulls(count, pa.string()) if one is None else one.cast(pa.string())
            for one, count in zip(columns, counts, strict=True)
        ]
        return pa.concat_arrays(texts)
    codes, has = np.zeros(sum(counts), np.int32), np.ones(sum(counts), bool)
    row = word = 0
    for one, own, count in zip(columns, words, counts, strict=True):
        if one is None:
            has[row : row + count] = False
        elif pa.types.is_dictionary(one.type):
            np.add(one.indices.to_numpy(), word, out=codes[row : row + count])
        else:
            codes[row : row + count] = np.arange(word, word + count)
        row, word = row + count, word + len(own)
    kind = pa.int16() if word < 1 << 15 else pa.int32()
    return pa.DictionaryArray.from_arrays(pa.array(codes, kind, mask=~has), pa.concat_arrays(words))


def _words(column: pa.Array | None) -> pa.Array:
    """What the codes of a column stand for; a column without codes stands for itself."""
    if column is None:
        return pa.array([], pa.string())
    return column.dictionary if pa.types.is_dictionary(column.type) else column
