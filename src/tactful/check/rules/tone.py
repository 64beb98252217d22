"""Rules about tone: nothing is news that is none, nobody shouts, nobody cheers at a loss."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from tactful.check import across, patterns
from tactful.check.bones import OPEN, marks_in, unmarked
from tactful.check.rule import Column, Hit, Junction, Messages, Rule, Use
from tactful.check.texts import Numbers, Sign, texts_of
from tactful.words.finding import Severity
from tactful.words.message import Part, SlotKind

_SPACE = r"[\s\pZ\x0b\x1c-\x1f\x{85}]"
_READ = (Part.SUBJECT, Part.PREHEADER, Part.HTML, Part.TEXT, Part.PAYLOAD)


def _zero(column: Column) -> Iterable[Hit]:
    if column.slot.kind in {SlotKind.URL, SlotKind.NAME, SlotKind.MARKUP}:
        return ()
    return column.each(
        lambda value: f"{value.strip()!r} is told as news" if patterns.ZERO.first(value) else "",
        only=patterns.among(column.texts, patterns.ZERO),
    )


def _zero_balance(junction: Junction) -> Iterable[Hit]:
    after = unmarked(junction.at.after)[:20]
    before = unmarked(junction.at.before)[-20:]

    def wrong(value: str) -> str:
        found = patterns.ZERO_BALANCE.first(f"{before}{value}{after}") if "0" in value else ""
        return f"{found.strip()!r} is told as news" if found else ""

    return junction.each(wrong, only=_near_zero(junction, before=before, after=after))


def _near_zero(junction: Junction, *, before: str, after: str) -> Numbers:
    """Values with a nought in them that something countable may follow: in the value, or in the words around it."""
    if patterns.COUNTED.first(f"{before} {after}") or before[-1:].isalnum() or after[:1].isalnum():
        found = patterns.among(junction.texts.around(before, after), patterns.ZERO_BALANCE)
        return np.intersect1d(found, junction.texts.having(Sign.ZERO))
    return patterns.among(junction.texts, patterns.ZERO_COUNTED)


def _exclamations(messages: Messages) -> Iterable[Hit]:
    """Subject and preheader, and the longer of body and text part, which say the same."""
    bones, most = messages.use.bones, messages.scene.project.brand.exclamation_marks
    counts = {}
    for part, text in bones.words.items():
        total = np.full(len(messages.block), unmarked(text).count("!"), dtype=np.int64)
        for number in marks_in(text):
            column = messages.block.columns.get(bones.parts[part].slots[number].column)
            if column is not None:
                shouted = texts_of(column.values).counts("!")
                if shouted.any():
                    total += shouted[column.codes]
        counts[part] = total
    none = np.zeros(len(messages.block), dtype=np.int64)
    body = np.maximum.reduce([counts.get(part, none) for part in (Part.HTML, Part.TEXT, Part.PAYLOAD)])
    marks = body + counts.get(Part.SUBJECT, none) + counts.get(Part.PREHEADER, none)
    for number in sorted(set(marks[marks > most].tolist())):
        yield Hit(what=f"{number} exclamation marks; the brand has {most}", rows=np.flatnonzero(marks == number))


def _shouting(use: Use) -> Iterable[Hit]:
    for part in _READ:
        if found := patterns.SHOUT.first(use.bones.said.get(part, "")):
            yield Hit(what=f"{found!r} is shouted", place=part.value)


def _shouting_value(column: Column) -> Iterable[Hit]:
    if column.slot.kind is SlotKind.URL:
        return ()

    def wrong(value: str) -> str:
        found = patterns.SHOUT.first(value)
        return f"{found!r} is shouted" if found else ""

    return column.each(wrong, only=patterns.among(column.texts, patterns.SHOUT))


def _never(use: Use) -> Iterable[Hit]:
    for part, text in use.bones.said.items():
        for word in use.scene.never.found(text):
            yield Hit(what=f"the brand never says {word!r}", place=part.value)


def _never_in_value(column: Column) -> Iterable[Hit]:
    if column.slot.kind is SlotKind.URL:
        return ()

    def wrong(value: str) -> str:
        found = column.use.scene.never.found(value)
        return f"the brand never says {found[0]!r}" if found else ""

    return column.each(wrong, only=column.use.scene.never.among(column.texts))


def _never_across(junction: Junction) -> Iterable[Hit]:
    never = junction.use.scene.never
    before, after = unmarked(junction.at.before)[-60:], unmarked(junction.at.after)[:60]
    pattern = never.across(before, after)
    if pattern is None:
        return ()

    def wrong(value: str) -> str:
        apart = {*never.found(before), *never.found(value), *never.found(after)}
        across = [word for word in never.found(f"{before}{value}{after}") if word not in apart]
        return f"the brand never says {across[0]!r}" if across else ""

    return junction.each(wrong, only=junction.texts.matching(pattern))


def _cheer_at_loss(messages: Messages) -> Iterable[Hit]:
    bones = messages.use.bones
    said = " \n ".join(bones.said.values())
    sorrow = patterns.CONDOLENCE.first(said)
    if not sorrow:
        return
    if cheer := patterns.CHEER.first(said):
        yield Hit(what=f"{sorrow!r} and {cheer.strip()!r} stand in one letter")
        return
    rows: set[int] = set()
    for number, slots in bones.columns():
        column = messages.block.columns.get(number)
        if column is not None and slots[0][1].kind is not SlotKind.URL:
            cheerful = [code for code, value in enumerate(column.values) if value and patterns.CHEER.first(value)]
            rows |= set(column.rows(cheerful).tolist())
    rows |= {row for row, offer in enumerate(messages.decided("offer_id")) if offer not in {None, "none"}}
    if rows:
        yield Hit(what=f"{sorrow!r} stands beside something cheerful or an offer", rows=np.array(sorted(rows)))


def _urgency(use: Use) -> Iterable[Hit]:
    for part in _READ:
        if found := patterns.URGENCY.first(use.bones.said.get(part, "")):
            yield Hit(what=f"{found!r} presses", place=part.value)


def _reads_badly(junction: Junction) -> Iterable[Hit]:
    before, after = unmarked(junction.at.before), unmarked(junction.at.after)
    if junction.at.slot.kind in {SlotKind.URL, SlotKind.MARKUP}:
        return ()
    last = before.rsplit("\n", 1)[-1].rstrip().rsplit(" ", 1)[-1].casefold()

    def wrong(value: str) -> str:
        text = value.strip()
        if not text:
            return ""
        if text[-1] in ".,;:!?" and after[:1] in {".", ",", ";", ":", "!", "?"}:
            return f"{text[-12:] + after[:1]!r} doubles a stop"
        first = text.split()[0].casefold().strip(",.")
        if last and OPEN not in last and last == first and last.isalpha() and before[-1:] == " ":
            return f"{last!r} is said twice"
        if (
            last == "a"
            and before[-1:] == " "
            and text[0].casefold() in "aeio"
            and not first.startswith(("one", "eu", "uni", "use"))
        ):
            return f"'a {first}' should be 'an {first}'"
        return ""

    told = [f"{_SPACE}*[.,]*{re.escape(last)}"] if OPEN not in last and last.isalpha() and before[-1:] == " " else []
    told += [f"{_SPACE}*[aeio]"] if told and last == "a" else []
    stops = [f"[.,;:!?]{_SPACE}*$"] if after[:1] in {".", ",", ";", ":", "!", "?"} else []
    if not told and not stops:
        return ()
    pattern = "|".join([*(f"^{one}" for one in told), *stops])
    return junction.each(wrong, only=junction.texts.matching(f"(?i){pattern}|{patterns.odd_letters()}"))


def _claim(use: Use) -> Iterable[Hit]:
    for claim, footnote in use.scene.project.brand.claims.items():
        for part, text in use.bones.said.items():
            folded = patterns.folded(text)
            if patterns.folded(claim) in folded and patterns.folded(footnote) not in folded:
                yield Hit(what=f"{claim!r} is claimed without its footnote", place=part.value)


RULES = (
    Rule(
        id="zero-as-news",
        severity=Severity.ERROR,
        place="slots",
        why="You have 0 points is not news; it is a small insult.",
        fix="leave the sentence out where there is nothing",
        slot=_zero,
        junction=_zero_balance,
    ),
    Rule(
        id="exclamation-marks",
        severity=Severity.ERROR,
        place="whole message",
        why="Exclamation marks are the brand's to ration.",
        fix="end the sentence with a full stop",
        message=_exclamations,
    ),
    Rule(
        id="shouting",
        severity=Severity.WARNING,
        place="any part",
        why="Words in capitals shout.",
        fix="write titles by hand, or calm them where they are loaded",
        skeleton=_shouting,
        junction=across.shouting,
        message=across.shouting_together,
        slot=_shouting_value,
    ),
    Rule(
        id="never-words",
        severity=Severity.ERROR,
        place="any part",
        why="The brand has said which words it never uses.",
        fix="say it in other words",
        skeleton=_never,
        slot=_never_in_value,
        junction=_never_across,
        message=across.never_together,
    ),
    Rule(
        id="cheer-at-a-loss",
        severity=Severity.ERROR,
        place="whole message",
        why="Condolence and cheer in one letter undo each other.",
        fix="write a letter of its own, and sell nothing in it",
        message=_cheer_at_loss,
    ),
    Rule(
        id="false-urgency",
        severity=Severity.WARNING,
        place="any part",
        why="Pressing people works once.",
        fix="say the date and leave it at that",
        skeleton=_urgency,
    ),
    Rule(
        id="slot-reads-badly",
        severity=Severity.WARNING,
        place="slots in their sentences",
        why="A sentence that stumbles over its slot shows the machine.",
        fix="write the sentence so that every value fits",
        junction=_reads_badly,
    ),
    Rule(
        id="claim-without-footnote",
        severity=Severity.ERROR,
        place="any part",
        why="A claim that needs a footnote is a false one without it.",
        fix="add the footnote, or leave the claim out",
        skeleton=_claim,
    ),
)
