"""What a template tells is seen from the template alone: every way a fact may take, and no fact that takes none."""

# ruff: noqa: E501  # a template is read on one line

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compose.leaks import PARTIALS, Carrier, rows
from tactful.compose.analysis import Readings, readings
from tactful.compose.faults import Source
from tactful.compose.liquid import environment
from tactful.compose.recorded import Unwritten
from tactful.compose.template import Template
from tactful.words.analysis import Spoken


def read(text: str, **partials: str) -> Readings:
    env = environment({**PARTIALS, **partials}, escaped=True)
    return readings(Template(text, env=env, source=Source(text=text, path="a.mjml")), part="html")


def printed(text: str, **partials: str) -> set[str]:
    return {one.path for one in read(text, **partials).spoken if one.printed}


def selecting(text: str, **partials: str) -> set[str]:
    return {one.path for one in read(text, **partials).spoken if one.selects}


LEAKS = [
    "{{ facts.s }}", "{{ facts['s'] | upcase }}", "{{ 'a' | append: facts.s }}", "{% echo facts.s %}", "{% cycle 'a', facts.s %}",
    "{% assign y = facts.s %}{{ y }}", "{% assign y = facts.s | upcase | split: ',' %}{% for w in y %}{{ w }}{% endfor %}",
    "{% assign y = facts.s %}{% if a %}{% assign y = items %}{% endif %}{{ y }}",
    "{% assign y = '' %}{% for i in (1..2) %}{{ y }}{% assign y = facts.s %}{% endfor %}",
    "{% assign y = '' %}{% for i in (1..2) %}{% assign y = facts.s %}{% break %}{% assign y = '' %}{% endfor %}{{ y }}",
    "{% assign x = '' %}{% assign y = '' %}{% for i in (1..3) %}{{ x }}{% assign x = y %}{% assign y = facts.s %}{% endfor %}",
    "{% capture c %}a{{ facts.s }}{% endcapture %}{{ c | strip_html }}",
    "{% capture c %}{% capture d %}{{ facts.s }}{% endcapture %}{{ d }}{% endcapture %}{{ c }}",
    "{% render 'shows', v: facts.s %}", "{% render 'passes', w: facts.s %}", "{% render 'shows' with facts.s as v %}",
    "{% render 'each' for facts.s as each %}", "{% assign x = facts.s %}{% include 'sets' %}{{ y }}", "{% include 'shows', v: facts.s %}",
    "{% assign f = facts %}{{ f.s }}", "{% assign k = 's' %}{{ facts[k] }}", "{% assign k = 'facts' %}{{ [k].s }}",
    "{% if a %}{% assign k = 'n' %}{% else %}{% assign k = 's' %}{% endif %}{{ facts[k] }}",
    "{% case a %}{% when 1 %}{% assign y = facts.s %}{% endcase %}{{ y | default: '' }}", "{% liquid\n assign y = facts.s\n echo y\n %}",
    "{% unless a %}{{ facts.s }}{% endunless %}", "{% assign facts2 = facts %}{% render 'shows', v: facts2.s %}",
    "{% tablerow i in items %}{{ facts.s }}{% endtablerow %}", "{% assign y = facts.s | default: 'x' %}{% assign z = y %}{{ z }}",
]  # fmt: skip


@pytest.mark.parametrize("text", LEAKS)
def test_a_leak_is_seen(text: str) -> None:
    assert any(path.startswith("facts.s") for path in printed(text)), read(text).spoken


@pytest.mark.parametrize("text", ["{{ facts }}", "{% for f in facts %}{{ f[1] }}{% endfor %}", "{{ facts[a] }}", "{% assign k = 's' | append: 'x' %}{{ facts[k] }}", "{{ facts | map: a }}", "{% capture k %}s{% endcapture %}{{ facts[k] }}", "{% assign w = facts %}{{ w | first }}"])  # fmt: skip
def test_facts_that_cannot_be_named_are_not_overlooked(text: str) -> None:
    assert any(path in {"facts", "facts[]", "facts[][]"} or path.startswith("facts[]") for path in printed(text))


@pytest.mark.parametrize("text", [
    "{% if facts.s == 'a' %}x{% endif %}", "{% assign y = facts.s %}{% if y %}x{% endif %}", "{% assign y = facts.s %}{% assign y = 'a' %}{{ y }}",
    "{% capture c %}{{ facts.s }}{% endcapture %}x", "{% case facts.s %}{% when 'a' %}x{% endcase %}", "{% for i in items limit: facts.s %}x{% endfor %}",
    "{% render 'hides', v: facts.s %}", "{% comment %}{{ facts.s }}{% endcomment %}", "{% raw %}{{ facts.s }}{% endraw %}", "{{ items | where: 'role', facts.s | size }}",
    "{% assign y = facts.s %}{% render 'shows', v: facts.n %}", "{% assign v = facts.s %}{% render 'own' %}", "{{ items[facts.s].title }}",
])  # fmt: skip
def test_what_only_selects_or_is_overwritten_is_no_leak(text: str) -> None:
    assert not any(path.startswith("facts.s") for path in printed(text, own="x"))


def test_a_value_only_kept_neither_prints_nor_selects() -> None:
    assert not printed("{% assign y = facts.s %}")
    assert not selecting("{% assign y = facts.s %}")
    assert selecting("{% assign y = facts.s | upcase %}{% if y == 'A' %}x{% endif %}") == {"facts.s"}


def found(text: str, path: str, **partials: str) -> Spoken:
    return next(one for one in read(text, **partials).spoken if one.path == path and one.printed)


def test_the_way_of_a_fact_is_told_from_where_it_is_read() -> None:
    one = found("a\n{% assign y = facts.s %}\n{% render 'foot', v: y %}", "facts.s", foot="<p>\n{{ v }}")
    assert (one.line, one.column) == (2, 15)
    assert one.way == "facts.s → assign y (line 2) → partial foot (line 3) → printed in partial foot (line 3)"
    inner = found("a\n  {% render 'foot' %}", "facts.s", foot="{{ facts.s }}")
    assert (inner.line, inner.way) == (2, "facts.s → partial foot (line 2) → printed in partial foot (line 2)")
    assert found("{{ facts.s }}", "facts.s").flow == ()


def test_the_shortest_way_is_told() -> None:
    text = "{% assign y = facts.s %}{% if a %}{% assign z = y %}{% else %}{% assign z = facts.s %}{% endif %}{{ z }}{{ y }}"
    ways = [one.way for one in read(text).spoken if one.printed and one.path == "facts.s"]
    assert ways == ["facts.s → assign y (line 1) → printed (line 1)", "facts.s → assign z (line 1) → printed (line 1)"]


def test_entries_keep_their_paths_through_filters_that_keep_them() -> None:
    assert printed(
        "{% assign m = items | where: 'role', 'pair' | sort: 'title' %}{% for i in m %}{{ i.price }}{% endfor %}"
    ) == {"items[].price"}
    assert printed("{% assign f = items | first %}{{ f.title }}") == {"items[].title"}
    assert printed("{{ items | map: 'title' | join: ', ' }}") == {"items[].title"}


def test_a_branch_by_level_confines_what_stands_in_it() -> None:
    text = "{% if message.level == 'one' %}{{ facts.s }}{% elsif message.level == 'few' %}{{ facts.t }}{% else %}{{ facts.u }}{% endif %}{{ facts.v }}"
    levels = {one.path: one.levels for one in read(text).spoken if one.printed}
    assert levels == {"facts.s": ("one",), "facts.t": ("few",), "facts.u": ("all", "many"), "facts.v": None}


def test_a_choice_says_what_chose_it_and_which_words_it_chose() -> None:
    (one, other) = read(
        "{% if facts.g == 'tea' %}<b>You  love</b> tea{% render 'own' %}{% elsif facts.g %}x{% endif %}", own=" a lot"
    ).choices
    assert (one.paths, one.literals, one.words) == (("facts.g",), ("tea",), "You love tea a lot")
    assert other.words == "x"


@pytest.mark.parametrize("name", ["self", "twice"])
def test_F87_partials_without_end_end_the_analysis_too(name: str) -> None:
    made = read(
        "{% include '" + name + "' %}{{ facts.s }}",
        self="{% include 'self' %}",
        twice="{% include 'twice' %}{% include 'twice' %}",
    )
    assert "facts.s" in {one.path for one in made.spoken if one.printed} or made.findings


def leaks_when_run(text: str) -> bool:
    """Whether words differ with the secret though the branch taken is the same."""
    template = Template(text, env=environment(PARTIALS, escaped=True), source=Source.plain(text))
    for one, other in zip(rows("zqsecret"), rows("another value"), strict=True):
        first, second = template.render(one), template.render(other)
        if isinstance(first, Unwritten) or isinstance(second, Unwritten):
            continue
        if first.branch == second.branch and first.joined(escaped=True) != second.joined(escaped=True):
            return True
    return False


def seen(text: str) -> bool:
    return any(path == "facts" or path.startswith(("facts.secret", "facts[")) for path in printed(text))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.integers(0, 10**9))
def test_no_generated_leak_is_missed(seed: int) -> None:
    text = Carrier(Random(seed), prints=True).template()
    assert seen(text) or not leaks_when_run(text), text


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 10**9))
def test_what_is_carried_but_never_printed_is_no_leak(seed: int) -> None:
    text = Carrier(Random(seed), prints=False).template()
    assert not seen(text), text
    assert not leaks_when_run(text), text
