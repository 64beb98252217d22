"""Cases of the rules about prices, offers and items."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from check.making import NO_OFFER, SECOND, alone, item, ordered, place, shown, value, words
from check.world import NOW, World, one

CASES: dict[str, tuple[World, World]] = {
    "price-unreadable": (value("items[0].price", "1.234,50"), value("items[0].price", "£1,234.50")),
    "price-not-positive": (
        value("items[0].price", "£0.00", item={"list_price": Decimal(0)}),
        value("items[0].price", "£0.01", item={"list_price": Decimal("0.01")}),
    ),
    "price-currency": (
        value("items[0].price", "€12.75", item={"currency": "EUR"}),
        value("items[0].price", "£12.75"),
    ),
    "price-differs": (value("items[0].price", "£12.57"), value("items[0].price", "£12.75")),
    "price-in-words": (words("It was £19 once."), words("It has 19 parts.")),
    "price-without-tax-note": (
        one(html_swaps=[("\n«items[0].price_note:words»", "")]),
        one(html_swaps=[("\n«items[0].price_note:words»", "incl. VAT")]),
    ),
    "discount-too-deep": (words("15% off everything."), words("10% off, and it is 15% larger.")),
    "offer-unknown": (one(decision={"offer_id": "half-price"}), one()),
    "offer-expired": (
        one(decision={"valid_until": NOW + timedelta(hours=20)}),
        one(decision={"valid_until": NOW + timedelta(hours=30)}),
    ),
    "offer-not-begun": (one(), one()),
    "offer-date-differs": (
        value("offer.words", "Delivery on your next order is free until Saturday 24 December 2011"),
        one(),
    ),
    "offer-on-service-mail": (
        one(decision={"purpose": "service"}),
        one(decision={"purpose": "service", "offer_id": None}, **NO_OFFER),
    ),
    "offer-not-decided": (one(decision={"offer_id": None}), one(decision={"offer_id": None}, **NO_OFFER)),
    "offer-not-said": (one(**NO_OFFER), one()),
    "offer-words-differ": (value("offer.words", "Everything is free until Friday 23 December 2011"), one()),
    "offer-not-allowed-here": (one(profile={"country": "France"}), one(profile={"country": "Channel Islands"})),
    "offer-too-deep": (
        one(decision={"offer_id": "ten-off"}, brand={"most_discount": Decimal("0.05")}),
        one(decision={"offer_id": "ten-off"}),
    ),
    "offer-in-words": (words("Free delivery for all."), words("Delivery takes two days.")),
    "item-unknown": (shown(place("99999")), one()),
    "item-out-of-stock": (item(stock=0), item(stock=1)),
    "item-not-sold": (item(active_to=NOW), item(active_to=NOW + timedelta(days=1))),
    "item-sensitive": (item(sensitive_topic="children"), item(sensitive_topic=None)),
    "item-twice": (shown(place(), place()), shown(place(), place("22457"))),
    "item-words-differ": (value("items[0].title", "Natural slate heart chalkboard"), one()),
    "item-because-of-itself": (
        shown(place(role="pair", because="22423")),
        shown(place(role="pair", because="22457"), place("22457", "anchor")),
    ),
    "item-owned-shown-as-new": (
        shown(place(role="new"), extra=ordered(("22423", "sale"))),
        shown(place(role="again"), extra=ordered(("22423", "sale"))),
    ),
    "item-just-returned": (
        shown(place(), extra=ordered(("22423", "sale"), ("22423", "return"))),
        shown(place(), extra=ordered(("22423", "return"), ("22423", "sale"))),
    ),
    "anchor-not-ordered": (
        shown(place(), place("22457", "anchor"), extra=ordered(("22423", "sale"))),
        alone(
            {"decision": {"items": [place(), place("22457", "anchor")]}},
            items=[SECOND],
            extra=ordered(("22457", "sale")),
        ),
    ),
}
