"""What people come to is paced: a price frozen for the day, along a planned path, corrected by what was really shown.

A place that people come to is decided when they come, one by one, so that nobody knows who else will. The plan is made
for as many customers as are expected, at the hours at which they used to come; its price and its path are sealed with
the other prices. When somebody comes, the price is the plan's, dearer where more was shown by now than planned.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.decide import capacity
from tactful.decide.arms import Arms
from tactful.decide.believed import Beliefs, Prices
from tactful.decide.kernel import scores
from tactful.decide.members import Inputs
from tactful.decide.prices import PER
from tactful.decide.solving import worth_of_more
from tactful.project.declared import Project
from tactful.reckon import dual, pacing
from tactful.reckon.chance import WHOLE, draws
from tactful.reckon.limits import SHIFT, Limits
from tactful.reckon.pacing import Plan
from tactful.reckon.worth import Worth
from tactful.store import contracts, lake
from tactful.words.clock import Clock
from tactful.words.touchpoint import Channel

Whole = NDArray[np.int64]

HOURS: Final = 24
PARTS: Final = 1_000
"""The path is kept in thousandths of a placement."""
_FORECAST: Final = 65_536


def planned(rows: pa.RecordBatch, *, inputs: Inputs, project: Project, clock: Clock) -> pa.RecordBatch:
    """The `prices` rows with a price and a path for every channel that people come to and that is limited.

    Args:
        rows: as `solving.solved` gives them: their `most` is what is left of the day.
        inputs: `inputs`, `arms`, `beliefs`, and `live_decision` of the last weeks where there is any.
        project: its policy says how many are expected.
        clock: the run's.
    """
    table = rows.to_pylist()
    visits = {one.channel: one.visits for one in project.policy.capacity.sends}
    mine = [row for row in table if row["most"] is not None and is_paced(row["resource"])]
    if not mine:
        return rows
    arms = Arms.of(lake.read(inputs["arms"]))
    shown, when = capacity.shown_today(inputs, clock=clock), _hours(inputs, clock=clock)
    for row in mine:
        channel = row["resource"].split(":", 1)[1]
        forecast = _forecast(inputs, rows=rows, arms=arms, channel=channel)
        if forecast is not None:
            row |= _plan(row, forecast, expected=float(visits[channel]), when=when, used=shown[channel], clock=clock)
    return pa.RecordBatch.from_pylist(table, schema=contracts.table("prices").schema)


def is_paced(resource: str) -> bool:
    """Whether a resource is what places that people come to can show.

    >>> is_paced("channel:web"), is_paced("channel:email"), is_paced("stock:ten-off")
    (True, False, False)
    """
    kind, _, channel = resource.partition(":")
    return kind == "channel" and not Channel.of(channel).is_push


def hour_of(now: datetime, *, zone: str) -> int:
    """The hour of the project's day.

    >>> hour_of(datetime.fromisoformat("2011-07-09T12:50:00+00:00"), zone="Europe/London")
    13
    """
    return now.astimezone(ZoneInfo(zone)).hour


def _hours(inputs: Inputs, *, clock: Clock) -> NDArray[np.float64]:
    """The share of a day's visits in each hour, as they were counted; even where hardly any were."""
    count = np.ones(HOURS)
    if "live_decision" in inputs:
        rows = lake.read(inputs["live_decision"])
        rows = rows.filter(pc.less(rows["decided_at"], clock.midnight))
        for moment in rows["decided_at"].to_pylist():
            count[hour_of(moment, zone=clock.zone)] += 1
    found: NDArray[np.float64] = count / count.sum()
    return found


def _forecast(inputs: Inputs, *, rows: pa.RecordBatch, arms: Arms, channel: str) -> tuple[Worth, Whole, int] | None:
    """Customers such as may come to the places of a channel, each place for itself; their keys; how many there are."""
    beliefs, free = Beliefs.of(lake.read(inputs["beliefs"]), arms=arms), Prices.of(rows, arms=arms)
    places = [place for place in arms.pull_touchpoints if Channel.of(place).value == channel]
    kinds = {place: arms.of_kind(place) for place in places}
    width = sum(kind.size - 1 for kind in kinds.values())
    value: list[Whole] = []
    may: list[NDArray[np.bool_]] = []
    keys: list[Whole] = []
    people = 0
    for batch in lake.batches(inputs["inputs"]) if width else ():
        people += batch.num_rows
        if sum(key.size for key in keys) >= _FORECAST or not batch.num_rows:
            continue
        flags = batch["eligible"].flatten().to_numpy(zero_copy_only=False).reshape(batch.num_rows, len(arms))
        first = 0
        for kind in kinds.values():
            score = scores(batch, arms=arms, beliefs=beliefs, prices=free, kind=kind)
            whole, able = np.zeros((batch.num_rows, width), dtype=np.int64), np.zeros((batch.num_rows, width), np.bool_)
            part = slice(first, first + kind.size - 1)
            whole[:, part], able[:, part] = score[:, 1:] - score[:, :1], flags[:, kind[1:]]
            value, may, keys = [*value, whole], [*may, able], [*keys, batch["customer_key"].to_numpy()]
            first += kind.size - 1
    if not keys:
        return None
    worth = Worth.of(np.concatenate(value), eligible=np.concatenate(may))
    return worth, np.concatenate(keys), people * len(kinds)


def _plan(  # a row, whom to expect, and where in the day one stands
    row: Mapping[str, Any],  # Any: a row of mixed columns
    forecast: tuple[Worth, Whole, int],
    *,
    expected: float,
    when: NDArray[np.float64],
    used: int,
    clock: Clock,
) -> dict[str, object]:
    worth, keys, everybody = forecast
    first = hour_of(clock.now, zone=clock.zone)
    later = when[first:] / when[first:].sum()
    chance = draws(keys, point=clock.today.isoformat(), purpose="visit", salt="") / float(WHOLE)
    step = first + np.minimum(np.searchsorted(np.cumsum(later), chance, side="right"), later.size - 1)
    limits = Limits.of(
        np.ones((1, worth.arms), dtype=np.int64), most=np.array([row["most"] + used]), names=(row["resource"],)
    )
    coming = max(1, round(everybody * expected * float(when[first:].sum())))
    made = pacing.plan(
        worth, step=step, limits=limits, steps=HOURS, first=first, coming=coming, used=np.array([used], dtype=np.int64)
    )
    share = worth.rows / coming
    scaled = Limits.of(limits.use, most=np.array([int(row["most"] * share)]), names=limits.names)
    found = dual.solve(worth, limits=scaled, start=made.prices)
    more = worth_of_more(found, worth=worth, limits=scaled, row=0, more=max(1, round(1_000 * share)))
    bits = SHIFT + worth.shift
    price = int(made.prices[0]) * PER
    price = price >> bits if bits >= 0 else price << -bits
    # With a price the limit is used up; many worth exactly the price are shown it or not as the path has room.
    uses = row["most"] * np.cumsum(later) if price else made.path[:, 0]
    path = np.concatenate([np.full(first, float(used)), used + uses])
    return {
        "price": max(0, price - max(price >> 12, 2 * PER)),
        "path": np.rint(path * PARTS).astype(np.int64).tolist(),
        "load": round(float(path[-1])) - used,
        "thousand": round(more / share),
    }  # fmt: skip


def corrected(rows: pa.Table, *, used: Mapping[str, int] | None, made: datetime, clock: Clock) -> pa.Table:
    """The sealed prices as they are at this moment.

    Within the day for which they were made, a price follows its path: dearer where more was shown by now than planned,
    cheaper where less. On another day, or where nobody knows what was used, prices are stale: all are conservative.

    Args:
        rows: `prices` of a run.
        used: channel resource → what it has shown today; None where that is not known.
        made: the run's clock.
        clock: now.
    """
    is_stale = used is None or Clock(now=made, zone=clock.zone).today != clock.today
    table = rows.to_pylist()
    for row in table:
        price = np.array([row["price"]], dtype=np.int64)
        if is_paced(row["resource"]):
            row["most"] = None  # what is left by now is asked of the ledger: see `asked.keep`
        if is_stale and row["price"] > 0:
            row["price"] = int(pacing.conservative(price)[0])
        elif not is_stale and row["path"] and used is not None:
            path = np.array(row["path"], dtype=np.float64)[:, None] / PARTS
            plan = Plan(prices=price, path=path, first=0, used=np.zeros(1, dtype=np.int64))
            now = np.array([used.get(row["resource"], 0)], dtype=np.int64)
            row["price"] = int(pacing.corrected(plan, step=hour_of(clock.now, zone=clock.zone), used=now)[0])
    return pa.Table.from_pylist(table, schema=rows.schema)
