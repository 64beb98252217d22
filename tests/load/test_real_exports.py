"""Files as tills, shops and spreadsheets really export them, each loaded by its source file alone."""

import gzip
import json

import pyarrow as pa
import pytest
from pyarrow import parquet

from load.loads import Shop, declared, with_column
from tactful.load.filling import fill, filling_of
from tactful.project.sources import SourceColumn
from tactful.store.table import TYPES

LINE = "order,item,quantity,price,time,customer\n"


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def money(*written, **declared):
    column = SourceColumn(value="", type="decimal", **declared)
    how = filling_of("unit_price", column, header="price", target=TYPES["money"], zone="UTC")
    read = fill(pa.array(written, pa.string()), how=how)
    return [None if value is None else f"{value:.2f}" for value in read.values.to_pylist()]


def times(*written, zone="Europe/London", **declared):
    column = SourceColumn(value="", type="instant", **declared)
    how = filling_of("happened_at", column, header="time", target=TYPES["time"], zone=zone)
    read = fill(pa.array(written, pa.string()), how=how)
    return [None if value is None else f"{value:%Y-%m-%d %H:%M}" for value in read.values.to_pylist()]


def test_signs_of_currency_are_no_part_of_a_number_where_they_are_declared():
    assert money("£3.50", "3.50", "-£1", "£-1", "3.50 GBP", "€2", units=["£", "GBP"]) == [
        *("3.50", "3.50", "-1.00", "-1.00", "3.50"), None
    ]  # fmt: skip
    assert money("£3.50") == [None]
    assert money("1.234,50 €", "EUR 2", decimal="1.234,50", units=["EUR", "€"]) == ["1234.50", "2.00"]


def test_books_write_minus_in_brackets_or_behind():
    written = ("(3.50)", "3.50-", "−3.50", "-3.50", "(£1,234.50)", "(-3.50)", "1-2", "()", "-")
    assert money(*written, decimal="1,234.50", units=["£"], accounting=True) == [
        *("-3.50", "-3.50", "-3.50", "-3.50", "-1234.50"), *[None] * 4
    ]  # fmt: skip
    assert money("(3.50)", "3.50-") == [None, None]


def test_thousands_are_kept_apart_by_spaces_of_any_width_and_apostrophes():
    assert money("1 234,50", "1\u00a0234,50", "1\u202f234,50", "12 34,50", decimal="1 234,50") == [
        *["1234.50"] * 3, None
    ]  # fmt: skip
    assert money("1'234.50", "1’234.50", decimal="1'234.50") == ["1234.50", "1234.50"]
    assert money("1234,50", "1.234,50", decimal="1234,50") == ["1234.50", None]


def test_times_of_american_spreadsheets_of_months_in_words_and_of_two_digit_years():
    american = ["%m/%d/%Y %I:%M %p", "%m/%d/%y"]
    assert times("12/31/2010 5:04 PM", "1/2/2011 12:30 am", "1/2/11", "1/2/2011 0:30 am", format=american) == [
        "2010-12-31 17:04", "2011-01-02 00:30", "2011-01-02 00:00", None
    ]  # fmt: skip
    assert times("01-Feb-2011", "1-feb-2011", "01-Fob-2011", format="%d-%b-%Y") == ["2011-02-01 00:00"] * 2 + [None]
    assert times("1 September 2011", zone="UTC", format="%d %B %Y") == ["2011-09-01 00:00"]
    assert times("1/1/68", "1/1/69", zone="UTC", format="%d/%m/%y") == ["2068-01-01 00:00", "1969-01-01 00:00"]


def test_dates_without_signs_have_all_their_digits():
    assert times("20110201", "2011021", "201102011", "20110230", format="%Y%m%d") == ["2011-02-01 00:00"] + [None] * 3
    assert times("20110201101500", zone="UTC", format="%Y%m%d%H%M%S") == ["2011-02-01 10:15"]


def test_counted_seconds_and_utc_in_letters():
    assert (
        times("1296554400", "1296554400.0", "x", "99999999999999", format="unix")
        == ["2011-02-01 10:00"] * 2 + [None] * 2
    )
    assert times("1296554400000", format="unix_ms") == ["2011-02-01 10:00"]
    assert times("2011-07-01 10:00:00 UTC", "2011-07-01 10:00:00") == ["2011-07-01 10:00", "2011-07-01 09:00"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("dd.mm.yyyy", "names no year"), ("%d.%m.%Y %Z", "a part '%Z'"), ("%d %m %y %Y", "more than one year"),
        ("%d.%m.%Y %I:%M", "hours by %H, or by %I with %p"), ("%d.%m.%Y %M:%M", "twice"), ("%Y%m%d%f%S", "behind %f"),
    ],
)  # fmt: skip
def test_a_format_that_cannot_be_read_says_what_it_lacks(written, said):
    with pytest.raises(ValueError, match=said):
        times("x", format=written)


def test_a_file_without_a_header_is_read_by_names_and_one_with_lines_before_it_by_skipping(shop):
    row = "1,A,2,3.50,2011-02-01 10:00,K1\n"
    bare = declared(header=["order", "item", "quantity", "price", "time", "customer"])
    assert shop.load(bare, row * 2).accepted == 2
    reported = shop.load(declared(skip=2), "Orders of March\r\nmade by: till 3\r\n" + LINE + row)
    assert (reported.state, reported.rows_read) == ("loaded", 1)
    bad = shop.load(declared(skip=2), "a\nb\n" + LINE + "9,A,x,1,2011-02-01,K\n")
    assert bad.examples == ("orders.csv:4: quantity: not a whole number; it is written like x (not_an_integer)",)


def test_a_file_without_any_column_that_was_asked_for_says_how_that_is_told(shop):
    account = shop.load(declared(), "1,A,2,3.50,2011-02-01 10:00,anna@example.org\n")
    assert "its first row has 6 cells" in account.why
    assert "anna" not in account.why
    assert "skip: N" in account.why
    assert "header:" in account.why


def test_what_is_not_understood_is_shown_by_its_signs_and_never_by_what_it_says(shop):
    account = shop.load(
        declared(), LINE + "1,A,2,£4.75,2011-02-01,K\n2,A,2,1,Anna 5 Feb 2011,K\n3,A,2.0,1,2011-02-01,K\n"
    )
    said = " ".join(account.examples)
    assert "it is written like £9.99" in said
    assert "it is written like xxxx 9 xxx 9999" in said
    assert "it is written like 9.9" in said
    assert "4.75" not in said
    assert "Anna" not in said


def test_fields_within_objects_of_json_are_named_by_their_path(shop):
    source = with_column(declared(format="json_lines"), "item_id", from_="line.item.id")
    source = with_column(source, "quantity", from_="line.count")
    rows = [
        {"order": 1, "line": {"item": {"id": "A"}, "count": 2}, "price": 1.10, "time": "2011-02-01T10:00:00Z"},
        {"order": 2, "line": {"item": "A", "count": 2}, "price": 1.10, "time": "2011-02-01T10:00:00Z"},
    ]
    account = shop.load(source, "\n".join(map(json.dumps, rows)))
    assert (account.accepted, account.quarantined) == (1, 1)
    assert "line.item.id: a required value is missing" in account.examples[0]
    assert shop.rows("transactions")[0]["item_id"] == "A"
    assert "unknown_keys" not in account.report


def test_one_array_of_json_is_refused_with_the_way_out(shop):
    account = shop.load(declared(format="json_lines"), '[{"order": 1}]')
    assert account.state == "held"
    assert "one JSON array" in account.why
    assert "jq -c" in account.why


def test_bytes_of_parquet_that_are_text_are_read_as_text(shop, tmp_path):
    path = tmp_path / "orders.parquet"
    parquet.write_table(
        pa.table(
            {
                "order": pa.array([b"1"]), "item": pa.array(["Tür".encode()], pa.large_binary()), "quantity": [2],
                "price": [3.5], "time": ["2011-02-01"], "customer": pa.array([None], pa.string()),
            }
        ),
        path,
    )  # fmt: skip
    shop.load(declared(format="parquet"), path)
    assert [(row["order_id"], row["item_id"]) for row in shop.rows("transactions")] == [("1", "Tür")]


def test_what_lies_after_now_is_said_in_words(shop):
    account = shop.load(declared(), LINE + "1,A,2,3.50,2017-02-01,K\n")
    assert any("1 rows lie after now" in line and "clock" in line for line in account.lines())


def test_several_members_of_gzip_are_one_file(shop, tmp_path):
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(
        gzip.compress((LINE + "1,A,2,3.50,2011-02-01,K\n").encode()) + gzip.compress(b"2,A,2,1,2011-02-01,K\n")
    )
    assert shop.load(declared(), path).accepted == 2
