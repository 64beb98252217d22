"""The fingerprint is of what the project means: layout says nothing, every word that counts says something."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tactful.project.fingerprint import fingerprint, meaning
from tactful.project.policy import Policy
from tactful.project.programs import Program
from tactful.project.shape import Declaration

SAME = {
    "comments": ("programs/win-back.yaml", "purpose:", "# why\npurpose:"),
    "blank lines": ("programs/win-back.yaml", "offers:", "\n\noffers:"),
    "flow or block": (
        "programs/win-back.yaml",
        "offers: [none, ten-off, five-pounds]",
        "offers:\n- none\n- 'ten-off'\n- five-pounds",
    ),
    "share": ("programs/win-back.yaml", "holdout: 10%", "holdout: 0.10"),
    "days": ("offers/ten-off.yaml", "valid: 2 weeks", "valid: 14 days"),
    "one or a list": ("programs/receipt.yaml", "touchpoints: email", "touchpoints: [email]"),
    "money": ("programs/win-back.yaml", "5000 GBP", "5000.00 GBP"),
    "condition": ("segments/lapsing.yaml", "days_since_order > 90 and", "days_since_order>90   AND"),
    "sql layout": ("segments/recent.sql", "SELECT customer_id\nFROM", "SELECT customer_id FROM"),
    "sql comment": ("segments/recent.sql", " -- two weeks", ""),
    "order of keys": ("programs/receipt.yaml", "{response: 1%, margin: 1 GBP}", "{margin: 1 GBP, response: 1%}"),
    "front matter": ("content/win-back/everyone.mjml", "# the quiet line\n", ""),
    "newlines": ("brand.yaml", "brand: Small Shop\n", "brand: Small Shop\r\n"),
}
OTHER = {
    "a number": ("programs/win-back.yaml", "holdout: 10%", "holdout: 11%"),
    "a word of copy": ("content/win-back/everyone.mjml", "salutation", "salutation }}{{ brand.name"),
    "a subject": ("content/win-back/everyone.mjml", "worth a look", "worth seeing"),
    "a partial": ("content/_partials/links.liquid", "Unsubscribe", "Leave"),
    "a fact's window": ("facts.yaml", "365 days", "364 days"),
    "sql": ("segments/recent.sql", "< 14", "< 15"),
    "text in sql": ("segments/recent.sql", "< 14", "< 14 AND country = 'a  b'"),
    "order of stages": ("facts.yaml", "  - {stage: new, when: order_count = 1}\n", ""),
    "terms": ("offers/ten-off.yaml", "Once, until", "Twice, until"),
    "salt": ("tactful.yaml", "chestnut", "walnut"),
    "web": ("content/win-back/everyone.web.liquid", "things", "ideas"),
}


@pytest.mark.parametrize("name", sorted(SAME))
def test_layout_and_spelling_change_nothing(shop: Any, name: str) -> None:
    before = shop.project()
    shop.change(*SAME[name])
    after = shop.project()
    assert after.fingerprint == before.fingerprint
    hashes = [content.content_hash for content in after.contents.values()]
    assert hashes == [content.content_hash for content in before.contents.values()]


@pytest.mark.parametrize("name", sorted(OTHER))
def test_whatever_counts_changes_it(shop: Any, name: str) -> None:
    before = shop.project().fingerprint
    shop.change(*OTHER[name])
    assert shop.project().fingerprint != before


def test_a_content_hash_covers_body_front_matter_and_partials_of_partials(shop: Any) -> None:
    def hashes() -> dict[str, bytes]:
        return {content.path: content.content_hash for content in shop.project().contents.values()}

    first = hashes()
    shop.change("content/_partials/links.liquid", "Unsubscribe", "Leave")
    second = hashes()
    changed = {path for path in first if first[path] != second[path]}
    assert changed == {"content/win-back/everyone.mjml", "content/win-back/by-category.mjml"}
    shop.change("content/receipt/thanks.mjml", "subject: Thank", "register: regular\nsubject: Thank")
    third = hashes()
    assert {path for path in third if second[path] != third[path]} == {"content/receipt/thanks.mjml"}


def test_a_new_key_with_a_default_changes_no_fingerprint() -> None:
    class Before(Declaration):
        name: str
        most: int = 3

    class After(Before):
        added: int = 7

    said = {"name": "x"}
    assert meaning(Before.model_validate(said)) == meaning(After.model_validate(said)) == '{"name":"x"}'


def test_two_projects_with_parts_of_other_names_differ() -> None:
    assert fingerprint({"a": "1", "b": "2"}) != fingerprint({"a": "2", "b": "1"})
    assert fingerprint({"a": "1b"}) != fingerprint({"a": "1", "b": ""})
    assert len(fingerprint({})) == 16


@given(st.randoms(use_true_random=False))
def test_the_order_of_keys_never_counts(chance: random.Random) -> None:
    said = yaml.safe_load(POLICY)
    assert meaning(Policy.model_validate(shuffled(said, chance))) == meaning(Policy.model_validate(said))


@pytest.mark.parametrize("shape", [Policy, Program])
def test_what_a_declaration_means_can_be_read_again(shop: Any, shape: type[Declaration]) -> None:
    project = shop.project()
    for one in (project.policy,) if shape is Policy else project.programs.values():
        again = shape.model_validate_json(meaning(one))
        assert again == one
        assert meaning(again) == meaning(one)


def test_facts_metrics_offers_and_sources_round_trip(shop: Any) -> None:
    project = shop.project()
    for many in (project.facts, project.metrics, project.offers, project.sources):
        for one in many.values():
            assert type(one).model_validate_json(meaning(one)) == one


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same value with the keys of every mapping in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return value


POLICY = """
ceiling:
  familiarity: {all: "0", many: "0.1", few: "0.3", one: "0.5"}
  knowledge: {all: "0", many: "0.1", few: "0.3", one: "0.5"}
caps: [{channel: email, most: 2, days: 7 days}]
contact_cost: {email: 0.02 GBP, print: 1 GBP}
exploration: {most: 10%, budget: 50 GBP}
"""
