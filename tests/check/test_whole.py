"""The verdict from skeletons, slots and junctions is the verdict from the joined bytes, for every message."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from check.world import CLOCK, Letter, World, one
from tactful.check import gate
from tactful.check.audit import Audit
from tactful.check.bones import read_skeletons
from tactful.check.rule import Hit, Rule
from tactful.words.finding import Severity
from tactful.words.message import Part, join_part

LINK = "https://letters.shop.example/u/abcdefghij0123456789"


def joined(inputs: Mapping[str, pa.Table], messages: pa.Table) -> Iterator[tuple[bytes, dict[Part, str]]]:
    """The bytes of hand-made messages; every link leads to the same page."""
    known = read_skeletons(inputs["skeletons"])
    for row in messages.to_pylist():
        skeleton = known[row["skeleton_id"]].skeleton
        links = {s.column for part in skeleton.parts for s in part.slots if s.source.startswith("links.")}
        values = [LINK if n in links else row.get(f"s{n}") or "" for n in range(skeleton.width)]
        yield row["message_id"], {part.part: join_part(part, values) for part in skeleton.parts}


def audited(world: World, *, is_walked: bool = False, rules: Iterable[Rule] | None = None) -> list[dict[str, Any]]:
    """What reading every message of a world whole came to."""
    inputs = world.inputs()
    audit = Audit(
        join=lambda messages: joined(inputs, messages), share=Decimal(1), point="p", salt="s", is_walked=is_walked
    )
    chosen = tuple(rules) if rules is not None else None
    batches = gate.inspect(inputs, project=world.project(), clock=CLOCK, audit=audit, rules=chosen)
    return [row for batch in batches if "same" in batch.schema.names for row in batch.to_pylist()]


NASTY = [
    "Anna", "O'Neil", 'the "best" <b>bowl</b>', "fish & chips", "&amp;", "&lt;script&gt;", "&#39;", "</p></td></table>",
    "-->", "<!-- x", "]]>", "\u200fעברית\u200f", "مرحبا", "a\u200bb", "\ufeffx", "é" * 50, "x" * 3000,
    "", " ", "  two  blanks  ",
    "line\nbreak", "tab\there", "a\u00a0b", "NULL", "{{ name }}", "{%", "%}", "{", "}", "*|", "|*", "[[x]]", "$", "{x}",
    "we miss you", "we miss", "you", "miss you", "SALE NOW TODAY", "BIG SALE", "NOW",
    "50% off", "50", "% off", "0",
    "0 points", "!", "!!!", "https://evil.example/", "evil.com", "www.shop.example", "javascript:alert(1)", "£1.00",
    "cheap", "Ã", "£", "Ã¼", "â€", "😀👩‍👩‍👧", "a/b=c d='1'", "onload=x", "/>", "amp;", "lt;b>", "#38;", "1,234.50",
    "JOHN SMITH", "ends on 9 December 2011 at 14:05", "hurry", "Hello Anna,", "Hello,", "anna@mail.example", "🇬🇧",
]  # fmt: skip
FRAGMENTS = [
    "<p>*</p>",
    '<p title="*">here</p>',
    '<a href="*">there</a>',
    '<img src="https://shop.example/a.png" alt="*">',
    "<!--[if mso]><p>*</p><![endif]-->",
    "<p style='color:*'>x</p>",
    "<p id=*>x</p>",
    '<td width="*">x</td>',
    "<b>*</b>*",
    "<p>* and *</p>",
    '<table role="*"><tr><td>*</td></tr></table>',
    "<p>we *</p>",
    "<p>{*}</p>",
    "<p>*% off</p>",
    "<p>SALE * TODAY</p>",
    "<p>visit www.*</p>",
    "<p>a * thing</p>",
    '<div style="display:none">*</div>',
    "<p>&*</p>",
    "<h2>*</h2>",
    "<p>£*</p>",
    "<p>* points</p>",
    "<p>Ã*</p>",
    "<p>it is *!</p>",
    "<p>*.com</p>",
    "<style>p{color:*}</style>",
]
STRADDLES = [
    ("<p>SALE * TODAY</p>", ["NOW", "OFF NOW", "x"]),
    ("<p>BIG *</p>", ["SALE NOW", "sale"]),
    ("<p>Ã*</p>", ["£", "¼", "a"]),
    ("<p>* NOW</p>", ["BIG SALE", "ГОРЯЧАЯ ЦЕНА"]),
    ("<p>we *</p>", ["miss you", "miss", "you"]),
    ("<p>{*}</p>", ["{x}", "x"]),
    ("<p>* miss you</p>", ["we", "We", "owe"]),
    ("<p>*% off</p>", ["50", "5", "x"]),
    ("<p>50*</p>", ["% off", " %"]),
    ("<p>[*]</p>", ["First Name", "fname", "a"]),
    ("<p>*£</p>", ["Ã", "Â", "a"]),
    ("<p>%%*%%</p>", ["name", "a b"]),
    ("<p>* *</p>", ["{", "{ x }", "we", "miss you", "BIG SALE", "NOW AND"]),
    ("<p>your *</p>", ["shop", "shopping"]),
]
"""Places and values that are harmless each and hurt together."""
SOURCES = ["items[0].note", "facts.favourite_range", "items[0].title", "offer.words", "customer.salutation"]
KINDS = ["words", "words", "words", "number", "date", "markup", "url"]


def generated(chance: random.Random) -> World:
    """A letter with a few odd places, for several customers with odd values in them."""
    pieces, text, odd = "", "", list(NASTY)
    for _ in range(chance.randint(1, 4)):
        fragment = chance.choice(FRAGMENTS)
        if chance.random() < 0.5:
            fragment, values = chance.choice(STRADDLES)
            odd += values * 40
        while "*" in fragment:
            kind = chance.choice(KINDS if "href" in fragment else KINDS[:-1])
            fragment = fragment.replace("*", f"«{chance.choice(SOURCES)}{chance.choice('abc')}:{kind}»", 1)
        pieces += fragment
        text += f" {chance.choice(['we', 'SALE', '{', '', 'www.', '50%'])}«items[0].note{chance.choice('ab')}:words»"
    named = sorted({f"{source}{more}" for source in SOURCES for more in "abc"})
    subject = chance.choice(["From our ranges", "For «items[0].notea:words»", "We «items[0].noteb:words»"])
    letters = [
        Letter(
            customer=f"c{number}",
            subject=subject,
            html_swaps=[("and it lasts.", f"and it lasts.</p>{pieces}<p>")],
            text_swaps=[("Here is one thing", f"Here is{text} one thing")],
            values={source: chance.choice(odd) for source in named},
        )
        for number in range(12)
    ]
    return World(letters=letters, crowd=0, others=5)


def different(rows: list[dict[str, Any]]) -> list[tuple[set[str], set[str]]]:
    """What only the gate said, and what only the reading said, of messages judged otherwise."""
    return [
        (set(one["by_gate"].split("; ")) - set(one["by_reading"].split("; ")),
         set(one["by_reading"].split("; ")) - set(one["by_gate"].split("; ")))
        for one in rows if not one["same"]
    ]  # fmt: skip


@pytest.mark.parametrize("is_walked", [False, True])
def test_on_generated_worlds_the_whole_reading_says_what_the_gate_says(*, is_walked: bool) -> None:
    chance = random.Random(2011)
    worlds = [generated(chance) for _ in range(4 if is_walked else 8)]
    found = [one for world in worlds for one in different(audited(world, is_walked=is_walked))]
    assert not found, (len(found), found[0])


def test_what_words_and_value_hide_each_the_junction_shows_as_the_whole_does() -> None:
    for words, value, rule in (
        ("SALE «items[0].note:words» TODAY", "NOW", "shouting"),
        ("Ã«items[0].note:words»", "£", "damaged-text"),
        ("*|«items[0].note:words»|*", "fname", "placeholder-residue"),
        ("we «items[0].note:words»", "miss you", "never-words"),
        ("«items[0].note:words» «facts.favourite_range:words»s", "we miss your", "never-words"),
    ):
        values: dict[str, str | None] = {"items[0].note": value}
        if "facts" in words:
            values = {"items[0].note": "do not", "facts.favourite_range": "miss"}
        world = one(html_swaps=[("and it lasts.", f"and it lasts. {words}".replace("»s", "»"))], values=values)
        for row in audited(world):
            assert row["same"], row
        assert f"{rule} (html)" in audited(world)[0]["by_gate"], words


def test_a_rule_that_says_another_thing_of_the_whole_is_a_difference_and_stops_the_run() -> None:
    """A plug-in that is wrong: it knows one thing of the parts and another of the bytes."""
    rule = Rule(
        id="house-baking", severity=Severity.WARNING, place="any part", why="x.", fix="x", skeleton=lambda _: (),
        whole=lambda whole: [Hit(what="baking", place="html")] if "baking" in whole.words[Part.HTML] else [],
    )  # fmt: skip
    honest = Rule(id="a", severity=Severity.NOTE, place="x", why="x.", fix="x", skeleton=lambda _: ())
    world = one(crowd=0)
    rows = audited(world, rules=[rule, honest])
    assert [(row["same"], row["by_gate"], row["by_reading"]) for row in rows] == [(False, "", "house-baking (html)")]
    inputs = world.inputs()
    audit = Audit(join=lambda messages: joined(inputs, messages), share=Decimal(1), point="p", salt="s")
    batches = list(gate.inspect(inputs, project=world.project(), clock=CLOCK, audit=audit, rules=[rule]))
    found = [row for batch in batches if "rule" in batch.schema.names for row in batch.to_pylist()]
    assert [(row["rule"], row["subject"], row["severity"]) for row in found] == [("audit-differs", "run", "error")]
    assert "the gate said nothing, and read whole it is house-baking (html)" in found[0]["text"]


def test_bytes_that_are_not_the_skeletons_are_read_as_they_are() -> None:
    """Bytes that were changed on their way: the reading finds in them what the gate could not have seen."""
    world = one(crowd=0)
    inputs = world.inputs()

    def spoilt(messages: pa.Table) -> Iterator[tuple[bytes, dict[Part, str]]]:
        for message_id, parts in joined(inputs, messages):
            swapped = parts[Part.HTML].replace("Unsubscribe</a>", "</a>").replace("and it lasts.", "<script>x</script>")
            yield message_id, {**parts, Part.HTML: swapped}

    audit = Audit(join=spoilt, share=Decimal(1), point="p", salt="s")
    batches = list(gate.inspect(inputs, project=world.project(), clock=CLOCK, audit=audit))
    row = next(row for batch in batches if "same" in batch.schema.names for row in batch.to_pylist())
    assert not row["same"]
    assert {"unsubscribe-missing (html)", "active-content (html)"} <= set(row["by_reading"].split("; "))


def test_the_draw_is_the_same_again_and_near_its_share() -> None:
    world = World(crowd=3_000, others=0)
    inputs = world.inputs()

    def drawn(point: str, share: str = "0.01") -> set[int]:
        audit = Audit(join=lambda _: (), share=Decimal(share), point=point, salt="s")
        audit.draw(inputs["messages"], keys=inputs["decisions"]["customer_key"])
        return set(np.flatnonzero(audit.drawn).tolist())

    assert drawn("a") == drawn("a")
    assert drawn("a") != drawn("b")
    assert 15 <= len(drawn("a")) <= 50
    assert len(drawn("a", "0.00001")) == 10
    assert len(drawn("a", "0")) == 0
