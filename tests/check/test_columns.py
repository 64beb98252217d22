"""Columns of the gate: distinct values, vocabularies that grow, items laid end to end, tables read late, orders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from tactful.check.encoded import Encoded, dense, together
from tactful.check.late import Late, whole
from tactful.check.lexicon import Lexicon
from tactful.check.orders import Ordered
from tactful.check.shown import Shown
from tactful.check.texts import Sign, Texts
from tactful.words.sealed import Sealed, SealedFile

WORDS = st.lists(st.one_of(st.none(), st.text("aB1 é{", max_size=5)), max_size=30)
ITEM = pa.list_(pa.struct([("item_id", pa.string()), ("role", pa.string()), ("because", pa.string())]))


@given(WORDS)
def test_a_column_is_its_values_by_its_codes(values: list[str | None]) -> None:
    made = Encoded.of(pa.array(values, pa.string()))
    assert [made.values[code] for code in made.codes] == values
    assert len({*made.values}) == len(made.values)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab")), min_size=1, max_size=30))
def test_columns_together_are_the_tuples_of_their_rows(rows: list[tuple[int, str]]) -> None:
    made = together([Encoded.of(pa.array([one[0] for one in rows])), Encoded.of(pa.array([one[1] for one in rows]))])
    assert [made.values[code] for code in made.codes] == rows


@given(st.lists(st.integers(0, 10**9), max_size=40))
def test_numbers_made_small_keep_their_order(numbers: list[int]) -> None:
    made = dense(np.array(numbers, dtype=np.int64))
    assert made.tolist() == [sorted(set(numbers)).index(one) for one in numbers]


@settings(max_examples=60)
@given(st.lists(WORDS, min_size=1, max_size=4))
def test_what_a_vocabulary_remembers_is_what_each_text_says_by_itself(columns: list[list[str | None]]) -> None:
    lexicon = Lexicon()
    for number, column in enumerate(columns):
        plain = Texts.of(list(dict.fromkeys(column)))
        known = lexicon.of(f"items[{number}].title", plain, rows=100)
        assert [*known] == [*plain]
        assert known.matching(r"\d|é").tolist() == plain.matching(r"\d|é").tolist()
        assert known.matching(r"\d", needs=Sign.DIGIT).tolist() == plain.matching(r"\d").tolist()
        assert known.signs.tolist() == plain.signs.tolist()
        around = known.around("B", "{"), plain.around("B", "{")
        assert around[0].matching(r"B1|é\{").tolist() == around[1].matching(r"B1|é\{").tolist()
        half = np.arange(0, len(plain), 2)
        assert known.taken(half).matching("a").tolist() == plain.taken(half).matching("a").tolist()


def test_a_function_is_asked_of_a_text_once_and_not_of_those_that_are_fine() -> None:
    asked: list[str] = []

    def wrong(text: str) -> str:
        asked.append(text)
        return "long" if len(text) > 3 else ""

    lexicon = Lexicon()
    for column in (["a", "abcd", "1234"], ["abcd", "xy", None, "9999"]):
        found = lexicon.of("facts.x", Texts.of(column), rows=9).asking("long", wrong, unless=r"^\d+$")
        assert found.tolist() == [column.index("abcd")]
    assert sorted(asked) == ["a", "abcd", "xy"]


def test_what_nearly_everybody_has_alone_is_kept_in_no_vocabulary() -> None:
    texts = Texts.of([f"W-{number}" for number in range(2_000)])
    assert Lexicon().of("facts.order", texts, rows=2_100) is texts
    assert Lexicon().of("facts.order", texts, rows=9_000) is not texts


def test_items_have_a_place_that_anchors_do_not_take() -> None:
    rows = [
        [("a", "anchor", None), ("b", "new", "a")],
        [],
        [("c", "range", None), ("d", "anchor", None), ("e", "new", None)],
    ]
    shown = Shown.of(
        pa.array([[dict(zip(("item_id", "role", "because"), one, strict=True)) for one in row] for row in rows], ITEM)
    )
    assert shown.place.tolist() == [-1, 0, 0, -1, 1]
    assert [one.tolist() for one in shown.at(0)] == [[0, 2], [1, 2]]
    assert [one.tolist() for one in shown.at(-1)] == [[0, 2], [0, 3]]
    some = shown.of_rows(np.array([2]))
    assert ([some.item.values[code] for code in some.item.codes], some.told.tolist()) == (["c", "d", "e"], [2, 3, 4])


def sealed(folder: Path, *tables: pa.Table) -> Sealed:
    files = []
    for number, table in enumerate(tables):
        path = folder / f"{number}.parquet"
        parquet.write_table(table, path)
        files.append(SealedFile(path=str(path), content_hash=bytes(16), rows=table.num_rows))
    return Sealed(table="profiles", run_id=bytes(16), files=tuple(files))


def test_a_column_read_late_is_the_column_and_null_where_a_file_has_none(tmp_path: Path) -> None:
    one = pa.table({"customer_id": ["a", "b"], "city": ["X", None]})
    other = pa.table({"customer_id": ["c"], "points": [3]})
    made = Late(sealed(tmp_path, one, other))
    assert (made.num_rows, made.column_names) == (3, ("customer_id", "city", "points"))
    assert made["customer_id"].to_pylist() == ["a", "b", "c"]
    assert made["city"].to_pylist() == ["X", None, None]
    assert [made.encoded("city").values[code] for code in made.encoded("city").codes] == ["X", None, None]
    assert made["points"].to_pylist() == [None, None, 3]
    assert made.take(pa.array([2, 0])).to_pylist() == [
        {"customer_id": "c", "city": None, "points": 3}, {"customer_id": "a", "city": "X", "points": None},
    ]  # fmt: skip
    assert whole(pa.chunked_array([["a"], ["b"]])).to_pylist() == ["a", "b"]


@pytest.mark.parametrize("is_sorted", [True, False])
def test_what_was_bought_and_sent_back_is_known_of_each_shown_item(is_sorted: bool) -> None:
    lists = pa.array([[("a", "new", None), ("b", "again", None)], [("a", "new", None)]], ITEM)
    decisions = Late(pa.table({"customer_key": pa.array([7, 3]), "items": lists}))
    lines = [(7, "a", "sale", 1), (7, "a", "return", 2), (7, "b", "return", 1), (7, "b", "sale", 2),
             (3, "b", "sale", 1), (None, "a", "sale", 1), (9, "a", "sale", 1)]  # fmt: skip
    order = sorted(lines, key=lambda line: line[0] or 0) if is_sorted else lines
    names = ("customer_key", "item_id", "kind", "happened_at")
    kinds = (pa.int64(), pa.string(), pa.string(), pa.timestamp("us", tz="UTC"))
    columns = zip(names, zip(*order, strict=True), kinds, strict=True)
    table = pa.table({name: pa.array(list(values), kind) for name, values, kind in columns})
    found = Ordered.of(table, decisions=decisions, shown=Shown.of(lists))
    assert found.bought.tolist() == [True, True, False]
    assert found.returned.tolist() == [True, False, False]
    nothing = Ordered.of(table.slice(0, 0), decisions=decisions, shown=Shown.of(lists))
    assert [*nothing.bought, *nothing.returned] == [False] * 6
