"""Expressions that ask the columns: what a node needs plainly, what a name is bound to, what is printed as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from tactful.compose.columnar import Sweep
from tactful.compose.liquid import Expression, FilteredExpression, Path, RenderContext
from tactful.compose.placed import PlacedDict, Said
from tactful.compose.values import Branch, Column, Distinct, Tree, is_symbolic

Pair = tuple[Any, Any]  # Any: what must be the same for all rows, and what may differ


@dataclass(frozen=True, slots=True)
class Spelt:
    """A plain value told from others by how it is written: -0.0 is not 0.0, [1] is not [true]. Stability: internal."""

    kind: type
    text: str
    value: object = field(compare=False)


class Settling(Expression):
    """An expression whose plain value a node needs: rows part by it. Stability: internal."""

    __slots__ = ("inner",)

    def __init__(self, inner: Expression) -> None:
        super().__init__(inner.token)
        self.inner = inner

    def __str__(self) -> str:
        return str(self.inner)

    def evaluate(self, context: RenderContext) -> object:
        """The value, the same for all rows of the share."""
        here = cast("Sweep", context)
        key = here.outcome(self.inner, lambda: self.act(here), kind=type(self).__name__).key
        return key.value if type(key) is Spelt else key

    def act(self, context: Sweep) -> Pair:
        """The value of one row."""
        value = self.inner.evaluate(context)
        kind = type(value)
        one_way = value is None or issubclass(kind, str | int)  # an undefined value raises when isinstance asks
        return value if one_way else Spelt(kind, repr(value), value), None

    def children(self) -> list[Expression]:
        """As the expression itself."""
        return [self.inner]


class Truth(Settling):
    """A condition. Stability: internal."""

    __slots__ = ()

    def act(self, context: Sweep) -> Pair:
        """Whether it holds in one row."""
        return bool(self.inner.evaluate(context)), None


class Matches(Settling):
    """Which of the values of a `when` are met. Stability: internal."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        """As python-liquid gives it, a list."""
        return list(cast("tuple[object, ...]", super().evaluate(context)))


class Bound(Settling):
    """What is bound to a name: it may differ by row. Stability: internal."""

    __slots__ = ("spread",)

    def __init__(self, inner: Expression, *, spread: str = "") -> None:
        super().__init__(inner)
        self.spread = spread  # "all" that a loop goes through, "lists" only, or nothing

    def evaluate(self, context: RenderContext) -> object:
        """The value, or columns of it."""
        here = cast("Sweep", context)
        value = bare(self.inner, here)
        if value is None:
            value = here.outcome(self.inner, lambda: (None, self.inner.evaluate(here)), kind="bound").value
        return spread(value, here, kinds=self.spread) if type(value) is Column and self.spread else value


def bare(expression: Expression, context: Sweep) -> object:
    """What differs by row and is bound as it is; None where the expression must be evaluated."""
    inner = expression.left if isinstance(expression, FilteredExpression) and not expression.filters else expression
    if not isinstance(inner, Path):
        return None
    value, _, is_whole = context.walk(inner)
    return value if is_whole and is_symbolic(value) else None


def spread(column: Column, context: Sweep, *, kinds: str = "all") -> object:
    """What a loop goes through: rows part by its length, and each entry becomes a column."""

    def shape() -> Pair:
        value = column.distinct.objects[column.now]
        if isinstance(value, range):
            return ("range", value), None
        if isinstance(value, Mapping):
            return ("map", len(value)), list(value.items())
        if isinstance(value, str):
            return ("text", bool(value)), [value]
        if isinstance(value, Sequence):
            return ("list", len(value), getattr(value, "at", None)), value
        return ("none", 0), None

    if context.share.position < len(context.share.script):
        found = context.settle((), shape, memo=None)
    else:
        found = context.settle([column], shape, memo=("shape",))
    kind, size, *more = found.key
    if kinds == "lists" and kind != "list":
        return column
    if kind == "range":
        return size
    if kind == "none" or not size:
        return []
    lists = cast("Column", found.value)
    at = more[0] if more and more[0] is not None else ""
    return Branch([entry(lists, number) for number in range(int(size))], at)


def entry(lists: Column, number: int) -> Column:
    """One entry of every row's list."""
    known = lists.distinct.derived
    if number not in known:
        known[number] = Distinct([one[number] if one and len(one) > number else None for one in lists.distinct.objects])
    return Column(known[number], lists.codes, rows=lists.rows)


def said_plainly(expression: Expression, context: Sweep) -> Column | None:
    """The column that an expression prints as it stands: all its values are texts of one path."""
    if not isinstance(expression, FilteredExpression) or expression.filters or not isinstance(expression.left, Path):
        return None
    keys = expression.left.path
    if not all(isinstance(key, str | int) for key in keys):
        return None
    value: object = context.scope.get(cast("str", keys[0]))
    for number, key in enumerate(keys[1:], 1):
        if type(value) is Column:
            derived = _derived(value.distinct, tuple(keys[number:]))
            return Column(derived, value.codes, rows=value.rows) if derived.at else None
        if type(value) not in {Tree, Branch}:
            return None
        try:
            value = context.get_item(value, key)
        except (KeyError, TypeError, IndexError):
            return None
    return value if type(value) is Column and value.distinct.at else None


def _derived(distinct: Distinct, keys: tuple[object, ...]) -> Distinct:
    """The texts under a key of every mapping; `at` is empty where they are not all texts of one path."""
    if keys not in distinct.derived:
        found = []
        for one in distinct.objects:
            value = one.get(cast("str", keys[0])) if len(keys) == 1 and type(one) is PlacedDict else None
            found.append(value)
        sources = {one.source if type(one) is Said and one.paths == (one.source,) else "" for one in found}
        at = sources.pop() if len(sources) == 1 else ""
        distinct.derived[keys] = Distinct(found, at=at)
    return distinct.derived[keys]
