"""Rules about prices: the catalogue's, in its currency, with its tax, and never nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import numpy as np

from tactful.check import patterns
from tactful.check.bones import unmarked
from tactful.check.derived import said_of_items
from tactful.check.encoded import Encoded, together
from tactful.check.reading import read_price
from tactful.check.rule import Column, Hit, Messages, Rule, Use
from tactful.words.estimate import Undefined
from tactful.words.finding import Severity
from tactful.words.message import SlotKind
from tactful.words.money import Money

_OTHER, _NONE = -1, -2
_ITEM = re.compile(r"(?:items\[(\d+)\]|anchor)\.price(?: \| money: '[A-Z]{3}')?")


def _is_price(column: Column) -> bool:
    return column.slot.kind is SlotKind.PRICE


def _unreadable(column: Column) -> Iterable[Hit]:
    if not _is_price(column):
        return ()

    def wrong(value: str) -> str:
        price = read_price(value)
        return price.reason if isinstance(price, Undefined) else ""

    return column.each(wrong, only=column.texts.asking(_unreadable, wrong))


def _not_positive(column: Column) -> Iterable[Hit]:
    if not _is_price(column):
        return ()

    def wrong(value: str) -> str:
        price = read_price(value)
        return f"{value} is no price" if isinstance(price, Money) and price.amount <= 0 else ""

    return column.each(wrong, only=column.texts.asking(_not_positive, wrong))


def _other_currency(column: Column) -> Iterable[Hit]:
    if not _is_price(column):
        return ()
    wanted = column.use.scene.project.settings.currency

    def wrong(value: str) -> str:
        price = read_price(value)
        return f"{value} is not in {wanted}" if isinstance(price, Money) and price.currency != wanted else ""

    return column.each(wrong, only=column.texts.asking(_other_currency, wrong))


def _differs(messages: Messages) -> Iterable[Hit]:
    """A slot's item is the decision's item in its place; its price is the catalogue's."""
    for number, slots in messages.use.bones.columns():
        slot = slots[0][1]
        match = _ITEM.fullmatch(slot.source)
        column = messages.block.columns.get(number)
        if slot.kind is not SlotKind.PRICE or column is None:
            continue
        if match is None:
            yield Hit(what=f"{slot.source} is not an item's price as it stands in the catalogue", place=slot.source)
            continue
        place = int(match[1]) if match[1] else -1
        truth = said_of_items(messages, "price")
        if place >= 0 and messages.block.is_catalogues(number, place, leaf="price", truth=truth):
            continue
        yield from _compare(messages, number, place=place, source=slot.source)


def _compare(messages: Messages, number: int, *, place: int, source: str) -> Iterable[Hit]:
    shown, column = messages.block.shown, messages.block.columns[number]
    here = shown.place == place
    rows, items = shown.row[here], shown.item.codes[here]
    without = np.ones(len(messages.block), dtype=bool)
    without[rows] = False
    if without.any():
        yield Hit(what="a price is shown for no item of the decision", rows=np.flatnonzero(without), place=source)
    number_of = messages.scene.priced
    listed = _all_listed(messages)
    right = np.array([number_of.setdefault(one, len(number_of)) for one in listed] or [0], dtype=np.int64)
    own = column.own()
    said = np.array([_said(value or "", number_of) for value in own.values], dtype=np.int64)
    spoken = said[own.codes[rows]]
    wrong = np.flatnonzero((spoken != right[items]) & (spoken != _NONE))
    pairs = together([Encoded(values=column.values, codes=column.codes[rows[wrong]]),
                      Encoded(values=range(len(listed)), codes=items[wrong])])  # fmt: skip
    for code, (text, item) in enumerate(pairs.values):
        what = f"{text} is shown; the catalogue has {listed[item] or 'no list price'}"
        yield Hit(what=f"{what} for {shown.item.values[item]}", rows=rows[wrong[pairs.codes == code]], place=source)


def _said(text: str, number_of: Mapping[str, int]) -> int:
    """The number of the price that a text says."""
    if text and text in number_of:
        return number_of[text]
    price = read_price(text)
    return number_of.get(price.shown, _OTHER) if isinstance(price, Money) else _NONE


def _all_listed(messages: Messages) -> Sequence[str]:
    """The list price of every item shown."""
    tables = messages.block.tables
    if _all_listed not in tables.of_items:
        tables.of_items[_all_listed] = [_listed(messages, item) for item in tables.shown.item.values]
    listed: list[str] = tables.of_items[_all_listed]
    return listed


def _listed(messages: Messages, item_id: str) -> str:
    """An item's list price as it is shown; empty where it has none."""
    known = messages.scene.listed
    if item_id not in known:
        item = messages.scene.items.get(item_id)
        known[item_id] = ""
        if item is not None and item["list_price"] is not None and item["currency"] is not None:
            unit = Money(amount=Decimal(0), currency=item["currency"]).unit
            known[item_id] = Money(amount=item["list_price"].quantize(unit), currency=item["currency"]).shown
    return known[item_id]


def _in_words(use: Use) -> Iterable[Hit]:
    for part, text in use.bones.said.items():
        if found := patterns.PRICE_IN_WORDS.first(text):
            yield Hit(what=f"{found!r} is typed into the words", place=part.value)


def _tax_unsaid(use: Use) -> Iterable[Hit]:
    for part, shape in use.bones.parts.items():
        prices = [slot for slot in shape.slots if slot.kind is SlotKind.PRICE]
        says = any(slot.source.endswith(".price_note") for slot in shape.slots)
        if prices and not says and not re.search(r"\b(VAT|MwSt|USt|TVA|tax)\b", use.bones.said[part], re.IGNORECASE):
            yield Hit(what="prices are shown and nothing says whether VAT is in them", place=part.value)


def _percents(text: str) -> list[Decimal]:
    return [
        Decimal(number.replace(",", ".")) / 100
        for found in patterns.PERCENT_OFF.every(text)
        for number in re.findall(r"\d+(?:[.,]\d+)?", found)[:1]
    ]


def _too_deep(use: Use) -> Iterable[Hit]:
    most = use.scene.project.brand.most_discount
    for part, text in use.bones.said.items():
        for share in _percents(unmarked(text)):
            if share > 1 or (most is not None and share > most):
                yield Hit(what=_depth(share, most), place=part.value)


def _too_deep_value(column: Column) -> Iterable[Hit]:
    most = column.use.scene.project.brand.most_discount

    def wrong(value: str) -> str:
        deep = [share for share in _percents(value) if share > 1 or (most is not None and share > most)]
        return _depth(max(deep), most) if deep else ""

    return column.each(wrong, only=patterns.among(column.texts, patterns.PERCENT_OFF))


def _depth(share: Decimal, most: Decimal | None) -> str:
    return f"{share:.0%} off; " + (f"the brand goes to {most:.0%}" if most is not None else "more than the whole")


RULES = (
    Rule(
        id="price-unreadable",
        severity=Severity.ERROR,
        place="price slots",
        why="A price that cannot be read cannot be right.",
        fix="print `item.price` as it is",
        slot=_unreadable,
    ),
    Rule(
        id="price-not-positive",
        severity=Severity.ERROR,
        place="price slots",
        why="A price of nothing, or less, is a mistake that people will hold us to.",
        fix="look at the catalogue",
        slot=_not_positive,
    ),
    Rule(
        id="price-currency",
        severity=Severity.ERROR,
        place="price slots",
        why="The right number in the wrong money is a wrong price.",
        fix="give the catalogue's price in the project's currency",
        slot=_other_currency,
    ),
    Rule(
        id="price-differs",
        severity=Severity.ERROR,
        place="price slots",
        why="The letter and the shop say one price.",
        fix="write the message again from the catalogue as it is now",
        message=_differs,
    ),
    Rule(
        id="price-in-words",
        severity=Severity.WARNING,
        place="any part",
        why="A price typed by hand is compared with nothing.",
        fix="print it from an item or an offer",
        skeleton=_in_words,
    ),
    Rule(
        id="price-without-tax-note",
        severity=Severity.WARNING,
        place="parts with prices",
        why="A price means something else with VAT than without.",
        fix="print `item.price_note` beside it, or say it once below",
        skeleton=_tax_unsaid,
    ),
    Rule(
        id="discount-too-deep",
        severity=Severity.ERROR,
        place="any part",
        why="How far discounts go is the brand's decision, made once.",
        fix="use a declared offer within `most_discount`",
        skeleton=_too_deep,
        slot=_too_deep_value,
    ),
)
