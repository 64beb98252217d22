"""D1: what customers said is chained: a change of it made past us is found and named; an erasure breaks nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from know.test_consents import CLOCK, record, said
from tactful.know import chain
from tactful.store import ledger, sql

DAY = timedelta(days=1)


@pytest.fixture
def path(tmp_path: Path, make_project) -> Path:
    """A ledger with four consents, of two days, and a preference."""
    with ledger.Ledger.open(tmp_path / "ledger.db") as kept:
        record(
            kept, make_project, of("1", "granted", wording="Yes please."), of("2", "denied"), preferences=(wish("1"),)
        )
        record(kept, make_project, of("1", "granted", wording="Yes please."), of("3", "granted"), of("1", "withdrawn"))
    return tmp_path / "ledger.db"


def of(customer: str, state: str, **more) -> dict:
    return said(state, **more) | {"customer_id": customer}


def wish(customer: str) -> dict:
    return {"customer_id": customer, "dial": "many", "topics_off": ["wine"], "happened_at": CLOCK.now, "source": "form"}


def found(path: Path) -> chain.Chain:
    with ledger.Ledger.open(path) as kept, kept.reading() as tx:
        return chain.inspect(tx)


def change(path: Path, *statements: str) -> None:
    """What somebody with a database tool does."""
    book = sqlite3.connect(path)
    for statement in statements:
        book.execute(statement)
    book.commit()
    book.close()


def test_D1_what_was_recorded_holds_and_recording_it_again_adds_nothing(path: Path, make_project) -> None:
    whole = found(path)
    assert (whole.links, whole.broken) == (5, "")
    with ledger.Ledger.open(path) as kept:
        record(kept, make_project, of("1", "granted", wording="Yes please."), of("2", "denied"))
    assert found(path) == whole


CHANGES = {
    "UPDATE consent SET state = 'granted' WHERE customer_id = '2'": "row 2 (consent, recorded 2011-12-09) is not",
    "UPDATE consent SET happened_at = happened_at + 1 WHERE customer_id = '2'": "row 2 (consent",
    "UPDATE consent SET customer_id = '4' WHERE customer_id = '2'": "row 2 (consent",
    "UPDATE consent SET recorded_at = recorded_at - 1 WHERE customer_id = '3'": "is not what was recorded",
    "UPDATE consent SET wording_hash = NULL WHERE customer_id = '1'": "row 1 (consent",
    "UPDATE consent SET nonce = zeroblob(16) WHERE customer_id = '2'": "row 2 (consent",
    "UPDATE preference SET dial = 'one'": "row 3 (preference",
    "UPDATE preference SET topics_off = '[]'": "row 3 (preference",
    "DELETE FROM consent WHERE customer_id = '2'": "row 2 (consent, recorded 2011-12-09) is gone, and no",
    "DELETE FROM preference": "row 3 (preference, recorded 2011-12-09) is gone",
    "DELETE FROM said WHERE link = 2": "row 3 (preference, recorded 2011-12-09) is not tied to the rows before it",
    "UPDATE said SET row_hash = zeroblob(16) WHERE link = 2": "row 2 (consent, recorded 2011-12-09) is not tied",
    "UPDATE consent SET link = NULL WHERE customer_id = '3'": "is gone",
    "UPDATE consent SET link = 1 WHERE customer_id = '2'": "row 1 (consent, recorded 2011-12-09) is not what",
    "INSERT INTO consent SELECT '9', purpose, channel, state, happened_at, source, NULL, recorded_at, NULL, NULL"
    " FROM consent WHERE customer_id = '3'": "1 rows (consent) are in no link: something else than Tactful wrote them",
    "DELETE FROM said WHERE link = (SELECT max(link) FROM said)": "1 rows (consent) are in no link",
}


@pytest.mark.parametrize("statement", CHANGES)
def test_D1_one_change_made_past_us_is_found_and_named(path: Path, statement: str) -> None:
    before = found(path)
    change(path, statement)
    after = found(path)
    assert CHANGES[statement] in after.broken
    assert "customer" not in after.broken.replace("customers", "")
    assert before.broken == ""


def test_D1_one_flipped_byte_of_any_row_is_found(path: Path) -> None:
    for table, key in (("consent", "link"), ("preference", "link")):
        for column in columns(path, table):
            if column in (key, "customer_id"):
                continue
            flipped = path.with_name("flipped.db")
            for number, value in values(path, table, column):
                if value is None:
                    continue
                flipped.write_bytes(path.read_bytes())
                book = sqlite3.connect(flipped)
                book.execute(f"UPDATE {table} SET {column} = ? WHERE link = ?", (flip(value), number))
                book.commit()
                book.close()
                assert f"row {number} ({table}" in found(flipped).broken, (table, column)


def columns(path: Path, table: str) -> list[str]:
    with closing(sqlite3.connect(path)) as book:
        return [row[1] for row in book.execute(f"PRAGMA table_info({table})")]


def values(path: Path, table: str, column: str) -> Iterator[tuple[int, object]]:
    with closing(sqlite3.connect(path)) as book:
        return iter(book.execute(f"SELECT link, {column} FROM {table}").fetchall())


def flip(value: object) -> object:
    match value:
        case int():
            return value ^ 1
        case bytes():
            return bytes([value[0] ^ 1]) + value[1:]
        case str():
            return chr(ord(value[0]) ^ 1) + value[1:] if value else "x"
    raise TypeError(value)


def test_D1_an_erasure_keeps_the_chain_and_is_part_of_it(path: Path, make_project) -> None:
    with ledger.Ledger.open(path) as kept, kept.transaction() as tx:
        assert chain.erase(tx, customer_id="1", now=CLOCK.now + DAY) == 3
        assert chain.erase(tx, customer_id="nobody", now=CLOCK.now + DAY) == 0
    change(path, "DELETE FROM consent WHERE customer_id = '1'", "DELETE FROM preference WHERE customer_id = '1'")
    whole = found(path)
    assert (whole.links, whole.broken) == (6, "")
    with ledger.Ledger.open(path) as kept:
        record(kept, make_project, of("5", "granted"))
    assert (found(path).links, found(path).broken) == (7, "")
    change(path, "DELETE FROM consent WHERE customer_id = '2'")
    assert "row 2 (consent, recorded 2011-12-09) is gone" in found(path).broken


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE said SET erased = replace(erased, ']', ',99]')", "names other rows than those that were erased"),
        ("UPDATE said SET erased = 'x' WHERE kind = 'erasure'", "is gone, and no erasure names it"),
        ("DELETE FROM said WHERE kind = 'erasure'", "is gone, and no erasure names it"),
    ],
)
def test_D1_an_erasure_that_never_was_is_found(path: Path, statement: str, says: str) -> None:
    with ledger.Ledger.open(path) as kept, kept.transaction() as tx:
        chain.erase(tx, customer_id="1", now=CLOCK.now + DAY)
        ledger.act(tx, sql.named("ledger.know.links_of_customer"), {"customer_id": "1"})
    change(
        path, "DELETE FROM consent WHERE customer_id = '1'", "DELETE FROM preference WHERE customer_id = '1'", statement
    )
    assert says in found(path).broken


def test_D1_what_was_erased_and_is_there_again_is_found(path: Path) -> None:
    with ledger.Ledger.open(path) as kept, kept.transaction() as tx:
        chain.erase(tx, customer_id="2", now=CLOCK.now + DAY)
    assert found(path).broken.endswith("was erased and is there again")
