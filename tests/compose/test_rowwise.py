"""The row path: skeletons and slots as the reference gives them, at a multiple of its pace, each way learnt once."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest

from compose.world import project
from tactful.compose.contents import compile_content
from tactful.compose.recorded import Recorded, Unwritten
from tactful.compose.route import Way, route
from tactful.compose.rowwise import PartByRow, Taken
from tactful.compose.skeletons import FIRST, Composer, Written
from tactful.words.message import Part

BODY = (
    "{% assign k = 'facts' %}{{ [k].favourite_range }} {% for i in items %}{% if i.price %}{{ i.title }} {{ i.price }}"
    "{% else %}{{ i.title | upcase }}{% endif %}{% endfor %}{{ links.unsubscribe }} {{ brand.name }}"
    "{% capture note %}<b>{{ facts.favourite_range }}</b>{% endcapture %}{{ note }}"
)


def composer(body: str) -> Composer:
    made = project({"test": body})
    return Composer(compile_content(made.contents["test", "web", "en"], made))


def seen(number: int) -> dict[str, Any]:
    items = [
        {"title": f"Bowl & <cup> {number + n}", "price": None if (number >> n) & 1 else "£2.95"}
        for n in range(number // 8 % 4)
    ]
    return {
        "facts": {"favourite_range": f"tea {number % 7}"},
        "items": items,
        "links": {"unsubscribe": f"https://x.example/u/{number}"},
        "brand": {"name": f"B & {number % 2}"},
    }


def test_every_message_is_the_same_as_by_the_reference_and_each_way_is_learnt_once() -> None:
    fast, slow = composer(BODY), composer(BODY)
    for number in range(400):
        by_row, by_reference = fast.write(seen(number)), slow.by_reference(seen(number))
        assert isinstance(by_row, Written)
        assert by_row == by_reference
    assert fast.rows is not None
    (part,) = fast.rows.parts.values()
    assert len(part.ways) == 15  # what a loop of up to three items with two branches can do
    assert None not in part.ways.values()
    assert len(fast.known) == len(slow.known)


def test_a_variable_named_by_a_value_is_written_by_row() -> None:
    made = project({"test": BODY})
    found = route(compile_content(made.contents["test", "web", "en"], made))
    assert found.path is Way.ROW
    assert "is itself a value" in found.why


def test_the_row_path_is_several_times_as_fast_as_the_reference() -> None:
    """Both in one process, by processor time, the best of three; `benchmarks compose` asks for ten times of a mail."""
    body = "<p>words and words {{ facts.favourite_range }}</p>" * 12 + BODY
    fast, slow = composer(body), composer(body)
    data = [seen(number) for number in range(200)]
    for one in data:
        assert fast.write(one) == slow.by_reference(one)
    assert taken(fast, data, by_row=True) * 5 < taken(slow, data, by_row=False)


def taken(composer: Composer, data: list[dict[str, Any]], *, by_row: bool) -> float:
    times = []
    for _ in range(3):
        begun = time.process_time()
        for one in data:
            composer.write(one) if by_row else composer.by_reference(one)
        times.append(time.process_time() - begun)
    return min(times)


def test_an_author_who_ends_a_message_ends_it_on_every_path() -> None:
    made = composer("{% if items.size < 2 %}{% abort_message 'too few' %}{% endif %}{{ items[0].title }}")
    for number in range(32):
        found = made.write(seen(number))
        if number // 8 % 4 < 2:
            assert found == Unwritten(why="aborted", reason="too few")
        else:
            assert isinstance(found, Written)


def test_what_fails_is_told_by_the_reference_with_its_place() -> None:
    made = composer("{{ facts.favourite_range }}\n{{ facts.missing }}")
    told = [made.write(seen(number)) for number in range(FIRST + 2)]
    assert all(isinstance(one, Unwritten) and one.finding and "missing" in one.reason for one in told)


def test_a_way_of_which_the_two_do_not_say_the_same_is_left_to_the_reference() -> None:
    part = PartByRow(composer("{{ facts.favourite_range }}").content.templates[Part.PAYLOAD])
    way = part.take(seen(1))
    right = cast(Recorded, part.template.render(seen(1)))
    part.learn(Taken(way=way.way, printed=["other"]), right)
    part.learn(way, right)
    assert part.shape(way) is None
    assert part.recorded(seen(1)) is None


@pytest.mark.parametrize("is_known", [False, True])
def test_a_value_too_long_for_any_part_is_left_to_the_reference(is_known: bool) -> None:
    made = composer("{{ facts.favourite_range }}{{ facts.favourite_range }}")
    for number in range(FIRST + 2 if is_known else 0):
        made.write(seen(number))
    found = made.write({**seen(1), "facts": {"favourite_range": "x" * 600_000}})
    assert isinstance(found, Unwritten)
    assert "longer than" in found.reason
