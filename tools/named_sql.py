"""Reads the named SQL of the store: `-- name --`, a line that says what it answers, and the statement.

Lake SQL lies in `<room>.sql` (DuckDB's dialect), ledger SQL in `ledger/<room>.sql` (SQLite's).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp

from tools.houseplan import FLOOR, PACKAGE, Fault

FOLDER = PACKAGE / "store" / "sql"
HEAD = re.compile(r"^-- (\w+) --[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Named:
    """One named statement, as text and as trees. `path` is relative to the folder of SQL."""

    path: Path
    line: int
    name: str
    text: str
    trees: tuple[exp.Expr, ...]

    @property
    def room(self) -> str:
        """The room that the file is named after."""
        return self.path.stem

    def fault(self, what: str) -> Fault:
        """A breach in this statement."""
        return Fault(self.path, self.line, f"{self.name} {what}")


def read(folder: Path = FOLDER) -> Iterator[Named | Fault]:
    """Every named statement below a folder; a fault where one cannot be read."""
    for path in sorted(folder.rglob("*.sql")):
        here = path.relative_to(folder)
        dialect = "sqlite" if here.parts[0] == "ledger" else "duckdb"
        if here.stem not in FLOOR or here.parent.as_posix() not in {".", "ledger"}:
            yield Fault(here, 1, f"is not named after a room; the rooms are {', '.join(sorted(FLOOR))}")
        yield from statements(here, path.read_text("utf-8"), dialect)


def statements(here: Path, source: str, dialect: str) -> Iterator[Named | Fault]:
    """The named statements of one file."""
    heads = list(HEAD.finditer(source))
    if orphan := first_code(source[: heads[0].start()] if heads else source):
        yield Fault(here, orphan, "a statement without a name: write `-- name --` above it")
    seen: set[str] = set()
    for head, after in zip(heads, [*heads[1:], None], strict=True):
        text = source[head.end() : after.start() if after else len(source)]
        line = source.count("\n", 0, head.start()) + 1
        name = head.group(1)
        if name in seen:
            yield Fault(here, line, f"{name} is there twice")
        seen.add(name)
        if not re.match(r"\n-- \S", text):
            yield Fault(here, line, f"{name} does not say what it answers: one comment line below its name")
        try:
            trees = tuple(tree for tree in sqlglot.parse(text, read=dialect) if tree is not None)
        except sqlglot.errors.SqlglotError as error:
            yield Fault(here, line, f"{name} cannot be read: {str(error).splitlines()[0]}")
            continue
        if not trees:
            yield Fault(here, line, f"{name} holds no statement")
        yield Named(here, line, name, text, trees)


def first_code(source: str) -> int | None:
    """The line of the first thing that is neither blank nor a comment."""
    for number, line in enumerate(source.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("--"):
            return number
    return None
