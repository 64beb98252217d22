"""Rules about a run: no more variants than people, nobody written twice, nothing lost, no opening said twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.check.bones import Bones, unmarked
from tactful.check.encoded import Encoded
from tactful.check.patterns import folded
from tactful.check.reading import chain
from tactful.check.rule import Hit, Messages, Rule, Run
from tactful.words.finding import Severity
from tactful.words.message import Part
from tactful.words.outcome import OutcomeKind

NINETY_DAYS = timedelta(days=90)


def _too_many_variants(run: Run) -> Iterable[Hit]:
    share = run.scene.project.policy.risk.variants_per_customer
    if run.customers and run.variants > 1 and Decimal(run.variants) > share * run.customers:
        found = Decimal(run.variants) / run.customers
        yield Hit(
            what=f"{run.variants} variants for {run.customers:,} customers ({found:.1%}); the policy allows {share:.1%}"
        )


def _more_than_customers(run: Run) -> Iterable[Hit]:
    if run.variants > max(run.customers, 1):
        yield Hit(what=f"{run.variants} variants for {run.customers:,} customers")


def _too_many_unwritten(run: Run) -> Iterable[Hit]:
    most, whole = run.scene.project.policy.risk.quarantined, run.messages + run.unwritten
    if whole and Decimal(run.unwritten) > most * whole:
        yield Hit(what=f"{run.unwritten:,} of {whole:,} messages could not be written; the policy allows {most:.1%}")


def _lost(run: Run) -> Iterable[Hit]:
    missing = run.expected - run.messages - run.unwritten
    if missing > 0:
        yield Hit(what=f"{missing:,} decisions asked for a message that is neither written nor explained")


def _not_chosen(messages: Messages) -> Iterable[Hit]:
    kind = messages.block.encoded("outcome_kind")
    for number, value in enumerate(kind.values):
        if value != OutcomeKind.CHOSEN.value:
            yield Hit(what=f"the decision was {value}, and there is a message", rows=kind.rows([number]))


def _twice(messages: Messages) -> Iterable[Hit]:
    block = messages.block
    if block.tables.are_single:
        return
    ids = block.tables.messages["message_id"].take(pa.array(block.numbers))
    whose, step = block.encoded("customer_id"), block.encoded("step")
    people = whose.codes * len(step.values) + step.codes
    often = np.bincount(people)[people] > 1
    if pc.count_distinct(ids).as_py() < len(ids):
        codes = Encoded.of(ids).codes
        often |= np.bincount(codes)[codes] > 1
    if (rows := np.flatnonzero(often)).size:
        yield Hit(what="the customer gets this twice", rows=rows)


def _other_content(messages: Messages) -> Iterable[Hit]:
    content = messages.block.encoded("content_id")
    written = messages.use.bones.skeleton.content_id
    for number, value in enumerate(content.values):
        if value is not None and value != written:
            yield Hit(what=f"{value} was decided and {written} is written", rows=content.rows([number]))


def _other_language(messages: Messages) -> Iterable[Hit]:
    wanted = messages.block.profiled("language")
    if wanted is None:
        return
    settings = messages.scene.project.settings
    written = messages.use.language.split("-", 1)[0]
    wrong = [
        number
        for number, value in enumerate(wanted.values)
        if written not in {one.split("-", 1)[0] for one in chain(value, settings=settings)}
    ]
    if (rows := wanted.rows(wrong)).size:
        yield Hit(what=f"written in {messages.use.language}, which is not theirs", rows=rows)


def opening(bones: Bones) -> str:
    """The author's first words of a message after the greeting, as they are compared over time."""
    part = Part.TEXT if Part.TEXT in bones.parts else bones.body
    lines = folded_lines(unmarked(bones.words[part], by="")) if part else []
    return next((line for line in lines if len(line) > 20), lines[0] if lines else "")


def folded_lines(text: str) -> list[str]:
    """Lines with words on them, capitals and blanks aside."""
    return [line for line in (folded(line) for line in text.split("\n")) if any(c.isalpha() for c in line)]


def _same_opening(messages: Messages) -> Iterable[Hit]:
    previous, scene = messages.scene.previous, messages.scene
    if previous is None or previous.num_rows == 0:
        return
    since, mine = scene.clock.now - NINETY_DAYS, messages.use.bones
    same = {
        skeleton_id
        for skeleton_id, bones in scene.skeletons.items()
        if skeleton_id == mine.skeleton_id or opening(bones) == opening(mine)
    }
    columns = (previous[name].to_pylist() for name in ("customer_id", "skeleton_id", "happened_at"))
    heard = {who for who, what, when in zip(*columns, strict=True) if what in same and when >= since}
    rows = [row for row, customer in enumerate(messages.decided("customer_id")) if customer in heard]
    if rows:
        yield Hit(what="they read the same opening within ninety days", rows=np.array(rows))


def _rule(id_: str, *, severity: Severity = Severity.ERROR, place: str = "run", **more: Any) -> Rule:  # Any: its fields
    return Rule(id=id_, severity=severity, place=place, **more)


RULES = (
    _rule(
        "too-many-variants",
        why="Every variant is written and checked by somebody; beyond a share of the audience it cannot pay.",
        fix="cut by fewer facts, or raise `variants_per_customer` knowingly",
        run=_too_many_variants,
    ),
    _rule(
        "more-segments-than-customers",
        why="More segments than customers is a sign that nobody counted.",
        fix="move a level down",
        run=_more_than_customers,
    ),
    _rule(
        "too-many-unwritten",
        why="Messages that cannot be written point at a fault in content or facts.",
        fix="look at their reasons, mend the content and run again",
        run=_too_many_unwritten,
    ),
    _rule(
        "message-lost",
        why="Nothing is lost silently.",
        fix="resume the run; if it stays, compare decisions with messages",
        run=_lost,
    ),
    _rule(
        "decided-otherwise",
        place="message",
        why="A message to someone held out, capped or suppressed breaks a promise.",
        fix="write messages for chosen decisions only",
        message=_not_chosen,
    ),
    _rule(
        "message-twice",
        place="message",
        why="Nobody wants the same letter twice.",
        fix="make one message for each decision",
        message=_twice,
        is_of_one=False,
    ),
    _rule(
        "content-not-decided",
        place="message",
        why="The words that were decided are those that were counted and approved.",
        fix="write the message again from its decision",
        message=_other_content,
    ),
    _rule(
        "language-not-theirs",
        place="message",
        why="A letter in a language one did not choose was meant for another.",
        fix="follow the declared chain of languages",
        message=_other_language,
    ),
    _rule(
        "same-opening-again",
        severity=Severity.WARNING,
        place="opening",
        why="The same opening twice in a season shows the machine.",
        fix="write another opening, or let the program rest",
        message=_same_opening,
    ),
)
