"""Operators on slot values: what goes wrong between a customer's data and the place in the letter where it stands."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Callable
from itertools import pairwise

from tactful.testing.mutations import Change, Operator, Row

Spoil = Callable[[str, random.Random], str]


def _sources(row: Row, kinds: str) -> list[str]:
    wanted = kinds.split()
    return [one for one, kind in row["kinds"].items() if kind in wanted and row["slots"].get(one)]


def _one(kinds: str, spoil: Spoil, *, only: str = "") -> Change:
    """One value of these kinds, of those that read something that begins so, is spoilt."""

    def change(rows: list[Row], rng: random.Random) -> list[Row]:
        places = [(row, source) for row in rows for source in _sources(row, kinds) if source.startswith(only)]
        rng.shuffle(places)
        for row, source in places:
            made = spoil(row["slots"][source], rng)
            if made != row["slots"][source]:
                row["slots"][source] = made
                break
        return rows

    return change


def _swapped(leaf: str) -> Change:
    """Two different values of one letter that read the same leaf change places."""

    def change(rows: list[Row], rng: random.Random) -> list[Row]:
        for row in rng.sample(rows, len(rows)):
            sources = [one for one in row["slots"] if one.split("#")[0].endswith(leaf)]
            for left, right in pairwise(sources):
                if row["slots"][left] != row["slots"][right]:
                    row["slots"][left], row["slots"][right] = row["slots"][right], row["slots"][left]
                    return rows
        return rows

    return change


def _between(start: str) -> Change:
    """A value of one customer is put into the letter of another."""

    def change(rows: list[Row], rng: random.Random) -> list[Row]:
        for left, right in pairwise(rows):
            shared = [one for one in left["slots"] if one.startswith(start) and one in right["slots"]]
            differing = [one for one in shared if left["slots"][one] != right["slots"][one]]
            if differing:
                source = rng.choice(differing)
                left["slots"][source] = right["slots"][source]
                return rows
        return rows

    return change


def _digit(value: str, rng: random.Random) -> str:
    places = [at for at, letter in enumerate(value) if letter.isdigit()]
    if not places:
        return value
    at = rng.choice(places)
    return value[:at] + str((int(value[at]) + rng.randint(1, 9)) % 10) + value[at + 1 :]


def _moved_point(value: str, rng: random.Random) -> str:
    number = re.sub(r"[^\d]", "", value)
    return f"£{number[:-1]}.{number[-1]}0" if rng.random() < 0.5 else f"£{int(number or 0) // 1000}.{number[-3:-1]}"


def _name(spoil: Callable[[str], str]) -> Spoil:
    """The name in a greeting spoilt, where there is one."""

    def inner(value: str, _: random.Random) -> str:
        match = re.fullmatch(r"(\w+ )(.+?)(,?)", value)
        return f"{match[1]}{spoil(match[2])}{match[3]}" if match else value

    return inner


def _truncated(value: str, _: random.Random) -> str:
    return value[: len(value) // 2]


def _shifted_rows(rows: list[Row], _: random.Random) -> list[Row]:
    """Everyone gets the values of the one before."""
    values = [row["slots"] for row in rows]
    for row, other in zip(rows, [values[-1], *values[:-1]], strict=True):
        row["slots"] = dict(other)
    return rows


def _shifted_columns(rows: list[Row], rng: random.Random) -> list[Row]:
    """Every value of one letter stands one place further on."""
    row = rng.choice(rows)
    values = list(row["slots"].values())
    row["slots"] = dict(zip(row["slots"], values[-1:] + values[:-1], strict=True))
    return rows


def _same_item_twice(rows: list[Row], rng: random.Random) -> list[Row]:
    row = rng.choice(rows)
    for source in [one for one in row["slots"] if one.startswith("items[1].")]:
        row["slots"][source] = row["slots"].get(source.replace("[1]", "[0]"), row["slots"][source])
    return rows


def _item_of_another(rows: list[Row], rng: random.Random) -> list[Row]:
    """One item, title, price, address and all, is the neighbour's."""
    left, right = rng.sample(rows, 2) if len(rows) > 1 else (rows[0], rows[0])
    for source in [one for one in left["slots"] if one.startswith("items[0].")]:
        left["slots"][source] = right["slots"].get(source, left["slots"][source])
    return rows


def _exchanged(what: str) -> Change:
    """Two messages change their ids or what they were decided by."""

    def change(rows: list[Row], rng: random.Random) -> list[Row]:
        if len(rows) > 1:
            left, right = rng.sample(rows, 2)
            left[what], right[what] = right[what], left[what]
        return rows

    return change


def _lost(rows: list[Row], rng: random.Random) -> list[Row]:
    rows.pop(rng.randrange(len(rows)))
    return rows


def _twice(rows: list[Row], rng: random.Random) -> list[Row]:
    return [*rows, rng.choice(rows)]


def _none(rows: list[Row], rng: random.Random) -> list[Row]:
    row = rng.choice(rows)
    if row["slots"]:
        row["slots"][rng.choice(list(row["slots"]))] = None
    return rows


_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def _other_day(value: str, rng: random.Random) -> str:
    def later(match: re.Match[str]) -> str:
        return f"{rng.choice(_DAYS)} {1 + (int(match[2]) + rng.randint(1, 20)) % 28} {match[3]}"

    return re.sub(r"(\w+day) (\d{1,2}) (\w+)", later, value)


def _says(words: str) -> Spoil:
    return lambda value, rng: words  # noqa: ARG005  # one shape for all


def _ends_with(words: str) -> Spoil:
    return lambda value, rng: value + words  # noqa: ARG005  # one shape for all


def _double_name(name: str) -> str:
    return f"{name} {name}"


_GERMAN = "Handgemachte Schale aus hellem Holz"
OPERATORS = (
    Operator("price-wrong", "slots", _one("price", _digit)),
    Operator("price-of-another-item", "slots", _swapped(".price")),
    Operator("price-in-other-money", "slots", _one("price", lambda value, _: value.replace("£", "€"))),
    Operator("price-point-moved", "slots", _one("price", _moved_point)),
    Operator("price-with-comma", "slots", _one("price", lambda value, _: value.replace(".", ","))),
    Operator("price-nothing", "slots", _one("price", _says("£0.00"))),
    Operator("price-sign-lost", "slots", _one("price", lambda value, _: value.lstrip("£"))),
    Operator("tax-note-turned", "slots", _one("words", lambda v, _: v.replace("incl.", "excl."), only="items")),
    Operator("name-of-another", "slots", _between("customer.")),
    Operator("name-doubled", "slots", _one("name", _name(_double_name))),
    Operator("name-in-small-letters", "slots", _one("name", _name(str.lower))),
    Operator("name-shouted", "slots", _one("name", _name(str.upper))),
    Operator("name-null", "slots", _one("name", _name(lambda _: "null"))),
    Operator("name-left-out", "slots", _one("name", _name(lambda _: ""))),
    Operator("name-is-a-mark", "slots", _one("name", _name(lambda _: "{{ first_name }}"))),
    Operator("mark-left-in", "slots", _one("words url price", _says("{{ item.title }}"))),
    Operator(
        "read-in-wrong-encoding",
        "slots",
        _one(
            "words price name", lambda v, _: v.replace("e", "é").replace("£", "Â£").encode().decode("cp1252", "replace")
        ),
    ),
    Operator("question-marks", "slots", _one("words", lambda v, _: v.replace("e", "?"))),
    Operator(
        "escaped-twice", "slots", _one("words price name", lambda v, _: html.escape(html.escape(v.replace(",", " &"))))
    ),
    Operator("value-empty", "slots", _one("words name price url", _says(""))),
    Operator("value-blank", "slots", _one("words name price url", _says("   "))),
    Operator("value-none", "slots", _none),
    Operator("value-cut", "slots", _one("words url", _truncated)),
    Operator("value-shouted", "slots", _one("words", lambda value, _: value.upper())),
    Operator("values-one-row-on", "slots", _shifted_rows),
    Operator("values-one-place-on", "slots", _shifted_columns),
    Operator("title-of-another-item", "slots", _swapped(".title")),
    Operator("item-twice", "slots", _same_item_twice),
    Operator("item-of-another", "slots", _item_of_another),
    Operator("address-of-another-item", "slots", _swapped(".url")),
    Operator("address-missing", "slots", _one("url", _says(""))),
    Operator("address-broken", "slots", _one("url", lambda value, _: value.replace("/p/", "/p/ "))),
    Operator("address-to-nothing", "slots", _one("url", _ends_with("-old"))),
    Operator("address-not-secure", "slots", _one("url", lambda value, _: value.replace("https:", "http:"))),
    Operator("address-looks-alike", "slots", _one("url", lambda value, _: value.replace("shop", "shоp"))),
    Operator("address-elsewhere", "slots", _one("url", lambda v, _: re.sub("//[^/]+", "//sh0p.example", v))),
    Operator("address-acts", "slots", _one("url", _says("javascript:alert(1)"))),
    Operator("address-names-person", "slots", _one("url", _ends_with("?email=anna%40home.example"))),
    Operator("tracking-changed", "slots", _one("url", _ends_with("?utm_campaign=test"))),
    Operator("fact-of-another", "slots", _between("facts.")),
    Operator("fact-too-precise", "slots", _one("words", _says("3 December at 02:13"), only="facts.")),
    Operator("sensitive-word", "slots", _one("words", _ends_with(" for your pregnancy"))),
    Operator("guess-asserted", "slots", _one("words", _ends_with(", since you are probably a mother"))),
    Operator("address-of-person", "slots", _one("words", _ends_with(" (anna.lee@home.example)"))),
    Operator(
        "offer-deeper",
        "slots",
        _one("words", lambda v, _: v.replace("10%", "70%").replace("free", "half price"), only="offer.words"),
    ),
    Operator("offer-other-day", "slots", _one("words", _other_day, only="offer.")),
    Operator(
        "offer-day-impossible",
        "slots",
        _one("words", lambda v, _: re.sub(r"\w+day \d+ \w+", "31 February", v), only="offer."),
    ),
    Operator("offer-over", "slots", _one("words", lambda v, _: re.sub(r"20\d\d", "2009", v), only="offer.")),
    Operator("terms-cut", "slots", _one("words", _truncated, only="offer.terms")),
    Operator("language-mixed", "slots", _one("words", _says(_GERMAN))),
    Operator("zero-as-news", "slots", _one("words", _says("0"))),
    Operator("markup-in-value", "slots", _one("words", _ends_with("<b>new</b>"))),
    Operator("character-nobody-sees", "slots", _one("words name", lambda v, _: v[:3] + "\u200b" + v[3:])),
    Operator("character-of-control", "slots", _one("words name", lambda v, _: v[:3] + "\x07" + v[3:])),
    Operator("header-broken", "slots", _one("name words", _ends_with("\r\nBcc: all@home.example"))),
    Operator("value-endless", "slots", _one("words", lambda value, _: value * 4000)),
    Operator("message-of-another", "slots", _exchanged("message_id")),
    Operator("decided-for-another", "slots", _exchanged("decision_id")),
    Operator("message-twice", "slots", _twice),
    Operator("message-lost", "slots", _lost),
)
"""Values spoilt."""
