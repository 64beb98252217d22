"""Comparisons that count as work: `contains` and `==` may look at every entry of a list in one step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from tactful.compose.limits import Budget, weigh
from tactful.compose.python_liquid import (
    ContainsExpression,
    EqExpression,
    Expression,
    GeExpression,
    GtExpression,
    LeExpression,
    LtExpression,
    NeExpression,
    RenderContext,
    Token,
    _AnyExpression,
    _contains,
    _eq,
    _le,
    _lt,
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


Compared = Callable[[Any, Any, Budget], object]  # Any: as above


def comparison(expression: Any) -> Compared | None:  # Any: as above
    """What a comparison says of two values, counted as work as everywhere; None where it is no comparison."""
    token = expression.token
    for kind, compare in _WEIGHED_PAIRS:
        if isinstance(expression, kind):
            return lambda left, right, budget: _counted(compare, (token, left, right), budget=budget)
    for kind, order in _ORDERS:
        if isinstance(expression, kind):
            return lambda left, right, _: order(token, left, right)
    return None


def _counted(compare: Callable[[Token, Any, Any], object], given: tuple[Token, Any, Any], *, budget: Budget) -> object:
    budget.spend(1 + (weigh(given[1]) + weigh(given[2])) // 200)
    return compare(*given)


_WEIGHED_PAIRS: tuple[tuple[type[Expression], Callable[[Token, Any, Any], object]], ...] = (
    (ContainsExpression, _contains),
    (EqExpression, lambda _, left, right: _eq(left, right)),
    (NeExpression, lambda _, left, right: not _eq(left, right)),
)
_ORDERS: tuple[tuple[type[Expression], Callable[[Token, Any, Any], object]], ...] = (
    (LtExpression, _lt),
    (GtExpression, lambda token, left, right: _lt(token, right, left)),
    (LeExpression, lambda _, left, right: _le(left, right)),
    (GeExpression, lambda _, left, right: _le(right, left)),
)


def matches(given: tuple[Any, ...], budget: Budget) -> int:  # Any: as above
    """How many of the values of a `when` are met.

    Args:
        given: what is asked, then the values.
        budget: what the comparing is counted against.
    """
    left, *others = given
    budget.spend(len(others) + sum(map(weigh, given)) // 200)
    return sum(_eq(left, other) is True for other in others)
