"""Days in the words of a language."""

from __future__ import annotations

from datetime import date

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
