"""The scan of all bytes finds what may not leave, in the right message, the same with either engine."""

from __future__ import annotations

from functools import cache

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.check import hyperscan
from tactful.check.scan import Find, Scanner

NEVER = ("we miss you", "don't miss", "hurry")
PIECES = (
    "{{ name }}", "{%", "%%first%%", "*|FNAME|*", "<script>", 'href="http://x"', "we  MISS you", "don't\nmiss", "hurry",
    "hurrying", "\u202e", "Ã\u00a9", "\x00", "\ufffd", "lorem ipsum", "td{padding:0}", "é", "£12", "ſ", "plain words",
    "", " onload=", "javascript:", "[First Name]", "{", "{ {", "sale",
)  # fmt: skip


@cache
def scanner(fast: bool) -> Scanner:
    return Scanner(never=NEVER, is_fast=fast)


def both(texts: list[str]) -> tuple[list[Find], list[Find]]:
    array = pa.array(texts, pa.string())
    return tuple(list(scanner(fast).scan(array)) for fast in (False, True))  # type: ignore[return-value]


def test_what_may_not_leave_is_found_in_its_message() -> None:
    found = list(Scanner(never=NEVER, is_fast=False).scan(pa.array(["fine", "Dear {{ name }}", "x", "We MISS  you."])))
    assert [(one.row, one.rule) for one in found] == [(1, "placeholder-residue"), (3, "never-words")]
    assert found[0].what == "{{"


@pytest.mark.skipif(not hyperscan.is_there(), reason="needs the extra `fast`")
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=4).map("".join), max_size=8))
def test_either_engine_says_the_same(texts: list[str]) -> None:
    core, fast = both(texts)
    assert core == fast


@pytest.mark.skipif(not hyperscan.is_there(), reason="needs the extra `fast`")
@given(st.lists(st.text(max_size=20), max_size=6))
def test_either_engine_says_the_same_of_any_text(texts: list[str]) -> None:
    core, fast = both([one.encode("utf-8", "replace").decode() for one in texts])
    assert core == fast


@pytest.mark.parametrize(
    "fast", [False, pytest.param(True, marks=pytest.mark.skipif(not hyperscan.is_there(), reason="extra"))]
)
def test_a_mark_that_two_messages_share_is_in_neither(fast: bool) -> None:
    assert list(Scanner(is_fast=fast).scan(pa.array(["a {", "{ b"]))) == []


def test_a_slice_of_a_column_counts_its_rows_from_its_own_first() -> None:
    array = pa.array(["{{", "fine", "{{"]).slice(1)
    for fast in (False, *([True] if hyperscan.is_there() else [])):
        assert [one.row for one in Scanner(is_fast=fast).scan(array)] == [1]
