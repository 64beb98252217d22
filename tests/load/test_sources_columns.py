"""Columns of a source: what is refused and why, what each rule does, and what one file says to several tables."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from load.loads import (
    CLOCK,
    ORDERS,
    Shop,
    csv_of,
    declared,
    order,
    with_column,
    with_mapping,
)
from tactful.load.sources import contract_of
from tactful.words.clock import Clock


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


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
    said = ("quantity: not a whole number", "price: not a number in the declared notation")
    assert row["reason"] == "; ".join(f"{what}; it is written like x" for what in said)
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
        ("happened_at", {"format": ["%b %d %Z"]}, "format"),
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
