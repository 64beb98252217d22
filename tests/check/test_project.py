"""Templates against facts, levels, purposes and brand, before anyone is chosen: with file, line and column."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from check.world import starter
from tactful.check.project import inspect
from tactful.project.declared import Project
from tactful.words.analysis import Analysis, Spoken
from tactful.words.fact import Provenance, Sensitivity

GOOD = ("links.unsubscribe", "brand.postal_address", "offer.words")


def project(
    body: str = "<mjml>\nYou've ordered from this range.", *, name: str = "win-back/range", **facts: Any
) -> Project:
    """The starter with one content's body and some facts changed."""
    made = starter()
    file = replace(made.contents[name, "email", "en"], body=body, body_line=5, content_hash=b"h" * 16)
    changed = {key: made.facts[key].model_copy(update=more) for key, more in facts.items()}
    return replace(made, contents={(name, "email", "en"): file}, facts={**made.facts, **changed}, partials={})


def spoken(path: str, *, printed: bool = True, part: str = "html") -> Spoken:
    root = path.split(".")[0].split("[")[0]
    return Spoken(path=path, root=root, part=part, line=6, column=4, printed=printed)


def rules(made: Project, *more: Spoken, without: str = "") -> list[str]:
    read = tuple(spoken(path) for path in GOOD if path != without) + more
    (file,) = made.contents.values()
    analysis = Analysis(content_id=file.content_id, content_hash=file.content_hash, spoken=read, filters=(), tags=())
    found = inspect(made, [analysis])
    assert all(finding.place is not None and finding.place.file == file.path for finding in found)
    return [finding.rule for finding in found]


def test_a_good_content_has_no_finding() -> None:
    assert rules(project(), spoken("facts.favourite_range"), spoken("items[].title")) == []


@pytest.mark.parametrize(
    ("path", "printed", "facts", "rule"),
    [
        ("facts.shoe_size", True, {}, "fact-unmapped"),
        ("customer.email", True, {}, "variable-unmapped"),
        ("weather", True, {}, "variable-unmapped"),
        ("facts.order_count", True, {}, "fact-above-level"),
        ("cell.several_orders", True, {}, "fact-above-level"),
        ("facts.favourite_range", True, {"favourite_range": {"provenance": Provenance.INFERRED}}, "fact-guessed"),
        ("facts.favourite_range", False, {"favourite_range": {"provenance": Provenance.INFERRED}}, "fact-guessed"),
        ("facts.favourite_range", False, {"favourite_range": {"provenance": Provenance.ACQUIRED}}, "fact-acquired"),
        ("facts.favourite_range", False, {"favourite_range": {"sensitivity": Sensitivity.SENSITIVE}}, "fact-sensitive"),
        ("facts.last_order_range", True, {}, "fact-other-purpose"),
    ],
)
def test_what_a_template_may_not_read(path: str, *, printed: bool, facts: dict[str, Any], rule: str) -> None:
    assert rule in rules(project(**facts), spoken(path, printed=printed))


@pytest.mark.parametrize(
    ("path", "printed", "facts"),
    [
        ("facts.favourite_range", False, {}),
        ("facts.favourite_range", False, {"favourite_range": {"provenance": Provenance.INFERRED, "may_select": True}}),
        ("facts.favourite_range", True, {"favourite_range": {"provenance": Provenance.DECLARED}}),
        ("customer.salutation", True, {}),
    ],
)
def test_what_a_template_may_read(path: str, *, printed: bool, facts: dict[str, Any]) -> None:
    assert rules(project(**facts), spoken(path, printed=printed)) == []


def test_items_stay_out_of_the_subject() -> None:
    assert rules(project(), spoken("items[].title", part="subject")) == ["subject-shows-items"]
    assert rules(project(), spoken("items[].title", part="subject", printed=False)) == []


def test_F56_service_mail_that_sells_is_refused_before_anyone_is_chosen() -> None:
    assert "offer-on-service-mail" in rules(project(name="thank-you/everyone"))
    assert "offer-on-service-mail" not in rules(project(name="thank-you/everyone"), without="offer.words")


def test_C13_the_laws_lines_are_asked_of_marketing_only() -> None:
    assert rules(project(), without="links.unsubscribe") == ["unsubscribe-missing"]
    assert rules(project(), without="brand.postal_address") == ["postal-address-missing"]
    service = rules(project(name="thank-you/everyone"), without="links.unsubscribe")
    assert "unsubscribe-missing" not in service


def test_a_personal_level_names_its_reason() -> None:
    silent = project("<mjml>\nFour things.", name="win-back/pairings")
    assert rules(silent, spoken("facts.favourite_range")) == ["reason-missing"]
    assert rules(project(name="win-back/pairings"), spoken("facts.favourite_range")) == []
    partial = project("<mjml>\n{% render 'reason' %}", name="win-back/pairings")
    partial = replace(partial, partials={"reason": "You've ordered from this range."})
    assert rules(partial, spoken("facts.favourite_range")) == []


def test_never_words_and_exclamation_marks_are_found_with_line_and_column() -> None:
    made = project("<mjml>\n<b>We miss you!</b>\nYou've ordered from this range.")
    (file,) = made.contents.values()
    read = tuple(spoken(path) for path in GOOD)
    analysis = Analysis(content_id=file.content_id, content_hash=file.content_hash, spoken=read, filters=(), tags=())
    found = {finding.rule: finding for finding in inspect(made, [analysis])}
    assert str(found["never-words"].place) == f"{file.path}:6:4"
    assert str(found["exclamation-marks"].place) == f"{file.path}:6:15"
    assert str(found["never-words"]).endswith("^")


def test_marks_of_liquid_and_styles_are_not_words() -> None:
    body = "<mjml>\n<style>p { margin: 0 !important }</style>{% if a != b %}You've ordered from this range.{% endif %}"
    assert rules(project(body)) == []


def test_two_contents_that_differ_by_one_word_count_as_one() -> None:
    made = starter()
    first = made.contents["win-back/range", "email", "en"]
    text = "<p>We chose these four pieces from one range, and say in a line why each of them is here.</p>"
    for change, count in (("pieces", "things"), 1), (("pieces from one range", "good things from two ranges"), 0):
        bodies = {"win-back/range": text, "win-back/other": text.replace(*change)}
        files = {
            (name, "email", "en"): replace(first, content_id=name, body=body, content_hash=name.encode())
            for name, body in bodies.items()
        }
        found = [one for one in inspect(replace(made, contents=files), []) if one.rule == "variants-alike"]
        assert len(found) == count
        assert all("things / pieces" in one.what for one in found)
