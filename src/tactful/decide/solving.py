"""Prices solved over all decision points of an occasion, from the sealed rows and beliefs: what each limit costs.

The load that counts is that of the rule as deployed: with chance exploring, an arm is sent somewhat more or less often
than it is the best. What exploring adds is counted at the prices found, taken off the limits, and solved again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.decide.believed import Beliefs, Prices, Rule
from tactful.decide.kernel import decide, scores
from tactful.decide.members import Inputs
from tactful.decide.prices import PER
from tactful.reckon import dual, price_error
from tactful.reckon.dual import Dual
from tactful.reckon.limits import SHIFT, Limits
from tactful.reckon.worth import Worth
from tactful.store import contracts, lake
from tactful.words.clock import Clock
from tactful.words.score import UNITS_PER_MINOR
from tactful.words.touchpoint import PUSH

Whole = NDArray[np.int64]

_ROUNDS: Final = 3
_SEEN: Final = 65_536
_SHARE_BITS: Final = 12
THOUSAND: Final = {
    "messages": 1_000,
    "promises": 1_000,
    "score units": 1_000 * 100 * UNITS_PER_MINOR,
    "millionths of a complaint": 1_000_000,
}
"""How much `thousand` is of: a thousand messages, promises, or of the currency; one complaint."""


def solved(rows: pa.RecordBatch, *, inputs: Inputs, salt: str, clock: Clock, workers: int = 2) -> pa.RecordBatch:
    """The `prices` rows with the prices at which everybody may be given their best arm and limits all but hold.

    Only limits that all people together could reach are priced. With such a limit the rows of the occasion are gone
    over once for their scores, and some of them once more for each of three rounds of exploring.

    Args:
        rows: as `prices.table` made them.
        inputs: `inputs`, `arms` and `beliefs`.
        salt: the project's.
        clock: the run's.
        workers: threads; they change no bit.

    Returns:
        The same rows; those of limits that are priced have price, load, deviation and thousand.
    """
    table = rows.to_pylist()
    arms = Arms.of(lake.read(inputs["arms"]))
    people = lake.read(inputs["inputs"], columns=["customer_key"]).num_rows
    short = [row for row in table if row["use"] is not None and _could_reach(row, people=people)]
    if not short:
        return rows
    market = _Market.of(inputs, rows=rows, arms=arms)
    priced = _solve(market, short=short, rows=rows, inputs=inputs, salt=salt, clock=clock, workers=workers)
    found = {row["resource"]: row | said for row, said in zip(short, priced, strict=True)}
    schema = contracts.table("prices").schema
    return pa.RecordBatch.from_pylist([found.get(row["resource"], row) for row in table], schema=schema)


def _could_reach(row: dict[str, Any], *, people: int) -> bool:  # Any: a row of mixed columns
    return row["most"] is not None and max(row["use"], default=0) * people > row["most"]


@dataclass(frozen=True, kw_only=True)
class _Market:
    """What there is to decide: worth of all arms but nothing for everybody who is written to or not."""

    arms: Arms
    kind: Whole
    worth: Worth
    beliefs: Beliefs

    @classmethod
    def of(cls, inputs: Inputs, *, rows: pa.RecordBatch, arms: Arms) -> _Market:
        beliefs = Beliefs.of(lake.read(inputs["beliefs"]), arms=arms)
        free = Prices.of(rows, arms=arms)
        kind = arms.of_kind(PUSH)
        value, may = [np.zeros((0, kind.size - 1), dtype=np.int64)], [np.zeros((0, kind.size - 1), dtype=np.bool_)]
        for batch in lake.batches(inputs["inputs"]):
            if batch.num_rows:
                score = scores(batch, arms=arms, beliefs=beliefs, prices=free, kind=kind)
                flags = batch["eligible"].flatten().to_numpy(zero_copy_only=False).reshape(batch.num_rows, len(arms))
                value.append(score[:, 1:] - score[:, :1])
                may.append(flags[:, kind[1:]])
        worth = Worth.of(np.concatenate(value), eligible=np.concatenate(may))
        return cls(arms=arms, kind=kind, worth=worth, beliefs=beliefs)


def _solve(  # noqa: PLR0913  # one step of `solved`, with all it was given
    market: _Market,
    *,
    short: list[dict[str, Any]],  # Any: rows of mixed columns
    rows: pa.RecordBatch,
    inputs: Inputs,
    salt: str,
    clock: Clock,
    workers: int,
) -> list[dict[str, int]]:
    use = np.array([row["use"] for row in short], dtype=np.int64)[:, market.kind]
    most = np.array([row["most"] for row in short], dtype=np.int64)
    names = tuple(row["resource"] for row in short)
    rule = Rule.of(rows, arms=market.arms)
    extra = np.zeros_like(most)
    limits = Limits.of(use[:, 1:], most=most, names=names)
    found = dual.solve(market.worth, limits=limits, workers=workers)
    for _ in range(_ROUNDS if rule.epsilon else 0):
        price = _prices(found, market, short=short, rows=rows)
        extra = (use * _explored(market, price, rule=rule, inputs=inputs, salt=salt, clock=clock)).sum(axis=1)
        limits = Limits.of(use[:, 1:], most=np.maximum(most - extra, 0), names=names)
        found = dual.solve(market.worth, limits=limits, start=found.prices, workers=workers)
    deviation = price_error.spread(found, limits=limits, salt=salt)
    told = []
    for row, name in enumerate(names):
        more = THOUSAND[short[row]["unit"]]
        told.append({
            "price": _inviting(int(found.prices[row]), market.worth, use=use[row]),
            "load": int((use[row, 1:] * found.count[1:]).sum() + extra[row]),
            "deviation": _per(int(deviation[row]), market.worth),
            "thousand": _unscaled(price_error.worth_of_more(found, limits=limits, row=row, more=more), market.worth),
        })  # fmt: skip
        assert name == short[row]["resource"]
    return told


def _prices(found: Dual, market: _Market, *, short: list[dict[str, Any]], rows: pa.RecordBatch) -> Prices:  # Any: mixed
    """The prices as the kernel will read them."""
    price = {
        row["resource"]: _inviting(int(one), market.worth, use=np.array(row["use"]))
        for row, one in zip(short, found.prices, strict=True)
    }
    table = [row | {"price": price.get(row["resource"], 0)} for row in rows.to_pylist()]
    return Prices.of(pa.RecordBatch.from_pylist(table, schema=rows.schema), arms=market.arms)


def _explored(  # what a decision depends on
    market: _Market, price: Prices, *, rule: Rule, inputs: Inputs, salt: str, clock: Clock
) -> Whole:
    """By arm of the kind, how much oftener it is expected to be drawn than it is the best, over all people."""
    expected, best, seen = np.zeros(market.kind.size), np.zeros(market.kind.size), 0
    for batch in lake.batches(inputs["inputs"]):
        if not batch.num_rows:
            continue
        drawn = decide(
            batch, arms=market.arms, beliefs=market.beliefs, prices=price, policy=rule, salt=salt, clock=clock
        ).drawn
        shares = drawn.probabilities
        top = np.where(drawn.may, drawn.scores, -(1 << 55)).argmax(axis=1)
        expected += (shares >> _SHARE_BITS).sum(axis=0) / float(1 << (52 - _SHARE_BITS))
        best += np.bincount(top, minlength=market.kind.size)
        seen += batch.num_rows
        if seen >= _SEEN:
            break
    found: Whole = np.rint((expected - best) * (market.worth.rows / max(1, seen))).astype(np.int64)
    return found


def _inviting(price: int, worth: Worth, *, use: Whole) -> int:
    """A price a hair below the solved one: who is exactly undecided asks, and the limit, not silence, says no."""
    exact = _per(price, worth)
    return max(0, exact - max(exact >> 12, 2 * PER // max(1, int(use.max(initial=1)))))


def _per(price: int, worth: Worth) -> int:
    """A price in 2^-20 units of shifted worth as score units for `PER` units of a resource."""
    bits = SHIFT + worth.shift
    return (price * PER) >> bits if bits >= 0 else (price * PER) << -bits


def _unscaled(value: int, worth: Worth) -> int:
    return value >> worth.shift if worth.shift >= 0 else value << -worth.shift
