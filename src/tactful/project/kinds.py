"""What columns and facts hold: numbers, text, flags or instants; a comparison that can never hold is found early."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from tactful.project.document import Document, Path
from tactful.project.facts import Fact
from tactful.words.condition import All, Among, Any, Compare, Condition, Known, Not, Value

Kind = Literal["number", "text", "flag", "instant", "list"]

_NUMBERS = frozenset(
    """quantity unit_price revenue list_price line stock value_integer value_decimal confidence familiarity
    knowledge""".split()
)
_INSTANTS = frozenset(
    """happened_at received_at joined_at active_from active_to counted_at observed_at value_time since checked_at
    birth_date""".split()
)
_FLAGS = frozenset("sellable price_includes_vat email_usable".split())
_LISTS = frozenset("topics_off occasions_off consents withdrawn".split())
_COUNTING = frozenset({"count", "count_distinct", "days_since", "sum"})
_DECAYING = frozenset({"count", "sum", "top"})


def kind_of_column(name: str) -> Kind:
    """What a canonical or profile column holds.

    >>> kind_of_column("revenue"), kind_of_column("category")
    ('number', 'text')
    """
    if name in _NUMBERS:
        return "number"
    if name in _INSTANTS:
        return "instant"
    if name in _FLAGS:
        return "flag"
    return "list" if name in _LISTS else "text"


def kind_of_fact(fact: Fact) -> Kind:
    """What a fact holds: what its aggregate or its column yields."""
    if fact.at_least is not None:
        return "flag"
    if fact.keep is not None:
        return "number" if fact.keep.how in _COUNTING else kind_of_column(fact.keep.column or "")
    if fact.column is not None and fact.from_ == "customers":
        return kind_of_column(fact.column)
    return {"integer": "number", "decimal": "number", "flag": "flag", "instant": "instant"}.get(fact.type, "text")  # type: ignore[return-value]  # the values are kinds


def check_aggregate(document: Document, path: Path, *, fact: Fact) -> None:
    """Findings where an aggregate cannot be taken of what its columns hold."""
    keep = fact.keep
    if keep is None:
        return
    summed = keep.column if keep.how == "sum" else keep.by
    if summed is not None and kind_of_column(summed) != "number":
        what = f"{summed} holds no numbers to sum"
        document.fault((*path, "keep"), rule="kind", what=what, fix="sum a number, such as quantity")
    if keep.how == "days_since" and keep.column is not None and kind_of_column(keep.column) != "instant":
        document.fault((*path, "keep"), rule="kind", what=f"{keep.column} holds no instant", fix="write days_since()")
    if fact.half_life and keep.how not in _DECAYING:
        what = f"{keep.how}() does not decay"
        document.fault((*path, "half_life"), rule="kind", what=what, fix="count, sum or take the top, or leave it out")
    if fact.at_least is not None and keep.how not in _COUNTING:
        what = f"{keep.how}() has no threshold"
        document.fault((*path, "at_least"), rule="kind", what=what, fix="count or sum, or leave it out")


def check_literals(document: Document, path: Path, *, condition: Condition, kind: Callable[[str], Kind | None]) -> None:
    """Findings where a condition compares a name with a value of another kind.

    Args:
        document: the file.
        path: where the condition stands.
        condition: read.
        kind: what a name holds; None where the name is unknown, which is said elsewhere.
    """
    for name, sign, value in _comparisons(condition):
        held = kind(name)
        if held is None or held == "instant":
            continue
        meant = "flag" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
        if held == "list":
            fix = f"write {name} is known"
            document.fault(path, rule="kind", what=f"{name!r} is a list and cannot be compared", fix=fix)
        elif held != meant:
            fix = {"number": "write a number without quotes", "text": "write text in 'quotes'"}.get(
                held, "write true or false"
            )
            document.fault(
                path, rule="kind", what=f"{name!r} holds {_SAID[held]} and is compared with {value!r}", fix=fix
            )
        elif held == "flag" and sign not in {"=", "!=", "in"}:
            document.fault(path, rule="kind", what=f"{name!r} is true or false; it is never {sign}", fix="write = true")


_SAID = {"number": "numbers", "text": "text", "flag": "true or false"}


def _comparisons(condition: Condition) -> list[tuple[str, str, Value]]:
    match condition:
        case Compare(name, sign, value):
            return [(name, sign, value)]
        case Among(name, values):
            return [(name, "in", value) for value in values]
        case Known():
            return []
        case Not(inner):
            return _comparisons(inner)
        case All(parts) | Any(parts):
            return [one for part in parts for one in _comparisons(part)]
