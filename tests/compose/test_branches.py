"""Branches are told to people by their conditions, though skeletons keep them by their lines."""

from __future__ import annotations

from typing import Any

import pytest

from compose.world import project
from tactful.compose.branches import told
from tactful.compose.contents import compile_content
from tactful.compose.skeletons import Composer, Written

BODY = """{% if facts.favourite_range == 'tea' %}
Tea
{% elsif items.size > 1 %}
Many
{% else %}
Else
{% endif %}
{% for i in items %}
{% unless i.price %}{% render 'none' %}{% endunless %}
{% endfor %}"""


@pytest.mark.parametrize(
    ("facts", "items", "says"),
    [
        ("tea", [], "if facts.favourite_range == 'tea'"),
        ("x", [1, 1], "elsif items.size > 1 (if facts.favourite_range == 'tea'); for i in items, 2 times"),
        ("x", [None], "else (if facts.favourite_range == 'tea'); for i in items; unless i.price; the partial none"),
    ],
)
def test_a_branch_says_its_conditions(facts: str, items: list[Any], says: str) -> None:
    made = project({"test": BODY}, partials={"none": "{% if true %}-{% endif %}"})
    content = compile_content(made.contents["test", "web", "en"], made)
    written = Composer(content).write({"facts": {"favourite_range": facts}, "items": [{"price": one} for one in items]})
    assert isinstance(written, Written)
    assert told(written.skeleton.branch, content) == says
