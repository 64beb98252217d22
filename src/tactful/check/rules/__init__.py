"""The rules of the house, by theme. A rule is data; this is all of them, and the table that people read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tactful.check.rule import Rule
from tactful.check.rules import (
    again,
    disclosure,
    hosts,
    items,
    legal,
    links,
    names,
    offers,
    placeholders,
    prices,
    run,
    sight,
    sources,
    standing,
    structure,
    subject,
    tact,
    tone,
    voice,
)

THEMES = {
    "what was not filled in": placeholders.RULES,
    "names": names.RULES,
    "disclosure": disclosure.RULES,
    "tone": (*tone.RULES, *tact.RULES),
    "voice": voice.RULES,
    "prices": prices.RULES,
    "offers": offers.RULES,
    "items": items.RULES,
    "addresses": (*links.RULES, *hosts.RULES),
    "form": structure.RULES,
    "what can be seen": sight.RULES,
    "the law's lines": legal.RULES,
    "subject and preheader": subject.RULES,
    "asked again": sources.RULES,
    "the run": (*standing.RULES, *run.RULES, *again.RULES),
}
"""Rules by what they are about, in the order in which people read them."""


def together(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Rules in one tuple; each name once.

    Raises:
        ValueError: two rules have one name.
    """
    known: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in known:
            raise ValueError(f"two rules are called {rule.id}; a finding must say which one spoke")
        known[rule.id] = rule
    return tuple(known.values())


RULES = together(replace(rule, is_of_value=True) for rules in THEMES.values() for rule in rules)
"""All of them; what one says of a value it says of it wherever a slot of the same nature stands."""


def rules_table() -> tuple[dict[str, str], ...]:
    """What the documentation prints of every rule: theme, id, severity, what it looks at, place, why and fix.

    >>> rules_table()[0]["id"]
    'placeholder-residue'
    """
    return tuple(
        {
            "theme": theme,
            "id": rule.id,
            "severity": rule.severity.value,
            "looks_at": ", ".join(rule.subjects),
            "place": rule.place,
            "why": rule.why,
            "fix": rule.fix,
        }
        for theme, rules in THEMES.items()
        for rule in rules
    )
