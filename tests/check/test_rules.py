"""Each rule of the gate has a letter in which it speaks and one that comes near in which it must not."""

from __future__ import annotations

import pkgutil

import pytest

import tactful.check.rules
from check.cases import CASES
from check.world import World, one
from tactful.check.rule import Rule
from tactful.check.rules import RULES, THEMES, rules_table, together
from tactful.project.brand import Salutation
from tactful.words.finding import Severity


def found(world: World) -> set[str]:
    return {row["rule"] for row in world.findings()}


def test_a_good_letter_has_no_finding() -> None:
    assert one().findings() == []


@pytest.mark.parametrize("rule", sorted(CASES))
def test_the_rule_speaks(rule: str) -> None:
    assert rule in found(CASES[rule][0])


@pytest.mark.parametrize("rule", sorted(CASES))
def test_the_rule_is_silent_where_it_comes_near(rule: str) -> None:
    assert rule not in found(CASES[rule][1])


def test_a_project_that_greets_nobody_may_have_no_greeting() -> None:
    nobody = {"salutation": Salutation(style="none")}
    assert "slot-empty" in found(one(values={"customer.salutation": ""}))
    assert "slot-empty" not in found(one(values={"customer.salutation": ""}, brand=nobody))


def test_a_zero_in_a_name_is_no_news() -> None:
    assert "zero-as-news" not in found(one(values={"customer.salutation": "0"}))


def test_every_rule_has_both_cases() -> None:
    assert {rule.id for rule in RULES} == set(CASES)


def test_no_theme_is_left_out() -> None:
    modules = {module.name for module in pkgutil.iter_modules(tactful.check.rules.__path__)}
    named = {module for module in modules if hasattr(getattr(tactful.check.rules, module, None), "RULES")}
    rules = {rule.id for module in named for rule in getattr(tactful.check.rules, module).RULES}
    assert named == modules
    assert rules == {rule.id for theme in THEMES.values() for rule in theme}


def test_every_rule_explains_itself_in_one_sentence() -> None:
    for row in rules_table():
        assert row["why"].endswith("."), row
        assert row["why"].count(". ") == 0, row
        assert not row["fix"].endswith("."), row


def test_a_rule_that_inspects_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="inspects nothing"):
        Rule(id="idle", severity=Severity.NOTE, place="x", why="x.", fix="x")
    with pytest.raises(ValueError, match="two rules are called"):
        together([RULES[0], RULES[0]])
