"""Replay: the same decisions in a fresh process, and one changed bit is found."""

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flow.shops import approve_and_send, change_ledger, edit, last_run, opened, rows_of, run_once, table_of, tactful
from tactful.flow.manifest import find_run
from tactful.flow.progress import Silent
from tactful.flow.replaying import Replayed, replay
from tactful.flow.sending import send
from tactful.flow.workspace import open_workspace
from tactful.words.errors import StoreFaulty


def sealed_file(root: Path, table: str) -> Path:
    run_id = last_run(root).run_id
    found = [row for row in rows_of(root, "part", f"table_name = '{table}'") if row["run_id"] == run_id]
    assert found
    return root / "lake" / str(found[0]["path"])


def replayed(root: Path) -> Replayed:
    with open_workspace(root) as space:
        return replay(space, find_run(space, None))


def rewrite(root: Path, table: str, changed: pa.Table) -> None:
    """A sealed file with other content, and a manifest that knows nothing better."""
    path = sealed_file(root, table)
    pq.write_table(changed, path, compression="zstd")
    digest = hashlib.sha256(path.read_bytes()).digest()[:16]
    statement = "UPDATE part SET content_hash = :digest WHERE path = :path"
    assert change_ledger(root, statement, digest=digest, path=str(path.relative_to(root / "lake"))) == 1


def with_bit(table: pa.Table, column: str, *, row: int = 3, bit: int = 0) -> pa.Table:
    """The same table with one bit of one whole number flipped."""
    place, values = table.column_names.index(column), table[column].to_pylist()
    value = values[row]
    values[row] = [value[0] ^ (1 << bit), *value[1:]] if isinstance(value, list) else value ^ (1 << bit)
    return table.set_column(place, table.schema.field(column), pa.array(values, table[column].type))


def test_a_replay_in_a_fresh_process_is_the_same_bit_for_bit(waiting: Path) -> None:
    for path in (waiting / "data", waiting / ".spill"):
        path.rename(path.with_name(f"away{path.name}")) if path.exists() else None
    done = tactful("replay", "--project", waiting)
    assert done.returncode == 0, done.stderr
    assert "every bit the same" in done.stdout
    assert f"{table_of(waiting, 'decisions').num_rows:,} decisions" in done.stdout


def test_a_replay_stands_on_what_was_sealed_and_not_on_the_project_of_today(waiting: Path) -> None:
    edit(waiting / "policy.yaml", {"k_words: 4": "k_words: 40", "universal_holdout: 5%": "universal_holdout: 40%"})
    edit(waiting / "tactful.yaml", {"retail-starter-2011": "another", "2011-12-09T12:50": "2012-02-09T12:50"})
    assert replayed(waiting).same


@pytest.mark.parametrize(
    ("table", "column", "bit"),
    [
        ("decisions", "propensity", 0),
        ("decisions", "score", 0),
        ("decisions", "customer_key", 7),
        ("inputs", "features", 0),
        ("inputs", "cells", 0),
        ("inputs", "customer_key", 0),
        ("inputs", "household_key", 3),
    ],
)
def test_one_changed_bit_is_found_by_the_replay_itself(waiting: Path, table: str, column: str, bit: int) -> None:
    rewrite(waiting, table, with_bit(table_of(waiting, table), column, bit=bit))
    found = replayed(waiting)
    assert not found.same
    assert found.differences


def test_a_difference_ends_the_command_with_1(waiting: Path) -> None:
    rewrite(waiting, "decisions", with_bit(table_of(waiting, "decisions"), "propensity"))
    done = tactful("replay", "--project", waiting)
    assert done.returncode == 1
    assert "1 differences in" in done.stdout
    assert "propensity" in done.stdout


def test_a_changed_choice_is_found(waiting: Path) -> None:
    table = table_of(waiting, "decisions")
    kinds = table["outcome_kind"].to_pylist()
    kinds[kinds.index("chosen")] = "none"
    place = table.column_names.index("outcome_kind")
    changed = table.set_column(place, table.schema.field("outcome_kind"), pa.array(kinds))
    rewrite(waiting, "decisions", changed)
    assert [line.split()[1] for line in replayed(waiting).differences] == ["outcome_kind:"]


def test_a_missing_row_is_found(waiting: Path) -> None:
    rewrite(waiting, "decisions", table_of(waiting, "decisions").slice(1))
    assert not replayed(waiting).same


@pytest.mark.parametrize("table", ["decisions", "inputs", "messages", "skeletons", "profiles"])
def test_a_flipped_byte_on_disk_stops_replay_and_sending_and_names_the_file(waiting: Path, table: str) -> None:
    path = sealed_file(waiting, table)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreFaulty, match=rf"{table}.*is not what was sealed"):
        replayed(waiting)
    with pytest.raises(StoreFaulty, match=rf"{table}.*is not what was sealed"):
        approve_and_send(waiting)
    assert rows_of(waiting, "outbox") == []


def test_a_missing_file_is_named(waiting: Path) -> None:
    sealed_file(waiting, "decisions").unlink()
    with pytest.raises(StoreFaulty, match=r"decisions.*a sealed file is missing"):
        replayed(waiting)


def test_an_older_run_replays_after_a_newer_one(sent: Path) -> None:
    run_once(sent)
    with opened(sent) as space:
        assert replay(space, find_run(space, "2011-12-09#2")).same
        assert replay(space, find_run(space, "2011-12-09")).same
        assert send(space, find_run(space, "2011-12-09"), progress=Silent()).queued == 0


def test_A15_what_the_engine_keeps_on_disk_can_be_deleted_at_any_time(waiting: Path) -> None:
    """No file of DuckDB's is part of a project: whatever it spilled is swept away, and nothing is lost."""
    before = {path for path in waiting.rglob("*") if path.is_file()}
    assert not [path for path in before if "duckdb" in path.name or ".spill" in path.parts]
    (waiting / ".spill").mkdir()
    (waiting / ".spill" / "duckdb_temp_storage_DEFAULT-0.tmp").write_bytes(b"half a block")
    assert replayed(waiting).same
    run_once(waiting)
    assert not (waiting / ".spill").exists()
    one, two = table_of(waiting, "decisions", name="2011-12-09"), table_of(waiting, "decisions")
    assert one.drop_columns(["run_id"]).equals(two.drop_columns(["run_id"]))
