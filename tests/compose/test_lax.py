"""Lax variables, as suites of templates have them: three paths say what python-liquid says, of one row and of several."""

# ruff: noqa: E501  # a template is read on one line

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, cast

import liquid
import numpy as np
import pytest

from tactful.compose.frames import frame
from tactful.compose.liquid import Parsed
from tactful.compose.rows import RowFunction, Unfitting
from tactful.compose.sweeping import SweptParsed, sweep, sweeping
from tactful.testing.by_path import PATHS, Refused
from tactful.testing.liquid import Lenient, columnar, lenient, reference, row

CASES: Sequence[tuple[str, Mapping[str, Any]]] = (
    ("{% cycle 'g': 'a', 'b', 'c' %}{% cycle 'g': 'a', 'b', 'c' %}[{% cycle 'g': 'z' %}]{% cycle 'g': 'a', 'b' %}", {}),
    ("{% cycle a: 'x', 'y' %}{% cycle b: 'q', 'r' %}{% cycle 'x', 'y' %}", {}),
    ("{{ a }}{% assign x = b[c] %}{{ x }}", {"a": 1, "c": [1], "b": {"d": 2}}),
    ("{% for i in (1..3) %}{% cycle g: 'x', i %}{% cycle g: i %}{% endfor %}", {"g": None}),
)
EQUAL_YET_DIFFERENT: Sequence[Sequence[Any]] = (
    (0.0, -0.0, 0, False),
    (Decimal("2.50"), Decimal("2.5"), 2.5),
    (datetime(2024, 1, 1, 10, tzinfo=UTC), datetime(2024, 1, 1, 11, tzinfo=timezone(timedelta(hours=1)))),
    ([1], [True], [1.0]),
    ({"a": 0.0}, {"a": -0.0}),
)


def by_columns(text: str, rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """What the columns write, by row."""
    parsed = lenient({}, kind=sweeping(Lenient)).from_string(text)
    assert isinstance(parsed, SweptParsed)
    found = {}
    for way in sweep(parsed, frame(rows), rows=np.arange(len(rows))).ways:
        for place, number in enumerate(way.rows.tolist()):
            values = [str(one.distinct.objects[int(one.of(way.rows)[place])]) for one in way.columns]
            found[number] = "".join(one for pair in zip(way.made.segments, [*values, ""], strict=True) for one in pair)
    return found


@pytest.mark.parametrize(("text", "data"), CASES)
def test_three_paths_say_what_python_liquid_says(text: str, data: Mapping[str, Any]) -> None:
    said = liquid.Environment().from_string(text).render(**data)
    case = {"template": text, "data": data}
    assert [columnar(case), row(case), reference(case)] == [(said, False)] * 3


@pytest.mark.parametrize("values", EQUAL_YET_DIFFERENT)
@pytest.mark.parametrize("text", ["{{ a }}{{ b.c }}", "{% for i in a %}{{ i }}{% endfor %}{% assign x = a %}{{ x | append: 'z' }}", "{% cycle a: 'x', 'y' %}{% cycle '-0.0': 'x', 'y' %}"])  # fmt: skip
def test_F12_values_that_are_equal_but_spelt_differently_stay_apart(text: str, values: Sequence[Any]) -> None:
    rows = [{"a": value, "b": {"c": value}} for value in values]
    plain = liquid.Environment().from_string(text)
    assert by_columns(text, rows) == {number: plain.render(**one) for number, one in enumerate(rows)}


@pytest.mark.parametrize("made", ["{% capture c %}{{ v }}{% endcapture %}", "{% assign c = v | append: '' %}"])
def test_a_cycle_knows_its_values_however_they_were_made(made: str) -> None:
    text = made + "{% cycle c, 'x' %}{% cycle 'a', 'x' %}"
    said = liquid.Environment(autoescape=True).from_string(text).render(v="a")
    assert {path(text, {"v": "a"}, {}) for path in PATHS.values()} == {said}


@pytest.mark.parametrize("text", ["{% render name %}", "{% for i in (1..2) %}{% if a %}{% render name, n: i %}{% endif %}{% endfor %}"])  # fmt: skip
def test_a_partial_of_no_fixed_name_is_refused_by_every_path(text: str) -> None:
    told = [path(text, {"name": "p", "a": True}, {"p": "x"}) for path in PATHS.values()]
    assert [type(one) for one in told] == [Refused] * 3
    assert all("its name in quotes" in one.reason for one in told if isinstance(one, Refused))
    with pytest.raises(Unfitting):
        RowFunction(cast("Parsed", lenient({"p": "x"}).from_string(text)))
    case = {"template": "{% if b %}" + text + "{% endif %}x", "data": {}}
    assert [path(case)[0] for path in (columnar, row, reference)] == ["x"] * 3


@pytest.mark.parametrize("name", [[1], {"a": 1}, 1, None, "size", "q"])
@pytest.mark.parametrize("text", ["{{ [name] }}", "{{ [name].a | upcase }}", "{% assign x = [name] %}{{ x }}"])
def test_a_variable_whose_name_is_itself_a_value_may_lead_nowhere(text: str, name: object) -> None:
    data = {"name": name, "q": "Q", "size": 4}
    said = liquid.Environment().from_string(text).render(**data)
    case = {"template": text, "data": data}
    assert [path(case)[0] for path in (columnar, row, reference)] == [said] * 3


PARTIALS = {"100%": "[{{ x }}{{ forloop.index }}{{ n }}{% cycle 'a', 'b' %}]", "keeps": "{{ z }}{% assign z = x %}"}


@pytest.mark.parametrize(
    ("tag", "aside"),
    [
        ("'100%' for l as x", False),
        ("'100%' for l as x, n: l[1]", False),
        ("'100%' with l as x", False),
        ("'100%' for s as x, n: 1", False),
        ("'100%' for m", False),
        ("'100%' for e as x", False),
        ("'keeps' for l as x", True),
        ("'keeps' with s as x", False),
    ],
)
def test_a_partial_is_rendered_for_each_or_with_one(tag: str, aside: bool) -> None:
    text = "{% render " + tag + " %}{{ x }}{{ forloop }}"
    data = {"l": [1, 2, 3], "s": "ab", "m": {"a": 1}, "e": []}
    said = liquid.Environment(loader=liquid.DictLoader(PARTIALS)).from_string(text).render(**data)
    case = {"template": text, "data": data, "templates": PARTIALS}
    assert [columnar(case), row(case), reference(case)] == [(said, False), (said, aside), (said, False)]
