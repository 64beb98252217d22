"""Days in the words of a language."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tactful.compose.limits import TooMuch

_DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split(),
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche".split(),
}
_MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
}
_DIRECTIVE = re.compile(r"%[-^0_]?[aAbBdeHIjmMpSuwyYZz%]")
_WORDS = re.compile(r"%([AaBb])")
_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,30}(/[A-Za-z0-9_+-]{1,30}){0,2}")
_FORMS = {"en": "{day} {number} {month} {year}", "de": "{day}, {number}. {month} {year}"}


def long_date(day: date, *, language: str = "en") -> str:
    """A day written out; a language we do not know is written as English.

    >>> long_date(date(2011, 12, 23)), long_date(date(2011, 12, 23), language="de-CH")
    ('Friday 23 December 2011', 'Freitag, 23. Dezember 2011')
    >>> long_date(date(2012, 1, 1), language="fr")
    'dimanche 1er janvier 2012'
    """
    short = language.split("-", 1)[0].lower()
    short = short if short in _DAYS else "en"
    number = "1er" if short == "fr" and day.day == 1 else str(day.day)
    form = _FORMS.get(short, _FORMS["en"])
    return form.format(
        day=_DAYS[short][day.weekday()], number=number, month=_MONTHS[short][day.month - 1], year=day.year
    )


def shown_date(  # noqa: PLR0917  # as templates give it
    value: object, form: str = "%d %B %Y", zone: object = None, *, language: object = "en"
) -> object:
    """An instant or day by a strftime form; what is no date comes back unchanged.

    The clock is not read: "now" is a word like any other. Widths are refused, since they allocate what they name.

    Args:
        value: an instant, a day, or a text of one.
        form: of strftime.
        zone: where it is told, such as Europe/Berlin; an instant without a zone is one of UTC, and a day stays a day.
        language: of the names of days and months.

    Raises:
        TooMuch: the form is no plain list of directives, or there is no such zone or language.

    >>> shown_date(date(2011, 12, 23), "%d/%m/%Y"), shown_date("now")
    ('23/12/2011', 'now')
    >>> shown_date("2011-12-23T23:30:00+00:00", "%A, %H:%M", "Europe/Berlin", language="de")
    'Samstag, 00:30'
    """
    if len(form) > 100 or "%" in _DIRECTIVE.sub("", form):
        raise TooMuch(f"{form[:40]!r} is no plain form of a date; write directives such as %d %B %Y")
    place, words = _zone(zone), _tongue(language)
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            return value
    if isinstance(value, datetime):
        if place is not None:
            value = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(place)
    elif isinstance(value, date):
        value = datetime.combine(value, time())
    else:
        return value
    return value.strftime(form if words == "en" else _worded(form, value, words=words))


def _zone(name: object) -> ZoneInfo | None:
    """A zone by its name."""
    if name is None:
        return None
    try:
        if isinstance(name, str) and _ZONE.fullmatch(name):
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        pass
    raise TooMuch(f"{str(name)[:40]!r} is no time zone; write one such as Europe/Berlin")


def _tongue(language: object) -> str:
    """A language whose days and months we know."""
    short = language[:12].split("-", 1)[0].lower() if isinstance(language, str) else ""
    if short not in _DAYS:
        raise TooMuch(f"days and months are known in {', '.join(sorted(_DAYS))}, not in {str(language)[:12]!r}")
    return short


def _worded(form: str, value: datetime, *, words: str) -> str:
    """A form in which the names of days and months are written out."""

    def named(match: re.Match[str]) -> str:
        if match[1] in "ab":
            raise TooMuch(f"%{match[1]} is short for English only; write %{match[1].upper()}")
        return _DAYS[words][value.weekday()] if match[1] == "A" else _MONTHS[words][value.month - 1]

    return _WORDS.sub(named, form)


def plural(count: object, one: object, other: object) -> str:  # noqa: PLR0917  # as templates give it
    """The word that goes with a number: `one` with 1, else `other`.

    Raises:
        TooMuch: it is no number.

    >>> plural(1, "order", "orders"), plural("3", "order", "orders")
    ('order', 'orders')
    """
    try:
        number = float(str(count)[:40]) if isinstance(count, int | float | Decimal | str) else None
    except ValueError:
        number = None
    if number is None or isinstance(count, bool):
        raise TooMuch(f"{str(count)[:40]!r} is no number that a word could go with")
    return str(one if number == 1 else other)
