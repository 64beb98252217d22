"""Cells become what they are declared to be, or their row is quarantined with field and rule; nothing is guessed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as Exact
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from load.worlds import read_all, written
from tactful.load.columns import read_column, read_typed
from tactful.load.instants import instant_of
from tactful.load.kinds import Boolean, Choice, Column, Day, Decimal, Email, Identifier, Instant, Integer, Kind, Text
from tactful.load.limits import full_sheet
from tactful.load.rules import Rule


def read(texts: list[str], *, kind: Kind, **more: object) -> tuple[list[object], dict[int, Rule]]:
    values, failures = read_column(pa.array(texts, pa.string()), column=Column(name="x", kind=kind, **more))  # type: ignore[arg-type]
    return values.to_pylist(), {row: failed.rule for failed in failures for row in failed.rows.tolist()}


@pytest.mark.parametrize("bad", ["0x1F", "1.0", " 5", "5 ", "1e3", "--1", "1-2", "٣", "1_000", "1,000", "-", "9" * 19])
def test_integers_are_digits_only(bad):
    assert read(["12", bad, "-3"], kind=Integer()) == ([12, None, -3], {1: Rule.NOT_AN_INTEGER})


def test_integers_may_be_signed_grouped_and_bounded():
    assert read(["+5", "007"], kind=Integer())[0] == [5, 7]
    assert read(["1.234", "1.23", "12"], kind=Integer(group="."))[0] == [1234, None, 12]
    assert read(["0", "5", "11"], kind=Integer(low=1, high=10))[1] == {0: Rule.OUT_OF_RANGE, 2: Rule.OUT_OF_RANGE}


@pytest.mark.parametrize(
    ("text", "mark", "group", "value"),
    [
        ("1,234.50", ".", ",", "1234.50"),
        ("1.234,50", ",", ".", "1234.50"),
        ("1234,50", ",", ".", "1234.50"),
        ("1 234,50", ",", " ", "1234.50"),
        ("2.55", ".", None, "2.55"),
        ("-0.10", ".", None, "-0.10"),
        ("2.500", ".", None, "2.50"),
        ("1,234.50", ".", None, None),
        ("1.234,50", ".", ",", None),
        ("12,34.50", ".", ",", None),
        ("2.555", ".", None, None),
        ("1e3", ".", None, None),
        (".5", ".", None, None),
        ("5.", ".", None, None),
        ("NaN", ".", None, None),
        ("£5.00", ".", None, None),
    ],
)
def test_decimals_are_exact_and_in_the_declared_notation_only(text, mark, group, value):
    values, failed = read([text, "7"], kind=Decimal(mark=mark, group=group, places=2))
    assert values == [Exact(value) if value else None, Exact(7)]
    assert failed == ({} if value else {0: Rule.NOT_A_DECIMAL})


@given(st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=3), min_size=1))
def test_decimals_round_trip(numbers):
    assert read([f"{number:f}" for number in numbers], kind=Decimal(places=3)) == (numbers, {})


def test_F63_yes_and_no_by_declared_words_only():
    words = ["", "maybe", "TRUE ", "1.0", "ja", "true", "no", "True", "yes"]
    values, failed = read(words, kind=Boolean(yes=("yes", "true"), no=("no",)))
    assert values == [None, None, None, None, None, True, False, None, True]
    assert failed == dict.fromkeys([1, 2, 3, 4, 7], Rule.NOT_A_BOOLEAN)


def test_F82_spreadsheet_damage_in_an_id_is_named_and_leading_zeros_stay():
    texts = ["1.23457E+12", "00042", "4E+05", "1,2E+10", "12E5", "85123A", "43831"]
    values, failed = read(texts, kind=Identifier())
    assert failed == dict.fromkeys([0, 2, 3], Rule.SPREADSHEET_DAMAGE)
    assert values == [None, "00042", None, None, "12E5", "85123A", "43831"]
    assert read(["C536379", "x1"], kind=Identifier(pattern="C?[0-9]{6}"))[1] == {1: Rule.NOT_AN_ID}
    assert read(["12345\n"], kind=Identifier(pattern="[0-9]{5}"))[1] == {0: Rule.NOT_AN_ID}
    assert read(["43831"], kind=Day())[1] == {0: Rule.NOT_A_DATE}
    assert full_sheet(65_535)
    assert full_sheet(1_048_575)
    assert full_sheet(1_048_574) is None


def test_B9_null_words_are_declared_per_column_and_null_is_a_surname():
    texts = ["Null", "NULL", "N/A", ""]
    assert read(texts, kind=Text(), null_words=("NULL", "N/A"))[0] == ["Null", None, None, None]
    assert read(["", "7"], kind=Integer(), required=True) == ([None, 7], {0: Rule.MISSING})


@pytest.mark.parametrize(
    ("text", "written_as"),
    [
        ("2010-12-01 08:26:00", "%Y-%m-%d %H:%M:%S"),
        ("12/1/2010 8:26", "%m/%d/%Y %H:%M"),
        ("1.12.2010 8:26", "%d.%m.%Y %H:%M"),
        ("2010-12-01T08:26:00", "iso"),
        ("2010-12-01T08:26:00Z", "iso"),
        ("2010-12-01T10:26:00+02:00", "iso"),
        ("2010-12-01 08:26:00.000000", "iso"),
    ],
)
def test_instants_in_declared_formats(text, written_as):
    expected = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    for many in (1, 5):
        assert read([text] * many, kind=Instant(formats=(written_as,), zone="Europe/London"))[0] == [expected] * many


@pytest.mark.parametrize(
    "bad", ["2010-13-01", "2010-02-29", "2010-00-10", "10-12-01", "2010-1-1x", "x", "2010-1-", "20101-1-1", "1/2/2010"]
)
def test_dates_no_calendar_shows_are_refused(bad):
    assert read([bad, "2012-02-29"], kind=Day())[0] == [None, date(2012, 2, 29)]


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))
def test_instants_agree_with_the_standard_library(moment):
    text = moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    expected = moment.replace(tzinfo=UTC)
    assert read([text], kind=Instant(formats=("%Y-%m-%d %H:%M:%S.%f",)))[0] == [expected]


@given(
    st.datetimes(min_value=datetime(1975, 1, 1), max_value=datetime(2035, 1, 1)),
    st.sampled_from(
        ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"]
    ),
)
def test_B11_local_time_agrees_with_the_zone_wherever_it_exists(moment, zone):
    moment = moment.replace(microsecond=0)
    aware = moment.replace(tzinfo=ZoneInfo(zone))
    (found,), failed = read([moment.strftime("%Y-%m-%d %H:%M:%S")], kind=Instant(zone=zone))
    assert not failed
    exists = aware.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == moment
    if exists:
        assert found == aware.astimezone(UTC)


def test_B11_a_gap_is_its_end_and_a_fold_is_its_first_showing():
    kind = Instant(formats=("%Y-%m-%d %H:%M",), zone="Europe/Berlin")
    texts = ["2011-03-27 01:59", "2011-03-27 02:00", "2011-03-27 02:30", "2011-03-27 03:00", "2011-10-30 02:30"]
    shown = [moment.strftime("%m-%d %H:%M") for moment in read(texts, kind=kind)[0]]
    assert shown == ["03-27 00:59", "03-27 01:00", "03-27 01:00", "03-27 01:00", "10-30 00:30"]


def test_B11_every_zone_has_a_first_moment_after_each_gap():
    for zone in ("America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "America/Havana"):
        there = ZoneInfo(zone)
        for hour in range(24 * 366):
            moment = datetime(2011, 1, 1) + timedelta(hours=hour)
            if moment.replace(tzinfo=there).utcoffset() == moment.replace(tzinfo=there, fold=1).utcoffset():
                continue
            micros = (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1)
            found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant_of(zone, micros))
            just_before = (found - timedelta(microseconds=1)).astimezone(there).replace(tzinfo=None)
            assert found.astimezone(there).replace(tzinfo=None) >= moment
            assert just_before < moment


ADDRESSES = [
    "a@x.example",
    "a.b+c@sub.x.example",
    "josé@exämple.de",
    "o'neil@x.co",
    "1@1.io",
    "a@xn--bcher-kva.example",
]
NO_ADDRESSES = [
    "a",
    "a@",
    "@x.de",
    "a@x",
    "a b@x.de",
    "a@x..de",
    ".a@x.de",
    "a.@x.de",
    "a@-x.de",
    "a@x.de,b@y.de",
    "<a@x.de>",
    "a@x.d",
    "a@x.de ",
    "a@b@x.de",
    "a@x.de\n",
    "l" * 65 + "@x.de",
]


def test_emails_by_syntax():
    values, failed = read(ADDRESSES + NO_ADDRESSES, kind=Email())
    assert values == ADDRESSES + [None] * len(NO_ADDRESSES)
    assert set(failed.values()) == {Rule.NOT_AN_EMAIL}


def test_choices_as_declared():
    assert read(["sale", "Sale"], kind=Choice(words=("sale", "return")))[1] == {1: Rule.NOT_IN_LIST}


@pytest.mark.parametrize("formats", [(), ("%Y-%m-%d %H",), ("%d.%m",), ("%Y-%m-%d %Z",), ("%Y-%m-%d %d",)])
def test_formats_that_cannot_be_read_without_guessing_are_refused(formats):
    with pytest.raises(ValueError):
        Day(formats=formats)


def test_a_failed_row_is_quarantined_once_with_its_bytes_and_never_its_values_in_the_reason(tmp_path):
    data = b'id,n,day\n1,5,2011-01-01\n2,"secret",never\n3,7,2011-01-03\n'
    (chunk,) = read_all(written(tmp_path, data=data))
    columns = (Column(name="n", kind=Integer()), Column(name="day", kind=Day()))
    typed = read_typed(chunk, columns=columns)
    assert typed.columns.to_pylist() == [{"n": 5, "day": date(2011, 1, 1)}, {"n": 7, "day": date(2011, 1, 3)}]
    assert typed.rows.tolist() == [0, 2]
    (bad,) = typed.bad.to_pylist()
    assert (bad["line"], bad["byte_offset"], bad["raw"]) == (3, 24, b'2,"secret",never\n')
    assert (bad["field"], bad["rule"]) == ("n", "not_an_integer")
    assert bad["reason"] == "n: not a whole number; day: not a date in a declared format"
    assert [(failed.field, failed.rows.tolist()) for failed in typed.failures] == [("n", [1]), ("day", [1])]
