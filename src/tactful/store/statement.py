"""SQL from declarations as a small typed tree: names are checked and quoted, values bound, nothing formatted in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal, assert_never

from tactful.store.sql import Query
from tactful.words.errors import Misuse

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


class SqlType(Enum):
    """Types a value may be cast to. Stability: internal."""

    WHOLE = "BIGINT"
    HUGE = "HUGEINT"
    MONEY = "DECIMAL(18, 4)"
    WIDE = "DECIMAL(30, 0)"
    DAY = "DATE"
    INSTANT = "TIMESTAMPTZ"
    TEXT = "VARCHAR"


class Function(Enum):
    """The functions a declaration may lead to; each is exact and the same on every run. Stability: internal."""

    ABS = "abs"
    SIGN = "sign"
    COALESCE = "coalesce"
    LEAST = "least"
    ROW = "row"
    TIMEZONE = "timezone"
    YEAR = "year"


class Gather(Enum):
    """The aggregates a declaration may lead to; none picks a row by accident. Stability: internal."""

    COUNT = "count"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    ARG_MIN = "arg_min"
    ARG_MAX = "arg_max"


@dataclass(frozen=True, slots=True)
class Column:
    """A column, of a source where that must be said. Stability: caller."""

    name: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """A value; it is bound and never becomes text of the statement. Stability: caller."""

    value: object


@dataclass(frozen=True, slots=True)
class Call:
    """A function of some expressions. Stability: caller."""

    function: Function
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """An aggregate of the rows for which `where` holds; COUNT without arguments counts rows. Stability: caller."""

    function: Gather
    arguments: tuple[Expression, ...] = ()
    where: Expression | None = None
    distinct: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """An aggregate over the rows that share `partition`. Stability: caller."""

    function: Gather
    arguments: tuple[Expression, ...]
    partition: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Infix:
    """Two expressions and the sign between them. Stability: caller."""

    sign: Literal["=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "//", "AND", "OR"]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown. Stability: caller."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class IsKnown:
    """Whether there is a value. Stability: caller."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class IsIn:
    """Whether a value is one of several. Stability: caller."""

    inner: Expression
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """The same value as another type. Stability: caller."""

    inner: Expression
    to: SqlType


@dataclass(frozen=True, slots=True)
class Case:
    """The value of the first branch whose condition holds, else `otherwise`. Stability: caller."""

    branches: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression | None = None


Expression = Column | Bound | Call | Aggregate | Window | Infix | Not | IsKnown | IsIn | Cast | Case


@dataclass(frozen=True, slots=True)
class From:
    """Rows to read, under a name: a table, a tree, or a statement that stands in a file. Stability: caller."""

    rows: str | Select | Query
    name: str


@dataclass(frozen=True, slots=True)
class Join:
    """Further rows beside each row; those without a partner keep their place when `keeps_all`. Stability: caller."""

    source: From
    on: Expression
    keeps_all: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """A question. Stability: caller.

    Attributes:
        columns: name of each column of the answer and what it is.
        source: the rows.
        joins: rows beside them.
        where: which rows.
        group_by: one row of the answer for each distinct value of these.
        order_by: order of the answer; must be total where it is used.
        shared: rows that several parts of the statement read, by name.
    """

    columns: tuple[tuple[str, Expression], ...]
    source: From
    joins: tuple[Join, ...] = ()
    where: Expression | None = None
    group_by: tuple[Expression, ...] = ()
    order_by: tuple[Expression, ...] = ()
    shared: tuple[tuple[str, Select | Query], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A statement and the values bound in it: what an engine takes. Stability: caller."""

    query: Query
    values: dict[str, object]


def render(select: Select, *, name: str, values: Mapping[str, object] | None = None) -> Rendered:
    """The text of a tree, with every value bound.

    Args:
        select: the tree.
        name: what to call the statement in errors.
        values: values that statements from files within the tree ask for.

    Raises:
        Misuse: a name that cannot be an identifier.

    >>> tree = Select(columns=(("who", Column("customer_id")),), source=From("profiles", "p"),
    ...               where=Infix("=", Column("stage"), Bound("x' OR 1=1 --")))
    >>> found = render(tree, name="example")
    >>> print(found.query.text)
    SELECT "customer_id" AS "who"
    FROM "profiles" AS "p"
    WHERE ("stage" = $p0)
    >>> found.values
    {'p0': "x' OR 1=1 --"}
    """
    writer = _Writer(dict(values or {}))
    return Rendered(query=Query(name, writer.select(select)), values=writer.values)


def identifier(name: str) -> str:
    """A name between double quotes; letters, digits and _ only, at most 63.

    >>> identifier("order_count")
    '"order_count"'
    >>> identifier('x" OR 1=1 --')
    Traceback (most recent call last):
        ...
    tactful.words.errors.Misuse: statement: 'x" OR 1=1 --' cannot name a column. Use letters, digits and _, at most 63.
    """
    if not _NAME.fullmatch(name):
        shown = name if len(name) <= 80 else f"{name[:80]}…"
        raise Misuse.say(
            where="statement",
            what=f"{shown!r} cannot name a column",
            do="use letters, digits and _, at most 63",
        )
    return f'"{name}"'


class _Writer:
    """Writes a tree down, keeping the values aside."""

    def __init__(self, values: dict[str, object]) -> None:
        self.values = values
        self._numbers: dict[tuple[type, object], str] = {}

    def select(self, tree: Select) -> str:
        lines = []
        if tree.shared:
            # DuckDB keeps shared rows in memory unless told not to; ours are read again instead.
            parts = [f"{identifier(name)} AS NOT MATERIALIZED (\n{self._rows(rows)}\n)" for name, rows in tree.shared]
            lines.append("WITH " + ",\n".join(parts))
        columns = ",\n  ".join(f"{self.write(what)} AS {identifier(name)}" for name, what in tree.columns)
        lines += [f"SELECT {columns}", f"FROM {self._from(tree.source)}"]
        for join in tree.joins:
            kind = "LEFT JOIN" if join.keeps_all else "JOIN"
            lines.append(f"{kind} {self._from(join.source)} ON {self.write(join.on)}")
        if tree.where is not None:
            lines.append(f"WHERE {self.write(tree.where)}")
        if tree.group_by:
            lines.append("GROUP BY " + ", ".join(map(self.write, tree.group_by)))
        if tree.order_by:
            lines.append("ORDER BY " + ", ".join(f"{self.write(key)} NULLS LAST" for key in tree.order_by))
        return "\n".join(lines)

    def _rows(self, rows: Select | Query) -> str:
        return rows.text.rstrip().rstrip(";") if isinstance(rows, Query) else self.select(rows)

    def _from(self, source: From) -> str:
        if isinstance(source.rows, str):
            return f"{identifier(source.rows)} AS {identifier(source.name)}"
        return f"(\n{self._rows(source.rows)}\n) AS {identifier(source.name)}"

    def write(self, tree: Expression) -> str:
        match tree:
            case Column(name, of):
                return f"{identifier(of)}.{identifier(name)}" if of else identifier(name)
            case Bound(value):
                return self._bind(value)
            case Call(function, arguments):
                return f"{function.value}({self._list(arguments)})"
            case Infix(sign, left, right):
                return f"({self.write(left)} {sign} {self.write(right)})"
            case Not(inner):
                return f"(NOT {self.write(inner)})"
            case IsKnown(inner):
                return f"({self.write(inner)} IS NOT NULL)"
            case IsIn(inner, values):
                return f"({self.write(inner)} IN ({self._list(values)}))"
            case Cast(inner, to):
                return f"CAST({self.write(inner)} AS {to.value})"
            case Case() | Aggregate() | Window():
                return self._longer(tree)
            case _:
                assert_never(tree)

    def _longer(self, tree: Case | Aggregate | Window) -> str:
        match tree:
            case Case(branches, otherwise):
                parts = [f"WHEN {self.write(when)} THEN {self.write(then)}" for when, then in branches]
                tail = "" if otherwise is None else f" ELSE {self.write(otherwise)}"
                return f"CASE {' '.join(parts)}{tail} END"
            case Aggregate():
                inner = self._list(tree.arguments) or "*"
                only = f" FILTER (WHERE {self.write(tree.where)})" if tree.where is not None else ""
                return f"{tree.function.value}({'DISTINCT ' if tree.distinct else ''}{inner}){only}"
            case Window():
                inner = self._list(tree.arguments) or "*"
                return f"{tree.function.value}({inner}) OVER (PARTITION BY {self._list(tree.partition)})"

    def _list(self, parts: Iterable[Expression]) -> str:
        return ", ".join(map(self.write, parts))

    def _bind(self, value: object) -> str:
        """A place for a value; the same value twice is one place, so that equal expressions are equal to the engine."""
        key = (type(value), value)
        if key not in self._numbers:
            self._numbers[key] = f"p{len(self._numbers)}"
            if self._numbers[key] in self.values:
                raise Misuse.say(
                    where="statement", what=f"{self._numbers[key]} is bound twice", do="name values otherwise than p0"
                )
            self.values[self._numbers[key]] = value
        return f"${self._numbers[key]}"


def all_of(parts: Iterable[Expression]) -> Expression:
    """Every one of several conditions; true where there are none."""
    found: Expression | None = None
    for part in parts:
        found = part if found is None else Infix("AND", found, part)
    return Bound(True) if found is None else found


def any_of(parts: Iterable[Expression]) -> Expression:
    """At least one of several conditions; false where there are none."""
    found: Expression | None = None
    for part in parts:
        found = part if found is None else Infix("OR", found, part)
    return Bound(False) if found is None else found
