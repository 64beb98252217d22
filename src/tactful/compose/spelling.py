"""Expressions of a template as Python: paths as they are, filters as calls, all else asked of python-liquid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

from tactful.compose.comparing import comparison
from tactful.compose.limits import DEAR
from tactful.compose.liquid import FilteredExpression, Limited, Path
from tactful.compose.python_liquid import (
    EqExpression,
    LogicalAndExpression,
    LogicalNotExpression,
    LogicalOrExpression,
    NeExpression,
)

_SHORT = 100
_MOST_FILTERS = 300
"""Compiling one costs a fifth of a millisecond."""
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


def inside(node: Any) -> list[Any]:  # Any: a node of python-liquid
    """The nodes within a node of the same template; a partial's are its own, also where its name differs by message."""
    if type(node).__name__ in {"RenderNode", "IncludeNode"}:
        return []
    return list(node.children(cast("Any", None), include_partials=False))


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
        self.filters = 0
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
        return (inner is not None and self._holds(inner)) or self.ask(expression)

    def _holds(self, one: Any) -> str | None:  # Any: an expression
        """Whether a value is true, or a comparison holds; None where it is asked of python-liquid as a whole.

        What is compared is looked up before: that raises nothing and changes nothing.
        """
        if isinstance(one, LogicalAndExpression | LogicalOrExpression):
            left, right = self._holds(one.left), self._holds(one.right)
            word = "and" if isinstance(one, LogicalAndExpression) else "or"
            return f"({left} {word} {right})" if left and right else None
        if isinstance(one, LogicalNotExpression):
            inner = self._holds(one.right)
            return f"(not {inner})" if inner else None
        if isinstance(one, Path):
            if self.plain(one) is None:
                return None
            name = self._look_up(one)
            known = f"{name} is not None if type({name}) in PLAIN else TRUE({name})"
            return f"({name} if type({name}) is bool else {known})"
        compared = comparison(one)
        sides = [self._side(side) for side in (one.left, one.right)] if compared else []
        if compared is None or not all(sides):
            return None
        whole = f"{self.hold(compared)}({', '.join(map(str, sides))}, W)"
        literal = self.objects.get(str(sides[1]))
        if not isinstance(one, EqExpression | NeExpression) or not isinstance(literal, str) or len(literal) > _SHORT:
            return whole
        self.line("W.left -= 1")
        sign = "==" if isinstance(one, EqExpression) else "!="
        is_short = f"type({sides[0]}) is str and len({sides[0]}) < {_SHORT}"
        return f"({sides[0]} {sign} {sides[1]} if {is_short} else {whole})"

    def matches(self, expression: Any) -> str:  # Any: the values of a `when`
        """How many of the values are met."""
        sides = [self._side(one) for one in (expression.left, *expression.expressions)]
        if not all(sides):
            return f"{self.ask(expression)}.count(True)"
        return f"MATCHES(({', '.join(map(str, sides))}), W)"

    def _side(self, one: Any) -> str | None:  # Any: an expression
        """One side of a comparison; None where it is neither a plain path nor a literal."""
        if isinstance(one, Path):
            return self._look_up(one) if self.plain(one) is not None else None
        if type(one).__name__ in _LITERALS | {"Empty", "Blank"}:
            return self._literal(one)
        return None

    def _literal(self, one: Any) -> str:  # Any: an expression
        """A name for a value that the author wrote."""
        return self.hold(one.evaluate(SimpleNamespace(autoescape=self.env.autoescape, env=self.env)))

    def value(self, expression: Any) -> str:  # Any: an expression
        """What an expression comes to, as Python."""
        if isinstance(expression, Path):
            return self.path(expression)
        if type(expression).__name__ in _LITERALS:
            return self._literal(expression)
        if not isinstance(expression, FilteredExpression):
            return self.ask(expression)
        filters = expression.filters or ()
        self.filters += len(filters)
        if self.filters > _MOST_FILTERS:
            raise Unfitting(f"more than {_MOST_FILTERS} filters in one template")
        left, is_literal = expression.left, type(expression.left).__name__ in _LITERALS
        if not (isinstance(left, Path) or is_literal) or any(self._arguments(one) is None for one in filters):
            return self.ask(expression)
        made = self.path(left) if isinstance(left, Path) else self._literal(left)
        for one in filters:
            given = "".join(f", {arg}" for arg in self._arguments(one) or ())
            whole = f"{self.hold(self.env.filters[one.name])}({made}{given})"
            made = self._quick(one, made, whole=whole) if made.isidentifier() else whole
        return made

    def _quick(self, one: Any, made: str, *, whole: str) -> str:  # Any: a filter
        """A plain filter of a number or a short text needs no weighing: nothing large goes in or comes out.

        Three steps are counted for it and what is dear of it, more than weighing would count.
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
        self.line(f"if type({made}) is float and -1e15 < {made} < 1e15:")
        self.line(f"  W.left -= {3 + DEAR.get(one.name, 0)}; {name} = {kept}")
        self.line(f"elif type({made}) is str and len({made}) < {_SHORT}:")
        self.line(f"  W.left -= {3 + DEAR.get(one.name, 0)}; {name} = {called}")
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
                made = self._literal(inner)
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
        self._lost()
        self.line(f"  {name} = {self.ask(path)}")
        if path.path[0] not in self.assigned and "*" not in self.assigned:
            self.seen[found] = name
        return name

    def _lost(self) -> None:
        """A plain path leads nowhere."""

    def ask(self, expression: Any) -> str:  # Any: an expression
        """python-liquid's own evaluation."""
        return f"B.ask({self.hold(expression)}, {self.names()}, L, G)"

    def names(self) -> str:
        """The names of loops and arguments, as Python."""
        seen = [f"{name!r}: {held}" for one in self.loops for name, held in one.items()]
        return "{" + ", ".join(seen) + "}" if seen else "NONE"
