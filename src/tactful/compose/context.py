"""What a template sees: built from decisions, profiles and items, and nothing that the level does not permit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from tactful.compose.dates import long_date
from tactful.compose.placed import place
from tactful.project.declared import ContentFile, Project
from tactful.words.clock import Clock
from tactful.words.direction import isolated
from tactful.words.fact import Speak
from tactful.words.level import Level
from tactful.words.money import Money

PERMITTED_FROM = {Speak.SEGMENT: Level.MANY, Speak.COARSE: Level.FEW, Speak.EXACT: Level.ONE}
"""From which level on a fact may be spoken."""
_OF_MESSAGE = ("level", "program", "purpose", "touchpoint")
Row = Mapping[str, Any]  # Any: a row of an Arrow table


def permitted_facts(project: Project, level: Level) -> tuple[str, ...]:
    """Names of the facts a template at this level sees, in the order of the declaration."""
    return tuple(
        name
        for name, fact in project.facts.items()
        if (least := PERMITTED_FROM.get(fact.speak)) is not None and level >= least
    )


def salutation(name: str | None, *, project: Project, language: str) -> str:
    """The line that opens a message: by name, neutral, or none; none too where the brand has none in the language.

    A name that runs the other way than the line is set apart.

    Args:
        name: the name after hygiene; None where it is no name to greet by.
        project: whose brand says how to greet.
        language: of the letter.
    """
    style = project.brand.salutation
    lines = style.says(language, first=project.settings.languages[0])
    if style.style == "none" or lines is None:
        return ""
    if not name or style.style != "given_name":
        return lines.neutral
    return lines.named.replace("{name}", isolated(name, language=language))


def offer_ends(offer_id: str, *, project: Project, decided_at: datetime) -> date:
    """The last day of an offer made at a decision: its validity from that day on, and never beyond its end.

    It depends on the decision alone, so a message written again says the same day.
    """
    offer = project.offers[offer_id]
    zone = Clock(now=decided_at, zone=project.settings.zone)
    last = zone.today + timedelta(days=offer.valid)
    if offer.ends is None:
        return last
    return min(last, Clock.at(offer.ends, zone=project.settings.zone).today)


def spoken_offer(
    offer_id: str | None, *, project: Project, decided_at: datetime, language: str
) -> dict[str, object] | None:
    """An offer as a template sees it, its date filled in; None where there is none."""
    if offer_id is None or offer_id not in project.offers or project.offers[offer_id].kind == "none":
        return None
    offer = project.offers[offer_id]
    ends = long_date(offer_ends(offer_id, project=project, decided_at=decided_at), language=language)
    fill = {"{date}": ends}
    words, terms = offer.words, offer.terms
    for mark, value in fill.items():
        words, terms = words.replace(mark, value), terms.replace(mark, value)
    return {"id": offer_id, "words": words, "terms": terms, "ends": ends}


_MOST_SEEN = 50_000
"""Items, as they are shown in a place, that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The items as they are now: the latest load of each. Stability: full."""

    items: dict[str, Row]
    seen: dict[tuple[str, str, str | None], dict[str, object]] = field(default_factory=dict)

    @classmethod
    def of(cls, items: pa.Table | None) -> Catalogue:
        """From the `items` table, which spans every load so far."""
        latest: dict[str, Row] = {}
        for row in items.to_pylist() if items is not None else []:
            kept = latest.get(row["item_id"])
            if kept is None or (row["loaded_at"], row["source"]) >= (kept["loaded_at"], kept["source"]):
                latest[row["item_id"]] = row
        return cls(items=latest)

    def shown(self, item_id: str, *, role: str, because: str | None) -> dict[str, object] | None:
        """An item as a template sees it; None where the catalogue does not know it."""
        row = self.items.get(item_id)
        if row is None:
            return None
        key = (item_id, role, because)
        if key not in self.seen:
            if len(self.seen) > _MOST_SEEN:
                self.seen.clear()
            self.seen[key] = self._shown(item_id, row, role=role, because=because)
        return self.seen[key]

    def _shown(self, item_id: str, row: Row, *, role: str, because: str | None) -> dict[str, object]:
        anchor = self.items.get(because) if because else None
        return {
            "id": item_id,
            "title": row["title"],
            "price": price(row["list_price"], row["currency"]),
            "price_note": price_note(row) if row["list_price"] is not None else None,
            "url": row["url"],
            "image": row["image"],
            "note": row["note"],
            "role": role,
            "because": anchor["title"] if anchor else None,
        }


def price(amount: Decimal | None, currency: str | None) -> str | None:
    """A declared list price as people read it; None where there is none.

    >>> price(Decimal("2.9500"), "GBP"), price(None, "GBP")
    ('£2.95', None)
    """
    if amount is None or currency is None:
        return None
    unit = Money(amount=Decimal(0), currency=currency).unit
    return Money(amount=amount.quantize(unit), currency=currency).shown


def price_note(row: Row) -> str | None:
    """Whether a price includes VAT; None where that was not declared.

    >>> price_note({"price_includes_vat": True}), price_note({"price_includes_vat": None})
    ('incl. VAT', None)
    """
    return {True: "incl. VAT", False: "excl. VAT"}.get(row["price_includes_vat"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Builds contexts for one project and catalogue. Stability: full."""

    project: Project
    catalogue: Catalogue
    known: dict[tuple[object, ...], dict[str, object]] = field(default_factory=dict)
    placed: dict[tuple[object, ...], object] = field(default_factory=dict)
    plain: dict[tuple[object, ...], dict[str, object]] = field(default_factory=dict)

    def constants(self, content: ContentFile, decision: Row) -> dict[str, object]:
        """What is the same for everybody who gets this content by this arm."""
        key = (content.language, *(decision[name] for name in _OF_MESSAGE))
        if key not in self.known:
            told = self.plain_constants(content, decision)
            self.known[key] = {name: place(one, name) for name, one in told.items()}
        return self.known[key]

    def plain_constants(self, content: ContentFile, decision: Row) -> dict[str, object]:
        """The same as plain mappings and lists, for what looks at them message by message."""
        key = (content.language, *(decision[name] for name in _OF_MESSAGE))
        if key not in self.plain:
            self.plain[key] = self._spoken(content, decision)
        return self.plain[key]

    def _spoken(self, content: ContentFile, decision: Row) -> dict[str, object]:
        brand = self.project.brand
        spoken = {
            "name": brand.brand,
            "contact": brand.contact_name,
            "postal_address": brand.postal_address,
            "site": brand.site,
            "legal_lines": list(brand.legal_lines),
            "colours": dict(brand.colours),
            "fonts": brand.fonts,
        }
        message = {key: decision[key] for key in _OF_MESSAGE}
        return {"brand": spoken, "message": {**message, "language": content.language}}

    def context(self, decision: Row, profile: Row, *, content: ContentFile) -> dict[str, object]:
        """What one message's template sees, its links and constants aside.

        Args:
            decision: a row of `decisions`.
            profile: the customer's row of `profiles`.
            content: the file it is written from.
        """
        level = Level(decision["level"])
        shown = [
            made
            for item in decision["items"] or ()
            if (made := self.catalogue.shown(item["item_id"], role=item["role"], because=item["because"]))
        ]
        return {
            "customer": {
                "salutation": salutation(
                    profile.get("salutation_name"), project=self.project, language=content.language
                )
            },
            "facts": {name: profile.get(name) for name in permitted_facts(self.project, level)},
            "cell": {name: profile.get(name) for name in self.by(decision)},
            "items": [item for item in shown if item["role"] != "anchor"],
            "anchor": next((item for item in shown if item["role"] == "anchor"), None),
            "offer": spoken_offer(
                decision["offer_id"],
                project=self.project,
                decided_at=decision["decided_at"],
                language=content.language,
            ),
        }

    def by(self, decision: Row) -> tuple[str, ...]:
        """The facts by which the decision's level is cut into cells."""
        program = self.project.programs.get(decision["program"] or "")
        if program is None:
            return ()
        plans = program.levels if decision["touchpoint"].split(".")[0] == "email" or not program.web else program.web
        plan = plans.get(Level(decision["level"]))
        return plan.by if plan else ()
