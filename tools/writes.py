"""Which room writes which table, read from the source: `ledger.write`, `lake.seal`, `Stage(writes=...)`, `named(...)`.

A room writes a table only by naming it there, with a literal, and only if the table's contract names that room; a
statement that writes is asked for only by the room whose file it stands in. Standard library only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tools.houseplan import FLOOR, Fault, chain, room_of, text

# The call, and where its table (or tables) stand among the arguments given by position.
WRITES = {("ledger", "write"): 1, ("lake", "seal"): 0, ("lake", "seal_all"): 1}
# The store carries writes out; this file of flow seals what a stage declared, and the declaration is what is judged.
CARRIERS = ("store/",)
SEALER = "flow/running.py"
GARDEN = {"testing"}
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
            for table in listed(argument(node, place)):
                if text(table) is not None or here.as_posix() != SEALER:
                    yield from table_faults(here, node.lineno, table, {room}, tables)
        elif chain(node.func)[-1:] == ["Stage"]:
            yield from stage_faults(here, node, tables, actor(said(node, "act"), tree, origins))
        elif whole(chain(node.func), origins) == ["store", "sql", "named"]:
            yield from named_faults(here, node, room, package)
        elif whole(chain(node.func), origins) == ["store", "sql", "Query"] and room not in GARDEN:
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


def said(call: ast.Call, word: str) -> ast.expr | None:
    """What a call gives by this name."""
    return next((keyword.value for keyword in call.keywords if keyword.arg == word), None)


def argument(call: ast.Call, place: int) -> ast.expr | None:
    """The table given to a call: by name, or by position."""
    named = said(call, "table") or said(call, "tables")
    return named or (call.args[place] if len(call.args) > place else None)


def listed(tables: ast.expr | None) -> list[ast.expr | None]:
    """One table, or each of several written as literals."""
    return [*tables.elts] if isinstance(tables, ast.Tuple | ast.List | ast.Set) else [tables]


def table_faults(
    here: Path, line: int, table: ast.expr | None, rooms: set[str], tables: dict[str, str]
) -> Iterator[Fault]:
    """What is wrong with these rooms' writing this table."""
    name = text(table)
    if name is None:
        yield Fault(here, line, "writes a table whose name cannot be read here: write it as a literal")
    elif name not in tables:
        yield Fault(here, line, f"writes '{name}', which store/contracts.py does not know")
    elif tables[name] not in rooms:
        verb = "writes" if len(rooms) == 1 else "write"
        yield Fault(here, line, f"{' and '.join(sorted(rooms))} {verb} {name}; only {tables[name]} may")


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


def stage_faults(here: Path, stage: ast.Call, tables: dict[str, str], rooms: set[str]) -> Iterator[Fault]:
    """A stage that writes what none of the rooms that its act asks may write."""
    writes = said(stage, "writes")
    if writes is None or (isinstance(writes, ast.Tuple | ast.List | ast.Set) and not writes.elts):
        return
    if not isinstance(writes, ast.Tuple | ast.List | ast.Set):
        yield Fault(here, stage.lineno, "a stage's writes cannot be read here: write them as literals")
    elif not rooms:
        yield Fault(here, stage.lineno, "whose act this stage is cannot be read here: name a room's function")
    else:
        for table in writes.elts:
            yield from table_faults(here, table.lineno, table, rooms, tables)


def actor(act: ast.AST | None, tree: ast.Module, origins: dict[str, list[str]]) -> set[str]:
    """The rooms that a stage's act asks, and flow where the act is its own; empty where it cannot be told."""
    if isinstance(act, ast.Call) and chain(act.func)[-1:] == ["partial"] and act.args:
        act = act.args[0]
    own = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    names = chain(act) if act is not None else []
    if names and names[0] in origins:
        return {room for room in whole(names, origins)[:1] if room in FLOOR}
    waiting: list[ast.AST] = [act] if isinstance(act, ast.Lambda) else [own[name] for name in names if name in own]
    found = {"flow"} if waiting else set()
    seen: set[ast.AST] = set()
    while waiting:
        function = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        found |= {origins[name][0] for name in used if origins.get(name) and origins[name][0] in FLOOR}
        waiting += [own[name] for name in used if name in own]
    return found - {"words", "reckon", "project", "store"}
