"""Rules about tact in the author's own words: nobody is told that they are watched, nobody's gender is guessed."""

from __future__ import annotations

from collections.abc import Iterable

from tactful.check.patterns import Pattern
from tactful.check.rule import Hit, Rule, Use
from tactful.words.finding import Severity

_WATCHING = Pattern(
    r"(?i)\bwe (?:saw|see|have seen|noticed|notice|spotted) (?:that )?you(?:'ve|’ve|'re|’re)?\b"
    r"|\b(?:you(?:'ve|’ve| have| were|'re|’re)? (?:recently |just |been )*(?:looked at|looking at|viewed|viewing"
    r"|browsed|browsing|clicked|visited our|left in your (?:basket|cart)))\b"
    r"|\b(?:based on|from) your (?:browsing|location|behaviou?r|search(?:es)?|profile)\b"
    r"|\bwir haben (?:gesehen|bemerkt|festgestellt)\b|\bSie haben sich (?:kürzlich )?[^.]{0,40}angesehen\b"
    r"|\b(?:nous avons (?:vu|remarqué) que vous|vous avez (?:récemment )?(?:consulté|regardé|visité))\b"
)
"""Phrases that tell readers they are watched."""
_GENDER = Pattern(
    r"\bDear (?:Sir|Madam|Mr|Mrs|Ms|Miss)\b(?: or Madam|/Madam|s\b)?|, ?(?:Sir|Madam|Ma'am|Mister)\b"
    r"|\bSehr geehrter? (?:Herr|Frau)\b|\bLieber (?:Kunde|Herr|Freund)\b|\bLiebe (?:Kundin|Frau|Freundin)\b"
    r"|\bCher (?:Monsieur|client)\b|\bChère (?:Madame|cliente)\b"
)
"""Forms of address that name a gender; those that name both are told apart."""
_BOTH = ("or madam", "/madam", "sirs")


def _watching(use: Use) -> Iterable[Hit]:
    for part, text in use.bones.said.items():
        if found := _WATCHING.first(text):
            yield Hit(what=f"{found!r} tells them that they are watched", place=part.value)


def _gender(use: Use) -> Iterable[Hit]:
    for part, text in use.bones.said.items():
        for found in _GENDER.every(text):
            if not found.lower().endswith(_BOTH):
                yield Hit(what=f"{found.strip(', ')!r} guesses everybody's gender", place=part.value)
                break


RULES = (
    Rule(
        id="watching-said",
        severity=Severity.ERROR,
        place="any part",
        why="To be told that one is watched is creepy, whatever is offered with it.",
        fix="say what they ordered, chose or told you; leave out what they looked at",
        skeleton=_watching,
    ),
    Rule(
        id="gender-in-words",
        severity=Severity.ERROR,
        place="any part",
        why="A form of address typed into the words is wrong for half of those who read it.",
        fix="greet by `customer.salutation`, or in words that name no gender",
        skeleton=_gender,
    ),
)
