"""What the customers of a span of keys are shown as their own, and which lists of cells hold what they just bought."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from tactful.decide.arms import Plan
from tactful.decide.bought import Bought
from tactful.decide.lists import NEW_DAYS
from tactful.decide.members import Keys, among
from tactful.decide.wanted import least_of
from tactful.store import contracts, sql
from tactful.store.engines.duckdb import Engine
from tactful.store.scratch import Scratch
from tactful.store.table import ITEMS
from tactful.words.clock import Clock

JUST_BOUGHT_DAYS: Final = 14
"""What was bought within so many days is not suggested."""
RETURNED_DAYS: Final = 90
"""What was sent back within so many days is not shown to a cell; to a person never."""
ANCHORS: Final = 3
"""Of how many of a person's items partners are looked for."""
AGAIN: Final = 2
LEAST_BUYERS: Final = 5
"""Customers that an item needs before it is shown to a person as new."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Span:
    """The customers of a span of keys and what they bought. Stability: internal.

    Attributes:
        engine: has `nameable`, `item_sums` and `pairs` (see `bought.gather`).
        ids: the item ids by their numbers.
        people: their profiles.
        kept: what each of them ordered of each item.
        latest: lines of their latest orders.
        clock: now.
    """

    engine: Engine
    ids: pa.Array
    people: pa.Table
    kept: pa.Table
    latest: pa.Table
    clock: Clock

    @classmethod
    def of(
        cls, bought: Bought, *, people: pa.Table, engine: Engine, ids: pa.Array, scratch: Scratch, clock: Clock
    ) -> Span:
        """A span that was gathered, with the profiles of its customers."""
        kept, latest = scratch.get(bought.kept), scratch.get(bought.latest)
        return cls(engine=engine, ids=ids, people=people, kept=kept, latest=latest, clock=clock)

    def lists(self, plan: Plan, *, members: Keys) -> Iterator[pa.RecordBatch]:
        """`suggestions`: a row per customer of an audience who can be shown something."""
        items = _items(plan)
        mine = self._among(members)
        if mine.num_rows == 0:
            return
        within = mine[items.within].cast(pa.string()) if items.within else pa.nulls(mine.num_rows, pa.string())
        found = self._asked(plan, members=pa.table({"customer_key": mine["customer_key"], "within_value": within}))
        if found.num_rows:
            yield self._gathered(found, people=mine, plan=plan)

    def clashes(self, cell_items: pa.Table, *, members: Keys) -> Iterator[pa.RecordBatch]:
        """`clashes`: which lists of cells a customer of any audience must not get.

        Args:
            cell_items: a row for each item of each list (see `clashing`).
            members: keys of everybody in an audience, sorted.
        """
        if cell_items.num_rows == 0:
            return
        returned, just = (self.clock.days_before(days) for days in (RETURNED_DAYS, JUST_BOUGHT_DAYS))
        people = self._among(members).select(["customer_id", "customer_key"])
        tables = {"cell_items": cell_items, "members": people, "kept": self.kept}
        schema = contracts.table("clashes").schema
        values = {"returned_since": returned, "just": just}
        for batch in self.engine.stream(sql.named("decide.clashes"), tables=tables, values=values):
            yield pa.RecordBatch.from_arrays([batch[name] for name in schema.names], schema=schema)

    def _among(self, members: Keys) -> pa.Table:
        return self.people.filter(pa.array(among(self.people["customer_key"].to_numpy(), members)))

    def _asked(self, plan: Plan, *, members: pa.Table) -> pa.Table:
        items = _items(plan)
        tables, within = {"members": members, "kept": self.kept}, items.within is not None
        match items.suggest:
            case "alongside":
                values: dict[str, object] = {"anchors": ANCHORS, "count": items.count, "least": least_of(items)}
                return self.engine.table(
                    sql.named("decide.alongside"), tables=tables, values=values | {"within": within}
                )
            case "again_and_new":
                again, days = min(AGAIN, items.count), self.clock.days_before
                values = {"again": again, "fresh": items.count - again, "within": within, "buyers": LEAST_BUYERS}
                values |= {"just": days(JUST_BOUGHT_DAYS), "new_since": days(2 * NEW_DAYS)}
                return self.engine.table(sql.named("decide.again_and_new"), tables=tables, values=values)
            case _:
                tables |= {"latest": self.latest}
                return self.engine.table(sql.named("decide.ordered"), tables=tables, values={"count": items.count})

    def _gathered(self, found: pa.Table, *, people: pa.Table, plan: Plan) -> pa.RecordBatch:
        """Rows of one item each, in order of customer and place, as one row per customer."""
        schema, keys = contracts.table("suggestions").schema, found["customer_key"].to_numpy()
        starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        offsets = pa.array(np.append(starts, keys.size).astype(np.int32))
        named = [self.ids.take(found[name].combine_chunks().cast(pa.int64())) for name in ("number", "because")]
        fields = [named[0], found["role"].combine_chunks(), named[1]]
        lists = pa.ListArray.from_arrays(
            offsets, pa.StructArray.from_arrays(fields, names=["item_id", "role", "because"])
        )
        mine = people["customer_key"].to_numpy()
        order = np.argsort(mine, kind="stable")
        place = order[np.searchsorted(mine, keys[starts], sorter=order)]
        text = {"program": plan.program, "plan": plan.kind, "level": plan.level.value}
        columns = {
            "customer_id": people["customer_id"].combine_chunks().take(pa.array(place)),
            "customer_key": pa.array(keys[starts]),
            "items": lists.cast(ITEMS),
        } | {name: pa.repeat(pa.scalar(value), starts.size) for name, value in text.items()}
        return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def clashing(shared: pa.RecordBatch) -> pa.Table:
    """The items of the lists that whole cells are shown, a row for each, from `cell_suggestions`."""
    rows = [
        {name: row[name] for name in ("program", "plan", "level", "cell")}
        | {"item_id": item["item_id"], "role": item["role"]}
        for row in shared.to_pylist()
        for item in row["items"]
    ]
    return pa.Table.from_pylist(rows)


def _items(plan: Plan) -> Any:  # Any: ItemsWanted; callers chose plans that have it
    return plan.says.items
