"""The columns that declarations may name are those of the tables' contracts, and no others."""

from __future__ import annotations

from typing import get_args

import pyarrow as pa
import pytest

from tactful.load.filling import kind_of
from tactful.project.columns import NEEDED, NO_FACT, OF_ITEMS, PROFILE, TABLES, TEXT, TYPED, readable
from tactful.project.kinds import kind_of_column
from tactful.project.sources import ColumnType, SourceColumn
from tactful.store import contracts

OURS = {"customer_key", "source", "loaded_at"}
"""Columns that are never declared: they are derived, or say where a row came from."""


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_column_is_in_the_contract_and_none_is_forgotten(table: str) -> None:
    assert {column.name for column in contracts.table(table).columns} - OURS == set(TABLES[table])
    assert NEEDED[table] <= TABLES[table]


@pytest.mark.parametrize("table", ["customers", "transactions", "events", "items"])
def test_the_kinds_are_those_of_the_contract(table: str) -> None:
    for column in contracts.table(table).columns:
        if column.name in TABLES[table]:
            assert kind_of_column(column.name) == _kind(column.type), column.name


def _kind(type_: pa.DataType) -> str:
    if pa.types.is_integer(type_) or pa.types.is_decimal(type_):
        return "number"
    if pa.types.is_timestamp(type_) or pa.types.is_date(type_):
        return "instant"
    return "flag" if pa.types.is_boolean(type_) else "text"


def test_no_fact_can_take_the_name_of_a_profile_column() -> None:
    fixed = {column.name for column in contracts.table("profiles").columns}
    assert fixed <= NO_FACT
    assert PROFILE <= NO_FACT


def test_orders_are_joined_with_their_items() -> None:
    assert TABLES["items"] >= OF_ITEMS
    assert {"category", "revenue", "quantity"} <= readable("transactions")
    assert "revenue" not in readable("events")


def test_a_type_that_check_lets_pass_is_one_that_load_can_read() -> None:
    """The list of types agrees with the tables' contracts: only what would hold the file is refused."""
    for table, names in TABLES.items():
        schema = contracts.table(table).schema
        for name in sorted(names & set(schema.names)):
            fitting = TYPED.get(name, TEXT)
            for kind in get_args(ColumnType):
                column = SourceColumn.model_validate({"from": "x", "type": kind})
                try:
                    kind_of(name, column, target=schema.field(name).type, zone="UTC")
                except ValueError:
                    assert kind not in fitting, (table, name, kind)
                else:
                    assert kind in fitting, (table, name, kind)
