"""What came within windows: the rows of a metric's table added up for each decision, in whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, TypeAlias

import pyarrow as pa

from tactful.project.columns import OF_ITEMS
from tactful.project.metrics import Metric
from tactful.store import contracts
from tactful.store.conditions import Kind, Named, kind_of, where
from tactful.store.engines.duckdb import Engine
from tactful.store.sql import named
from tactful.store.statement import (
    Aggregate,
    Bound,
    Call,
    Case,
    Cast,
    Column,
    Expression,
    From,
    Function,
    Gather,
    Infix,
    IsIn,
    IsKnown,
    Join,
    Select,
    SqlType,
    all_of,
    render,
)
from tactful.words.money import MINOR_DIGITS
from tactful.words.sealed import Sealed

Source: TypeAlias = "Sealed | pa.Table"
DIGITS: Final = 4
"""Digits after the point of a unit price: lines are added up in units of 0.0001."""
_BACK: Final = ("return", "cancel")
_INSTANT: Final = pa.timestamp("us", tz="UTC")

WINDOWS: Final = pa.schema(
    [
        pa.field("number", pa.int64()),
        pa.field("customer_id", pa.string()),
        pa.field("customer_key", pa.int64()),
        pa.field("since", _INSTANT),
        pa.field("early", _INSTANT),
        pa.field("until", _INSTANT),
    ]
)
"""A window: from after the decision up to and including its end; `early` is where its first signals end."""


def newest(table: str, *, inputs: Mapping[str, Source], clock_now: datetime) -> datetime | None:
    """The latest instant up to which rows of a table have come, the clock's at most; None where there are none.

    Before a file with the days of a window was loaded, nobody knows what happened in it: "no order" would be a guess.

    Args:
        table: transactions or events.
        inputs: the tables.
        clock_now: rows after it do not exist.
    """
    query = named("learn.newest_line") if table == "transactions" else named("learn.newest_event")
    with Engine.open() as engine:
        found = engine.table(query, tables={table: inputs[table]}, values={"now": clock_now})
    latest: datetime | None = found["latest"][0].as_py()
    return latest


def within(windows: pa.Table, *, metric: Metric, currency: str, inputs: Mapping[str, Source]) -> pa.Table:
    """What came in each window: its value, what of it came early, and when the last of it came.

    Sales count up, what is returned or cancelled counts down. Lines in another currency than the project's, and lines
    of items for which the metric's condition does not hold, are not counted.

    Args:
        windows: rows of `WINDOWS`.
        metric: what counts.
        currency: of the project.
        inputs: `transactions` and `items`, or `events`.

    Returns:
        number, value, early (both in the smallest unit of the currency where the metric sums revenue, else a count),
        last_at; only windows in which something came, in the order of number.
    """
    tree, tables = _tree(metric, currency=currency)
    asked = render(tree, name="learn.within")
    with Engine.open() as engine:
        found = engine.table(
            asked.query, tables={"windows": windows, **{name: inputs[name] for name in tables}}, values=asked.values
        )
    kinds = {"value": pa.int64(), "early": pa.int64()}
    columns = {
        name: pa.array(
            [in_units(int(total or 0), metric=metric, currency=currency) for total in found[name].to_pylist()], kind
        )
        for name, kind in kinds.items()
    }
    return pa.table({"number": found["number"], **columns, "last_at": found["last_at"].cast(_INSTANT)})


def in_units(total: int, *, metric: Metric, currency: str) -> int:
    """A sum of lines as an outcome holds it.

    >>> sold = Metric.model_validate({"table": "transactions", "column": "revenue", "margin": "40%", "window": 28})
    >>> in_units(59_000, metric=sold, currency="GBP")  # 5.90 GBP at 40 % is 236 pence
    236
    """
    if metric.measure == "count" or metric.column != "revenue":
        return total
    digits = MINOR_DIGITS.get(currency, 2)
    share = Decimal(1) if metric.margin is None else metric.margin
    return int((Decimal(total) * share).scaleb(digits - DIGITS).to_integral_value(rounding=ROUND_HALF_EVEN))


def events_of(metric: Metric, *, inputs: Mapping[str, Source], place: str) -> pa.Table:
    """Every event that a metric counts, with whose it is and when it came.

    Args:
        metric: over events.
        inputs: `events`.
        place: where the metric was written.

    Returns:
        customer_id and happened_at.
    """
    conditions: list[Expression] = [IsKnown(Column("customer_id", "t"))]
    if metric.where is not None:
        conditions.append(where(metric.where, _scope(metric.table), place=place))
    columns = [Column(name, "t") for name in ("customer_id", "happened_at", "event_id")]
    tree = Select(
        columns=tuple((column.name, column) for column in columns),
        source=From("events", "t"),
        where=all_of(conditions),
        order_by=tuple(columns),
    )
    asked = render(tree, name="learn.events_of")
    with Engine.open() as engine:
        return engine.table(asked.query, tables={"events": inputs["events"]}, values=asked.values)


def is_money(metric: Metric) -> bool:
    """Whether an outcome of this metric is an amount in the smallest unit of the currency."""
    return metric.measure == "sum" and metric.column == "revenue"


def _tree(metric: Metric, *, currency: str) -> tuple[Select, tuple[str, ...]]:
    is_lines = metric.table == "transactions"
    key = "customer_key" if is_lines else "customer_id"
    happened = Column("happened_at", "t")
    inside: list[Expression] = [
        Infix("=", Column(key, "w"), Column(key, "t")),
        Infix(">", happened, Column("since", "w")),
        Infix("<=", happened, Column("until", "w")),
    ]
    joins = [Join(From("windows", "w"), all_of(inside), keeps_all=False)]
    conditions: list[Expression] = []
    if is_lines:
        joins.append(Join(From("items", "i"), Infix("=", Column("item_id", "i"), Column("item_id", "t"))))
        conditions.append(Infix("=", Column("currency", "t"), Bound(currency)))
    if metric.where is not None:
        conditions.append(where(metric.where, _scope(metric.table), place="metrics.yaml"))
    amount, early = _amount(metric), Infix("<=", happened, Column("early", "w"))
    tree = Select(
        columns=(
            ("number", Column("number", "w")),
            ("value", Aggregate(function=Gather.SUM, arguments=(amount,))),
            ("early", Aggregate(function=Gather.SUM, arguments=(amount,), where=early)),
            ("last_at", Aggregate(function=Gather.MAX, arguments=(happened,))),
        ),
        source=From(metric.table, "t"),
        joins=tuple(joins),
        where=all_of(conditions),
        group_by=(Column("number", "w"),),
        order_by=(Column("number", "w"),),
    )
    return tree, ("transactions", "items") if is_lines else ("events",)


def _amount(metric: Metric) -> Expression:
    """What one row adds, as a whole number."""
    if metric.measure == "count":
        return Cast(Bound(1), SqlType.HUGE)
    pieces: Expression = Cast(Column("quantity", "t"), SqlType.HUGE)
    if metric.column == "revenue":
        price = Cast(Infix("*", Column("unit_price", "t"), Bound(10**DIGITS)), SqlType.HUGE)
        pieces = Infix("*", pieces, price)
    back = IsIn(Column("kind", "t"), tuple(Bound(kind) for kind in _BACK))
    down = Infix("-", Cast(Bound(0), SqlType.HUGE), Call(Function.ABS, (pieces,)))
    return Case(((back, down),), otherwise=pieces)


def _scope(table: str) -> dict[str, Named]:
    """What a metric's condition may name: the columns of the row, and of a line's item."""
    found = {
        column.name: Named(Column(column.name, "t"), kind)
        for column in contracts.table(table).columns
        if (kind := kind_of(column.type)) is not None
    }
    if table == "transactions":
        for column in contracts.table("items").columns:
            if column.name in OF_ITEMS and (kind := kind_of(column.type)) is not None:
                found[column.name] = Named(Column(column.name, "i"), kind)
        found["revenue"] = Named(Infix("*", Column("quantity", "t"), Column("unit_price", "t")), Kind.DECIMAL)
    return found
