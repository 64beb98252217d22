"""Which branches were reached: modules are written anew while they are imported, a mark at the head of every branch.

Python 3.11 has no cheap way to watch branches; one byte set at the head of each costs next to nothing.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import CodeType, ModuleType
from typing import Any

HITS = bytearray(65_536)
"""One byte for each branch: 1 where it was reached."""
SITES: list[str] = []
"""The module of each branch."""
_NAME = "__hits__"
_BODIES = ("body", "orelse", "finalbody")
_SPLITS = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.If, ast.For, ast.While, ast.Try, ast.ExceptHandler, ast.match_case,
)  # fmt: skip


class Marking(ast.NodeTransformer):
    """Puts a mark at the head of every branch."""

    def __init__(self, module: str) -> None:
        self.module = module

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Mark a node's bodies."""
        super().generic_visit(node)
        if isinstance(node, _SPLITS):
            for name in _BODIES:
                body: list[ast.stmt] = getattr(node, name, [])
                if body:
                    first = int(_is_docstring(body[0]) and isinstance(node, ast.FunctionDef))
                    body.insert(first, self._mark(body[-1]))
        return node

    def _mark(self, at: ast.stmt) -> ast.stmt:
        number = len(SITES) % len(HITS)
        SITES.append(self.module)
        mark = ast.parse(f"{_NAME}[{number}] = 1").body[0]
        return ast.fix_missing_locations(ast.copy_location(mark, at))


def _is_docstring(one: ast.stmt) -> bool:
    return isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) and isinstance(one.value.value, str)


class Loader(importlib.machinery.SourceFileLoader):
    """Loads a module with marks; no bytecode is read or kept."""

    def get_code(self, fullname: str) -> CodeType:
        """Compile from the source, marked."""
        path = self.get_filename(fullname)
        tree = Marking(fullname).visit(ast.parse(self.get_data(path)))
        return compile(tree, path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module with the marks in its names."""
        vars(module)[_NAME] = HITS
        super().exec_module(module)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the modules of some packages and has them marked."""

    def __init__(self, packages: Sequence[str]) -> None:
        self.packages = tuple(packages)

    def find_spec(  # noqa: PLR0917  # as importlib calls it
        self, fullname: str, path: Any = None, target: Any = None  # Any: as importlib's
    ) -> ModuleSpec | None:  # fmt: skip
        """The module's place, with the loader that marks."""
        if not any(fullname == one or fullname.startswith(f"{one}.") for one in self.packages):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec


def watch(packages: Sequence[str]) -> None:
    """Mark what is imported from now on.

    Args:
        packages: none of which is imported yet.
    """
    known = [name for name in sys.modules for one in packages if name == one or name.startswith(f"{one}.")]
    if known:
        raise RuntimeError(f"already imported, so nothing of it would be seen: {', '.join(known[:3])}")
    sys.meta_path.insert(0, Finder(packages))


def reached() -> Iterator[int]:
    """Numbers of the branches reached since the marks were last wiped."""
    here = HITS.find(1)
    while here >= 0:
        yield here
        here = HITS.find(1, here + 1)


def wipe() -> None:
    """Forget what was reached."""
    HITS[:] = bytes(len(HITS))


def share(seen: set[int], package: str) -> tuple[int, int]:
    """How many branches of a package were reached, and how many it has."""
    own = {number for number, module in enumerate(SITES) if module == package or module.startswith(f"{package}.")}
    return len(own & seen), len(own)
