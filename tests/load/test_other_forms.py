"""JSON lines and Parquet give the same chunks; bad lines keep their bytes, offset and line."""

import gzip
import json
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from load.worlds import bad_of, rows_of, written
from tactful.load.json_lines import open_json_lines
from tactful.load.limits import Limits
from tactful.load.opening import open_form
from tactful.load.parquet import as_text, open_parquet
from tactful.load.rules import Rule
from tactful.project.sources import Source
from tactful.words.errors import SourceHeld

LINES = (
    b'{"id": "a", "n": 1.10, "more": {"x": [1]}, "new": true}\n'
    b"\n"
    b"not json\n"
    b"[1, 2]\n"
    b'{"id": "b", "n": null}\r\n'
    b'{"id": "c", "id": "d"}\n'
    b'{"id": "\\u0000"}\n'
    b'{"id": "\xff"}\n'
    b'{"id": "e", "more": [1,}\n'
    b'{"id": "f: \\"q\\""}'
)


@pytest.mark.parametrize("chunk_bytes", [64, 1 << 20])
def test_json_lines_keep_bad_lines_and_report_unknown_keys(tmp_path, chunk_bytes):
    path = written(tmp_path, data=LINES)
    opened = open_json_lines(path, keys=("id", "n", "more"), limits=Limits(chunk_bytes=chunk_bytes), encoding="utf-8")
    chunks = list(opened.chunks())
    assert rows_of(chunks) == [("a", "1.10", '{"x": [1]}'), ("b", "", ""), ('f: "q"', "", "")]
    assert [(bad.line, bad.rule) for bad in bad_of(chunks)] == [
        (3, Rule.NOT_JSON),
        (4, Rule.NOT_AN_OBJECT),
        (6, Rule.REPEATED_KEY),
        (7, Rule.NUL_BYTE),
        (8, Rule.NOT_TEXT),
        (9, Rule.NOT_JSON),
    ]
    for bad in bad_of(chunks):
        assert bad.raw == LINES[bad.byte_offset : bad.byte_offset + len(bad.raw)]
    assert sum(chunk.rows_read for chunk in chunks) == 9
    assert sum(chunk.unknown.get("new", 0) for chunk in chunks) == 1
    assert sum(chunk.blank for chunk in chunks) == 1


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20), min_size=1))
def test_json_text_round_trips(tmp_path, texts):
    data = "".join(json.dumps({"t": text}, ensure_ascii=len(text) % 2 == 0) + "\n" for text in texts).encode()
    path, limits = written(tmp_path, data=data), Limits(damaged_share=1)
    chunks = list(open_json_lines(path, keys=("t",), encoding="utf-8", limits=limits).chunks())
    assert [row[0] for row in rows_of(chunks)] == texts


def test_a_lone_surrogate_in_json_is_a_bad_line(tmp_path):
    chunks = list(open_json_lines(written(tmp_path, data=b'{"t": "\\ud800"}\n'), keys=("t",)).chunks())
    assert [bad.rule for bad in bad_of(chunks)] == [Rule.NOT_JSON]


def test_parquet_rows_are_text_with_row_numbers(tmp_path):
    table = pa.table(
        {
            "id": pa.array(["007", None]),
            "when": pa.array([datetime(2010, 12, 1, 8, 26, tzinfo=UTC), None], pa.timestamp("us", tz="UTC")),
            "local": pa.array([datetime(2010, 12, 1, 8, 26, 0, 500_000), None], pa.timestamp("us")),
            "price": pa.array([Decimal("2.50"), None]),
            "n": pa.array([3, None]),
            "tags": pa.array([["a"], None]),
        }
    )
    path = tmp_path / "x.parquet"
    parquet.write_table(table, path)
    opened = open_parquet(path)
    (chunk,) = opened.chunks()
    assert rows_of([chunk]) == [
        ("007", "2010-12-01 08:26:00Z", "2010-12-01 08:26:00.500000", "2.50", "3", '["a"]'),
        ("",) * 6,
    ]
    assert (chunk.lines.tolist(), chunk.offsets, opened.rows) == ([1, 2], None, 2)
    assert json.loads(chunk.raw(0))["id"] == "007"


def test_F81_parquet_cut_short_is_held(tmp_path):
    path = tmp_path / "x.parquet"
    parquet.write_table(pa.table({"a": range(1000)}), path)
    whole = path.read_bytes()
    for cut in (whole[: len(whole) * 63 // 100], b"PAR1", b""):
        with pytest.raises(SourceHeld, match="Parquet"):
            open_parquet(written(tmp_path, data=cut))


def _source(tmp_path, *, form=None):
    said = {"source": "o", "files": ("x",), "tables": {"items": {"columns": {"item_id": {"from": "id"}}}}}
    return Source.model_validate(said | ({"format": form} if form else {}))


@pytest.mark.parametrize("name", ["a.parquet", "A.PARQUET", "a.pq"])
def test_a_file_is_read_as_its_ending_says(tmp_path, name):
    path = tmp_path / name
    parquet.write_table(pa.table({"id": ["a", "b"]}), path)
    assert open_form(_source(tmp_path), path).rows == 2
    lines = tmp_path / "a.jsonl.gz"
    lines.write_bytes(gzip.compress(b'{"id": "a"}\n'))
    assert open_form(_source(tmp_path), lines).found["packing"] == "gzip"
    assert json.loads(open_form(_source(tmp_path), lines).written_as)["form"] == "json_lines"
    rows = tmp_path / "a.txt"
    rows.write_bytes(b"id,n\na,1\n")
    assert json.loads(open_form(_source(tmp_path), rows).written_as)["form"] == "csv"


def test_a_parquet_file_that_is_read_as_text_says_which_line_to_write(tmp_path):
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"id": ["a", "b"]}), path)
    with pytest.raises(SourceHeld, match=r"a\.parquet: it is a Parquet file.*format: parquet"):
        open_form(_source(tmp_path, form="csv"), path)
    assert open_form(_source(tmp_path, form="parquet"), path).rows == 2


def test_floats_of_any_size_are_written_as_a_person_would():
    numbers = pa.array([4012345678901.0, 1e15, 4e-16, -1.5e11, 0.1, 17850.0, 1234567.125, None, 2.0**63, 1e300])
    written = as_text(numbers).to_pylist()
    assert written[:8] == [
        *("4012345678901", "1000000000000000", "0.0000000000000004", "-150000000000"),
        *("0.1", "17850", "1234567.125", ""),
    ]
    assert written[8:] == ["9.223372036854776e+18", "1e+300"]
    assert [float(text) for text in written if text] == [n for n in numbers.to_pylist() if n is not None]
