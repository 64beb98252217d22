"""What author's markup or a bare attribute lets out is parsed in its place, and found there."""

from __future__ import annotations

from check.world import HTML, Letter, World, one, point
from tactful.check.bones import Bones
from tactful.words.message import Part, Skeleton, SkeletonPart, Slot, SlotContext, SlotKind

LASTS = "and it lasts."


def bones(html: str, *, kind: SlotKind = SlotKind.WORDS, context: SlotContext = SlotContext.TEXT) -> Bones:
    """A body with one slot where the star stands."""
    before, after = html.split("*")
    slot = Slot(column=0, context=context, source="items[0].note", kind=kind)
    part = SkeletonPart(part=Part.HTML, segments=(before, after), slots=(slot,))
    return Bones(Skeleton(content_id="c", content_hash=b"", branch="", parts=(part,)), skeleton_id=b"")


def test_only_what_can_change_how_a_letter_is_read_is_parsed_in_its_place() -> None:
    for html in ("<p>*</p>", '<a href="*">x</a>', "<img alt='*'>", "<!--[if mso]><td a='*'><![endif]-->", "a * b"):
        assert bones(html).filling == (), html
    for html in (
        "<p id=*>x</p>",
        "<p *>x</p>",
        "a &*",
        "<*",
        "</* x",
        "<p style='color:*'>",
        "<table role='*'>",
        "<html lang='*'>",
        "<style>p { color: * }</style>",
    ):
        assert bones(html).filling == (0,), html
    assert bones("<p>*</p>", kind=SlotKind.MARKUP).filling == (0,)
    assert bones("<p style='color:*'>", context=SlotContext.STYLE).filling == (0,)


def test_markup_is_seen_by_every_rule_in_the_one_message_that_has_it() -> None:
    hurt = {
        "<b>never closed": "html-moved",
        '<script>alert("x")</script>': "active-content",
        '<img src="https://shop.example/a.png">': "image-without-alt",
        '<a href="https://evil.example/">there</a>': "link-host",
        '<a href="http://shop.example/">there</a>': "link-scheme",
        "<p>we miss you</p>": "never-words",
        "<table><tr><td>x</td></tr></table>": "table-without-role",
    }
    for markup, rule in hurt.items():
        swaps = [(LASTS, f"{LASTS} «items[0].note:markup»")]
        letters = [Letter(customer=f"c{n}", html_swaps=swaps, values={"items[0].note": text})
                   for n, text in enumerate(("<i>fine</i>", markup))]  # fmt: skip
        found = [row for row in World(letters=letters, crowd=0).findings() if row["rule"] == rule]
        assert {row["subject"] for row in found} == {point(letters[1]).message_id.hex()}, (markup, found)


def test_a_value_that_hides_what_stands_around_it_is_found() -> None:
    """The way out stands in a block whose style is a value: it is there for some and hidden from others."""
    html = HTML.replace(
        "<p>Merrow &amp; Pell · ", '<p style="display:«items[0].note:words»">Merrow &amp; Pell · '
    )  # fmt: skip
    shown = one(html=html, values={"items[0].note": "block"}).findings()
    hidden = one(html=html, values={"items[0].note": "none"}).findings()
    assert "unsubscribe-missing" not in {row["rule"] for row in shown}
    assert "unsubscribe-missing" in {row["rule"] for row in hidden if row["place"] == "html"}
