"""The algebra of facts, live: a row is lifted, states are merged in any order, and a state is read as of a time.

A state holds integers per project day. Two states merge by days, so the order in which rows arrive says nothing; a
window takes whole days; decay weighs each day by its age. The night's SQL answers the same (`know.facts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from tactful.know.measures import BOUND, SCALE, TIE_ORDER, Unit, from_unit, kept, kind_of_fact, kinds, to_unit
from tactful.project.facts import Fact, Keep
from tactful.reckon import decay
from tactful.store.conditions import Kind
from tactful.words.clock import Clock
from tactful.words.condition import holds, names_in
from tactful.words.estimate import Undefined

Row = Mapping[str, object]
Body = Any  # Any: a total, a value, a place and its value, values, or totals by value, as `keep` says; see Partial


@dataclass(frozen=True, slots=True)
class Partial:
    """What one project day adds to a fact. Stability: internal.

    Attributes:
        count: rows behind it.
        last_at: latest of them, in microseconds since 1970.
        body: a total (count, sum), a value (min, max, days_since), a place and its value (first, last), at most
            `BOUND` values (count_distinct), or totals of at most `BOUND` + 1 values (top).
    """

    count: int
    last_at: int
    body: Body


State = Mapping[int, Partial]
"""Partials by project day (its ordinal). Erasing a day or a row's person is leaving it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A fact's value as of a time. Stability: full.

    Attributes:
        as_of: the latest row behind it.
        count: rows behind it.
    """

    value: Unit | Decimal | datetime
    as_of: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """One declared fact as an algebra. Stability: full.

    Attributes:
        names: columns of a row that it reads, `happened_at` and the order of ties aside.
    """

    name: str
    fact: Fact
    keep: Keep
    kind: Kind
    zone: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, name: str, *, fact: Fact, zone: str) -> Aggregate:
        """The algebra of a fact over transactions or events.

        Raises:
            Misuse: the declaration makes no sense for its columns.
        """
        keep = kept(name, fact)
        read = names_in(fact.where) if fact.where is not None else frozenset[str]()
        names = tuple(sorted(read | set(filter(None, (keep.column, keep.by)))))
        return cls(name=name, fact=fact, keep=keep, kind=kind_of_fact(name, fact), zone=zone, names=names)

    def lift(self, row: Row) -> State:
        """The state of a single row; empty where the row does not concern the fact.

        Args:
            row: columns of the table, those of the item (for transactions) beside them; decimals as Decimal, instants
                aware.
        """
        values = {name: _value(name, table=self.fact.from_, row=row) for name in self.names}
        if self.fact.where is not None and not holds(self.fact.where, values):
            return {}
        if any(values[name] is None for name in (self.keep.column, self.keep.by) if name):
            return {}
        happened = row["happened_at"]
        assert isinstance(happened, datetime)
        day = happened.astimezone(ZoneInfo(self.zone)).date().toordinal()
        table = kinds(self.fact.from_)
        units = {name: to_unit(values[name], table[name]) for name in (self.keep.column, self.keep.by) if name}
        last_at = int(to_unit(happened, Kind.INSTANT))
        return {day: Partial(1, last_at, self._body(units, row=row, last_at=last_at))}

    def _body(self, units: Mapping[str, Unit], *, row: Row, last_at: int) -> Body:
        own = units[self.keep.column] if self.keep.column else None
        match self.keep.how:
            case "count":
                return 1
            case "days_since":
                return last_at if own is None else own
            case "count_distinct":
                return frozenset([_sure(own)])
            case "top":
                return {_sure(own): int(units[self.keep.by]) if self.keep.by else 1}
            case "first" | "last":
                table = kinds(self.fact.from_)
                return (*(to_unit(row[name], table[name]) for name in TIE_ORDER[self.fact.from_]), _sure(own))
            case "sum" | "min" | "max":
                return _sure(own)
            case _:
                assert_never(self.keep.how)

    def merge(self, a: State, b: State) -> State:
        """Both states as one; commutative and associative, the empty state changes nothing."""
        return self.gather((a, b))

    def _merge_day(self, a: Partial, b: Partial) -> Partial:
        return Partial(a.count + b.count, max(a.last_at, b.last_at), self._merge_body(a.body, b.body))

    def _merge_body(self, a: Body, b: Body) -> Body:
        match self.keep.how:
            case "count" | "sum":
                return a + b
            case "min" | "first":
                return min(a, b)
            case "max" | "last" | "days_since":
                return max(a, b)
            case "count_distinct":
                return frozenset(sorted(a | b)[:BOUND])
            case "top":
                totals = dict(a)
                for value, total in b.items():
                    totals[value] = totals.get(value, 0) + total
                return {value: totals[value] for value in sorted(totals)[: BOUND + 1]}
            case _:
                assert_never(self.keep.how)

    def fold(self, rows: Iterable[Row]) -> State:
        """The state of many rows, in whatever order they come."""
        return self.gather(map(self.lift, rows))

    def gather(self, states: Iterable[State]) -> State:
        """Many states as one; the same as merging them one by one, without copying at each."""
        gathered: dict[int, Partial] = {}
        for state in states:
            for day, partial in state.items():
                other = gathered.get(day)
                gathered[day] = partial if other is None else self._merge_day(other, partial)
        return gathered

    def read(self, state: State, *, clock: Clock) -> Reading | Undefined:
        """The fact's value as of the clock's day, or why there is none.

        A window takes the whole project days before today; without a window every day counts, today's included.
        """
        today = clock.today.toordinal()
        first = 0 if self.fact.window == "all" else today - self.fact.window
        last = today if self.fact.window == "all" else today - 1
        days = {day: partial for day, partial in state.items() if first <= day <= last}
        count = sum(partial.count for partial in days.values())
        if count < self.fact.needs_count:
            return Undefined(f"{count} rows behind it; at least {self.fact.needs_count} are needed")
        as_of = from_unit(max(partial.last_at for partial in days.values()), Kind.INSTANT)
        assert isinstance(as_of, datetime)
        if self.fact.stale_after is not None and as_of < clock.days_before(self.fact.stale_after):
            return Undefined(f"older than {self.fact.stale_after} days")
        value = self._read(days, today=today)
        if isinstance(value, Undefined):
            return value
        if self.fact.at_least is not None:
            assert isinstance(value, int | Decimal)
            return Reading(value=value >= self.fact.at_least, as_of=as_of, count=count)
        return Reading(value=value, as_of=as_of, count=count)

    def _read(self, days: State, *, today: int) -> Unit | Decimal | datetime | Undefined:
        bodies = [partial.body for partial in days.values()]
        match self.keep.how:
            case "count" | "sum":
                return self._number(self._weighted(days, today=today))
            case "days_since":
                latest = from_unit(max(bodies), Kind.INSTANT)
                assert isinstance(latest, datetime)
                return today - latest.astimezone(ZoneInfo(self.zone)).date().toordinal()
            case "count_distinct":
                return min(BOUND, len(frozenset().union(*bodies)))
            case "top":
                return self._favourite(days, today=today)
            case "first" | "min":
                return self._picked(min(bodies))
            case "last" | "max":
                return self._picked(max(bodies))
            case _:
                assert_never(self.keep.how)

    def _picked(self, body: Body) -> Unit | Decimal | datetime:
        return from_unit(body[-1] if isinstance(body, tuple) else body, self.kind)

    def _weighted(self, days: State, *, today: int) -> int:
        """The total in units of 2^-30 where the fact decays, else as it is."""
        return sum(int(partial.body) * self._weight(today - day) for day, partial in days.items())

    def _weight(self, age: int) -> int:
        return int(decay.weights(age, half_life_days=self.fact.half_life)) if self.fact.half_life else 1

    def _number(self, total: int) -> Unit | Decimal | datetime:
        is_finer = self.kind is Kind.DECIMAL and self._summed_kind is Kind.INTEGER
        units = total * SCALE if is_finer else total
        return from_unit(_nearest(units) if self.fact.half_life else units, self.kind)

    @property
    def _summed_kind(self) -> Kind:
        return kinds(self.fact.from_)[self.keep.column] if self.keep.how == "sum" and self.keep.column else Kind.INTEGER

    def _favourite(self, days: State, *, today: int) -> Unit | Decimal | datetime | Undefined:
        totals: dict[Unit, int] = {}
        for day, partial in days.items():
            weight = self._weight(today - day)
            for value, total in partial.body.items():
                totals[value] = totals.get(value, 0) + total * weight
        if len(totals) > BOUND:
            return Undefined(f"more than {BOUND} different values")
        most = max(totals.values())
        if most <= 0:
            return Undefined("nothing is left of it")
        return from_unit(min(value for value, total in totals.items() if total == most), self.kind)


def _nearest(total: int) -> int:
    """A total in units of 2^-30 to the nearest whole, halves away from 0.

    >>> _nearest(3 << 29), _nearest(-(3 << 29))
    (2, -2)
    """
    half = (2 * abs(total) + decay.ONE) // (2 * decay.ONE)
    return half if total >= 0 else -half


def _sure(value: Unit | None) -> Unit:
    assert value is not None  # `lift` leaves such rows out
    return value


def _value(name: str, *, table: str, row: Row) -> Any:  # Any: what the column holds
    if table == "transactions" and name == "revenue":
        quantity, price = row["quantity"], row["unit_price"]
        assert isinstance(quantity, int)
        assert isinstance(price, Decimal)
        return quantity * price
    return row.get(name)
