"""One customer's rows of a sealed table: of its files only the groups are read that may hold them."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tactful.store import lake
from tactful.words.sealed import Sealed


def of_key(source: Sealed | pa.Table, key: int, *, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of one customer_key, in order.

    Args:
        source: a table with a customer_key.
        key: whose.
        columns: those that are wanted; all where left out.
    """
    if isinstance(source, pa.Table) or not source.paths:
        table = lake.read(source)
        mine = table.filter(pc.equal(table["customer_key"], key))
        return mine.select(columns) if columns else mine
    parts = [pq.read_table(path, columns=columns, filters=[("customer_key", "=", key)]) for path in source.paths]
    return pa.concat_tables(parts, promote_options="default")
