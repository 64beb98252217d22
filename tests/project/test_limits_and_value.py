"""Sequences that begin, holidays that are declared, and features that may be learned from."""

from __future__ import annotations

from typing import Any

import pytest

WIN, RECEIPT, POLICY = "programs/win-back.yaml", "programs/receipt.yaml", "policy.yaml"


def rules(shop: Any) -> dict[str, str]:
    return {finding.rule: finding.what for finding in shop.findings()}


def test_F47_a_sequence_that_leads_back_to_itself_is_found_before_anything_runs(shop: Any) -> None:
    shop.change(WIN, "excludes: [receipt]", "follows: {program: receipt, days: 2}")
    shop.change(RECEIPT, "purpose:", "follows: {program: win-back}\npurpose:")
    found = [finding for finding in shop.findings() if finding.rule == "sequence"]
    assert {finding.place.file for finding in found} == {WIN, RECEIPT}
    assert "win-back follows receipt follows win-back" in found[0].what + found[1].what


def test_a_step_follows_a_program_that_is_there(shop: Any) -> None:
    shop.change(WIN, "excludes: [receipt]", "follows: {program: reciept, days: 2}")
    found = next(finding for finding in shop.findings() if finding.rule == "unknown-program")
    assert "there is no program 'reciept'" in found.what
    assert "receipt" in str(found.fix)


def test_a_step_that_is_over_before_its_turn_is_a_mistake(shop: Any) -> None:
    shop.change(WIN, "excludes: [receipt]", "follows: {program: receipt, days: 9, within: 5 days}")
    assert "after 5 the sequence is over" in rules(shop)["value"]


def test_quiet_holidays_need_holidays(shop: Any) -> None:
    shop.change(POLICY, "end: 08:00}", "end: 08:00, holidays: true}")
    assert "none are declared" in rules(shop)["missing-key"]
    shop.change(POLICY, "contact_cost", "holidays: {United Kingdom: [2011-12-26], any: [2012-01-01]}\ncontact_cost")
    assert rules(shop) == {}
    assert [day.isoformat() for day in shop.project().policy.holidays["United Kingdom"]] == ["2011-12-26"]


@pytest.mark.parametrize(
    ("feature", "rule"),
    [
        ("{fact: order_count, centre: 3, spread: 2}", None),
        ("{fact: familiarity, edges: [0, 0.5]}", None),
        ("{fact: order_cuont}", "unknown-fact"),
        ("{fact: expecting, values: ['yes']}", "sensitive-fact"),
        ("{fact: income_band, values: [high]}", "acquired-fact"),
        ("{model: churn}", "value"),
    ],
)
def test_worth_is_learned_only_from_facts_that_may_select(shop: Any, feature: str, rule: str | None) -> None:
    shop.change(POLICY, "contact_cost", f"value: {{features: [{feature}]}}\ncontact_cost")
    found = {finding.rule for finding in shop.findings()}
    assert found == (set() if rule is None else {rule}), found
