"""Decisions become messages; each holds its own customer only; stored messages join to the same bytes."""

# ruff: noqa: E501  # a template or an attack is read on one line

from __future__ import annotations

import re
from dataclasses import replace

import pyarrow as pa
import pytest

from compose.world import CLOCK, KEY, decision, decisions, items, mail, profiles, project, shown, starter
from sizes import size
from tactful.compose.join import Joined, joined
from tactful.compose.messages import write
from tactful.project.declared import Project
from tactful.words.errors import StoreFaulty
from tactful.words.message import Part, bytes_hash

CROWD = size(2_000, whole=10_000)


def run(
    made: Project, rows: list[dict[str, object]], people: list[dict[str, object]], **more: object
) -> dict[str, list[pa.RecordBatch]]:
    inputs = {"decisions": decisions(rows), "profiles": profiles(people), "items": items()}
    batches: dict[str, list[pa.RecordBatch]] = {}
    for batch in write(inputs, project=made, clock=CLOCK, key=KEY):
        batches.setdefault(batch.schema.metadata[b"table"].decode(), []).append(batch)
    return batches


def words(batches: dict[str, list[pa.RecordBatch]], made: Project) -> list[Joined]:
    skeletons = pa.Table.from_batches(batches["skeletons"])
    return [
        one
        for batch in batches.get("messages", [])
        for one in joined(pa.Table.from_batches([batch]), skeletons, brand=made.brand, keys=[KEY])
    ]


@pytest.mark.parametrize("where", ["subject", "preheader", "href", "text"])
def test_F02_a_variable_used_in_one_part_only_is_resolved_there(where: str) -> None:
    mark = "{{ customer.salutation }}"
    made = project({"test": mail(f'<a href="https://x.example/{mark if where == "href" else ""}">x</a>')})
    file = made.contents["test", "email", "en"]
    change = {"subject": {"subject": mark}, "preheader": {"preheader": mark}, "text": {"text": mark}}.get(where, {})
    made = replace(
        made, contents={("test", "email", "en"): replace(file, content_hash=where.encode().ljust(16), **change)}
    )
    (one,) = words(run(made, [decision("c1")], [{"customer_id": "c1", "salutation_name": "Anna"}]), made)
    expected = {
        "subject": (Part.SUBJECT, "Hello Anna,"),
        "preheader": (Part.PREHEADER, "Hello Anna,"),
        "text": (Part.TEXT, "Hello Anna,"),
        "href": (Part.HTML, 'href="https://x.example/Hello Anna,"'),
    }[where]
    assert expected[1] in one.parts[expected[0]]
    assert "{{" not in "".join(one.parts.values())


def test_F01_no_name_gives_the_neutral_line_in_every_language_and_never_the_tag() -> None:
    people = [
        {"customer_id": f"c{n}", "salutation_name": None, "language": code} for n, code in enumerate(("en", "de", "xx"))
    ]
    rows = [decision(f"c{n}", content_id="win-back/everyone", level="all", items=shown(0, 1, 2, 3)) for n in range(3)]
    found = words(run(starter(), rows, people), starter())
    assert sorted(one.language for one in found) == ["de", "en", "en"]
    for one in found:
        neutral = {"en": starter().brand.salutation.neutral, "de": "Guten Tag,"}[one.language]
        assert neutral in one.parts[Part.TEXT]
        assert not re.search(r"\{[{%=]|%%|\[First", "".join(one.parts.values()))


def test_F19_in_two_thousand_messages_each_holds_its_own_canary_though_some_fail_in_the_middle() -> None:
    body = mail(
        "{% if facts.n == 1000 %}{{ facts.nothing }}{% endif %}{% if facts.n == 1500 %}{% abort_message 'not today' %}{% endif %}"
        "{{ customer.salutation }}{{ facts.a }}{% if facts.n > 700 %}<b>{{ facts.b }}</b>{% endif %}"
    )
    facts = {name: replace_speak(starter().facts["favourite_range"]) for name in ("a", "b", "n")}
    made = replace(project({"test": body}), facts=facts)
    people = [
        {"customer_id": f"c{n}", "salutation_name": f"name-{n}-", "a": f"aaa-{n}-", "b": f"bbb-{n}-", "n": n}
        for n in range(CROWD)
    ]
    batches = run(made, [decision(f"c{n}") for n in range(CROWD)], people)
    found = words(batches, made)
    assert len(found) == CROWD - 2
    lost = {row["why"]: row["text"] for row in batches["unwritten"][0].to_pylist()}
    assert lost["aborted"] == "not today"
    assert lost["failed"].startswith("content/test.mjml:6:")
    whose = {decision(f"c{n}")["decision_id"]: n for n in range(CROWD)}
    for one in found:
        canaries = set(re.findall(r"(?:name|aaa|bbb)-(\d+)-", "".join(one.parts.values())))
        assert canaries == {str(whose[one.decision_id])}
    static = "".join(s for row in batches["skeletons"][0].to_pylist() for s in row["segments"])
    assert not re.search(r"(?:name|aaa|bbb)-\d", static)
    assert len({one.skeleton_id for one in found}) == 2


def replace_speak(fact: object) -> object:
    return fact.model_copy(update={"speak": type(fact.speak)("exact")})  # type: ignore[attr-defined]


def test_F53_a_template_edited_after_the_run_changes_nothing_that_was_written() -> None:
    made = project({"test": mail("Hello {{ customer.salutation }} one")})
    rows, people = [decision("c1"), decision("c2")], [{"customer_id": "c1"}, {"customer_id": "c2"}]
    first = run(made, rows, people)
    edited = project({"test": mail("Hello {{ customer.salutation }} two")})
    assert all("one" in one.parts[Part.HTML] for one in words(first, edited))
    second = run(edited, rows, people)
    assert {r["skeleton_id"] for r in first["skeletons"][0].to_pylist()}.isdisjoint(
        r["skeleton_id"] for r in second["skeletons"][0].to_pylist()
    )


def test_the_same_decisions_give_the_same_rows() -> None:
    made = project({"test": mail("{{ customer.salutation }}{% for i in items %}{{ i.title }}{% endfor %}")})
    rows = [decision(f"c{n}", items=shown(*range(n % 4))) for n in range(40)]
    people = [{"customer_id": f"c{n}", "salutation_name": f"n{n}"} for n in range(40)]
    first, second = (run(made, order, people) for order in (rows, rows[::-1]))
    for table, batches in first.items():
        assert [b.to_pylist() for b in batches] == [b.to_pylist() for b in second[table]]


def test_links_are_not_stored_and_come_back_for_each_message() -> None:
    made = project({"test": mail("<a href='{{ links.unsubscribe }}'>off</a> <a href='{{ links.shop }}'>shop</a>")})
    batches = run(made, [decision("c1"), decision("c2")], [{"customer_id": "c1"}, {"customer_id": "c2"}])
    (batch,) = batches["messages"]
    assert batch.column("s0").to_pylist() == [None, None]
    found = words(batches, made)
    links = [one.links["unsubscribe"] for one in found]
    assert len(set(links)) == 2
    assert all(
        link in one.parts[Part.HTML] and link in one.parts[Part.TEXT] for link, one in zip(links, found, strict=True)
    )


def test_a_changed_byte_a_missing_skeleton_or_a_false_key_is_told() -> None:
    made = project({"test": mail("{{ customer.salutation }} <a href='{{ links.why }}'>x</a>")})
    batches = run(made, [decision("c1")], [{"customer_id": "c1", "salutation_name": "Anna"}])
    messages, skeletons = pa.Table.from_batches(batches["messages"]), pa.Table.from_batches(batches["skeletons"])
    index = messages.schema.get_field_index("s0")
    forged = messages.set_column(index, messages.schema.field(index), pa.array(["Hello Eve,"]))
    for rows, keys in ((forged, [KEY]), (messages, [b"z" * 32])):
        with pytest.raises(StoreFaulty, match="other words"):
            list(joined(rows, skeletons, brand=made.brand, keys=keys))
    with pytest.raises(StoreFaulty, match="not there"):
        list(joined(messages, skeletons.slice(0, 0), brand=made.brand, keys=[KEY]))
    assert list(joined(messages, skeletons, brand=made.brand, keys=[b"z" * 32, KEY]))


def test_a_decision_whose_id_is_not_its_own_stops_the_run() -> None:
    made = project({"test": mail("x")})
    with pytest.raises(StoreFaulty, match="does not belong"):
        run(made, [decision("c1", customer_id="c2")], [{"customer_id": "c2"}])


def test_only_chosen_decisions_with_content_are_written_and_nobody_is_lost() -> None:
    made = project({"test": mail("x")})
    rows = [
        decision("c1"), decision("c2", outcome_kind="none"), decision("c3", outcome_kind="held_out"),
        decision("c4", content_id="gone"), decision("c5"),
    ]  # fmt: skip
    batches = run(made, rows, [{"customer_id": f"c{n}"} for n in (1, 2, 3, 4)])
    assert len(words(batches, made)) == 1
    lost = batches["unwritten"][0].to_pylist()
    assert sorted(row["text"] for row in lost) == [
        "there is no content 'gone' for this decision", "there is no profile for this decision",
    ]  # fmt: skip


def test_an_offer_that_has_ended_is_not_promised() -> None:
    offers = {"old": starter().offers["ten-off"].model_copy(update={"offer": "old", "ends": "2011-12-08T23:59:00"})}
    made = replace(project({"test": mail("{{ offer.words }}")}), offers=offers)
    batches = run(made, [decision("c1", offer_id="old")], [{"customer_id": "c1"}])
    assert batches["unwritten"][0].to_pylist()[0]["text"] == "the offer old ended on 2011-12-08"


def test_a_value_that_no_style_may_hold_is_refused_and_counted() -> None:
    made = project({"test": mail('<p style="color:{{ customer.salutation }}">x</p>')})
    people = [{"customer_id": "c1", "salutation_name": "x;background:url(//e)"}]
    batches = run(made, [decision("c1")], people)
    assert "messages" not in batches
    assert "style" in batches["unwritten"][0].to_pylist()[0]["text"]


def test_what_several_parts_speak_is_stored_once() -> None:
    made = project({"test": mail("{{ customer.salutation }} {{ items[0].title }} {{ items[0].title }}")})
    batches = run(made, [decision("c1", items=shown(0))], [{"customer_id": "c1", "salutation_name": "Anna"}])
    (batch,) = batches["messages"]
    assert [name for name in batch.schema.names if name[1:].isdigit()] == ["s0", "s1"]
    assert batch.schema.metadata[b"part"] == b"test.email.en"
    (one,) = words(batches, made)
    assert batch.column("bytes_hash").to_pylist() == [bytes_hash(one.parts)]


def test_facts_a_level_may_not_speak_are_not_there() -> None:
    body = mail("{{ facts.favourite_range | default: 'not there' }}")
    made = project({"test": body})
    people = [{"customer_id": "c1", "favourite_range": "baking and tea"}]
    for level, there in (("all", False), ("many", True), ("one", True)):
        (one,) = words(run(made, [decision("c1", level=level)], people), made)
        assert ("baking and tea" in one.parts[Part.TEXT]) is there
