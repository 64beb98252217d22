"""How complete and how fresh each fact is, for each cohort: stage and year of joining."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import pyarrow as pa

from tactful.project.declared import Project
from tactful.store import lake, statement
from tactful.store.engines.duckdb import Engine
from tactful.store.statement import (
    Aggregate,
    Bound,
    Call,
    Cast,
    Column,
    Expression,
    From,
    Function,
    Gather,
    Infix,
    IsKnown,
    Not,
    Select,
    SqlType,
    all_of,
)
from tactful.words.clock import Clock
from tactful.words.sealed import Sealed

OF_EVERYBODY: Final = ("email", "salutation_name", "language", "country", "zone", "familiarity", "knowledge")
"""Columns beside the facts that are reported: where they are missing, people get the default."""
HEADINGS: Final = ("stage", "joined", "people", "fact", "known", "stale", "oldest", "newest")

SCHEMA: Final = pa.schema(
    [
        pa.field("stage", pa.string()),
        pa.field("joined_year", pa.int64()),
        pa.field("people", pa.int64()),
        pa.field("fact", pa.string()),
        pa.field("known", pa.int64()),
        pa.field("stale", pa.int64()),
        pa.field("oldest_days", pa.int64()),
        pa.field("newest_days", pa.int64()),
    ]
)


def report(inputs: Mapping[str, Sealed | pa.Table], *, project: Project, clock: Clock) -> pa.Table:
    """Completeness and freshness of every fact in every cohort.

    Args:
        inputs: profiles.
        project: the declared facts.
        clock: as of when ages are counted.

    Returns:
        One row per stage, year of joining (empty where unknown) and fact: people in the cohort, how many have a value,
        how many have one that fell silent for its age, and the age in days of the oldest and newest value.
    """
    profiles, settings = inputs["profiles"], project.settings
    if (profiles.rows if isinstance(profiles, Sealed) else profiles.num_rows) == 0:
        return SCHEMA.empty_table()
    has_year = "joined_at" not in project.facts and "joined_at" in _columns(profiles)
    with Engine.open(memory=settings.memory, threads=settings.threads, scratch=project.root / ".spill") as engine:
        found = [
            _of_fact(engine, name, profiles=profiles, clock=clock, has_year=has_year, is_fact=name in project.facts)
            for name in (*OF_EVERYBODY, *project.facts)
        ]
    keys = [("stage", "ascending"), ("joined_year", "ascending"), ("fact", "ascending")]
    return pa.concat_tables(found).sort_by(keys)


def lines(report: pa.Table) -> Iterator[tuple[str, ...]]:
    """The report as rows of text for a table on the screen, in the order of `HEADINGS`."""
    for row in report.to_pylist():
        share = f"{100 * row['known'] / row['people']:.0f}%"
        year, stale = row["joined_year"], row["stale"]
        ages = ("–" if row[name] is None else f"{row[name]} d" for name in ("oldest_days", "newest_days"))
        yield (row["stage"], str(year or "–"), str(row["people"]), row["fact"], share, str(stale), *ages)


def _of_fact(
    engine: Engine, name: str, *, profiles: Sealed | pa.Table, clock: Clock, has_year: bool, is_fact: bool
) -> pa.Table:
    value, latest = Column(name), Column(f"{name}__as_of")
    year: Expression = Cast(Bound(None), SqlType.WHOLE)
    if has_year:
        year = Call(Function.YEAR, (Call(Function.TIMEZONE, (Bound(clock.zone), Column("joined_at"))),))
    count = Aggregate(function=Gather.COUNT)
    none = Cast(Bound(None), SqlType.WHOLE)
    stale: Expression = Bound(0)
    oldest: Expression = none
    newest: Expression = none
    if is_fact:
        stale = Aggregate(function=Gather.COUNT, where=all_of((Not(IsKnown(value)), IsKnown(latest))))
        oldest, newest = (_age(pick, latest, value=value, clock=clock) for pick in (Gather.MIN, Gather.MAX))
    tree = Select(
        columns=(
            ("stage", Column("stage")),
            ("joined_year", Cast(year, SqlType.WHOLE)),
            ("people", count),
            ("fact", Bound(name)),
            ("known", Aggregate(function=Gather.COUNT, where=IsKnown(value))),
            ("stale", stale),
            ("oldest_days", oldest),
            ("newest_days", newest),
        ),
        source=From("profiles", "p"),
        group_by=(Column("stage"), Cast(year, SqlType.WHOLE)),
    )
    asked = statement.render(tree, name=f"completeness of {name}")
    return engine.table(asked.query, tables={"profiles": profiles}, values=asked.values).cast(SCHEMA)


def _age(pick: Gather, latest: Column, *, value: Column, clock: Clock) -> Expression:
    """Days since the oldest or newest row behind a value that is known."""
    instant = Aggregate(function=pick, arguments=(latest,), where=IsKnown(value))
    day = Cast(Call(Function.TIMEZONE, (Bound(clock.zone), instant)), SqlType.DAY)
    return Cast(Infix("-", Bound(clock.today), day), SqlType.WHOLE)


def _columns(profiles: Sealed | pa.Table) -> list[str]:
    if isinstance(profiles, pa.Table):
        return list(profiles.column_names)
    return list(next(iter(lake.batches(profiles, rows=1))).schema.names)
