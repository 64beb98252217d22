"""Which room writes which table, read from the source: `ledger.write`, `lake.seal`, `Stage(writes=...)`, `named(...)`.

A room writes a table only by naming it there, with a literal, and only if the table's contract names that room; a
statement that writes is asked for only by the room whose file it stands in. Standard library only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tools.houseplan import Fault, chain, room_of, text

# The call, and where its table stands among the arguments given by position.
WRITES = {("ledger", "write"): 1, ("lake", "seal"): 0}
# The store carries writes out; this file of flow seals what a stage declared, and the declaration is what is judged.
CARRIERS = ("store/",)
SEALER = "flow/seal.py"
CHANGES = re.compile(r"^(?!--).*?\b(?:INSERT|UPDATE|DELETE|REPLACE\s+INTO|MERGE|CREATE|DROP|ALTER)\b", re.MULTILINE)


def write_faults(here: Path, tree: ast.Module, tables: dict[str, str], package: Path) -> Iterator[Fault]:
    """Writes to another room's table, to an unknown table, or to one whose name cannot be read."""
    room = room_of(here)
    if room is None or here.as_posix().startswith(CARRIERS):
        return
    origins = names_from(tree, package.name)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if (place := writing(node.func, origins)) is not None:
            table = argument(node, place)
            if text(table) is None and here.as_posix() == SEALER:
                continue
            yield from table_faults(here, node.lineno, table, room, tables)
        elif chain(node.func)[-1:] == ["Stage"]:
            yield from stage_faults(here, node, tables, origins)
        elif whole(chain(node.func), origins) == ["store", "sql", "named"]:
            yield from named_faults(here, node, room, package)
        elif whole(chain(node.func), origins) == ["store", "sql", "Query"]:
            yield Fault(here, node.lineno, "makes SQL of its own: name a statement of store/sql")


def names_from(tree: ast.Module, package: str) -> dict[str, list[str]]:
    """For each name that an import brings in from the house: the path it stands for, below the package."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == package:
            for alias in node.names:
                found[alias.asname or alias.name] = [*node.module.split(".")[1:], alias.name]
        if isinstance(node, ast.Import):
            for alias in node.names:
                parts = alias.name.split(".")
                if parts[0] == package:
                    found[alias.asname or package] = parts[1:] if alias.asname else []
    return found


def whole(names: list[str], origins: dict[str, list[str]]) -> list[str]:
    """A chain of names with its first one replaced by the path that it stands for."""
    return [*origins[names[0]], *names[1:]] if names and names[0] in origins else names


def writing(function: ast.expr, origins: dict[str, list[str]]) -> int | None:
    """Where the table stands in a call of this function; None where it writes nothing."""
    names = [name.lstrip("_") for name in whole(attributes(function), origins)]
    return WRITES.get((names[-2], names[-1])) if len(names) > 1 else None


def attributes(node: ast.AST) -> list[str]:
    """The names of a chain, whatever it starts at: `here().ledger.write` gives ledger, write."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        names.append(node.id)
    return names[::-1]


def argument(call: ast.Call, place: int) -> ast.expr | None:
    """The table given to a call: by name, or by position."""
    for word in call.keywords:
        if word.arg == "table":
            return word.value
    return call.args[place] if len(call.args) > place else None


def table_faults(here: Path, line: int, table: ast.expr | None, room: str, tables: dict[str, str]) -> Iterator[Fault]:
    """What is wrong with a room's writing this table."""
    name = text(table)
    if name is None:
        yield Fault(here, line, "writes a table whose name cannot be read here: write it as a literal")
    elif name not in tables:
        yield Fault(here, line, f"writes '{name}', which store/contracts.py does not know")
    elif tables[name] != room:
        yield Fault(here, line, f"{room} writes {name}; only {tables[name]} may")


def named_faults(here: Path, call: ast.Call, room: str, package: Path) -> Iterator[Fault]:
    """A statement whose name cannot be read, or that writes and belongs to another room."""
    name = text(call.args[0]) if call.args else None
    if name is None:
        yield Fault(here, call.lineno, "asks for SQL whose name cannot be read here: write it as a literal")
        return
    *folders, owner, statement = name.split(".") if "." in name else ("", "", name)
    path = package.joinpath("store", "sql", *folders, f"{owner}.sql")
    source = path.read_text("utf-8") if path.is_file() else ""
    body = re.search(rf"^-- {re.escape(statement)} --\n(.*?)(?=^-- \w+ --\n|\Z)", source, re.MULTILINE | re.DOTALL)
    if body is None:
        yield Fault(here, call.lineno, f"asks for {name}, which stands in no file of store/sql")
    elif owner != room and CHANGES.search(body.group(1)):
        yield Fault(here, call.lineno, f"{room} asks for {name}, which writes; only {owner} may")


def stage_faults(here: Path, stage: ast.Call, tables: dict[str, str], origins: dict[str, list[str]]) -> Iterator[Fault]:
    """A stage that writes what the room of its act may not."""
    said = {word.arg: word.value for word in stage.keywords}
    listed = said.get("writes")
    if listed is None:
        return
    if not isinstance(listed, ast.Tuple | ast.List | ast.Set):
        yield Fault(here, stage.lineno, "a stage's writes cannot be read here: write them as literals")
        return
    if not listed.elts:
        return
    room = actor(said.get("act"), origins)
    if room is None:
        yield Fault(here, stage.lineno, "whose act this stage is cannot be read here: name a room's function")
        return
    for element in listed.elts:
        yield from table_faults(here, element.lineno, element, room, tables)


def actor(act: ast.expr | None, origins: dict[str, list[str]]) -> str | None:
    """The room of a stage's act; flow for a function of its own; None where it cannot be told."""
    if isinstance(act, ast.Call) and chain(act.func)[-1:] == ["partial"] and act.args:
        act = act.args[0]
    if isinstance(act, ast.Lambda):
        return "flow"
    names = chain(act) if act is not None else []
    if not names:
        return None
    path = whole(names, origins)
    return path[0] if names[0] in origins and path else "flow"
