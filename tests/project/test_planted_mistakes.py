# ruff: noqa: E501  (one line per mistake reads as a table)
"""Each mistake planted in a faultless project is found alone, at its line and column, with what was probably meant."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest


class Mistake(NamedTuple):
    """What is put where, the text at which the finding must point, its rule, and words it must say."""

    file: str
    old: str
    new: str
    at: str
    rule: str
    says: str


WIN, RECEIPT, FACTS, OFFER = "programs/win-back.yaml", "programs/receipt.yaml", "facts.yaml", "offers/ten-off.yaml"
ORDERS, SETTINGS, POLICY, BRAND, METRICS = (
    "sources/orders.yaml", "tactful.yaml", "policy.yaml", "brand.yaml", "metrics.yaml",
)  # fmt: skip
SEGMENT, RECENT, MAIL = "segments/lapsing.yaml", "segments/recent.sql", "content/win-back/everyone.mjml"

MISTAKES = {
    # keys and words
    "key": Mistake(WIN, "purpose:", "pourpose:", "pourpose", "unknown-key", "did you mean 'purpose'?"),
    "key deep": Mistake(WIN, "content: win-back/ev", "contents: win-back/ev", "contents:", "unknown-key", "'content'"),
    "key in list": Mistake(POLICY, "most: 2, days", "most: 2, dais", "dais", "unknown-key", "did you mean 'days'?"),
    "key with alias": Mistake(FACTS, "from: transactions", "form: transactions", "form", "unknown-key", "'from'"),
    "key from nowhere": Mistake(BRAND, "hosts:", "zzz: 1\nhosts:", "zzz", "unknown-key", "write "),
    "missing": Mistake(SETTINGS, "salt: chestnut-barrel-4\n", "", "name:", "missing-key", "'salt'"),
    "repeated": Mistake(WIN, "holdout: 10%", "holdout: 10%\naudience: lapsing", "audience: lapsing\nexp", "repeated-key", "line 5"),
    "enum": Mistake(WIN, "purpose: marketing", "purpose: marketting", "marketting", "unknown-word", "'marketing'"),
    "literal": Mistake(OFFER, "kind: percent", "kind: precent", "precent", "unknown-word", "did you mean 'percent'?"),
    "level": Mistake(WIN, "  few:  {", "  fwe:  {", "fwe", "unknown-word", "did you mean 'few'?"),
    "level none": Mistake(WIN, "  few:  {", "  none:  {", "none:  {", "unknown-level", "always competes"),
    "list for one": Mistake(WIN, "audience: lapsing", "audience: [lapsing]", "[lapsing]", "value", "not a list"),
    "number": Mistake(WIN, "sends_per_day: 20000", "sends_per_day: many", "many}", "value", "whole number"),
    "too short why": Mistake(WIN, "why: customers who used to come monthly forget us after a quiet quarter", "why: money", "money", "value", "10"),
    "name": Mistake(WIN, "program: win-back", "program: Win Back", "Win Back", "pattern", "small letters"),
    "file name": Mistake(WIN, "program: win-back", "program: win-bach", "win-bach", "file-name", "program: win-back"),
    # yaml itself
    "tab": Mistake(BRAND, "hosts:", "\thosts:", "\thosts", "yaml", "spaces"),
    "colon": Mistake(WIN, "why: customers who", "why: note: customers who", ": customers who", "yaml", "quotes"),
    "tag": Mistake(SETTINGS, "title: A small shop", "title: !!python/name:os.system x", "!!python", "yaml-tag", "refused"),
    "merge": Mistake(BRAND, "hosts:", "<<: {a: 1}\nhosts:", "<<", "yaml", "write the keys out"),
    # numbers, money, time
    "share": Mistake(WIN, "holdout: 10%", "holdout: ten", "ten\n", "value", "write 10% or 0.1"),
    "share above": Mistake(WIN, "holdout: 10%", "holdout: 110%", "110%", "value", "more than the whole"),
    "share as number": Mistake(WIN, "holdout: 10%", "holdout: 10", "10\n", "value", "more than the whole"),
    "days": Mistake(METRICS, "window: 28 days", "window: a while", "a while", "value", "28 days"),
    "money": Mistake(WIN, "budget: 5000 GBP", "budget: 5000", "5000", "value", "5000 GBP"),
    "currency of orders": Mistake(ORDERS, "currency: {value: GBP}", "currency: {value: USD}", "USD", "currency", "nothing here converts"),
    "money with comma": Mistake(WIN, "5000 GBP", '"1.234,50 GBP"', '"1.234', "value", "is not money"),
    "negative": Mistake(WIN, "5000 GBP", "-5 GBP", "-5", "value", "less than nothing"),
    "digits": Mistake(WIN, "12 GBP", "12.345 GBP", "12.345", "value", "more digits"),
    "quiet hours": Mistake(POLICY, "start: 21:00", "start: 25:00", "25:00", "pattern", "21:00"),
    "zone": Mistake(SETTINGS, "Europe/London", "Europe/Lodnon", "Europe/Lodnon", "unknown-zone", "'Europe/London'"),
    "clock": Mistake(SETTINGS, "salt:", "clock: noon\nsalt:", "noon", "instant", "2011-12-09"),
    "fallback": Mistake(SETTINGS, "{de: [en]}", "{de: [eng]}", "eng", "languages", "did you mean 'en'?"),
    # references
    "audience": Mistake(WIN, "audience: lapsing", "audience: lapsign", "lapsign", "unknown-segment", "'lapsing'"),
    "outcome": Mistake(WIN, "net_margin_28d", "net_margin_28", "net_margin_28\n", "unknown-metric", "'net_margin_28d'"),
    "offer": Mistake(WIN, "none, ten-off, five", "none, tenoff, five", "tenoff", "unknown-offer", "did you mean 'ten-off'?"),
    "offer twice": Mistake(WIN, "none, ten-off, five-pounds]", "none, ten-off, five-pounds, none]", "none]", "two-of-a-name", "twice"),
    "content": Mistake(WIN, "one:  {content: win-back/everyone", "one:  {content: win-back/evryone", "win-back/evryone", "unknown-content", "'win-back/everyone'"),
    "web content": Mistake(WIN, "web:\n  all: {content: win-back/everyone}", "web:\n  all: {content: win-back/by-category}", "win-back/by-category}\noffers", "unknown-content", "by-category.web.liquid"),
    "fact in by": Mistake(WIN, "by: favourite_category}", "by: favorite_category}", "favorite_category", "unknown-fact", "'favourite_category'"),
    "fact in needs": Mistake(WIN, "needs: [order_count]", "needs: [order_cuont]", "order_cuont", "unknown-fact", "'order_count'"),
    "fact in within": Mistake(WIN, "{suggest: again_and_new, count: 4}", "{suggest: newest, within: favourit}", "favourit}", "unknown-fact", "'favourite_category'"),
    "fact in segment": Mistake(SEGMENT, "days_since_order >", "days_since_ordre >", "days_since_ordre", "unknown-fact", "'days_since_order'"),
    "fact in who": Mistake("offers/five-pounds.yaml", "order_count", "order_cout", "order_cout", "unknown-fact", "'order_count'"),
    "fact in stage": Mistake(FACTS, "when: order_count = 1", "when: order_cont = 1", "order_cont", "unknown-fact", "'order_count'"),
    "channel": Mistake(WIN, "[email, web.home_hero]", "[emial, web.home_hero]", "emial", "unknown-channel", "'email'"),
    "excludes": Mistake(WIN, "[receipt]", "[reciept]", "reciept", "unknown-program", "'receipt'"),
    "excludes itself": Mistake(WIN, "[receipt]", "[win-back]", "win-back]", "unknown-program", "itself"),
    "expected level": Mistake(RECEIPT, "margin: 1 GBP}", "margin: 1 GBP, levels: {few: 2}}", "few", "unknown-level", "all"),
    "expected offer": Mistake(WIN, "{ten-off: 1.5}", "{ten-of: 1.5}", "ten-of:", "unknown-offer", "'ten-off'"),
    "partial": Mistake(MAIL, "{% include 'footer' %}", "{% include 'foter' %}", "foter", "unknown-partial", "'footer'"),
    "partial in partial": Mistake("content/_partials/footer.liquid", "'links'", "'likns'", "likns", "unknown-partial", "'links'"),
    "column": Mistake(FACTS, "top(category, by: quantity)", "top(range, by: quantity)", '"top(range', "unknown-column", "did you mean 'category'?"),
    "column in where": Mistake(METRICS, "where: kind = 'sale'", "where: kidn = 'sale'", "kidn", "unknown-column", "'kind'"),
    "metric column": Mistake(METRICS, "column: revenue", "column: revenu", "revenu\n", "unknown-column", "'revenue'"),
    "source column": Mistake(ORDERS, "quantity: {", "qantity: {", "qantity", "unknown-column", "'quantity'"),
    "source type": Mistake(ORDERS, "quantity: {from: Quantity, type: integer}", "quantity: {from: Quantity, type: flag}", "flag}", "column-type", "write type: integer"),
    "source type left out": Mistake(ORDERS, "quantity: {from: Quantity, type: integer}", "quantity: {from: Quantity}", "{from: Quantity}", "column-type", "does not hold text"),
    "source table": Mistake(ORDERS, "  transactions:", "  transaction:", "transaction:", "unknown-table", "'transactions'"),
    "source condition": Mistake(ORDERS, "when: quantity < 0", "when: quantity <", "quantity <", "condition", "a value was expected"),
    "aggregate": Mistake(FACTS, "keep: days_since()", "keep: days since", "days since", "value", "count()"),
    "sum of text": Mistake(FACTS, "keep: max(quantity)", "keep: sum(category)", "sum(category)", "kind", "no numbers"),
    "text for number": Mistake(SEGMENT, "> 90", "> '90'", "days_since_order", "kind", "without quotes"),
    "number for text": Mistake(SEGMENT, "stage != 'new'", "stage = 1", "days_since_order", "kind", "'quotes'"),
    "condition": Mistake(SEGMENT, "> 90 and", "> 90 adn", "days_since_order", "value", "'and', 'or' or the end"),
    # rules
    "stage after otherwise": Mistake(FACTS, "- {stage: active, when: otherwise}", "- {stage: active, when: otherwise}\n  - {stage: x, when: otherwise}", "otherwise}\n  - {stage: x", "unreachable", "is ever reached"),
    "no last stage": Mistake(FACTS, "when: otherwise", "when: order_count > 5", "- {stage: new", "stages", "otherwise"),
    "taken name": Mistake(FACTS, "  last_order:", "  language:", "language", "taken-name", "already"),
    "by at all": Mistake(WIN, "all:  {content: win-back/everyone, ", "all:  {content: win-back/everyone, by: stage, ", "stage, items", "too-personal", "move this"),
    "items too personal": Mistake(WIN, "few:  {", "few:  {items: {suggest: ordered}, ", "ordered}", "too-personal", "level one"),
    "few without by": Mistake(WIN, ", by: [favourite_category, stage]", "", "few:", "missing-key", "write by:"),
    "picks too few": Mistake(WIN, "picks: [A1, B2]", "picks: [A1]", "picks, count", "value", "never fill"),
    "offer deeper": Mistake(OFFER, "value: 10%", "value: 30%", "30%", "too-deep-discount", "brand allows"),
    "offer slot": Mistake(OFFER, "off until {date}", "off until {day}", "10% off", "unknown-slot", "{date}"),
    "offer ends first": Mistake(OFFER, "valid:", "starts: 2011-12-01\nends: 2011-11-01\nvalid:", "2011-11-01", "value", "before it starts"),
    "currency": Mistake(OFFER, "3 GBP", "3 EUR", "3 EUR", "currency", "GBP"),
    "url": Mistake(BRAND, "https://shop.example", "http://shop.example", "http://shop", "url", "https"),
    "address": Mistake(BRAND, "hello@shop.example", "hello at shop", "hello at", "address", "no e-mail"),
    "carrier": Mistake(SETTINGS, "salt:", "deliver: {email: fiel}\nsalt:", "fiel", "unknown-carrier", "'file'"),
    "front matter key": Mistake(MAIL, "preheader:", "preheder:", "preheder", "unknown-key", "'preheader'"),
    "no subject": Mistake(MAIL, "subject: A few", "subject: ''\ntext: A few", "''", "no-subject", "needs a subject"),
    "fence": Mistake(MAIL, "topics: [gifts]\n---", "topics: [gifts]", "---", "front-matter", "never closes"),
    "sql writes": Mistake(RECENT, "SELECT customer_id", "DELETE customer_id", "DELETE", "segment-sql", "one SELECT"),
    "floor of nobody": Mistake(
        POLICY, "50 GBP}", "50 GBP, floors: [{program: win-bak, least: 1%}]}", "win-bak", "unknown-program", "'win-back'"
    ),
    "floor of no offer": Mistake(
        POLICY, "50 GBP}", "50 GBP, floors: [{offer: ten-of, least: 1%}]}", "ten-of", "unknown-offer", "'ten-off'"
    ),
    "floor above all chance": Mistake(
        POLICY, "50 GBP}", "50 GBP, floors: [{level: one, least: 20%}]}", "20%", "value", "more than is left to chance"
    ),
    "ladder": Mistake(POLICY, "one: 0.5}\n  k", "one: 0.2}\n  k", "0.2}", "ladder", "few"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_each_planted_mistake_is_found_at_its_place(shop: Any, name: str) -> None:
    file, old, new, at, rule, says = MISTAKES[name]
    assert shop.findings() == ()
    shop.change(file, old, new)
    found = shop.findings()
    assert found, "nothing was found"
    first = next((finding for finding in found if finding.rule == rule), None)
    assert first is not None, "\n".join(map(str, found))
    assert first.place == shop.place(file, at), str(first)
    assert says in f"{first.what}; {first.fix}", str(first)
    assert len(found) == 1, "\n".join(map(str, found))
