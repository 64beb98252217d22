"""Checks a project's files and what its templates would say, before anyone is chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tactful.check import plugins, queries, suppressing
from tactful.check import project as project_rules
from tactful.compose import contents, guessed, route
from tactful.flow import sizing
from tactful.flow.workspace import project_clock
from tactful.project.declared import Project
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
    """Every finding of every file at once, and what the project is.

    Raises:
        Misuse: there is no project in `root`.
    """
    project, found = _found(root)
    report = Report(findings=_sorted(found), lines=(_verdict(found),), fingerprint="")
    if project is None:
        return report
    routes = _routes(project) if report.may_run else ()
    lines = (*describe(project).splitlines(), *routes, "", *report.lines)
    return Report(findings=report.findings, lines=lines, fingerprint=project.fingerprint.hex())


def require(root: Path) -> None:
    """Nothing runs before the check passes.

    Raises:
        ProjectFaulty: with every error found.
    """
    errors = [finding for finding in _found(root)[1] if finding.severity is Severity.ERROR]
    if errors:
        raise ProjectFaulty(errors)


def _found(root: Path) -> tuple[Project | None, tuple[Finding, ...]]:
    """The project, None where its files cannot be read as one, and everything found in files and templates."""
    project, read = inspect_project(root)
    if project is None:
        return None, read
    known = [*plugins.explained(project), "audit-differs"]
    analyses = contents.analyse(project)
    own = (
        *guessed.inspect(project, analyses, clock=project_clock(project)),
        *queries.inspect(project),
        *suppressing.inspect(project, clock=project_clock(project), rules=known),
        *sizing.too_large(project),
    )
    return project, (*read, *project_rules.inspect(project, analyses), *own)


def _routes(project: Project) -> Iterator[str]:
    """How the contents are written, and which of them not in columns, with the reason."""
    ways: Counter[str] = Counter()
    slow = []
    for name in sorted(project.contents):
        content = project.contents[name]
        taken = route.route(contents.compile_content(content, project))
        ways[taken.path.value] += 1
        if taken.path is not route.Way.COLUMNAR:
            slow.append(f"  {content.path} is written by the {taken.path.value} path: {taken.why}")
    yield f"  {ways[route.Way.COLUMNAR.value]} of {sum(ways.values())} content files are written in columns"
    yield from slow


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
