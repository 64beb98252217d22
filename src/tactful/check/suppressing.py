"""Suppressions: findings that a project lets pass in one place, for a reason and until a day; kept, and counted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

import pyarrow as pa

from tactful.check.audit import named_parts
from tactful.check.rules import THEMES
from tactful.project.declared import Project
from tactful.project.gate import Suppression
from tactful.project.guesses import guess
from tactful.words.clock import Clock
from tactful.words.finding import Finding, Place, Severity

NEVER = frozenset(rule.id for theme in ("disclosure", "the law's lines", "the run") for rule in THEMES[theme]) | {
    "audit-differs",
    "name-of-another",
    "item-sensitive",
    "item-words-differ",
    "price-differs",
    "header-injection",
    "active-content",
    "link-host",
    "link-look-alike",
    "link-user-info",
    "placeholder-residue",
}
"""Rules that nothing silences: consent and what may be said of a person, the law's lines, whose letter it is, what a
price is, and what could act or lead astray. `same-opening-again` and `same-reason-again` are the run's two of taste."""
_OF_TASTE = frozenset({"same-opening-again", "same-reason-again", "too-many-variants"})


def may_be_suppressed(rule: str) -> bool:
    """Whether a project may let this rule's findings pass.

    >>> may_be_suppressed("heading-order"), may_be_suppressed("unsubscribe-missing")
    (True, False)
    """
    return rule not in NEVER or rule in _OF_TASTE


def inspect(project: Project, *, clock: Clock, rules: Collection[str]) -> Iterator[Finding]:
    """What is wrong with the project's suppressions: rules that nothing silences or that do not exist; the expired.

    Args:
        project: its suppressions.
        clock: now.
        rules: ids of every rule there is.
    """
    for name, one in sorted(project.suppressions.items()):
        place = Place(file=f"suppressions/{name}.yaml")
        if one.rule not in rules:
            what, fix = f"there is no rule {one.rule!r}", guess(one.rule, among=rules, called="rules of the gate")
            yield _finding("unknown-rule", name, what=what, place=place, fix=fix)
        elif not may_be_suppressed(one.rule):
            what = f"nothing silences {one.rule}: it guards people, not taste"
            yield _finding("never-suppressed", name, what=what, place=place, fix="mend what it found")
        elif one.last_day < clock.today:
            what = f"this ended on {one.until}: {one.rule} speaks again in {one.where}"
            fix = "mend what it finds, or say anew why it may pass and until when"
            yield _finding("suppression-expired", name, what=what, place=place, fix=fix, severity=Severity.WARNING)


def _finding(
    rule: str, name: str, *, what: str, place: Place, fix: str, severity: Severity = Severity.ERROR
) -> Finding:
    return Finding(rule=rule, severity=severity, subject=f"suppression {name}", what=what, place=place, fix=fix)


class Silence:
    """The suppressions in force. Stability: full.

    Args:
        project: its suppressions.
        today: the day of the run.
    """

    def __init__(self, project: Project, *, today: date) -> None:
        self.live: dict[str, list[Suppression]] = {}
        for _, one in sorted(project.suppressions.items()):
            if one.last_day >= today and may_be_suppressed(one.rule):
                self.live.setdefault(one.rule, []).append(one)

    def by(self, rule: str, place: str, *, program: str, content: str, branch: str) -> str | None:
        """By which suppression, and why, a finding is let pass; None where it counts."""
        for one in self.live.get(rule, ()):
            fits = one.program in {None, program} and one.content in {None, content} and one.branch in {None, branch}
            if fits and (one.part is None or set(named_parts(place)) == {one.part}):
                return f"{one.suppression}, until {one.until}: {one.reason}"
        return None

    def over(
        self, found: Sequence[pa.RecordBatch], *, program: str, content: str, branch: str
    ) -> Iterator[pa.RecordBatch]:
        """Findings of one program, content and branch, with the suppression of each that is let pass."""
        for batch in found:
            if not self.live:
                yield batch
                continue
            pairs = zip(batch["rule"].to_pylist(), batch["place"].to_pylist(), strict=True)
            names = [self.by(rule, place, program=program, content=content, branch=branch) for rule, place in pairs]
            place = batch.schema.get_field_index("suppressed_by")
            yield batch.set_column(place, batch.schema.field(place), pa.array(names, pa.string()))
