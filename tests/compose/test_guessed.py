"""A guess may select and never show: taking it away, with every branch held, leaves the words as they were (rule 3)."""

# ruff: noqa: E501  # a template is read on one line

from __future__ import annotations

from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any

import pytest

from compose.world import CLOCK, starter
from tactful.compose import guessed
from tactful.compose.contents import analyse_content
from tactful.compose.faults import Source
from tactful.compose.held import held, of_template
from tactful.compose.liquid import environment
from tactful.compose.template import Template
from tactful.project.declared import Project
from tactful.words.fact import Provenance
from tactful.words.finding import Finding, Severity

RANGE = "favourite_range"
GUESS: dict[str, Any] = {"provenance": Provenance.INFERRED, "may_select": True}


@cache
def bare() -> Project:
    return starter()


def found(text: str, *, subject: str = "A letter", **more: Any) -> list[Finding]:
    """What is said of a letter of this text, whose favourite range is a guess."""
    made, key = bare(), ("win-back/range", "email", "en")
    body = (
        f"<mjml><mj-body><mj-section><mj-column><mj-text>\n{text}\n</mj-text></mj-column></mj-section></mj-body></mjml>"
    )
    file = replace(
        made.contents[key], body=body, subject=subject, content_hash=sha256(f"{subject} {text}".encode()).digest()[:16]
    )
    facts = {**made.facts, RANGE: made.facts[RANGE].model_copy(update={**GUESS, **more})}
    partials = {
        "says": "<i>{% if v == 'tea' %}{{ v }}{% endif %}</i>",
        "calm": "{% if v == 'tea' %}A calm word{% endif %}",
    }
    project = replace(made, contents={key: file}, facts=facts, partials=partials)
    return list(guessed.inspect(project, [analyse_content(file, project)], clock=CLOCK))


@pytest.mark.parametrize("text", [
    "{% if facts.favourite_range == 'tea' %}It is {{ facts.favourite_range }}.{% endif %}",
    "{% if facts.favourite_range == 'tea' %}{% assign y = facts.favourite_range | upcase %}{{ y }}{% endif %}",
    "{% case facts.favourite_range %}{% when 'tea' %}{% capture c %}{{ facts.favourite_range }}{% endcapture %}{{ c | size }}{% endcase %}",
    "{% if facts.favourite_range == 'tea' %}x{% endif %}{% render 'says', v: facts.favourite_range %}",
    "{% if facts.favourite_range %}{% assign n = facts.favourite_range | size %}{% for i in (1..n) %}*{% endfor %}{% endif %}",
    "{% unless facts.favourite_range == 'tea' %}{{ facts.favourite_range | default: 'nothing' }}{% endunless %}",
])  # fmt: skip
def test_words_that_hang_on_a_guess_are_found_with_their_place(text: str) -> None:
    (one, *_) = found(text)
    assert one.rule == "guess-shown"
    assert one.severity is Severity.ERROR
    assert one.place
    assert one.place.line
    assert one.place.column
    assert "favourite_range" in one.source or "{%" in one.source
    assert RANGE in one.what


@pytest.mark.parametrize("text", [
    "{% if facts.favourite_range == 'tea' %}New on the shelves.{% else %}Something for the house.{% endif %}",
    "{% case facts.favourite_range %}{% when 'tea', 'baking' %}For the kitchen.{% else %}For the house.{% endcase %}{{ customer.salutation }}",
    "{% assign y = facts.favourite_range | upcase %}{% if y == 'TEA' %}New.{% elsif y contains 'B' %}Old.{% endif %}",
    "{% if facts.favourite_range == 'tea' and items.size > 1 %}{% for i in items %}{{ i.title }}{% endfor %}{% endif %}",
    "{% render 'calm', v: facts.favourite_range %}{% unless facts.favourite_range %}x{% endunless %}",
])  # fmt: skip
def test_words_that_a_guess_only_chose_are_not(text: str) -> None:
    assert found(text) == []


def test_a_fact_that_is_no_guess_may_be_said() -> None:
    text = "{% if facts.favourite_range == 'tea' %}It is {{ facts.favourite_range }}.{% endif %}"
    assert found(text, provenance=Provenance.OBSERVED) == []


def test_every_part_is_looked_at() -> None:
    text = "{% if facts.favourite_range == 'tea' %}New.{% endif %}"
    (one,) = found(text, subject="{% if facts.favourite_range %}For {{ facts.favourite_range }}{% endif %}")
    assert "in the subject" in one.what


def test_a_branch_that_is_held_is_taken_again_in_loops_and_partials() -> None:
    env = environment({"p": "{% if v %}yes{% else %}no{% endif %}"}, escaped=True)
    text = "{% for i in items %}{% if i == g %}{{ i }}{% endif %}{% render 'p', v: g %}{% endfor %}{% case g %}{% when 'a' %}A{% endcase %}"
    parsed = of_template(Template(text, env=env, source=Source.plain(text)))
    first, second = held(parsed, {"items": ["a", "b"], "g": "a"}, {"items": ["a", "b"], "g": None})
    assert first == second
    assert first.joined(escaped=True) == "ayesyesA"
