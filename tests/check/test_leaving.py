"""The last scan holds back what may not leave, and nothing that the gate let pass for a reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from check.world import HTML, TEXT, starter
from tactful.check import hyperscan
from tactful.check.leaving import LastScan, Leaving
from tactful.project.gate import Suppression
from tactful.words.message import Part

TODAY = dt.date(2011, 12, 9)
NEVER = starter().brand.never[0]


def letter(number: int, **parts: str) -> Leaving:
    words = {Part.SUBJECT: "From our ranges", Part.PREHEADER: "One thing", Part.HTML: HTML, Part.TEXT: TEXT}
    words |= {Part(name): text for name, text in parts.items()}
    source = {"program": "win-back", "content": "win-back/range", "branch": ""}
    return Leaving(message_id=bytes([number]) * 16, parts=words, **source)


def broken(*letters: Leaving, is_fast: bool = False) -> dict[int, tuple[str, ...]]:
    found = LastScan(starter(), today=TODAY, is_fast=is_fast).guilty(letters)
    return {message_id[0]: rules for message_id, rules in found.items()}


@pytest.mark.parametrize("is_fast", [False, True])
def test_a_letter_is_held_back_with_its_rules_and_its_neighbours_are_not(is_fast: bool) -> None:
    if is_fast and not hyperscan.is_there():
        pytest.skip("needs the extra `fast`")
    letters = [letter(n) for n in range(6)]
    letters[1] = letter(1, html=HTML.replace("<h1>", '<h1 title="{{ name }}" onload="x">'))
    letters[4] = letter(4, text=TEXT + f" {NEVER.upper()}", subject="Hello {{ name }}")
    assert broken(*letters, is_fast=is_fast) == {
        1: ("active-content", "placeholder-residue"),
        4: ("never-words", "placeholder-residue"),
    }


def test_words_within_an_address_are_read_by_nobody() -> None:
    slug = NEVER.replace(" ", "-")
    assert broken(letter(0, html=HTML.replace("shop.example/", f"shop.example/{slug}"))) == {}
    assert broken(letter(0, text=TEXT + f" https://shop.example/{slug}?a={slug} ")) == {}
    assert broken(letter(0, html=HTML.replace("<h1>", f"<h1>{NEVER} "))) == {0: ("never-words",)}


def test_a_name_set_apart_is_not_disguised_and_a_turned_line_is() -> None:
    assert broken(letter(0, text=f"Hello \u2068נועה\u2069,{TEXT}")) == {}
    assert broken(letter(0, text=f"Hello \u2068נו\u202eעה\u2069,{TEXT}")) == {0: ("invisible-characters",)}


def test_what_the_project_lets_pass_until_a_day_leaves_until_that_day() -> None:
    bad = letter(0, html=HTML.replace('href="https://shop.example/"', 'href="http://shop.example/"'))
    passed = Suppression(suppression="old", rule="link-scheme", program="win-back", until="2011-12-31", reason="moving")
    project = replace(starter(), suppressions={"old": passed})
    assert broken(bad) == {0: ("link-scheme",)}
    assert LastScan(project, today=TODAY, is_fast=False).guilty([bad]) == {}
    assert len(LastScan(project, today=dt.date(2012, 1, 1), is_fast=False).guilty([bad])) == 1
    other = replace(bad, program="thank-you")
    assert len(LastScan(project, today=TODAY, is_fast=False).guilty([other])) == 1
