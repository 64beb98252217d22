"""Columns, rows and the reference say the same: generated templates and values, hostile ones, every starter letter."""

# ruff: noqa: E501  # a template is read on one line

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compose.world import CLOCK, KEY, decision, decisions, items, mail, profiles, project, shown, starter
from tactful.compose.contents import compile_content
from tactful.compose.faults import ContentFault, Source
from tactful.compose.frames import frame
from tactful.compose.liquid import Parsed, environment
from tactful.compose.messages import write
from tactful.compose.plan import columnar_environment
from tactful.compose.recorded import Unwritten
from tactful.compose.route import Way, route
from tactful.compose.rows import RowFunction, Unfitting
from tactful.compose.rowwise import PartByRow
from tactful.compose.sweeping import SweptParsed, sweep
from tactful.compose.template import Template
from tactful.project.declared import Project
from tactful.store import contracts

PARTIALS = {
    "card": "<b>{{ item.title }}</b>{% if item.price %}{{ item.price }}{% endif %}",
    "shared": "{{ facts.a | upcase }}{% assign z = facts.n %}{% break %}",
    "each": "[{{ each.title }}{{ forloop.index }}]",
}
TEMPLATES = [
    "{{ customer.salutation }} x {{ facts.n }} {{ facts.d }}",
    "{% if facts.n > 2 %}big {{ facts.a }}{% elsif facts.a %}a{% else %}none{% endif %}",
    "{% for i in items %}{{ i.title | upcase }} {{ i.price | default: 'no' }}{% if forloop.last %}.{% else %}, {% endif %}{% else %}empty{% endfor %}",
    "{% for item in items limit: 2 %}{% render 'card', item: item %}{% endfor %}",
    "{% assign x = facts.a | append: customer.salutation %}{{ x }}{{ x | size }}",
    "{% capture c %}<i>{{ facts.a }}</i>{{ brand.name }}{% endcapture %}{{ c }}{{ c | upcase }}",
    "{% for i in items %}{% include 'shared' %}{% endfor %}{{ z | default: 'never' }}",
    "{% render 'each' for items as each %}",
    "{{ items | map: 'title' | join: ', ' }} {{ items.size }} {{ items.first.title | default: 'x' }}",
    "{% assign m = items | where: 'n', 1 %}{% for i in m %}{{ i.title }}{% cycle 'a', 'b' %}{% endfor %}",
    "{% case facts.a %}{% when 'tea' %}T{% when '<x>', 'b & c' %}{{ facts.n }}{% else %}E{% endcase %}",
    "{% if offer %}{{ offer.words }}{{ offer.ends }}{% endif %}{{ links.unsubscribe }} {{ links.shop }}",
    "{% for i in (1..3) %}{{ i }}{{ i | plus: facts.n }}{% if i == facts.n %}{% break %}{% endif %}{% endfor %}",
    "{% assign n = facts.n | plus: 1 %}{{ n }}{% for i in (1..n) %}{{ i }}{% continue %}x{% endfor %}",
    "{% for p in offer %}{{ p[0] }}={{ p[1] }}{% endfor %}",
    "{% assign parts = customer.salutation | split: ' ' %}{% for p in parts %}{{ p }}-{% endfor %}{{ parts[0] }}",
    "{{ facts.nothing | default: 'nix' }} {{ facts.nothing }}",
    "{% increment k %}{% decrement j %}{% unless facts.a == nil %}u{% endunless %}{{ k }}",
    "{% tablerow i in items cols: 2 %}{{ i.title }}{% endtablerow %}",
    "{% assign k = 'title' %}{% for i in items %}{{ i[k] }}{% assign l = i.title %}{{ l }}{% endfor %}",
    "{% assign f = items | first %}{{ f.title }}{% assign g = items %}{% for x in g reversed %}{{ x.title }}{% endfor %}",
    "{% for i in items offset: facts.n %}{{ i.title }}{% endfor %}{% for i in items %}{% for j in items %}{{ forloop.parentloop.index }}{% endfor %}{% endfor %}",
    "{{ facts.a }}{{ facts.a }}{% for i in items %}{{ facts.a | append: i.n }}{% endfor %}",
    "{% if facts.d == true and facts.n contains 1 or facts.a contains 'b' %}{{ facts.d | times: 2 }}{% endif %}",
]
BY_ROW = [
    "{{ items[-1].title }}{% assign l = items[-1] %}{{ l.price | default: '-' }}{{ items[-2].title | default: '' }}",
    "{{ facts.huge | round }}{{ facts.huge | money: 'GBP' }}",
    "{% assign k = 'n' %}{{ facts[k] }}{% assign r = 'facts' %}{{ [r].a }}{{ items.last.title | default: 'none' }}{{ items[facts.n].title | default: '' }}",
    "{% if facts.a %}{% assign s = facts.a | append: '<b>' %}{% else %}{% assign s = facts.n %}{% endif %}{{ s }}{{ s | upcase }}{% for i in items %}{{ i.missing | default: i.price }}{% endfor %}",
    "{% if items.size < 2 %}{% abort_message 'too few' %}{% endif %}{% render 'card', item: items[0] %}{% render 'card', item: items[1] %}",
    "{% for i in offer %}{{ i[1] }}{% endfor %}{% assign m = items | map: 'title' | sort %}{{ m[0] }}{% for t in m %}{{ t }}{% endfor %}",
    "{% render 'each' for items as each %}{% render 'card' with items[0] as item %}{% render 'each' for offer as each, n: facts.n %}{% render 'each' with facts.a as each %}",
    "{% assign l = items | where: 'n', 1 %}{% render 'card' for l as item %}{% for i in items %}{% render 'card' for items as item %}{% render 'each' with i as each %}{% endfor %}",
    "{% cycle facts.a: 'x', 'y' %}{% cycle 'tea': 'x', 'y' %}{% capture c %}{% cycle 'p', facts.n %}{% endcapture %}{{ c }}{{ c | append: 'z' }}",
]
"""What not every row of is written in columns."""
HOSTILE = ["Ann", "<img src=x onerror=alert(1)>", '"><svg/onload=1>', "{{ facts.a }}", "{% raw %}", "A\r\nBcc: x@evil.example", "Ann\u202emoc.live", "\ufeffA\u200b", "Z\u0300" * 90, "👩‍👩‍👧‍👦", "\ud800", "", " "]  # fmt: skip
"""F12 to F16."""


def context(chance: random.Random) -> dict[str, Any]:
    return {
        "customer": {"salutation": chance.choice(HOSTILE)},
        "facts": {
            "a": chance.choice(["tea", "<x>", None, "b & c"]),
            "n": chance.choice([1, 2, 3, 10, None]),
            "d": chance.choice([1.5, 2, "2", True]),
            "huge": chance.choice([1e14, 1e16, 1e60, 1e200, -1e200]),
        },
        "items": [
            {"title": chance.choice(["Bowl & cup", "Tea", *HOSTILE[:4]]), "price": chance.choice([None, "£2.95"]), "n": chance.choice([1, 2])}
            for _ in range(chance.choice([0, 1, 2, 3, 4]))
        ],
        "offer": chance.choice([None, {"words": "10 % off", "ends": "Friday"}]),
        "links": {"unsubscribe": f"https://x.example/u/{chance.random()}", "shop": "https://x.example"},
        "brand": {"name": "B & co"},
    }  # fmt: skip


def compare(text: str, rows: list[dict[str, Any]], *, escaped: bool) -> int:
    """Every row by every path; returns how many rows were left by the columns though the reference writes them."""
    env = environment(PARTIALS, escaped=escaped)
    try:
        template = Template(text, env=env, source=Source.plain(text))
    except ContentFault:
        return 0
    parsed = columnar_environment(env).from_string(text)
    assert isinstance(parsed, SweptParsed)
    swept = sweep(parsed, frame(rows), rows=np.arange(len(rows)))
    try:
        function, notes = RowFunction(cast(Parsed, template.parsed)), PartByRow(template)
    except Unfitting:
        function = notes = None
    found: dict[int, object] = {}
    for way in swept.ways:
        for place, number in enumerate(way.rows.tolist()):
            values = tuple(str(one.distinct.objects[int(one.of(way.rows)[place])]) for one in way.columns)
            found[number] = replace(way.made, values=values)
    left = 0
    for number, one in enumerate(rows):
        made = template.render(one)
        if isinstance(made, Unwritten):
            assert number not in found, (text, made.reason)
            if function is not None:
                with pytest.raises(Exception, match=r".|^$"):
                    function.text(one)
            continue
        left += number not in found
        assert found.get(number, made) == made, text
        if function is not None:
            try:
                assert function.text(one) == made.joined(escaped=escaped), text
            except AssertionError:
                raise
            except Exception:  # the row path stood aside
                left += 0
    if notes is not None:
        same_by_row(template, notes, rows=rows)
    return left


def same_by_row(template: Template, notes: PartByRow, *, rows: list[dict[str, Any]]) -> None:
    """What was learnt of some messages is true of all that go the same way."""
    for one in [*rows, *rows]:
        made, noted = template.render(one), notes.recorded(one)
        if noted is not None:
            assert noted == made, template.text


@pytest.mark.parametrize("escaped", [True, False])
@pytest.mark.parametrize("text", TEMPLATES)
def test_F12_F13_F15_F16_every_path_says_the_same_of_every_row(text: str, escaped: bool) -> None:
    chance = random.Random(text)
    assert compare(text, [context(chance) for _ in range(60)], escaped=escaped) == 0


@pytest.mark.parametrize("escaped", [True, False])
@pytest.mark.parametrize("text", BY_ROW)
def test_what_columns_leave_is_the_same_by_row(text: str, escaped: bool) -> None:
    chance = random.Random(text)
    compare(text, [context(chance) for _ in range(60)], escaped=escaped)


VALUES = st.sampled_from(["facts.a", "facts.n", "facts.d", "customer.salutation", "x", "y", "items", "items[1].title", "offer.words", "item.title", "item.n", "forloop.index", "'lit <b>'", "2", "brand.name", "nothing.here", "items.size"])  # fmt: skip
FILTERS = st.sampled_from(["", " | upcase", " | default: 'none'", " | append: facts.a", " | size", " | plus: 1", " | split: 'e'", " | join: '-'", " | first", " | truncate: 6", " | replace: 'a', '<b>'", " | map: 'title'", " | sort | last", " | url_encode", " | escape", " | strip_html", " | times: 2 | money: 'GBP'"])  # fmt: skip
PRINTS = st.builds(lambda value, one, two: f"{{{{ {value}{one}{two} }}}}", VALUES, FILTERS, FILTERS)
TESTS = st.builds(lambda a, op, b: f"{a} {op} {b}" if op else a, VALUES, st.sampled_from(["", "==", "!=", ">", "contains", "and", "or"]), VALUES)  # fmt: skip


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, max_size=3).map("".join)
    return st.one_of(
        st.builds(lambda test, a, b: f"{{% if {test} %}}{a}{{% else %}}{b}{{% endif %}}", TESTS, body, body),
        st.builds(lambda test, a: f"{{%- unless {test} -%}} {a} {{%- endunless %}}", TESTS, body),
        st.builds(
            lambda what, a: f"{{% for item in {what} %}}{a}{{% else %}}-{{% endfor %}}",
            st.sampled_from(["items", "(1..3)", "x", "items limit: 2", "items reversed", "items offset: facts.n"]),
            body,
        ),
        st.builds(lambda name, a: f"{{% capture {name} %}}{a}{{% endcapture %}}", st.sampled_from("xy"), body),
        st.builds(
            lambda value, a, b: f"{{% case {value} %}}{{% when 'tea', 1 %}}{a}{{% when facts.n %}}{b}{{% endcase %}}",
            VALUES,
            body,
            body,
        ),
    )


LEAVES = st.one_of(
    PRINTS, PRINTS,
    st.builds(lambda name, value, one: f"{{% assign {name} = {value}{one} %}}", st.sampled_from("xy"), VALUES, FILTERS),
    st.sampled_from(["text ", "{% break %}", "{% cycle 'a', 'b', facts.n %}", "{% increment x %}", "{% render 'card', item: items[0] %}", "{% include 'shared' %}", "{% echo x | upcase %}", "{% comment %}{{ z }}{% endcomment %}"]),
)  # fmt: skip


@settings(max_examples=250, deadline=None, derandomize=True)
@given(
    st.lists(st.recursive(LEAVES, nested, max_leaves=8), min_size=1, max_size=5).map("".join),
    st.integers(0, 9),
    st.booleans(),
)
def test_generated_templates_say_the_same_by_every_path(text: str, seed: int, escaped: bool) -> None:
    chance = random.Random(seed)
    compare(text, [context(chance) for _ in range(12)], escaped=escaped)


def run(
    made: Project, *, rows: list[dict[str, object]], people: list[dict[str, object]], in_columns: bool
) -> list[pa.RecordBatch]:
    shelf = items().to_pylist()
    (
        shelf[1].update(list_price=None),
        shelf[2].update(note=None, title="<b>Jar"),
        shelf[4].update(price_includes_vat=None),
    )
    inputs = {
        "decisions": decisions(rows),
        "profiles": profiles(people),
        "items": pa.Table.from_pylist(shelf, schema=contracts.table("items").schema),
    }
    return list(write(inputs, project=made, clock=CLOCK, key=KEY, in_columns=in_columns))


def test_every_starter_letter_at_every_level_offer_and_language_gives_the_same_tables_both_ways() -> None:
    made, chance = starter(), random.Random(5)
    keys = sorted({(key[0], key[1]) for key in made.contents})
    rows: list[dict[str, object]] = []
    people: list[dict[str, object]] = []
    facts = [name for name, fact in made.facts.items() if fact.speak.value != "never"]
    for level in ("all", "many", "few", "one"):
        for content, touchpoint in keys:
            for offer in (None, *made.offers):
                name = f"c{len(rows)}"
                roles = ["pick", "range", "steady", "new", "pair", "again", "anchor"]
                chosen = [
                    {
                        "item_id": f"i{chance.randrange(8)}",
                        "role": chance.choice(roles),
                        "because": chance.choice([None, "i1"]),
                    }
                    for _ in range(chance.randrange(5))
                ]
                rows.append(
                    decision(
                        name,
                        content_id=content,
                        touchpoint=touchpoint,
                        program=content.split("/")[0],
                        level=level,
                        offer_id=offer,
                        items=chosen,
                    )
                )
                told = {fact: chance.choice([None, "baking and tea", "<i>x&y"]) for fact in facts}
                people.append(
                    {
                        "customer_id": name,
                        "salutation_name": chance.choice([None, *HOSTILE[:10]]),
                        "language": chance.choice(["en", "de", None]),
                        **told,
                    }
                )
    first, second = (run(made, rows=rows, people=people, in_columns=way) for way in (True, False))
    assert len(first) == len(second)
    for ours, reference in zip(first, second, strict=True):
        assert ours.schema.equals(reference.schema, check_metadata=True)
        assert ours.equals(reference)
    assert sum(batch.num_rows for batch in first[:-2]) > 100


def test_every_starter_letter_is_routed_to_columns_with_a_reason() -> None:
    made = starter()
    for file in made.contents.values():
        found = route(compile_content(file, made))
        assert found.path is Way.COLUMNAR, (file.content_id, found.why)
        assert found.why


def test_a_variable_named_by_a_value_is_routed_to_the_reference_with_the_reason() -> None:
    made = project({"test": "{% assign k = 'facts' %}{{ [k] }}{% tablerow i in items %}{% endtablerow %}"})
    found = route(compile_content(made.contents["test", "web", "en"], made))
    assert found.path is Way.REFERENCE
    assert "is itself a value" in found.why
    assert found.alone is Way.REFERENCE
    assert "Tablerow" in found.alone_why


def test_the_same_source_with_other_words_parts_the_rows_into_other_columns() -> None:
    made = project({"test": mail("{% for i in items %}{{ facts.favourite_range | append: i.title }} {% endfor %}")})
    rows: list[dict[str, object]] = [decision(f"c{n}", items=shown(*((0, 0) if n % 2 else (0, 1)))) for n in range(6)]
    people: list[dict[str, object]] = [{"customer_id": f"c{n}", "favourite_range": "tea"} for n in range(6)]
    first, second = (run(made, rows=rows, people=people, in_columns=way) for way in (True, False))
    assert all(ours.equals(reference) for ours, reference in zip(first, second, strict=True))
    assert first[0].num_rows == 6
