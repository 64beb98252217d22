"""The limits of a run as a table: how much there is, how much is used, what it costs, and what more would be worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa

from tactful.decide.arms import Arms
from tactful.decide.believed import Prices
from tactful.store import lake
from tactful.words.money import Money
from tactful.words.outcome import DrawnBy
from tactful.words.score import UNITS_PER_MINOR
from tactful.words.sealed import Sealed

Row = dict[str, Any]  # Any: one line as JSON

_MORE: Final = {
    "messages": "a thousand more",
    "promises": "a thousand more",
    "score units": "another 1,000 {currency}",
    "millionths of a complaint": "one more complaint",
}
_MILLION: Final = 1_000_000


def facts(tables: Mapping[str, Sealed | pa.Table], *, currency: str) -> list[Row]:
    """One entry for each limit: its name, most, used, price of a unit, its deviation, and what more would be worth.

    Args:
        tables: `arms`, `prices` and `decisions` of a run.
        currency: of the project; amounts are in it, as text.
    """
    rows = lake.read(tables["prices"])
    if not rows.num_rows:
        return []
    arms = Arms.of(lake.read(tables["arms"]))
    uses = Prices.of(rows, arms=arms).use
    place = {arm_id: arm for arm, arm_id in enumerate(arms.batch["arm_id"].to_pylist())}
    chosen = [place[arm_id] for arm_id in lake.read(tables["decisions"], columns=["arm_id"])["arm_id"].to_pylist()]
    count = np.bincount(np.array(chosen, dtype=np.int64), minlength=len(arms))
    found = []
    for row in rows.to_pylist():
        if row["most"] is None or row["resource"] not in uses:
            continue
        unit, used = row["unit"], int((uses[row["resource"]] * count).sum())
        each = _MILLION if unit == "millionths of a complaint" else 1
        found.append({
            "resource": row["resource"], "unit": unit, "most": row["most"], "used": used,
            "there_is": _amount(row["most"], unit=unit, currency=currency),
            "is_used": _amount(used, unit=unit, currency=currency),
            "price": _priced(row["price"] * each / row["per"], unit=unit, currency=currency),
            "deviation": _priced((row["deviation"] or 0) * each / row["per"], unit=unit, currency=currency),
            "more": _MORE[unit].format(currency=currency), "worth": _money(row["thousand"] or 0, currency=currency),
            "binds": row["price"] > 0,
        })  # fmt: skip
    return found


def lines(rows: Sequence[Row], *, drawn_by: Mapping[str, int]) -> Iterator[str]:
    """The table, and the share of decisions that limits changed.

    Args:
        rows: as `facts` gives them.
        drawn_by: decisions by how their arm came about.
    """
    if not rows:
        return
    wide = max(len("limit"), *(len(row["resource"]) for row in rows))
    yield f"{'limit':<{wide}}  {'used':>13}  {'there is':>13}  {'one costs':>12}"
    for row in rows:
        price = f"{row['price']:>12}" if row["binds"] else f"{'nothing':>12}"
        yield f"{row['resource']:<{wide}}  {row['is_used']:>13}  {row['there_is']:>13}  {price}"
    for row in rows:
        if row["binds"]:
            sure = f" (a unit costs {row['price']}, give or take {row['deviation']})"
            yield f"{row['resource']} is short: {row['more']} would be worth {row['worth']}{sure}."
    changed = [f"{drawn_by[by.value]:,} by {by.value}" for by in _CHANGES if drawn_by.get(by.value)]
    if changed:
        yield f"Limits had a part in {', '.join(changed)}; repair and exact are left out when policies are evaluated."


_CHANGES: Final = (DrawnBy.TIE, DrawnBy.REPAIR, DrawnBy.EXACT)


def _amount(value: int, *, unit: str, currency: str) -> str:
    if unit == "score units":
        return _money(value, currency=currency)
    return f"{value / _MILLION:,.2f}" if unit == "millionths of a complaint" else f"{value:,}"


def _priced(value: float, *, unit: str, currency: str) -> str:
    return f"{value:,.2f}" if unit == "score units" else _money(round(value), currency=currency)


def _money(units: int, *, currency: str) -> str:
    """Score units as money, to the smallest unit of the currency."""
    one = Money(amount=Decimal(0), currency=currency)
    return Money(amount=Decimal(round(units / UNITS_PER_MINOR)).scaleb(-one.digits), currency=currency).shown
