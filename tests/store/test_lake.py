"""The lake: sorted, durable, exact about its contract, and nothing counts before it is sealed."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tactful.store import contracts, lake
from tactful.store.engines.duckdb import Engine
from tactful.store.sql import Query
from tactful.words.errors import Misuse, StoreFaulty

RUN = b"r" * 16
NOW = dt.datetime(2011, 12, 9, tzinfo=dt.UTC)


def segments(*rows: tuple[str, str, int]) -> pa.RecordBatch:
    schema = contracts.table("segments").schema
    return pa.RecordBatch.from_pylist(
        [{"segment": s, "customer_id": c, "customer_key": k, "as_of": NOW} for s, c, k in rows], schema=schema
    )


def test_rows_come_back_sorted_by_the_contract(tmp_path: Path) -> None:
    sealed = lake.seal(
        "segments", [segments(("b", "x", 3), ("a", "y", 9)), segments(("a", "z", -4))], root=tmp_path, run_id=RUN
    )
    assert lake.read(sealed)["customer_id"].to_pylist() == ["z", "y", "x"]
    assert sealed.rows == 3
    lake.verify(sealed)


def test_no_row_makes_no_file_and_reads_as_an_empty_table(tmp_path: Path) -> None:
    sealed = lake.seal("segments", [], root=tmp_path, run_id=RUN)
    assert sealed.paths == ()
    assert lake.read(sealed).schema.names == contracts.table("segments").schema.names
    with Engine.open() as engine:
        assert engine.table(Query("t", "SELECT count(*) AS n FROM segments"), tables={"segments": sealed})[
            "n"
        ].to_pylist() == [0]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    one = lake.seal("segments", [segments(("a", "x", 1), ("a", "y", 2))], root=tmp_path / "1", run_id=RUN)
    two = lake.seal("segments", [segments(("a", "y", 2)), segments(("a", "x", 1))], root=tmp_path / "2", run_id=RUN)
    assert one.content_hash == two.content_hash


def test_a_missing_or_empty_column_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(StoreFaulty, match="customer_key is missing"):
        lake.seal("segments", [segments(("a", "x", 1)).drop_columns(["customer_key"])], root=tmp_path, run_id=RUN)
    hollow = segments(("a", "x", 1)).set_column(
        1, contracts.table("segments").schema.field(1), pa.array([None], pa.string())
    )
    with pytest.raises(StoreFaulty, match=r"segments\.customer_id: 1 rows are empty"):
        lake.seal("segments", [hollow], root=tmp_path, run_id=RUN)


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    sealed = lake.seal("segments", [segments(("a", "x", 1))], root=tmp_path, run_id=RUN)
    path = Path(sealed.paths[0])
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(StoreFaulty, match="not what was sealed"):
        lake.verify(sealed)


def test_what_a_killed_run_left_is_swept(tmp_path: Path) -> None:
    kept = lake.seal("segments", [segments(("a", "x", 1))], root=tmp_path, run_id=RUN)
    lake.seal("segments", [segments(("a", "y", 1))], root=tmp_path, run_id=b"k" * 16)
    (tmp_path / "segments" / ".unsealed-0.parquet").write_bytes(b"half")
    assert lake.sweep(tmp_path, sealed=kept.paths) == 2
    assert lake.read(kept).num_rows == 1


def test_many_rows_are_cut_into_sorted_files_wherever_batches_end(tmp_path: Path) -> None:
    rows = [("abc"[n % 3], str(n), (n * 7919) % 1000) for n in range(3010)]
    handles = [
        lake.seal(
            "segments",
            [segments(*rows[i : i + size]) for i in range(0, len(rows), size)],
            root=tmp_path / str(size),
            run_id=RUN,
            rows_per_file=100,
        )
        for size in (7, 50, 3010)
    ]
    assert len({handle.content_hash for handle in handles}) == 1, "the same rows are the same files"
    assert [file.rows for file in handles[0].files] == [100] * 30 + [10]
    assert list(handles[0].paths) == sorted(handles[0].paths), "names sort as the files follow"
    for number, path in enumerate(handles[0].paths):
        theirs = sorted((row[0], row[2]) for row in rows[number * 100 : (number + 1) * 100])
        found = pq.read_table(path, columns=["segment", "customer_key"]).to_pylist()
        assert [(row["segment"], row["customer_key"]) for row in found] == theirs
    assert lake.read(handles[0]).num_rows == 3010
    lake.verify(handles[0])


def test_a_part_is_written_when_rows_of_another_come(tmp_path: Path) -> None:
    def batch(part: str, number: int, rows: int) -> pa.RecordBatch:
        made = segments(*[("a", f"{part}{n}", number * rows + n) for n in range(rows)])
        return made.replace_schema_metadata({"table": "segments", "part": part})

    many, written = lake.ROWS_PER_FILE // 16, []

    def coming() -> Iterator[pa.RecordBatch]:
        yield batch("one", 0, many)
        yield batch("two", 0, 3)
        for _ in range(20_000):
            written[:] = written or list((tmp_path / "segments").rglob("one.parquet"))
        yield batch("one", 1, 5)
        yield batch("two", 1, 3)

    sealed = lake.seal_all(coming(), tables=["segments"], root=tmp_path, run_id=RUN)
    assert written, "while rows of the other part were still to come"
    assert [file.rows for file in sealed["segments", "one"].files] == [many, 5]
    assert [file.rows for file in sealed["segments", "two"].files] == [6]


def test_rows_that_come_in_order_are_read_in_order_from_many_files(tmp_path: Path) -> None:
    rows = [("a", str(n), n) for n in range(1000)]
    sealed = lake.seal("segments", [segments(*rows)], root=tmp_path, run_id=RUN, rows_per_file=64)
    assert lake.read(sealed)["customer_key"].to_pylist() == list(range(1000))


def test_a_file_that_cannot_be_written_beside_the_work_is_heard_of(tmp_path: Path) -> None:
    (tmp_path / "segments").write_text("a file where a folder should be")
    with pytest.raises(OSError):
        lake.seal("segments", [segments(*[("a", str(n), n) for n in range(99)])], root=tmp_path, run_id=RUN)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1; SELECT 2",
        "DROP TABLE profiles",
        "CREATE TABLE x (a INT)",
        "COPY profiles TO 'x.csv'",
        "not sql at all",
    ],
)
def test_user_sql_is_one_select(text: str) -> None:
    with Engine.open() as engine, pytest.raises(Misuse, match="user SQL"):
        engine.user_table(text, tables={"profiles": pa.table({"customer_id": ["a"]})})


def test_user_sql_sees_nothing_outside(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with Engine.open() as engine:
        with pytest.raises(Misuse):
            engine.user_table(f"SELECT * FROM read_csv('{tmp_path}/secret.csv')", tables={})
        kept = engine.user_table(
            "SELECT customer_id FROM profiles", tables={"profiles": pa.table({"customer_id": ["a"]})}
        )
    assert kept.to_pylist() == [{"customer_id": "a"}]
