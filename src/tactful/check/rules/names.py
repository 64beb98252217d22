"""Rules about names: right, spoken well, and never beside words about money saved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from tactful.check import patterns
from tactful.check.bones import marks_in, unmarked
from tactful.check.encoded import Encoded
from tactful.check.reading import greeted
from tactful.check.rule import Column, Hit, Junction, Messages, Rule, Use
from tactful.check.scene import Scene
from tactful.check.texts import texts_of
from tactful.reckon.gender import Gender, gender_certainty
from tactful.reckon.names import read_name
from tactful.words.estimate import Undefined
from tactful.words.finding import Severity
from tactful.words.message import Part, SlotKind

_NOBODY, _ANYBODY = -2, -1
GREETING = "customer.salutation"
_MALE = frozenset({"mr", "mister", "sir", "herr", "herrn", "lieber", "monsieur", "m", "señor", "sehr geehrter"})


def _greeted(line: str, scene: Scene) -> str | Undefined | None:
    """The name in a greeting; each line is read once in a run."""
    known = scene.greetings
    if ("name", line) not in known:
        known["name", line] = greeted(line, brand=scene.project.brand)
    read: str | Undefined | None = known["name", line]
    return read


def _not_greetable(column: Column) -> Iterable[Hit]:
    if column.slot.kind is not SlotKind.NAME:
        return ()

    def wrong(value: str) -> str:
        name = _greeted(value, column.use.scene)
        if not isinstance(name, str):
            return ""
        read = read_name(name)
        if isinstance(read, Undefined):
            return f"{name!r} is not greeted: {read.reason}"
        return "" if read.greeting == name else f"{name!r} would be greeted as {read.greeting!r}"

    return column.each(wrong, only=column.texts.asking(_not_greetable, wrong))


def _unknown_greeting(column: Column) -> Iterable[Hit]:
    """One of the brand's two lines, in the letter's own language."""
    if column.slot.source != GREETING:
        return ()
    project, language = column.use.scene.project, column.use.language
    lines = project.brand.salutation.says(language, first=project.settings.languages[0])
    if lines is None:
        return column.each(lambda value: f"the brand has no greeting in {language}" if value else "")
    own = project.brand.model_copy(
        update={
            "salutation": project.brand.salutation.model_copy(
                update={"named": lines.named, "neutral": lines.neutral, "languages": {}}
            )
        }
    )

    def wrong(value: str) -> str:
        name = greeted(value, brand=own)
        return name.reason if isinstance(name, Undefined) else ""

    return column.each(wrong, only=column.texts.asking((_unknown_greeting, language), wrong))


def _of_another(messages: Messages) -> Iterable[Hit]:
    block = messages.block
    greeting, name = messages.column(GREETING), block.tables.profile("salutation_name")
    if greeting is None or name is None:
        return
    spoken = _spoken(messages, greeting.values, names=name)[greeting.codes]
    if (rows := np.flatnonzero((spoken != name.codes[block.people]) & (spoken != _ANYBODY))).size:
        yield Hit(what="the name in the greeting is not this customer's", rows=rows, place=f"greeting, {GREETING}")


def _spoken(messages: Messages, lines: Sequence[str | None], *, names: Encoded) -> NDArray[np.int64]:
    """For each line the number of the name it greets; asked once of the lines of a run."""
    kept, key = messages.block.tables.of_items, (_spoken, id(lines))
    if key not in kept:
        known = {value: number for number, value in enumerate(names.values)}
        read = [_greeted(line or "", messages.scene) for line in lines]
        numbers = [known.get(one, _NOBODY) if isinstance(one, str) else _ANYBODY for one in read]
        kept[key] = lines, np.array(numbers, dtype=np.int64)  # the lines are kept, so that no others take their place
    found: NDArray[np.int64] = kept[key][1]
    return found


def _name_codes(column: Encoded, messages: Messages) -> list[int]:
    said = enumerate(column.values)
    return [number for number, value in said if value and isinstance(_greeted(value, messages.scene), str)]


def _beside_price(messages: Messages) -> Iterable[Hit]:
    """The greeting's own sentence, and the one that follows a greeting ending in a comma on the same line."""
    words, bones = messages.scene.near_name, messages.use.bones
    for at in bones.neighbours:
        if at.slot.kind is not SlotKind.NAME or at.slot.column not in messages.block.columns:
            continue
        column = messages.block.columns[at.slot.column]
        before, after = at.sentence
        if not after.strip():
            after = at.after.lstrip().split("\n", 1)[0].split(". ", 1)[0]
        if found := words.found(unmarked(before + " " + after)):
            named = column.rows(_name_codes(column, messages))
            yield Hit(what=f"a name stands beside {found[0]!r}", rows=named, place=at.part.value)
        for number in set(marks_in(before + after)):
            slot = bones.parts[at.part].slots[number]
            other = messages.block.columns.get(slot.column)
            if other is None or slot.kind is SlotKind.NAME:
                continue
            said = texts_of(other.values)
            hits = [code for code in words.among(said).tolist() if words.found(said[code] or "")]
            if not hits:
                continue
            rows = np.intersect1d(column.rows(_name_codes(column, messages)), other.rows(hits))
            if rows.size:
                yield Hit(what=f"a name stands beside {other.values[hits[0]]!r}", rows=rows, place=at.part.value)


def _gendered(junction: Junction) -> Iterable[Hit]:
    if junction.at.slot.kind is not SlotKind.NAME:
        return ()
    brand = junction.use.scene.project.brand
    before = unmarked(junction.at.before)[-40:]
    lines = brand.salutation.languages.values()
    openings = [line.partition("{name}")[0] for line in (brand.salutation.named, *(one.named for one in lines))]
    if not any(
        patterns.GENDERED.first(before + opening[:end]) for opening in openings for end in range(len(opening) + 1)
    ):
        return ()

    def wrong(value: str) -> str:
        name = greeted(value, brand=brand)
        spoken = name if isinstance(name, str) else value.strip(" ,")
        start = value.find(spoken) if isinstance(name, str) else 0
        form = patterns.GENDERED.first(f"{before}{value[:start]}") or patterns.GENDERED.first(before)
        form = form.strip(" ,(.\n")
        if not form:
            return ""
        gender = Gender.MALE if form.casefold() in _MALE else Gender.FEMALE
        certain = gender_certainty(spoken.split(" ")[0])
        if isinstance(certain, Undefined) or not certain.is_certain:
            return f"{form!r} guesses the gender of {spoken!r}"
        return "" if certain.gender is gender else f"{form!r} is the wrong form for {spoken!r}"

    return junction.each(wrong)


def _too_often(use: Use) -> Iterable[Hit]:
    for part, shape in use.bones.parts.items():
        count = sum(slot.kind is SlotKind.NAME for slot in shape.slots)
        if count > 1:
            yield Hit(what=f"the name is spoken {count} times", place=part.value)


def _in_subject(use: Use) -> Iterable[Hit]:
    for part in (Part.SUBJECT, Part.PREHEADER):
        if part in use.bones.parts and any(slot.kind is SlotKind.NAME for slot in use.bones.parts[part].slots):
            yield Hit(what="the greeting stands where strangers can read it", place=part.value)


RULES = (
    Rule(
        id="name-not-greetable",
        severity=Severity.ERROR,
        place="greeting",
        why="A note, a firm or a placeholder in a name field is not a name, and saying it hurts.",
        fix="greet with the neutral line",
        slot=_not_greetable,
    ),
    Rule(
        id="greeting-unknown",
        severity=Severity.ERROR,
        place="greeting",
        why="A greeting that is neither of the brand's two lines was made by accident.",
        fix="take the greeting from `customer.salutation` as it is",
        slot=_unknown_greeting,
    ),
    Rule(
        id="name-of-another",
        severity=Severity.ERROR,
        place="greeting",
        why="Someone else's name shows that someone else's letter was sent.",
        fix="stop and find out how rows were mixed up",
        message=_of_another,
    ),
    Rule(
        id="name-beside-cheap",
        severity=Severity.ERROR,
        place="greeting and its sentence",
        why="A first name beside cheap, reduced or below market sounds like a judgement of the person.",
        fix="part them into two paragraphs, or choose another word",
        message=_beside_price,
    ),
    Rule(
        id="gendered-form",
        severity=Severity.ERROR,
        place="greeting",
        why="Loren is a man's and a woman's name; an uncertain guess is never spoken.",
        fix="use a form of address that names no gender",
        junction=_gendered,
    ),
    Rule(
        id="name-too-often",
        severity=Severity.WARNING,
        place="any part",
        why="A name said again and again sounds like a salesman.",
        fix="greet once",
        skeleton=_too_often,
    ),
    Rule(
        id="name-in-subject",
        severity=Severity.WARNING,
        place="subject, preheader",
        why="A name on a locked screen is read by others, and looks like a trick.",
        fix="keep the greeting in the letter",
        skeleton=_in_subject,
    ),
)
