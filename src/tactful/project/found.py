"""Every finding of every file, gathered while a project is read."""

from __future__ import annotations

from tactful.words.finding import Finding, Place, Severity


class Findings:
    """Everything found so far. Stability: internal.

    Attributes:
        all: in the order in which they were found.
        broken: places at which a value has no shape: what would follow from that is not said as well.
    """

    def __init__(self) -> None:
        self.all: list[Finding] = []
        self.broken: set[Place] = set()

    def add(self, finding: Finding) -> None:
        """One more, unless it was said already or follows from what is broken."""
        if finding.place not in self.broken and finding not in self.all:
            self.all.append(finding)

    def file(self, file: str, *, rule: str, what: str, fix: str = "", severity: Severity = Severity.ERROR) -> None:
        """An error, or something milder, about a file as a whole."""
        self.add(Finding(rule=rule, severity=severity, subject=file, what=what, fix=fix, place=Place(file=file)))

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What stops the project, in order of place."""
        return tuple(finding for finding in self.sorted if finding.severity is Severity.ERROR)

    @property
    def sorted(self) -> tuple[Finding, ...]:
        """Everything, in order of place."""
        return tuple(sorted(self.all, key=_order))


def _order(finding: Finding) -> tuple[str, int, int, str]:
    place = finding.place
    if place is None:
        return (finding.subject, 0, 0, finding.rule)
    return (place.file, place.line or 0, place.column or 0, finding.rule)
