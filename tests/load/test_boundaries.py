"""Rows are where RFC 4180 says, agree with Python's csv module, and every byte belongs to exactly one of them."""

import csv
import io
import re
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from datasets import dataset
from load.worlds import as_csv, bad_of, read_all, rows_of, spans, written
from tactful.load.limits import Limits
from tactful.load.parquet import as_text
from tactful.load.rules import Rule

TINY = Limits(chunk_bytes=64, cell_bytes=200, row_bytes=400)
cell = st.text(alphabet=st.sampled_from('ab7é, ;"\n\r\t.'), max_size=12)
SLOW = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SLOW
@given(
    rows=st.lists(st.lists(cell, min_size=3, max_size=3), max_size=30),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    chunk_bytes=st.sampled_from([64, 100, 1 << 20]),
)
def test_well_formed_files_read_as_the_csv_module_reads_them(tmp_path, rows, line_end, chunk_bytes):
    data = as_csv([["x", "y", "z"], *rows], line_end=line_end)
    expected = [tuple(row) for row in csv.reader(io.StringIO(data.decode(), newline=""))][1:]
    chunks = read_all(written(tmp_path, data=data), limits=Limits(chunk_bytes=chunk_bytes), delimiter=",")
    assert rows_of(chunks) == expected
    assert not bad_of(chunks)


@SLOW
@given(
    body=st.text(alphabet=st.sampled_from('ab,"\n\r\0é'), max_size=300),
    chunk_bytes=st.sampled_from([64, 90, 1 << 20]),
)
def test_every_byte_belongs_to_exactly_one_row(tmp_path, body, chunk_bytes):
    data = b"x,y\n" + body.encode()
    chunks = read_all(
        written(tmp_path, data=data), limits=Limits(chunk_bytes=chunk_bytes), delimiter=",", encoding="utf-8"
    )
    at = 4
    for offset, length in spans(chunks):
        assert not data[at:offset].strip(b"\r\n"), "only empty lines lie between rows"
        assert offset >= at
        at = offset + length
    assert not data[at:].strip(b"\r\n")
    for chunk in chunks:
        for row in range(chunk.columns.num_rows):
            start, length = int(chunk.offsets[row]), int(chunk.lengths[row])
            assert chunk.raw(row) == data[start : start + length]
            assert chunk.lines[row] == 1 + len(re.findall(rb"\r\n|\r|\n", data[:start]))
    for bad in bad_of(chunks):
        assert bad.raw == data[bad.byte_offset : bad.byte_offset + len(bad.raw)]
        assert bad.line == 1 + len(re.findall(rb"\r\n|\r|\n", data[: bad.byte_offset]))


@SLOW
@given(body=st.text(alphabet=st.sampled_from('ab,"\n\ré'), max_size=400))
def test_the_size_of_chunks_and_reencoding_change_nothing(tmp_path, body):
    text = "x,y\n" + body
    whole = read_all(written(tmp_path, data=text.encode()), delimiter=",")
    cut = read_all(written(tmp_path, data=text.encode()), limits=Limits(chunk_bytes=64), delimiter=",")
    wide = read_all(written(tmp_path, data=text.encode("utf-16")), limits=Limits(chunk_bytes=70), delimiter=",")
    assert rows_of(whole) == rows_of(cut) == rows_of(wide)
    facts = [[(bad.line, bad.rule, bad.raw) for bad in bad_of(read)] for read in (whole, cut)]
    assert facts[0] == facts[1]
    original = text.encode("utf-16")
    for bad in bad_of(wide):
        assert bad.raw == original[bad.byte_offset : bad.byte_offset + len(bad.raw)]
    assert [(b.line, b.rule) for b in bad_of(wide)] == [(b.line, b.rule) for b in bad_of(whole)]
    assert [b.raw.decode("utf-16-le") for b in bad_of(wide)] == [b.raw.decode() for b in bad_of(whole)]


@SLOW
@given(body=st.text(alphabet=st.sampled_from('ab,"\n'), max_size=60))
def test_a_row_accepted_alone_is_what_strict_csv_accepts(tmp_path, body):
    """Line by line, where no row spans lines: we accept exactly what the csv module accepts in strict mode."""
    for line in body.split("\n"):
        chunks = read_all(written(tmp_path, data=b"x,y\n" + line.encode() + b"\n"), delimiter=",")
        try:
            expected = [tuple(row) for row in csv.reader(io.StringIO(line, newline=""), strict=True) if len(row) == 2]
        except csv.Error:
            expected = []
        assert rows_of(chunks) == expected


def test_F04_a_stray_comma_quarantines_its_row_with_its_line(tmp_path):
    data = b"id,given,family,email\n1,Ann,Ray,ann@x.example\n7,Anna,Lee, Jr.,anna@x.example\n8,Bo,Ek,bo@x.example\n"
    chunks = read_all(written(tmp_path, data=data))
    assert [row[0] for row in rows_of(chunks)] == ["1", "8"]
    assert all("@" not in row[1] + row[2] and "@" in row[3] for row in rows_of(chunks))
    (bad,) = bad_of(chunks)
    assert (bad.line, bad.rule, bad.byte_offset) == (3, Rule.TOO_MANY_FIELDS, 46)
    assert bad.raw == b"7,Anna,Lee, Jr.,anna@x.example\n"
    assert "5 instead of 4" in bad.reason


RAGGED = {
    "too few": (b"1,2,3\n4,5\n6,7,8\n", 2, [(3, Rule.TOO_FEW_FIELDS)]),
    "too many": (b"1,2,3\n4,5,6,7\n6,7,8\n", 2, [(3, Rule.TOO_MANY_FIELDS)]),
    "empty lines are no rows": (b"\n1,2,3\n\n\n4,5,6\n", 2, []),
    "a line of one space is a row": (b"1,2,3\n \n", 1, [(3, Rule.TOO_FEW_FIELDS)]),
    "other delimiter": (b"1,2,3\n4;5;6\n", 1, [(3, Rule.TOO_FEW_FIELDS)]),
    "mixed delimiters": (b"1,2,3\n4,5;6\n7\t8\t9\n", 1, [(3, Rule.TOO_FEW_FIELDS), (4, Rule.TOO_FEW_FIELDS)]),
    "quote never closed": (b'1,"2,3\n4,5,6\n7,8,9\n', 2, [(2, Rule.QUOTE_NOT_CLOSED)]),
    "quote closed by the next row's": (b'1,"2,3\n4,"5",6\n7,8,9\n', 2, [(2, Rule.TEXT_AFTER_QUOTE)]),
    "text after a quote": (b'1,"6" nail",3\n4,5,6\n', 1, [(2, Rule.TEXT_AFTER_QUOTE)]),
    "stray quote is text": (b'1,6" nail,3\n4,5",6\n', 2, []),
    "quoted line ends": (b'1,"a\nb\r\nc",3\n4,5\n', 1, [(5, Rule.TOO_FEW_FIELDS)]),
    "last row cut short": (b"1,2,3\n4,5", 1, [(3, Rule.TOO_FEW_FIELDS)]),
    "NUL": (b"1,2,3\n4,\0,6\n", 1, [(3, Rule.NUL_BYTE)]),
    "not UTF-8": ("1,é,3\n".encode() + b"4,\xff,6\n", 1, [(3, Rule.NOT_TEXT)]),
}


@pytest.mark.parametrize("name", RAGGED)
@pytest.mark.parametrize("chunk_bytes", [64, 1 << 20])
def test_F79_ragged_rows_are_quarantined(tmp_path, name, chunk_bytes):
    body, good, expected = RAGGED[name]
    path = written(tmp_path, data=b"a,b,c\n" + body)
    chunks = read_all(path, limits=Limits(chunk_bytes=chunk_bytes), delimiter=",", encoding="utf-8")
    assert len(rows_of(chunks)) == good
    assert [(bad.line, bad.rule) for bad in bad_of(chunks)] == expected


def test_F79_a_quote_never_closed_costs_one_row_in_a_large_file(tmp_path):
    line = b'7,"seven, or so",seven\n'
    count = 300_000
    data = b"a,b,c\n" + line * 100 + b'1,"never closed,3\n' + b"2,plain,3\n" * count + line * 100
    chunks = read_all(written(tmp_path, data=data), limits=Limits(chunk_bytes=1 << 20))
    (bad,) = bad_of(chunks)
    assert (bad.line, bad.raw) == (102, b'1,"never closed,3\n')
    assert len(rows_of(chunks)) == count + 200


def test_F79_an_open_quote_is_given_up_at_the_row_limit(tmp_path):
    data = b'a,b\n1,"x\n' + b"2,y\n" * 1000 + b'3,"z"\n'
    chunks = read_all(written(tmp_path, data=data), limits=TINY)
    assert [(bad.line, bad.rule) for bad in bad_of(chunks)] == [(2, Rule.QUOTE_NOT_CLOSED)]
    assert len(rows_of(chunks)) == 1001


def test_B6_long_cells_and_rows_are_quarantined_and_reading_goes_on(tmp_path):
    longest = b"3," + b"z" * 5000 + b"\n"
    data = b"a,b\n1,2\n2," + b"y" * 300 + b"\n" + longest + b'4,"' + b"q\n" * 110 + b'"\n5,6\n'
    for chunk_bytes in (64, 1 << 16):
        limits = Limits(chunk_bytes=chunk_bytes, cell_bytes=200, row_bytes=400)
        chunks = read_all(written(tmp_path, data=data), limits=limits)
        assert rows_of(chunks) == [("1", "2"), ("5", "6")]
        found = [(bad.line, bad.rule, len(bad.raw)) for bad in bad_of(chunks)]
        assert found == [(3, Rule.CELL_TOO_LONG, 303), (4, Rule.ROW_TOO_LONG, 400), (5, Rule.CELL_TOO_LONG, 225)]
        assert "5,003 bytes" in bad_of(chunks)[1].reason


def test_an_overlong_row_in_utf16_ended_by_cr_keeps_positions(tmp_path):
    text = "a,b\r1,2\r3," + "z" * 900 + "\r\n5,6\r"
    limits = Limits(chunk_bytes=64, cell_bytes=200, row_bytes=400)
    chunks = read_all(written(tmp_path, data=text.encode("utf-16")), limits=limits)
    assert rows_of(chunks) == [("1", "2"), ("5", "6")]
    assert [int(line) for chunk in chunks for line in chunk.lines] == [2, 4]
    (bad,) = bad_of(chunks)
    assert (bad.line, bad.byte_offset, bad.rule) == (3, 2 + 2 * 8, Rule.ROW_TOO_LONG)


def test_the_real_retail_lines_round_trip(tmp_path: Path):
    table = parquet.read_table(dataset("online_retail") / "online_retail.parquet")
    texts = pa.table([as_text(column.combine_chunks()) for column in table.columns], names=table.column_names)
    path = tmp_path / "retail.csv"
    arrow_csv.write_csv(texts, path, arrow_csv.WriteOptions(quoting_style="needed"))
    chunks = read_all(path)
    assert not bad_of(chunks)
    assert pa.Table.from_batches([chunk.columns for chunk in chunks]).equals(texts)
    assert texts.num_rows == 541_909
    data = path.read_bytes()
    assert b"".join(data[offset : offset + length] for offset, length in spans(chunks)) == data[data.index(b"\n") + 1 :]
