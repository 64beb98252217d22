"""A template compiled to a function that notes, for one message, what is printed and the way that is taken.

The words between are not written at all. What a reader of the notes needs besides (which prints are values, what they
read, the static words) depends on the way alone, so it is asked of the reference once for each way: `rowwise` does so.
Where the way would not tell, because what stands behind a value hangs on the value itself, the function stands aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import count
from typing import Any, cast

from tactful.compose.liquid import (
    CycleNode,
    FilteredExpression,
    Limited,
    LoopExpression,
    Markup,
    OutputNode,
    Parsed,
    Path,
    before_escaping,
    is_undefined,
)
from tactful.compose.rows import Bench, RowFunction
from tactful.compose.spelling import Unfitting, paths
from tactful.compose.writing import Writer

_LOST = (KeyError, TypeError, IndexError)
_PLAIN = frozenset({str, Markup, int, float, bool, type(None), Decimal})
_PRINTING = frozenset({"AssignNode", "RememberingAssign", "SpeakingCycle", "SpeakingEcho", "ForNode"})
_GIVING = frozenset({"RenderNode", "IncludeNode"})
Way = tuple[object, ...]


class Aside(Exception):
    """The way that is taken would not tell what stands behind a value. Stability: internal."""


class Notebook(Bench):
    """What one render notes: the way, step by step, beside the work. Stability: internal."""

    __slots__ = ("printed", "way")

    def __init__(self, parsed: Parsed) -> None:
        super().__init__(parsed)
        self.printed: list[str] = []
        self.way: list[object] = []

    def show(self, value: Any, site: int) -> None:  # Any: whatever a template prints
        """A value that is no plain text, printed; whether it is a number or markup belongs to the way.

        Raises:
            Aside: it holds others, which stand somewhere themselves.
        """
        if is_undefined(value):
            str(value)  # raises where variables are strict
        kind = type(value)
        if issubclass(kind, list | tuple | dict | range):
            raise Aside("what holds others is printed")
        text, is_markup = before_escaping(value, autoescape=self.autoescape)
        if is_markup:
            self.way.append(site + 1)
        elif issubclass(kind, int | float | Decimal) and kind is not bool:
            self.way.append(site + 2)
        self.printed.append(str(text))

    def plain(self, value: Any) -> Any:  # Any: whatever a filter makes
        """What a filter made and a name is given.

        Raises:
            Aside: it holds parts of the context, or is one.
        """
        if type(value) not in _PLAIN:
            raise Aside("a filter chose among what stands in the context")
        return value

    def goes(self, value: Any) -> None:  # Any: whatever a loop is given
        """What a loop goes through.

        Raises:
            Aside: its entries do not stand where their turn says.
        """
        if not (type(value) in {list, range, type(None)} or is_undefined(value)):
            raise Aside("a loop goes through what is no list")

    def reach(self, path: Path, names: Mapping[str, object], *more: Any) -> tuple[str, ...]:  # Any: as in `ask`
        """What a path that is not plain goes through in this message."""
        context = self.context(names, *more)
        keys = [one.evaluate(context) if isinstance(one, Path) else one for one in path.path]
        found = [repr(key) for key in keys]
        value: Any = context.scope.get(cast("str", keys[0]))  # Any: whatever stands there
        for key in keys[1:]:
            if key == "last" or (isinstance(key, int) and key < 0):
                found.append(str(len(value)) if type(value) is list else "")
            try:
                value = context.get_item(value, key)
            except _LOST:
                return (*found, "lost")
        return tuple(found)


class Noter(Writer):
    """Writes a function that notes. Stability: internal.

    Attributes:
        sites: numbers of places in the template and its partials, four for each.
    """

    def __init__(self, *, env: Limited, is_partial: bool, sites: Iterator[int]) -> None:
        super().__init__(env=env, is_partial=is_partial)
        self.sites = sites

    def written(self, nodes: Any) -> str:  # Any: nodes of python-liquid
        """The function's source."""
        self.line("F = B.way.append; T = B.printed.append")
        return super().written(nodes)

    def _mark(self) -> None:
        self.line(f"F({next(self.sites)})")

    def _node(self, node: Any) -> None:  # Any: the attributes of python-liquid's nodes differ
        kind = type(node).__name__
        if isinstance(node, OutputNode | CycleNode) or kind in _PRINTING or kind in _GIVING:
            for expression in node.expressions():
                for path in paths(expression):
                    if self._turns_on_values(path):
                        self.line(f"F(B.reach({self.hold(path)}, {self.names()}, L, G))")
        if kind in _GIVING:
            self._mark()
        super()._node(node)

    def _turns_on_values(self, path: Path) -> bool:
        """Whether where a path leads hangs on values: on a key that is one, or on how long a list is."""
        counts_back = any(isinstance(key, int) and key < 0 for key in path.path)
        return (self.plain(path) is None or counts_back) and path.path[0] != "forloop"

    def _lost(self) -> None:
        self.line(f"  F({next(self.sites)})")

    def _content(self, node: Any) -> None:  # Any: as above
        if len(self.out) > 1:
            super()._content(node)

    def _output(self, node: Any) -> None:  # Any: as above
        if len(self.out) > 1:
            super()._output(node)
        else:
            self._put(self.value(node.expression))

    def _put(self, value: str) -> None:
        if len(self.out) > 1:
            super()._put(value)
            return
        name = value if value.isidentifier() else self.name("x")
        if name != value:
            self.line(f"{name} = {value}")
        self.line(f"T({name}) if type({name}) is str else B.show({name}, {next(self.sites)})")

    def _count(self, value: str) -> None:
        if len(self.out) > 1:
            super()._put(value)
        else:
            self.line(f"F({value})")

    def _assigned(self, node: Any) -> str:  # Any: as above
        value, filters = self.value(node.expression), getattr(node.expression, "filters", None)
        is_own = isinstance(node.expression, FilteredExpression) and (not filters or filters[-1].name == "split")
        return value if is_own else f"B.plain({value})"

    def _block(self, node: Any) -> None:  # Any: as above
        if type(node).__name__ == "Noted":
            self._mark()
        super()._block(node)

    _noted = _block

    def _goes_through(self, loop: LoopExpression) -> None:
        if isinstance(loop.iterable, Path):
            self._goes(self.path(loop.iterable))
        for one in (loop.limit, loop.offset):
            if one is not None:
                self.line(f"F(repr({self.ask(one)}))")

    def _goes(self, value: str) -> None:
        self.line(f"B.goes({value})")

    def _turns(self, count: str) -> None:
        self.line(f"F(-1 - {count})")

    def _render(self, node: Any) -> None:  # Any: as above
        if len(self.out) > 1:
            raise Unfitting("a partial within a capture")
        super()._render(node)


class Notes(RowFunction):
    """One template as a function that notes. Stability: internal.

    Raises:
        Unfitting: a construct that is not compiled, and which.
    """

    def __init__(self, parsed: Parsed) -> None:
        self.sites = count(0, 4)
        super().__init__(parsed)

    def _writer(self, env: Limited, *, is_partial: bool) -> Writer:
        return Noter(env=env, is_partial=is_partial, sites=self.sites)

    def take(self, data: Mapping[str, object]) -> tuple[Way, list[str]]:
        """The way one message takes, and what is printed on it, values and what is the same for everybody.

        Args:
            data: what the template sees; mappings and lists are plain ones.
        """
        book = self.escaped.here.bench = Notebook(self.parsed)
        self.code(data if type(data) is dict else dict(data), [], book)
        book.budget.spend(0)
        return tuple(book.way), book.printed
