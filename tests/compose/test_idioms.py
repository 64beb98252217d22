"""Tags and filters marketers know: each written out in plain Liquid, the same words by every path, faults in place."""

# ruff: noqa: E501  # a template is read on one line

from __future__ import annotations

import random
from typing import Any

import pytest

from compose.test_columnar import compare, context, run
from compose.world import content, decision, mail, project, shown
from tactful.compose.contents import analyse_content, compile_content
from tactful.compose.faults import ContentFault, Source
from tactful.compose.idioms import EXAMPLES, written_out
from tactful.compose.liquid import environment
from tactful.compose.recorded import Recorded, Unwritten
from tactful.compose.route import Way, route
from tactful.compose.template import Template


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("{% content_block 'a', x: facts.a %}", "{% render 'a', x: facts.a %}"),
        ("{%- offer 'o' -%}", "{%- if offer %}{% render 'o' %}{% endif -%}"),
        ("{% items 'c' %}", "{% for item in items %}{% render 'c', item: item %}{% endfor %}"),
        ("{% items 'm', limit: 2, offset: 1 %}", "{% for item in items limit: 2 offset: 1 %}{% render 'm' %}{% endfor %}"),
        ("{% items 'c', role: 'pair' %}", "{% for item in items %}{% if item.role == 'pair' %}{% render 'c', item: item %}{% endif %}{% endfor %}"),
        ("{% unsubscribe_url %}", "{{ links.unsubscribe }}"),
        ("{% if preferences_url %}x{% endif %}", "{% if links.preferences %}x{% endif %}"),
        ("{{ 'unsubscribe_url' }} {{ a.unsubscribe_url }}", "{{ 'unsubscribe_url' }} {{ a.unsubscribe_url }}"),
        ("{% raw %}{{ unsubscribe_url }}{% endraw %} unsubscribe_url", "{% raw %}{{ unsubscribe_url }}{% endraw %} unsubscribe_url"),
    ],
)  # fmt: skip
def test_a_known_tag_is_plain_liquid(written: str, plain: str) -> None:
    assert written_out(Source.plain(written), partials={"m": "<mj-text>x</mj-text>"}).text == plain


@pytest.mark.parametrize("text", ["{% items %}", "{% items 'a', colour: 1 %}", "{% offer 'a', x: 1 %}", "{% content_block a %}", "{% items 'a', role: 'b', limit: 1 %}", "{% unsubscribe_url 'x' %}"])  # fmt: skip
def test_a_tag_written_otherwise_is_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(ContentFault) as fault:
        written_out(Source(text=f"one\n  {text}", path="a.mjml"), partials={})
    assert fault.value.finding.place is not None
    assert (fault.value.finding.place.line, fault.value.finding.place.column) == (2, 3)
    assert "write {%" in fault.value.finding.fix


@pytest.mark.parametrize("escaped", [True, False])
@pytest.mark.parametrize("text", [
    *EXAMPLES, "{{ facts.n | default: 2 | pluralize: 'order', 'orders' }}", "{{ facts.a | default: 'none' }}", "{{ facts.d | money: 'GBP' }}",
    "{{ '2011-12-23T23:30:00+00:00' | date: '%A %d %B, %H:%M', 'Europe/Berlin', language: 'de' }}",
])  # fmt: skip
def test_every_path_says_the_same_of_every_tag_and_filter(text: str, escaped: bool) -> None:
    chance = random.Random(text)
    plain = written_out(Source.plain(text), partials={}).text.replace("links.preferences", "links.shop")
    rows = [{**context(chance)} for _ in range(40)]
    for row in rows:
        row["facts"]["n"] = row["facts"]["n"] or 1
        for item in row["items"]:
            item["role"] = chance.choice(["pick", "again"])
        row["items"] = row["items"] or [{"title": "x", "price": None, "n": 1, "role": "pick"}]
    assert compare(plain, rows, escaped=escaped) == 0


def test_mjml_blocks_are_put_in_and_written_in_columns_with_the_same_tables_both_ways() -> None:
    body = (
        "{% items 'card', limit: 2 %}{% offer 'ten' %}{% content_block 'note', who: facts.favourite_range %}"
        "<mj-text><a href='{{ unsubscribe_url }}'>Stop</a> <a href='{% preferences_url %}'>Less</a></mj-text>"
    )
    partials = {
        "card": "<mj-text>{{ item.title }} {{ item.price }}</mj-text>",
        "ten": "<mj-text>{{ offer.words }}</mj-text>",
        "note": "{% if who == 'tea' %}For tea{% endif %}",
    }
    text = f"<mjml><mj-body><mj-section><mj-column>{body}</mj-column></mj-section></mj-body></mjml>"
    made = project({"test": text}, partials=partials)
    found = route(compile_content(next(iter(made.contents.values())), made))
    assert found.path is Way.COLUMNAR, found.why
    rows: list[dict[str, object]] = [decision(f"c{n}", items=shown(0, 2, 4)) for n in range(6)]
    people: list[dict[str, object]] = [{"customer_id": f"c{n}", "favourite_range": "tea"} for n in range(6)]
    first, second = (run(made, rows=rows, people=people, in_columns=way) for way in (True, False))
    assert all(ours.equals(reference) for ours, reference in zip(first, second, strict=True))
    assert first[0].num_rows == 6


def test_analysis_sees_through_a_known_tag_to_the_place_where_it_is_written() -> None:
    made = project(partials={"card": "{{ item.title }}{{ facts.secret }}"})
    read = analyse_content(content("a/one", mail("\n<p>{% items 'card' %} {{ unsubscribe_url }}</p>")), made)
    assert read.findings == ()
    places = {one.path: one.line for one in read.spoken if one.printed}
    assert {"items[].title", "facts.secret", "links.unsubscribe"} <= set(places)
    assert places["facts.secret"] == places["links.unsubscribe"]


def refused(text: str, **facts: Any) -> Unwritten:
    made = Template(
        text, env=environment({"p": "x\n{{ a }}{{ none_such }}"}, escaped=True), source=Source.plain(text)
    ).render({"facts": facts})
    assert isinstance(made, Unwritten), made
    assert made.finding is not None
    return made


@pytest.mark.parametrize(("text", "says"), [
    ("{{ '2011-12-23' | date: '%d', '../../etc/passwd' }}", "no time zone"),
    ("{{ '2011-12-23' | date: '%d', 'Nowhere/Land' }}", "no time zone"),
    ("{{ '2011-12-23' | date: '%d', language: 'tlh' }}", "days and months are known in"),
    ("{{ '2011-12-23' | date: '%b', language: 'de' }}", "write %B"),
    ("{{ facts.many | pluralize: 'a', 'b' }}", "no number"),
    ("{% render facts.many %}", ""), ("{% include facts.n %}", "there is no partial '7'"),
    ("{% tablerow i in (1..3) cols: facts.when %}{% endtablerow %}", "a value does not fit here"),
    ("{{ facts.many | sum }}", ""),
])  # fmt: skip
def test_a_value_that_does_not_fit_is_told_at_its_place(text: str, says: str) -> None:
    if text.startswith("{% render facts"):
        with pytest.raises(ContentFault):
            refused(text)
        return
    made = refused(f"one\n{text}", many="many", n=7, when={"a": 1})
    assert says in made.reason
    assert made.finding is not None
    assert made.finding.place is not None
    assert made.finding.place.line == 2


def test_a_fault_within_a_partial_names_it() -> None:
    assert "(in the partial 'p', line 2)" in refused("{% render 'p', a: facts.n %}", n=7).reason


def test_what_was_found_by_chance_stays_mended() -> None:
    """Each was a difference between paths that the fuzzer found."""
    rows = [{**context(random.Random(n)), "nothing": None} for n in range(8)]
    for text in (
        "{% assign z = ceil %}{{ facts.a }}",
        "{% assign k = items[facts.n] %}{{ facts.a }}{{ k | default: 'none' }}",
        "{{ facts.a | append: links.unsubscribe }}",
        "{% capture c %}{{ links.unsubscribe }}{% endcapture %}{{ c }}",
        "{% assign u = links.shop %}{{ u | upcase }}",
        "{% for item in items %}{% for item in items offset: continue %}{{ items[0].title }}{% endfor %}{% endfor %}",
        "{{ facts | compact: 'EUR' }}",
    ):
        for escaped in (True, False):
            compare(text, rows, escaped=escaped)
            made = Template(text, env=environment({}, escaped=escaped), source=Source.plain(text)).render(rows[0])
            assert isinstance(made, Recorded | Unwritten)
