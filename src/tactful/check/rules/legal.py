"""Rules about the lines the law asks for: who writes, from where, and how to make it stop."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.utils import parseaddr
from typing import Any

from tactful.check.bones import marks_in, unmarked
from tactful.check.patterns import folded
from tactful.check.rule import Hit, Rule, Run, Use
from tactful.words.finding import Severity
from tactful.words.level import Level
from tactful.words.message import Part

UNSUBSCRIBE = "links.unsubscribe"


def has_link(use: Use, source: str, *, part: Part) -> bool:
    """Whether a part has a visible link, or in plain text an address, made from this source."""
    if part not in use.bones.parts:
        return False
    slots = use.bones.parts[part].slots
    if part not in use.bones.trees:
        return any(slot.source == source for slot in slots)
    return any(
        anchor.tag == "a"
        and anchor.is_visible
        and anchor.words.strip()
        and any(slots[n].source == source for n in marks_in(anchor.url))
        for anchor in use.bones.trees[part].anchors
    )


def _no_way_out(use: Use) -> Iterable[Hit]:
    if use.is_marketing and use.is_mail:
        for part in (Part.HTML, Part.TEXT):
            if part in use.bones.parts and not has_link(use, UNSUBSCRIBE, part=part):
                yield Hit(what=f"the {part.value} part has no visible way to unsubscribe", place=part.value)


def _says(use: Use, words: str, *, part: Part) -> bool:
    return _plain(words) in _plain(unmarked(use.bones.words[part], by=" "))


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", folded(text)).strip()


def _no_address(use: Use) -> Iterable[Hit]:
    if use.is_marketing and use.is_mail:
        for part in (Part.HTML, Part.TEXT):
            if part in use.bones.parts and not _says(use, use.scene.project.brand.postal_address, part=part):
                yield Hit(what=f"the {part.value} part has no postal address", place=part.value)


def _no_sender(use: Use) -> Iterable[Hit]:
    brand = use.scene.project.brand
    for part in (Part.HTML, Part.TEXT):
        names = [name for name in (brand.brand, brand.from_name) if name.strip()]
        if use.is_mail and part in use.bones.parts and not any(_says(use, name, part=part) for name in names):
            yield Hit(what=f"the {part.value} part does not say who writes", place=part.value)


def _no_legal_lines(use: Use) -> Iterable[Hit]:
    for part in (Part.HTML, Part.TEXT):
        for line in use.scene.project.brand.legal_lines:
            if use.is_mail and part in use.bones.parts and not _says(use, line, part=part):
                yield Hit(what=f"the {part.value} part does not say {line!r}", place=part.value)


def _no_why(use: Use) -> Iterable[Hit]:
    if use.is_mail and use.is_marketing and use.level > Level.ALL and not has_link(use, "links.why", part=Part.HTML):
        yield Hit(what="no link says why they got this")


def _no_dial(use: Use) -> Iterable[Hit]:
    if use.is_mail and use.is_marketing and not has_link(use, "links.preferences", part=Part.HTML):
        yield Hit(what="no link leads to their preferences")


def _sender_address(run: Run) -> Iterable[Hit]:
    brand = run.scene.project.brand
    for name, address in (("from_address", brand.from_address), ("reply_to", brand.reply_to)):
        if address is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", parseaddr(address)[1]):
            yield Hit(what=f"{name} {address!r} is no address", place="brand")
    if not brand.from_name.strip():
        yield Hit(what="from_name is empty", place="brand")
    if re.match(r"no-?reply@", brand.from_address, re.IGNORECASE) and not brand.reply_to:
        yield Hit(what=f"nobody reads {brand.from_address}, and there is no reply_to", place="brand")


def _rule(
    id_: str, *, severity: Severity = Severity.ERROR, place: str = "html, text", **more: Any
) -> Rule:  # Any: its fields
    return Rule(id=id_, severity=severity, place=place, **more)


RULES = (
    _rule(
        "unsubscribe-missing",
        why="Marketing mail without a visible way out is unlawful, and earns complaints instead.",
        fix="render the footer with `links.unsubscribe` in both parts",
        skeleton=_no_way_out,
    ),
    _rule(
        "postal-address-missing",
        why="The law asks marketing mail to say where its sender can be found.",
        fix="print `brand.postal_address` in both parts",
        skeleton=_no_address,
    ),
    _rule(
        "sender-missing",
        why="People must see who writes to them.",
        fix="print `brand.name` in both parts",
        skeleton=_no_sender,
    ),
    _rule(
        "legal-line-missing",
        why="The brand has said which lines every letter carries.",
        fix="print `brand.legal_lines` in the footer of both parts",
        skeleton=_no_legal_lines,
    ),
    _rule(
        "why-link-missing",
        severity=Severity.WARNING,
        place="html",
        why="Whoever is written to personally may ask why.",
        fix="link to `links.why`",
        skeleton=_no_why,
    ),
    _rule(
        "preferences-link-missing",
        severity=Severity.WARNING,
        place="html",
        why="People who can turn it down do not turn it off.",
        fix="link to `links.preferences`",
        skeleton=_no_dial,
    ),
    _rule(
        "sender-address",
        place="brand",
        why="A letter one cannot answer is an announcement.",
        fix="give from_address and reply_to that somebody reads",
        run=_sender_address,
    ),
)
