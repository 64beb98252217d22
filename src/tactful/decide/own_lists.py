"""What the customers of a span of keys are shown as their own, and which lists of cells hold what they just bought."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.decide.arms import Plan
from tactful.decide.bought import Bought, Gathered
from tactful.decide.learned import Learned
from tactful.decide.members import Keys, among
from tactful.decide.order_lines import Ints
from tactful.decide.own_items import NONE, ROLES, UNKNOWN, Kept, Lists, People, listed
from tactful.decide.sums import DAY, TIME
from tactful.store import contracts, sql
from tactful.store.engines.duckdb import Engine
from tactful.store.scratch import Scratch
from tactful.store.table import ITEMS
from tactful.words.clock import Clock

AT_ONCE: Final = 512
"""Customers whose scores are held at once: few enough that they stay near the processor."""
LONG_AGO: Final = -(1 << 60)
"""When something happened that never did, in microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Span:
    """The customers of a span of keys and what they bought. Stability: internal.

    Attributes:
        engine: has `nameable`, `item_sums` and `pairs` (see `bought.gather`).
        gathered: what was put aside.
        learned: what speaks for which item.
        people: their profiles.
        kept: what each of them ordered of each item.
        latest: lines of their latest orders.
        clock: now.
    """

    engine: Engine
    gathered: Gathered
    learned: Learned
    people: pa.Table
    kept: pa.Table
    latest: pa.Table
    clock: Clock

    @classmethod
    def of(
        cls, bought: Bought, *, people: pa.Table, gathered: Gathered, learned: Learned, given: tuple[Engine, Scratch],
        clock: Clock,
    ) -> Span:  # fmt: skip
        """A span that was gathered, with the profiles of its customers."""
        engine, scratch = given
        kept, latest = scratch.get(bought.kept), scratch.get(bought.latest)
        return cls(engine=engine, gathered=gathered, learned=learned, people=people, kept=kept, latest=latest,
                   clock=clock)  # fmt: skip

    def lists(self, plan: Plan, *, members: Keys) -> Iterator[pa.RecordBatch]:
        """`suggestions`: a row per customer of an audience who can be shown something."""
        mine = self._among(members)
        if mine.num_rows == 0:
            return
        if _items(plan).suggest == "ordered":
            yield from self._ordered(plan, people=mine)
        elif self.learned.things:
            order = np.argsort(mine["customer_key"].to_numpy(), kind="stable")
            sorted_ones = mine.take(pa.array(order)).combine_chunks()
            for start in range(0, sorted_ones.num_rows, AT_ONCE):
                yield from self._likeliest(plan, people=sorted_ones.slice(start, AT_ONCE))

    def clashes(self, cell_items: pa.Table, *, members: Keys) -> Iterator[pa.RecordBatch]:
        """`clashes`: which lists of cells a customer of any audience must not get.

        Args:
            cell_items: a row for each item of each list (see `clashing`).
            members: keys of everybody in an audience, sorted.
        """
        if cell_items.num_rows == 0:
            return
        rules = self.learned.rules
        returned, just = (self.clock.days_before(days) for days in (rules.returned, rules.just_bought))
        people = self._among(members).select(["customer_id", "customer_key"])
        tables = {"cell_items": cell_items, "members": people, "kept": self.kept}
        schema = contracts.table("clashes").schema
        values = {"returned_since": returned, "just": just}
        for batch in self.engine.stream(sql.named("decide.clashes"), tables=tables, values=values):
            yield pa.RecordBatch.from_arrays([batch[name] for name in schema.names], schema=schema)

    def _among(self, members: Keys) -> pa.Table:
        return self.people.filter(pa.array(among(self.people["customer_key"].to_numpy(), members)))

    def _likeliest(self, plan: Plan, *, people: pa.Table) -> Iterator[pa.RecordBatch]:
        """By the model."""
        items, keys = _items(plan), people["customer_key"].to_numpy()
        goods = self.gathered.goods
        found = listed(
            items,
            People(
                count=keys.size,
                kept=self._kept_of(keys),
                within=_within(people, fact=items.within, ranges=goods.ranges),
                country=self.learned.country(people["country"].to_pylist()),
                near=self.gathered.households.near(keys, goods=len(goods)),
            ),
            learned=self.learned,
        )
        rows = np.flatnonzero((found.items >= 0).any(axis=1))
        if rows.size:
            columns = _columns(found, rows, ids=goods.ids)
            yield _batch(plan, people=people.take(pa.array(rows)), columns=columns)

    def _kept_of(self, keys: Keys) -> Kept:
        """What customers ordered, by their place among keys, which rise."""
        low, high = np.searchsorted(self.kept["customer_key"].to_numpy(), [keys[0], keys[-1] + 1])
        rows = self.kept.slice(low, high - low)
        own = rows["customer_key"].to_numpy()
        at = np.minimum(np.searchsorted(keys, own), keys.size - 1)
        mine = keys[at] == own
        rows = rows.filter(pa.array(mine))
        last = pc.fill_null(rows["last_at"].cast(pa.int64()), LONG_AGO).to_numpy()
        today = pa.scalar(self.clock.now, TIME).value // DAY
        number, orders, decayed = (rows[name].to_numpy() for name in ("number", "orders", "decayed"))
        return Kept(who=at[mine], number=number, orders=orders, decayed=decayed, age=today - last // DAY,
                    is_back=np.asarray(pc.is_valid(rows["returned_at"]).to_numpy(), dtype=bool))  # fmt: skip

    def _ordered(self, plan: Plan, *, people: pa.Table) -> Iterator[pa.RecordBatch]:
        """By what they ordered last."""
        tables = {"members": people.select(["customer_key"]), "kept": self.kept, "latest": self.latest}
        values = {"count": _items(plan).count}
        found = self.engine.table(sql.named("decide.ordered"), tables=tables, values=values)
        if not found.num_rows:
            return
        keys = found["customer_key"].to_numpy()
        starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        offsets = pa.array(np.append(starts, keys.size).astype(np.int32))
        named = self.gathered.goods.ids.take(found["number"].combine_chunks().cast(pa.int64()))
        fields = [named, found["role"].combine_chunks(), pa.nulls(keys.size, pa.string())]
        entries = pa.StructArray.from_arrays(fields, names=["item_id", "role", "because"])
        mine = people["customer_key"].to_numpy()
        order = np.argsort(mine, kind="stable")
        place = order[np.searchsorted(mine, keys[starts], sorter=order)]
        columns = {
            "items": pa.ListArray.from_arrays(offsets, entries).cast(ITEMS),
            "chances": pa.ListArray.from_arrays(offsets, pa.nulls(keys.size, pa.int64())),
            "left_out": pa.ListArray.from_arrays(
                pa.array(np.zeros(starts.size + 1, np.int32)), pa.array([], pa.int64())
            ),
        }
        yield _batch(plan, people=people.take(pa.array(place)), columns=columns)


def _within(people: pa.Table, *, fact: str | None, ranges: tuple[str, ...]) -> Ints:
    """The category that each list is to be of."""
    if fact is None:
        return np.full(people.num_rows, NONE, dtype=np.int64)
    found = pc.index_in(people[fact].cast(pa.string()), value_set=pa.array(ranges, pa.string()))
    return np.asarray(pc.fill_null(found, UNKNOWN)).astype(np.int64)


def _columns(found: Lists, rows: Ints, *, ids: pa.Array) -> dict[str, pa.Array]:
    """Lists of some customers as columns of `suggestions`."""
    items = found.items[rows]
    there = items >= 0
    offsets = pa.array(np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int32))

    def taken(numbers: Ints) -> pa.Array:
        flat = numbers[rows][there]
        return pa.array(flat, mask=flat < 0)

    roles = pa.array(ROLES).take(pa.array(found.roles[rows][there]))
    fields = [ids.take(taken(found.items)), roles, ids.take(taken(found.because))]
    entries = pa.StructArray.from_arrays(fields, names=["item_id", "role", "because"])
    reasons = found.left_out.shape[1]
    bounds = pa.array(np.arange(rows.size + 1, dtype=np.int32) * reasons)
    return {
        "items": pa.ListArray.from_arrays(offsets, entries).cast(ITEMS),
        "chances": pa.ListArray.from_arrays(offsets, taken(found.chances)),
        "left_out": pa.ListArray.from_arrays(bounds, pa.array(found.left_out[rows].ravel())),
    }


def _batch(plan: Plan, *, people: pa.Table, columns: dict[str, pa.Array]) -> pa.RecordBatch:
    schema = contracts.table("suggestions").schema
    text = {"program": plan.program, "plan": plan.kind, "level": plan.level.value}
    whole = columns | {name: pa.repeat(pa.scalar(value), people.num_rows) for name, value in text.items()}
    whole |= {name: people[name].combine_chunks() for name in ("customer_id", "customer_key")}
    return pa.RecordBatch.from_arrays([whole[name] for name in schema.names], schema=schema)


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
