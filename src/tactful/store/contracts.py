"""Every table by its name. Identifiers in SQL come from here only."""

from tactful.store.contracts_of_lake import LAKE
from tactful.store.contracts_of_ledger import LEDGER
from tactful.store.table import Table

TABLES: dict[str, Table] = {table.name: table for table in (*LAKE, *LEDGER)}


def table(name: str) -> Table:
    """The contract of a table.

    Raises:
        KeyError: there is no such table; the message lists what there is.

    >>> table("decisions").writer
    'decide'
    """
    if name not in TABLES:
        raise KeyError(f"there is no table {name!r}; tables are {', '.join(sorted(TABLES))}")
    return TABLES[name]
