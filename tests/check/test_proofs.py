"""Proofs cover everything that differs, and the same messages always give the same proofs."""

from __future__ import annotations

import pytest

from check.world import Letter, World, point, table
from tactful.check.proofs import choose, set_hash


def many() -> World:
    """Two branches, three levels, two offers, two languages, one dear item, one finding."""
    letters = []
    for n in range(60):
        swaps = [("and it lasts.", "and it lasts well.")] if n % 7 == 0 else []
        letters.append(
            Letter(
                customer=f"c{n:02}",
                html_swaps=swaps,
                language="de" if n % 11 == 0 else "en",
                decision={"level": ("all", "many", "few")[n % 3], "offer_id": "ten-off" if n % 5 == 0 else None},
                values={"items[0].price": "£99.00"} if n == 41 else {},
            )
        )
    return World(letters=letters, crowd=0)


def test_every_feature_is_shown_by_some_proof() -> None:
    inputs = many().inputs()
    made = choose(inputs)
    said = [words for proof in made.chosen for words in proof.why]
    assert made.uncovered == ()
    assert len(said) == len(set(said)) == made.features
    assert {"offer ten-off", "offer none", "written in de", "written in en"} <= set(said)
    assert {f"program win-back at level {level}" for level in ("all", "many", "few")} <= set(said)
    assert [words for words in said if "branch" in words] == [
        "win-back/range, branch 2 of 2 (51 messages: “it is well made, and it lasts.”)",
        "win-back/range, branch 1 of 2 (9 messages: “it is well made, and it lasts well.”)",
    ]
    assert len(made.chosen) <= 10


def test_the_dearest_item_is_among_them() -> None:
    world = many()
    dear = point(world.letters[41]).message_id
    assert any(
        proof.message_id == dear and "the most expensive item of all" in proof.why
        for proof in choose(world.inputs()).chosen
    )


def test_the_same_messages_in_another_order_give_the_same_proofs() -> None:
    inputs = many().inputs()
    turned = {**inputs, "messages": inputs["messages"].take(list(reversed(range(60))))}
    assert choose(inputs) == choose(turned)


def test_what_the_gate_found_is_shown() -> None:
    world = many()
    subject = point(world.letters[17]).message_id.hex()
    row = {"subject": subject, "rule": "shouting", "severity": "warning", "place": "html"}
    made = choose({**world.inputs(), "findings": table("findings", [row])})
    shown = {words: proof.message_id.hex() for proof in made.chosen for words in proof.why}
    assert shown["warning: shouting"] == shown["the most findings"] == subject


def test_fewer_proofs_than_features_say_what_they_leave_out() -> None:
    made = choose(many().inputs(), most=1)
    assert len(made.chosen) == 1
    assert len(made.uncovered) + len(made.chosen[0].why) == made.features
    with pytest.raises(ValueError, match="0 proofs are none"):
        choose(many().inputs(), most=0)


def test_a_skeletons_finding_is_shown_by_one_of_its_messages() -> None:
    world = many()
    skeleton = world.inputs()["messages"]["skeleton_id"][0].as_py()
    row = {"subject": f"skeleton:{skeleton.hex()}", "rule": "title-missing", "severity": "note", "place": "html"}
    made = choose({**world.inputs(), "findings": table("findings", [row])})
    assert any("note: title-missing" in proof.why for proof in made.chosen)


def test_only_what_may_leave_is_a_proof() -> None:
    inputs = many().inputs()
    held = choose(inputs).chosen[0].message_id
    leaving = [one for one in inputs["messages"]["message_id"].to_pylist() if one != held]
    made = choose(inputs, leaving=leaving)
    assert held not in {proof.message_id for proof in made.chosen}
    assert choose(inputs, leaving=[]).chosen == ()


def test_names_of_every_script_and_empty_slots_are_risks() -> None:
    names = ("Hello Anna,", "Hello Zoë,", "Hello Ольга,", "Hello יעל,", "Hello,")
    letters = [Letter(customer=f"c{n}", values={"customer.salutation": name}) for n, name in enumerate(names)]
    letters.append(Letter(customer="c9", values={"offer.words": None}))
    made = choose(World(letters=letters, crowd=0).inputs())
    said = {words for proof in made.chosen for words in proof.why}
    assert made.uncovered == ()
    assert {
        "a name beyond plain letters",
        "a name in another script",
        "a name written from right to left",
        "the longest greeting",
        "the shortest greeting",
        "offer.words is empty in win-back/range",
    } <= said
    yael = point(letters[3]).message_id
    assert [p.message_id for p in made.chosen if "a name written from right to left" in p.why] == [yael]


def test_each_content_shows_its_extremes_in_each_language() -> None:
    made = choose(many().inputs())
    said = {words for proof in made.chosen for words in proof.why}
    for language in ("en", "de"):
        for extreme in ("longest letter", "emptiest letter", "longest subject", "most expensive item"):
            assert f"the {extreme} of win-back/range in {language}" in said


def test_a_set_of_proofs_is_its_messages_and_their_bytes() -> None:
    shown = {b"a" * 16: b"1" * 16, b"b" * 16: b"2" * 16}
    assert set_hash(dict(reversed(shown.items()))) == set_hash(shown)
    assert len({set_hash(shown), set_hash({**shown, b"b" * 16: b"3" * 16}), set_hash({b"a" * 16: b"1" * 16})}) == 3
