"""How a declared fact becomes SQL: what it reads of each table, and its value, rows behind it and latest row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tactful.know.measures import BOUND, SCALE, TIE_ORDER, kept, kind_of_fact, kinds
from tactful.project.facts import Fact
from tactful.reckon import decay
from tactful.store import contracts
from tactful.store.conditions import Kind, Named, where
from tactful.store.statement import (
    Aggregate,
    Bound,
    Call,
    Case,
    Cast,
    Column,
    Expression,
    From,
    Function,
    Gather,
    Infix,
    IsKnown,
    Join,
    Select,
    SqlType,
    all_of,
)
from tactful.words.clock import Clock
from tactful.words.condition import names_in
from tactful.words.fact import Provenance

_VALUE_COLUMNS = {
    "text": "value_text",
    "integer": "value_integer",
    "decimal": "value_decimal",
    "instant": "value_time",
    "flag": "value_integer",
}
_ZERO, _ONE = Bound(0), Bound(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A fact's value, rows behind it and latest row, as expressions over the joined rows."""

    value: Expression
    count: Expression
    latest: Expression


class Plan:
    """Gathers what the facts need of each table, so that each table is read in few passes."""

    def __init__(self, clock: Clock, *, keys: tuple[int, int] | None) -> None:
        self._keys = keys
        self.carried: list[tuple[str, Expression]] = []
        self.now: datetime = clock.now
        self.today: date = clock.today
        self.clock = clock
        self.half_lives: dict[str, set[int]] = {}
        self._scalars: dict[str, list[tuple[str, Expression]]] = {}
        self._further: dict[str, tuple[str, Select]] = {}
        self._needs: dict[str, set[str]] = {}

    def part(self, name: str, fact: Fact) -> Part:
        """One fact as expressions over the joined rows; what it reads is noted."""
        if fact.from_ == "customers":
            return self._of_customer(name, fact)
        if fact.from_ == "facts":
            return self._told(name, fact)
        keep = kept(name, fact)
        read = {"happened_at"} | set(filter(None, (keep.column, keep.by)))
        if fact.where is not None:
            read |= names_in(fact.where)
        if keep.how in ("first", "last"):
            read |= set(TIE_ORDER[fact.from_])
        self._needs.setdefault(fact.from_, set()).update(read)
        if fact.half_life:
            self.half_lives.setdefault(fact.from_, set()).add(fact.half_life)
        return self._top(name, fact) if keep.how == "top" else self._scalar(name, fact)

    def shown(self, name: str, *, fact: Fact, part: Part) -> list[tuple[str, Expression]]:
        """The two columns of a fact: fewer rows than needed are nothing, an old value falls silent."""
        enough = Infix(">=", part.count, Bound(fact.needs_count))
        fresh: Expression = enough
        if fact.stale_after is not None:
            fresh = Infix("AND", enough, Infix(">=", part.latest, Bound(self.clock.days_before(fact.stale_after))))
        value = part.value if fact.at_least is None else Infix(">=", part.value, Bound(fact.at_least))
        return [(name, Case(((fresh, value),))), (f"{name}__as_of", Case(((enough, part.latest),)))]

    def _of_customer(self, name: str, fact: Fact) -> Part:
        assert fact.column is not None  # `kind_of_fact` saw to it
        value: Expression = Column(fact.column, "p")
        if fact.where is not None:
            scope = {own: Named(Column(own, "p"), kind) for own, kind in kinds("customers").items()}
            value = Case(((where(fact.where, scope, place=f"fact {name}"), value),))
        return Part(value=value, count=Case(((IsKnown(value), _ONE),), _ZERO), latest=Column("loaded_at", "p"))

    def _told(self, name: str, fact: Fact) -> Part:
        """A fact that was told, corrected or brought along; acquired ones are kept and never used."""
        column = Column(_VALUE_COLUMNS[fact.type])
        value: Expression = Infix("!=", column, _ZERO) if fact.type == "flag" else column
        latest = Aggregate(
            function=Gather.ARG_MAX,
            arguments=(value, Call(Function.ROW, (Column("observed_at"), Column("source"), value))),
        )
        of_it = Infix("AND", Infix("=", Column("fact"), Bound(name)), IsKnown(column))
        usable = Infix("!=", Column("provenance"), Bound(Provenance.ACQUIRED.value))
        in_time = Infix("<=", Column("observed_at"), Bound(self.now))
        rows = Select(
            columns=(
                ("customer_id", Column("customer_id")),
                ("value", latest),
                ("count", Aggregate(function=Gather.COUNT)),
                ("latest", Aggregate(function=Gather.MAX, arguments=(Column("observed_at"),))),
            ),
            source=From("facts", "f"),
            where=all_of((of_it, usable, in_time)),
            group_by=(Column("customer_id"),),
        )
        return self._joined(rows, by="customer_id")

    def _joined(self, rows: Select, *, by: str) -> Part:
        alias = f"j{len(self._further)}"
        self._further[alias] = (by, rows)
        value, count, latest = (self._carry(alias, name, by=by) for name in ("value", "count", "latest"))
        return Part(value=value, count=count, latest=latest)

    def _carry(self, alias: str, name: str, *, by: str) -> Column:
        """A column of joined rows; where the rows know customers by id, everyone carries it."""
        if by == "customer_key":
            return Column(name, alias)
        carried = f"{alias}__{name}"
        self.carried.append((carried, Column(name, alias)))
        return Column(carried, "p")

    def _rows_behind(self, name: str, fact: Fact) -> Expression:
        """Which rows count: the declared ones, within the window, that hold a value."""
        keep = kept(name, fact)
        parts: list[Expression] = [
            IsKnown(self._native(fact.from_, column)) for column in (keep.column, keep.by) if column
        ]
        if fact.where is not None:
            parts.append(where(fact.where, self._scope(fact.from_), place=f"fact {name}"))
        if fact.window != "all":
            begins, ends = self.clock.days_before(fact.window), self.clock.midnight
            parts.append(Infix(">=", Column("happened_at"), Bound(begins)))
            parts.append(Infix("<", Column("happened_at"), Bound(ends)))
        return all_of(parts)

    def _scalar(self, name: str, fact: Fact) -> Part:
        rows = self._rows_behind(name, fact)
        columns = self._scalars.setdefault(fact.from_, [])
        alias, number = f"s_{fact.from_}", len(columns)
        gathered = (
            ("v", self._gathered(name, fact, rows=rows)),
            ("n", Aggregate(function=Gather.COUNT, where=rows)),
            ("t", Aggregate(function=Gather.MAX, arguments=(Column("happened_at"),), where=rows)),
        )
        columns += [(f"{letter}{number}", what) for letter, what in gathered]
        by = _key(fact.from_)
        value, count, latest = (self._carry(alias, f"{letter}{number}", by=by) for letter, _ in gathered)
        return Part(value=self._read(name, fact, gathered=value), count=count, latest=latest)

    def _gathered(self, name: str, fact: Fact, *, rows: Expression) -> Expression:
        keep = kept(name, fact)
        own = self._native(fact.from_, keep.column) if keep.column else Column("happened_at")
        match keep.how:
            case "count" if not fact.half_life:
                return Aggregate(function=Gather.COUNT, where=rows)
            case "count" | "sum":
                units = self._units(fact.from_, keep.column) if keep.how == "sum" and keep.column else _ONE
                return Aggregate(function=Gather.SUM, arguments=(self._weighed(units, fact),), where=rows)
            case "count_distinct":
                return Aggregate(function=Gather.COUNT, arguments=(own,), where=rows, distinct=True)
            case "first" | "last":
                order = Call(Function.ROW, (*map(Column, TIE_ORDER[fact.from_]), own))
                pick = Gather.ARG_MIN if keep.how == "first" else Gather.ARG_MAX
                return Aggregate(function=pick, arguments=(own, order), where=rows)
            case _:
                return Aggregate(function=Gather.MIN if keep.how == "min" else Gather.MAX, arguments=(own,), where=rows)

    def _read(self, name: str, fact: Fact, *, gathered: Expression) -> Expression:
        keep, kind = kept(name, fact), kind_of_fact(name, fact)
        match keep.how:
            case "count_distinct":
                return Call(Function.LEAST, (gathered, Bound(BOUND)))
            case "days_since":
                return Infix("-", Bound(self.today), self._day(gathered))
            case "count" | "sum":
                summed = kinds(fact.from_)[keep.column] if keep.how == "sum" and keep.column else Kind.INTEGER
                total = gathered
                if kind is Kind.DECIMAL and summed is Kind.INTEGER:
                    total = Infix("*", total, Bound(SCALE))
                whole = _nearest(total) if fact.half_life else total
                return _money(whole) if Kind.DECIMAL in (kind, summed) else Cast(whole, SqlType.WHOLE)
        return gathered

    def _top(self, name: str, fact: Fact) -> Part:
        """The value with the largest total, the smallest value where totals tie; none above the bound."""
        keep = kept(name, fact)
        assert keep.column is not None  # `kept` saw to it
        units = self._units(fact.from_, keep.by) if keep.by else _ONE
        by = _key(fact.from_)
        totals = Select(
            columns=(
                (by, Column(by)),
                ("value", self._native(fact.from_, keep.column)),
                ("total", Aggregate(function=Gather.SUM, arguments=(self._weighed(units, fact),))),
                ("count", Aggregate(function=Gather.COUNT)),
                ("latest", Aggregate(function=Gather.MAX, arguments=(Column("happened_at"),))),
            ),
            source=From(lines_of(fact.from_), "l"),
            where=self._rows_behind(name, fact),
            group_by=(Column(by), self._native(fact.from_, keep.column)),
        )
        order = Call(Function.ROW, (Infix("-", _ZERO, Column("total")), Column("value")))
        best = Aggregate(
            function=Gather.ARG_MIN,
            arguments=(Column("value"), order),
            where=Infix(">", Column("total"), _ZERO),
        )
        few = Infix("<=", Aggregate(function=Gather.COUNT), Bound(BOUND))
        rows = Select(
            columns=(
                (by, Column(by)),
                ("value", Case(((few, best),))),
                ("count", Aggregate(function=Gather.SUM, arguments=(Column("count"),))),
                ("latest", Aggregate(function=Gather.MAX, arguments=(Column("latest"),))),
            ),
            source=From(totals, "t"),
            group_by=(Column(by),),
        )
        return self._joined(rows, by=by)

    def _weighed(self, units: Expression, fact: Fact) -> Expression:
        wide = Cast(units, SqlType.HUGE)
        if not fact.half_life:
            return wide
        return Infix("*", wide, Call(Function.COALESCE, (Column(f"weight_{fact.half_life}"), _ZERO)))

    def _native(self, table: str, column: str) -> Expression:
        if table == "transactions" and column == "revenue":
            return Infix("*", Column("quantity"), Column("unit_price"))
        return Column(column)

    def _units(self, table: str, column: str) -> Expression:
        """A number as the algebra sums it: decimals in units of 0.0001."""
        if table == "transactions" and column == "revenue":
            return Infix("*", Cast(Column("quantity"), SqlType.HUGE), _scaled(Column("unit_price")))
        return _scaled(Column(column)) if kinds(table)[column] is Kind.DECIMAL else Column(column)

    def _scope(self, table: str) -> dict[str, Named]:
        return {name: Named(self._native(table, name), kind) for name, kind in kinds(table).items()}

    def _day(self, instant: Expression) -> Expression:
        """The project day of an instant."""
        return Cast(Call(Function.TIMEZONE, (Bound(self.clock.zone), instant)), SqlType.DAY)

    def joins(self) -> dict[str, tuple[Join, ...]]:
        """Each table's gathered facts, and those that need a grouping of their own, beside each customer."""
        found: dict[str, list[Join]] = {"transactions": [], "other": []}
        scalars = {
            f"s_{table}": (
                _key(table),
                Select(
                    columns=((_key(table), Column(_key(table))), *columns),
                    source=From(lines_of(table), "l"),
                    group_by=(Column(_key(table)),),
                ),
            )
            for table, columns in self._scalars.items()
        }
        for alias, (by, rows) in (scalars | self._further).items():
            join = Join(From(rows, alias), Infix("=", Column(by, alias), Column(by, "p")))
            found["transactions" if by == "customer_key" else "other"].append(join)
        return {place: tuple(joins) for place, joins in found.items()}

    def within(self, of: str) -> Expression | None:
        """The range of customers asked for."""
        if self._keys is None:
            return None
        key = Column("customer_key", of)
        return Infix("AND", Infix(">=", key, Bound(self._keys[0])), Infix("<=", key, Bound(self._keys[1])))

    def shared(self) -> Iterable[tuple[str, Select]]:
        """The rows of each table: those of a customer, up to now, each line beside its item."""
        for table, read in self._needs.items():
            read = read - {"revenue"} | ({"quantity", "unit_price"} if "revenue" in read else set())
            items = read & set(kinds("items")) - set(_own(table)) if table == "transactions" else set()
            columns = [(name, Column(name, "i" if name in items else "t")) for name in sorted(read)]
            columns += [
                (f"weight_{days}", Column("weight", f"d{days}")) for days in sorted(self.half_lives.get(table, ()))
            ]
            joins = [Join(From("items_now", "i"), Infix("=", Column("item_id", "i"), Column("item_id", "t")))]
            yield (
                lines_of(table),
                Select(
                    columns=((_key(table), Column(_key(table), "t")), *columns),
                    source=From(table, "t"),
                    joins=(*(joins if items else ()), *self._weights(table)),
                    where=self._within_reach(table),
                ),
            )

    def _within_reach(self, table: str) -> Expression:
        parts: list[Expression] = [
            IsKnown(Column(_key(table), "t")),
            Infix("<=", Column("happened_at", "t"), Bound(self.now)),
        ]
        within = self.within("t") if table == "transactions" else None
        return all_of([*parts, *([within] if within is not None else [])])

    def _weights(self, table: str) -> Iterable[Join]:
        for days in sorted(self.half_lives.get(table, ())):
            age = Infix("-", Bound(self.today), self._day(Column("happened_at", "t")))
            yield Join(From(f"decay_{days}", f"d{days}"), Infix("=", Column("age", f"d{days}"), age))


def _own(table: str) -> tuple[str, ...]:
    return tuple(column.name for column in contracts.table(table).columns)


def lines_of(table: str) -> str:
    """The name under which a statement shares a table's rows."""
    return f"lines_of_{table}"


def _key(table: str) -> str:
    """Transactions carry the customer's key, events the id only."""
    return "customer_key" if table == "transactions" else "customer_id"


def _scaled(expression: Expression) -> Expression:
    return Cast(Infix("*", expression, Bound(SCALE)), SqlType.HUGE)


def _money(units: Expression) -> Expression:
    return Cast(Infix("*", Cast(units, SqlType.WIDE), Bound(Decimal(1) / SCALE)), SqlType.MONEY)


def _nearest(total: Expression) -> Expression:
    """A total in units of 2^-30 to the nearest whole, halves away from 0."""
    wide = Cast(total, SqlType.HUGE)
    twice = Infix("*", Call(Function.ABS, (wide,)), Bound(2))
    half = Infix("//", Infix("+", twice, Bound(decay.ONE)), Bound(2 * decay.ONE))
    return Infix("*", Cast(Call(Function.SIGN, (wide,)), SqlType.HUGE), half)
