"""Texts read from a file as the codes that stand in it, also those within lists of rows: no value is spelt out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opened:
    """A file of the lake. Stability: internal.

    Attributes:
        file: as Parquet reads it, texts of `coded` columns as dictionaries.
        plain: the same, every text spelt out.
        lists: the coded columns whose texts stand within lists.
    """

    file: pq.ParquetFile
    plain: pq.ParquetFile
    lists: frozenset[str]

    def table(self, columns: list[str] | None) -> pa.Table:
        """All rows."""
        if not self._has_lists(columns):
            return self.file.read(columns=columns)
        groups = [self._group(number, columns) for number in range(self.file.num_row_groups)]
        return pa.concat_tables(groups) if groups else self._typed(self.plain.read(columns=columns))

    def batches(self, columns: list[str] | None, *, rows: int) -> Iterator[pa.RecordBatch]:
        """All rows, a bounded number at a time."""
        if not self._has_lists(columns):
            yield from self.file.iter_batches(batch_size=rows, columns=columns)
            return
        for number in range(self.file.num_row_groups):
            yield from self._group(number, columns).to_batches(max_chunksize=rows)

    def _has_lists(self, columns: list[str] | None) -> bool:
        return bool(self.lists if columns is None else self.lists.intersection(columns))

    def _group(self, number: int, columns: list[str] | None) -> pa.Table:
        """One group of rows; where a list's texts have more than one dictionary in it, they are spelt out and coded."""
        try:
            return self.file.read_row_group(number, columns=columns)
        except pa.ArrowNotImplementedError:
            return self._typed(self.plain.read_row_group(number, columns=columns))

    def _typed(self, table: pa.Table) -> pa.Table:
        wanted = self.file.schema_arrow
        for place, name in enumerate(table.column_names):
            if name in self.lists:
                pieces = [in_codes(piece) for piece in table[name].chunks]
                table = table.set_column(place, name, pa.chunked_array(pieces, wanted.field(name).type))
            elif table[name].type != wanted.field(name).type:
                table = table.set_column(place, name, table[name].dictionary_encode())
        return table


def opened(path: str, *, coded: Sequence[str] = ()) -> Opened:
    """A file, the texts of some of its columns as codes.

    Args:
        path: of a Parquet file.
        coded: names of columns; those that the file has not are passed over.
    """
    plain = pq.ParquetFile(path)
    if not coded:
        return Opened(file=plain, plain=plain, lists=frozenset())
    schema, wanted = plain.schema, frozenset(coded)
    every = [schema.column(number) for number in range(len(schema))]
    texts = [one.path for one in every if one.physical_type == "BYTE_ARRAY" and one.path.split(".", 1)[0] in wanted]
    return Opened(
        file=pq.ParquetFile(path, read_dictionary=texts, metadata=plain.metadata),
        plain=plain,
        lists=frozenset(one.split(".", 1)[0] for one in texts if "." in one),
    )


def in_codes(column: pa.Array) -> pa.Array:
    """A column in one piece whose texts, also those of lists and of rows within lists, are codes and words.

    >>> in_codes(pa.array([["a", "b"], None, ["a"]])).values.indices.to_pylist()
    [0, 1, 0]
    """
    if pa.types.is_string(column.type):
        return column.dictionary_encode()
    if pa.types.is_list(column.type):
        values, mask = in_codes(column.values), column.is_null() if column.null_count else None
        kind = pa.list_(column.type.value_field.with_type(values.type))
        return pa.ListArray.from_arrays(column.offsets, values, type=kind, mask=mask)
    if pa.types.is_struct(column.type):
        made = [in_codes(column.field(number)) for number in range(column.type.num_fields)]
        fields = [one.with_type(own.type) for one, own in zip(column.type, made, strict=True)]
        return pa.StructArray.from_arrays(made, fields=fields, mask=column.is_null() if column.null_count else None)
    return column
