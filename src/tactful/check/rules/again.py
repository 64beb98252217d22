"""A rule about what was said before: nobody is given the same reason twice in a season."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tactful.check import patterns
from tactful.check.bones import Bones, unmarked
from tactful.check.rule import Hit, Messages, Rule
from tactful.check.rules.run import NINETY_DAYS, folded_lines
from tactful.words.finding import Severity
from tactful.words.message import Part


def reason(bones: Bones) -> str:
    """The line in which a message says why it comes, as it is compared over time; its values count for nothing.

    It is the first line that names a flow the customer accepts (what they ordered, chose or told us); empty where no
    line does.
    """
    part = Part.TEXT if Part.TEXT in bones.parts else bones.body
    lines = folded_lines(unmarked(bones.words[part], by="")) if part else []
    return next((line for line in lines if patterns.FLOWS.first(line)), "")


def _same_reason(messages: Messages) -> Iterable[Hit]:
    previous, scene, mine = messages.scene.previous, messages.scene, reason(messages.use.bones)
    if previous is None or previous.num_rows == 0 or not mine:
        return
    since = scene.clock.now - NINETY_DAYS
    same = {skeleton_id for skeleton_id, bones in scene.skeletons.items() if reason(bones) == mine}
    columns = (previous[name].to_pylist() for name in ("customer_id", "skeleton_id", "happened_at"))
    heard = {who for who, what, when in zip(*columns, strict=True) if what in same and when >= since}
    rows = [row for row, customer in enumerate(messages.decided("customer_id")) if customer in heard]
    if rows:
        yield Hit(what="they were given the same reason within ninety days", rows=np.array(rows))


RULES = (
    Rule(
        id="same-reason-again",
        severity=Severity.WARNING,
        place="reason",
        why="The same reason twice in a season shows the machine, whatever noun stands in it.",
        fix="write another reason, or let the program rest",
        message=_same_reason,
    ),
)
