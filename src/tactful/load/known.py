"""Which rows were loaded before: strangers are told by fingerprint, the few others are asked of DuckDB, exactly."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tactful.load.fingerprints import Prints, fingerprints
from tactful.load.identities import IDENTITY
from tactful.load.numbers import Flags
from tactful.load.occurrences import Sieve
from tactful.store import lake
from tactful.store.engines.duckdb import Engine
from tactful.store.sql import Query, named
from tactful.words.sealed import Sealed

QUERIES: dict[str, Query] = {
    "transactions": named("load.known_transactions"),
    "events": named("load.known_events"),
    "stock": named("load.known_stock"),
    "consents": named("load.known_consents"),
    "preferences": named("load.known_preferences"),
    "suppressions": named("load.known_suppressions"),
    "past_sends": named("load.known_past_sends"),
    "links": named("load.known_links"),
    "customers": named("load.known_customers"),
    "items": named("load.known_items"),
}
PER_SOURCE = frozenset({"customers", "items"})
"""Tables of which the latest record of a source counts, not any record ever."""


class Known:
    """The rows of one table that were loaded before this file. Stability: internal."""

    def __init__(self, table: str, *, loaded: Sealed | None, source: str, memory: str) -> None:
        self.table, self.source, self.memory = table, source, memory
        self.loaded = loaded if loaded is not None and loaded.rows else None
        self._sieve: Sieve | None = None

    def may_hold(self, batch: pa.RecordBatch) -> Flags:
        """Rows that may have been loaded before; the others certainly were not."""
        if self.loaded is None:
            return np.zeros(batch.num_rows, np.bool_)
        if self._sieve is None:
            self._sieve = Sieve(room=self.loaded.rows)
            for rows in lake.batches(self.loaded, columns=list(self._columns)):
                self._sieve.add(self._prints(rows))
        return self._sieve.has(self._prints(batch))

    def holds(self, batch: pa.RecordBatch) -> Flags:
        """Rows that were loaded before, exactly."""
        found = np.zeros(batch.num_rows, np.bool_)
        candidates = np.flatnonzero(self.may_hold(batch))
        if self.loaded is None or len(candidates) == 0:
            return found
        asked = pa.Table.from_batches([batch.take(pa.array(candidates))]).append_column("place", pa.array(candidates))
        values = {"source": self.source} if self.table in PER_SOURCE else None
        with Engine.open(memory=self.memory) as engine:
            tables = {"asked": asked, "loaded": self.loaded}
            known = engine.table(QUERIES[self.table], tables=tables, values=values)
        found[known["place"].to_numpy()] = True
        return found

    def before(self) -> pa.Table | None:
        """What was last said of each item's title and of whether it is sold; None where nothing was."""
        if self.loaded is None:
            return None
        with Engine.open(memory=self.memory) as engine:
            return engine.table(named("load.items_before"), tables={"loaded": self.loaded})

    @property
    def _columns(self) -> tuple[str, ...]:
        columns = IDENTITY[self.table]
        return (*columns, "line") if self.table == "transactions" else columns

    def _prints(self, batch: pa.RecordBatch) -> Prints:
        return fingerprints([batch.column(name) for name in self._columns])
