"""What variants cost and how contacts wear, as a policy declares them: names that exist, amounts in one currency."""

from __future__ import annotations

from typing import Any

POLICY = "policy.yaml"


def rules(shop: Any) -> dict[str, str]:
    return {finding.rule: finding.what for finding in shop.findings()}


def test_a_value_class_is_a_segment_that_exists_and_a_weight_a_channel(shop: Any) -> None:
    shop.change(POLICY, "contact_cost", "fatigue: {remaining: 20 GBP, weight: {email: 1}}\ncontact_cost")
    assert rules(shop) == {}
    declared = shop.project().policy.fatigue
    assert (str(declared.remaining), declared.half_life, declared.every) == ("20.00 GBP", 14, 7)
    classes = "classes: [{segment: lapsinq, remaining: 9 GBP}], weight: {emial: 2}"
    shop.change(POLICY, "weight: {email: 1}", classes)
    found = {finding.rule: finding for finding in shop.findings()}
    assert "there is no segment 'lapsinq'" in found["unknown-segment"].what
    assert "lapsing" in str(found["unknown-segment"].fix)
    assert "emial" in found["unknown-channel"].what


def test_amounts_are_in_the_projects_currency(shop: Any) -> None:
    shop.change(POLICY, "contact_cost", "variants: {cost: {many: 4 EUR}}\ncontact_cost")
    assert "is not in the project's currency" in rules(shop)["currency"]


def test_without_them_nothing_is_weighed(shop: Any) -> None:
    assert shop.project().policy.fatigue is None
    assert shop.project().policy.variants.cost == {}
