"""A condition's one canonical spelling: texts that mean the same tree are written the same, and can be read again."""

from __future__ import annotations

from decimal import Decimal

from tactful.words.condition import All, Among, Any, Compare, Condition, Known, Not, Value


def written(condition: Condition) -> str:
    """The canonical text of a condition.

    >>> from tactful.words.condition import read_condition
    >>> written(read_condition("kind='sale'   AND not (quantity<1 or country in ('UK'))"))
    "kind = 'sale' and not (quantity < 1 or country in ('UK'))"
    """
    match condition:
        case Compare(name, sign, value):
            return f"{name} {sign} {_literal(value)}"
        case Among(name, values):
            return f"{name} in ({', '.join(map(_literal, values))})"
        case Known(name):
            return f"{name} is known"
        case Not(Known(name)):
            return f"{name} is unknown"
        case Not(inner):
            return f"not {_grouped(inner)}"
        case All(parts):
            return " and ".join(map(_grouped, parts))
        case Any(parts):
            return " or ".join(map(_grouped, parts))


def _grouped(condition: Condition) -> str:
    text = written(condition)
    return f"({text})" if isinstance(condition, All | Any) else text


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return str(value)
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
