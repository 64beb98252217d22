"""Every declared fact for everybody, by night: one statement made from the same declarations as the live algebra."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from tactful.know.measures import kind_of_fact, kinds
from tactful.know.plan import Plan, lines_of
from tactful.project.facts import Fact
from tactful.reckon import decay
from tactful.store.conditions import Kind
from tactful.store.engines.duckdb import Engine, Source
from tactful.store.statement import (
    Column,
    Expression,
    From,
    Join,
    Select,
    render,
)
from tactful.words.clock import Clock

EVERYONE: Final = "everyone"
"""The engine's table of people, each with what their visits and told facts add; sorted by customer_key."""
PEOPLE: Final = (*(name for name in kinds("customers") if name not in ("source", "loaded_at")), "loaded_at")
"""Columns of `people`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """The facts of everybody, as parts of statements. Stability: caller.

    Facts over transactions are asked for a range of customers at a time: the lake's files are sorted by customer_key,
    so that each range reads its own rows only, and memory does not grow with the number of customers. Tables that know
    customers by id only are gathered once, beside people.

    Attributes:
        carried: columns that `everyone` needs besides those of people.
        beside: joins by which it gets them, with people as `p`.
        shared: rows that these joins read, by name.
        rows: the facts of the customers in a range of keys: customer_key, and for each fact its value and
            `<fact>__as_of`. It reads everyone, transactions and items_now.
        tables: weights of decay, for the engine.
        kinds: what each fact's column holds.
    """

    carried: tuple[tuple[str, Expression], ...]
    beside: tuple[Join, ...]
    shared: tuple[tuple[str, Select], ...]
    rows: Select
    tables: dict[str, pa.Table]
    kinds: dict[str, Kind]


def night(facts: Mapping[str, Fact], *, clock: Clock, keys: tuple[int, int] | None = None) -> Night:
    """The statements that answer every fact for every customer.

    Windows are whole project days before today and end at midnight; rows after the clock do not exist.

    Args:
        facts: declared facts by name.
        clock: as of when.
        keys: lowest and highest customer_key to answer for; everybody when left out.

    Raises:
        Misuse: a declaration that makes no sense for its columns; the message names the fact.
    """
    plan = Plan(clock, keys=keys)
    parts = {name: plan.part(name, fact) for name, fact in facts.items()}
    columns: list[tuple[str, Expression]] = [("customer_key", Column("customer_key", "p"))]
    for name, part in parts.items():
        columns += plan.shown(name, fact=facts[name], part=part)
    joins, further = plan.joins(), dict(plan.shared())
    rows = Select(
        columns=tuple(columns),
        source=From(EVERYONE, "p"),
        joins=joins["transactions"],
        where=plan.within("p"),
        shared=tuple((name, rows) for name, rows in further.items() if name == lines_of("transactions")),
    )
    return Night(
        carried=tuple(plan.carried),
        beside=joins["other"],
        shared=tuple((name, rows) for name, rows in further.items() if name != lines_of("transactions")),
        rows=rows,
        tables={
            f"decay_{days}": pa.table({"age": range(len(decay.table(days))), "weight": decay.table(days)})
            for days in sorted(set().union(*plan.half_lives.values()))
        },
        kinds={name: kind_of_fact(name, fact) for name, fact in facts.items()},
    )


def gather(engine: Engine, planned: Night, *, tables: Mapping[str, Source]) -> None:
    """Makes the engine's table `everyone` with what the facts need, and no more.

    Args:
        engine: what computes; it must hold people.
        planned: the facts.
        tables: events and facts, as far as the declarations read them.
    """
    tree = Select(
        columns=(*((name, Column(name, "p")) for name in PEOPLE), *planned.carried),
        source=From("people", "p"),
        joins=planned.beside,
        order_by=(Column("customer_key", "p"), Column("customer_id", "p")),
        shared=planned.shared,
    )
    asked = render(tree, name=EVERYONE)
    engine.make(EVERYONE, asked.query, tables={**tables, **planned.tables}, values=asked.values)
