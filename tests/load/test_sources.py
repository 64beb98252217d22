import hashlib
import itertools
import json
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from load.loads import (
    CLOCK,
    Shop,
    csv_of,
    declared,
    order,
    project,
    with_column,
    with_mapping,
    with_table,
)
from tactful.load.sources import contract_of, digest_of, open_file
from tactful.words.errors import Misuse
from tactful.words.ids import customer_key


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def test_a_good_file_becomes_transactions_with_keys_kinds_and_currency(shop):
    account = shop.load(
        declared(), csv_of([order(), order(customer="", quantity=-2, order="o2", time="2011-07-01 10:00")])
    )
    assert (account.state, account.rows_read, account.accepted) == ("loaded", 2, 2)
    sold, returned = sorted(shop.rows("transactions"), key=lambda row: row["order_id"])
    assert sold == {
        "customer_id": "c1",
        "customer_key": customer_key("c1"),
        "order_id": "o1",
        "line": 1,
        "item_id": "i1",
        "quantity": 1,
        "unit_price": Decimal("2.5000"),
        "currency": "GBP",
        "happened_at": datetime(2011, 5, 1, 9, tzinfo=UTC),
        "channel": None,
        "kind": "sale",
        "source": "orders",
    }
    assert (returned["customer_id"], returned["customer_key"], returned["kind"]) == (None, None, "return")
    assert account.report["without_customer"] == 1
    assert account.report["by_kind"] == {"sale": 1, "return": 1}


def test_the_digest_is_the_files_and_the_account_waits_for_the_end(shop):
    path = shop.write(csv_of([order()]))
    assert digest_of(path) == hashlib.sha256(path.read_bytes()).digest()[:16]
    reading = open_file(declared(), path, name="x", project=project(), clock=CLOCK, seen={})
    assert reading.digest == digest_of(path)
    with pytest.raises(Misuse, match="Exhaust"):
        _ = reading.account
    list(reading.batches())
    assert json.dumps(reading.account.shown())
    assert set(reading.account.row()) == set(
        "source digest file contract rows_read accepted quarantined duplicate state why".split()
    )


def test_the_contract_is_the_meaning_of_the_declaration():
    source = declared()
    assert contract_of(source) == contract_of(declared(title="Orders", files=["other.csv"], licence="CC0"))
    assert contract_of(source) != contract_of(with_column(source, "item_id", upper=True))
    assert contract_of(source) != contract_of(declared(limits={"quarantined": "20%"}))
    assert contract_of(source) != contract_of(with_column(source, "quantity", type="decimal"))


@pytest.mark.parametrize("names", list(itertools.permutations(order()))[::30])
def test_F05_B4_columns_go_where_the_header_says(tmp_path, names):
    shop = Shop(tmp_path)
    shop.load(declared(), csv_of([order(), order(order="o2", item="i7")], header=list(names)))
    assert shop.column("transactions", "item_id") == ["i1", "i7"]
    assert shop.column("transactions", "order_id") == ["o1", "o2"]


@pytest.mark.parametrize(
    ("header", "held"),
    [
        ("customer,order,item,quantity,price,time,", ""),
        ("CUSTOMER, Order ,item,quantity,price,time,x", ""),
        ("\ufeffcustomer,order,item,quantity,price,time,x", ""),
        ("customer,order,item,quantity,price,time,Order", "twice"),
        ("customer,order_no,item,quantity,price,time,x", "order_no"),
        ("customer,,item,quantity,price,time,x", "'order'"),
    ],
)
def test_B4_headers_by_rule(shop, header, held):
    account = shop.load(declared(), f"{header}\nc1,o1,i1,1,2.50,2011-05-01 10:00:00,?\n")
    assert account.state == ("held" if held else "loaded")
    assert held in account.why
    if held:
        assert account.rows_read == 0
        assert "nothing of it was loaded" in account.why.lower()


def test_a_missing_column_is_named_with_its_nearest(shop):
    account = shop.load(
        declared(),
        csv_of([{**order(), "unit price": "1"}], header=["customer", "order", "item", "quantitty", "price", "time"]),
    )
    assert account.state == "held"
    assert "no column 'quantity'" in account.why
    assert "did you mean 'quantitty'?" in account.why.lower()


CHANGES = {
    "a new column": (csv_of([{**order(), "colour": "red"}]), "loaded"),
    "columns in another order": (csv_of([order()], header=list(order())[::-1]), "loaded"),
    "a header in capitals": (csv_of([order()]).replace("price", "PRICE"), "loaded"),
    "a column that nobody maps is gone": (csv_of([order()]), "loaded"),
    "a mapped column is gone": (csv_of([order()], header=[n for n in order() if n != "price"]), "held"),
    "a column was renamed": (csv_of([order()]).replace("price", "unit_price"), "held"),
    "a number became text": (csv_of([order(quantity="one")]), "held"),
    "dates are written otherwise": (csv_of([order(time="01/05/2011 10:00")]), "held"),
    "decimals are written otherwise": (csv_of([order(price='"2,50"')]), "held"),
    "a required column is empty": (csv_of([order(order="")]), "held"),
    "an optional column is empty": (csv_of([order(customer="")]), "loaded"),
    "another delimiter": (csv_of([order()]).replace(",", ";"), "loaded"),
    "one value of many is new": (csv_of([order(order=f"o{n}", item="i9" if n else "?") for n in range(100)]), "loaded"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_B2_F84_what_happens_when_a_file_changes_its_shape(shop, change):
    data, expected = CHANGES[change]
    source = with_column(declared(limits={}, unused=["gone"]), "item_id", pattern="i\\d")
    account = shop.load(source, data)
    assert account.state == expected, account.why
    assert bool(account.why) == (expected == "held")
    if change == "one value of many is new":
        assert (account.quarantined, account.examples) == (
            1,
            ("orders.csv:2: item: the id does not have the declared pattern (not_an_id)",),
        )


def test_B2_new_columns_hold_where_that_is_declared(shop):
    account = shop.load(declared(new_columns="hold"), csv_of([{**order(), "colour": "red"}]))
    assert account.state == "held"
    assert "colour" in account.why
    assert (
        shop.load(declared(new_columns="hold", unused=["colour"]), csv_of([{**order(), "colour": "red"}])).state
        == "loaded"
    )


KEY = ("order_id", "item_id", "unit_price", "happened_at", "line")
LINES = st.lists(
    st.sampled_from(
        [
            "c1,o1,i1,1,2.50,2011-05-01 10:00:00",
            "c2,o1,i1,1,2.50,2011-05-01 10:00:00",
            ",o2,i1,-1,2.50,2011-05-01 10:00:00",
            "guest,o3,i1,1,2.50,2011-05-01 10:00:00",
            "c1,o4,i1,1.5,2.50,2011-05-01 10:00:00",
            "c1,o5,i1,1,-2.50,2011-05-01 10:00:00",
            "c1,,i1,1,x,2011-05-01 10:00:00",
            "c1,o6,i1,1,2.50",
            "c1,o7,i1,1,2.50,2011-02-30 10:00:00,extra",
            'c1,o8,"i1,1,2.50,2011-05-01 10:00:00',
            "gone,o9,i1,1,2.50,2011-05-01 10:00:00",
            "",
        ]
    ),
    max_size=40,
)


@settings(max_examples=25)
@given(first=LINES, second=LINES)
def test_B1_rows_read_are_accepted_quarantined_and_duplicate_exactly(tmp_path_factory, first, second):
    shop = Shop(tmp_path_factory.mktemp("shop"))
    source = with_mapping(declared(), refuse_when={"negative_price": "unit_price < 0"})
    source = with_table(source, "items", columns={"item_id": {"from": "item"}})
    for lines in (first, second):
        before = len(shop.rows("transactions"))
        account = shop.load(
            source,
            "\n".join(["customer,order,item,quantity,price,time", *lines]) + "\n",
            is_erased=lambda customer: customer == "gone",
        )
        rows = [line for line in lines if line]
        assert account.rows_read == len(rows)
        if account.state == "loaded":
            assert len(shop.rows("transactions")) - before == account.accepted
    keys = [tuple(row[name] for name in KEY) for row in shop.rows("transactions")]
    assert len(set(keys)) == len(keys)
    # Of each order as many lines as the file that has most of them; the lines of o1 differ in nothing but the customer.
    good = [
        [line.split(",")[1] for line in lines if line.split(",")[1:2] in (["o1"], ["o2"], ["o3"])]
        for lines in (first, second)
    ]
    assert len(keys) == sum(max(orders.count(order_id) for orders in good) for order_id in ("o1", "o2", "o3"))
    assert not any(row["customer_id"] in {"gone", "guest"} for row in shop.rows("transactions"))
    assert not any(b"gone" in row["raw"] for row in shop.rows("quarantine"))


def test_the_same_rows_in_another_file_are_duplicates_and_repeats_within_one_are_kept(shop):
    lines = [order(), order(), order(customer="c9"), order(item="i2")]
    account = shop.load(declared(), csv_of(lines))
    assert account.report["exact_repeats_kept"] == 1
    assert [row["line"] for row in sorted(shop.rows("transactions"), key=lambda r: (r["item_id"], r["line"]))] == [
        1,
        2,
        3,
        1,
    ]
    more = shop.load(declared(), csv_of([*lines, order(item="i3"), order()]))
    assert (more.accepted, more.duplicate) == (2, 4)
    assert more.tables == {"transactions": 2}
    assert max(row["line"] for row in shop.rows("transactions")) == 4


def test_lines_are_numbered_across_stretches_of_a_large_file(shop):
    many = 70_000
    rows = [order(order=f"o{n}") for n in range(many)]
    table = pa.Table.from_pylist([*rows, rows[5], rows[many - 1], rows[5]])
    path = shop.folder / "orders.parquet"
    pq.write_table(table, path)
    account = shop.load(declared(format="parquet"), path)
    assert account.report["exact_repeats_kept"] == 3
    again = sorted((row["order_id"], row["line"]) for row in shop.rows("transactions") if row["line"] > 1)
    assert again == [("o5", 2), ("o5", 3), (f"o{many - 1}", 2)]
    assert shop.load(declared(format="parquet"), path).duplicate == many + 3


@pytest.mark.parametrize(
    "word",
    [
        "null",
        "NULL",
        "undefined",
        "0",
        "anonymous",
        "Guest",
        "[object Object]",
        "00000000-0000-0000-0000-000000000000",
        "N/A",
    ],
)
def test_F21_B10_words_that_are_no_customer_glue_nobody_together(tmp_path, word):
    shop = Shop(tmp_path)
    account = shop.load(declared(), csv_of([order(customer=word), order(order="o2")]))
    assert account.report["words_instead_of_a_customer"] == 1
    assert shop.column("transactions", "customer_id") == [None, "c1"]
    strict = with_column(declared(), "customer_id", may_be_empty=False)
    refused = Shop(tmp_path).load(strict, csv_of([order(customer=word), order(order="o2")]))
    assert refused.quarantined == 1
    assert "not_a_customer" in refused.examples[0]


def test_ids_that_a_spreadsheet_made_floats_read_whole_only_where_declared(shop):
    lines = csv_of([order(customer="17850.0", quantity="6.0")])
    assert shop.load(declared(), lines).quarantined == 1
    whole = with_column(with_column(declared(), "quantity", whole=True), "customer_id", whole=True)
    shop.load(whole, lines)
    assert [(r["customer_id"], r["quantity"]) for r in shop.rows("transactions")] == [("17850", 6)]


@pytest.mark.parametrize("said", ["", "maybe", "TRUE ", "true ", "1.0", "ja", "True", "subscribed"])
def test_F63_a_yes_is_a_declared_word_only(tmp_path, said):
    source = declared(
        """
source: optins
files: [optins.csv]
limits: {quarantined: 100%}
tables:
  consents:
    columns:
      customer_id: {from: id}
      purpose: {value: marketing}
      channel: {value: email}
      state: {from: optin, words: {"yes": granted, "no": denied}}
      happened_at: {from: at, type: instant}
      wording: {value: "Yes, write to me"}
      basis: {value: consent}
"""
    )
    shop = Shop(tmp_path)
    account = shop.load(source, f"id,optin,at\nc1,{said},2011-05-01\nc2,yes,2011-05-01\nc3,no,2011-05-01\n")
    assert (account.accepted, account.quarantined) == (2, 1)
    assert [(r["customer_id"], r["state"]) for r in shop.rows("consents")] == [("c2", "granted"), ("c3", "denied")]
    assert {(r["wording"], r["basis"]) for r in shop.rows("consents")} == {("Yes, write to me", "consent")}


def test_F61_a_state_that_no_ledger_knows_is_refused_even_if_declared(shop):
    source = declared(
        """
source: optins
files: [optins.csv]
limits: {quarantined: 100%}
tables:
  consents:
    columns:
      customer_id: {from: id}
      purpose: {value: marketing}
      channel: {value: email}
      state: {from: state}
      happened_at: {from: at, type: instant}
"""
    )
    assert shop.load(source, "id,state,at\nc1,subscribed,2011-05-01\n").quarantined == 1
