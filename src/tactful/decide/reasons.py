"""Reasons in plain words: what a customer gets, what stood against every other arm, and what would have changed it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tactful.decide.arms import Arms
from tactful.decide.choice import Sealed
from tactful.decide.codes import ELIGIBLE, reason_of
from tactful.decide.columns import lists
from tactful.decide.replay import stored_repairs
from tactful.reckon.chance import WHOLE
from tactful.words.clock import Clock
from tactful.words.outcome import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One arm as it stood for one customer. Stability: caller.

    Attributes:
        name: touchpoint, program, level and offer in words.
        eligible: whether it could be chosen.
        why: one sentence where it could not.
        score: score units, a thousandth of the smallest coin each.
        chance: how likely it was, in [0, 1].
    """

    name: str
    eligible: bool
    why: str
    score: int
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One decision in plain words. Stability: caller.

    Attributes:
        outcome: such as `chosen`.
        arm: what they got, in words.
        sentences: why, one sentence each.
        arms: every arm that took part, best first.
        instead: one changed input that would have changed the decision; None where no single reason stood between.
    """

    outcome: str
    arm: str
    sentences: tuple[str, ...]
    arms: tuple[Told, ...]
    instead: str | None


def explain(
    row: pa.RecordBatch, *, sealed: Sealed, salt: str, clock: Clock, stored: pa.Table | pa.RecordBatch | None = None
) -> Explanation:
    """One decision explained, by deciding it again.

    Args:
        row: one row of `inputs`.
        sealed: what the run decided by.
        salt: the project's.
        clock: the run's.
        stored: the stored decision where limits over all customers had a part in it.
    """
    found = sealed.decide(row, salt=salt, clock=clock)
    if stored is not None:
        found = found.repaired(stored_repairs(stored, arms=sealed.arms))
    drawn, decisions = found.drawn, found.decisions
    told = [
        Told(
            name=arm_name(found.arms, int(arm)),
            eligible=bool(drawn.may[0, place]),
            why="" if drawn.may[0, place] else reason_of(int(drawn.codes[0, place])).sentence,
            score=int(drawn.scores[0, place]),
            chance=int(drawn.probabilities[0, place]) / WHOLE,
        )
        for place, arm in enumerate(drawn.kind.tolist())
    ]
    return Explanation(
        outcome=decisions["outcome_kind"][0].as_py(),
        arm=arm_name(found.arms, int(drawn.arms[0])),
        sentences=tuple(Reason(word).sentence for word in decisions["reasons"][0].as_py()),
        arms=tuple(sorted(told, key=lambda arm: (not arm.eligible, -arm.score, arm.name))),
        instead=None if stored is not None else _instead(row, sealed=sealed, salt=salt, clock=clock),
    )


def arm_name(arms: Arms, arm: int) -> str:
    """An arm in words.

    Args:
        arms: what there is to say.
        arm: its number.
    """
    if arms.program[arm] is None:
        return "nothing"
    offer = f" with {arms.offer[arm]}" if arms.offer[arm] else ""
    return f"{arms.program[arm]} by {arms.touchpoint[arm]}, {arms.level[arm].label}{offer}"


def _instead(row: pa.RecordBatch, *, sealed: Sealed, salt: str, clock: Clock) -> str | None:
    """Lifts one reason at a time, the most frequent first, until the decision changes."""
    before = sealed.decide(row, salt=salt, clock=clock).decisions["arm_id"][0]
    for reason, changed in _lifted(row, arms=sealed.arms):
        after = sealed.decide(changed, salt=salt, clock=clock)
        if after.decisions["arm_id"][0] != before:
            got = arm_name(sealed.arms, int(after.drawn.arms[0]))
            return f"It would have been {got}, but: {reason.sentence[0].lower()}{reason.sentence[1:]}"
    return None


def _lifted(row: pa.RecordBatch, *, arms: Arms) -> Iterator[tuple[Reason, pa.RecordBatch]]:
    """The row as it would be without one of its reasons."""
    codes = row["why_not"].flatten().to_numpy()
    kind = arms.of_kind(row["touchpoint"][0].as_py())
    often = Counter(int(code) for code in codes[kind] if code != ELIGIBLE)
    for code, _ in sorted(often.items(), key=lambda item: (-item[1], item[0])):
        changed = np.where(codes == code, ELIGIBLE, codes)[None, :]
        columns = {name: row[name] for name in row.schema.names}
        columns["why_not"], columns["eligible"] = lists(changed), lists(changed == ELIGIBLE)
        yield reason_of(code), pa.RecordBatch.from_arrays(list(columns.values()), schema=row.schema)
