"""A finding: what a check says, where, how bad it is, and how to mend it."""

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How bad a finding is. Stability: full."""

    ERROR = "error"
    """The message, file or project does not go on."""
    WARNING = "warning"
    """It goes on, and somebody should look."""
    NOTE = "note"
    """Worth knowing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a file; lines and columns count from 1. Stability: full.

    >>> str(Place(file="programs/win-back.yaml", line=3, column=5))
    'programs/win-back.yaml:3:5'
    """

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found. Stability: full.

    `subject` is a message id (hex), a file, a table or a run; `place` says where in it. `source` may hold the line of
    the file itself, shown with a caret below the column.

    >>> print(Finding(rule="unknown-key", severity=Severity.ERROR, subject="project", what="unknown key 'pourpose'",
    ...               place=Place(file="programs/win-back.yaml", line=2, column=1), fix="did you mean 'purpose'?"))
    programs/win-back.yaml:2:1: unknown key 'pourpose'; did you mean 'purpose'? (unknown-key)
    """

    rule: str
    severity: Severity
    subject: str
    what: str
    place: Place | None = None
    fix: str = ""
    text: str = ""
    source: str = ""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        fix = f"; {self.fix}" if self.fix else ""
        line = f"{where}{self.what}{fix} ({self.rule})"
        if self.source and self.place and self.place.column:
            line += f"\n    {self.source}\n    {' ' * (self.place.column - 1)}^"
        return line
