"""Rules about subject and preheader: there, short, calm, honest, and fit for a locked screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tactful.check import patterns
from tactful.check.bones import unmarked
from tactful.check.encoded import Encoded, together
from tactful.check.rule import Column, Hit, Messages, Rule, Use
from tactful.words.finding import Severity
from tactful.words.message import Part, join_part

_SHORT = (Part.SUBJECT, Part.PREHEADER)


def _texts(messages: Messages, part: Part) -> Encoded | None:
    """A short part as it will be read, its distinct wordings joined once; None where there is no such part."""
    shape = messages.use.bones.parts.get(part)
    if shape is None:
        return None
    columns = sorted({slot.column for slot in shape.slots if slot.column in messages.block.columns})
    if not columns:
        values = {} if not shape.slots else {slot.column: "" for slot in shape.slots}
        return Encoded(
            values=(_join(messages, part, values=values),), codes=np.zeros(len(messages.block), dtype=np.int64)
        )
    made = together([messages.block.columns[column] for column in columns])
    texts = [
        _join(messages, part, values={c: value or "" for c, value in zip(columns, values, strict=True)})
        for values in made.values
    ]
    return Encoded(values=tuple(texts), codes=made.codes)


def _join(messages: Messages, part: Part, *, values: dict[int, str]) -> str:
    width = messages.use.bones.skeleton.width
    return join_part(messages.use.bones.parts[part], [values.get(column, "") for column in range(width)])


def _each(
    messages: Messages, part: Part, *, wrong: Any
) -> Iterable[Hit]:  # Any: a function from a text to what is wrong
    column = _texts(messages, part)
    for number, text in enumerate(column.values if column else ()):
        if column is not None and (what := wrong(text)):
            yield Hit(what=what, rows=column.rows([number]), place=part.value)


def _empty(messages: Messages) -> Iterable[Hit]:
    if not messages.use.is_mail:
        return
    if Part.SUBJECT not in messages.use.bones.parts:
        yield Hit(what="there is no subject")
    yield from _each(messages, Part.SUBJECT, wrong=lambda text: "" if text.strip() else "the subject is empty")


def _too_long(messages: Messages) -> Iterable[Hit]:
    most = messages.scene.project.policy.risk.subject_characters
    yield from _each(
        messages,
        Part.SUBJECT,
        wrong=lambda text: f"{text[:80]!r} has {len(text)} characters; {most} is the most" if len(text) > most else "",
    )


def _items(use: Use) -> Iterable[Hit]:
    for part in _SHORT:
        for slot in (*use.bones.sources("items", parts=[part]), *use.bones.sources("anchor", parts=[part])):
            yield Hit(what=f"{slot.source} stands where others read over the shoulder", place=part.value)


def _titles(messages: Messages) -> Iterable[Hit]:
    """The title of an item of the decision, however it came into the subject."""
    shown, tables = messages.block.shown, messages.block.tables
    if _titles not in tables.of_items:
        known = (messages.scene.items.get(item, {}).get("title", "") for item in tables.shown.item.values)
        tables.of_items[_titles] = patterns.Pieces([patterns.folded(title) for title in known], least=4)
    for part in _SHORT:
        column = _texts(messages, part)
        said: dict[int, list[int]] = {}
        for code, text in enumerate(column.values if column else ()):
            for number in tables.of_items[_titles].found(patterns.folded(text)):
                said.setdefault(number, []).append(code)
        for number, codes in sorted(said.items()):
            here = shown.row[tables.shown.item.codes[shown.told] == number]
            rows = np.intersect1d(column.rows(codes) if column else here, here)
            what = f"{tables.of_items[_titles].pieces[number]!r} stands where others read over the shoulder"
            yield from _some(rows, what=what, part=part)


def _some(rows: NDArray[np.int64], *, what: str, part: Part) -> Iterable[Hit]:
    if rows.size:
        yield Hit(what=what, rows=rows, place=part.value)


def _capitals(messages: Messages) -> Iterable[Hit]:
    def wrong(text: str) -> str:
        letters = [letter for letter in text if letter.isalpha()]
        loud = sum(letter.isupper() for letter in letters)
        return f"{text[:60]!r} is all capitals" if len(letters) >= 8 and loud > 0.7 * len(letters) else ""

    for part in _SHORT:
        yield from _each(messages, part, wrong=wrong)


def _same(messages: Messages) -> Iterable[Hit]:
    subject, preheader = _texts(messages, Part.SUBJECT), _texts(messages, Part.PREHEADER)
    if subject is None or preheader is None:
        return
    folded = [[patterns.folded(text).strip(" .") for text in column.values] for column in (subject, preheader)]
    same = np.array([[a == b and bool(a) for b in folded[1]] for a in folded[0]])
    yield from _some(
        np.flatnonzero(same[subject.codes, preheader.codes]),
        what="the preheader repeats the subject",
        part=Part.PREHEADER,
    )


def _no_preheader(messages: Messages) -> Iterable[Hit]:
    if not messages.use.is_mail:
        return
    if Part.PREHEADER not in messages.use.bones.parts:
        yield Hit(what="there is no preheader")
    yield from _each(messages, Part.PREHEADER, wrong=lambda text: "" if text.strip() else "the preheader is empty")


def _false_reply(messages: Messages) -> Iterable[Hit]:
    def wrong(text: str) -> str:
        found = patterns.FALSE_REPLY.first(text)
        return f"{found.strip()!r} says that this is an answer" if found else ""

    yield from _each(messages, Part.SUBJECT, wrong=wrong)


def _facts(use: Use) -> Iterable[Hit]:
    for part in _SHORT:
        shape = use.bones.parts.get(part)
        facts = use.scene.project.facts
        for slot in shape.slots if shape else ():
            close = [name for name in slot.facts if name in facts and facts[name].speak.value in {"exact", "coarse"}]
            if close:
                yield Hit(what=f"{close[0]} can be read on a locked screen", place=part.value)


def _odd(column: Column) -> Iterable[Hit]:
    if not any(part in _SHORT for part, _ in column.slots):
        return ()
    return column.each(lambda value: f"{unmarked(value)[:60]!r} has more than 60 characters" if len(value) > 60 else "")


def _rule(id_: str, severity: Severity, *, place: str = "subject", **more: Any) -> Rule:  # Any: the rule's own fields
    return Rule(id=id_, severity=severity, place=place, **more)


RULES = (
    _rule(
        "subject-empty",
        Severity.ERROR,
        why="A letter without a subject looks like spam and says nothing.",
        fix="write a subject for every branch",
        message=_empty,
    ),
    _rule(
        "subject-too-long",
        Severity.ERROR,
        why="What does not fit is cut where nobody chose.",
        fix="shorten it, or raise `subject_characters` knowingly",
        message=_too_long,
    ),
    _rule(
        "subject-shows-items",
        Severity.ERROR,
        place="subject, preheader",
        why="What someone buys is not for whoever sees their screen.",
        fix="name the range, and keep items in the letter",
        skeleton=_items,
        message=_titles,
    ),
    _rule(
        "subject-shows-facts",
        Severity.WARNING,
        place="subject, preheader",
        why="What is fit to say in a letter may not be fit for a locked screen.",
        fix="keep it in the letter",
        skeleton=_facts,
    ),
    _rule(
        "subject-capitals",
        Severity.ERROR,
        place="subject, preheader",
        why="Capitals shout, and filters agree.",
        fix="write it in small letters",
        message=_capitals,
    ),
    _rule(
        "subject-false-reply",
        Severity.ERROR,
        why="A subject that pretends to be an answer is deceit, and unlawful in places.",
        fix="take the mark out",
        message=_false_reply,
    ),
    _rule(
        "preheader-repeats-subject",
        Severity.WARNING,
        place="preheader",
        why="The line beside the subject is a second chance, spent on saying it again.",
        fix="say something the subject does not",
        message=_same,
    ),
    _rule(
        "preheader-empty",
        Severity.WARNING,
        place="preheader",
        why="Where there is no preheader, readers are shown whatever comes first.",
        fix="write one",
        message=_no_preheader,
    ),
    _rule(
        "subject-slot-too-long",
        Severity.WARNING,
        place="subject, preheader",
        why="One long value is a note in the wrong column more often than a title.",
        fix="look at the value's source",
        slot=_odd,
    ),
)
