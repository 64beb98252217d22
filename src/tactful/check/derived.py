"""What each value of a message should say, asked again of its source: profile, catalogue, offer, brand.

Written apart from the room that composes, on purpose: where two ways to the same words differ, one of them is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tactful.check.encoded import Encoded
from tactful.check.reading import offer_end
from tactful.check.rule import Messages
from tactful.check.scene import Row
from tactful.check.texts import Texts
from tactful.project.offers import Offer
from tactful.words.direction import isolated
from tactful.words.money import Money

_ITEM = re.compile(r"(?:items\[(\d+)\]|anchor)\.(\w+)")
_PRICE = re.compile(r"items\[(\d+)\]\.price \| money: '[A-Z]{3}'")
_PLAIN: dict[str, Callable[[str], str]] = {
    "capitalize": str.capitalize,
    "upcase": str.upper,
    "downcase": str.lower,
    "strip": str.strip,
}
_DAYS = {
    "en": ("Monday Tuesday Wednesday Thursday Friday Saturday Sunday", "{} {} {} {}"),
    "de": ("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag", "{}, {}. {} {}"),
    "fr": ("lundi mardi mercredi jeudi vendredi samedi dimanche", "{} {} {} {}"),
}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}


class Sources:
    """The sources of the messages of one use, each asked once. Stability: internal.

    Args:
        messages: of one use.
    """

    def __init__(self, messages: Messages) -> None:
        self.messages = messages
        self.places: dict[int, _Place] = {}

    def is_said(self, source: str, number: int) -> bool:
        """Whether a slot column says in every row, to the letter, what its source says: the short way to a yes.

        Args:
            source: as the slot spells it.
            number: of its column.
        """
        block = self.messages.block
        root, _, leaf = source.partition(".")
        if root in {"facts", "cell"} and leaf.isidentifier():
            return block.is_theirs(number, leaf)
        match = _ITEM.fullmatch(source)
        if match is None or match[2] not in _LEAVES or match[2] in _OF_TRIPLE:
            return False
        place = int(match[1]) if match[1] else -1
        return block.is_catalogues(number, place, leaf=match[2], truth=said_of_items(self.messages, match[2]))

    def is_priced(self, source: str, number: int) -> bool:
        """Whether a slot column says in every row the list price of the item in its place, which alone it tells."""
        match = _PRICE.fullmatch(source)
        if match is None:
            return False
        truth = said_of_items(self.messages, "price")
        return self.messages.block.is_catalogues(number, int(match[1]), leaf="price", truth=truth)

    def expected(self, source: str) -> Encoded | None:
        """What a slot should say in every message, or None where its source cannot be asked again.

        Args:
            source: as the slot spells it: `items[0].price`, `facts.favourite_range | capitalize`.
        """
        path, *filters = [one.strip() for one in source.split("|")]
        found = self._of_path(path) if all(one in _PLAIN for one in filters) else None
        for one in filters if found is not None else ():
            assert found is not None
            values = tuple(None if value is None else _PLAIN[one](value) for value in found.values)
            found = Encoded(values=values, codes=found.codes)
        return found

    def _of_path(self, path: str) -> Encoded | None:
        root, _, leaf = path.partition(".")
        if path == "customer.salutation":
            return _greeting(self.messages)
        if root in {"facts", "cell"} and leaf.isidentifier():
            return _fact(self.messages, leaf)
        if root == "offer":
            return _offer(self.messages, leaf)
        if (match := _ITEM.fullmatch(path)) and match[2] in _LEAVES:
            place = int(match[1]) if match[1] else -1
            if match[2] not in _OF_TRIPLE:
                return _of_item(self.messages, place, leaf=match[2])
            return self._place(match[1]).said(_LEAVES[match[2]])
        return None

    def _place(self, number: str | None) -> _Place:
        place = int(number) if number else -1
        if place not in self.places:
            self.places[place] = _Place.of(self.messages, place)
        return self.places[place]

    def read_by(self, source: str, *, facts: Sequence[str]) -> NDArray[np.int64] | None:
        """One number for each message, the same where all that a value was made of is the same; None if unknown.

        Args:
            source: as the slot spells it.
            facts: behind the slot.
        """
        block = self.messages.block
        if not re.match(r"(facts|cell|items|anchor|offer|customer)\b", source):
            return None
        columns = [block.profiled(name) for name in facts]
        if "offer." in source:
            columns += [block.encoded("offer_id"), block.encoded("decided_at")]
        if "customer.salutation" in source:
            columns.append(_greeting(self.messages))
        read = {(match[1] or "", match[2] in _OF_TRIPLE) for match in _ITEM.finditer(source)}
        for place, is_whole in sorted(read):
            number = int(place) if place else -1
            codes = block.shown.items_at(number)
            one = Encoded(values=range(int(codes.max(initial=0)) + 1), codes=codes)
            columns.append(self._place(place).said(lambda *triple: str(triple[1:])) if is_whole else one)
        if not columns or any(one is None for one in columns):
            return None
        key = np.zeros(len(block), dtype=np.int64)
        for column in (one for one in columns if one is not None):
            key = np.unique(key * len(column.values) + column.codes, return_inverse=True)[1].ravel().astype(np.int64)
        return key


Triple = tuple[Row | None, str, str | None, Row | None]
"""An item's row and name, its role, and the row of the item it is shown because of."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Place:
    """What stands in one place of the items of every message. Stability: internal.

    Attributes:
        distinct: each combination of item, role and reason.
        codes: which of them each message has; one beyond the last where it has nothing there.
    """

    distinct: tuple[Triple, ...]
    codes: NDArray[np.int64]

    @classmethod
    def of(cls, messages: Messages, place: int) -> _Place:
        """The place by its number, -1 for the anchor, of which the first counts."""
        shown, catalogue = messages.block.shown, messages.scene.items
        here = np.flatnonzero(shown.place == place)
        here = here[np.unique(shown.row[here], return_index=True)[1]]
        roles, reasons = len(shown.role.values), len(shown.because.values)
        mixed = (shown.item.codes[here] * roles + shown.role.codes[here]) * reasons + shown.because.codes[here]
        keys, own = np.unique(mixed, return_inverse=True)
        distinct = []
        for key in keys.tolist():
            rest, reason = divmod(key, reasons)
            item, role = divmod(rest, roles)
            name, because = str(shown.item.values[item]), shown.because.values[reason]
            distinct.append((catalogue.get(name), name, shown.role.values[role], catalogue.get(because or "")))
        codes = np.full(len(messages.block), len(distinct), dtype=np.int64)
        codes[shown.row[here]] = own.ravel()
        return cls(distinct=tuple(distinct), codes=codes)

    def said(self, say: Callable[..., str | None]) -> Encoded:
        """Something of what stands there; nothing where nothing does."""
        return Encoded(values=(*(say(*one) for one in self.distinct), None), codes=self.codes)


def _of_item(messages: Messages, place: int, *, leaf: str) -> Encoded:
    """Something of the item in one place of every message, asked once of each item."""
    return Encoded(values=said_of_items(messages, leaf), codes=messages.block.shown.items_at(place))


def said_of_items(messages: Messages, leaf: str) -> Texts:
    """Something of each item shown in the run, and at last nothing."""
    tables, catalogue = messages.block.tables, messages.scene.items
    if (said_of_items, leaf) not in tables.of_items:
        say = _LEAVES[leaf]
        said = (say(catalogue.get(name), name) for name in tables.shown.item.values)
        tables.of_items[said_of_items, leaf] = Texts.of([*said, None])
    made: Texts = tables.of_items[said_of_items, leaf]
    return made


def _greeting(messages: Messages) -> Encoded:
    """The brand's line for each name, or its neutral one."""
    project = messages.scene.project
    style = project.brand.salutation
    lines = style.says(messages.use.language, first=project.settings.languages[0])
    names = messages.block.profiled("salutation_name")
    names = names or Encoded(values=(None,), codes=np.zeros(len(messages.block), dtype=np.int64))

    known = messages.scene.greetings

    def line(name: str | None) -> str:
        if style.style == "none" or lines is None:
            return ""
        if not name or style.style != "given_name":
            return lines.neutral
        key = (lines.named, messages.use.language), name
        if key not in known:
            known[key] = lines.named.replace("{name}", isolated(name, language=messages.use.language))
        return str(known[key])

    return Encoded(values=Texts.of([line(name) for name in names.values]), codes=names.codes)


def _fact(messages: Messages, name: str) -> Encoded | None:
    known = messages.block.profiled(name)
    if known is not None and isinstance(known.values, Texts):
        return known
    if known is None or not all(value is None or isinstance(value, str | bool | int) for value in known.values):
        return None
    said = tuple(None if v is None else str(v).lower() if isinstance(v, bool) else str(v) for v in known.values)
    return Encoded(values=said, codes=known.codes)


def _price(item: Row | None) -> str | None:
    if item is None or item["list_price"] is None or item["currency"] is None:
        return None
    unit = Money(amount=Decimal(0), currency=item["currency"]).unit
    return Money(amount=item["list_price"].quantize(unit), currency=item["currency"]).shown


def _tax(item: Row | None) -> str | None:
    if item is None or item["list_price"] is None:
        return None
    return {True: "incl. VAT", False: "excl. VAT"}.get(item["price_includes_vat"])


def _own(leaf: str) -> Callable[..., str | None]:
    return lambda item, *_: None if item is None else item[leaf]


_LEAVES: dict[str, Callable[..., str | None]] = {
    **{leaf: _own(leaf) for leaf in ("title", "url", "image", "note")},
    "price": lambda item, *_: _price(item),
    "price_note": lambda item, *_: _tax(item),
    "id": lambda item, name, *_: None if item is None else name,
    "role": lambda *triple: triple[2],
    "because": lambda *triple: None if triple[3] is None else triple[3]["title"],
}


_OF_TRIPLE = frozenset({"role", "because"})
"""What depends on more than the item."""


def _offer(messages: Messages, leaf: str) -> Encoded | None:
    """The offer's words, terms, last day or name, for each offer and moment of decision."""
    if leaf not in {"id", "words", "terms", "ends"} or messages.use.language.split("-")[0].lower() not in _DAYS:
        return None
    offers, moments = messages.block.encoded("offer_id"), messages.block.encoded("decided_at")
    pairs, own = np.unique(offers.codes * len(moments.values) + moments.codes, return_inverse=True)
    declared, settings = messages.scene.project.offers, messages.scene.project.settings
    values: list[str | None] = []
    for pair in pairs.tolist():
        offer_id, moment = offers.values[pair // len(moments.values)], moments.values[pair % len(moments.values)]
        offer = declared.get(offer_id) if offer_id else None
        if offer is None or offer.kind == "none":
            values.append(None)
            continue
        ends = said_day(_last_day(offer, moment, zone=settings.zone), language=messages.use.language)
        said = {"id": str(offer_id), "ends": ends, "words": offer.words, "terms": offer.terms}[leaf]
        values.append(said.replace("{date}", ends))
    return Encoded(values=tuple(values), codes=own.ravel().astype(np.int64))


def _last_day(offer: Offer, moment: datetime, *, zone: str) -> date:
    last = offer_end(offer, decided_at=moment, zone=zone) - timedelta(microseconds=1)
    return last.astimezone(ZoneInfo(zone)).date()


def said_day(day: date, *, language: str) -> str:
    """A day in the words of a language.

    >>> said_day(date(2011, 12, 23), language="en"), said_day(date(2012, 1, 1), language="fr")
    ('Friday 23 December 2011', 'dimanche 1er janvier 2012')
    """
    short = language.split("-", 1)[0].lower()
    days, form = _DAYS[short]
    number = "1er" if short == "fr" and day.day == 1 else str(day.day)
    return form.format(days.split()[day.weekday()], number, _MONTHS[short].split()[day.month - 1], day.year)
