"""The plan of the house: floors, drivers and words that laws and tools read. Standard library only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "tactful"

FLOORS = (
    {"words"},
    {"reckon"},
    {"project", "store"},
    {"load", "know", "decide", "compose", "check", "deliver", "learn", "account"},
    {"flow"},
    {"cli", "api", "console"},
    {"testing"},
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# A driver is imported in one file, so that it can be replaced there. "room/" is a whole room, None is nowhere.
DRIVERS: dict[str, str | None] = {
    "adbc_driver_manager": "store/adbc.py",
    "adbc_driver_postgresql": "store/adbc.py",
    "adbc_driver_sqlite": "store/adbc.py",
    "ahocorasick_rs": "check/patterns.py",
    "apsw": "store/ledger.py",
    "click": "cli/",
    "css_inline": "compose/inline.py",
    "duckdb": "store/engines/duckdb.py",
    "hyperscan": "check/hyperscan.py",
    "numba": "reckon/compiled.py",
    "jinja2": "console/",
    "liquid": "compose/python_liquid.py",
    "lmdb": "store/lmdb.py",
    "mrml": "compose/mjml.py",
    "pandas": None,
    "polars": None,
    "playwright": "compose/pictures.py",
    "psycopg": "store/engines/postgres.py",
    "pydantic": "project/",
    "pyspark": "store/engines/spark.py",
    "re2": "check/patterns.py",
    "rich": "cli/",
    "selectolax": "check/tree.py",
    "smtplib": "deliver/channels/smtp.py",
    "sqlglot": "store/engines/spark.py",
    "sqlite3": None,
    "starlette": "api/",
    "torch": None,
    "uvicorn": "api/",
    "yaml": "project/yaml_source.py",
}

# What the ground may lean on besides the standard library.
GROUND = {"words": frozenset[str](), "reckon": frozenset({"numba", "numpy", "scipy"})}

VAGUE = frozenset(
    {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "core", "types", "models"}
)
MOST_LINES, MOST_BODY = 400, 50


@dataclass(frozen=True, slots=True)
class Fault:
    """One breach: where it is, and what it is."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def room_of(here: Path) -> str | None:
    """The room of a file named relative to the package; None at the root."""
    return here.parts[0] if len(here.parts) > 1 else None


def writers(package: Path = PACKAGE) -> dict[str, str]:
    """The writer of each table: from the `Table(name=..., writer=...)` calls in the store, read and not run."""
    found: dict[str, str] = {}
    for path in sorted((package / "store").rglob("*.py")):
        for call in calls(ast.parse(path.read_text("utf-8")), "Table"):
            said = {word.arg: text(word.value) for word in call.keywords}
            name, writer = said.get("name"), said.get("writer")
            if name and writer:
                found[name] = writer
    return found


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Calls of what goes by this name, alone or at the end of a chain."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and chain(node.func)[-1:] == [name]:
            yield node


def chain(node: ast.AST) -> list[str]:
    """`a.b.c` as a list of its names; empty where it does not start at a name.

    >>> chain(ast.parse("store.ledger.write", mode="eval").body)
    ['store', 'ledger', 'write']
    """
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [*reversed([*names, node.id])] if isinstance(node, ast.Name) else []


def text(node: ast.AST | None) -> str | None:
    """The value of a literal string, or None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
