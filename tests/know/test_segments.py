"""Segments from conditions and from a user's SQL; nothing hostile reaches the engine."""

from pathlib import Path

import pyarrow as pa
import pytest

from tactful.know import segments
from tactful.project.declared import Segment
from tactful.store import conditions, statement
from tactful.store.conditions import Kind, Named
from tactful.store.engines.duckdb import Engine
from tactful.store.statement import Bound, Column, From, Infix, Select
from tactful.words.clock import Clock
from tactful.words.condition import holds, read_condition
from tactful.words.errors import Misuse
from tactful.words.finding import Place

CLOCK = Clock.at("2011-12-09T12:00:00")
PROFILES = pa.table(
    {
        "customer_id": ["1", "2", "3"],
        "customer_key": pa.array([30, 10, 20]),
        "stage": ["lapsing", "regular", "lapsing"],
        "orders": pa.array([1, 7, None]),
        "familiarity": pa.array([1 << 18, 1 << 19, None]),
    }
)


def segment(condition: str | None = None, *, sql: str | None = None) -> Segment:
    rule = None if condition is None else read_condition(condition)
    place = Place(file="segments/it.yaml", line=3, column=1)
    return Segment(name="it", title="It", condition=rule, sql=sql, place=place)


def ids(make_project, one: Segment) -> list[str]:
    batches = segments.members({"profiles": PROFILES}, project=make_project(segments={"it": one}), clock=CLOCK)
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert all(row["segment"] == "it" and row["as_of"] == CLOCK.now for row in rows)
    return [row["customer_id"] for row in rows]


@pytest.mark.parametrize(
    ("condition", "members"),
    [
        ("stage = 'lapsing'", ["3", "1"]),
        ("orders >= 2", ["2"]),
        ("not orders >= 2", ["1"]),
        ("orders is unknown", ["3"]),
        ("familiarity >= 0.5", ["2"]),
        ("familiarity > 0.2499", ["2", "1"]),
        ("stage in ('regular', 'lost') or orders = 1", ["2", "1"]),
    ],
)
def test_a_condition_has_its_members_in_order_of_key(make_project, condition: str, members: list[str]) -> None:
    assert ids(make_project, segment(condition)) == members


def test_a_select_has_its_members_once_each(make_project) -> None:
    query = "SELECT customer_id FROM profiles WHERE stage = 'lapsing' UNION ALL SELECT '1'"
    assert ids(make_project, segment(sql=query)) == ["3", "1"]


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("SELECT stage FROM profiles", "no customer_id"),
        ("SELECT '99' AS customer_id", "1 ids that no profile has, such as 99"),
        ("SELECT 1; SELECT 2", "one SELECT"),
        ("DROP TABLE profiles", "one SELECT"),
        ("SELECT customer_id FROM read_csv('/etc/passwd')", "segments/it.yaml:3:1"),
    ],
)
def test_other_sql_is_refused_with_its_place(make_project, query: str, what: str) -> None:
    with pytest.raises(Misuse, match=what):
        ids(make_project, segment(sql=query))


HOSTILE = ('x" OR 1=1 --', "a;drop table profiles", "a" * 10_000, "CASE WHEN 1=1 THEN a END", "", "ä", "1a", "a b")


@pytest.mark.parametrize("name", HOSTILE)
def test_F88_a_hostile_name_never_reaches_sql(name: str) -> None:
    tree = Select(columns=((name, Bound(1)),), source=From("profiles", "p"))
    for one in (
        tree,
        Select(columns=(("a", Column(name)),), source=From("profiles", "p")),
        Select(columns=(("a", Bound(1)),), source=From(name, "p")),
        Select(columns=(("a", Bound(1)),), source=From("profiles", "p"), order_by=(Column(name),)),
    ):
        with pytest.raises(Misuse, match="cannot name a column"):
            statement.render(one, name="hostile")


def test_F88_a_hostile_value_is_bound(make_project) -> None:
    value = "x' OR 1=1 --"
    tree = Select(
        columns=(("a", Bound(1)),), source=From("profiles", "p"), where=Infix("=", Column("stage"), Bound(value))
    )
    asked = statement.render(tree, name="hostile")
    assert value not in asked.query.text
    with Engine.open() as engine:
        assert engine.table(asked.query, tables={"profiles": PROFILES}, values=asked.values).num_rows == 0


@pytest.mark.parametrize(
    ("condition", "what"),
    [
        ("oders > 2", "segments/it.yaml:3:1: 'oders' is no fact or column here. Did you mean 'orders'"),
        ("orders = 'two'", "integer and cannot be compared with 'two'"),
        ("stage > 2", "text and cannot be compared with 2"),
        ("orders = true", "cannot be compared with True"),
    ],
)
def test_a_condition_that_cannot_be_is_told_with_a_guess(make_project, condition: str, what: str) -> None:
    with pytest.raises(Misuse, match=what):
        ids(make_project, segment(condition))


CONDITIONS = (
    "a > 1",
    "not a > 1",
    "not (a > 1 and b = 'x')",
    "not (a > 1 or b = 'x')",
    "not a in (1, 2)",
    "a is known and not b is known",
    "not (not a = 2)",
    "b != 'x' or a <= 0",
    "not (b in ('x') or a is unknown)",
)


@pytest.mark.parametrize("text", CONDITIONS)
def test_sql_reads_unknown_as_conditions_do(text: str) -> None:
    rows = [{"a": a, "b": b} for a in (None, 0, 1, 2) for b in (None, "x", "y")]
    scope = {"a": Named(Column("a"), Kind.INTEGER), "b": Named(Column("b"), Kind.TEXT)}
    condition = read_condition(text)
    table = pa.table({"n": range(len(rows)), "a": [r["a"] for r in rows], "b": [r["b"] for r in rows]})
    tree = Select(columns=(("n", Column("n")),), source=From("rows", "r"), where=conditions.where(condition, scope))
    asked = statement.render(tree, name="unknown")
    with Engine.open() as engine:
        found = engine.table(asked.query, tables={"rows": table}, values=asked.values)["n"].to_pylist()
    assert sorted(found) == [n for n, row in enumerate(rows) if holds(condition, row)]


def test_the_engine_is_locked_for_users(tmp_path: Path) -> None:
    with Engine.open() as engine, pytest.raises(Misuse):
        engine.user_table(f"SELECT * FROM '{tmp_path}/x.parquet'", tables={"profiles": PROFILES})
