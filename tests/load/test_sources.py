import hashlib
import itertools
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets import dataset
from load.loads import (
    CLOCK,
    ORDERS,
    RETAIL,
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
from tactful.words.clock import Clock
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


def test_D5_F62_the_erased_are_not_brought_back_and_their_bytes_are_not_kept(shop):
    account = shop.load(declared(), csv_of([order(customer="c7"), order(order="o2")]), is_erased={"c7"}.__contains__)
    assert (account.accepted, account.quarantined) == (1, 1)
    (row,) = shop.rows("quarantine")
    assert (row["rule"], row["raw"], row["field"]) == ("erased", b"", None)
    assert account.report["erased_people"] == 1
    assert shop.replay(with_column(declared(), "item_id", upper=True)) is None
    alone = declared(limits={"quarantined": "0%"})
    assert (
        Shop(shop.folder).load(alone, csv_of([order(customer="c7")]), is_erased={"c7"}.__contains__).state == "loaded"
    )


def test_every_refused_row_keeps_bytes_place_and_every_reason(shop):
    data = csv_of([order(), order(quantity="x", price="y")])
    account = shop.load(declared(), data)
    (row,) = shop.rows("quarantine")
    assert row["raw"] == data.encode().splitlines(keepends=True)[2]
    assert data.encode()[row["byte_offset"] :].startswith(row["raw"])
    assert (row["line"], row["field"], row["rule"], row["file"]) == (3, "quantity", "not_an_integer", "orders.csv")
    assert row["reason"] == "quantity: not a whole number; price: not a number in the declared notation"
    assert row["contract"] == contract_of(declared())
    assert account.examples == (f"orders.csv:3: {row['reason']} (not_an_integer)",)


def test_kinds_by_the_first_rule_that_fits_and_what_fits_none_is_refused(shop):
    source = with_mapping(
        declared(),
        kinds=[
            {"kind": "cancel", "when": "order_id >= 'C' and order_id < 'D'"},
            {"kind": "sale", "when": "quantity > 0 and happened_at >= '2011-01-01'"},
        ],
    )
    account = shop.load(source, csv_of([order(order="C1", quantity=-1), order(), order(order="o3", quantity=-1)]))
    assert account.report["by_kind"] == {"cancel": 1, "sale": 1}
    assert "no_kind" in account.examples[0]


def test_rules_of_columns(shop):
    source = with_column(declared(), "quantity", least=1, most=5)
    source = with_column(source, "happened_at", earliest="2011-05-01")
    source = with_column(source, "item_id", upper=True, pattern="[A-Z]\\d")
    lines = [
        order(item="i1"),
        order(quantity=0),
        order(quantity=6),
        order(time="2011-04-30 23:30:00"),
        order(time="2011-05-01 00:30:00", order="o2"),
        order(item="i12"),
    ]
    account = shop.load(source, csv_of(lines))
    told = account.report["quarantined_by_rule"]
    assert {rule: found["rows"] for rule, found in told.items()} == {"out_of_range": 2, "too_early": 1, "not_an_id": 1}
    assert shop.column("transactions", "item_id") == ["I1", "I1"]


def test_null_words_mean_nothing_only_where_declared(shop):
    source = with_column(declared(), "channel", from_="shop", may_be_empty=True, null_words=["N/A"])
    shop.load(source, csv_of([{**order(), "shop": "N/A"}, {**order(order="o2"), "shop": "n/a"}]))
    assert shop.column("transactions", "channel") == [None, "n/a"]


def test_decimal_styles_zones_and_formats(shop):
    source = with_column(declared(zone="Europe/Berlin"), "unit_price", decimal="1.234,50")
    source = with_column(source, "happened_at", format=["%d.%m.%Y %H:%M"])
    shop.load(source, csv_of([order(price='"1.234,50"', time="01.07.2011 12:00")]))
    (row,) = shop.rows("transactions")
    assert (row["unit_price"], row["happened_at"]) == (Decimal("1234.5000"), datetime(2011, 7, 1, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    ("column", "changes", "says"),
    [
        ("unit_price", {"type": "text"}, "write type: decimal"),
        ("quantity", {"type": "flag"}, "write type: integer"),
        ("happened_at", {"format": ["%b %d %Y"]}, "format"),
        ("item_id", {"pattern": "(?=x)"}, "pattern"),
        ("currency", {"value": "pounds"}, "currency"),
    ],
)
def test_a_declaration_that_cannot_be_followed_holds_the_file_and_says_what_to_write(shop, column, changes, says):
    account = shop.load(with_column(declared(), column, **changes), csv_of([order()]))
    assert account.state == "held"
    assert says in account.why
    assert f"tables.transactions.{column}" in account.why


def test_conditions_that_cannot_be_asked_hold_the_file(shop):
    account = shop.load(with_mapping(declared(), refuse_when={"odd": "quantity = 'x'"}), csv_of([order()]))
    assert account.state == "held"
    assert "cannot be compared" in account.why


TWO_TABLES = (
    ORDERS
    + """
  items:
    one_per: [item_id]
    columns:
      item_id: {from: item}
      title: {from: title, may_be_empty: true}
  customers:
    only_when: customer_id is known
    columns:
      customer_id: {from: customer, may_be_empty: true}
      country: {from: country, may_be_empty: true}
"""
)


def test_one_file_feeds_several_tables_and_the_last_word_of_each_column_stands(shop):
    lines = [
        {**order(), "title": "Mug", "country": "UK"},
        {**order(order="o2", customer="c2"), "title": "Red mug", "country": ""},
        {**order(order="o3", customer=""), "title": "", "country": "FR"},
        {**order(order="o4"), "title": "", "country": "EIRE"},
    ]
    account = shop.load(declared(TWO_TABLES), csv_of(lines))
    assert account.accepted == 4
    assert account.tables == {"transactions": 4, "items": 1, "customers": 2}
    assert account.report["set_aside"] == {"customers": 1}
    assert [(r["item_id"], r["title"], r["sellable"]) for r in shop.rows("items")] == [("i1", "Red mug", True)]
    assert sorted((r["customer_id"], r["country"]) for r in shop.rows("customers")) == [("c1", "EIRE"), ("c2", None)]
    again = shop.load(declared(TWO_TABLES), csv_of(lines))
    assert (again.accepted, again.duplicate, again.tables) == (0, 4, {})
    moved = [*lines[:3], {**lines[3], "country": "NL"}]
    third = shop.load(declared(TWO_TABLES), csv_of(moved), clock=Clock(now=CLOCK.now + timedelta(days=1)))
    assert (third.accepted, third.duplicate) == (2, 2)
    assert third.tables == {"customers": 1}


def test_items_keep_their_title_where_a_later_source_does_not_say_it(shop):
    catalogue = declared(
        """
source: catalogue
files: [c.csv]
tables: {items: {columns: {item_id: {from: id}, title: {from: title}, sellable: {from: sold, type: flag}}}}
"""
    )
    shop.load(catalogue, "id,title,sold\ni1,Mug,false\n")
    prices = declared(
        """
source: prices
files: [p.csv]
tables: {items: {columns: {item_id: {from: id}, list_price: {from: price, type: decimal}}}}
"""
    )
    shop.load(prices, "id,price\ni1,2.95\ni2,3\n")
    told = {r["item_id"]: (r["title"], r["sellable"]) for r in shop.rows("items") if r["source"] == "prices"}
    assert told == {"i1": ("Mug", False), "i2": ("i2", False)}


def test_B7_a_bad_load_does_not_replace_a_good_one(shop):
    rows = [order(order=f"o{n}") for n in range(100)]
    source = declared(limits={})
    assert shop.load(source, csv_of(rows)).state == "loaded"
    bad = [*rows[:90], *(order(quantity="x") for _ in range(10))]
    account = shop.load(source, csv_of(bad))
    assert account.state == "held"
    assert "10 of 100 rows (10.0%) were refused, more than the 5.0%" in account.why
    assert "orders.csv:92" in account.why
    for count, words in ((49, "fewer"), (201, "more")):
        held = shop.load(source, csv_of([order(order=f"p{n}") for n in range(count)]), last_rows=100)
        assert held.state == "held"
        assert f"more than {'50%' if words == 'fewer' else '100%'} {words}" in held.why
    for count in (50, 200):
        assert (
            shop.load(source, csv_of([order(order=f"q{n}-{count}") for n in range(count)]), last_rows=100).state
            == "loaded"
        )


def test_F82_a_row_count_at_which_spreadsheets_cut_holds_the_file(shop):
    account = shop.load(
        declared(limits={"suspicious_row_counts": [3]}), csv_of([order(order=f"o{n}") for n in range(3)])
    )
    assert account.state == "held"
    assert "spreadsheets cut" in account.why
    path = shop.folder / "orders.parquet"
    pq.write_table(pa.Table.from_pylist([order(order=f"o{n}") for n in range(65_535)]), path)
    full = shop.load(declared(format="parquet"), path)
    assert "exactly as many as an old Excel sheet holds" in full.why


def test_F81_an_end_marker_must_be_there_and_match(shop):
    source = declared(end_marker="{name}.sha256")
    path = shop.write(csv_of([order(), order(order="o2")]))
    assert "end marker orders.csv.sha256 is not there" in shop.load(source, path).why
    marker = shop.folder / "orders.csv.sha256"
    marker.write_text(hashlib.sha256(path.read_bytes()).hexdigest() + "  orders.csv\n")
    cut = path.read_bytes()[: int(path.stat().st_size * 0.63)]
    assert "not the file that its end marker" in shop.load(source, cut).why
    assert shop.load(source, csv_of([order(), order(order="o2")])).state == "loaded"
    marker.write_text("3")
    assert "states 3 rows and it holds 2" in shop.load(source, path).why
    marker.write_text("done")
    assert "neither" in shop.load(source, path).why


def test_F81_a_file_that_changes_while_it_is_read_is_held(shop):
    path = shop.write(csv_of([order()]))
    reading = open_file(declared(), path, name="x", project=project(), clock=CLOCK, seen={})
    with path.open("a") as file:
        file.write("c1,o2,i1,1,2.50,2011-05-01 10:00:00\n")
    list(reading.batches())
    assert reading.account.state == "held"
    assert "wait until it is complete" in reading.account.why.lower()


@pytest.mark.parametrize("data", [b"", b"customer,order,item,quantity,price,time\n", b"PK\x03\x04no", b"%PDF-1.4"])
def test_a_file_without_rows_or_of_another_form_is_held(shop, data):
    account = shop.load(declared(), data)
    assert (account.state, account.rows_read) == ("held", 0)
    assert account.why


def test_F10_garbled_rows_hold_a_file_above_the_share(shop):
    rows = [order(order=f"o{n}", item="JosÃ©" if n < 3 else "mug") for n in range(1000)]
    assert "garbled" in shop.load(declared(limits={"garbled": "0.2%"}), csv_of(rows)).why
    fine = shop.load(declared(limits={"garbled": "1%"}), csv_of(rows))
    assert (fine.state, fine.report["garbled_rows"]) == ("loaded", 3)


def test_F04_a_shifted_row_is_quarantined_and_the_others_load(shop):
    source = declared(
        """
source: people
files: [p.csv]
limits: {quarantined: 50%}
tables:
  customers:
    columns:
      customer_id: {from: id}
      given_name: {from: first}
      family_name: {from: last}
      email: {from: email, type: email}
"""
    )
    account = shop.load(
        source, "id,first,last,email\n6,Bea,Ray,b@x.example\n7,Anna,Lee, Jr.,anna@x.example\n8,Cy,Fox,c@x.example\n"
    )
    assert (account.accepted, account.quarantined) == (2, 1)
    assert account.examples[0].startswith("orders.csv:3:")
    assert all("@" in row["email"] and "@" not in row["family_name"] for row in shop.rows("customers"))


def test_json_lines_load_and_keys_nobody_asked_for_are_told(shop):
    lines = [{**order(quantity=2, price=2.5), "extra": 1}, order(order="o2", customer=None)]
    data = "".join(json.dumps(line) + "\n" for line in lines) + "[1]\n"
    account = shop.load(declared(format="json_lines"), data)
    assert (account.accepted, account.quarantined) == (2, 1)
    assert account.report["unknown_keys"] == {"extra": 1}
    assert sorted(str(r["customer_id"]) for r in shop.rows("transactions")) == ["None", "c1"]


def test_events_without_ids_are_told_apart_by_what_they_say(shop):
    source = declared(
        """
source: clicks
files: [e.jsonl]
format: json_lines
tables:
  events:
    columns:
      customer_id: {from: user, may_be_empty: true}
      name: {from: event}
      happened_at: {from: at, type: instant}
      properties: {from: props, may_be_empty: true}
"""
    )
    event = {"user": "c1", "event": "viewed", "at": "2011-05-01T10:00:00Z", "props": {"item": "i1"}}
    data = "".join(json.dumps(e) + "\n" for e in (event, event, {**event, "props": {"item": "i2"}}))
    account = shop.load(source, data)
    assert (account.accepted, account.duplicate) == (2, 1)
    assert {r["properties"] for r in shop.rows("events")} == {'{"item": "i1"}', '{"item": "i2"}'}
    again = shop.load(source, data, clock=Clock(now=CLOCK.now + timedelta(hours=1)))
    assert (again.accepted, again.duplicate) == (0, 3)


def test_preferences_suppressions_past_sends_stock_and_links_with_their_stated_defaults(shop):
    def source(table, **columns):
        return declared(f"source: {table}\nfiles: [x.csv]\ntables: {{{table}: {{columns: {json.dumps(columns)}}}}}")

    when = {"from": "at", "type": "instant"}
    shop.load(
        source(
            "preferences", customer_id={"from": "id"}, topics_off={"from": "topics", "type": "words"}, happened_at=when
        ),
        "id,topics,at\nc1,candles and lights; garden,2011-05-01\n",
    )
    shop.load(source("suppressions", address={"from": "mail"}), "mail\na@x.example\na@x.example\n")
    shop.load(
        source("past_sends", customer_id={"from": "id"}, channel={"value": "email"}, happened_at=when),
        "id,at\nc1,2011-05-01\n",
    )
    shop.load(source("stock", item_id={"from": "id"}, quantity={"from": "n", "type": "integer"}), "id,n\ni1,3\n")
    shop.load(source("links", url={"from": "u"}, status={"from": "s"}), "u,s\nhttps://x.example/,ok\n")
    assert shop.column("preferences", "topics_off") == [["candles and lights", "garden"]]
    (suppressed,) = shop.rows("suppressions")
    assert (suppressed["channel"], suppressed["since"]) == ("any", CLOCK.now)
    assert shop.column("past_sends", "purpose") == ["marketing"]
    assert shop.column("stock", "counted_at") == [CLOCK.now]
    assert shop.column("links", "checked_at") == [None]


def test_the_published_invoice_lines_are_accounted_for_exactly(shop):
    source = project().sources["online_retail"]
    path = dataset("online_retail") / "online_retail.parquet"
    account = shop.load(source, path)
    assert (account.rows_read, account.accepted, account.quarantined, account.duplicate) == (541_909, 541_907, 2, 0)
    assert account.report["quarantined_by_rule"]["negative_price"]["rows"] == 2
    # Both refused lines have no customer either: 135,080 lines of the file.
    assert account.report["without_customer"] == 135_078
    assert account.report["by_kind"] == {"sale": 531_283, "cancel": 9_288, "return": 1_336}
    assert account.report["exact_repeats_kept"] == 5_268
    assert account.report["covers"] == ["2010-12-01T08:26:00+00:00", "2011-12-09T12:50:00+00:00"]
    assert account.lines()[:4] == (
        "online_retail.parquet: loaded.",
        "541,909 rows read: 541,907 accepted, 2 quarantined, 0 duplicate.",
        "By kind: 531,283 sale, 9,288 cancel, 1,336 return; 135,078 without a customer.",
        "5,268 rows repeat an earlier row of the file exactly; they are kept.",
    )
    again = shop.load(source, path)
    assert (again.accepted, again.quarantined, again.duplicate) == (0, 2, 541_907)


@pytest.mark.parametrize(
    "name", ["catalogue", "consents", "contacts", "links", "past_sends", "preferences", "suppressions"]
)
def test_the_starters_files_load_whole_and_twice_changes_nothing(shop, name):
    source = project().sources[name]
    for path in (RETAIL / written for written in source.files):
        first = shop.load(source, path)
        assert (first.state, first.quarantined, first.duplicate) == ("loaded", 0, 0), first.why
        again = shop.load(source, path)
        assert (again.accepted, again.duplicate) == (0, first.rows_read)


GROCERIES = """
source: groceries
files: [transactions_sample.parquet]
format: parquet
zone: UTC
unused: [store_id, quantity, retail_disc, coupon_disc, coupon_match_disc, week]
tables:
  transactions:
    columns:
      customer_id: {from: household_id}
      order_id: {from: basket_id}
      item_id: {from: product_id}
      # The file states what was paid for the line as a whole, so a line counts as one.
      quantity: {value: "1", type: integer}
      unit_price: {from: sales_value, type: decimal}
      currency: {value: USD}
      happened_at: {from: transaction_timestamp, type: instant}
    refuse_when: {nothing_paid: unit_price <= 0}
"""


def test_a_transaction_file_never_seen_before_loads_by_writing_one_source(shop):
    path = dataset("completejourney") / "transactions_sample.parquet"
    account = shop.load(declared(GROCERIES), path)
    told = {rule: found["rows"] for rule, found in account.report["quarantined_by_rule"].items()}
    # As published: 528 lines for nothing, one of them with its basket rounded to 4.0128e+10; and a price of 4.4e-16.
    assert told == {"nothing_paid": 527, "spreadsheet_damage": 1, "not_a_decimal": 1}
    assert (account.state, account.rows_read, account.accepted) == ("loaded", 75_000, 74_471)
    sold = [Decimal(str(value)) for value in pq.read_table(path)["sales_value"].to_pylist() if value > 0.001]
    assert sum(row["unit_price"] for row in shop.rows("transactions")) == sum(sold)
    assert account.report["covers"][0] == "2017-01-01T12:30:27+00:00"
    assert account.report["after_now"] == 74_471


def test_shouted_titles_are_calmed_and_what_is_no_goods_is_not_sold(shop):
    lines = declared(
        """
source: lines
files: [l.csv]
tables:
  items:
    one_per: item_id
    columns:
      item_id: {from: code}
      title: {from: name, may_be_empty: true, sentence: true}
      sellable: {from: code, type: flag, true_words: ["*"], false_words: [POST, M]}
"""
    )
    shop.load(lines, "code,name\n1,WHITE T-LIGHT HOLDER\nPOST,POSTAGE\n2,Poppy's UK map\n3,\n")
    told = {row["item_id"]: (row["title"], row["sellable"]) for row in shop.rows("items")}
    assert told == {
        "1": ("White T-light holder", True),
        "POST": ("Postage", False),
        "2": ("Poppy's UK map", True),
        "3": ("3", True),
    }
