"""The send sheet: everything escaped, nothing fetched, nothing run, counts that add up."""

# ruff: noqa: E501  # an attack is read on one line

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from tactful.check.proof_page import draw
from tactful.check.proof_sheet import Cost, Figure, Gate, Leaving, LevelCount, ProofShown, RuleCount, Sheet, Step
from tactful.check.proof_style import STYLE
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


def approvable() -> Sheet:
    """The same, and nothing to stop it."""
    return replace(
        sheet(), gate=replace(sheet().gate, why_stop=()), approve="tactful approve run --proofs 0a1b", set_hash="0a1b2c"
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
        "It cannot be approved as it is",
    ):
        assert words in page
    assert "A second person must approve" in draw(approvable())


def test_an_empty_run_is_drawn_too() -> None:
    empty = Sheet(shop="s", occasion="o", run="r", figures=(), steps=(), levels=(), costs=(),
                  gate=Gate(seen=0, rules=1, quarantined=0), proofs=(), approve="a")  # fmt: skip
    assert "Nothing was found" in draw(empty)


def test_proofs_can_be_seen_in_every_way_without_a_script() -> None:
    """Width, light and letter or text are radio buttons that the style sheet looks at; each has its own label."""
    page = LexborHTMLParser(draw(sheet()))
    buttons = page.css("#proofs input[type=radio]")
    assert [button.attributes["id"] for button in buttons] == [
        "width-phone", "width-desktop", "light-device", "light-light", "light-dark", "as-letter", "as-text",
    ]  # fmt: skip
    assert {label.attributes["for"] for label in page.css("#proofs label")} == {b.attributes["id"] for b in buttons}
    assert [b.attributes["id"] for b in buttons if "checked" in b.attributes] == [
        "width-phone",
        "light-device",
        "as-letter",
    ]
    for chosen in ("width-desktop", "light-light", "light-dark", "as-text"):
        assert f"#{chosen}:checked" in STYLE


def test_each_proof_is_a_heading_with_its_language_its_reasons_and_the_way_on() -> None:
    proof = replace(
        sheet().proofs[0], language="de", subject="Danke", findings=(), why=tuple("abcdef"), message="ab" * 16
    )
    page = LexborHTMLParser(draw(replace(approvable(), proofs=(proof, proof))))
    headings = page.css("article h3")
    assert [(h.text(), h.attributes["lang"]) for h in headings] == [("Danke", "de")] * 2
    assert [a.attributes["href"] for a in page.css("article a.skip")] == ["#proof-2", "#approve"]
    why = page.css_first(".why")
    assert why is not None
    assert [li.text() for li in why.css("li")] == list("abcdef")
    summary = why.css_first("summary")
    assert summary is not None
    assert summary.text() == "and 2 more"
    said = page.css_first(".under")
    assert said is not None
    assert "The gate has nothing to say of it." in said.text()
    assert f"tactful show {'ab' * 6}" in said.text()


def test_what_is_not_shown_is_counted() -> None:
    some = draw(replace(approvable(), features=111, uncovered=("x", "y")))
    assert "they show 109 of 111 things" in some
    assert "What no proof shows: 2 of 111 things that differ" in some
    assert "they show all 111 things" in draw(replace(approvable(), features=111, uncovered=()))


def test_headings_go_down_one_step_at_a_time() -> None:
    root = LexborHTMLParser(draw(sheet())).root
    assert root is not None
    levels = [int(node.tag[1]) for node in root.traverse() if node.tag and re.fullmatch("h[1-6]", node.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("light", [0, 1], ids=["light", "dark"])
def test_words_can_be_read_on_their_ground(light: int) -> None:
    """WCAG 2.2 AA: 4.5 to 1 for text, by the formula of relative luminance."""
    colours = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in STYLE.split("@media", 2)[:2]][light]
    pairs = [
        (ink, ground)
        for ink in ("ink", "quiet", "faint", "accent", "error", "warning", "good")
        for ground in ("paper", "card")
    ]
    pairs += [(f"on-{level}", level) for level in ("all", "many", "few", "one")] + [("paper", "ink"), ("ink", "soft")]
    for ink, ground in pairs:
        bright, dim = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 4.5, (ink, ground, (bright + 0.05) / (dim + 0.05))


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
