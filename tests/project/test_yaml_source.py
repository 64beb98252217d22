"""YAML is read with places, keeps text as text, and cannot be made to run, grow or crash anything."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tactful.project.yaml_source import MOST_DEPTH, read_yaml

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\x85\u2028\u2029\ufeff")
)
PLAIN = st.recursive(TEXT, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4))


def bomb(width: int, depth: int) -> str:
    """Aliases of aliases: width to the power of depth values in a few lines."""
    lines = [f"a0: &a0 [{', '.join(['x'] * width)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, depth)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "word",
    ["no", "NO", "off", "on", "yes", "y", "n", "true", "010", "1_000", "1e3", "1.10", "21:00", "2011-12-09", "0x1F"],
)
def test_a_plain_word_stays_the_text_it_is(word: str) -> None:
    root, faults = read_yaml(f"countries: [{word}]\n{word}: Norway\n")
    assert root is not None
    assert root.value == {"countries": [word], word: "Norway"}
    assert faults == ()


@pytest.mark.parametrize("word", ["", "~", "null"])
def test_nothing_written_is_none_and_quotes_make_it_text(word: str) -> None:
    root, _ = read_yaml(f"a: {word}\nb: '{word}'\n")
    assert root is not None
    assert root.value == {"a": None, "b": word}


def test_keys_and_values_know_their_line_and_column() -> None:
    root, _ = read_yaml("a:\n  b: [x, {c: y}]\n", first_line=10)
    assert root is not None
    found = root.find(("a", "b", 1, "c"))
    assert found is not None
    assert (found.line, found.column) == (11, 14)
    assert root.find(("a",)).keys == {"b": (11, 3)}  # type: ignore[union-attr]  # it is there
    assert root.find(("a", "b", 7)) is None


def test_every_repeated_key_is_told() -> None:
    _, faults = read_yaml("a: 1\nb: 2\na: 3\nc: {d: 1, d: 2}\n")
    assert [(fault.rule, fault.line, fault.column) for fault in faults] == [
        ("repeated-key", 3, 1),
        ("repeated-key", 4, 11),
    ]


@pytest.mark.parametrize(("width", "depth"), [(10, 9), (2, 60), (200, 4), (9, 12)])
def test_F86_an_alias_bomb_is_refused_within_100_ms(width: int, depth: int) -> None:
    text = bomb(width, depth)
    least = min(_seconds(text) for _ in range(3))
    assert read_yaml(text)[1][0].rule == "alias-bomb"
    assert least < 0.1


def _seconds(text: str) -> float:
    begun = time.perf_counter()
    read_yaml(text)
    return time.perf_counter() - begun


def test_an_alias_of_ordinary_size_means_what_it_stands_for() -> None:
    root, faults = read_yaml("a: &x {b: 1}\nc: *x\n")
    assert root is not None
    assert root.value == {"a": {"b": "1"}, "c": {"b": "1"}}
    assert faults == ()


@pytest.mark.parametrize("text", ["a: &a [*a]", "&a {b: *a}", "a: *b"])
def test_an_alias_within_itself_or_of_nothing_is_refused(text: str) -> None:
    root, faults = read_yaml(text)
    assert root is None
    assert faults


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system ['true']",
        "a: !!python/name:os.system",
        "a: !!python/module:os",
        "!!python/object/new:object {}",
        "a: !!binary aGk=",
        "a: !!set {x}",
        "a: !secret x",
        "a: !!int '3'",
        "? !!python/tuple [a]\n: b",
    ],
)
def test_F86_a_tag_runs_nothing_and_is_refused(text: str) -> None:
    root, faults = read_yaml(text)
    assert root is None
    assert faults[-1].rule == "yaml-tag"


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_F86_bottomless_nesting_is_refused_and_ends_no_process(opening: str) -> None:
    root, faults = read_yaml(opening * 200_000)
    assert root is None
    assert faults[0].rule in {"too-deep", "yaml"}
    assert str(MOST_DEPTH) in faults[0].what or faults[0].rule == "yaml"


@pytest.mark.parametrize(
    "text", ["a: \x00", "a: [1", "a: 'x", "a: 1\n---\nb: 2", "? [a]\n: b", "%YAML 9.9\n---\na: 1", "\ta: 1"]
)
def test_what_is_no_yaml_is_a_fault_with_a_line(text: str) -> None:
    _, faults = read_yaml(text)
    assert faults[0].line >= 1
    assert faults[0].column >= 1


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_and_never_raises(text: str) -> None:
    root, faults = read_yaml(text)
    assert all(fault.line >= 1 and fault.what for fault in faults)
    assert root is None or root.size >= 1


@given(PLAIN)
def test_what_was_dumped_comes_back(value: Any) -> None:
    root, faults = read_yaml(yaml.safe_dump(value, allow_unicode=True))
    assert faults == ()
    assert root is not None
    assert root.value == value
