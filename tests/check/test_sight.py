"""What can be seen and how it reads: contrast by WCAG's worked numbers, in light and dark; words counted by hand."""

from __future__ import annotations

import pytest

from check.cases_of_brand import counted
from check.world import one
from tactful.check.alike import alike
from tactful.check.colours import faint, ratio
from tactful.check.rules.hosts import near
from tactful.check.sheet import colour_of
from tactful.check.tree import read
from tactful.reckon.ease import FORMULAS, reading_ease
from tactful.words.estimate import Undefined


@pytest.mark.parametrize(
    ("words", "ground", "wanted"),
    [("#000000", "#ffffff", 21.0), ("#767676", "#ffffff", 4.54), ("#959595", "#ffffff", 3.0), ("#00f", "#fff", 8.59)],
)  # fmt: skip
def test_the_ratio_is_that_of_the_standards_own_tools(words: str, ground: str, wanted: float) -> None:
    pair = [colour_of(word, before=None) for word in (words, ground)]
    assert pair[0] is not None
    assert pair[1] is not None
    assert ratio(pair[0], pair[1]) == pytest.approx(wanted, abs=0.01)


FAINT = {
    '<p style="color:#999">x</p>': 1,
    '<p style="color:#767676">x</p>': 0,
    '<p style="color:#949494;font-size:24px">x</p>': 0,
    '<p style="color:#949494;font-size:19px;font-weight:700">x</p>': 0,
    '<p style="color:#949494;font-size:19px">x</p>': 1,
    '<p style="color:#fff">x</p>': 1,
    '<table bgcolor="#000"><tr><td style="color:#fff">x</td></tr></table>': 0,
    '<div style="background:#000"><p style="color:#fff">x</p></div>': 0,
    '<div style="background:#000 url(a.png)"><p style="color:#fff">x</p></div>': 0,
    '<div style="display:none;color:#fff">x</div>': 0,
    '<p style="color:#fff">&nbsp;</p>': 0,
    "<style>.a .b{color:#fff}</style><p class=a><b class=b>x</b></p>": 1,
    "<style>.a > .b{color:#fff}</style><p class=a><i><b class=b>x</b></i></p>": 0,
    '<style>.b{color:#fff}</style><b class="b" style="color:#000">x</b>': 0,
    '<style>.b{color:#fff !important}</style><b class="b" style="color:#000">x</b>': 1,
    "<style>@media print{p{color:#fff}}</style><p>x</p>": 0,
    "<style>@media (prefers-color-scheme:dark){body{background:#000}}</style><body><p>x</p></body>": 1,
    "<style>@media (prefers-color-scheme:dark){body{background:#000;color:#eee}}</style><body><p>x</p></body>": 0,
    "<!--[if mso]><p style='color:#fff'>x</p><![endif]--><p>x</p>": 0,
    '<p style="color:#fff">{slot}</p>'.replace("{slot}", "\ue0001\ue001"): 1,
}


@pytest.mark.parametrize("html", sorted(FAINT))
def test_words_that_do_not_stand_out_are_found_and_no_others(html: str) -> None:
    assert len(faint(html)) == FAINT[html]


def test_a_formula_by_hand() -> None:
    """Ten sentences of four words with six syllables: 4 words a sentence, 1.5 syllables a word."""
    text = "The cat sat happily. " * 10
    assert reading_ease(text, language="en-GB") == pytest.approx(206.835 - 1.015 * 4 - 84.6 * 1.5)
    assert reading_ease(text, language="de") == pytest.approx(180 - 4 - 58.5 * 1.5)
    assert isinstance(reading_ease(text, language="xx"), Undefined)
    assert set(FORMULAS) >= {"en", "de", "fr"}


@pytest.mark.parametrize(
    "host",
    [
        "sh0p.example",
        "shop.example.evil.example",
        "shop-example.evil.example",
        "shp.example",
        "shpo.example",
        "shopp.example",
        "www.sh0p.example",
    ],
)
def test_F90_hosts_that_a_hasty_eye_takes_for_ours(host: str) -> None:
    assert near(host, own=["shop.example"]) == "shop.example"


@pytest.mark.parametrize("host", ["shop.example", "letters.shop.example", "garden.example", "example.org", ""])
def test_hosts_that_nobody_takes_for_ours(host: str) -> None:
    assert near(host, own=["shop.example"]) == ""


@pytest.mark.parametrize(
    ("number", "noun", "is_wrong"),
    [("1", "items", True), ("2", "item", True), ("1", "item", False), ("3", "items", False), ("1", "address", False)],
)
def test_a_number_and_its_noun(number: str, noun: str, is_wrong: bool) -> None:
    assert ("number-reads-badly" in {row["rule"] for row in counted(number, noun).findings()}) is is_wrong


@pytest.mark.parametrize(
    ("note", "is_wrong"), [("pear", True), ("apple", False), ("hour", False), ("university", True), ("MBA", False)]
)
def test_an_stands_before_a_vowel(note: str, is_wrong: bool) -> None:
    world = one(
        html_swaps=[("and it lasts.", "and it lasts. It is an «items[0].price_note:words».")],
        values={"items[0].price_note": note},
    )
    assert ("number-reads-badly" in {row["rule"] for row in world.findings()}) is is_wrong


def test_variants_that_differ_by_one_word_are_one_however_they_differ() -> None:
    base = "we chose these four pieces from one range with care and say in a line why each is here"
    more = {"changed": base.replace("care", "love"), "longer": f"{base} today", "shorter": base.replace("four ", "")}
    pairs = {(left, right) for left, right, _ in alike({"base": base, **more})}
    assert {("base", name) for name in more} <= pairs
    assert not list(alike({"a": base, "b": base, "c": base.replace("care", "love").replace("range", "kind")}))


def test_a_link_says_what_is_seen_of_it_and_nothing_that_is_hidden() -> None:
    html = '<a href="/u">Un<b>sub</b>scribe<span style="display: none">secret</span><img src="p.png" alt="now"></a>'
    assert read(html).anchors[0].words == "Unsubscribe now"
    assert read('<a href="/u"><span style="display:none">Unsubscribe</span></a>').anchors[0].words == ""
