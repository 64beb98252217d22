"""Liquid in MJML at every position: filling in what was compiled is compiling what was filled in, or it is refused."""

# ruff: noqa: E501  # a position reads best in one line

from __future__ import annotations

import re

import pytest

from tactful.compose.faults import ContentFault, Source
from tactful.compose.liquid import environment
from tactful.compose.mjml import compile_mjml
from tactful.compose.recorded import Recorded
from tactful.compose.template import Template

ENV = environment({}, escaped=True)
PARTIALS = {
    "card": "<mj-section><mj-column><mj-text>card {{ c }}</mj-text></mj-column></mj-section>",
    "words": "{% if a %}yes {{ c }}{% else %}no{% endif %}",
    "line": "<mj-text>{% for i in xs %}{{ i }} {% endfor %}</mj-text>",
}
DATA: tuple[dict[str, object], ...] = (
    {"a": True, "b": False, "c": "red", "n": 2, "xs": ["p", "q", "r"], "u": "https://x.test/a"},
    {"a": False, "b": True, "c": "blue", "n": 1, "xs": ["p"], "u": "https://x.test/b"},
    {"a": False, "b": False, "c": "green", "n": 3, "xs": [], "u": "https://x.test/c"},
    {"a": True, "b": True, "c": "teal", "n": 0, "xs": ["p", "q"], "u": "https://x.test/d"},
)
S = "<mj-section><mj-column>{}</mj-column></mj-section>"
T = "<mj-text>{}</mj-text>"
COLUMN = "<mj-column><mj-text>{}</mj-text><mj-image src='https://x.test/i.png' alt='i' /></mj-column>"


def whole(body: str, head: str = "") -> str:
    return f"<mjml><mj-head>{head}</mj-head><mj-body>{body}</mj-body></mjml>"


def choice(yes: str, no: str = "") -> str:
    return f"{{% if a %}}{yes}{{% else %}}{no}{{% endif %}}" if no else f"{{% if a %}}{yes}{{% endif %}}"


def case(one: str, two: str, other: str) -> str:
    return f"{{% case n %}}{{% when 1 %}}{one}{{% when 2 %}}{two}{{% else %}}{other}{{% endcase %}}"


def loop(inner: str) -> str:
    return f"{{% for i in xs %}}{inner}{{% endfor %}}"


META = "<meta name='x' content='y' />"
SOCIAL = "<mj-social-element href='https://x.test' src='https://x.test/i.png'>A</mj-social-element>"
RED = "<mj-text color='red' />"
SLIDE = "<mj-carousel-image src='https://x.test/i.png' alt='i' />"
ROW = "<tr><td>{}</td></tr>"
NARROW = "<mj-column width='200px'><mj-text>{}</mj-text></mj-column>"
POSITIONS = {
    "between sections": whole(choice(S.format(T.format("A")), S.format(T.format("B")))),
    "sections in a loop": whole(loop(S.format(T.format("{{ i }} {{ c }}")))),
    "sections by case": whole(case(*(S.format(T.format(x)) for x in "ABC"))),
    "between sections of a wrapper": whole(f"<mj-wrapper>{choice(S.format(T.format('A')))}{S.format(T.format('B'))}</mj-wrapper>"),
    "around a wrapper": whole(choice(f"<mj-wrapper>{S.format(T.format('A'))}</mj-wrapper>")),
    "a choice of columns": whole(f"<mj-section>{choice(COLUMN.format('A'), COLUMN.format('B'))}</mj-section>"),
    "a column more": whole(f"<mj-section>{COLUMN.format('A')}{choice(COLUMN.format('B'))}</mj-section>"),
    "two choices of columns": whole(
        f"<mj-section>{choice(COLUMN.format('A'))}{COLUMN.format('B')}{{% unless b %}}{COLUMN.format('C')}{{% endunless %}}</mj-section>"
    ),
    "columns by case": whole(f"<mj-section>{case(*(COLUMN.format(x) for x in 'ABC'))}</mj-section>"),
    "choices within choices of columns": whole(
        f"<mj-section>{{% if a %}}{COLUMN.format('A')}{{% if b %}}{COLUMN.format('B')}{{% endif %}}{{% elsif b %}}{COLUMN.format('C')}{{% endif %}}</mj-section>"
    ),
    "columns of a section in a wrapper": whole(f"<mj-wrapper><mj-section>{choice(COLUMN.format('A'))}{COLUMN.format('B')}</mj-section></mj-wrapper>"),
    "columns of a section in a loop": whole(loop(f"<mj-section>{choice(COLUMN.format('A'))}{COLUMN.format('{{ i }}')}</mj-section>")),
    "columns of a group": whole(f"<mj-section><mj-group>{choice(COLUMN.format('A'), COLUMN.format('B'))}{COLUMN.format('C')}</mj-group></mj-section>"),
    "columns with widths in a loop": whole(f"<mj-section>{loop(NARROW.format('{{ i }}'))}</mj-section>"),
    "between blocks of a column": whole(S.format(choice(T.format("A"), "<mj-divider />") + "<mj-spacer />")),
    "blocks in a loop": whole(S.format(loop(T.format("{{ i }}") + "<mj-divider />"))),
    "in text": whole(S.format(T.format("Hello {{ c }}, " + choice("A", "B") + loop("<b>{{ i }}</b>, ")))),
    "in words of text elements": whole(S.format(T.format(f"<p>x <i>{choice('A')}</i></p>{choice('<p>A</p>', '<h2>B</h2>')}"))),
    "in a list": whole(S.format(T.format(f"<ul>{loop('<li>{{ i }}</li>')}</ul>"))),
    "rows of a table": whole(S.format(f"<mj-table>{ROW.format('head')}{loop(ROW.format('{{ i }}'))}{choice(ROW.format('end'))}</mj-table>")),
    "cells of a table": whole(S.format(f"<mj-table><tr>{loop('<td>{{ i }}</td>')}<td>z</td></tr></mj-table>")),
    "tables in text": whole(S.format(T.format(f"<table>{loop(ROW.format('{{ i }}'))}</table>"))),
    "in a button": whole(S.format(f"<mj-button href='{{{{ u }}}}'>{choice('Go', 'Stay')} {{{{ c }}}}</mj-button>")),
    "in addresses": whole(S.format(f"<mj-button href=\"{choice('https://x.test/1', '{{ u }}')}?a={{{{ c }}}}&amp;b=2\">x</mj-button>")),
    "in an author's note": whole(S.format(T.format("a <!-- for {{ c }} {% if a %}only{% endif %} --> b"))),
    "in a picture": whole(S.format(f"<mj-image src='{{{{ u }}}}.png' alt='{choice('A', '{{ c }}')}' href='{{{{ u }}}}' />")),
    "in colours": whole(f"<mj-section background-color='{{{{ c }}}}'><mj-column><mj-text color=\"{choice('red', '{{ c }}')}\">x</mj-text></mj-column></mj-section>"),
    "in a class": whole(f"<mj-section css-class='{{{{ c }}}} one'>{COLUMN.format('x')}</mj-section>"),
    "in a background": whole(f"<mj-section background-url='{{{{ u }}}}'>{COLUMN.format('x')}</mj-section>"),
    "in inline styles": whole(S.format(T.format(f"<p style=\"color: {{{{ c }}}}; {choice('margin: 0;')}\">x</p>"))),
    "in attributes of HTML": whole(S.format(T.format("<a href='{{ u }}' title='{{ c }}'>x</a><img src='{{ u }}' alt='{{ c }}'>"))),
    "in raw HTML": whole(f"<mj-raw><div>{choice('A', 'B')}{{{{ c }}}}</div></mj-raw>" + S.format(T.format("x"))),
    "in raw HTML of a column": whole(S.format(f"<mj-raw><tr><td>{loop('{{ i }}')}</td></tr></mj-raw>")),
    "in an Outlook comment": whole(f"<mj-raw><!--[if mso]><p>{choice('A', 'B')}{{{{ c }}}}</p><![endif]--></mj-raw>" + S.format(T.format("x"))),
    "around an Outlook comment": whole(f"<mj-raw>{choice('<!--[if mso]>A<![endif]-->')}</mj-raw>" + S.format(T.format("x"))),
    "for all but Outlook": whole(f"<mj-raw><!--[if !mso]><!--><p>{choice('A')}</p><!--<![endif]--></mj-raw>" + S.format(T.format("x"))),
    "in the title": whole(S.format(T.format("x")), f"<mj-title>{choice('A', 'B')} {{{{ c }}}}</mj-title>"),
    "in the preview": whole(S.format(T.format("x")), f"<mj-preview>{choice('A', 'B')} {{{{ c }}}}</mj-preview>"),
    "in a style": whole(S.format(T.format("x")), "<mj-style>.k { color: {{ c }}; }</mj-style>"),
    "around rules of a style": whole(S.format(T.format("x")), f"<mj-style>{choice('.k { color: red; }')} .l {{ top: 0 }}</mj-style>"),
    "in a media query": whole(S.format(T.format("x")), f"<mj-style>@media (max-width: 480px) {{ .k {{ color: {{{{ c }}}}; {choice('top: 0;')} }} }}</mj-style>"),
    "around a media query": whole(S.format(T.format("x")), f"<mj-style>{choice('@media (prefers-color-scheme: dark) { .k { color: #eee } }')}</mj-style>"),
    "in a default": whole(S.format(T.format("x")), f"<mj-attributes><mj-text color=\"{choice('red', '{{ c }}')}\" /></mj-attributes>"),
    "in raw HTML of the head": whole(S.format(T.format("x")), f"<mj-raw>{choice(META)}</mj-raw>"),
    "in an included section": whole("<mj-include path='card' />"),
    "a partial chosen": whole(choice("<mj-include path='card' />") + "{% for i in xs %}<mj-include path='card' />{% endfor %}"),
    "a partial in text": whole(S.format(T.format("{% include 'words' %}"))),
    "a partial of a column": whole(S.format("{% include 'line' %}")),
    "links of a menu": whole(S.format("<mj-navbar>" + choice("<mj-navbar-link href='{{ u }}'>A</mj-navbar-link>") + "<mj-navbar-link href='/b'>B</mj-navbar-link></mj-navbar>")),
    "in a hero": whole(f"<mj-hero height='300px' background-url='{{{{ u }}}}'>{choice(T.format('A'), T.format('B'))}</mj-hero>"),
    "in an accordion's words": whole(S.format(f"<mj-accordion><mj-accordion-element><mj-accordion-title>{{{{ c }}}}</mj-accordion-title><mj-accordion-text>{choice('A')}</mj-accordion-text></mj-accordion-element></mj-accordion>")),
    "assigned among sections": whole("{% assign k = c | upcase %}" + S.format(T.format("{{ k }}"))),
    "captured among sections": whole("{% capture k %}[{{ c }}]{% endcapture %}" + S.format(T.format("{{ k }}"))),
    "with blanks cut away": whole(S.format(T.format("a {%- if a -%} A {%- endif -%} b {{- c -}} d"))),
}  # fmt: skip
REFUSED = {
    "links of a row of social networks": whole(S.format(f"<mj-social>{choice(SOCIAL)}</mj-social>")),
    "around a style of MJML": whole(S.format(T.format("x")), choice("<mj-style>.k { top: 0 }</mj-style>")),
    "a loop around columns": whole(f"<mj-section>{loop(COLUMN.format('{{ i }}'))}</mj-section>"),
    "a width": whole(S.format("<mj-image width='{{ n }}00px' src='https://x.test/i.png' alt='i' />")),
    "a padding that is reckoned with": whole(f"<mj-section padding='{{{{ n }}}}px'>{COLUMN.format('x')}</mj-section>"),
    "a padding by default": whole(S.format(T.format("x")), "<mj-attributes><mj-all padding='{{ n }}px' /></mj-attributes>"),
    "a choice of defaults": whole(S.format(T.format("x")), f"<mj-attributes>{choice(RED)}</mj-attributes>"),
    "half an element": whole(f"<mj-section>{{% if a %}}<mj-column>{{% endif %}}{T.format('x')}</mj-column></mj-section>"),
    "half an element of text": whole(S.format(T.format("{% if a %}<b>x{% endif %}y</b>"))),
    "a name of an element": whole(S.format("<mj-{{ c }}>x</mj-{{ c }}>")),
    "a whole attribute of MJML": whole(f"<mj-section {{% if a %}}background-color='red'{{% endif %}}>{COLUMN.format('x')}</mj-section>"),
    "pictures of a carousel": whole(S.format(f"<mj-carousel>{loop(SLIDE)}</mj-carousel>")),
}  # fmt: skip


def compiled(text: str) -> str:
    return compile_mjml(Source(text=text, path="a.mjml"), partials=PARTIALS, language="en").html


def filled(text: str, data: dict[str, object]) -> str:
    env = environment(PARTIALS, escaped=True)
    made = Template(text, env=env, source=Source.plain(text)).render(data)
    assert isinstance(made, Recorded), made
    return made.joined(escaped=True)


def included(text: str) -> str:
    """The partials put in by hand, as text: what `mj-include` and `include` mean for MJML."""
    for name, words in PARTIALS.items():
        text = text.replace(f"<mj-include path='{name}' />", words).replace(f"{{% include '{name}' %}}", words)
    return text


def same(html: str) -> str:
    """A document without what does not show: blanks between tags, the order of classes, rules for columns not there."""
    html = re.sub(r"<style[^>]*>[^<]*(?:mj-column-p|mj-full-width)[^<]*</style>", "", html)
    html = re.sub(r"<style[^>]*>\s*</style>", "", html)
    html = re.sub(r"\s+", " ", html.replace("<tbody></tbody>", ""))
    html = re.sub(r"(?<=>) | (?=<)", "", html)
    html = re.sub(r"(<!\[endif\]-->)<!--\[if mso \| IE\]>", "", html)
    return re.sub(r'class="([^"]*)"', lambda found: f'class="{" ".join(sorted(found[1].split()))}"', html)


@pytest.mark.parametrize("position", POSITIONS)
def test_filling_in_what_was_compiled_is_compiling_what_was_filled_in(position: str) -> None:
    text = POSITIONS[position]
    html = compiled(text)
    for data in DATA:
        assert same(filled(html, data)) == same(compiled(filled(included(text), data))), data


@pytest.mark.parametrize("position", REFUSED)
def test_what_would_not_be_the_same_is_refused_with_its_place(position: str) -> None:
    with pytest.raises(ContentFault) as caught:
        compiled(REFUSED[position])
    assert caught.value.finding.place is not None
    assert caught.value.finding.place.line == 1
    assert str(caught.value).splitlines()[-1].strip() == "^"
