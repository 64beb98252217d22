"""Comparisons that count as work: `contains` and `==` may look at every entry of a list in one step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from tactful.compose.limits import weigh
from tactful.compose.python_liquid import (
    ContainsExpression,
    EqExpression,
    Expression,
    NeExpression,
    RenderContext,
    Token,
    _AnyExpression,
    _contains,
    _eq,
)


def _others(one: Any) -> list[Expression]:  # Any: python-liquid's comparisons have no type in common
    return one.expressions if hasattr(one, "expressions") else [one.right]


def _weighed(kind: type[Any], compare: Callable[[Token, Any, list[Any]], object]) -> type[Any]:  # Any: the same
    """A comparison that counts as work by the size of what it compares: it may look at every entry of a list."""

    class Weighed(kind):  # type: ignore[misc]  # the kind comes in as a value
        __slots__ = ()

        def evaluate(self, context: RenderContext) -> object:
            """Weigh, then compare."""
            left, *others = values = [one.evaluate(context) for one in (self.left, *_others(self))]
            cast("Any", context).budget.spend(len(others) + sum(map(weigh, values)) // 200)
            return compare(self.token, left, others)

    return Weighed


_COMPARISONS: dict[type[Expression], type[Expression]] = {
    kind: _weighed(kind, compare)
    for kind, compare in (
        (ContainsExpression, lambda token, left, others: _contains(token, left, others[0])),
        (EqExpression, lambda _, left, others: _eq(left, others[0])),
        (NeExpression, lambda _, left, others: not _eq(left, others[0])),
        (_AnyExpression, lambda _, left, others: [_eq(left, other) for other in others]),
    )
}


def weigh_comparisons(expression: Expression) -> None:
    """Have an expression's comparisons weighed."""
    waiting = [expression]
    while waiting:
        one = waiting.pop()
        one.__class__ = _COMPARISONS.get(type(one), type(one))
        waiting.extend(one.children())
