"""Conditions of a declaration over whole columns: the same answers as `words.condition.holds` gives row by row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.load.numbers import Flags
from tactful.words.condition import All, Among, Any, Compare, Condition, Known, Not, Value

_COMPARED = {
    "=": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}


def fits(condition: Condition, columns: Mapping[str, pa.Array], *, rows: int, zone: str = "UTC") -> Flags:
    """For which rows a condition holds; what is absent compares as not true.

    Instants and days are compared with ISO text in quotes, read in `zone` where it names none.

    Args:
        condition: over names of `columns`.
        columns: by name, each with `rows` values.
        rows: number of rows.
        zone: IANA name.

    Raises:
        ValueError: a name is no column, or a value cannot be compared with its column.

    >>> from tactful.words.condition import read_condition
    >>> columns = {"quantity": pa.array([1, -2, None])}
    >>> fits(read_condition("quantity < 0"), columns, rows=3).tolist()
    [False, True, False]
    >>> fits(read_condition("not quantity < 0"), columns, rows=3).tolist()
    [True, False, False]
    """
    return np.asarray(pc.fill_null(_truth(condition, columns, rows=rows, zone=zone), fill_value=False))


def _truth(condition: Condition, columns: Mapping[str, pa.Array], *, rows: int, zone: str) -> pa.BooleanArray:
    """True, false, or absent where the values needed are; three-valued, so `not` stays right."""
    match condition:
        case Known(name):
            return _column(columns, name).is_valid()
        case Compare(name, sign, value):
            column = _column(columns, name)
            return _COMPARED[sign](column, _value(value, name=name, column=column, zone=zone))
        case Among(name, values):
            column = _column(columns, name)
            wanted = (pc.equal(column, _value(value, name=name, column=column, zone=zone)) for value in values)
            return reduce(pc.or_kleene, wanted)
        case Not(inner):
            return pc.invert(_truth(inner, columns, rows=rows, zone=zone))
        case All(parts):
            yes = pa.array(np.ones(rows, np.bool_))
            return reduce(pc.and_kleene, (_truth(part, columns, rows=rows, zone=zone) for part in parts), yes)
        case Any(parts):
            no = pa.array(np.zeros(rows, np.bool_))
            return reduce(pc.or_kleene, (_truth(part, columns, rows=rows, zone=zone) for part in parts), no)


def _column(columns: Mapping[str, pa.Array], name: str) -> pa.Array:
    if name not in columns:
        raise ValueError(f"{name!r} is not filled here; there are {', '.join(sorted(columns))}")
    return columns[name]


def _value(value: Value, *, name: str, column: pa.Array, zone: str) -> pa.Scalar:
    """The value as one of the column's type."""
    kind = column.type
    if pa.types.is_boolean(kind) and isinstance(value, bool):
        return pa.scalar(value)
    if pa.types.is_string(kind) and isinstance(value, str):
        return pa.scalar(value)
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if is_number and (pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
        return pa.scalar(value)
    if pa.types.is_timestamp(kind) and isinstance(value, str):
        return pa.scalar(instant_of(value, zone=zone), kind)
    if pa.types.is_date(kind) and isinstance(value, str):
        return pa.scalar(date.fromisoformat(value), kind)
    raise ValueError(f"{name} is {kind} and cannot be compared with {value!r}")


def instant_of(text: str, *, zone: str) -> datetime:
    """An ISO instant in UTC; without an offset it is read in the zone.

    >>> instant_of("2011-07-01", zone="Europe/London").isoformat()
    '2011-06-30T23:00:00+00:00'
    """
    written = datetime.fromisoformat(text)
    return (written if written.tzinfo else written.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
