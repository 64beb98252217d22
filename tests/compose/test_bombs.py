"""F87, B13: templates written to hurt end in a clear error, after little work and in little memory, on every path.

Work is counted in calls, Python's and those of C, so that the test says the same on every machine; how long it takes is
what `python -m benchmarks hostile` prints.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import pytest

from tactful.compose.faults import ContentFault, Source
from tactful.compose.limits import MOST_TAGS
from tactful.compose.liquid import environment
from tactful.compose.mjml import compile_mjml
from tactful.compose.recorded import Unwritten
from tactful.compose.template import Template
from tactful.testing.bombs import BOMBS, PARTIALS, seen_by
from tactful.testing.by_path import PATHS, Refused
from tactful.words.finding import Finding

MOST_CALLS = 350_000
MOST_BYTES = 16 * 2**20


def counted(act: Callable[[], object]) -> tuple[object, int]:
    """What comes of something, and the calls it took."""
    calls = 0

    def count(_: FrameType, event: str, __: Any) -> None:  # Any: as Python gives it
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        return act(), calls
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", BOMBS)
def test_F87_B13_a_bomb_ends_after_little_work_in_a_clear_error(name: str, path: str) -> None:
    tracemalloc.start()
    try:
        outcome, calls = counted(lambda: PATHS[path](BOMBS[name], seen_by(name), PARTIALS))
        memory = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(outcome, Refused), f"{name} was written"
    assert len(outcome.reason) > 5
    assert calls < MOST_CALLS, f"{name} took {calls:,} calls"
    assert memory < MOST_BYTES, f"{name} took {memory:,} bytes"


@pytest.mark.parametrize("name", BOMBS)
def test_F87_every_bomb_is_told_at_a_place(name: str) -> None:
    finding = told(name)
    assert finding is not None
    assert finding.place is not None
    assert finding.place.line == 1


def told(name: str) -> Finding | None:
    """What an author is told of a bomb, if it is refused."""
    text = BOMBS[name]
    try:
        env = environment(PARTIALS, escaped=True)
        outcome = Template(text, env=env, source=Source(text=text, path="bomb.liquid")).render(seen_by(name))
    except ContentFault as fault:
        return fault.finding
    return outcome.finding if isinstance(outcome, Unwritten) else None


def test_F87_partials_that_include_each_other_in_mjml_end_in_an_error() -> None:
    text = "<mjml><mj-body><mj-include path='a'/></mj-body></mjml>"
    with pytest.raises(ContentFault, match="without end"):
        compile_mjml(Source.plain(text), partials={"a": "<mj-include path='a'/>"}, language="en")


@pytest.mark.parametrize(
    ("value", "says"), [("x" * 2_000_000, "larger than"), ([["a"] * 2_000] * 3, ""), ({"a": {"b": 1}}, "")]
)
def test_F16_a_huge_or_odd_value_ends_the_message_or_stands_as_it_is(value: object, says: str) -> None:
    text = "{{ v | upcase }}{% for i in v %}{{ i }}{% endfor %}"
    made = Template(text, env=environment({}, escaped=True), source=Source.plain(text)).render({"v": value})
    assert not says or (isinstance(made, Unwritten) and says in made.reason)


def test_F87_a_value_nested_without_end_is_refused() -> None:
    deep: Mapping[str, object] = {}
    for _ in range(5_000):
        deep = {"a": deep}
    made = Template("{{ v }}", env=environment({}, escaped=True), source=Source.plain("{{ v }}")).render({"v": deep})
    assert isinstance(made, Unwritten)
    assert "nested too deeply" in made.reason


def test_F87_what_any_letter_needs_is_within_the_bounds() -> None:
    text = "{{ v | upcase | append: 'x' }}{% if v == 'a' %}b{% endif %}" * (MOST_TAGS // 4)
    made = Template(text, env=environment({}, escaped=True), source=Source.plain(text)).render({"v": "words"})
    assert not isinstance(made, Unwritten)
