"""Every table's contract can be created and every column selected unquoted, on each engine."""

import apsw
import duckdb
import pytest

from tactful.store.contracts import TABLES
from tactful.store.table import Table

TYPES = {"lake": duckdb, "ledger": apsw}


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_every_column_can_be_created_and_selected_unquoted(table: Table) -> None:
    names = [column.name for column in table.columns]
    create = f"CREATE TABLE {table.name} ({', '.join(f'{name} VARCHAR' for name in names)})"
    select = f"SELECT {', '.join(names)} FROM {table.name}"
    for connection in (duckdb.connect(), apsw.Connection(":memory:")):
        connection.execute(create)
        connection.execute(select)


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_every_table_says_whose_it_is_and_how_long_a_row_stays(table: Table) -> None:
    assert table.stays == "kept" or int(table.stays) > 0
    assert (table.stays != "kept") or table.why_kept, "what is kept for ever says why"
    assert not table.person_columns or table.person or table.through or table.stays == "kept"
    if table.person:
        assert table.person in table.person_columns
