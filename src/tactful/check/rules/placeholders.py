"""Rules about what was not filled in: marks of templates, empty values, damaged text."""

from __future__ import annotations

from collections.abc import Iterable

from tactful.check import across, patterns
from tactful.check.bones import OPEN, marks_in, unmarked
from tactful.check.rule import Column, Hit, Junction, Rule, Use
from tactful.reckon.name_text import has_lone_surrogate, is_mojibake
from tactful.words.direction import bare
from tactful.words.finding import Severity
from tactful.words.message import Part, SlotKind

_STRADDLE = 40


def _residue(use: Use) -> Iterable[Hit]:
    for part in use.bones.parts:
        text = use.bones.words[part]
        if found := patterns.RESIDUE.first(unmarked(text)):
            yield Hit(what=f"{found!r} was not filled in", place=part.value)
        for anchor in use.bones.trees[part].anchors if part in use.bones.trees else ():
            if found := patterns.RESIDUE.first(unmarked(anchor.url)):
                yield Hit(what=f"{found!r} in an address was not filled in", place=f"{part.value}, {anchor.tag}")


def _residue_in_value(column: Column) -> Iterable[Hit]:
    def wrong(value: str) -> str:
        found = patterns.RESIDUE.first(value)
        return f"{found!r} in {value[:60]!r} was not filled in" if found else ""

    return column.each(wrong, only=patterns.among(column.texts, patterns.RESIDUE_MARKS, patterns.RESIDUE_WORDS))


def _residue_across(junction: Junction) -> Iterable[Hit]:
    before, after = unmarked(junction.at.before)[-_STRADDLE:], unmarked(junction.at.after)[:_STRADDLE]
    if not (set(before + after) & set("{[<%*$#|}]>")):
        return ()

    def wrong(value: str) -> str:
        text, start, end = f"{before}{value}{after}", len(before), len(before) + len(value)
        for left, right in patterns.RESIDUE.spans(text):
            if (left < start < right) or (left < end < right):
                return f"{text[left:right]!r} was not filled in"
        return ""

    if not patterns.RESIDUE_BEGUN.first(before):  # what spans a junction begins in the value, then
        return junction.each(wrong, only=patterns.among(junction.texts, patterns.RESIDUE_BEGUN))
    return junction.each(wrong, only=patterns.among(junction.texts.around(before, after), patterns.RESIDUE))


def _empty(column: Column) -> Iterable[Hit]:
    style = column.use.scene.project.brand.salutation.style
    if column.slot.kind is SlotKind.NAME and style == "none":
        return
    for number in patterns.among(column.texts, patterns.BLANK).tolist():
        value = column.values[number]
        if value is None or not value.strip():
            yield Hit(what=f"{column.slot.source} has no value", value=number)
    for number in column.texts.missing.tolist():
        yield Hit(what=f"{column.slot.source} has no value", value=number)


def _says_nothing(column: Column) -> Iterable[Hit]:
    return column.each(
        lambda value: f"{value!r} stands where a value was meant" if patterns.NOTHING.first(value) else "",
        only=patterns.among(column.texts, patterns.NOTHING),
    )


def _damaged(use: Use) -> Iterable[Hit]:
    for part, text in use.bones.said.items():
        found = patterns.CONTROL.first(text.replace(OPEN, " "))
        if found:
            yield Hit(what=f"the words hold damaged characters ({found!r})", place=part.value)


def _damaged_value(column: Column) -> Iterable[Hit]:
    def wrong(value: str) -> str:
        if has_lone_surrogate(value):
            return "half a character"
        if patterns.CONTROL.first(value) or (not value.isascii() and is_mojibake(value)):
            return f"{value[:60]!r} was damaged by a wrong encoding"
        return ""

    return column.each(wrong, only=patterns.among(column.texts, patterns.DAMAGED))


def _unseen(column: Column) -> Iterable[Hit]:
    def wrong(value: str) -> str:
        found = patterns.INVISIBLE.first(bare(value))
        return f"{value[:60]!r} holds a character nobody can see (U+{ord(found):04X})" if found else ""

    return column.each(wrong, only=patterns.among(column.texts, patterns.INVISIBLE))


def _breaks_header(column: Column) -> Iterable[Hit]:
    if not any(part in {Part.SUBJECT, Part.PREHEADER} or slot.kind is SlotKind.NAME for part, slot in column.slots):
        return ()
    return column.each(
        lambda value: f"{value[:60]!r} would start another header line" if patterns.LINE_BREAK.first(value) else "",
        only=patterns.among(column.texts, patterns.LINE_BREAK),
    )


def _markup_in_plain(use: Use) -> Iterable[Hit]:
    for part in (Part.SUBJECT, Part.PREHEADER, Part.TEXT):
        if part in use.bones.parts and (found := patterns.ENTITY.first(use.bones.said[part])):
            yield Hit(what=f"{found!r} would be read as it stands", place=part.value)


def _markup_in_plain_value(column: Column) -> Iterable[Hit]:
    if not any(part in {Part.SUBJECT, Part.PREHEADER, Part.TEXT} for part, _ in column.slots):
        return ()

    def wrong(value: str) -> str:
        found = patterns.ENTITY.first(value)
        return f"{found!r} in {value[:60]!r} would be read as it stands" if found else ""

    return column.each(wrong, only=patterns.among(column.texts, patterns.ENTITY))


def _unused_slot(use: Use) -> Iterable[Hit]:
    subject = use.bones.words.get(Part.SUBJECT, "")
    if marks_in(subject) and not unmarked(subject, by="").strip():
        yield Hit(what="the subject is one value and no word of the author", place="subject")


RULES = (
    Rule(
        id="placeholder-residue",
        severity=Severity.ERROR,
        place="any part",
        why="A mark of a template that reaches a reader says that nobody looked.",
        fix="fill it in, or give it a default",
        skeleton=_residue,
        slot=_residue_in_value,
        junction=_residue_across,
        message=across.residue_together,
    ),
    Rule(
        id="slot-empty",
        severity=Severity.ERROR,
        place="slots",
        why="An empty slot leaves a hole in the sentence around it.",
        fix="let the level need the fact, or write the sentence for when it is missing",
        slot=_empty,
    ),
    Rule(
        id="slot-says-nothing",
        severity=Severity.ERROR,
        place="slots",
        why="NULL, n/a or undefined in a letter shows our files to the reader.",
        fix="quarantine such values at the source, or give a default",
        slot=_says_nothing,
    ),
    Rule(
        id="damaged-text",
        severity=Severity.ERROR,
        place="any part",
        why="Text read in a wrong encoding looks broken and is often a wrong name.",
        fix="declare the encoding of the source and load it again",
        skeleton=_damaged,
        junction=across.damaged,
        message=across.damaged_together,
        slot=_damaged_value,
    ),
    Rule(
        id="invisible-characters",
        severity=Severity.ERROR,
        place="slots",
        why="Characters that turn the direction of a line or cannot be seen disguise what stands there.",
        fix="clean the value where it is loaded",
        slot=_unseen,
    ),
    Rule(
        id="header-injection",
        severity=Severity.ERROR,
        place="subject, preheader, greeting",
        why="A line break in a header lets a stranger's text add headers and readers of its own.",
        fix="refuse the value where it is loaded",
        slot=_breaks_header,
    ),
    Rule(
        id="markup-in-plain-text",
        severity=Severity.ERROR,
        place="subject, preheader, text",
        why="Entities and tags are read as they stand where nothing turns them into words.",
        fix="write plain words there, and load values without markup",
        skeleton=_markup_in_plain,
        junction=across.markup_in_plain,
        message=across.markup_together,
        slot=_markup_in_plain_value,
    ),
    Rule(
        id="subject-is-one-value",
        severity=Severity.WARNING,
        place="subject",
        why="A subject that is nothing but a value says whatever the data says.",
        fix="write words around it",
        skeleton=_unused_slot,
    ),
)
