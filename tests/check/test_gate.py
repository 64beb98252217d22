"""The gate sees every message; a rule that raises is named; the verdict says what goes on and whether the run stops."""

from __future__ import annotations

import time
from decimal import Decimal

import pyarrow as pa
import pytest

from check.cases import CASES
from check.world import CLOCK, HTML, Letter, World, one, point, starter, table
from tactful.check import gate
from tactful.check.rule import Column, Rule
from tactful.check.verdict import judge
from tactful.project.brand import Greeting
from tactful.words.errors import PlugInFailed
from tactful.words.finding import Severity
from tactful.words.message import Part


def findings_of(world: World) -> pa.Table:
    batches = list(gate.inspect(world.inputs(), project=world.project(), clock=CLOCK))
    return pa.Table.from_batches(batches) if batches else table("findings", [])


def mixed(bad: int, good: int) -> World:
    """Some letters with a wrong price among good ones, all of one skeleton."""
    letters = [Letter(customer=f"bad{n}", values={"items[0].price": "£1.00"}) for n in range(bad)]
    return World(letters=letters + [Letter(customer=f"good{n}") for n in range(good)], crowd=0)


def test_a_bad_message_is_held_back_with_its_reason_and_the_rest_go_on() -> None:
    world = mixed(1, 99)
    verdict = judge(findings_of(world), messages=world.inputs()["messages"], policy=world.project().policy)
    held = point(world.letters[0]).message_id
    assert verdict.quarantined == {held: ("quarantined:price-differs", "quarantined:value-not-of-source")}
    assert len(verdict.good) == 99
    assert held not in verdict.good
    assert verdict.share == Decimal("0.01")
    assert not verdict.must_stop


def test_above_the_threshold_the_run_stops() -> None:
    world = mixed(3, 97)
    verdict = judge(findings_of(world), messages=world.inputs()["messages"], policy=world.project().policy)
    assert verdict.must_stop
    assert verdict.by_rule == {"price-differs": 3, "value-not-of-source": 3}
    assert verdict.why_stop == ("3 of 100 messages failed the gate (3.0%); the policy stops a run above 2.0%",)


def test_at_the_threshold_the_run_goes_on() -> None:
    world = mixed(2, 98)
    assert not judge(findings_of(world), messages=world.inputs()["messages"], policy=world.project().policy).must_stop


def test_an_error_of_a_skeleton_holds_back_all_of_its_messages_and_no_other() -> None:
    bad = [Letter(customer=f"bad{n}", html_swaps=[("and it lasts.", "and we miss you.")]) for n in range(2)]
    world = World(letters=bad + [Letter(customer=f"good{n}") for n in range(3)], crowd=0)
    found = findings_of(world)
    verdict = judge(found, messages=world.inputs()["messages"], policy=world.project().policy)
    assert set(verdict.quarantined) == {point(letter).message_id for letter in bad}
    assert found.filter(pa.compute.equal(found["rule"], "never-words")).num_rows == 1


def test_a_skeleton_at_two_levels_is_judged_at_each() -> None:
    letters = [Letter(customer="many"), Letter(customer="all", decision={"level": "all"})]
    rows = World(letters=letters, crowd=0).findings()
    assert {row["subject"] for row in rows if row["rule"] == "fact-above-level"} == {point(letters[1]).message_id.hex()}


def test_warnings_and_suppressed_findings_hold_nothing_back() -> None:
    world = CASES["price-in-words"][0]
    messages, policy = world.inputs()["messages"], world.project().policy
    found = findings_of(world)
    assert judge(found, messages=messages, policy=policy).warned["price-in-words"] >= 1
    assert not judge(found, messages=messages, policy=policy).quarantined
    held = findings_of(CASES["link-dead"][0])
    hushed = held.set_column(6, "suppressed_by", pa.array(["ticket 7"] * held.num_rows))
    assert not judge(hushed, messages=messages, policy=policy).quarantined


def test_a_plug_in_rule_that_raises_is_named_and_ends_the_run() -> None:
    def broken(column: Column) -> list[object]:
        raise KeyError(column.slot.source)

    rule = Rule(id="house-style", severity=Severity.NOTE, place="x", why="x.", fix="x", slot=broken)  # type: ignore[arg-type]
    with pytest.raises(PlugInFailed, match="rule house-style: raised KeyError"):
        list(gate.inspect(one().inputs(), project=starter(), clock=CLOCK, rules=[rule]))


def test_no_message_at_all_is_no_finding_and_no_stop() -> None:
    inputs = {**one().inputs()}
    inputs["messages"], inputs["decisions"] = inputs["messages"].slice(0, 0), inputs["decisions"].slice(0, 0)
    assert list(gate.inspect(inputs, project=starter(), clock=CLOCK)) == []
    assert judge(table("findings", []), messages=inputs["messages"], policy=starter().policy).share == 0


def test_F01_residue_of_every_dialect_is_found_wherever_it_stands() -> None:
    dialects = [
        "{{ name }}",
        "{leadfield=firstname}",
        "%%name%%",
        "*|FNAME|*",
        "[First Name]",
        "${name}",
        "<%= name %>",
    ]
    for mark in dialects:
        for change in (
            {"subject": f"For {mark}"},
            {"preheader": f"For {mark}"},
            {"html_swaps": [("and it lasts.", mark.replace("<", "&lt;"))]},
            {"text_swaps": [("Here is one thing", mark)]},
            {"html_swaps": [('https://shop.example/"', f'https://shop.example/{mark.replace("<", "&lt;")}"')]},
            {"values": {"items[0].note": mark}, "text_swaps": [("Here is one thing", "«items[0].note:words»")]},
        ):
            assert "placeholder-residue" in {row["rule"] for row in one(**change).findings()}, (mark, change)


def test_residue_that_only_the_junction_shows_is_found() -> None:
    world = one(text_swaps=[("Here is one thing", "*|«items[0].note:words»|*")], values={"items[0].note": "fname"})
    assert "placeholder-residue" in {row["rule"] for row in world.findings()}


@pytest.mark.parametrize(
    "name", ["NULL", "N/A", "asdf", "MR J SMITH LTD", "Daughter Killed in Car Crash", "WIN $500 http://e.example"]
)
def test_F06_F07_F11_a_name_that_hygiene_would_not_greet_is_held_back(name: str) -> None:
    world = one(values={"customer.salutation": f"Hello {name},"}, profile={"salutation_name": name})
    assert "name-not-greetable" in {row["rule"] for row in world.findings()}


@pytest.mark.parametrize("name", ["Nan", "Siobhán", "O'Neil", "Jean-Paul", "明", "Loren"])
def test_F08_a_real_name_passes(name: str) -> None:
    world = one(values={"customer.salutation": f"Hello {name},"}, profile={"salutation_name": name})
    assert not {row["rule"] for row in world.findings()} & {"name-not-greetable", "greeting-unknown"}


def test_F19_a_neighbours_value_is_found_in_the_one_row_it_stands_in() -> None:
    letters = [
        Letter(customer=f"c{n}", profile={"salutation_name": "Anna" if n % 2 else "Maria"},
               values={"customer.salutation": f"Hello {'Anna' if n % 2 or n == 4 else 'Maria'},"})
        for n in range(8)
    ]  # fmt: skip
    rows = [row for row in World(letters=letters, crowd=0).findings() if row["rule"] == "name-of-another"]
    assert [row["subject"] for row in rows] == [point(letters[4]).message_id.hex()]


URLS = [
    "javascript:alert(1)", "data:text/html,x", "//evil.example", "http:\\\\evil.example", "https://xn--hop-7cd.example/",
    "https://shop.example@evil.example/", "https://shop.example%40evil.example/", "https://ѕhop.example", "ftp://shop.example",
    "https://shop.example.evil.example", "https://evil.example/https://shop.example/", "HTTPS://EVIL.example",
]  # fmt: skip


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("where", ["static", "slot"])
def test_E17_F90_no_trick_with_a_link_passes(url: str, where: str) -> None:
    if where == "static":
        world = one(html_swaps=[('https://shop.example/"', f'{url}"')], links={url: "ok"})
    else:
        world = one(values={"items[0].url": url}, item={"url": url}, links={url: "ok"})
    errors = {row["rule"] for row in world.findings() if row["severity"] == "error"}
    assert any(rule.startswith("link-") for rule in errors), errors


def test_F18_a_greeting_in_another_language_than_the_letter_is_found() -> None:
    german = {"html": HTML.replace('lang="en"', 'lang="de"'), "language": "de", "profile": {"language": "de"}}
    lines = starter().brand.salutation.model_copy(
        update={"languages": {"de": Greeting(named="Guten Tag, {name},", neutral="Guten Tag,")}}
    )
    for text, is_found in (("Hello Anna,", True), ("Guten Tag, Anna,", False), ("Guten Tag,", False)):
        world = one(**german, values={"customer.salutation": text}, brand={"salutation": lines})
        assert ("greeting-unknown" in {row["rule"] for row in world.findings()}) is is_found, text


def test_F32_a_time_to_the_minute_is_never_spoken_of_a_customer() -> None:
    assert "too-precise-time" in {row["rule"] for row in CASES["too-precise-time"][0].findings()}


def test_F34_more_segments_than_customers() -> None:
    assert "more-segments-than-customers" in {r["rule"] for r in CASES["more-segments-than-customers"][0].findings()}


def test_C13_marketing_without_the_laws_lines_is_blocked_in_either_part() -> None:
    for rule, swaps in {
        "unsubscribe-missing": {"text_swaps": [(" Unsubscribe: «links.unsubscribe:url»", "")]},
        "postal-address-missing": {"text_swaps": [("1 Example Yard, Nowhere, ", "")]},
    }.items():
        found = [row for row in one(**swaps).findings() if row["rule"] == rule]
        assert [row["severity"] for row in found] == ["error"]
        assert found[0]["place"] == Part.TEXT.value


def test_a_hundred_thousand_messages_keep_pace() -> None:
    """Six thousand here, to stay quick: the cost per message must leave a hundred thousand far below a minute."""
    letters = [Letter(customer=f"c{n}") for n in range(2)]
    world = World(letters=letters, crowd=6_000)
    inputs, project = world.inputs(), world.project()
    begun = time.perf_counter()
    assert list(gate.inspect(inputs, project=project, clock=CLOCK)) == []
    assert time.perf_counter() - begun < 3
