"""The limits of a run as a table: how much there is, how much is used, what it costs, and what more would be worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.decide.believed import BY_COST, MOST, Prices
from tactful.decide.own_costs import price_of_more
from tactful.decide.prices import PROMISED
from tactful.reckon.limits import SHIFT
from tactful.store import lake
from tactful.words import score
from tactful.words.money import Money
from tactful.words.outcome import DrawnBy
from tactful.words.score import UNITS_PER_MINOR
from tactful.words.sealed import Sealed

Row = dict[str, Any]  # Any: one line as JSON

_MORE: Final = {
    "messages": "a thousand more a day",
    "promises": "a thousand more",
    "score units": "another {thousand}",
    "millionths of a complaint": "one more complaint a day",
}
_MILLION: Final = 1_000_000


@dataclass(frozen=True, kw_only=True)
class _Used:
    """What the decisions of a run use."""

    arms: Arms
    prices: Prices
    chosen: NDArray[np.int64]
    score: NDArray[np.int64]
    own: NDArray[np.int64]
    """By decision, what its offer costs more than its arm says."""

    @classmethod
    def of(cls, tables: Mapping[str, Sealed | pa.Table], *, rows: pa.Table) -> _Used:
        arms = Arms.of(lake.read(tables["arms"]))
        place = {arm_id: arm for arm, arm_id in enumerate(arms.batch["arm_id"].to_pylist())}
        decisions = lake.read(tables["decisions"], columns=["arm_id", "score", "offer_cost"])
        chosen = np.array([place[arm_id] for arm_id in decisions["arm_id"].to_pylist()], dtype=np.int64)
        stated = arms.offer_cost[chosen]
        own = decisions["offer_cost"].to_numpy() if decisions["offer_cost"].null_count == 0 else None
        if own is None:
            said = decisions["offer_cost"].to_pylist()
            own = np.array([s if o is None else o for o, s in zip(said, stated.tolist(), strict=True)], dtype=np.int64)
        return cls(
            arms=arms, prices=Prices.of(rows, arms=arms), chosen=chosen, score=decisions["score"].to_numpy(),
            own=own - stated,
        )  # fmt: skip

    def of_resource(self, name: str) -> int:
        """How much of a resource."""
        use = self.prices.use[name][self.chosen]
        more = np.where(use > 0, self.own, 0) if name.split(":", 1)[0] in BY_COST else 0
        return int((use + more).sum())

    def worth(self) -> int:
        """What they are believed to bring, before prices; score units."""
        own = self.own * price_of_more(self.arms, prices=self.prices, bits=SHIFT)[self.chosen] >> SHIFT
        return int((self.score + self.prices.price[self.chosen] + own).sum())


def facts(tables: Mapping[str, Sealed | pa.Table], *, currency: str) -> list[Row]:
    """One entry for each limit: its name, most, used, price of a unit, its deviation, and what more would be worth.

    What was promised of a program has an entry too, after the limits, with why it is not kept where it is not.

    Args:
        tables: `arms`, `prices` and `decisions` of a run.
        currency: of the project; amounts are in it, as text.
    """
    rows = lake.read(tables["prices"])
    if not rows.num_rows:
        return []
    used = _Used.of(tables, rows=rows)
    known = [row for row in rows.to_pylist() if row["resource"] in used.prices.use]
    limits = [
        _limit(row, used=used.of_resource(row["resource"]), currency=currency)
        for row in known
        if row["most"] is not None
    ]
    promises = [_promise(row, used=used, limits=limits, currency=currency) for row in known if row["least"] is not None]
    return limits + promises


def certificate(tables: Mapping[str, Sealed | pa.Table], *, currency: str) -> Row:
    """How far what was decided can at most be from the best that the limits allow; empty where no limit mattered.

    Args:
        tables: `arms`, `prices` and `decisions` of a run.
        currency: of the project.
    """
    rows = lake.read(tables["prices"])
    bounds = [bound for bound in rows["bound"].to_pylist() if bound is not None] if rows.num_rows else []
    if not bounds:
        return {}
    used = _Used.of(tables, rows=rows)
    missed = sum(
        missing * max(0, least - used.of_resource(name)) for name, (least, missing) in used.prices.promised.items()
    )
    worth, bound = used.worth() - missed, int(bounds[0])
    return {
        "worth": _money(worth, currency=currency), "at_most": _money(bound, currency=currency),
        "gap": (bound - worth) / bound if bound > 0 else 0.0,
        "exploring": _money(given_up, currency=currency) if (given_up := _given_up(rows)) else None,
    }  # fmt: skip


def _given_up(rows: pa.Table) -> int:
    """What exploring was expected to give up; score units."""
    return sum(row["load"] or 0 for row in rows.to_pylist() if row["resource"] == MOST)


def _limit(row: Row, *, used: int, currency: str) -> Row:
    unit = row["unit"]
    each = _MILLION if unit == "millionths of a complaint" else 1
    thousand = Money(amount=Decimal(1_000), currency=currency).shown
    return {
        "resource": row["resource"], "unit": unit, "most": row["most"], "used": used,
        "there_is": _amount(row["most"], unit=unit, currency=currency),
        "is_used": _amount(used, unit=unit, currency=currency),
        "price": _priced(row["price"] * each / row["per"], unit=unit, currency=currency),
        "deviation": _priced((row["deviation"] or 0) * each / row["per"], unit=unit, currency=currency),
        "more": _MORE[unit].format(thousand=thousand), "worth": _money(row["thousand"] or 0, currency=currency),
        "binds": row["price"] > 0,
    }  # fmt: skip


def _promise(row: Row, *, used: _Used, limits: Sequence[Row], currency: str) -> Row:
    resource, owed, has = row["resource"], row["least"], used.of_resource(row["resource"])
    missing = _money(row["missing"], currency=currency)
    mine = used.prices.use[resource] > 0
    tight = [one["resource"] for one in limits if _is_tight(used.prices.use[one["resource"]][mine], row=one)]
    why = ""
    if has < owed:
        why = f"one more would cost over {missing}, which is what one that is missing costs"
        if tight:
            why = f"{' and '.join(tight)} leave{'s' * (len(tight) == 1)} no more"
        if row["reach"] is not None and row["reach"] <= has:
            why = "nobody else may get it now"
    return {
        "resource": resource, "program": resource.removeprefix(PROMISED), "unit": row["unit"], "promised": owed,
        "used": has, "reach": row["reach"], "missing": missing, "why_missing": why, "binds": row["price"] < 0,
        "price": _priced(-row["price"] / row["per"], unit=row["unit"], currency=currency),
        "worth": _money(row["thousand"] or 0, currency=currency),
    }  # fmt: skip


def _is_tight(takes: NDArray[np.int64], *, row: Row) -> bool:
    """Whether a limit leaves too little for any of some arms, all of which use it."""
    return bool(takes.size and takes.all() and row["most"] - row["used"] < takes.min())


def lines(rows: Sequence[Row], *, drawn_by: Mapping[str, int], certified: Row | None = None) -> Iterator[str]:
    """The table, and the share of decisions that limits changed.

    Args:
        rows: as `facts` gives them.
        drawn_by: decisions by how their arm came about.
        certified: as `certificate` gives it.
    """
    if not rows:
        return
    limits = [row for row in rows if "promised" not in row]
    wide = max(len("limit"), *(len(row["resource"]) for row in rows))
    if limits:
        yield f"{'limit':<{wide}}  {'used':>13}  {'there is':>13}  {'one costs':>12}"
    for row in limits:
        price = f"{row['price']:>12}" if row["binds"] else f"{'nothing':>12}"
        yield f"{row['resource']:<{wide}}  {row['is_used']:>13}  {row['there_is']:>13}  {price}"
    for row in limits:
        if row["binds"]:
            yield f"{row['resource']} is short: {row['more']} would be worth {row['worth']} ({_sure(row)})."
    yield from (_promise_line(row) for row in rows if "promised" in row)
    if certified:
        yield (
            f"What was decided is worth {certified['worth']}; no other decisions within the limits would be worth more "
            f"than {certified['at_most']} ({certified['gap']:.2%} more at most{_exploring(certified)})."
        )
    yield from _changes(drawn_by)


def _exploring(certified: Row) -> str:
    """What of the gap is left to chance on purpose."""
    given_up = certified.get("exploring")
    return f"; exploring was expected to give up {given_up}" if given_up else ""


def _sure(row: Row) -> str:
    """What one unit costs, and how sure that is."""
    of = "every unit of money brings" if row["unit"] == "score units" else "one costs"
    return f"{of} {row['price']}, give or take {row['deviation']}"


def _promise_line(row: Row) -> str:
    said = f"{row['program']} was promised {row['promised']:,}"
    if row["why_missing"]:
        return f"{said} and can have only {row['used']:,}: {row['why_missing']}."
    if row["binds"]:
        return f"{said} and has {row['used']:,}; without the promise {row['worth']} more would be earned."
    return f"{said} and has {row['used']:,}, which it is worth without a promise."


def _changes(drawn_by: Mapping[str, int]) -> Iterator[str]:
    """How many decisions limits had a part in, and the share that evaluation leaves out."""
    total = max(1, sum(drawn_by.values()))
    changed = [f"{drawn_by[by.value]:,} by {by.value}" for by in _CHANGES if drawn_by.get(by.value)]
    if changed:
        out = sum(drawn_by.get(by.value, 0) for by in _LEFT_OUT)
        yield (
            f"Limits had a part in {', '.join(changed)}; repair and exact, {out / total:.1%} of all decisions, "
            "are left out when policies are evaluated."
        )


_LEFT_OUT: Final = (DrawnBy.REPAIR, DrawnBy.EXACT)
_CHANGES: Final = (DrawnBy.TIE, *_LEFT_OUT)


def _amount(value: int, *, unit: str, currency: str) -> str:
    if unit == "score units":
        return _money(value, currency=currency)
    return f"{value / _MILLION:,.2f}" if unit == "millionths of a complaint" else f"{value:,}"


def _priced(value: float, *, unit: str, currency: str) -> str:
    """What one unit costs: hundredths of the smallest coin, since a message seldom costs a whole one."""
    if unit == "score units":
        return f"{value:,.2f}"
    if unit == "millionths of a complaint":
        return _money(round(value), currency=currency)
    return score.told(round(value), currency=currency, places=2).removeprefix("+")


def _money(units: int, *, currency: str) -> str:
    """Score units as money, to the smallest unit of the currency."""
    one = Money(amount=Decimal(0), currency=currency)
    return Money(amount=Decimal(round(units / UNITS_PER_MINOR)).scaleb(-one.digits), currency=currency).shown
