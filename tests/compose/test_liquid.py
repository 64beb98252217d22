"""Rendering: skeleton and slots join to exactly what python-liquid prints, and values are data, never code."""

# ruff: noqa: E501  # a template or an attack is read on one line

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from liquid import DictLoader, Environment, StrictDefaultUndefined

from tactful.compose.faults import ContentFault, Source
from tactful.compose.liquid import environment
from tactful.compose.recorded import Recorded, Unwritten
from tactful.compose.skeletons import contexts
from tactful.compose.template import Template
from tactful.words.message import SlotContext, SlotKind, escape

HOSTILE = [
    "<img src=x onerror=alert(1)>", '"><svg/onload=alert(1)>', "javascript:alert(1)", "' onmouseover='x", "</style><script>",
    "<!--", "-->", "]]>", "<![endif]-->", "&lt;b&gt;", "&", "a&b=c", "\x00", "\u202ec", "{{ 7 | times: 6 }}", "{% raw %}",
    "{{ customer.email }}", "${7*7}", "<%= 7 %>", "%%x%%", "[First Name]", "{x=y}", "tqz0zqt", "<!--tqz0zqt-->",
]  # fmt: skip


def template(text: str, *, escaped: bool = True, partials: Mapping[str, str] | None = None) -> Template:
    return Template(
        text, env=environment(partials or {}, escaped=escaped), source=Source(text=text, path="a.mjml", line=7)
    )


def rendered(text: str, data: Mapping[str, object], **more: object) -> Recorded:
    made = template(text, **more).render(data)  # type: ignore[arg-type]
    assert isinstance(made, Recorded), made
    return made


def reference(
    text: str, data: Mapping[str, object], *, escaped: bool, partials: Mapping[str, str] | None = None
) -> str:
    """What python-liquid itself prints: its own environment, nodes and filters, and plain data."""
    env = Environment(autoescape=escaped, loader=DictLoader(dict(partials or {})), undefined=StrictDefaultUndefined)
    return env.from_string(text).render(**data)


DATA = {
    "customer": {"salutation": 'Hello <Anna> & "Co",'},
    "facts": {"count": 3, "range": "baking & tea", "none": None, "share": 0.5},
    "items": [
        {"title": "Bowl & cup", "price": "£2.95", "note": None},
        {"title": "<Tray>", "price": None, "note": "x'y"},
    ],
    "offer": {"words": "10% off"},
    "brand": {"name": "Merrow & Pell", "lines": ["a", "<b>"]},
    "links": {"unsubscribe": "https://l.example/u/t", "shop": "https://shop.example"},
}
PIECES = [
    "plain <b>words</b> & more ", "{{ customer.salutation }}", "{{ facts.range | upcase }}", "{{ facts.count | times: 2 }}",
    "{{ items[0].title | append: '<i>' }}", "{{ facts.none | default: 'a & b' }}", "{{ brand.name }}", "{{ facts.share }}",
    "{% if facts.count > 2 %}many {{ facts.count }}{% else %}few{% endif %}",
    "{% for item in items %}[{{ item.title }} {{ item.price }} {{ forloop.index }}/{{ forloop.length }}]{% endfor %}",
    "{% for item in items reversed %}{{ item.note | default: 'none' }}{% unless forloop.last %}, {% endunless %}{% endfor %}",
    "{% assign r = facts.range | capitalize %}{{ r }}{{ r | size }}", "{% assign o = items[1] %}{{ o.title }}",
    "{% capture c %}<em>{{ customer.salutation }}</em>{% endcapture %}{{ c }}{{ c | upcase }}",
    "{% case facts.range %}{% when 'baking & tea' %}tea {{ offer.words }}{% else %}other{% endcase %}",
    "{% assign ws = facts.range | split: ' ' %}{% for w in ws %}<{{ w }}>{% endfor %}{{ ws | join: '+' }}",
    "{% render 'card', item: items[0], words: 'w & w' %}", "{% assign item = items[1] %}{% include 'card' %}", "{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}",
    "{{ 'lit & eral' }}{{ brand.lines }}", "{% increment n %}{{ links.unsubscribe }}", "{{ facts.range | split: ' ' }}",
    "{% tablerow i in items cols: 1 %}{{ i.title }}{% endtablerow %}", "{% echo offer.words %}", " \n ",
]  # fmt: skip
PARTIALS = {"card": "<{{ item.title }}|{{ words | default: 'none' }}|{{ brand.name }}>"}


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8), st.booleans())
def test_segments_and_values_join_to_what_python_liquid_prints(chosen: list[str], escaped: bool) -> None:
    text = "".join(chosen)
    made = template(text, escaped=escaped, partials=PARTIALS).render(DATA)
    if isinstance(made, Unwritten):
        pytest.fail(str(made))
    assert made.joined(escaped=escaped) == reference(text, DATA, escaped=escaped, partials=PARTIALS)


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30),
    st.lists(st.sampled_from(PIECES), max_size=4),
)
def test_any_value_joins_to_what_python_liquid_prints_and_stays_out_of_the_static_words(
    value: str, chosen: list[str]
) -> None:
    data = {**DATA, "customer": {"salutation": f"canary{value}"}}
    text = "".join(chosen) + "{{ customer.salutation }}"
    made = rendered(text, data, partials=PARTIALS)
    assert made.joined(escaped=True) == reference(text, data, escaped=True, partials=PARTIALS)
    assert "canary" not in "".join(made.segments)


def test_slots_say_what_they_read_with_loops_resolved() -> None:
    made = rendered("{% for i in items %}{{ i.title }}{{ i.price | default: '-' }}{% endfor %}{{ facts.count }}", DATA)
    assert [s.source for s in made.speeches] == [
        "items[0].title", "items[0].price | default: '-'", "items[1].title", "items[1].price | default: '-'", "facts.count",
    ]  # fmt: skip
    assert made.speeches[-1].facts == ("count",)
    assert made.speeches[1].kind is SlotKind.PRICE


def test_facts_are_known_through_assign_capture_filters_and_partials() -> None:
    text = (
        "{% assign a = facts.range | upcase %}{% capture b %}<i>{{ a }}</i>{{ facts.count }}{% endcapture %}"
        "{{ a }}{{ b }}{% render 'card', item: items[0], words: a %}"
    )
    made = rendered(text, DATA, partials=PARTIALS)
    assert [s.facts for s in made.speeches] == [("range",), ("count", "range"), (), ("range",)]
    assert made.speeches[1].kind is SlotKind.MARKUP
    assert made.speeches[0].source == "facts.range | upcase"


def test_brand_and_message_words_are_static_text() -> None:
    made = rendered("{{ brand.name }}{% for l in brand.lines %}{{ l }}{% endfor %}{{ links.shop }}", DATA)
    assert made.segments == ("Merrow &amp; Pella&lt;b&gt;https://shop.example",)


def test_F03_a_value_inside_a_branch_inside_a_loop_comes_out_verbatim_and_escaped() -> None:
    data = {"items": [{"note": "{{ 7 | times: 6 }} <b>"}, {"note": None}]}
    text = "{% for i in items %}{% if i.note %}[{{ i.note }}]{% endif %}{% endfor %}"
    assert rendered(text, data).joined(escaped=True) == "[{{ 7 | times: 6 }} &lt;b&gt;]"
    assert rendered(text, data, escaped=False).joined(escaped=False) == "[{{ 7 | times: 6 }} <b>]"


@pytest.mark.parametrize("payload", HOSTILE)
def test_F12_F13_hostile_values_are_escaped_in_every_place_and_never_run(payload: str) -> None:
    text = (
        "<p>{{ customer.salutation }}</p><a href=\"{{ customer.salutation }}\" title='{{ customer.salutation | strip }}'>"
        "{% capture c %}{{ customer.salutation }}{% endcapture %}{{ c }}{% assign d = customer.salutation %}{{ d }}</a>"
    )
    made = rendered(text, {"customer": {"salutation": payload}}).joined(escaped=True)
    safe = escape(payload, SlotContext.TEXT)
    stripped = escape(payload.strip(), SlotContext.TEXT)
    assert made == f"<p>{safe}</p><a href=\"{safe}\" title='{stripped}'>{safe}{safe}</a>"


def test_B15_a_missing_variable_stops_the_message_unless_a_default_is_stated() -> None:
    failed = template("Hello\n {{ facts.hidden }}").render({"facts": {}})
    assert isinstance(failed, Unwritten)
    assert failed.why == "failed"
    assert failed.finding is not None
    assert str(failed.finding.place) == "a.mjml:8:5"
    assert "hidden" in failed.reason
    assert rendered("{{ facts.hidden | default: 'friend' }}", {"facts": {}}).joined(escaped=True) == "friend"


@pytest.mark.parametrize(
    "where", ["{% if facts.x %}a{% endif %}", "{% for i in x %}{% endfor %}", "{{ a.b.c }}", "{{ 'a' | append: x }}"]
)
def test_B15_a_missing_variable_stops_in_conditions_loops_and_arguments_too(where: str) -> None:
    assert isinstance(template(where).render({"facts": {}, "a": {}}), Unwritten)


def test_an_author_aborts_with_a_reason() -> None:
    made = template('{% if items.size == 0 %}{% abort_message "nothing to show" %}{% endif %}x').render({"items": []})
    assert made == Unwritten(why="aborted", reason="nothing to show")


@pytest.mark.parametrize(
    "text",
    [
        "{{ customer.__class__ }}", "{{ customer.salutation.__class__ }}", "{{ now }}", "{{ today }}", "{{ env.HOME }}",
        "{{ items.__init__.__globals__ }}", "{{ customer['__class__'] }}", "{{ customer.salutation.paths }}", "{{ brand.at }}",
    ],
)  # fmt: skip
def test_B14_a_template_sees_data_only(text: str) -> None:
    os.environ.setdefault("HOME", "/nowhere")
    assert isinstance(template(text).render(DATA), Unwritten)


@pytest.mark.parametrize(
    "text",
    [
        "{{ x | safe }}", "{% ifchanged %}{{ x }}{% endifchanged %}", "{% render '/etc/passwd' %}", "{{ x | base64_decode }}",
        "{% include 'http://evil.example' %}", "{% layout 'x' %}", "{% extends 'x' %}", "{% macro x %}", "{{ x | read_file }}",
    ],
)  # fmt: skip
def test_B14_filters_tags_and_partials_are_those_allowed(text: str) -> None:
    try:
        made = template(text).render({"x": "<b>"})
    except ContentFault:
        return
    assert isinstance(made, Unwritten)


def test_links_are_printed_as_they_are() -> None:
    assert isinstance(template("{{ links.unsubscribe | append: '?x' }}").render(DATA), Unwritten)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a\n{{ b", "a.mjml:8:1"),
        ("{% if a %}\n b", "a.mjml:7:1"),
        ("x {% endif %}", "a.mjml:7:6"),
        ("{{ a | }}\n", "a.mjml:7"),
    ],
)
def test_syntax_errors_name_file_line_and_column(text: str, place: str) -> None:
    with pytest.raises(ContentFault) as caught:
        template(text)
    assert str(caught.value.finding.place).startswith(place)


def test_the_context_of_a_slot_comes_from_the_words_around_it() -> None:
    segments = (
        '<a href="x',
        '" title="',
        '">',
        "</a><style>p{color:",
        "}</style><!--[if mso]><td width='",
        "'>",
        "<![endif]-->",
    )
    assert [c.value for c in contexts((*segments, ""))] == [
        "url",
        "attribute",
        "text",
        "style",
        "attribute",
        "text",
        "text",
    ]
