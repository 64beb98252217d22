"""Promises of programs and costs that differ by customer are declared, and refused where they cannot be."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

WIN, OFFER = "programs/win-back.yaml", "offers/ten-off.yaml"
LIMITS = "limits: {budget: 5000 GBP, sends_per_day: 20000}"


def promised(shop: Any, text: str, *, sends: int = 20_000) -> list[Any]:
    shop.change(WIN, LIMITS, f"limits: {{sends_per_day: {sends}, promised: {text}}}")
    return list(shop.findings())


def test_a_promise_is_read(shop: Any) -> None:
    assert promised(shop, "{sends_per_day: 500, missing: 0.20 GBP}") == []
    found = shop.project().programs["win-back"].limits.promised
    assert (found.sends_per_day, found.missing.amount) == (500, Decimal("0.20"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{sends_per_day: 500, missing: 0.20 GBP}", "at most 300 may be sent"),
        ("{sends_per_day: 300, missing: 0 GBP}", "whose breach costs nothing"),
        ("{sends_per_day: 300, missing: 0.20 EUR}", "not in the project's currency"),
        ("{sends_per_day: 0, missing: 0.20 GBP}", "is less than 1"),
        ("{sends_per_day: 300}", "missing"),
    ],
)
def test_a_promise_that_cannot_be_is_refused_where_it_stands(shop: Any, text: str, says: str) -> None:
    (finding,) = promised(shop, text, sends=300)
    assert says in f"{finding.what} {finding.fix} {finding.place}"
    assert finding.place.file == WIN


def test_no_more_is_promised_than_people_are_expected(shop: Any) -> None:
    shop.change(WIN, "touchpoints:", "expect_audience: {most: 100}\ntouchpoints:")
    (finding,) = promised(shop, "{sends_per_day: 500, missing: 0.20 GBP}")
    assert "to 100 people at most" in finding.what


def costs(shop: Any, text: str) -> list[Any]:
    shop.change(OFFER, "cost: 3 GBP", f"cost: 3 GBP\ncost_of: {text}")
    return list(shop.findings())


def test_a_cost_that_goes_with_a_fact_is_read(shop: Any) -> None:
    assert costs(shop, "{fact: order_count, share: 10%}") == []
    found = shop.project().offers["ten-off"].cost_of
    assert (found.fact, found.share) == ("order_count", Decimal("0.1"))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{fact: order_cuont, share: 10%}", "unknown-fact"),
        ("{fact: favourite_category, share: 10%}", "kind"),
        ("{fact: expecting, share: 10%}", "sensitive-fact"),
        ("{fact: income_band, share: 10%}", "acquired-fact"),
    ],
)
def test_a_cost_goes_only_with_a_number_that_may_be_used(shop: Any, text: str, rule: str) -> None:
    assert rule in {finding.rule for finding in costs(shop, text)}


def test_without_a_cost_beside_it_the_fact_is_not_enough(shop: Any) -> None:
    shop.change(OFFER, "cost: 3 GBP\n", "cost_of: {fact: order_count, share: 10%}\n")
    assert "what does it cost with those of whom the fact is not known?" in {f.what for f in shop.findings()}
