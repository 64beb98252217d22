from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.load.conditions import fits
from tactful.words.condition import All, Among, Any, Compare, Known, Not, holds, read_condition

VALUES = {
    "word": ["a", "b", "C1", ""],
    "number": [-1, 0, 2],
    "price": [Decimal("-0.5"), Decimal("2.50")],
    "flag": [True, False],
}
TYPES = {"word": pa.string(), "number": pa.int64(), "price": pa.decimal128(18, 4), "flag": pa.bool_()}
NAMES = st.sampled_from(sorted(VALUES))


@st.composite
def leaves(draw):
    name = draw(NAMES)
    value = st.sampled_from(VALUES[name])
    kind = draw(st.sampled_from(["compare", "among", "known"]))
    if kind == "known":
        return Known(name)
    if kind == "among":
        return Among(name, tuple(draw(st.lists(value, min_size=1, max_size=3))))
    signs = ["=", "!="] if name == "flag" else ["=", "!=", "<", "<=", ">", ">="]
    return Compare(name, draw(st.sampled_from(signs)), draw(value))


TREES = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: Any(tuple(parts))),
    ),
    max_leaves=8,
)
ROWS = st.lists(
    st.fixed_dictionaries({name: st.sampled_from([None, *values]) for name, values in VALUES.items()}), max_size=8
)


@given(condition=TREES, rows=ROWS)
def test_columns_answer_as_rows_do(condition, rows):
    columns = {name: pa.array([row[name] for row in rows], kind) for name, kind in TYPES.items()}
    assert fits(condition, columns, rows=len(rows)).tolist() == [holds(condition, row) for row in rows]


@pytest.mark.parametrize(
    "text", ["word > 1", "number = 'x'", "flag = 'yes'", "nothing = 1", "day > 3", "number = true"]
)
def test_what_cannot_be_compared_is_said(text):
    columns = {name: pa.array([], kind) for name, kind in {**TYPES, "day": pa.date32()}.items()}
    with pytest.raises(ValueError, match=r"cannot be compared|is not filled"):
        fits(read_condition(text), columns, rows=0)


def test_instants_and_days_are_compared_with_text_in_the_zone():
    columns = {
        "at": pa.array([1_309_474_800_000_000 - 1, 1_309_474_800_000_000], pa.timestamp("us", tz="UTC")),
        "day": pa.array([0, 1], pa.date32()),
    }
    assert fits(read_condition("at >= '2011-07-01'"), columns, rows=2, zone="Europe/London").tolist() == [False, True]
    assert fits(read_condition("day = '1970-01-02'"), columns, rows=2).tolist() == [False, True]
