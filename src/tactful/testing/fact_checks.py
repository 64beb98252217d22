"""The battery of facts: the night's SQL and the live fold answer the same, whatever the rows and their order."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import pyarrow as pa

from tactful.know.aggregates import Aggregate, Row
from tactful.know.facts import gather, night
from tactful.project.facts import Fact
from tactful.store import contracts, sql, statement
from tactful.store.engines.duckdb import Engine
from tactful.words.clock import Clock
from tactful.words.estimate import Undefined
from tactful.words.ids import customer_key

Answers = dict[str, dict[str, object]]
"""Values (None where unknown) by customer and fact."""


def rows_of(table: str, rows: Sequence[Row]) -> pa.Table:
    """Rows as the contract's table; what a row leaves out is filled with something harmless."""
    schema = contracts.table(table).schema
    filled = [{field.name: _filling(field, row) for field in schema} for row in rows]
    return pa.Table.from_pylist(filled, schema=schema)


def _filling(field: pa.Field, row: Row) -> object:
    if field.name in row:
        return row[field.name]
    if field.name == "customer_key" and row.get("customer_id") is not None:
        return customer_key(str(row["customer_id"]))
    if field.nullable:
        return None
    if pa.types.is_string(field.type):
        return "GBP" if field.name == "currency" else ""
    return row.get("happened_at") if pa.types.is_timestamp(field.type) else 0


def by_night(facts: Mapping[str, Fact], tables: Mapping[str, Sequence[Row]], *, clock: Clock) -> Answers:
    """Every fact of every customer as the night's SQL answers it.

    Args:
        facts: declared facts.
        tables: rows by table (customers, transactions, events, items, facts); those left out are empty.
        clock: as of when.
    """
    given = {
        name: rows_of(name, tables.get(name, ())) for name in ("customers", "transactions", "events", "items", "facts")
    }
    planned = night(facts, clock=clock)
    with Engine.open() as engine:
        engine.make("items_now", sql.named("know.items_now"), tables={"items": given["items"]})
        engine.make("people", sql.named("know.people"), tables=given, values={"now": clock.now})
        gather(engine, planned, tables=given)
        asked = statement.render(planned.rows, name="facts")
        found = engine.table(asked.query, tables={**given, **planned.tables}, values=asked.values)
        people = engine.table(sql.Query("people", "SELECT customer_id, customer_key FROM people"))
    names = dict(zip(people["customer_key"].to_pylist(), people["customer_id"].to_pylist(), strict=True))
    return {names[row["customer_key"]]: {name: row[name] for name in facts} for row in found.to_pylist()}


def by_fold(facts: Mapping[str, Fact], tables: Mapping[str, Sequence[Row]], *, clock: Clock) -> Answers:
    """The same by the live fold, row by row in the order given."""
    items = {row["item_id"]: row for row in tables.get("items", ())}
    answers: Answers = {}
    for name, fact in facts.items():
        aggregate = Aggregate.of(name, fact=fact, zone=clock.zone)
        rows = [
            {**items.get(row.get("item_id"), {}), **row} if fact.from_ == "transactions" else row
            for row in tables.get(fact.from_, ())
        ]
        for customer in {str(r["customer_id"]) for t in ("transactions", "events") for r in tables.get(t, ())}:
            state = aggregate.fold(row for row in rows if row["customer_id"] == customer)
            found = aggregate.read(state, clock=clock)
            answers.setdefault(customer, {})[name] = None if isinstance(found, Undefined) else found.value
    return answers


def check_night_equals_live(facts: Mapping[str, Fact], tables: Mapping[str, Sequence[Row]], *, clock: Clock) -> None:
    """Both ways answer the same for every customer and fact."""
    night_says, fold_says = by_night(facts, tables, clock=clock), by_fold(facts, tables, clock=clock)
    for customer, answers in fold_says.items():
        for name, value in answers.items():
            found = night_says[customer][name]
            assert found == value, f"{name} of {customer}: night {found!r}, live {value!r}"


def check_order_does_not_matter(name: str, fact: Fact, *, rows: Sequence[Row], clock: Clock, times: int) -> None:
    """Rows in any order give the same state, so also the same reading."""
    aggregate = Aggregate.of(name, fact=fact, zone=clock.zone)
    state, chance = aggregate.fold(rows), random.Random(times)  # noqa: S311  # not for secrets
    lifted = [aggregate.lift(row) for row in rows]
    for _ in range(times):
        chance.shuffle(lifted)
        assert aggregate.gather(lifted) == state, f"{name}: another order, another state"


def check_merging_halves_is_folding_all(name: str, fact: Fact, *, rows: Sequence[Row], clock: Clock) -> None:
    """States merge in any grouping; the empty state changes nothing."""
    aggregate = Aggregate.of(name, fact=fact, zone=clock.zone)
    state = aggregate.fold(rows)
    for cut in range(0, len(rows) + 1, max(1, len(rows) // 4)):
        left, right = aggregate.fold(rows[:cut]), aggregate.fold(rows[cut:])
        assert aggregate.merge(left, right) == aggregate.merge(right, left) == state, f"{name}: halves differ from all"
    assert aggregate.merge(state, {}) == state
