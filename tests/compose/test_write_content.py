"""Every example of the how-to on content says what the page says, by every path; and no tag or filter is left out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tactful.compose.faults import Source
from tactful.compose.idioms import written_out
from tactful.compose.limits import FILTERS
from tactful.compose.liquid import environment
from tactful.testing.by_path import PATHS

PAGE = (Path(__file__).parents[2] / "docs/how-to/write-content.md").read_text("utf-8")
EXAMPLES = re.findall(r"^- `(.+?)` → `(.*?)`$", PAGE, re.MULTILINE)
PARTIALS = {"card": "[{{ item.title }}]", "ten": "{{ offer.words }} until {{ offer.ends }}"}
DATA = {
    "customer": {"salutation": "Hello,"},
    "facts": {
        "favourite_range": "tea", "orders": 3, "ordered_at": datetime(2011, 12, 23, 23, 30, tzinfo=UTC),
        "markup": "<b>bold</b>", "lines": "a\nb", "numbers": [1, None, 2],
    },
    "items": [{"title": "Bowl", "role": "pick"}, {"title": "Cup", "role": "pair"}],
    "anchor": {"title": "Jug"},
    "offer": {"words": "10 % off", "ends": "Friday"},
    "links": {"unsubscribe": "https://shop.example/u/1", "preferences": "https://shop.example/p/1"},
}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), EXAMPLES)
def test_an_example_says_what_the_page_says_by_every_path(text: str, says: str) -> None:
    plain = written_out(Source.plain(text), partials=PARTIALS).text
    made = {name: path(plain, DATA, PARTIALS) for name, path in PATHS.items()}
    assert made["reference"] == says
    for name, words in made.items():
        assert words == says or "left to the reference" in getattr(words, "reason", ""), name


def test_the_page_shows_every_filter_and_tag() -> None:
    assert len(EXAMPLES) > 45
    shown = {name for text, _ in EXAMPLES for name in re.findall(r"\| (\w+)", text)}
    assert sorted(FILTERS - shown) == []
    tags = set(environment({}, escaped=True).tags) - {"content", "output", "illegal"}
    assert sorted(tag for tag in tags if "{% " + tag not in PAGE) == []


def test_every_example_stands_on_every_path_of_their_own() -> None:
    aside = [
        (name, text) for text, _ in EXAMPLES for name, path in PATHS.items()
        if not isinstance(path(written_out(Source.plain(text), partials=PARTIALS).text, DATA, PARTIALS), str)
    ]  # fmt: skip
    assert aside == []
