"""Cases of the rules about what was not filled in, names, disclosure and tone."""

from __future__ import annotations

from datetime import timedelta

from check.making import GREETING, ZERO_NEWS, alone, fact_slot, facts, named, value, words
from check.world import NOW, RANGE, World, one
from tactful.words.fact import Provenance, Sensitivity, Speak

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
}
