"""Whole files: when they are held, and the real ones, accounted for exactly."""

import hashlib
import json
from datetime import timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets import dataset
from load.loads import (
    CLOCK,
    RETAIL,
    Shop,
    csv_of,
    declared,
    order,
    project,
)
from tactful.load.sources import open_file
from tactful.words.clock import Clock


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


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
