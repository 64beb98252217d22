"""The laws of the house, checked on every commit. Prints what breaks them; exits 1 if anything does.

Imports go down only; a driver is imported in one file; names say something; files and functions stay small; time,
chance and the environment come in as values; a room writes only its own tables. Standard library only.

    python -m tools.laws [PACKAGE]
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

if __package__ in (None, ""):  # run as a file: the repository's root is not on the path yet
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.houseplan import (
    DRIVERS,
    FLOOR,
    GROUND,
    MOST_BODY,
    MOST_LINES,
    PACKAGE,
    VAGUE,
    Fault,
    chain,
    room_of,
    text,
    writers,
)
from tools.writes import write_faults

ROOT_FILES = {"__init__.py", "__main__.py"}
# Where the clock is read, where the environment is, and where modules are found by walking rather than by name.
CLOCK, SETTINGS, WALKERS = "words/clock.py", "project", {"testing", None}
NOW = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns")


def faults(package: Path) -> Iterator[Fault]:
    """Every breach of the laws in a package, in order of path."""
    tables = writers(package)
    for entry in sorted(package.iterdir()):
        if entry.is_dir() and entry.name not in FLOOR and entry.name != "__pycache__":
            yield Fault(
                Path(entry.name), 1, f"there is no room '{entry.name}'; the rooms are {', '.join(sorted(FLOOR))}"
            )
    for path in sorted(package.rglob("*.py")):
        here = path.relative_to(package)
        source = path.read_text("utf-8")
        tree = ast.parse(source)
        yield from name_faults(here)
        yield from size_faults(here, source, tree)
        yield from import_faults(here, tree, package.name)
        yield from write_faults(here, tree, tables, package)


def name_faults(here: Path) -> Iterator[Fault]:
    """Vague names, and files where no file may be."""
    for part in (*here.parts[:-1], here.stem):
        if part in VAGUE:
            yield Fault(here, 1, f"'{part}' says nothing about what is inside: name it after its noun")
    if len(here.parts) == 1 and here.name not in ROOT_FILES:
        yield Fault(here, 1, "a module at the root of the package: it belongs in a room")


def size_faults(here: Path, source: str, tree: ast.Module) -> Iterator[Fault]:
    """Files and functions that are too long."""
    if (lines := len(source.splitlines())) > MOST_LINES:
        yield Fault(here, 1, f"{lines} lines; {MOST_LINES} is the most")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            documented = ast.get_docstring(node, clean=False) is not None and len(node.body) > 1
            first = node.body[1] if documented else node.body[0]
            if (body := (node.end_lineno or 0) - first.lineno + 1) > MOST_BODY:
                yield Fault(here, node.lineno, f"{node.name} is {body} lines long; {MOST_BODY} is the most")


def import_faults(here: Path, tree: ast.Module, package: str) -> Iterator[Fault]:
    """Imports up, sideways, out of the room, of a driver in the wrong file; also those hidden in strings and chains."""
    eager = set(map(id, outside_functions(tree)))
    aliases = package_aliases(tree, package)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level > 1:
            yield Fault(here, node.lineno, "relative import out of its room: write the whole path")
        if isinstance(node, ast.Call):
            yield from dynamic_faults(here, node)
        for name in imported(node, here, package, aliases):
            yield from judged(here, getattr(node, "lineno", 1), name, package, eager=id(node) in eager)


def judged(here: Path, line: int, name: str, package: str, *, eager: bool) -> Iterator[Fault]:
    """What is wrong with this file's importing this dotted name."""
    top, *rest = name.split(".")
    room = room_of(here)
    if top == package:
        yield from floor_faults(here, line, rest, eager=eager)
    elif top in DRIVERS and not may(here, DRIVERS[top]):
        where = f"only {DRIVERS[top]} may" if DRIVERS[top] else "no file may"
        yield Fault(here, line, f"imports {top}; {where}")
    elif room in GROUND and top not in GROUND[room] and top not in sys.stdlib_module_names:
        allowed = ", ".join(sorted(GROUND[room])) or "nothing else"
        yield Fault(here, line, f"{room} imports {top}; it leans on the standard library and {allowed}")
    if (name == "random" or name.startswith(("random.", "numpy.random"))) and room not in {"reckon", "testing"}:
        yield Fault(here, line, f"imports {name}; chance comes from reckon.chance")
    yield from world_faults(here, line, name)


def floor_faults(here: Path, line: int, rest: list[str], *, eager: bool) -> Iterator[Fault]:
    """An import within the house that does not go down."""
    room = room_of(here)
    if not rest or (target := rest[0]) == room:
        return
    if target == "*":
        yield Fault(here, line, "imports everything: name what you need")
    if target not in FLOOR:
        return
    if room is None:
        if eager and here.name == "__init__.py" and FLOOR[target] > 0:
            yield Fault(here, line, f"the package imports {target} when it is itself imported; do it in __getattr__")
    elif room in FLOOR and FLOOR[target] >= FLOOR[room]:
        way = "up" if FLOOR[target] > FLOOR[room] else "sideways"
        yield Fault(here, line, f"{room} imports {way} from {target}; imports go down only")


def may(here: Path, allowed: str | None) -> bool:
    """Whether a file is the one, or in the room, that a driver belongs to."""
    if allowed is None:
        return False
    return here.as_posix().startswith(allowed) if allowed.endswith("/") else here.as_posix() == allowed


def imported(node: ast.AST, here: Path, package: str, aliases: dict[str, str]) -> list[str]:
    """The dotted names that a node reaches for, whichever way it does."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        parent = ".".join((package, *here.parts[:-1])) if node.level else ""
        module = ".".join(part for part in (parent, node.module) if part)
        return [f"{module}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Attribute):
        names = chain(node)
        return [".".join((aliases.get(names[0], names[0]), *names[1:]))] if reaches(names, aliases) else []
    if isinstance(node, ast.Call) and chain(node.func)[-1:] in (["import_module"], ["__import__"], ["find_spec"]):
        return [name] if node.args and (name := text(node.args[0])) else []
    if isinstance(node, ast.Call) and chain(node.func) == ["getattr"] and len(node.args) > 1:
        owner, name = chain(node.args[0]), text(node.args[1])
        return [f"{aliases[owner[0]]}.{name}"] if name and len(owner) == 1 and owner[0] in aliases else []
    if isinstance(node, ast.Subscript) and chain(node.value) == ["sys", "modules"]:
        return [name] if (name := text(node.slice)) else []
    return []


def reaches(names: list[str], aliases: dict[str, str]) -> bool:
    """Whether a chain of names reaches a module's insides, seen at the link where it first does.

    >>> reaches(["house", "learn"], {"house": "tactful"}), reaches(["house", "learn", "x"], {"house": "tactful"})
    (True, False)
    """
    if len(names) == 2 and names[0] in aliases:
        return True
    dotted = ".".join(names)
    return reads_now(dotted) or dotted in {"os.environ", "os.getenv"}


def reads_now(dotted: str) -> bool:
    """Whether a dotted name is one of those that tell the time.

    >>> reads_now("dt.datetime.now"), reads_now("datetime.time")
    (True, False)
    """
    return f".{dotted}".endswith(tuple(f".{name}" for name in NOW))


def package_aliases(tree: ast.Module, package: str) -> dict[str, str]:
    """Names in a file that stand for a module through which others can be reached: the package, and numpy."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                if top in {package, "numpy"} and (alias.asname is None or alias.name == top):
                    found[alias.asname or top] = top
    return found


def dynamic_faults(here: Path, node: ast.Call) -> Iterator[Fault]:
    """An import whose name cannot be read here, and may lead out of the room."""
    if chain(node.func)[-1:] not in (["import_module"], ["__import__"]) or stays_inside(here, node):
        return
    name = text(node.args[0]) if node.args else None
    if name is None and room_of(here) not in WALKERS:
        yield Fault(here, node.lineno, "imports a name that only running it would tell: write it out")
    if name is not None and name.startswith("."):
        yield Fault(here, node.lineno, "relative import in a string: write the whole path")


def stays_inside(here: Path, node: ast.Call) -> bool:
    """Whether a room loads one of its own files by a name of one dot: its parts, when they are needed.

    >>> call = ast.parse('import_module(f".{name}", __name__)', mode="eval").body
    >>> stays_inside(Path("cli/__init__.py"), call), stays_inside(Path("cli/other.py"), call)
    (True, False)
    """
    if here.name != "__init__.py" or len(here.parts) < 2 or len(node.args) != 2 or chain(node.args[1]) != ["__name__"]:
        return False
    first = node.args[0].values[0] if isinstance(node.args[0], ast.JoinedStr) and node.args[0].values else node.args[0]
    said = text(first) or ""
    return said.startswith(".") and not said.startswith("..")


def outside_functions(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes that run when the module is imported; what stands there for the type checker only does not."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for_types = isinstance(node, ast.If) and chain(node.test)[-1:] == ["TYPE_CHECKING"]
        if not (for_types or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))


def world_faults(here: Path, line: int, name: str) -> Iterator[Fault]:
    """Time and the environment read where they should come in as values."""
    if reads_now(name) and here.as_posix() != CLOCK:
        yield Fault(here, line, f"reads {name}; now comes in as a Clock")
    if name.startswith(("os.environ", "os.getenv")) and room_of(here) != SETTINGS:
        yield Fault(here, line, f"reads {name}; the environment is read in {SETTINGS} only")


def main(arguments: list[str]) -> int:
    """Print the breaches; 1 if there are any."""
    package = Path(arguments[0]) if arguments else PACKAGE
    found = [str(fault) for fault in faults(package)]
    print("\n".join(found) or "the house stands")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
