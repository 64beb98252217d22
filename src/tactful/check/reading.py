"""Values read back from the words that say them: a price, a greeted name, a day."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from tactful.project.brand import Brand
from tactful.project.offers import Offer
from tactful.project.settings import Settings
from tactful.words.clock import Clock
from tactful.words.direction import bare
from tactful.words.estimate import Undefined
from tactful.words.money import MINOR_DIGITS, SIGNS, Money

_BY_SIGN = {sign: currency for currency, sign in SIGNS.items()}
_NUMBER = r"\d{1,3}(?:,\d{3})*(?:\.\d+)?|\d+(?:\.\d+)?"
_SIGNED = re.compile(rf"(-?)([£€$¥])({_NUMBER})")
_CODED = re.compile(rf"(-?)({_NUMBER}) ([A-Z]{{3}})")
_MONTHS = {
    month: number
    for months in (
        "january february march april may june july august september october november december",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    )
    for number, month in enumerate(months.split(), start=1)
}
_DAY = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th|er|\.)? ({'|'.join(_MONTHS)})(?: (\d{{4}}))?\b", re.IGNORECASE)
_ISO_DAY = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")


@lru_cache(maxsize=100_000)
def read_price(text: str) -> Money | Undefined:
    """A price as it is shown: sign and amount, or amount and currency; the decimal sign is a point.

    >>> str(read_price("£1,234.50")), read_price("1.234,50")
    ('1234.50 GBP', Undefined(reason="'1.234,50' cannot be read as a price"))
    """
    text = text.strip()
    if match := _SIGNED.fullmatch(text):
        minus, currency, number = match[1], _BY_SIGN[match[2]], match[3]
    elif match := _CODED.fullmatch(text):
        minus, number, currency = match[1], match[2], match[3]
    else:
        return Undefined(f"{text!r} cannot be read as a price")
    digits = MINOR_DIGITS.get(currency, 2)
    if len(number.partition(".")[2]) not in {0, digits}:
        return Undefined(f"{text!r} has not the {digits} digits after the point that {currency} has")
    try:
        return Money(amount=Decimal(f"{minus}{number.replace(',', '')}"), currency=currency)
    except (ValueError, InvalidOperation) as error:
        return Undefined(str(error))


def greeted(text: str, *, brand: Brand) -> str | Undefined | None:
    """The name in a greeting; None where it is the neutral line, `Undefined` where it is no line of the brand's."""
    style = brand.salutation
    neutrals = (
        {style.neutral, *(lines.neutral for lines in style.languages.values())} if style.style != "none" else {""}
    )
    if text in neutrals:
        return None
    for named in (style.named, *(lines.named for lines in style.languages.values())):
        before, mark, after = named.partition("{name}")
        if style.style == "given_name" and mark and text.startswith(before) and text.endswith(after):
            name = text[len(before) : len(text) - len(after) if after else None]
            if name and len(before) + len(name) + len(after) == len(text):
                return bare(name)
    return Undefined(f"{text!r} is neither of the brand's greetings")


def days_in(text: str, *, near: date) -> tuple[date, ...]:
    """The days a text names; one without a year is the next such day from `near` on.

    >>> days_in("10% off until Friday 23 December 2011", near=date(2011, 12, 9))
    (datetime.date(2011, 12, 23),)
    """
    found = []
    for day, month, year in _DAY.findall(text):
        number = _MONTHS[month.lower()]
        try:
            named = date(int(year) if year else near.year, number, int(day))
            found.append(named if year or named >= near else named.replace(year=near.year + 1))
        except ValueError:
            continue
    for year, month, day in _ISO_DAY.findall(text):
        try:
            found.append(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return tuple(found)


def offer_end(offer: Offer, *, decided_at: datetime, zone: str) -> datetime:
    """The first instant at which an offer made at a decision no longer holds."""
    clock = Clock(now=decided_at, zone=zone)
    ends = clock.start_of(clock.today + timedelta(days=offer.valid + 1))
    if offer.ends is None:
        return ends
    last = Clock.at(offer.ends, zone=zone)
    whole_day = re.fullmatch(r"\d{4}-\d\d-\d\d", offer.ends.strip())
    return min(ends, last.start_of(last.today + timedelta(days=1)) if whole_day else last.now)


def offer_starts(offer: Offer, *, zone: str) -> datetime | None:
    """The first instant at which an offer holds, if it says one."""
    return Clock.at(offer.starts, zone=zone).now if offer.starts else None


def chain(language: str | None, *, settings: Settings) -> tuple[str, ...]:
    """Languages a customer may be written to in, best first.

    A region falls back to its language, then to what the project declares, and at last to the project's first.
    """
    wanted = [language, language.split("-", 1)[0]] if language else []
    further = [more for one in wanted for more in settings.fallback.get(one, ())]
    return tuple(dict.fromkeys([*wanted, *further, settings.languages[0]]))
