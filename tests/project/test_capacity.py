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


def test_a_cap_is_of_a_purpose_that_exists_or_it_would_hold_for_nobody(shop: Any) -> None:
    shop.change(POLICY, "caps:", "caps:\n  - {channel: email, purpose: marktng, most: 1, days: 7}\n#")
    (finding,) = [one for one in shop.findings() if one.rule == "unknown-word"]
    assert (finding.what, finding.fix) == ("'marktng' may not stand here", "did you mean 'marketing'?")


def test_what_is_no_number_is_said_in_plain_words(shop: Any) -> None:
    declared(
        shop,
        "  sends: [{channel: email, most: many}, {channel: email, most: -5}]\n"
        "  checking: {most: 5, levels: [ones]}\n"
        "  complaints: [{channel: email, most: few, expected: {all: 0.05%}}]",
    )
    said = [(one.what, one.fix) for one in shop.findings()]
    assert said == [
        ("'many' is no whole number", "write digits, such as 10"),
        ("'-5' is less than 0", "write 0 or more"),
        ("'ones' may not stand here", "did you mean 'one'?"),
        ("'few' is no number", "write digits, such as 10 or 0.5"),
    ]


def test_a_holiday_that_is_no_date_says_how_to_write_one(shop: Any) -> None:
    shop.change(POLICY, "contact_cost", "holidays: {United Kingdom: [3 Jan 2011]}\ncontact_cost")
    (finding,) = shop.findings()
    assert finding.what == "'3 Jan 2011' is no date"
    assert finding.fix == "write year, month and day, such as 2011-12-26"


def test_holidays_of_a_country_that_is_nearly_one_an_offer_names_are_looked_at(shop: Any) -> None:
    offer = next(file for file in sorted((shop.root / "offers").glob("*.yaml")) if file.stem != "none")
    offer.write_text(offer.read_text() + "\ncountries: [United Kingdom]\n")
    shop.change(POLICY, "contact_cost", "holidays: {United Kingdm: [2011-01-03], France: [2011-07-14]}\ncontact_cost")
    (finding,) = shop.findings()
    assert (finding.severity.value, finding.rule) == ("warning", "unknown-country")
    assert finding.fix == "did you mean 'United Kingdom'?"
