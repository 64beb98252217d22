"""For every rule a letter in which it speaks, and one that comes near and in which it must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from check.world import ADDRESS, HTML, LEGAL, NOW, RANGE, TEXT, Letter, World, one, part, table
from tactful.words.fact import Provenance, Sensitivity, Speak
from tactful.words.message import Part, Skeleton

GREETING = "<p>«customer.salutation:name»</p>"
SHOP = '<a href="https://shop.example/">The shop</a>'
SECOND = {"item_id": "22457", "title": "Natural slate heart chalkboard", "url": "https://shop.example/p/22457"}
OFFER = "<p>«offer.words:words»</p>"
NO_OFFER = {"html_swaps": [(OFFER, "")], "text_swaps": [("«offer.words:words».\n", "")]}


def words(text: str, **more: Any) -> World:
    """A letter with one more sentence in its body."""
    return one(html_swaps=[("and it lasts.", f"and it lasts. {text}")], **more)


def value(source: str, text: str | None, **more: Any) -> World:
    """A letter with one value changed."""
    return one(values={source: text}, **more)


def named(name: str, **more: Any) -> World:
    """A letter that greets by another name, which is the customer's."""
    return one(values={"customer.salutation": f"Hello {name},"}, profile={"salutation_name": name}, **more)


def link(url: str, **more: Any) -> World:
    """A letter with another address behind one link."""
    return one(html_swaps=[(SHOP, f'<a href="{url}">The shop</a>')], **more)


def item(**more: Any) -> World:
    """A letter whose item is otherwise in the catalogue."""
    return one(item=more)


def shown(*items: dict[str, Any], **more: Any) -> World:
    """A letter for a decision with other items."""
    return one(decision={"items": list(items)}, items=[SECOND], **more)


def place(item_id: str = "22423", role: str = "range", because: str | None = None) -> dict[str, Any]:
    return {"item_id": item_id, "role": role, "because": because}


def ordered(*lines: tuple[str, str]) -> dict[str, pa.Table]:
    """Order lines of the first customer: item and kind."""
    rows = [
        {"customer_id": "c0", "customer_key": 1, "order_id": f"o{n}", "line": 1, "item_id": item_id, "quantity": 1,
         "unit_price": Decimal("2.95"), "currency": "GBP", "happened_at": NOW - timedelta(days=90 - n), "kind": kind,
         "source": "orders"}
        for n, (item_id, kind) in enumerate(lines)
    ]  # fmt: skip
    return {"transactions": table("transactions", rows)}


def alone(letter: dict[str, Any], **more: Any) -> World:
    """One letter, sent to one customer only."""
    return World(letters=[Letter(**letter)], crowd=0, **more)


def several(count: int, *, variants: int) -> World:
    """Letters to so many customers, of so many variants."""
    letters = [Letter(customer=f"c{n}", decision={"variant_id": f"v{n % variants}"}) for n in range(count)]
    return World(letters=letters, crowd=0)


def heard(days: int) -> World:
    """A customer who read this skeleton so many days ago."""
    made, _ = Letter().skeleton()
    row = {"customer_id": "c0", "skeleton_id": made.skeleton_id, "happened_at": NOW - timedelta(days=days)}
    types = [
        ("customer_id", pa.string()),
        ("skeleton_id", pa.binary(16)),
        ("happened_at", pa.timestamp("us", tz="UTC")),
    ]
    return one(extra={"previous": pa.Table.from_pylist([row], schema=pa.schema(types))})


def unwritten(count: int) -> World:
    rows = [
        {"message_id": bytes([n]) * 16, "decision_id": bytes([n]) * 16, "why": "failed", "text": "x"}
        for n in range(count)
    ]
    return one(extra={"unwritten": table("unwritten", rows)})


class Odd(World):
    """A run whose tables do not fit together."""

    spoil: str = ""

    def inputs(self) -> dict[str, pa.Table]:
        made = super().inputs()
        if self.spoil == "decisions":
            made["decisions"] = made["decisions"].slice(1)
        elif self.spoil == "skeletons":
            other = Skeleton(
                content_id="x", content_hash=bytes(16), branch="", parts=(part(Part.TEXT, "x", columns={}),)
            )
            rows = made["skeletons"].to_pylist()[:1]
            made["skeletons"] = table("skeletons", [{**rows[0], "skeleton_id": other.skeleton_id}])
        elif self.spoil == "messages":
            made["messages"] = made["messages"].slice(1)
        elif self.spoil == "twice":
            made["messages"] = pa.concat_tables([made["messages"], made["messages"].slice(0, 1)])
        return made


def odd(spoil: str) -> World:
    made = Odd()
    made.spoil = spoil
    return made


def facts(**more: Any) -> World:
    """The spoken fact declared otherwise."""
    return one(facts={"favourite_range": more})


def fact_slot(source: str, text: str, name: str = "favourite_range", **more: Any) -> World:
    """One more sentence that speaks a value of a fact."""
    swap = ("and it lasts.", f"and it lasts. It is «{source}:words:{name}».")
    return one(html_swaps=[swap], values={source: text}, **more)


PHOTO = '<img src="https://shop.example/p.png"'
PHOTO_OK = {"links": {"https://shop.example/p.png": "ok"}}
ZERO_NEWS = [("and it lasts.", "and it lasts. You have «facts.order_count | plus:number» points.")]
LONG = "x" * 70_000

CASES: dict[str, tuple[World, World]] = {
    "placeholder-residue": (words("Dear [First Name]"), words("It is 50 x 40 cm (20 x 16 in).")),
    "slot-empty": (value("items[0].title", " "), value("items[0].title", "Regency cake stand, 3 tier")),
    "slot-says-nothing": (value("items[0].price_note", "NULL"), value("items[0].price_note", "nothing to add")),
    "damaged-text": (value("items[0].price_note", "CafÃ© set"), value("items[0].price_note", "Café set")),
    "invisible-characters": (
        value("items[0].price_note", "Ann\u202emoc.live"),
        value("items[0].price_note", "Ann · live"),
    ),
    "header-injection": (
        value("customer.salutation", "Hello A\r\nBcc: x,"),
        value("items[0].price_note", "two\nlines"),
    ),
    "markup-in-plain-text": (
        one(text_swaps=[("Here is one thing", "Tea &amp; one thing")]),
        one(text_swaps=[("Here is one thing", "Tea & one <3 thing")]),
    ),
    "subject-is-one-value": (one(subject=RANGE), one(subject=f"From our {RANGE} range")),
    "name-not-greetable": (named("MR J SMITH LTD"), named("Siobhán")),
    "greeting-unknown": (value("customer.salutation", "Hi Anna!"), value("customer.salutation", "Hello,")),
    "name-of-another": (value("customer.salutation", "Hello Maria,"), value("customer.salutation", "Hello,")),
    "name-beside-cheap": (
        one(html_swaps=[(GREETING, "<p>«customer.salutation:name» these are cheap.</p>")]),
        words("We also have cheap string. Anna sees none of it here."),
    ),
    "gendered-form": (
        named("Loren", html_swaps=[(GREETING, "<p>Dear Mr «customer.salutation:name»</p>")]),
        named("Loren", html_swaps=[(GREETING, "<p>To «customer.salutation:name»</p>")]),
    ),
    "name-too-often": (
        one(html_swaps=[("<h1>From our ranges</h1>", "<h1>«customer.salutation:name»</h1>")]),
        one(),
    ),
    "name-in-subject": (one(subject="«customer.salutation:name» our ranges"), one()),
    "fact-unmapped": (fact_slot("facts.shoe_size", "large", "shoe_size"), one()),
    "fact-above-level": (
        fact_slot("facts.order_count | at_most", "some", "order_count"),
        one(decision={"level": "few"}),
    ),
    "fact-sensitive": (facts(sensitivity=Sensitivity.SENSITIVE), facts(sensitivity=Sensitivity.PERSONAL)),
    "fact-guessed": (facts(provenance=Provenance.INFERRED), facts(provenance=Provenance.OBSERVED)),
    "fact-acquired": (facts(provenance=Provenance.ACQUIRED), facts(provenance=Provenance.DECLARED)),
    "fact-other-purpose": (facts(purpose=("service",)), facts(purpose=("service", "marketing"))),
    "facts-too-many": (
        fact_slot("facts.order_count | some", "some", "order_count,several_orders"),
        fact_slot("facts.order_count | some", "some", "order_count"),
    ),
    "too-precise-time": (
        fact_slot("facts.favourite_range | at", "at 02:13"),
        fact_slot("facts.favourite_range | at", "in autumn"),
    ),
    "too-precise-count": (
        fact_slot("facts.order_count", "17", "order_count"),
        fact_slot("facts.order_count", "17", "order_count", facts={"order_count": {"speak": Speak.EXACT}}),
    ),
    "contact-details-spoken": (
        value("items[0].title", "for anna@x.example"),
        value("items[0].title", "Set of 12, 40 x 50 cm"),
    ),
    "level-above-ceiling": (one(decision={"ceiling": "all"}), one(decision={"ceiling": "many"})),
    "reason-missing": (
        one(
            decision={"level": "few"},
            html_swaps=[("You've ordered from the", "Here is the")],
            text_swaps=[("You've ordered from the", "Here is the")],
        ),
        one(decision={"level": "few"}),
    ),
    "value-not-theirs": (one(profile={"favourite_range": "candles and lights"}), one()),
    "facts-shared-by-few": (one(others=10), one(others=20)),
    "cell-too-small": (alone({}, others=18), alone({}, others=19)),
    "visit-spoken": (
        one(
            profile={"favourite_range__as_of": NOW - timedelta(hours=2)}, facts={"favourite_range": {"from_": "events"}}
        ),
        one(
            profile={"favourite_range__as_of": NOW - timedelta(days=2)}, facts={"favourite_range": {"from_": "events"}}
        ),
    ),
    "fact-stale": (
        one(profile={"favourite_range__as_of": NOW - timedelta(days=9)}, facts={"favourite_range": {"stale_after": 7}}),
        one(profile={"favourite_range__as_of": NOW - timedelta(days=6)}, facts={"favourite_range": {"stale_after": 7}}),
    ),
    "zero-as-news": (
        one(html_swaps=ZERO_NEWS, values={"facts.order_count | plus": "0"}),
        one(html_swaps=ZERO_NEWS, values={"facts.order_count | plus": "10"}),
    ),
    "exclamation-marks": (words("Look!"), words("Look!", brand={"exclamation_marks": 1})),
    "shouting": (
        value("items[0].price_note", "WHITE HANGING HEART HOLDER"),
        value("items[0].price_note", "A DAB radio, BBC"),
    ),
    "never-words": (words("We miss you."), words("We missed your letter.")),
    "cheer-at-a-loss": (
        words("We are sorry for your loss. Enjoy the party."),
        words("Enjoy the party."),
    ),
    "false-urgency": (words("It ends tonight."), words("It ends on 23 December 2011.")),
    "slot-reads-badly": (
        one(
            html_swaps=[("and it lasts.", "and it lasts. It is a «items[0].price_note:words».")],
            values={"items[0].price_note": "apple"},
        ),
        one(
            html_swaps=[("and it lasts.", "and it lasts. It is a «items[0].price_note:words».")],
            values={"items[0].price_note": "pear"},
        ),
    ),
    "claim-without-footnote": (
        words("Made by hand.", brand={"claims": {"made by hand": "All but the handles."}}),
        words("Made by hand. All but the handles.", brand={"claims": {"made by hand": "All but the handles."}}),
    ),
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
    "link-dead": (one(links={"https://shop.example/": "404"}), one(links={"https://shop.example/old": "404"})),
    "link-unchecked": (
        link("https://shop.example/new"),
        link("https://shop.example/new", links={"https://shop.example/new": "ok"}),
    ),
    "link-scheme": (link("http://shop.example/"), link("mailto:ellen@shop.example")),
    "link-host": (link("https://shop.example.evil.example/"), link("https://letters.shop.example/about")),
    "link-user-info": (link("https://shop.example@evil.example/"), link("https://shop.example/@us")),
    "link-look-alike": (link("https://ѕhop.example/"), link("https://shop.example/ѕ")),
    "link-carries-person": (link("https://shop.example/?to=anna@x.example"), link("https://shop.example/?to=home")),
    "link-empty": (link("#"), link("#top")),
    "link-without-words": (
        one(html_swaps=[(SHOP, '<a href="https://shop.example/"> </a>')]),
        one(html_swaps=[(SHOP, f'<a href="https://shop.example/">{PHOTO} alt="The shop"></a>')], **PHOTO_OK),
    ),
    "link-names-other-host": (
        one(html_swaps=[(SHOP, '<a href="https://shop.example/">bank.example</a>')]),
        one(html_swaps=[(SHOP, '<a href="https://shop.example/">shop.example</a>')]),
    ),
    "html-moved": (
        one(html_swaps=[('<table role="presentation"><tr>', '<table role="presentation"><div>x</div><tr>')]),
        one(html_swaps=[("<tr><td>", "<tr><td><div>x</div>")]),
    ),
    "active-content": (words('<b onclick="x()">press</b>'), words("<b>on click</b>")),
    "html-too-large": (
        one(html_swaps=[("<p>«offer.words:words»</p>", f"<p>«offer.words:words»</p><!--{LONG}--><!--{LONG}-->")]),
        one(html_swaps=[("<p>«offer.words:words»</p>", f"<p>«offer.words:words»</p><!--{LONG}-->")]),
    ),
    "html-language": (one(html_swaps=[('lang="en" ', "")]), one(html_swaps=[('lang="en" ', 'lang="en-GB" ')])),
    "html-direction": (one(html_swaps=[(' dir="ltr"', "")]), one(html_swaps=[(' dir="ltr"', ' dir="auto"')])),
    "image-without-alt": (words(f"{PHOTO}>", **PHOTO_OK), words(f'{PHOTO} alt="">', **PHOTO_OK)),
    "only-pictures": (
        one(
            html=f'<html lang="en" dir="ltr"><head><title>x</title></head><body>{PHOTO} alt="x"> Hello</body></html>',
            **PHOTO_OK,
        ),
        words(f'{PHOTO} alt="x">', **PHOTO_OK),
    ),
    "text-part-missing": (one(text=None), one(text=TEXT)),
    "html-empty": (one(html='<html lang="en" dir="ltr"><body><p> </p></body></html>'), one()),
    "heading-order": (words("<h3>More</h3>"), words("<h2>More</h2>")),
    "title-missing": (one(html_swaps=[("<title>A letter</title>", "")]), one()),
    "style-too-large": (
        one(html_swaps=[("p { margin: 0 }", "p { margin: 0 }" * 600)]),
        one(html_swaps=[("p { margin: 0 }", "p { margin: 0 }" * 500)]),
    ),
    "table-without-role": (
        words("<table><tr><td>x</td></tr></table>"),
        words('<table role="none"><tr><td>x</td></tr></table>'),
    ),
    "unsubscribe-missing": (
        one(
            html_swaps=[
                ('<a href="«links.unsubscribe:url»">', '<a style="display:none" href="«links.unsubscribe:url»">')
            ]
        ),
        one(
            html_swaps=[('<a href="«links.unsubscribe:url»">', '<a style="color:gray" href="«links.unsubscribe:url»">')]
        ),
    ),
    "postal-address-missing": (
        one(html_swaps=[(ADDRESS, "Somewhere")]),
        one(html_swaps=[(ADDRESS, "Somewhere")], decision={"purpose": "service", "offer_id": None}),
    ),
    "sender-missing": (
        one(text="«customer.salutation:name» Unsubscribe: «links.unsubscribe:url»"),
        one(),
    ),
    "legal-line-missing": (one(html_swaps=[(LEGAL, "")]), one(html_swaps=[(LEGAL, LEGAL.replace(" ", "\n"))])),
    "why-link-missing": (one(html_swaps=[('<a href="«links.why:url»">Why this?</a>', "")]), one()),
    "preferences-link-missing": (one(html_swaps=[('<a href="«links.preferences:url»">How often</a>', "")]), one()),
    "sender-address": (
        one(brand={"from_address": "letters at shop"}),
        one(brand={"from_address": "no-reply@shop.example"}),
    ),
    "subject-empty": (one(subject=" "), one(subject="x")),
    "subject-too-long": (one(subject="a" * 61), one(subject="a" * 60)),
    "subject-shows-items": (one(subject="The Regency cake stand, 3 tier"), one(subject="The cake stands")),
    "subject-shows-facts": (
        one(
            subject=f"From our {RANGE} range",
            facts={"favourite_range": {"speak": Speak.EXACT}},
            decision={"level": "one"},
        ),
        one(subject=f"From our {RANGE} range"),
    ),
    "subject-capitals": (one(subject="FROM OUR RANGES"), one(subject="From our UK ranges")),
    "subject-false-reply": (one(subject="Re: your order"), one(subject="Report: our ranges")),
    "preheader-repeats-subject": (one(preheader="From our ranges."), one(preheader="One thing from our ranges")),
    "preheader-empty": (one(preheader=None), one(preheader="x")),
    "subject-slot-too-long": (
        one(subject="From «items[0].note:words»", values={"items[0].note": "x" * 61}),
        one(subject="From «items[0].note:words»", values={"items[0].note": "x" * 60}),
    ),
    "no-decision": (odd("decisions"), one()),
    "no-skeleton": (odd("skeletons"), one()),
    "too-many-variants": (several(40, variants=3), several(40, variants=2)),
    "more-segments-than-customers": (one(), several(3, variants=3)),
    "too-many-unwritten": (unwritten(2), unwritten(0)),
    "message-lost": (odd("messages"), one()),
    "decided-otherwise": (one(decision={"outcome_kind": "held_out"}), one()),
    "message-twice": (odd("twice"), one()),
    "content-not-decided": (one(decision={"content_id": "win-back/everyone"}), one()),
    "language-not-theirs": (
        one(language="de", html=HTML.replace('lang="en"', 'lang="de"'), profile={"language": "en"}),
        one(language="de", html=HTML.replace('lang="en"', 'lang="de"'), profile={"language": "de-CH"}),
    ),
    "same-opening-again": (heard(60), heard(120)),
}


def _later() -> None:
    """Two rules need a declaration or a table that no plain change makes."""
    begins = Beginning(letters=[Letter()])
    CASES["offer-not-begun"] = (begins, one())
    CASES["more-segments-than-customers"] = (Crossed(letters=[Letter()], crowd=0), several(3, variants=3))


class Beginning(World):
    """An offer that begins tomorrow."""

    def project(self) -> Any:
        made = super().project()
        offer = made.offers["free-delivery"].model_copy(update={"starts": "2011-12-10"})
        return replace(made, offers={**made.offers, "free-delivery": offer})


class Crossed(World):
    """One customer who gets two steps, each of its own variant."""

    def inputs(self) -> dict[str, pa.Table]:
        made = super().inputs()
        first, message = made["decisions"].to_pylist()[0], made["messages"].to_pylist()[0]
        second = {**first, "decision_id": b"d" * 16, "step": 1, "variant_id": "v2"}
        again = {**message, "decision_id": b"d" * 16, "message_id": b"m" * 16}
        made["decisions"] = table("decisions", [first, second])
        made["messages"] = pa.Table.from_pylist([message, again], schema=made["messages"].schema)
        return made


_later()
