"""What the gate found, counted in messages by rule, program, level and branch."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tactful.check.gate import RUN, SKELETON
from tactful.words.finding import Severity

Place = tuple[str, str, str, str]
"""Program, level, content and branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallied:
    """One rule in one place. Stability: full.

    Attributes:
        messages: how many of them it speaks of.
        suppressed: of how many of these it was let pass.
    """

    rule: str
    severity: Severity
    program: str
    level: str
    content: str
    branch: str
    messages: int
    suppressed: int


def tally(findings: pa.Table, *, messages: pa.Table, decisions: pa.Table, skeletons: pa.Table) -> tuple[Tallied, ...]:
    """Findings by rule, program, level and branch, the worst and most frequent first; each message counts once.

    Args:
        findings: rows of `findings`; those about the run as a whole are left out.
        messages: message_id, decision_id and skeleton_id.
        decisions: decision_id, program and level.
        skeletons: skeleton_id, content_id and branch.
    """
    if not findings.num_rows:
        return ()
    where = _Where.of(messages, decisions=decisions, skeletons=skeletons)
    seen: Counter[tuple[str, str, Place]] = Counter()
    passed: Counter[tuple[str, str, Place]] = Counter()
    counted: set[tuple[str, str]] = set()
    names = ("subject", "rule", "severity", "suppressed_by")
    for subject, rule, severity, by in zip(*(findings[name].to_pylist() for name in names), strict=True):
        if subject == RUN or (subject, rule) in counted:
            continue
        counted.add((subject, rule))
        for place, count in where.of_subject(subject).items():
            seen[rule, severity, place] += count
            passed[rule, severity, place] += count if by is not None else 0
    order = list(Severity)
    found = [_row(key, messages=count, suppressed=passed[key]) for key, count in seen.items()]

    def worst(one: Tallied) -> tuple[object, ...]:
        return order.index(one.severity), -one.messages, one.rule, one.program, one.level, one.content, one.branch

    return tuple(sorted(found, key=worst))


def _row(key: tuple[str, str, Place], *, messages: int, suppressed: int) -> Tallied:
    rule, severity, (program, level, content, branch) = key
    return Tallied(
        rule=rule, severity=Severity(severity), program=program, level=level, content=content, branch=branch,
        messages=messages, suppressed=suppressed,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Where:
    """The place of each message, and the places of each skeleton's messages. Stability: internal."""

    of_message: dict[str, Place]
    of_skeleton: dict[str, Counter[Place]]

    @classmethod
    def of(cls, messages: pa.Table, *, decisions: pa.Table, skeletons: pa.Table) -> _Where:
        rows = pc.index_in(messages["decision_id"], value_set=decisions["decision_id"].combine_chunks())
        programs, levels = (decisions[name].take(rows).to_pylist() for name in ("program", "level"))
        names = zip(skeletons["content_id"].to_pylist(), skeletons["branch"].to_pylist(), strict=True)
        words = dict(zip(skeletons["skeleton_id"].to_pylist(), names, strict=True))
        of_message: dict[str, Place] = {}
        of_skeleton: dict[str, Counter[Place]] = {}
        ids = zip(messages["message_id"].to_pylist(), messages["skeleton_id"].to_pylist(), strict=True)
        for (message_id, skeleton_id), program, level in zip(ids, programs, levels, strict=True):
            place = (program or "", level or "", *words.get(skeleton_id, ("", "")))
            of_message[message_id.hex()] = place
            of_skeleton.setdefault(skeleton_id.hex(), Counter())[place] += 1
        return cls(of_message=of_message, of_skeleton=of_skeleton)

    def of_subject(self, subject: str) -> Counter[Place]:
        """Where the messages are that a finding is about, and how many in each place."""
        if subject.startswith(SKELETON):
            return self.of_skeleton.get(subject.removeprefix(SKELETON), Counter())
        return Counter([self.of_message[subject]] if subject in self.of_message else [])
