"""Rules about what is told: only what the level permits, never what is sensitive or guessed, never more than is fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tactful.check import patterns
from tactful.check.encoded import Encoded, together
from tactful.check.rule import Column, Hit, Messages, Rule, Use
from tactful.check.shown import ROLE_ANCHOR
from tactful.check.texts import Texts, texts_of
from tactful.project.facts import Fact
from tactful.reckon.distinct import distinct
from tactful.words.fact import Provenance, Purpose, Sensitivity, Speak
from tactful.words.finding import Severity
from tactful.words.level import Level
from tactful.words.message import Part, SlotKind

SPOKEN_FROM = {Speak.SEGMENT: Level.MANY, Speak.COARSE: Level.FEW, Speak.EXACT: Level.ONE}
"""From which level on a fact may be spoken."""
NEEDS_REASON = (Level.FEW, Level.ONE)
_FRESH, _OLD = timedelta(hours=24), timedelta(days=30)


def may_speak(fact: Fact, level: Level) -> bool:
    """Whether a fact may be spoken at a level."""
    least = SPOKEN_FROM.get(fact.speak)
    return least is not None and level >= least


def _spoken(use: Use) -> Iterator[tuple[Part, str, Fact | None]]:
    """Facts behind slots, once per part."""
    seen = set()
    for part, _, slot in use.bones.slots:
        for name in slot.facts:
            if (part, name) not in seen:
                seen.add((part, name))
                yield part, name, use.scene.project.facts.get(name)


def _unmapped(use: Use) -> Iterable[Hit]:
    for part, name, fact in _spoken(use):
        if fact is None:
            yield Hit(what=f"{name} is spoken and is no declared fact", place=part.value)


def _above_level(use: Use) -> Iterable[Hit]:
    for part, name, fact in _spoken(use):
        if fact is not None and not may_speak(fact, use.level):
            yield Hit(what=f"{name} may be spoken {_from(fact)}, not at {use.level.value}", place=part.value)


def _from(fact: Fact) -> str:
    least = SPOKEN_FROM.get(fact.speak)
    return f"from {least.value} on" if least else "never"


def _sensitive(use: Use) -> Iterable[Hit]:
    for part, name, fact in _spoken(use):
        if fact is not None and fact.sensitivity is Sensitivity.SENSITIVE:
            yield Hit(what=f"{name} is sensitive and is spoken", place=part.value)


def _guessed(use: Use) -> Iterable[Hit]:
    for part, name, fact in _spoken(use):
        if fact is not None and fact.provenance is Provenance.INFERRED:
            yield Hit(what=f"{name} is a guess and is spoken", place=part.value)


def _acquired(use: Use) -> Iterable[Hit]:
    for part, name, fact in _spoken(use):
        if fact is not None and fact.provenance is Provenance.ACQUIRED:
            yield Hit(what=f"{name} came from elsewhere and is used", place=part.value)


def _other_purpose(use: Use) -> Iterable[Hit]:
    for part, name, fact in _spoken(use):
        if fact is not None and use.purpose.value not in fact.purpose:
            yield Hit(what=f"{name} is kept for {', '.join(fact.purpose)}, not {use.purpose.value}", place=part.value)


def _too_many(messages: Messages) -> Iterable[Hit]:
    use, most = messages.use, messages.scene.project.policy.personal_facts
    if use.purpose is Purpose.TRANSACTIONAL:
        return
    counts = np.full(len(messages.block), len(use.bones.facts), dtype=np.int64)
    if use.bones.sources("anchor") or use.bones.sources("items"):
        counts += _own_items(messages)
    for number in sorted(set(counts[counts > most].tolist())):
        yield Hit(
            what=f"{number} personal facts are visible; {most} is the most", rows=np.flatnonzero(counts == number)
        )


def _own_items(messages: Messages) -> NDArray[np.int64]:
    """For each message how many of the customer's own orders it tells of."""
    use, shown = messages.use, messages.block.shown
    own = shown.having({"again", ROLE_ANCHOR} if use.bones.sources("anchor") else {"again"})
    has_reasons = any(slot.source.endswith(".because") for _, _, slot in use.bones.slots)
    if not has_reasons:
        counts = np.bincount(shown.row[own], minlength=len(messages.block))
        if counts.max(initial=0) < 2:  # nothing can stand there twice
            return counts
    known, others = len(shown.item.values), len(shown.because.values)
    keys = [shown.row[own] * (known + others) + shown.item.codes[own]]
    if has_reasons:
        named = np.array([one is not None for one in shown.because.values] or [False])
        numbers = np.where(messages.block.tables.reasons < 0, known + np.arange(others), messages.block.tables.reasons)
        told = named[shown.because.codes]
        keys.append(shown.row[told] * (known + others) + numbers[shown.because.codes[told]])
    every = distinct(np.concatenate(keys))
    return np.bincount(every // max(1, known + others), minlength=len(messages.block))


def _to_the_minute(column: Column) -> Iterable[Hit]:
    if not column.facts:
        return ()

    def wrong(value: str) -> str:
        found = patterns.CLOCK_TIME.first(value) or patterns.FULL_DATE.first(value)
        return f"{found!r} is more precise than a person would say it" if found else ""

    return column.each(wrong, only=patterns.among(column.texts, patterns.CLOCK_TIME, patterns.FULL_DATE))


def _counted(column: Column) -> Iterable[Hit]:
    facts = column.use.scene.project.facts
    exact = {name for name in column.facts if name in facts and facts[name].speak is Speak.EXACT}
    if not column.facts or column.facts <= exact:
        return ()
    return column.each(
        lambda value: (
            f"the exact number {value.strip()} of {', '.join(sorted(column.facts))} is spoken"
            if patterns.BARE_NUMBER.first(value)
            else ""
        ),
        only=patterns.among(column.texts, patterns.BARE_NUMBER),
    )


def _contact_details(column: Column) -> Iterable[Hit]:
    if column.slot.kind in {SlotKind.URL, SlotKind.PRICE}:
        return ()

    def wrong(value: str) -> str:
        found = patterns.ADDRESS.first(value) or patterns.LONG_NUMBER.first(value)
        return f"{found!r} looks like an address or a number of a person" if found else ""

    return column.each(wrong, only=patterns.among(column.texts, patterns.ADDRESS, patterns.LONG_NUMBER))


def _above_ceiling(messages: Messages) -> Iterable[Hit]:
    ceiling = messages.block.encoded("ceiling")
    for number, value in enumerate(ceiling.values):
        if value is not None and messages.use.level > Level(value):
            rows = ceiling.rows([number])
            yield Hit(what=f"written at {messages.use.level.value}; the ceiling is {value}", rows=rows)


def _without_reason(use: Use) -> Iterable[Hit]:
    if use.level not in NEEDS_REASON or not use.is_marketing or not use.is_mail or not use.bones.facts_or_items:
        return
    words = " ".join(text for part, text in use.bones.said.items() if part in {Part.HTML, Part.TEXT})
    if not patterns.FLOWS.first(words) and not use.bones.sources("items", leaf="because"):
        yield Hit(what=f"a message {use.level.label!r} that names no reason the customer would accept")


def _not_their_value(messages: Messages) -> Iterable[Hit]:
    """Values printed as they are must be the profile's own."""
    for number, slots in messages.use.bones.columns():
        source = slots[0][1].source
        root, _, name = source.partition(".")
        column = messages.block.columns.get(number)
        if column is None or root not in {"facts", "cell"} or not name.isidentifier():
            continue
        if slots[0][1].kind is SlotKind.MARKUP or messages.block.is_theirs(number, name):
            continue
        known = messages.block.profiled(name)
        if known is None:
            continue
        if (rows := np.flatnonzero(_differs(column, known))).size:
            yield Hit(what=f"{name} is not this customer's", rows=rows, place=source)


def _differs(column: Encoded, known: Encoded) -> NDArray[np.bool_]:
    """For each row whether what is said is neither what is known, nor that in small letters."""
    said = texts_of(column.values)
    values = known.values
    forms = values if isinstance(values, Texts) else Texts.of([None if one is None else str(one) for one in values])
    differs = np.asarray(column.codes != said.numbers(forms)[known.codes])
    if differs.any():
        small = said.numbers(["" if form is None else form.lower() for form in forms])
        differs &= column.codes != small[known.codes]
    return differs


def _few_share(messages: Messages) -> Iterable[Hit]:
    """Observed facts printed together must be shared; what people told us themselves they know."""
    scene, policy = messages.scene, messages.scene.project.policy
    declared = scene.project.facts
    names = tuple(
        sorted(
            n for n in messages.use.bones.facts if n in declared and declared[n].provenance is not Provenance.DECLARED
        )
    )
    if not names or messages.use.purpose is Purpose.TRANSACTIONAL:
        return
    yield from _rare(messages, names, least=policy.k_facts, what="share the facts spoken here")


def _small_cell(messages: Messages) -> Iterable[Hit]:
    use, policy = messages.use, messages.scene.project.policy
    program = messages.scene.project.programs.get(use.program)
    plans = (program.levels if use.is_mail or not program.web else program.web) if program else {}
    plan = plans.get(use.level)
    if plan is not None and plan.by:
        yield from _rare(messages, tuple(plan.by), least=policy.k_words, what="are in the cell these words are for")


def _rare(messages: Messages, names: tuple[str, ...], *, least: int, what: str) -> Iterable[Hit]:
    sharing = messages.scene.shared_by(names)
    if not sharing:
        yield Hit(what=f"nobody is known to share {', '.join(names)}: no profiles say it")
        return
    columns = [known for name in names if (known := messages.block.profiled(name)) is not None]
    shared = together(columns)
    people = np.array([sharing.get(values, 0) for values in shared.values] or [0], dtype=np.int64)[shared.codes]
    for number in sorted(set(people[people < least].tolist())):
        rows = np.flatnonzero(people == number)
        yield Hit(what=f"{number} people {what} ({', '.join(names)}); {least} is the least", rows=rows)


def _visit(messages: Messages) -> Iterable[Hit]:
    now, facts = messages.scene.clock.now, messages.scene.project.facts
    for name in sorted(messages.use.bones.facts):
        known = messages.block.profiled(f"{name}__as_of")
        if name not in facts or facts[name].from_ != "events" or known is None:
            continue
        wrong = [
            number for number, seen in enumerate(known.values) if seen is not None and not _FRESH <= now - seen <= _OLD
        ]
        if (rows := known.rows(wrong)).size:
            yield Hit(what=f"{name} comes from a visit of the last day, or of more than thirty days ago", rows=rows)


def _stale(messages: Messages) -> Iterable[Hit]:
    now, facts = messages.scene.clock.now, messages.scene.project.facts
    for name in sorted(messages.use.bones.facts):
        known = messages.block.profiled(f"{name}__as_of")
        lasts = facts[name].stale_after if name in facts else None
        if lasts is None or known is None:
            continue
        old = [n for n, seen in enumerate(known.values) if seen is not None and now - seen > timedelta(days=lasts)]
        if (rows := known.rows(old)).size:
            yield Hit(what=f"{name} is older than {lasts} days and should be silent", rows=rows)


def _rule(id_: str, **more: Any) -> Rule:  # Any: the rule's own fields
    return Rule(id=id_, severity=Severity.ERROR, **more)


RULES = (
    _rule(
        "fact-unmapped",
        place="slots",
        why="A value without a declared origin may be anything, and nobody agreed to its use.",
        fix="declare the fact in facts.yaml",
        skeleton=_unmapped,
    ),
    _rule(
        "fact-above-level",
        place="slots",
        why="Each level may say only what its relationship permits.",
        fix="speak it at a higher level, or let it select without being printed",
        skeleton=_above_level,
    ),
    _rule(
        "fact-sensitive",
        place="slots",
        why="Health, belief, grief, money trouble and the like are never said.",
        fix="take it out",
        skeleton=_sensitive,
    ),
    _rule(
        "fact-guessed",
        place="slots",
        why="A guess said aloud is creepy when right and wounding when wrong.",
        fix="let it select words that stay true if the guess is wrong",
        skeleton=_guessed,
    ),
    _rule(
        "fact-acquired",
        place="slots",
        why="What others told us about a customer is never used.",
        fix="take it out",
        skeleton=_acquired,
    ),
    _rule(
        "fact-other-purpose",
        place="slots",
        why="A fact is used for what it was given for.",
        fix="take it out, or ask the customer for the other purpose",
        skeleton=_other_purpose,
    ),
    _rule(
        "facts-too-many",
        place="whole message",
        why="Beyond a fact or two a letter reads like a file.",
        fix="leave out all but the one that gives the reason",
        message=_too_many,
    ),
    _rule(
        "too-precise-time",
        place="slots that speak of the customer",
        why="The minute or the day of what they did tells them that they are watched.",
        fix="say it coarsely: this autumn, some time ago",
        slot=_to_the_minute,
    ),
    _rule(
        "too-precise-count",
        place="slots that speak of the customer",
        why="Exact counts of what someone did sound like an audit.",
        fix="say it coarsely, or declare the fact `speak: exact`",
        slot=_counted,
    ),
    _rule(
        "contact-details-spoken",
        place="slots",
        why="Addresses and numbers in a letter are nearly always someone's, in the wrong column.",
        fix="look at the source's mapping",
        slot=_contact_details,
    ),
    _rule(
        "level-above-ceiling",
        place="whole message",
        why="The ceiling is what the relationship and the customer's own dial allow.",
        fix="decide again: no message may stand above it",
        message=_above_ceiling,
    ),
    _rule(
        "reason-missing",
        place="html, text",
        why="Whoever is written to personally should see why, in terms they accept.",
        fix="name the flow: you ordered, you chose, you told us",
        skeleton=_without_reason,
    ),
    _rule(
        "value-not-theirs",
        place="slots that speak of the customer",
        why="A neighbour's fact is a leak, however harmless it looks.",
        fix="stop and find out how rows were mixed up",
        message=_not_their_value,
    ),
    _rule(
        "facts-shared-by-few",
        place="whole message",
        why="Facts that only a few share point at a person.",
        fix="speak a coarser fact, or move one level down",
        message=_few_share,
    ),
    _rule(
        "cell-too-small",
        place="whole message",
        why="Words for a handful cannot be checked with care, and feel aimed.",
        fix="write for a larger cell, or move one level down",
        message=_small_cell,
    ),
    _rule(
        "visit-spoken",
        place="slots that speak of the customer",
        why="What someone looked at an hour ago is not ours to bring up; what they looked at last season neither.",
        fix="wait a day, and let it fall silent after thirty",
        message=_visit,
    ),
    _rule(
        "fact-stale",
        place="slots that speak of the customer",
        why="What was true last year is said to somebody else by now.",
        fix="let the level need a fresh fact",
        message=_stale,
    ),
)
