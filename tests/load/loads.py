"""A small shop that loads files as flow does: rows are sealed into a lake, and known the next time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache
from pathlib import Path

import yaml

from datasets import ROOT
from tactful.load.sources import Account, Reading, open_file, open_quarantine
from tactful.project.declared import Project
from tactful.project.reading import read_project
from tactful.project.sources import Source
from tactful.store import lake
from tactful.store.engines.duckdb import Engine
from tactful.store.sql import named
from tactful.words.clock import Clock
from tactful.words.sealed import Sealed

RETAIL = ROOT / "src" / "tactful" / "project" / "starters" / "retail"
TABLES = (
    *("customers", "transactions", "events", "items", "stock", "consents", "preferences", "suppressions"),
    *("past_sends", "links", "quarantine"),
)
CLOCK = Clock.at("2011-12-09T12:50:00+00:00", zone="Europe/London")
ORDERS = """
source: orders
files: [orders.csv]
limits: {quarantined: 100%}
tables:
  transactions:
    columns:
      customer_id: {from: customer, may_be_empty: true}
      order_id: {from: order}
      item_id: {from: item}
      quantity: {from: quantity, type: integer}
      unit_price: {from: price, type: decimal}
      happened_at: {from: time, type: instant}
"""


@cache
def project() -> Project:
    """The retail starter, as anybody's project."""
    return read_project(RETAIL)


def declared(text: str = ORDERS, **changes: object) -> Source:
    """A source from YAML, with top-level keys changed."""
    return Source.model_validate({**yaml.safe_load(text), **changes})


def with_column(source: Source, name: str, *, table: str = "transactions", **changes: object) -> Source:
    """The source with one column declared otherwise; `changes` of a column that is not there declare it."""
    written = source.model_dump(by_alias=True, exclude_unset=True)
    columns = written["tables"][table]["columns"]
    columns[name] = {**columns.get(name, {}), **{key.rstrip("_"): value for key, value in changes.items()}}
    return Source.model_validate(written)


def with_mapping(source: Source, *, table: str = "transactions", **changes: object) -> Source:
    """The source with one table's mapping declared otherwise."""
    written = source.model_dump(by_alias=True, exclude_unset=True)
    written["tables"][table] |= changes
    return Source.model_validate(written)


def with_table(source: Source, table: str, **mapping: object) -> Source:
    """The source with one more table."""
    written = source.model_dump(by_alias=True, exclude_unset=True)
    written["tables"][table] = mapping
    return Source.model_validate(written)


class Shop:
    """Loads into a lake of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parts: dict[str, list[Sealed]] = {name: [] for name in TABLES}
        self._numbers = itertools.count(1)

    @property
    def seen(self) -> dict[str, Sealed]:
        """Everything loaded so far."""
        return {
            name: Sealed(
                table=name,
                run_id=bytes(16),
                files=tuple(file for part in parts for file in part.files),
            )
            for name, parts in self.parts.items()
        }

    def write(self, data: bytes | str, *, name: str = "orders.csv") -> Path:
        """A file holding exactly this."""
        path = self.folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def load(
        self,
        source: Source,
        data: bytes | str | Path,
        *,
        clock: Clock = CLOCK,
        last_rows: int | None = None,
        is_erased: Callable[[str], bool] = lambda _: False,
    ) -> Account:
        """Load a file, and keep it unless it is held."""
        path = data if isinstance(data, Path) else self.write(data)
        reading = open_file(
            source,
            path,
            name=path.name,
            project=project(),
            clock=clock,
            seen=self.seen,
            last_rows=last_rows,
            is_erased=is_erased,
        )
        return self._keep(reading)

    def replay(self, source: Source, *, clock: Clock = CLOCK) -> Account | None:
        """Read the quarantine again."""
        seen = self.seen
        reading = open_quarantine(source, waiting=seen["quarantine"], project=project(), clock=clock, seen=seen)
        return None if reading is None else self._keep(reading)

    def waiting(self) -> int:
        """Rows that wait in quarantine."""
        if self.seen["quarantine"].rows == 0:
            return 0
        with Engine.open() as engine:
            found = engine.table(named("load.waiting_count"), tables={"quarantine": self.seen["quarantine"]})
        return sum(found["waiting"].to_pylist())

    def rows(self, table: str) -> list[dict[str, object]]:
        """Every row of a table."""
        return lake.read(self.seen[table]).to_pylist()

    def column(self, table: str, name: str) -> list[object]:
        """One column of a table, sorted by what it prints as."""
        return sorted((row[name] for row in self.rows(table)), key=str)

    def _keep(self, reading: Reading) -> Account:
        number = next(self._numbers)
        parts = lake.seal_all(
            reading.batches(), tables=TABLES, root=self.folder / "lake", run_id=number.to_bytes(16, "big")
        )
        account = reading.account
        assert account.rows_read == account.accepted + account.quarantined + account.duplicate
        if account.state == "loaded":
            for (table, _), sealed in parts.items():
                if sealed.rows:
                    self.parts[table].append(sealed)
        return account


def csv_of(rows: list[dict[str, object]], *, header: list[str] | None = None) -> str:
    """Rows as plain CSV."""
    names = header or list(rows[0])
    lines = [",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in rows)]
    return "\n".join(lines) + "\n"


def order(**changes: object) -> dict[str, object]:
    """One good line of `ORDERS`."""
    usual = {
        "customer": "c1",
        "order": "o1",
        "item": "i1",
        "quantity": 1,
        "price": "2.50",
        "time": "2011-05-01 10:00:00",
    }
    return {**usual, **changes}
