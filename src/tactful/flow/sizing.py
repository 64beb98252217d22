"""How large each letter can become, before anyone is chosen: its longest branch with values as long as they get."""

from __future__ import annotations

from collections.abc import Iterator

from tactful.check.rules.structure import MOST_BYTES
from tactful.compose.context import Catalogue, Sight
from tactful.compose.extremes import longest_letter
from tactful.compose.faults import ContentFault
from tactful.flow.workspace import project_clock
from tactful.project.declared import Project
from tactful.words.finding import Finding, Place, Severity

NEARLY = 0.9
"""The share of the limit from which on a warning is given."""


def too_large(project: Project) -> Iterator[Finding]:
    """A finding for each content that can become so large that it is clipped, or nearly so.

    Args:
        project: whose contents are measured with invented items, so that no load is needed.
    """
    sight, clock = Sight(project=project, catalogue=Catalogue.of(None)), project_clock(project)
    for key in sorted(project.contents):
        content = project.contents[key]
        try:
            size = longest_letter(content, sight=sight, clock=clock) if content.touchpoint == "email" else 0
        except ContentFault:
            continue
        if size > NEARLY * MOST_BYTES:
            is_over = size > MOST_BYTES
            yield Finding(
                rule="html-too-large" if is_over else "html-nearly-too-large",
                severity=Severity.ERROR if is_over else Severity.WARNING,
                subject=content.content_id,
                what=f"its longest branch becomes {size / 1024:.0f} KB; mail is clipped above {MOST_BYTES // 1024} KB",
                place=Place(file=content.path, line=content.body_line),
                fix="show fewer items, or shorten styles and words",
            )
