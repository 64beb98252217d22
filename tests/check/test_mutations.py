"""Mutation reports: real faults are counted and held back, changes of nothing are not, strangers' operators run."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest

from check.world import CLOCK, Letter, World, point
from tactful.check import finished
from tactful.compose import mail
from tactful.testing.faults import every_operator
from tactful.testing.mutate import operators_for, told
from tactful.testing.mutation_report import Outcome, inspect_mail, report, table_fault
from tactful.testing.mutation_rows import Material
from tactful.testing.mutations import Operator, Row, checked, operators_at
from tactful.words.errors import Misuse, PlugInFailed
from tactful.words.message import Part

NAMES = ("Anna", "Maria", "Tom", "Ines", "Ruth", "Paul")


@cache
def material() -> Material:
    letters = [
        Letter(customer=f"c{n}", profile={"salutation_name": name, "email": f"c{n}@home.example"},
               values={"customer.salutation": f"Hello {name},"})
        for n, name in enumerate(NAMES)
    ]  # fmt: skip
    world = World(letters=letters, crowd=0)
    inputs = world.inputs()
    authored = pa.table({"skeleton_id": inputs["skeletons"]["skeleton_id"].unique()})
    return Material(project=world.project(), clock=CLOCK, key=b"k" * 32, inputs={**inputs, "authored": authored})


def same(rows: list[Row], rng: random.Random) -> list[Row]:
    rng.shuffle(rows)
    return rows


def outcome(*operators: Operator, faults: int = 4) -> Outcome:
    return report(material(), operators, faults=faults, seed=3)


def test_good_messages_are_no_faults_and_no_alarms() -> None:
    made = outcome(Operator("same", "slots", same), Operator("same-mail", "bytes", lambda rows, _: rows))
    assert (made.faults, made.false_alarms, made.good) == (0, 0, len(NAMES))
    assert made.idle == ("same", "same-mail")


def test_every_operator_of_ours_is_caught_or_has_nothing_to_spoil() -> None:
    made = outcome(*every_operator(), faults=len(every_operator()))
    assert [name for name, one in made.by_operator.items() if one.caught < one.faults] == []
    assert made.faults >= 90
    assert len(every_operator()) >= 25
    assert "100.0%" in "\n".join(told(made))


def test_a_fault_that_touches_two_counts_as_caught_only_where_both_are_held_back() -> None:
    def swapped(rows: list[Row], _: random.Random) -> list[Row]:
        rows[0]["slots"]["customer.salutation"], rows[1]["slots"]["customer.salutation"] = "Hello Maria,", "Hello,"
        return rows

    fault = table_fault(
        material(),
        Operator("x", "slots", swapped),
        window=[0, 2],
        rng=random.Random(1),
    )
    assert fault is not None
    assert len(fault.touched) == 2
    assert outcome(Operator("x", "slots", swapped)).caught == 4


def test_the_seal_gives_nothing_away_hash_and_skeleton_are_made_anew() -> None:
    row = material().row(0)
    row["words"]["subject"] = ["Other words"]
    sealed = material().seal(row)
    assert sealed.skeleton.skeleton_id == sealed.stored["skeleton_id"] != row["skeleton_id"]
    assert sealed.words[Part.SUBJECT] == "Other words"


def test_one_seed_makes_the_same_faults() -> None:
    operators = every_operator()[:20]
    assert outcome(*operators, faults=30).as_json() == outcome(*operators, faults=30).as_json()


def test_a_strangers_operators_run_in_any_of_three_shapes() -> None:
    class Shouted:
        name, acts_on = "shouted", "slots"

        @staticmethod
        def change(rows: list[Row], _: random.Random) -> list[Row]:
            rows[0]["slots"]["items[0].title"] = "REGENCY"
            return rows

    strange = tuple(checked([Shouted(), ("cut", "bytes", _cut)]))
    made = outcome(*strange)
    assert (made.faults, made.caught) == (4, 4)
    assert {one.name for one in operators_for(["check.test_mutations:STRANGE"], only=True)} == {"cut"}
    assert len(operators_for(["check.test_mutations:STRANGE"], only=False)) == len(every_operator()) + 1


def _cut(rows: list[Row], _: random.Random) -> list[Row]:
    rows[0]["mail"] = rows[0]["mail"][:-30]
    return rows


STRANGE = [("cut", "bytes", _cut)]


@pytest.mark.parametrize("given", [[("x", "pixels", _cut)], [7], [("x", "slots", _cut), ("x", "bytes", _cut)]])
def test_what_is_no_operator_is_refused(given: list[object]) -> None:
    with pytest.raises(Misuse):
        tuple(checked(given))


def test_a_place_that_is_none_and_an_operator_that_takes_slots_away_are_misuse() -> None:
    with pytest.raises(Misuse, match="MODULE:ATTRIBUTE"):
        operators_at("no_such_module:OPERATORS")

    def without(rows: list[Row], _: random.Random) -> list[Row]:
        rows[0]["slots"].popitem()
        return rows

    with pytest.raises(Misuse, match="slots were added or left out"):
        outcome(Operator("x", "slots", without))


def test_an_operator_that_raises_is_named() -> None:
    with pytest.raises(PlugInFailed, match="operator broken: raised KeyError"):
        outcome(Operator("broken", "slots", lambda rows, _: rows[0]["nothing"]))


@pytest.mark.parametrize("given", ["Other", ["Other"], ["Oth", "er"]])
def test_words_may_be_given_as_one_text_or_in_any_number_of_pieces(given: str | list[str]) -> None:
    row = material().row(0)
    row["words"]["subject"] = given
    assert material().seal(row).words[Part.SUBJECT] == "Other"


def test_F95_a_finished_mail_that_is_not_what_was_checked_is_found_wherever_it_differs() -> None:
    row = material().mailed(0)
    assert row is not None
    good = row["mail"]
    assert inspect_mail(material(), row, payload=good) == ()
    for at in range(0, len(good), 37):
        for payload in (good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :], good[:at] + good[at + 1 :], good[:at]):
            assert inspect_mail(material(), row, payload=payload), (at, payload[max(0, at - 20) : at + 20])


def test_a_mail_is_compared_with_its_own_words_and_no_others() -> None:
    row = material().mailed(0)
    assert row is not None
    letter = material().letter(row)
    headers = mail.planned(letter, brand=material().project.brand, clock=CLOCK)
    other = {**letter.parts, Part.TEXT: letter.parts[Part.TEXT] + "."}
    assert [one.rule for one in finished.inspect(row["mail"], words=other, headers=headers)] == ["mail-words-differ"]
    assert row["message_id"] == point(Letter(customer=row["customer_id"])).message_id


def test_the_operators_shown_in_the_how_to_run_and_are_caught() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "mutation-report.md"
    (shown,) = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    known: dict[str, list[Operator]] = {}
    exec(shown, known)  # our own page
    made = outcome(*checked(known["OPERATORS"]))
    assert (made.faults, made.caught, made.idle) == (4, 4, ())
