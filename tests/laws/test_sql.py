"""The laws of SQL: one writer per table, and nothing whose answer depends on the engine, the order or the day."""

import pytest

from tools import one_writer, sql_law
from tools.houseplan import writers
from tools.named_sql import FOLDER


def said(tmp_path, law, *, file, body, name="planted"):
    path = tmp_path / "sql" / file
    path.parent.mkdir(parents=True)
    path.write_text(f"-- first --\n-- Says one.\nSELECT 1;\n\n-- {name} --\n{body}\n", "utf-8")
    faults = one_writer.faults(tmp_path / "sql", writers()) if law == "writer" else sql_law.faults(tmp_path / "sql")
    return [str(fault) for fault in faults]


def test_the_named_sql_of_the_store_keeps_both_laws():
    assert [str(fault) for fault in one_writer.faults(FOLDER, writers())] == []
    assert [str(fault) for fault in sql_law.faults(FOLDER)] == []


@pytest.mark.parametrize(
    ("file", "body", "what"),
    [
        (
            "learn.sql",
            "-- Moves them.\nUPDATE decisions SET score = 0;",
            "planted writes decisions; only decide.sql may",
        ),
        (
            "ledger/learn.sql",
            "-- Adds one.\nINSERT INTO outbox VALUES (?)",
            "planted writes outbox; only deliver.sql may",
        ),
        (
            "ledger/learn.sql",
            "-- Takes one.\nDELETE FROM consent WHERE customer_id = ?",
            "writes consent; only know.sql",
        ),
        ("ledger/learn.sql", "-- Drops.\nDROP TABLE contact", "planted writes contact; only deliver.sql may"),
        ("learn.sql", "-- Empties.\nTRUNCATE TABLE messages", "planted writes messages; only compose.sql may"),
        (
            "learn.sql",
            "-- Adds.\nALTER TABLE decisions ADD COLUMN x INT",
            "planted writes decisions; only decide.sql may",
        ),
        ("ledger/learn.sql", "-- Adds.\nCREATE INDEX i ON contact (x)", "planted writes contact; only deliver.sql may"),
        (
            "decide.sql",
            "-- New.\nCREATE TABLE diary (x INTEGER)",
            "writes diary, which store/contracts.py does not know",
        ),
        ("decide.sql", "-- Out.\nCOPY (SELECT 1) TO 'x.csv'", "uses COPY, which only the store's Python may"),
        ("decide.sql", "SELECT 1", "planted does not say what it answers"),
        ("decide.sql", "-- Broken.\nSELECT FROM WHERE (", "planted cannot be read"),
        ("misc.sql", "-- One.\nSELECT 1", "is not named after a room"),
    ],
)
def test_a_write_in_the_wrong_file_is_named(tmp_path, file, body, what):
    (fault,) = [fault for fault in said(tmp_path, "writer", file=file, body=body) if what in fault]
    assert fault.startswith((f"{file}:5: ", f"{file}:1: "))


@pytest.mark.parametrize(
    ("file", "body"),
    [
        ("ledger/deliver.sql", "-- Puts.\nINSERT INTO outbox (a) VALUES (?) ON CONFLICT (a) DO UPDATE SET a = 1"),
        ("decide.sql", "-- A table for this connection.\nCREATE TEMP TABLE scratch AS SELECT 1 AS x"),
        ("learn.sql", "-- Reads another room's rows.\nSELECT customer_id FROM decisions"),
    ],
)
def test_a_lawful_write_is_left_alone(tmp_path, file, body):
    assert said(tmp_path, "writer", file=file, body=body) == []


def test_two_statements_of_one_name_and_one_without_are_named(tmp_path):
    (tmp_path / "know.sql").write_text("SELECT 0;\n-- a --\n-- One.\nSELECT 1;\n-- a --\n-- Two.\nSELECT 2;\n", "utf-8")
    assert [str(fault) for fault in one_writer.faults(tmp_path, {})] == [
        "know.sql:1: a statement without a name: write `-- name --` above it",
        "know.sql:5: a is there twice",
    ]


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("SELECT sum(CAST(x AS DOUBLE)) FROM t", "sums floats"),
        ("SELECT sum(x::FLOAT * 2) FROM t", "sums floats"),
        ("SELECT sum(a / b) FROM t", "sums floats (a division)"),
        ("SELECT sum(1e3 * a) FROM t", "sums floats (1e3)"),
        ("SELECT sum(ln(a)) FROM t", "sums floats (ln)"),
        ("SELECT avg(x) FROM t", "uses avg"),
        ("SELECT mode(x) FROM t", "uses mode"),
        ("SELECT first(x) FROM t", "uses first"),
        ("SELECT any_value(x) FROM t", "uses any_value"),
        ("SELECT row_number() OVER (PARTITION BY a) FROM t", "uses row_number in no order"),
        ("SELECT row_number() OVER (ORDER BY happened_at) FROM t", "ends in happened_at, which may tie"),
        ("SELECT lag(x) OVER (ORDER BY happened_at) FROM t", "ends in happened_at, which may tie"),
        ("SELECT arg_max(x, happened_at) FROM t", "uses arg_max with one key"),
        ("SELECT list(x) FROM t", "gathers with array_agg in no order"),
        ("SELECT string_agg(x, ',') FROM t", "gathers with group_concat in no order"),
        ("SELECT x FROM t LIMIT 5", "uses LIMIT in no order"),
        ("SELECT DISTINCT ON (a) a, b FROM t", "uses DISTINCT ON in no order"),
        ("SELECT now()", "uses now; time and chance are bound"),
        ("SELECT current_timestamp", "uses current_timestamp; time and chance are bound"),
        ("SELECT random()", "uses rand; time and chance are bound"),
        ("SELECT jaro_winkler_similarity(a, b) FROM t", "not proven equal on the engines"),
        ("SELECT approx_quantile(x, 0.5) FROM t", "not proven equal on the engines"),
        ("SELECT x FROM t WHERE y = '%s'", "has a place for formatted text"),
        ("SELECT x FROM t WHERE y = '{name}'", "has a place for formatted text"),
    ],
)
def test_sql_that_may_answer_otherwise_tomorrow_is_refused(tmp_path, query, what):
    faults = said(tmp_path, "sql", file="learn.sql", body=f"-- Asks.\n{query}")
    assert any(fault.startswith("learn.sql:5: planted ") and what in fault for fault in faults), faults


@pytest.mark.parametrize(
    "query",
    [
        "SELECT sum(quantity), sum(CAST(price AS DECIMAL(18, 4))), sum(CAST(x / 2 AS BIGINT)) FROM t",
        "SELECT row_number() OVER (PARTITION BY a ORDER BY happened_at, order_id) FROM t",
        "SELECT arg_max(x, (happened_at, order_id)) FROM t",
        "SELECT list(x ORDER BY y, item_id) FROM t",
        "SELECT x FROM t ORDER BY y, customer_id LIMIT 5",
        "-- total order: one row per day\nSELECT lag(x) OVER (ORDER BY day) FROM t",
        "SELECT {'a': 1, 'b': x} FROM t WHERE y = $name AND z IN (SELECT z FROM u)",
        "SELECT CASE WHEN a AND NOT b THEN 1 END FROM read_parquet($paths)",
    ],
)
def test_exact_and_total_sql_is_left_alone(tmp_path, query):
    assert said(tmp_path, "sql", file="learn.sql", body=f"-- Asks.\n{query}") == []


def test_ledger_sql_is_read_as_sqlite(tmp_path):
    body = "-- Puts it there once.\nINSERT OR IGNORE INTO consent (customer_id) VALUES (:customer_id)"
    assert said(tmp_path, "sql", file="ledger/know.sql", body=body) == []
