"""The ledger keeps what it acknowledged, refuses what it does not know, and its schema is what the contracts say."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import apsw
import pyarrow as pa
import pytest

from tactful.store import ledger
from tactful.store.contracts_of_ledger import LEDGER
from tactful.store.ledger import Ledger, _way_out
from tactful.store.sql import named
from tactful.words.errors import StoreFaulty

NOW = dt.datetime(2011, 12, 9, 12, 50, tzinfo=dt.UTC)


def contact(customer: str, *, minutes: int = 0) -> dict[str, object]:
    return {
        "customer_id": customer,
        "channel": "email",
        "purpose": "marketing",
        "happened_at": NOW + dt.timedelta(minutes=minutes),
        "source": "test",
    }


def test_a_row_written_twice_is_there_once(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db") as book, book.transaction() as tx:
        assert ledger.write(tx, "contact", [contact("a"), contact("b")]) == 2
        assert ledger.write(tx, "contact", [contact("a")]) == 0
        found = ledger.ask(tx, named("ledger.flow.contacts"), {"since": NOW})
        assert [(row["customer_id"], row["happened_at"]) for row in found] == [("a", NOW), ("b", NOW)]


def test_an_error_inside_a_transaction_leaves_nothing(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db") as book:
        with pytest.raises(ZeroDivisionError), book.transaction() as tx:
            ledger.write(tx, "contact", [contact("a")])
            raise ZeroDivisionError
        with book.reading() as tx:
            assert ledger.table(tx, named("ledger.flow.contacts"), {"since": NOW}).num_rows == 0


def test_arrow_rows_come_back_as_they_were(tmp_path: Path) -> None:
    rows = pa.table(
        {
            "customer_id": ["x"],
            "channel": ["email"],
            "purpose": ["service"],
            "happened_at": pa.array([NOW], pa.timestamp("us", tz="UTC")),
            "decision_id": pa.array([b"d" * 16], pa.binary(16)),
            "source": ["import"],
        }
    )
    with Ledger.open(tmp_path / "ledger.db") as book:
        with book.transaction() as tx:
            assert ledger.write(tx, "contact", rows) == 1
        with book.reading() as tx:
            back = ledger.table(tx, named("ledger.flow.contacts"), {"since": NOW})
    assert back.select(rows.column_names).equals(rows)


def test_migrations_lead_to_the_schema_of_the_contracts(tmp_path: Path) -> None:
    def shape(connection: apsw.Connection) -> set[tuple[object, ...]]:
        found = set()
        for contract in LEDGER:
            for row in connection.execute(f"PRAGMA table_info({contract.name})"):
                found.add((contract.name, *row))
        found |= {
            ("index", *row) for row in connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'")
        }
        return found

    plain = apsw.Connection(":memory:")
    plain.execute(ledger.schema_text())
    with Ledger.open(tmp_path / "ledger.db"):
        pass
    assert shape(apsw.Connection(str(tmp_path / "ledger.db"))) == shape(plain)


def test_a_newer_schema_is_refused_with_what_to_do(tmp_path: Path) -> None:
    apsw.Connection(str(tmp_path / "ledger.db")).execute("PRAGMA user_version = 999")
    with pytest.raises(StoreFaulty, match=r"newer Tactful.*Upgrade"), Ledger.open(tmp_path / "ledger.db"):
        pass


def test_a_ledger_whose_tables_lack_a_column_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path):
        pass
    early = apsw.Connection(str(path))
    early.execute("ALTER TABLE live_decision DROP COLUMN body")
    early.close()
    with pytest.raises(StoreFaulty, match=r"live_decision lacks body.*new folder"), Ledger.open(path):
        pass
    columns = apsw.Connection(str(path)).execute("SELECT name FROM pragma_table_info('live_decision')")
    assert "body" not in {name for (name,) in columns}


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db"):
        assert (tmp_path / "ledger.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("error", "helps"),
    [
        (apsw.CantOpenError("unable to open database file"), "right to read and write"),
        (apsw.ReadOnlyError("attempt to write a readonly database"), "right to read and write"),
        (apsw.BusyError("database is locked"), "wait for the other process"),
        (apsw.NotADBError("file is not a database"), "restore it from a backup"),
    ],
)
def test_a_backup_is_advised_only_where_the_file_is_damaged(error: apsw.Error, helps: str) -> None:
    assert helps in _way_out(error)


def test_a_folder_where_the_ledger_stands_is_no_damage(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(StoreFaulty, match="right to read and write"), Ledger.open(tmp_path / "ledger.db"):
        pass


def test_sqlite_is_new_enough_for_several_writers() -> None:
    assert tuple(map(int, apsw.sqlite_lib_version().split("."))) >= (3, 51, 3)


WRITER = """
import sys, datetime as dt
from pathlib import Path
from tactful.store import ledger
with ledger.Ledger.open(Path(sys.argv[1])) as book:
    for number in range(100_000):
        with book.transaction() as tx:
            ledger.write(tx, "contact", [dict(customer_id=str(number), channel="email", purpose="marketing",
                happened_at=dt.datetime(2011, 12, 9, tzinfo=dt.UTC), source="kill")])
        print(number, flush=True)
"""


def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    path, acknowledged = tmp_path / "ledger.db", -1
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        last = -1
        for line in process.stdout:
            last = int(line)
            if last >= acknowledged + 40:
                process.kill()
                break
        last = max([last, *(int(line) for line in process.stdout if line.endswith("\n"))])
        process.stdout.close()
        process.wait()
        assert last > acknowledged, "the writer made no progress between kills"
        acknowledged = last
        with Ledger.open(path) as book, book.reading() as tx:
            kept = {
                int(r["customer_id"])
                for r in ledger.ask(
                    tx, named("ledger.flow.contacts"), {"since": dt.datetime(2011, 1, 1, tzinfo=dt.UTC)}
                )
            }
        assert set(range(acknowledged + 1)) <= kept
