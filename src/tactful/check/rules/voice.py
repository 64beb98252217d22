"""Rules about the brand's voice as it is declared: words always said, how easily it reads, how sentences run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from tactful.check import patterns
from tactful.check.alike import alike
from tactful.check.bones import OPEN, unmarked
from tactful.check.patterns import folded
from tactful.check.rule import Column, Hit, Junction, Rule, Run, Use
from tactful.reckon.ease import reading_ease
from tactful.words.estimate import Undefined
from tactful.words.finding import Severity
from tactful.words.message import Part, SlotContext, SlotKind

_TWICE = re.compile(r"(?i)\b([^\W\d_]{2,}) \1\b")
_FINE_TWICE = frozenset({"had", "that", "so", "bye", "very", "sie", "die", "der", "das", "nous", "vous"})
_GAP = re.compile(r"(?<=\w) [,.;:!?](?=\s|$)|,,|(?<!\.)\.\.(?!\.)|,\.")
_ONE = re.compile(r"^ ([a-z]{3,}s)\b")
_MANY = re.compile(r"^ (item|order|piece|product|day|point|gift|thing|idea|letter|star|week|month)\b")
_TAKES_A = re.compile(r"(?i)[bcdfgjklmnpqrstvwxyz]|uni|eu|one\b|use")
_NO_PLURAL = re.compile(r"(?:ss|us|is)$")
_SPACED_STOPS = frozenset({"fr"})
"""Languages that set a blank before some stops."""


def _always(use: Use) -> Iterable[Hit]:
    if not use.is_mail:
        return
    for part in (Part.HTML, Part.TEXT):
        text = folded(unmarked(use.bones.words.get(part, ""), by=" "))
        for words in use.scene.project.brand.always if part in use.bones.parts else ():
            if folded(words) not in text:
                yield Hit(what=f"the {part.value} part does not say {words!r}", place=part.value)


def _hard(use: Use) -> Iterable[Hit]:
    least = use.scene.project.brand.reading_ease
    part = Part.TEXT if Part.TEXT in use.bones.parts else use.bones.body
    if least is None or part is None:
        return
    ease = reading_ease(_prose(use.bones.words[part]), language=use.language)
    if not isinstance(ease, Undefined) and ease < least:
        yield Hit(what=f"its reading ease is {ease:.0f}; the brand's least is {least}", place=part.value)


def _prose(text: str) -> str:
    """The lines that are sentences; addresses, lists of values and single words aside."""
    lines = [unmarked(line, by=" x ") for line in text.split("\n")]
    return "\n".join(line for line in lines if "://" not in line and len(line.split()) >= 5)


def _stumbles(use: Use) -> Iterable[Hit]:
    """The author's own sentences."""
    for part, text in use.bones.said.items():
        for line in text.split("\n"):
            twice = _TWICE.search(line)
            if twice and twice[1].casefold() not in _FINE_TWICE:
                yield Hit(what=f"{twice[0]!r} says a word twice", place=part.value)
            gap = _GAP.search(line)
            if gap and use.language.split("-")[0] not in _SPACED_STOPS:
                near = line[max(0, gap.start() - 12) : gap.end()].replace(OPEN, "…")
                yield Hit(what=f"{near!r} has a stop where none belongs", place=part.value)


def _padded(column: Column) -> Iterable[Hit]:
    if all(slot.context is SlotContext.URL for _, slot in column.slots) or column.slot.kind is SlotKind.MARKUP:
        return ()

    def wrong(value: str) -> str:
        if value.strip() and (value != value.strip() or "  " in value):
            return f"{value[:40]!r} has blanks too many"
        return ""

    return column.each(wrong, only=patterns.among(column.texts, patterns.PADDED))


def _number(junction: Junction) -> Iterable[Hit]:
    """One item, two items: the number and the word after it; and an before a vowel only."""
    if junction.use.language.split("-")[0] != "en" or junction.at.slot.kind in {SlotKind.URL, SlotKind.MARKUP}:
        return ()
    many, one = _ONE.match(junction.at.after), _MANY.match(junction.at.after)
    after_an = re.search(r"(?i)(?:^|\s)an $", junction.at.before) is not None
    if not (many or one or after_an):
        return ()

    def wrong(value: str) -> str:
        text = value.strip()
        if many and text == "1" and not _NO_PLURAL.search(many[1]):
            return f"'1 {many[1]}' counts wrongly"
        if one and re.fullmatch(r"\d+", text) and text != "1":
            return f"'{text} {one[1]}' counts wrongly"
        if after_an and _TAKES_A.match(text) and not re.match(r"[FLMNRSX][A-Z]", text):
            return f"'an {text.split()[0]}' should be 'a {text.split()[0]}'"
        return ""

    return junction.each(wrong)


def _alike(run: Run) -> Iterable[Hit]:
    """Contents of one run that say the same but for one word; branches of one content count as one variant anyway."""
    bones = run.scene.skeletons.values()
    texts: dict[tuple[str, str], str] = {}
    for one in sorted(bones, key=lambda each: (each.skeleton.content_id, each.skeleton_id)):
        part = Part.TEXT if Part.TEXT in one.parts else one.body
        if part is not None:
            texts[one.skeleton.content_id, one.skeleton_id.hex()] = one.said[part]
    names = {f"{content} {skeleton}": text for (content, skeleton), text in texts.items()}
    pairs = [(left.split()[0], right.split()[0], words) for left, right, words in alike(names)]
    across = sorted(pair for pair in pairs if pair[0] != pair[1])
    for (left, right), found in groupby(across, key=lambda pair: pair[:2]):
        yield Hit(what=f"{left} and {right} differ by one word ({next(found)[2]})")


def _rule(id_: str, severity: Severity = Severity.WARNING, **more: Any) -> Rule:  # Any: the rule's own fields
    return Rule(id=id_, severity=severity, **more)


RULES = (
    _rule(
        "always-words",
        Severity.ERROR,
        place="html, text",
        why="The brand has said which words every letter carries.",
        fix="say them in both parts",
        skeleton=_always,
    ),
    _rule(
        "hard-to-read",
        place="text",
        why="Long words in long sentences are read by few.",
        fix="shorten the sentences, or choose plainer words",
        skeleton=_hard,
    ),
    _rule(
        "sentence-stumbles",
        place="any part",
        why="A word said twice or a stop gone astray shows that nobody read it aloud.",
        fix="mend the sentence",
        skeleton=_stumbles,
    ),
    _rule(
        "value-padded",
        place="slots",
        why="Blanks around a value leave gaps in its sentence.",
        fix="clean the value where it is loaded",
        slot=_padded,
    ),
    _rule(
        "number-reads-badly",
        place="slots in their sentences",
        why="1 items and an pear show the machine.",
        fix="write the sentence so that every value fits, or branch on the number",
        junction=_number,
    ),
    _rule(
        "variants-alike",
        place="run",
        why="Variants that differ by one word cost as much as two and count as one.",
        fix="make the word a value of one content, or write another content",
        run=_alike,
    ),
)
