"""Rules the gate itself answers: a message must hang on a decision and a skeleton, and read whole as in parts."""

from __future__ import annotations

from collections.abc import Iterable

from tactful.check.rule import Hit, Messages, Rule
from tactful.words.finding import Severity


def _by_the_gate(messages: Messages) -> Iterable[Hit]:  # noqa: ARG001  # the gate finds these before it asks
    """The gate finds these while it brings messages and decisions together."""
    return ()


NO_DECISION = Rule(
    id="no-decision",
    severity=Severity.ERROR,
    place="message",
    why="A message that nobody decided cannot be explained, counted or held out.",
    fix="write messages from the run's own decisions only",
    message=_by_the_gate,
)
NO_SKELETON = Rule(
    id="no-skeleton",
    severity=Severity.ERROR,
    place="message",
    why="Words that cannot be joined cannot be checked.",
    fix="seal skeletons together with their messages",
    message=_by_the_gate,
)
AUDIT_DIFFERS = Rule(
    id="audit-differs",
    severity=Severity.ERROR,
    place="run",
    why="A message read whole must get the verdict that its skeleton, slots and junctions got; else neither is proved.",
    fix="send nothing, run `tactful show` with the message's id, and mend the rule that is named, or report it to us",
    message=_by_the_gate,
)
RULES = (NO_DECISION, NO_SKELETON)
