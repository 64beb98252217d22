"""Rules asked of all values of a run at once speak where they speak when each column is asked by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from check.test_row_by_row import letters
from check.world import CLOCK, Letter, World
from tactful.check import gate, patterns
from tactful.check.bones import read_skeletons
from tactful.check.lexicon import Lexicon
from tactful.check.rule import Column, Hit, Rule
from tactful.check.rules import RULES
from tactful.check.slots import Slots
from tactful.words.finding import Severity

ASKED_ALWAYS = tuple(replace(rule, is_of_value=False) for rule in RULES)


def said(world: World, rules: tuple[Rule, ...]) -> list[dict[str, Any]]:
    found = gate.inspect(world.inputs(), project=world.project(), clock=CLOCK, rules=rules)
    return [row for batch in found for row in batch.to_pylist()]


@pytest.mark.parametrize("seed", range(10))
def test_what_is_asked_once_of_all_values_is_what_is_asked_of_each_column(seed: int) -> None:
    world = World(letters=letters(seed + 20, count=50), crowd=5)
    assert said(world, RULES) == said(world, ASKED_ALWAYS)


def test_a_rule_that_promises_nothing_is_asked_of_each_column_with_its_own_values() -> None:
    asked: list[tuple[str, tuple[str | None, ...]]] = []

    def look(column: Column) -> Iterable[Hit]:
        asked.append((column.slot.source, tuple(column.values)))
        return ()

    strange = Rule(id="strange", severity=Severity.NOTE, place="x", why="x", fix="x", slot=look)
    two = [Letter(values={"items[0].title": "A"}, html_swaps=[("and it lasts.", "and more.")]), Letter(customer="c1")]
    said(World(letters=two, crowd=0), (strange,))
    titles = [values for source, values in asked if source == "items[0].title"]
    assert sorted(titles) == [("A",), ("Regency cake stand, 3 tier",)]


def test_a_rule_of_the_house_is_asked_once_for_all_skeletons() -> None:
    asked: list[str] = []

    def look(column: Column) -> Iterable[Hit]:
        asked.append(column.slot.source)
        return ()

    own = Rule(id="own", severity=Severity.NOTE, place="x", why="x", fix="x", slot=look, is_of_value=True)
    swaps = [[("and it lasts.", f"and {word}.")] for word in ("one", "two", "three")]
    world = World(letters=[Letter(customer=f"c{n}", html_swaps=swap) for n, swap in enumerate(swaps)], crowd=0)
    said(world, (own,))
    assert asked.count("items[0].title") == 1


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["A", "B", "", None, "C d"]), min_size=1, max_size=8), st.booleans())
def test_columns_of_one_kind_share_their_values_and_keep_their_rows(titles: list[str | None], is_coded: bool) -> None:
    made = [Letter(customer=f"c{n}", values={"items[0].title": one}) for n, one in enumerate(titles)]
    inputs = World(letters=made, crowd=0).inputs()
    (bones,) = read_skeletons(inputs["skeletons"]).values()
    messages = inputs["messages"]
    number = next(column for column, slots in bones.columns() if slots[0][1].source == "items[0].title")
    if is_coded:
        coded = pa.chunked_array(
            [messages[f"s{number}"].slice(n, 1).combine_chunks().dictionary_encode() for n in range(len(titles))]
        )
        messages = messages.set_column(messages.column_names.index(f"s{number}"), f"s{number}", coded)
    parts = [messages.slice(0, 1), messages.slice(1)]
    slots = Slots([(part, bones) for part in parts], lexicon=Lexicon())
    first, rest = slots.of_use(0)[number], slots.of_use(1)[number]
    assert first.values is rest.values
    codes = np.concatenate([first.codes, rest.codes])
    assert [first.values[int(code)] for code in codes] == titles


PIECES = st.lists(
    st.sampled_from(["{{", "{", "}", "%", "$", "<", "*", "|", "#", "[", "]", "=", "_", " ", "A", "bc", "NAME", "tqz1",
                     "zqt", "TO", "DO", "XX", "XXXX", "lorem ", "ipsum", "REF", "First", "name", "fix", "me", "é"]),
    max_size=5,
).map("".join)  # fmt: skip


@settings(max_examples=600)
@given(PIECES, PIECES, PIECES)
def test_no_mark_of_a_template_spans_a_junction_that_nothing_led_up_to(before: str, value: str, after: str) -> None:
    start, end = len(before), len(before) + len(value)
    spans = list(patterns.RESIDUE.spans(before + value + after))
    if any(left < start < right for left, right in spans):
        assert patterns.RESIDUE_BEGUN.first(before)
    if any(start <= left < end < right for left, right in spans):
        assert patterns.RESIDUE_BEGUN.first(value)


@pytest.mark.parametrize("seed", range(6))
def test_slots_that_come_as_codes_of_a_whole_file_are_judged_like_those_that_are_spelt_out(seed: int) -> None:
    world = World(letters=letters(seed + 40, count=50), crowd=5)
    inputs = world.inputs()
    messages = inputs["messages"]
    for number, name in enumerate(messages.column_names):
        if name.startswith("s") and name[1:].isdigit():
            messages = messages.set_column(number, name, messages[name].dictionary_encode())
    found = gate.inspect({**inputs, "messages": messages}, project=world.project(), clock=CLOCK, rules=RULES)
    by_code = [row for batch in found for row in batch.to_pylist()]
    assert sorted(map(str, by_code)) == sorted(map(str, said(world, RULES)))
    assert any(len(set(map(str, messages[name].to_pylist()))) > 1 for name in messages.column_names)
