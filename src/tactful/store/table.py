"""What a table contract says: one writer, columns, who is a person in it, and how long a row stays.

Columns are written as in the house's contracts: `name?:type P` where `?` says it
may be empty, `P` that it holds a person's data, and a column without a type is text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

ITEMS = pa.list_(pa.struct([("item_id", pa.string()), ("role", pa.string()), ("because", pa.string())]))
"""Items of an arm: which, in what role (`pick`, `range`, `pair`, `again`, `new`, `anchor`), because of which item."""

SLOTS = pa.list_(
    pa.struct(
        [
            ("name", pa.string()),
            ("context", pa.string()),
            ("source", pa.string()),
            ("kind", pa.string()),
            ("facts", pa.list_(pa.string())),
        ]
    )
)
"""Slots of a part of a skeleton; `name` is the slot column it reads: s0, s1, …"""

TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "id": pa.binary(16),
    "whole": pa.int64(),
    "real": pa.float64(),
    "money": pa.decimal128(18, 4),
    "share": pa.decimal128(9, 6),
    "flag": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
    "day": pa.date32(),
    "bytes": pa.binary(),
    "words": pa.list_(pa.string()),
    "wholes": pa.list_(pa.int64()),
    "flags": pa.list_(pa.bool_()),
    "items": ITEMS,
    "slots": SLOTS,
}
"""The types a column may have; instants are UTC with microseconds, derived ids 16 bytes, money a decimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. Stability: full.

    Attributes:
        person: whether it holds a person's data: erasure and export act on it.
        null: whether it may be empty.
    """

    name: str
    type: pa.DataType
    person: bool = False
    null: bool = False


def read_columns(text: str) -> tuple[Column, ...]:
    """Columns from their written form.

    >>> [(c.name, str(c.type), c.person, c.null) for c in read_columns("customer_id P, email? P, quantity:whole")]
    [('customer_id', 'string', True, False), ('email', 'string', True, True), ('quantity', 'int64', False, False)]
    """
    columns = []
    for entry in text.split(","):
        words = entry.split()
        name, _, type_name = words[0].partition(":")
        columns.append(
            Column(
                name=name.removesuffix("?"),
                type=TYPES[type_name or "text"],
                person=words[1:] == ["P"],
                null=name.endswith("?"),
            )
        )
    return tuple(columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table. Stability: full.

    Attributes:
        writer: the one room that writes it.
        place: `lake` (Parquet, sealed) or `ledger` (SQLite or Postgres).
        columns: in order.
        person: the column that says whose row it is, or None where the table is about nobody.
        through: where the person is found when the table does not name one: `decision_id` by way of the decisions,
            `message_id` likewise, `raw` by searching the bytes for the person's identifiers.
        stays: how long a row stays: a number of days, or `kept` with the reason in `why_kept`.
        open: whether further columns may follow (slot columns, fact columns), all of them a person's.
        sort: columns the files of the lake are sorted by.
        together: rows of a file that are read together; few where one customer is asked for while they wait.
        key: the primary key of a ledger table.
        indexes: columns by which a ledger table is asked besides its key, each in order.
    """

    name: str
    writer: str
    columns: tuple[Column, ...]
    place: Literal["lake", "ledger"] = "lake"
    person: str | None = None
    through: Literal["", "decision_id", "message_id", "raw"] = ""
    stays: int | Literal["kept"] = 1100
    why_kept: str = ""
    open: bool = False
    sort: tuple[str, ...] = ()
    together: int = 32_768
    key: tuple[str, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema; its metadata names the table, so that a batch says what it is."""
        fields = [pa.field(c.name, c.type, nullable=c.null) for c in self.columns]
        return pa.schema(fields, metadata={b"table": self.name.encode()})

    @property
    def person_columns(self) -> tuple[str, ...]:
        """Names of the columns that hold a person's data."""
        return tuple(c.name for c in self.columns if c.person)


def names(text: str) -> tuple[str, ...]:
    """Column names written in one line.

    >>> names("customer_key, happened_at")
    ('customer_key', 'happened_at')
    """
    return tuple(name.strip() for name in text.split(","))
