import re
from datetime import UTC, datetime

import pytest

from load.loads import Shop, csv_of, declared, order
from tactful.load import loaded_files
from tactful.store import ledger
from tactful.store.sql import named

AT = datetime(2011, 12, 9, tzinfo=UTC)


@pytest.fixture
def book(tmp_path):
    with ledger.Ledger.open(tmp_path / "ledger.db") as opened:
        yield opened


def noted(book):
    """Every account in the ledger."""
    with book.reading() as tx:
        return ledger.ask(tx, named("ledger.load.files"))


def test_a_held_file_that_loads_later_has_one_account_and_a_loaded_one_keeps_its_own(tmp_path, book):
    shop, path = Shop(tmp_path), tmp_path / "orders.csv"
    path.write_text(csv_of([order(), order(quantity="x")]))
    held, loaded = shop.load(declared(limits={}), path), shop.load(declared(), path)
    assert (held.state, loaded.state, held.digest) == ("held", "loaded", loaded.digest)
    for account in (held, loaded, held):
        with book.transaction() as tx:
            loaded_files.record(tx, account.row(), run_id=bytes(16), at=AT)
    (row,) = noted(book)
    assert (row["state"], row["accepted"], row["quarantined"], row["contract"]) == ("loaded", 1, 1, loaded.contract)


def test_a_persons_name_leaves_the_name_of_a_file(tmp_path, book):
    shop = Shop(tmp_path)
    accounts = [
        shop.load(declared(), shop.write(csv_of([order(order=name)]), name=name)) for name in ("anna.csv", "b.csv")
    ]
    with book.transaction() as tx:
        for account in accounts:
            loaded_files.record(tx, account.row(), run_id=bytes(16), at=AT)
        assert loaded_files.forget_names(tx, pattern=re.compile(rb"anna", re.IGNORECASE)) == 1
    assert sorted(row["file"] for row in noted(book)) == ["(erased).csv", "b.csv"]
