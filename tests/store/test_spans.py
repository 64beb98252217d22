"""Spans of a sealed table give every row once, wherever files and groups of rows begin, held back or read again."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.store import lake
from tactful.store.scratch import Scratch
from tactful.store.spans import HIGHEST, Spans, evenly
from tactful.words.clock import Clock

NOW = Clock.at("2024-01-01T00:00:00").now
COLUMNS = ("customer_key", "order_id")


def lines(keys: list[int | None]) -> pa.Table:
    rows = [
        {"customer_id": None if key is None else str(key), "customer_key": key, "order_id": f"o{number % 7}",
         "line": number, "item_id": "i", "quantity": 1, "unit_price": 1, "currency": "EUR", "happened_at": NOW,
         "kind": "sale", "source": "s"}
        for number, key in enumerate(keys)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=lake.contracts.table("transactions").schema)


def told(rows: pa.Table) -> list[tuple[int | None, str]]:
    return sorted((row["customer_key"] or 0, str(row["order_id"])) for row in rows.to_pylist())


KEYS = st.lists(st.none() | st.integers(-(1 << 63), HIGHEST) | st.integers(-3, 3), max_size=60)


@given(keys=KEYS, shares=st.integers(1, 6), files=st.integers(1, 99), held=st.integers(0, 20))
def test_every_row_is_given_once_in_the_span_of_its_key(
    tmp_path_factory: pytest.TempPathFactory, keys: list[int | None], shares: int, files: int, held: int
) -> None:
    table, root = lines(keys), tmp_path_factory.mktemp("lake")
    sealed = lake.seal(
        "transactions", table.to_batches(max_chunksize=11), root=root, run_id=bytes(16), rows_per_file=files
    )  # fmt: skip
    for source in (sealed, table):
        spans, low = Spans(source, by="customer_key", columns=COLUMNS, coded=["order_id"], held_rows=held), -(1 << 63)
        for high in evenly(shares):
            expected = [n for n, key in enumerate(keys) if key is not None and low <= key <= high]
            assert told(spans.up_to(high)) == told(table.take(pa.array(expected, pa.int64())))
            low = high + 1
        nobody = [n for n, key in enumerate(keys) if key is None]
        assert sum(rows.num_rows for rows in spans.rest()) == len(nobody)


def test_each_group_of_rows_is_read_once_where_there_is_room(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    keys = [int(key) for key in chance.integers(-(1 << 63), HIGHEST, 400)]
    sealed = lake.seal(
        "transactions", lines(keys).to_batches(max_chunksize=100), root=tmp_path, run_id=bytes(16), rows_per_file=100
    )  # fmt: skip
    spans = Spans(sealed, by="customer_key", columns=COLUMNS)
    for high in evenly(13):
        spans.up_to(high)
    assert spans.groups_read == 4 * 34  # of three rows, the last of one


def test_what_is_put_aside_comes_back_and_leaves_nothing(tmp_path: Path) -> None:
    tables = [pa.table({"x": [number] * 100, "t": pa.array([NOW] * 100)}) for number in range(4)]
    with Scratch.within(tmp_path / ".spill", held_bytes=tables[0].nbytes * 2) as scratch:
        numbers = [scratch.put(table) for table in tables]
        assert len(list((tmp_path / ".spill").iterdir())) == 2
        assert [scratch.get(number) for number in reversed(numbers)] == tables[::-1]
    assert not (tmp_path / ".spill").exists()
