"""Each rule on what templates tell: a template for which it speaks, and one for which it must not (methods 6.4)."""

# ruff: noqa: E501  # a template is read on one line

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from check.world import starter
from tactful.check.project import inspect
from tactful.compose.contents import analyse_content
from tactful.project.declared import Project
from tactful.words.fact import Provenance, Sensitivity, Speak
from tactful.words.finding import Finding

GUESS: dict[str, Any] = {"provenance": Provenance.INFERRED}
MAY = {**GUESS, "may_select": True}
FOOT = "{{ links.unsubscribe }} {{ brand.postal_address }} You've ordered from this range.{% if offer %}{{ offer.words }}{% endif %}"


@cache
def bare() -> Project:
    return starter()


def found(
    text: str, *, name: str = "win-back/range", subject: str = "A letter", **facts: dict[str, Any]
) -> dict[str, Finding]:
    """Findings of a letter of this text, by rule."""
    made = bare()
    body = f"<mjml><mj-body><mj-section><mj-column><mj-text>\n{text}\n{FOOT}</mj-text></mj-column></mj-section></mj-body></mjml>"
    file = replace(made.contents[name, "email", "en"], body=body, subject=subject, content_hash=b"h" * 16)
    changed = {key: made.facts[key].model_copy(update=more) for key, more in facts.items()}
    partials = {"foot": "<i>\n{{ v }}</i>", "whole": "{{ facts }}"}
    project = replace(made, contents={(name, "email", "en"): file}, facts={**made.facts, **changed}, partials=partials)
    return {one.rule: one for one in inspect(project, [analyse_content(file, project)])}


R = "favourite_range"


@pytest.mark.parametrize(("rule", "text", "facts"), [
    ("fact-unmapped", "{{ facts.shoe_size }}", {}),
    ("fact-unseen", "{{ facts }}", {}),
    ("fact-unseen", "{% for f in facts %}{{ f[1] }}{% endfor %}", {}),
    ("fact-unseen", "{% assign k = 'favourite' | append: '_range' %}{{ facts[k] }}", {}),
    ("fact-unseen", "{% render 'whole' %}", {}),
    ("fact-acquired", "{% if facts.favourite_range %}x{% endif %}", {R: {"provenance": Provenance.ACQUIRED}}),
    ("fact-sensitive", "{% assign y = facts.favourite_range %}x", {R: {"sensitivity": Sensitivity.SENSITIVE}}),
    ("fact-other-purpose", "{{ facts.favourite_range }}", {R: {"purpose": ("service",)}}),
    ("fact-guessed", "{{ facts.favourite_range }}", {R: MAY}),
    ("fact-guessed", "{% capture c %}{{ facts.favourite_range | upcase }}{% endcapture %}{% render 'foot', v: c %}", {R: MAY}),
    ("fact-guessed", "{% if facts.favourite_range == 'tea' %}x{% endif %}", {R: GUESS}),
    ("guess-asserted", "{% case facts.favourite_range %}{% when 'tea' %}A good Tea.{% endcase %}", {R: MAY}),
    ("guess-asserted", "{% if facts.favourite_range %}You love the kitchen.{% endif %}", {R: MAY}),
    ("guess-asserted", "{% assign y = facts.favourite_range %}{% if y %}Your favourite shelf.{% endif %}", {R: MAY}),
    ("fact-above-level", "{{ facts.favourite_range }}", {R: {"speak": Speak.EXACT}}),
    ("fact-above-level", "{% if message.level == 'many' %}{{ facts.favourite_range }}{% endif %}", {R: {"speak": Speak.EXACT}}),
    ("fact-not-seen", "{% if facts.favourite_range %}x{% endif %}", {R: {"speak": Speak.NEVER}}),
    ("fact-not-seen", "{% if cell.last_order_range %}x{% endif %}", {}),
])  # fmt: skip
def test_a_rule_speaks(rule: str, text: str, facts: dict[str, Any]) -> None:
    assert rule in found(text, **facts)


@pytest.mark.parametrize(("rule", "text", "facts"), [
    ("fact-unmapped", "{{ facts.favourite_range }}", {}),
    ("fact-unseen", "{% assign k = 'favourite_range' %}{{ facts[k] }}{% assign f = facts %}{{ f.favourite_range }}", {}),
    ("fact-acquired", "x", {R: {"provenance": Provenance.ACQUIRED}}),
    ("fact-sensitive", "x", {R: {"sensitivity": Sensitivity.SENSITIVE}}),
    ("fact-other-purpose", "{{ facts.favourite_range }}", {R: {"purpose": ("service", "marketing")}}),
    ("fact-guessed", "{% if facts.favourite_range == 'tea' %}x{% endif %}", {R: MAY}),
    ("fact-guessed", "{% assign y = facts.favourite_range %}x", {R: GUESS}),
    ("fact-guessed", "{% assign y = facts.favourite_range %}{% assign y = 'a' %}{{ y }}", {R: GUESS}),
    ("guess-asserted", "{% case facts.favourite_range %}{% when 'tea' %}New on the shelves this week.{% endcase %}", {R: MAY}),
    ("guess-asserted", "{% if facts.favourite_range == 'tea' %}You love tea.{% endif %}", {}),
    ("fact-above-level", "{% if message.level == 'one' %}{{ facts.favourite_range }}{% endif %}", {R: {"speak": Speak.EXACT}}),
    ("fact-not-seen", "{% if facts.favourite_range %}x{% endif %}", {}),
])  # fmt: skip
def test_a_rule_is_silent(rule: str, text: str, facts: dict[str, Any]) -> None:
    assert rule not in found(text, **facts)


def test_a_leak_is_told_with_file_line_caret_and_its_way() -> None:
    one = found("{% assign y = facts.favourite_range | upcase %}\n{% render 'foot', v: y %}", favourite_range=GUESS)[
        "fact-guessed"
    ]
    assert one.place is not None
    line = bare().contents["win-back/range", "email", "en"].body_line + 1
    assert (one.place.line, one.place.column) == (line, 15)
    assert (
        f"facts.favourite_range → assign y (line {line}) → partial foot (line {line + 1}) → printed in partial foot"
        in one.what
    )
    caret = str(one).split("\n")[-1]
    assert caret.endswith("^")
    assert str(one).split("\n")[-2][caret.index("^") :].startswith("facts.favourite_range")


def test_a_leak_in_the_subject_has_its_caret_too() -> None:
    one = found("x", subject="For {{ facts.favourite_range }}", favourite_range=MAY)["fact-guessed"]
    assert one.place is not None
    assert one.place.file.endswith("range.mjml")
    text, caret = str(one).split("\n")[-2:]
    assert text[caret.index("^") :].startswith("facts.favourite_range")
