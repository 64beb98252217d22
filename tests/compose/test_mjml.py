"""Liquid survives MJML and CSS tools at every position, or the author is told where it does not."""

# ruff: noqa: E501  # a template or an attack is read on one line

from __future__ import annotations

import pytest

from compose.world import mail
from tactful.compose.faults import ContentFault, Source
from tactful.compose.inline import inline
from tactful.compose.liquid import environment
from tactful.compose.mjml import compile_mjml
from tactful.compose.recorded import Recorded
from tactful.compose.skeletons import without_gaps
from tactful.compose.template import Template
from tactful.compose.text import derive

SECTION = "<mj-section><mj-column><mj-text>{}</mj-text></mj-column></mj-section>"
COLUMN = "<mj-column><mj-text>{}</mj-text></mj-column>"


def compiled(body: str, *, head: str = "", **more: object) -> str:
    text = f"<mjml><mj-head>{head}</mj-head><mj-body>{body}</mj-body></mjml>"
    return compile_mjml(Source(text=text, path="a.mjml"), partials={}, language="en", **more).html  # type: ignore[arg-type]


def shown(html: str, **data: object) -> str:
    template = Template(html, env=environment({}, escaped=True), source=Source.plain(html))
    made = template.render(data)
    assert isinstance(made, Recorded), made
    return made.joined(escaped=True)


IF = "{{% if a %}}{}{{% else %}}{}{{% endif %}}"
POSITIONS = {
    "between sections": IF.format(SECTION.format("YES"), SECTION.format("NO")),
    "between columns": f"<mj-section>{IF.format(COLUMN.format('YES'), COLUMN.format('NO'))}</mj-section>",
    "between columns of a group": f"<mj-section><mj-group>{IF.format(COLUMN.format('YES'), COLUMN.format('NO'))}</mj-group></mj-section>",
    "between blocks of a column": f"<mj-section><mj-column>{IF.format('<mj-text>YES</mj-text>', '<mj-text>NO</mj-text>')}</mj-column></mj-section>",
    "between sections of a wrapper": f"<mj-wrapper>{IF.format(SECTION.format('YES'), SECTION.format('NO'))}{SECTION.format('x')}</mj-wrapper>",
    "in text": SECTION.format(IF.format("YES", "NO")),
    "in an element of text": SECTION.format(f"<p>a <b>{IF.format('YES', 'NO')}</b></p>"),
    "around elements of text": SECTION.format(IF.format("<p>YES</p>", "<p>NO</p>")),
    "between rows of a table": f"<mj-section><mj-column><mj-table>{IF.format('<tr><td>YES</td></tr>', '<tr><td>NO</td></tr>')}</mj-table></mj-column></mj-section>",
    "between rows of a table in text": SECTION.format(f"<table>{IF.format('<tr><td>YES</td></tr>', '<tr><td>NO</td></tr>')}</table>"),
    "between cells": SECTION.format(f"<table><tr>{IF.format('<td>YES</td>', '<td>NO</td>')}</tr></table>"),
    "in a list": SECTION.format(f"<ul>{IF.format('<li>YES</li>', '<li>NO</li>')}</ul>"),
    "in a button": f"<mj-section><mj-column><mj-button href='x'>{IF.format('YES', 'NO')}</mj-button></mj-column></mj-section>",
    "in an address": f"<mj-section><mj-column><mj-button href=\"{IF.format('YES', 'NO')}\">b</mj-button></mj-column></mj-section>",
    "in an attribute of text": SECTION.format(f"<a href=\"{IF.format('YES', 'NO')}\">b</a>"),
    "in an image": f"<mj-section><mj-column><mj-image src=\"{IF.format('YES', 'NO')}\" alt=\"a\" /></mj-column></mj-section>",
    "in a class": f"<mj-section css-class=\"{IF.format('YES', 'NO')}\">{COLUMN.format('x')}</mj-section>",
    "in a colour": f"<mj-section background-color=\"{IF.format('YES', 'NO')}\">{COLUMN.format('x')}</mj-section>",
    "in a style": SECTION.format(f"<p style=\"color:{IF.format('YES', 'NO')}\">b</p>"),
    "in raw HTML": f"<mj-raw><div>{IF.format('YES', 'NO')}</div></mj-raw>{SECTION.format('x')}",
    "in an Outlook comment": f"<mj-raw><!--[if mso]><p>{IF.format('YES', 'NO')}</p><![endif]--></mj-raw>{SECTION.format('x')}",
    "around an Outlook comment": f"<mj-raw>{IF.format('<!--[if mso]>YES<![endif]-->', '<!--[if mso]>NO<![endif]-->')}</mj-raw>",
    "in a comment of its own": SECTION.format("<!-- {% if a %} -->YES<!-- {% else %} -->NO<!-- {% endif %} -->"),
    "between social links": "<mj-section><mj-column><mj-social mode='vertical'>"
    + IF.format("<mj-social-element href='YES'>x</mj-social-element>", "<mj-social-element href='NO'>x</mj-social-element>")
    + "</mj-social></mj-column></mj-section>",
    "in a hero": f"<mj-hero>{IF.format('<mj-text>YES</mj-text>', '<mj-text>NO</mj-text>')}</mj-hero>",
}  # fmt: skip


@pytest.mark.parametrize("position", POSITIONS)
def test_a_block_is_whole_at_every_position(position: str) -> None:
    html = compiled(POSITIONS[position])
    yes, no = shown(html, a=True), shown(html, a=False)
    assert "YES" in yes
    assert "NO" not in yes.replace("NOSCRIPT", "")
    assert "NO" in no
    assert "YES" not in no
    assert "tqz" not in yes + no
    assert yes.count("<!--[if") == yes.count("<![endif]-->")
    assert no.count("<!--[if") == no.count("<![endif]-->")


@pytest.mark.parametrize("head", [
    "<mj-style>.a{color:{{ c }}}</mj-style>", "<mj-title>{{ c }}</mj-title>", "<mj-preview>{{ c }}</mj-preview>",
    "<mj-style>{% if c %}@media (prefers-color-scheme: dark){.a{color:{{ c }}}}{% endif %}</mj-style>",
    "<mj-raw><meta name='x' content='{{ c }}'></mj-raw>",
    "<mj-attributes><mj-text color='{{ c }}' /></mj-attributes>",
])  # fmt: skip
def test_output_survives_in_the_head(head: str) -> None:
    assert "CANARY" in shown(compiled(SECTION.format("x"), head=head), c="CANARY")


def test_a_loop_around_columns_and_rows_repeats_them_whole() -> None:
    row = "<mj-table>{% for j in xs %}<tr><td>{{ j }}</td></tr>{% endfor %}</mj-table>"
    html = compiled(
        f"<mj-section>{{% for i in xs %}}<mj-column width='33%'>{row}</mj-column>{{% endfor %}}</mj-section>"
    )
    made = shown(html, xs=["a", "b", "c"])
    assert made.count("<tr><td>a</td></tr><tr><td>b</td></tr><tr><td>c</td></tr>") == 3
    assert made.count("<table") == made.count("</table>")


def test_notes_with_liquid_in_them_are_not_sent_either() -> None:
    html = compiled(SECTION.format("a <!-- {% if x %}for {{ us }} secretly{% endif %} --> b"))
    assert "secretly" not in html
    assert "{%" not in html


def test_a_default_that_no_element_uses_may_vanish() -> None:
    chosen = "<mj-attributes><mj-button color='{% if c %}red{% endif %}' /></mj-attributes>"
    assert compiled(SECTION.format("x"), head=chosen)
    assert compiled(SECTION.format("x"), head="<mj-attributes><mj-button color='{{ c }}' /></mj-attributes>")


@pytest.mark.parametrize(("body", "place", "what"), [
    ("<mj-section>{% if x %}<mj-column>{% endif %}</mj-column></mj-section>", "a.mjml:1:68", "another element"),
    (SECTION.format("{% if a %}<b>x{% endif %}y</b>"), "a.mjml:1:81", "another element"),
    ("<mj-section><mj-column>\n<mj-image width='{{ w }}' src='x' /></mj-column></mj-section>", "a.mjml:2:18", "survive"),
    ("<mj-section>\n</mj-body>", "a.mjml:2:1", "closes nothing"),
    ("\n{{ a ", "a.mjml:2:1", "never closed"),
    ("{% endif %}", "a.mjml:1:35", "closes no"),
    ("\n<mj-include path='nowhere' />", "a.mjml:2:1", "no partial 'nowhere'"),
    (SECTION.format("\n<!-- why {% assign a = 1 %} -->{{ a }}"), "a.mjml:2:1", "HTML comment"),
    ("\n<mj-section><mj-column><mj-accordion><mj-accordion-element>{% if a %}<mj-accordion-title>x</mj-accordion-title>{% endif %}</mj-accordion-element></mj-accordion></mj-column></mj-section>", "a.mjml:2:60", "cannot be read"),
])  # fmt: skip
def test_what_cannot_stand_is_told_with_file_line_and_caret(body: str, place: str, what: str) -> None:
    with pytest.raises(ContentFault) as caught:
        compiled(body)
    finding = caught.value.finding
    assert str(finding.place) == place
    assert what in finding.what
    assert str(finding).splitlines()[-1].strip() == "^"


def test_authors_notes_are_not_sent() -> None:
    assert "for us only" not in compiled(f"<!-- for us only -->{SECTION.format('a <!-- for us only --> b')}")
    assert "for us only" not in compiled(SECTION.format("a {% comment %}for us only{% endcomment %} b"))


def test_a_fault_in_a_partial_is_told_where_it_is_included() -> None:
    source = Source(text="<mjml><mj-body>\n  {% render 'card' %}</mj-body></mjml>", path="a.mjml")
    with pytest.raises(ContentFault) as caught:
        compile_mjml(source, partials={"card": "<mj-section>\n\n\n{% endif %}</mj-section>"}, language="en")
    assert str(caught.value.finding.place) == "a.mjml:2:3"


def test_partials_in_mjml_see_the_loop_they_stand_in() -> None:
    text = mail("{% for i in xs %}<mj-include path='one' />{% endfor %}")
    made = compile_mjml(Source.plain(text), partials={"one": "<b>{{ i }}</b>"}, language="en")
    assert "<b>p</b><b>q</b>" in shown(made.html, xs=["p", "q"])


def test_nothing_is_fetched_or_read() -> None:
    with pytest.raises(ContentFault, match="no partial"):
        compiled("<mj-include path='/etc/hostname' />")
    page = '<html><head><link rel="stylesheet" href="http://127.0.0.1:9/a.css"></head><body><p>x</p></body></html>'
    assert 'href="http://127.0.0.1:9/a.css"' in inline(page)


def test_no_font_is_linked_that_nobody_asked_for() -> None:
    assert "fonts.googleapis.com" not in compiled(SECTION.format("x"))
    asked = compiled(
        SECTION.format("x"),
        head="<mj-font name='Own' href='https://shop.example/own.css' />"
        "<mj-attributes><mj-text font-family='Own' /></mj-attributes>",
    )
    assert "https://shop.example/own.css" in asked


def test_declared_styles_are_inlined_and_media_queries_stay() -> None:
    head = (
        "<mj-style inline='inline'>.lead{color:#123456}</mj-style>"
        "<mj-style>@media (prefers-color-scheme: dark){.lead{color:#eee !important}} .lead:hover{top:0}</mj-style>"
    )
    html = compiled(SECTION.format('<p class="lead">{{ c }}</p>'), head=head)
    assert 'style="color: #123456;">{{ c }}</p>' in html
    assert "@media (prefers-color-scheme: dark){.lead{color:#eee !important}} .lead:hover{top:0}" in html


def test_the_document_says_its_language_and_hides_its_preheader() -> None:
    text = mail("x")
    made = compile_mjml(Source.plain(text), partials={}, language="de", preheader="Hallo {{ a }}")
    assert '<html lang="de" dir="ltr"' in made.html
    assert ">Hallo {{ a }}</div>" in made.html


def test_the_text_part_keeps_what_belongs_together_and_gives_each_link_a_line() -> None:
    inner = (
        "<div><a href='https://x.example/1'>Tea pot</a></div><div>£2.95</div></mj-text><mj-text><p><a href='https://x.example/w'>Why?</a>"
        " &#160;&#183;&#160; <a href='https://x.example/u'>Unsubscribe</a></p>"
    )
    made = compile_mjml(Source.plain(mail(inner)), partials={}, language="en", preheader="")
    assert derive(made.marked, made.marks) == (
        "Tea pot: https://x.example/1\n£2.95\n\nWhy? https://x.example/w\nUnsubscribe: https://x.example/u\n"
    )


def test_the_text_part_says_the_same_in_the_same_branches() -> None:
    inner = (
        "<h1>Tea &amp; cake</h1><p>Hello {{ n }},\n  welcome.</p>{% if a %}<p>Two <a href='https://x.example/?a=1&amp;b={{ n }}'>"
        "things</a></p>{% endif %}<ul>{% for i in xs %}<li>{{ i }}</li>{% endfor %}</ul><p>End<br>now</p>"
    )
    made = compile_mjml(Source.plain(mail(inner)), partials={}, language="en", preheader="hidden words")
    words = derive(made.marked, made.marks)
    template = Template(words, env=environment({}, escaped=False), source=made.source)
    full, empty = (template.render({"n": "A&B", "a": a, "xs": xs}) for a, xs in ((True, ["p", "q"]), (False, [])))
    assert isinstance(full, Recorded)
    assert isinstance(empty, Recorded)
    assert full.joined(escaped=False) == (
        "Tea & cake\n\nHello A&B, welcome.\n\nTwo things: https://x.example/?a=1&b=A&B\n\n- p\n- q\n\nEnd\nnow\n"
    )
    assert without_gaps(empty).joined(escaped=False) == "Tea & cake\n\nHello A&B, welcome.\n\nEnd\nnow\n"


def test_words_on_lines_of_their_own_are_not_run_together() -> None:
    html = compiled(SECTION.format("\n  <p>\n    <a href='x'>Why</a>\n    <b>{{ a }}</b>\n  </p>\n  <p>c</p>\n"))
    assert '<p><a href="x">Why</a> <b>{{ a }}</b></p><p>c</p></div>' in html
