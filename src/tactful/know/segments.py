"""Who is in each segment, from a condition in YAML or a SELECT that the user wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from tactful.know.relationship import UNIT
from tactful.project.declared import Project, Segment
from tactful.store import contracts, lake, statement
from tactful.store.conditions import scope_of, where
from tactful.store.engines.duckdb import Engine
from tactful.store.statement import Column, From, Select
from tactful.words.clock import Clock
from tactful.words.errors import Misuse
from tactful.words.sealed import Sealed

SCALED: Final = {"familiarity": UNIT, "knowledge": UNIT}
"""Columns kept in units of 2^-20; people write them as numbers between 0 and 1."""


def members(inputs: Mapping[str, Sealed | pa.Table], *, project: Project, clock: Clock) -> Iterator[pa.RecordBatch]:
    """The members of every declared segment, as rows of `segments`.

    Args:
        inputs: profiles.
        project: the segments.
        clock: as of when.

    Raises:
        Misuse: a condition names no fact or column, or SQL that is not one SELECT yielding customer_id.
    """
    profiles = inputs["profiles"]
    if isinstance(profiles, Sealed) and not profiles.rows:
        return
    settings = project.settings
    schema = contracts.table("segments").schema
    with Engine.open(memory=settings.memory, threads=settings.threads, scratch=project.root / ".spill") as engine:
        for name, segment in sorted(project.segments.items()):
            found = (
                _by_sql(engine, segment, profiles=profiles)
                if segment.sql is not None
                else _by_condition(engine, segment, profiles=profiles)
            )
            number = len(found)
            rows = pa.table(
                {
                    "segment": pa.array([name] * number, pa.string()),
                    "customer_id": found["customer_id"],
                    "customer_key": found["customer_key"],
                    "as_of": pa.array([clock.now] * number, pa.timestamp("us", "UTC")),
                }
            )
            yield from rows.cast(schema).to_batches(max_chunksize=65_536)


def _by_condition(engine: Engine, segment: Segment, *, profiles: Sealed | pa.Table) -> pa.Table:
    schema = _schema(profiles)
    scope = scope_of(schema, of="p", scaled=SCALED)
    rule = None if segment.condition is None else where(segment.condition, scope, place=str(segment.place))
    keys = (Column("customer_key", "p"), Column("customer_id", "p"))
    tree = Select(
        columns=(("customer_id", keys[1]), ("customer_key", keys[0])),
        source=From("profiles", "p"),
        where=rule,
        order_by=keys,
    )
    asked = statement.render(tree, name=f"segment {segment.name}")
    return engine.table(asked.query, tables={"profiles": profiles}, values=asked.values)


def _by_sql(engine: Engine, segment: Segment, *, profiles: Sealed | pa.Table) -> pa.Table:
    """What the user's SELECT yields, each customer once; ids that nobody has are an error, not a silence."""
    assert segment.sql is not None  # the caller looked
    try:
        found = engine.user_table(segment.sql, tables={"profiles": profiles})
    except Misuse as error:
        raise Misuse.say(where=str(segment.place), what=f"segment {segment.name}: {error}") from error
    if "customer_id" not in found.column_names:
        raise Misuse.say(
            where=str(segment.place),
            what=f"segment {segment.name} yields {', '.join(found.column_names)} and no customer_id",
            do="write SELECT customer_id FROM profiles WHERE …",
        )
    everyone = lake.read(profiles, columns=["customer_id", "customer_key"])
    wanted = found["customer_id"].cast(pa.string()).unique()
    strangers = wanted.filter(pc.invert(pc.is_in(wanted, value_set=everyone["customer_id"])))
    if len(strangers):
        raise Misuse.say(
            where=str(segment.place),
            what=f"segment {segment.name} yields {len(strangers)} ids that no profile has, such as {strangers[0]}",
            do="select customer_id from profiles as it is",
        )
    chosen = everyone.filter(pc.is_in(everyone["customer_id"], value_set=wanted))
    return chosen.sort_by([("customer_key", "ascending"), ("customer_id", "ascending")])


def _schema(profiles: Sealed | pa.Table) -> pa.Schema:
    return profiles.schema if isinstance(profiles, pa.Table) else next(iter(lake.batches(profiles, rows=1))).schema
