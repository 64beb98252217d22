"""What the columns of transactions and events hold, so that a fact over them means the same live and by night."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Final

from tactful.project.columns import OF_ITEMS
from tactful.project.facts import Fact, Keep
from tactful.store import contracts
from tactful.store.conditions import Kind, kind_of
from tactful.words.errors import Misuse

Unit = int | str | bool
"""A value inside the algebra: decimals in units of 0.0001, instants in microseconds since 1970."""

DIGITS: Final = 4
SCALE: Final = 10**DIGITS
BOUND: Final = 4096
"""Different values up to which `count_distinct` counts, and up to which `top` names a favourite."""

TIE_ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    "transactions": ("happened_at", "order_id", "item_id", "line"),
    "events": ("happened_at", "event_id"),
}
"""The total order of a table's rows, by which `first` and `last` are told; what is still equal goes by the value."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBERS: Final = (Kind.INTEGER, Kind.DECIMAL)


@cache
def kinds(table: str) -> dict[str, Kind]:
    """What each column that a fact over this table may name holds.

    >>> kinds("transactions")["revenue"], kinds("transactions")["category"]
    (<Kind.DECIMAL: 'decimal'>, <Kind.TEXT: 'text'>)
    """
    found = _kinds_of(table)
    if table == "transactions":
        items = _kinds_of("items")
        found |= {name: items[name] for name in OF_ITEMS} | {"revenue": Kind.DECIMAL}
    return found


def _kinds_of(table: str) -> dict[str, Kind]:
    kinds_by_name = {column.name: kind_of(column.type) for column in contracts.table(table).columns}
    return {name: kind for name, kind in kinds_by_name.items() if kind is not None}


def kept(name: str, fact: Fact) -> Keep:
    """The aggregate of a fact over transactions or events, checked against what its columns hold.

    Raises:
        Misuse: the aggregate cannot be taken of this column; the message says what could.
    """
    if fact.keep is None:
        raise _wrong(name, "says no aggregate", do="write keep: count(), last(column) …")
    keep, known = fact.keep, kinds(fact.from_)
    needs_column = keep.how not in ("count", "days_since")
    for column in filter(None, (keep.column, keep.by)):
        if column not in known:
            raise _wrong(name, f"{column!r} is no column of {fact.from_}", do=f"use one of {', '.join(sorted(known))}")
    if needs_column and keep.column is None:
        raise _wrong(name, f"{keep.how}() of which column?", do=f"write {keep.how}(column)")
    summed = keep.column if keep.how == "sum" else keep.by
    if summed and known[summed] not in _NUMBERS:
        raise _wrong(name, f"{summed} holds no numbers to sum", do="sum a number such as quantity")
    if keep.how == "days_since" and keep.column and known[keep.column] is not Kind.INSTANT:
        raise _wrong(name, f"{keep.column} holds no instant", do="write days_since()")
    if fact.half_life and keep.how not in ("count", "sum", "top"):
        raise _wrong(name, f"{keep.how} does not decay", do="leave half_life out, or count, sum or take the top")
    if fact.at_least is not None and keep.how not in ("count", "count_distinct", "sum", "days_since"):
        raise _wrong(name, f"{keep.how} has no threshold", do="leave at_least out")
    return keep


def kind_of_fact(name: str, fact: Fact) -> Kind:
    """What the profile's column of a fact holds.

    >>> from tactful.project.facts import Fact
    >>> kind_of_fact("spent", Fact.model_validate({"from": "transactions", "keep": "sum(revenue)"}))
    <Kind.DECIMAL: 'decimal'>
    """
    if fact.from_ == "customers":
        if fact.column is None:
            raise _wrong(name, "says no column of customers", do="write column: language")
        found = _kinds_of("customers").get(fact.column)
        if found is None:
            raise _wrong(name, f"{fact.column!r} is no column of customers", do="name one that is")
        return found
    if fact.from_ == "facts":
        return Kind(fact.type)
    keep = kept(name, fact)
    if fact.at_least is not None:
        return Kind.FLAG
    if keep.how in ("count", "sum") and fact.half_life and fact.type == "decimal":
        return Kind.DECIMAL
    if keep.how in ("count", "count_distinct", "days_since"):
        return Kind.INTEGER
    assert keep.column is not None  # `kept` saw to it
    return kinds(fact.from_)[keep.column]


def to_unit(value: object, kind: Kind) -> Unit:
    """A value as the algebra holds it.

    >>> to_unit(Decimal("2.95"), Kind.DECIMAL)
    29500
    """
    match value:
        case bool() | str():
            return value
        case datetime():
            return (value - _EPOCH) // timedelta(microseconds=1)
        case int() | Decimal() if kind is Kind.DECIMAL:
            return int(value * SCALE)
        case int():
            return value
    raise TypeError(f"{value!r} is no {kind.value}")


def from_unit(value: Unit, kind: Kind) -> Unit | Decimal | datetime:
    """The value that the algebra held.

    >>> from_unit(29500, Kind.DECIMAL)
    Decimal('2.9500')
    """
    if kind is Kind.DECIMAL:
        return Decimal(value).scaleb(-DIGITS).quantize(Decimal(1).scaleb(-DIGITS))
    return _EPOCH + timedelta(microseconds=int(value)) if kind is Kind.INSTANT else value


def _wrong(name: str, what: str, *, do: str) -> Exception:
    return Misuse.say(where=f"fact {name}", what=what, do=do)
