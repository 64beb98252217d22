"""Capacities that all programs share are declared in `policy.yaml`: channels that exist, numbers that can be."""

from decimal import Decimal
from typing import Any

from tactful.words.level import Level

POLICY = "policy.yaml"


def declared(shop: Any, text: str) -> None:
    shop.change(POLICY, "contact_cost", f"capacity:\n{text}\ncontact_cost")


def test_capacities_are_read_with_their_levels_and_shares(shop: Any) -> None:
    declared(
        shop,
        "  sends: [{channel: email, most: 20000, per: hour}]\n"
        "  checking: {most: 500}\n"
        "  complaints: [{channel: email, most: 40, expected: {all: 0.05%}}]",
    )
    capacity = shop.project().policy.capacity
    assert (capacity.sends[0].per, capacity.checking.levels, capacity.creative) == ("hour", (Level.ONE,), None)
    assert capacity.complaints[0].expected == {Level.ALL: Decimal("0.0005")}


def test_a_capacity_is_of_a_channel_that_exists(shop: Any) -> None:
    declared(shop, "  sends: [{channel: emial, most: 5}]")
    (finding,) = shop.findings()
    assert finding.rule == "unknown-channel"
    assert "emial" in finding.what


def test_a_capacity_below_nothing_is_refused(shop: Any) -> None:
    declared(shop, "  checking: {most: -1}")
    assert shop.findings()
