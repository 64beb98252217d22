"""The send sheet: everything escaped, nothing fetched, nothing run, counts that add up."""

# ruff: noqa: E501  # an attack is read on one line

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from tactful.check.proof_page import draw
from tactful.check.proof_sheet import Cost, Figure, Gate, Leaving, LevelCount, ProofShown, RuleCount, Sheet, Step
from tactful.words.finding import Severity
from tactful.words.level import Level

PAYLOADS = [
    "<img src=x onerror=alert(1)>", '"><svg/onload=alert(1)>', "'><script>alert(1)</script>", "</style><script>alert(1)</script>",
    "</iframe><script>alert(1)</script>", '" onmouseover="alert(1)', "javascript:alert(1)", "{{ customer.email }}", "${7*7}",
    "<!--", "]]>", "</title><script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;", "\ud800", "a\x00b",
    "<a href=javascript:alert(1)>x</a>", "<meta http-equiv=refresh content=0;url=//evil.example>", "<base href=//evil.example>",
]  # fmt: skip


def sheet(text: str = "plain") -> Sheet:
    proof = ProofShown(
        message="00", to=text, program=text, level=Level.ONE, subject=text, preheader=text, html=f"<p>{text}</p>", text=text,
        offer=text, language=text, why=(text,), reasons=(text,), findings=(text,),
    )  # fmt: skip
    return Sheet(
        shop=text,
        occasion=text,
        run=text,
        figures=(Figure(number=text, words=text, note=text),),
        steps=(
            Step(words=text, left=10, why=text, programs=(Leaving(program=text, left=10, gone=0),)),
            Step(words=text, left=7, gone=3),
        ),
        levels=(LevelCount(level=Level.NONE, people=3), LevelCount(level=Level.ONE, people=7)),
        costs=(Cost(words=text, amount=text, is_total=True),),
        gate=Gate(
            seen=7,
            rules=118,
            quarantined=0,
            found=(RuleCount(rule=text, severity=Severity.NOTE, count=1, why=text, fix=text),),
            why_stop=(text,),
        ),
        proofs=(proof,),
        approve=text,
        approve_note=text,
        second_person=(text,),
        invented=(text,),
        uncovered=(text,),
    )


def shape(page: str) -> list[tuple[str, tuple[str, ...]]]:
    root = LexborHTMLParser(page).root
    assert root is not None
    return [(node.tag or "", tuple(sorted(node.attributes))) for node in root.traverse()]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_F12_F13_no_value_makes_an_element_or_an_attribute(payload: str) -> None:
    assert shape(draw(sheet(payload))) == shape(draw(sheet()))


def test_a_proof_stands_in_a_frame_that_may_do_nothing() -> None:
    frame = LexborHTMLParser(draw(sheet())).css_first("iframe")
    assert frame is not None
    assert frame.attributes["sandbox"] == ""
    assert frame.attributes["srcdoc"] == "<p>plain</p>"


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    page = draw(sheet())
    assert not re.search(r"(?:src|href)=\"(?!#)|url\(|@import|<script|<link", page)
    assert "default-src 'none'" in page


def test_counts_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="10 less 2 is not 7"):
        replace(sheet(), steps=(Step(words="a", left=10), Step(words="b", left=7, gone=2)))
    with pytest.raises(ValueError, match="less than nobody"):
        Step(words="a", left=-1)


def test_labels_of_the_ladder_and_every_step_stand_there() -> None:
    page = draw(sheet())
    for words in (
        "one for you",
        "nothing: silence won",
        "−3",
        "70.0 %",
        "This run must stop",
        "A second person must approve",
    ):
        assert words in page


def test_an_empty_run_is_drawn_too() -> None:
    empty = Sheet(shop="s", occasion="o", run="r", figures=(), steps=(), levels=(), costs=(),
                  gate=Gate(seen=0, rules=1, quarantined=0), proofs=(), approve="a")  # fmt: skip
    assert "Nothing was found" in draw(empty)
