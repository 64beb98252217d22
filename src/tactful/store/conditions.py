"""Conditions that people write, as SQL: names from a scope only, unknown values as `words.condition` has them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

import pyarrow as pa

from tactful.store.statement import Bound, Column, Expression, Infix, IsIn, IsKnown, Not, all_of, any_of
from tactful.words import condition as written
from tactful.words.errors import Misuse


class Kind(Enum):
    """What a column holds, as far as a comparison asks. Stability: full."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    INSTANT = "instant"
    DAY = "day"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Named:
    """What a name in a condition stands for, and what it holds. Stability: caller.

    Attributes:
        expression: its SQL.
        kind: what it may be compared with.
        scale: numbers in a condition are multiplied by this first, for columns kept in units of 1 / scale.
    """

    expression: Expression
    kind: Kind
    scale: int = 1


def where(condition: written.Condition, scope: Mapping[str, Named], *, place: str = "condition") -> Expression:
    """A written condition as SQL; unknown compares as not true, as `words.condition.holds` has it.

    Args:
        condition: the tree of the condition.
        scope: every name that may stand in it.
        place: where it was written, for the error's first words.

    Raises:
        Misuse: a name that is not in scope, or a comparison of text with a number.

    >>> from tactful.words.condition import read_condition
    >>> scope = {"orders": Named(Column("orders"), Kind.INTEGER)}
    >>> where(read_condition("orders > 2"), scope)
    Infix(sign='>', left=Column(name='orders', of=''), right=Bound(value=2))
    """
    match condition:
        case written.Compare(name, sign, value):
            found = _found(name, scope, place=place)
            return Infix(sign, found.expression, _value(value, found, name=name, place=place))
        case written.Among(name, values):
            found = _found(name, scope, place=place)
            return IsIn(found.expression, tuple(_value(value, found, name=name, place=place) for value in values))
        case written.Known(name):
            return IsKnown(_found(name, scope, place=place).expression)
        case written.Not(inner):
            return Not(where(inner, scope, place=place))
        case written.All(parts):
            return all_of(where(part, scope, place=place) for part in parts)
        case written.Any(parts):
            return any_of(where(part, scope, place=place) for part in parts)
        case _:
            assert_never(condition)


def scope_of(schema: pa.Schema, *, of: str = "", scaled: Mapping[str, int] | None = None) -> dict[str, Named]:
    """Every column of a table that a condition may compare, as a scope.

    Args:
        schema: the table's columns.
        of: name of the source within the statement.
        scaled: columns kept in units of 1 / scale, such as familiarity in units of 2^-20.

    >>> sorted(scope_of(pa.schema([("stage", pa.string()), ("seen", pa.list_(pa.string()))])))
    ['stage']
    """
    return {
        field.name: Named(Column(field.name, of), kind, (scaled or {}).get(field.name, 1))
        for field in schema
        if (kind := kind_of(field.type)) is not None
    }


def kind_of(found: pa.DataType) -> Kind | None:
    """What a column of this type holds; None where nothing can be compared with it."""
    tests = {
        Kind.TEXT: lambda t: pa.types.is_string(t) or pa.types.is_large_string(t),
        Kind.INTEGER: pa.types.is_integer,
        Kind.DECIMAL: pa.types.is_decimal,
        Kind.INSTANT: pa.types.is_timestamp,
        Kind.DAY: pa.types.is_date,
        Kind.FLAG: pa.types.is_boolean,
    }
    return next((kind for kind, is_it in tests.items() if is_it(found)), None)


def _found(name: str, scope: Mapping[str, Named], *, place: str) -> Named:
    if name in scope:
        return scope[name]
    close = difflib.get_close_matches(name, scope, n=1)
    raise Misuse.say(
        where=place,
        what=f"{name[:80]!r} is no fact or column here",
        meant=repr(close[0]) if close else "",
        do=f"use one of {', '.join(sorted(scope))}",
    )


def _value(value: written.Value, found: Named, *, name: str, place: str) -> Bound:
    fits = {Kind.TEXT: isinstance(value, str), Kind.FLAG: isinstance(value, bool)}.get(
        found.kind, not isinstance(value, str | bool)
    ) and found.kind not in (Kind.INSTANT, Kind.DAY)
    if not fits:
        raise Misuse.say(
            where=place,
            what=f"{name} is {found.kind.value} and cannot be compared with {value!r}",
            do="compare text with text in 'quotes', numbers with numbers, flags with true or false; "
            "for instants declare a days_since fact",
        )
    return Bound(value * found.scale if found.scale != 1 and not isinstance(value, str | bool) else value)
