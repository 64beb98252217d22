"""Operators on the author's own words: what goes wrong between what was written and what is printed for everybody."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tactful.testing.mutations import Change, Operator, Row

Spoil = Callable[[str, random.Random], str]


def _in(part: str, spoil: Spoil) -> Change:
    """One stretch of words of a part is spoilt; the first, in any order, that can be."""

    def change(rows: list[Row], rng: random.Random) -> list[Row]:
        row = rng.choice(rows)
        words = row["words"].get(part, [])
        for number in rng.sample(range(len(words)), len(words)):
            made = spoil(words[number], rng)
            if made != words[number]:
                words[number] = made
                break
        return rows

    return change


def _whole(part: str, words: str) -> Change:
    """A part of which nothing but these words is left around its values."""

    def change(rows: list[Row], rng: random.Random) -> list[Row]:
        row = rng.choice(rows)
        if part in row["words"]:
            row["words"][part] = [words, *([""] * (len(row["words"][part]) - 1))]
        return rows

    return change


def _replaced(old: str, new: str) -> Spoil:
    return lambda words, rng: re.sub(old, new, words, count=1)  # noqa: ARG005  # one shape for all


_SENTENCE = re.compile(r"(?<=>)[^<>{}]{12,}?[.,:](?=[ <])")


def _sentence(spoil: Callable[[str], str]) -> Spoil:
    """One sentence that is read is spoilt."""

    def inner(words: str, rng: random.Random) -> str:
        found = list(_SENTENCE.finditer(words))
        if not found:
            return words
        one = rng.choice(found)
        return words[: one.start()] + spoil(one[0]) + words[one.end() :]

    return inner


def _typing_error(words: str) -> str:
    letters = [at for at in range(len(words) - 1) if words[at : at + 2].isalpha() and words[at] != words[at + 1]]
    if not letters:
        return words
    at = letters[len(letters) // 2]
    return words[:at] + words[at + 1] + words[at] + words[at + 2 :]


def _said(words: str) -> Spoil:
    """One more sentence stands where a sentence ends."""
    return _sentence(lambda sentence: f"{sentence} {words}")


OPERATORS = (
    Operator("sentence-twice", "slots", _in("html", _sentence(lambda words: f"{words} {words}"))),
    Operator("sentence-gone", "slots", _in("html", _sentence(lambda words: ""))),  # noqa: ARG005  # one shape for all
    Operator("typing-error", "slots", _in("html", _sentence(_typing_error))),
    Operator("sentence-in-other-language", "slots", _in("html", _sentence(lambda words: "Das gibt es nur heute."))),  # noqa: ARG005  # one shape for all
    Operator("mark-in-words", "slots", _in("html", _said("Dear *|FNAME|*."))),
    Operator("guilt", "slots", _in("html", _said("We miss you."))),
    Operator("urgency", "slots", _in("html", _said("Only today, hurry."))),
    Operator("watched", "slots", _in("html", _said("We saw you look at this at 02:13."))),
    Operator("condolence-and-cheer", "slots", _in("html", _said("We are sorry for your loss. Enjoy."))),
    Operator("discount-typed-in", "slots", _in("html", _said("Take 50% off."))),
    Operator("price-typed-in", "slots", _in("html", _said("Now £1.99."))),
    Operator("titles-guessed", "slots", _in("html", _said("Thank you, Sir."))),
    Operator("exclamation", "slots", _in("html", _said("Look!!!"))),
    Operator("script", "slots", _in("html", _said("<script>x()</script>"))),
    Operator("address-line-gone", "slots", _in("html", _replaced("1 Example Yard, Nowhere, ", ""))),
    Operator("address-line-gone-from-text", "slots", _in("text", _replaced("1 Example Yard, Nowhere, ", ""))),
    Operator("legal-line-gone", "slots", _in("html", _replaced("Prices are list prices.", ""))),
    Operator("way-out-unnamed", "slots", _in("html", _replaced("Unsubscribe|Abmelden|Abbestellen", ""))),
    Operator(
        "way-out-hidden",
        "slots",
        _in("html", _replaced(r">(Unsubscribe|Abmelden)", r'><span style="display:none">\1</span>')),
    ),
    Operator("tag-never-closed", "slots", _in("html", _replaced("</(p|td|div|table)>", ""))),
    Operator("tag-broken", "slots", _in("html", _replaced("<(p|td|div) ", r"<\1"))),
    Operator("language-of-document", "slots", _in("html", _replaced('lang="[a-z]+"', 'lang="fr"'))),
    Operator(
        "words-in-colour-of-paper", "slots", _in("html", _replaced(r"(?<![-\w])color:\s*#[0-9a-f]{6}", "color:#fffdf8"))
    ),
    Operator("picture-without-words", "slots", _in("html", _said('<img src="https://shop.example/">'))),
    Operator("link-typed-in", "slots", _in("html", _said('<a href="http://shop-example.example/">Here</a>.'))),
    Operator("oversize", "slots", _in("html", _said("<i></i>" * 16_000))),
    Operator("subject-empty", "slots", _whole("subject", "")),
    Operator("subject-endless", "slots", _whole("subject", "A few things worth a look, " * 4)),
    Operator("subject-shouted", "slots", _in("subject", lambda words, _: words.upper())),
    Operator("subject-of-answer", "slots", _in("subject", lambda words, _: f"Re: {words}" if words else words)),
    Operator("subject-mark", "slots", _in("subject", lambda words, _: f"{words} [First Name]")),
    Operator("preheader-gone", "slots", _whole("preheader", "")),
    Operator("text-says-other", "slots", _in("text", lambda words, _: words.replace("Merrow", "Harrow"))),
    Operator("text-gone", "slots", _whole("text", "")),
    Operator("damaged-sign", "slots", _in("html", lambda words, _: words.replace("'", "â€™", 1))),
)
"""Words spoilt."""
