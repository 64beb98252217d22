"""Expressions of a template as Python: paths as they are, filters as calls, all else asked of python-liquid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from tactful.compose.liquid import FilteredExpression, Limited, Path

_SHORT = 100
_MOST_KEPT = 20_000
"""Numbers of which is remembered what a filter made of them."""
_QUICK = frozenset(
    {"capitalize", "date", "downcase", "escape", "lstrip", "money", "round", "rstrip", "strip", "upcase"}
)
_LITERALS = {"StringLiteral", "IntegerLiteral", "FloatLiteral", "TrueLiteral", "FalseLiteral", "Nil"}


class Unfitting(Exception):
    """A construct that is not compiled for single rows, and which. Stability: internal."""


def paths(expression: Any) -> list[Path]:  # Any: an expression of python-liquid
    """Every path in an expression."""
    found, waiting = [], [expression]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Path):
            found.append(one)
        waiting += [*one.children(), *([one.left] if hasattr(one, "expressions") and hasattr(one, "left") else [])]
    return found


class Kept(dict[float, object]):
    """What a plain filter made of a number, remembered. Stability: internal."""

    def __init__(self, act: Callable[..., object], given: Sequence[object]) -> None:
        super().__init__()
        self.act, self.given = act, given

    def __missing__(self, value: float) -> object:
        """A number that is seen for the first time; zero has two signs, and what is no number equals nothing."""
        made = self.act(value, *self.given)
        if value:
            if len(self) > _MOST_KEPT:
                self.clear()
            self[value] = made
        return made


class Spelling:
    """Writes expressions, line by line. Stability: internal.

    Attributes:
        objects: what the function refers to, by name.
        partials: names of the partials it calls.
    """

    def __init__(self, *, env: Limited, is_partial: bool) -> None:
        self.env = env
        self.lines: list[str] = []
        self.objects: dict[str, object] = {}
        self.partials: list[str] = []
        self.depth = 1
        self.loops: list[dict[str, str]] = []
        self.mute = 0
        self.included = 0
        self.count = 0
        self.assigned: set[str] = set()
        self.pending: list[str] = []
        self.seen: dict[str, str] = {}
        self.roots: dict[str, str] = {}
        self.out = ["out"]
        self.entering = 0
        self.is_partial = is_partial

    def line(self, text: str) -> None:
        """One line at the present depth."""
        self.lines.append("  " * self.depth + text)

    def name(self, stem: str) -> str:
        """A name not used yet."""
        self.count += 1
        return f"{stem}{self.count}"

    def hold(self, thing: object) -> str:
        """A name under which the function finds a thing."""
        name = self.name("K")
        self.objects[name] = thing
        return name

    def truth(self, expression: Any) -> str:  # Any: a boolean expression
        """A condition."""
        inner = getattr(expression, "expression", None)
        if not isinstance(inner, Path) or self.plain(inner) is None:
            return self.ask(expression)
        name = self._look_up(inner)
        known = f"{name} is not None if type({name}) in PLAIN else {self.ask(expression)}"
        return f"({name} if type({name}) is bool else {known})"

    def value(self, expression: Any) -> str:  # Any: an expression
        """What an expression comes to, as Python."""
        if isinstance(expression, Path):
            return self.path(expression)
        if not isinstance(expression, FilteredExpression):
            return self.ask(expression)
        filters = expression.filters or ()
        if not isinstance(expression.left, Path) or any(self._arguments(one) is None for one in filters):
            return self.ask(expression)
        made = self.path(expression.left)
        for one in filters:
            given = "".join(f", {arg}" for arg in self._arguments(one) or ())
            whole = f"{self.hold(self.env.filters[one.name])}({made}{given})"
            made = self._quick(one, made, whole=whole) if made.isidentifier() else whole
        return made

    def _quick(self, one: Any, made: str, *, whole: str) -> str:  # Any: a filter
        """A plain filter of a number or a short text needs no weighing: nothing large goes in or comes out.

        Three steps are counted for it, more than weighing would count.
        """
        inner = getattr(self.env.filters[one.name], "__wrapped__", None)
        literal = all(type(arg.value).__name__ in _LITERALS and len(str(arg.value)) < _SHORT for arg in one.args)
        if inner is None or one.name not in _QUICK or not literal:
            return whole
        given = [arg for arg in self._arguments(one) or () if arg != "context=B"]
        name = self.name("q")
        called = f"{self.hold(inner)}({', '.join([made, *given])})"
        kept = called
        if all(arg in self.objects for arg in given):
            kept = f"{self.hold(Kept(inner, [self.objects[arg] for arg in given]))}[{made}]"
        self.line(f"if type({made}) is float:")
        self.line(f"  W.left -= 3; {name} = {kept}")
        self.line(f"elif type({made}) is str and len({made}) < {_SHORT}:")
        self.line(f"  W.left -= 3; {name} = {called}")
        self.line(f"else: {name} = {whole}")
        return name

    def _arguments(self, one: Any) -> list[str] | None:  # Any: a filter
        """A filter's arguments as Python; None where they are not plain."""
        function = self.env.filters.get(one.name)
        if function is None:
            return None
        given = []
        for arg in one.args:
            name, inner = getattr(arg, "name", None), arg.value
            if isinstance(inner, Path):
                made = self.path(inner)
            elif type(inner).__name__ in _LITERALS:
                made = self.hold(inner.evaluate(SimpleNamespace(autoescape=self.env.autoescape, env=self.env)))
            else:
                return None
            given.append(f"{name}={made}" if name else made)
        given += ["context=B"] if getattr(function, "with_context", False) else []
        return given + (["environment=B.env"] if getattr(function, "with_environment", False) else [])

    def plain(self, path: Path) -> str | None:
        """A path as plain Python; None where it is not plain."""
        root, *keys = path.path
        if not isinstance(root, str) or not all(isinstance(key, str | int) for key in keys):
            return None
        if any(key in {"size", "first", "last"} for key in keys) and root != "forloop":
            return None
        made = next((one[root] for one in reversed(self.loops) if root in one), "")
        if not made:
            made = f"G[{root!r}]"
            if keys and root not in self.assigned and "*" not in self.assigned:
                made = self.roots.setdefault(root, f"R{len(self.roots)}")
            if root in self.assigned or "*" in self.assigned:
                made = f"(L[{root!r}] if {root!r} in L else {made})"
        for key in keys:
            made = f"{made}[{key!r}]" if isinstance(key, str) else f"AT({made}, {key})"
        return made

    def path(self, path: Path) -> str:
        """A name that holds what stands at a path."""
        if self.plain(path) is None:
            return self.ask(path)
        return self._look_up(path)

    def _look_up(self, path: Path) -> str:
        """A name for what stands at a plain path: what cannot have changed since is not looked up again."""
        found = self.plain(path) or ""
        if found in self.seen:
            return self.seen[found]
        name = self.name("p")
        self.line("try:")
        self.line(f"  {name} = {found}")
        self.line("except LOST:")
        self.line(f"  {name} = {self.ask(path)}")
        if path.path[0] not in self.assigned and "*" not in self.assigned:
            self.seen[found] = name
        return name

    def ask(self, expression: Any) -> str:  # Any: an expression
        """python-liquid's own evaluation."""
        seen = [f"{name!r}: {held}" for one in self.loops for name, held in one.items()]
        return f"B.ask({self.hold(expression)}, {'{' + ', '.join(seen) + '}' if seen else 'NONE'}, L, G)"
