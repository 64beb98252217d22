"""Checks a project's files and what its templates would say, before anyone is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tactful.check import project as project_rules
from tactful.compose import contents
from tactful.project.describing import describe
from tactful.project.reading import inspect_project
from tactful.words.errors import ProjectFaulty
from tactful.words.finding import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What `tactful check` found. Stability: caller.

    Attributes:
        findings: worst first.
        lines: what the project is, for people.
        fingerprint: hex; empty where the files could not be read.
    """

    findings: tuple[Finding, ...]
    lines: tuple[str, ...]
    fingerprint: str

    @property
    def may_run(self) -> bool:
        """Whether nothing found is an error."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


def check(root: Path) -> Report:
    """Every finding of every file at once.

    Raises:
        Misuse: there is no project in `root`.
    """
    project, read = inspect_project(root)
    if project is None:
        return Report(findings=_sorted(read), lines=(_verdict(read),), fingerprint="")
    found = [*read, *project_rules.inspect(project, contents.analyse(project))]
    return Report(
        findings=_sorted(found),
        lines=(*describe(project).splitlines(), "", _verdict(found)),
        fingerprint=project.fingerprint.hex(),
    )


def require(root: Path) -> None:
    """Nothing runs before the check passes.

    Raises:
        ProjectFaulty: with every error found.
    """
    errors = [finding for finding in check(root).findings if finding.severity is Severity.ERROR]
    if errors:
        raise ProjectFaulty(errors)


def _sorted(findings: tuple[Finding, ...] | list[Finding]) -> tuple[Finding, ...]:
    order = list(Severity)
    return tuple(sorted(findings, key=lambda f: (order.index(f.severity), str(f.place or ""), f.rule)))


def _verdict(findings: tuple[Finding, ...] | list[Finding]) -> str:
    counts = {severity: sum(f.severity is severity for f in findings) for severity in Severity}
    if not findings:
        return "Everything is in order."
    words = [f"{n} {severity.value}{'' if n == 1 else 's'}" for severity, n in counts.items() if n]
    ending = "Nothing can run before the errors are mended." if counts[Severity.ERROR] else "It may run."
    return f"Found {', '.join(words)}. {ending}"
