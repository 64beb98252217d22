"""What others' letters hold: HTML in MJML, tags of other tools, buttons drawn for Outlook, words of templates."""

from __future__ import annotations

from pathlib import Path

import pytest

from flow.lone_letters import GOOD, LINE, checked, rules
from tactful.words.finding import Severity

HELD = (
    "<mjml lang='en'><mj-head><mj-title>t</mj-title>{}</mj-head>"
    "<mj-body><mj-section><mj-column>{}</mj-column></mj-section></mj-body></mjml>"
)


@pytest.mark.parametrize(
    "words",
    [
        "<p>One<p>Two", "<ul><li>One<li>Two</ul>", "<table><tr><td nowrap>One<td>Two</table>", "One<BR>two<P>three</P>",
        "<a href=https://shop.test/a>Our shop</a>", "Tom & Jerry < 5", "&nbsp;&zwnj;One", "<![CDATA[x]]>One",
    ],
)  # fmt: skip
def test_what_html_allows_may_stand_where_mjml_holds_html(words: str, tmp_path: Path) -> None:
    found = checked(HELD.format("", f"<mj-text>{words}</mj-text>"), tmp_path, name="a.mjml")
    assert found.passes
    assert found.size > 2000
    assert not [one for one in found.findings if one.rule.startswith("mjml")]


def test_a_note_in_a_style_may_speak_of_elements(tmp_path: Path) -> None:
    for opening, closing in (("<mj-style inline='inline'>", "</mj-style\n>"), ("<mj-style>", "</mj-style>")):
        style = f"{opening}/* for <p> and <h1> */ p {{ color: #ddd }}{closing}"
        found = checked(HELD.format(style, "<mj-text><p>Pale words</p></mj-text>"), tmp_path, name="a.mjml")
        assert found.passes
        assert "contrast-low" in rules(found), opening


def test_what_xml_says_before_mjml_is_no_fault(tmp_path: Path) -> None:
    text = '<?xml version="1.0"?>\n<!DOCTYPE mjml>\n' + HELD.format("", "<mj-text>Words</mj-text>")
    assert not [one for one in checked(text, tmp_path, name="a.mjml").findings if one.rule.startswith("mjml")]


@pytest.mark.parametrize(
    ("column", "rule", "line"),
    [
        ("<mj-text>a</mj-text>\nstray", "mjml-place", 2),
        ("<mj-text>a</mj-text></mj-column>\nstray<mj-column>", "mjml-place", 2),
        ("\n<mj-section><mj-column><mj-text>a</mj-text></mj-column></mj-section>", "mjml-place", 2),
        ("<mj-text\n font-size='16'>a</mj-text>", "mjml-unit", 2),
        ("<mj-text padding='10px\n 25'>a</mj-text>", "mjml-unit", 1),
        ("{% if offer %}<mj-text padding='0 25px' line-height='1.5'>a</mj-text>{% endif %}", "", 0),
        ("<!-- a note --><mj-spacer height='10px' /><mj-raw>words</mj-raw>", "", 0),
    ],
)
def test_what_mjml_would_lose_or_ignore_is_told(column: str, rule: str, line: int, tmp_path: Path) -> None:
    found = [one for one in checked(HELD.format("", column), tmp_path, name="a.mjml").findings if "mjml" in one.rule]
    assert [(one.rule, one.place.line if one.place else 0, one.severity) for one in found] == (
        [(rule, line, Severity.WARNING)] if rule else []
    )


@pytest.mark.parametrize(
    ("written", "tool"),
    [
        ("{{t 'Upgrade' site=site.title}}", "Handlebars"), ("{{money currency total}}", "Handlebars"),
        ("{{!-- was {{t 'x'}} --}}", "Handlebars"), ("%%{name, \"you\"}%%", "Ghost"),
        ("<a href='<%asm_preferences_raw_url%>'>Preferences</a> [Sender_Name]", "SendGrid"),
        ("{contactfield=firstname}", "Mautic"), ("{{ $user->name }}{{-- note --}}{!! $x !!}", "Blade"),
        ("@if($user->isNew('a')) Hello @endif", "Blade"),
        ("{{ .FirstName }}{{ if .Paid }}x{{ end }}", "Go"), ("{% trans 'Hello' %}{# a note #}", "Django"),
    ],
)  # fmt: skip
def test_tags_of_other_tools_are_named_and_nothing_else_is_said_of_them(
    written: str, tool: str, tmp_path: Path
) -> None:
    found = checked(GOOD.replace("<!-- HERE -->", f"<p>{written} x</p>"), tmp_path).findings
    assert {one.rule for one in found} == {"tag-of-another-tool"}
    assert any(f"for {tool}" in one.what for one in found)


def test_a_tag_that_prints_is_an_address_and_words(tmp_path: Path) -> None:
    link = (
        "{% load i18n %}<a href=\"{% url 'reset' %}\">{% trans 'Reset' %}</a>"
        ' <a href="{% our_url x %}">{% our_tag %}</a>'
    )
    assert rules(checked(GOOD.replace("<!-- HERE -->", link), tmp_path)) == {"tag-of-another-tool"}


@pytest.mark.parametrize("left", ["[PERMALINK_LABEL]]", "[company header]", "[Insert your words]"])
def test_words_between_brackets_that_stand_for_others_are_found(left: str, tmp_path: Path) -> None:
    assert "placeholder-residue" in rules(checked(GOOD.replace("<!-- HERE -->", f"<p>{left}</p>"), tmp_path))


@pytest.mark.parametrize("words", ["[1] See below", "[sic]", "[NEW] Mugs", "[EU]"])
def test_other_words_between_brackets_are_words(words: str, tmp_path: Path) -> None:
    assert rules(checked(GOOD.replace("<!-- HERE -->", f"<p>{words}</p>"), tmp_path)) == set()


def test_a_button_is_told_at_its_own_line_though_its_address_is_a_default(tmp_path: Path) -> None:
    head = "<mj-attributes><mj-class name='cta' href='https://shop.test/' /></mj-attributes>"
    column = (
        "<mj-image href='https://shop.test/' src='https://shop.test/a.png' alt='Cups' width='90px' />\n"
        "<mj-button mj-class='cta' background-color='#ddd' color='#fff'>Look</mj-button>"
    )
    found = checked(HELD.format(head, column).replace(" lang='en'", ""), tmp_path, name="a.mjml").findings
    lines = {one.rule: one.place.line for one in found if one.place}
    assert lines["contrast-low"] == 2
    assert lines["html-language"] == 1


def test_what_only_outlook_hides_is_judged(tmp_path: Path) -> None:
    link = "<p><a href='https://shop.test/a' style='mso-hide:all;background:#ffffff;color:#fefefe'>See all</a></p>"
    assert "contrast-low" in rules(checked(GOOD.replace("<!-- HERE -->", link), tmp_path))


@pytest.mark.parametrize(("address", "is_found"), [("", True), ("#", True), ("https://shop.test/a", False)])
def test_a_button_drawn_for_outlook_leads_somewhere(address: str, is_found: bool, tmp_path: Path) -> None:
    drawn = (
        f'<!--[if mso]><v:roundrect style="width:9px" href="{address}"><center>Go</center></v:roundrect><![endif]-->'
    )
    found = checked(GOOD.replace("<!-- HERE -->", drawn), tmp_path)
    assert rules(found) == ({"link-empty"} if is_found else set())


def test_a_quotation_mark_that_ends_an_attribute_early_is_told_at_its_line(tmp_path: Path) -> None:
    for style, is_found in (('"font-family:"Lato",serif"', True), ("\"font-family:'Lato',serif\"", False)):
        found = checked(GOOD.replace("<!-- HERE -->", f"<p style={style}>x</p>"), tmp_path).findings
        told = [one for one in found if one.rule == "attribute-broken"]
        assert [one.place.line for one in told if one.place] == ([LINE] if is_found else [])


@pytest.mark.parametrize("said", ["role='presentation'", "aria-hidden='true'", "aria-label='Four bowls'"])
def test_a_picture_that_decorates_or_has_its_words_elsewhere_needs_no_alt(said: str, tmp_path: Path) -> None:
    picture = f"<p>Bowls <img src='https://shop.test/b.png' width='300' {said}></p>"
    assert rules(checked(GOOD.replace("<!-- HERE -->", picture), tmp_path)) == set()


@pytest.mark.parametrize(
    ("words", "is_found"),
    [("This is preheader text.", True), ("Your headline goes here", True), ("Praesent laoreet cursus", True),
     ("See your order here", False), ("Insert the battery, and here it goes", False)],
)  # fmt: skip
def test_words_that_templates_hold_until_they_get_their_own_are_found(
    words: str, is_found: bool, tmp_path: Path
) -> None:
    found = checked(GOOD.replace("What is new this spring", words), tmp_path)
    assert rules(found) == ({"placeholder-residue"} if is_found else set())


def test_a_page_around_letters_is_not_judged_by_its_few_words(tmp_path: Path) -> None:
    text = "<html lang='en'><body><img src='https://a.test/a.png' width='600' alt='A'>{}</body></html>"
    assert "only-pictures" in rules(checked(text.format("Bye"), tmp_path))
    assert "only-pictures" not in rules(checked(text.format("{% block content %}{% endblock %} Bye"), tmp_path))


def test_an_address_without_a_post_code_is_one(tmp_path: Path) -> None:
    for place, is_found in (("52 Edison Court, Suite 259, East Aidabury", False), ("somewhere in the north", True)):
        found = checked(GOOD.replace("1 High Street, London N1 9GU", place), tmp_path)
        assert ("postal-address-missing" in rules(found)) == is_found, place


def test_markup_in_an_attribute_is_no_element(tmp_path: Path) -> None:
    text = GOOD.replace("<!-- HERE -->", "<p data-words=\"see <span class='a'>here</span>\">Words</p>")
    assert rules(checked(text, tmp_path)) == set()


def test_our_own_variables_are_not_taken_for_others(tmp_path: Path) -> None:
    link = '<p><a href="{{ unsubscribe_url }}">Leave</a> {{unsubscribe_url}} {{ customer.salutation }}</p>'
    assert not [one for one in checked(GOOD.replace("<!-- HERE -->", link), tmp_path).findings if "another" in one.rule]


def test_an_icon_is_told_at_its_own_line(tmp_path: Path) -> None:
    column = (
        "<mj-social>\n<mj-social-element name='facebook' href='https://shop.test/fb' />\n"
        "<mj-social-element name='google' href='https://shop.test/g' /></mj-social>\n"
        "<mj-button href='https://shop.test/'>Unsubscribe</mj-button>"
    )
    found = checked(HELD.format("", column), tmp_path, name="a.mjml").findings
    assert [one.place.line for one in found if one.place and one.rule == "image-without-alt"] == [2, 3]
