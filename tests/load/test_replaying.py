import json
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from load.loads import CLOCK, ORDERS, Shop, csv_of, declared, order, with_column, with_mapping
from tactful.load.sources import contract_of
from tactful.words.clock import Clock

LATER = Clock(now=CLOCK.now + timedelta(days=1))
STRICT = with_column(declared(), "item_id", pattern="i\\d")
LOOSE = with_column(declared(), "item_id", pattern="[ij]\\d")


def transactions(shop):
    """Rows of transactions, in a stated order."""
    return sorted(shop.rows("transactions"), key=lambda row: (row["order_id"], row["item_id"], row["line"]))


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def right_from_the_start(tmp_path, source, data):
    """What a correct first load would have made."""
    folder = tmp_path / "other"
    folder.mkdir()
    other = Shop(folder)
    other.load(source, data)
    return other


@pytest.mark.parametrize("clock", [CLOCK, LATER])
def test_B3_fix_and_replay_gives_the_same_state_as_a_correct_first_load(tmp_path, shop, clock):
    data = csv_of([order(), order(item="j1"), order(item="j1"), order(item="x1"), order(order="o2", item='"i2"')])
    assert shop.load(STRICT, data).quarantined == 3
    assert shop.waiting() == 3
    account = shop.replay(LOOSE, clock=clock)
    assert (account.rows_read, account.accepted, account.quarantined) == (3, 2, 1)
    assert account.state == "loaded"
    other = right_from_the_start(tmp_path, LOOSE, data)
    assert transactions(shop) == transactions(other)
    assert shop.waiting() == other.waiting() == 1
    assert shop.replay(LOOSE, clock=clock) is None
    (still,) = [r for r in shop.rows("quarantine") if r["contract"] == contract_of(LOOSE) and r["replayed_at"] is None]
    (first,) = other.rows("quarantine")
    assert {**still, "seen_at": None} == {**first, "seen_at": None}


def test_B3_a_row_whose_sibling_was_accepted_keeps_its_number(tmp_path, shop):
    strict = with_column(declared(), "customer_id", pattern="c\\d")
    loose = with_column(declared(), "customer_id", pattern="[cd]\\d")
    data = csv_of([order(customer="d1"), order(customer="c1"), order(customer="d2")])
    shop.load(strict, data)
    assert [(r["customer_id"], r["line"]) for r in transactions(shop)] == [("c1", 2)]
    shop.replay(loose)
    assert transactions(shop) == transactions(right_from_the_start(tmp_path, loose, data))


def test_a_row_that_another_file_brought_meanwhile_is_a_duplicate(shop):
    shop.load(STRICT, csv_of([order(), order(item="j1")]))
    shop.load(LOOSE, csv_of([order(), order(item="j1"), order(item="j2")]))
    account = shop.replay(LOOSE)
    assert (account.accepted, account.duplicate) == (0, 1)
    assert len(shop.rows("transactions")) == 3
    assert shop.waiting() == 0


def test_the_same_bad_row_of_many_files_becomes_one_row(shop):
    for number in range(4):
        shop.load(STRICT, csv_of([order(item="j1"), order(order=f"o{number + 2}")]))
    account = shop.replay(LOOSE)
    assert (account.accepted, account.duplicate, account.quarantined) == (1, 3, 0)


def test_rows_are_read_again_with_the_header_delimiter_and_encoding_of_their_file(shop):
    lines = "time;price;quantity;item;order;customer\n2011-05-01 10:00:00;2.50;1;jé;o1;Zoë\n"
    assert shop.load(
        with_column(declared(encoding="cp1252"), "item_id", pattern="i\\d"), lines.encode("cp1252")
    ).quarantined
    shop.replay(declared(encoding="cp1252"))
    assert [(r["item_id"], r["customer_id"]) for r in transactions(shop)] == [("jé", "Zoë")]


@pytest.mark.parametrize("form", ["parquet", "json_lines"])
def test_rows_of_other_forms_are_read_again_even_for_columns_mapped_since(shop, form):
    path = shop.folder / "orders"
    rows = [
        {**order(item="j1", customer=17850.0, quantity=2), "shop": "web"},
        {**order(order="o2"), "shop": "app", "customer": 1.0},
    ]
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    strict = with_column(declared(format=form), "customer_id", whole=True)
    shop.load(with_column(strict, "item_id", pattern="i\\d"), path)
    shop.replay(with_column(strict, "channel", from_="shop", may_be_empty=True))
    (row,) = [r for r in transactions(shop) if r["item_id"] == "j1"]
    assert (row["customer_id"], row["quantity"], row["channel"]) == ("17850", 2, "web")


def test_rows_whose_file_lacks_a_column_asked_for_since_wait_on(shop):
    shop.load(STRICT, csv_of([order(item="j1"), order()]))
    assert shop.replay(with_column(LOOSE, "channel", from_="shop")) is None
    assert shop.waiting() == 1
    assert shop.replay(LOOSE).accepted == 1


def test_rows_that_could_not_be_cut_are_cut_by_a_delimiter_declared_since(shop):
    second = csv_of([order(order="o2")]).splitlines()[1].replace(",", ";")
    data = f"{csv_of([order()])}{second}\n"
    assert shop.load(declared(), data).quarantined == 1
    assert shop.replay(with_column(declared(), "item_id", upper=True)).quarantined == 1
    assert shop.replay(declared(delimiter=";")).accepted == 1
    assert shop.waiting() == 0


def test_kept_one_per_key_after_a_replay(shop):
    text = """
source: people
files: [p.csv]
limits: {quarantined: 100%}
tables:
  customers:
    columns:
      customer_id: {from: id, pattern: "c."}
      email: {from: mail}
"""
    source = declared(text)
    shop.load(source, "id,mail\nc1,a@x.example\nd1,d@x.example\n")
    account = shop.replay(with_column(source, "customer_id", table="customers", pattern=".."))
    assert account.accepted == 1
    assert sorted(shop.column("customers", "customer_id")) == ["c1", "d1"]


def test_replays_repeat_until_nothing_waits_and_the_count_is_exact(shop):
    shop.load(STRICT, csv_of([order(item=f"{letter}1") for letter in "abcdei"]))
    for number, letters in enumerate(["[a]", "[ab]", "[abc]", "[abcde]"], start=1):
        source = with_column(declared(), "item_id", pattern=f"{letters}1")
        shop.replay(source, clock=Clock(now=CLOCK.now + timedelta(hours=number)))
        assert shop.waiting() == {1: 4, 2: 3, 3: 2, 4: 0}[number]
    assert len(shop.rows("transactions")) == 6
    assert shop.replay(with_mapping(declared(ORDERS), refuse_when={"no": "quantity > 9"})) is None
