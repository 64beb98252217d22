"""Prices solved over all decision points of an occasion, from the sealed rows and beliefs: what each limit costs.

The load that counts is that of the rule as deployed: with chance exploring, an arm is sent somewhat more or less often
than it is the best. What exploring adds is counted at the prices found, taken off the limits, and solved again.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.decide.believed import BY_COST, MOST, Beliefs, Prices, Rule
from tactful.decide.coupled import Coupled
from tactful.decide.kernel import decide, scores
from tactful.decide.members import Inputs
from tactful.decide.own_costs import extra_of, offers_of
from tactful.decide.prices import PER
from tactful.reckon import dual, price_error
from tactful.reckon.chance import WHOLE
from tactful.reckon.dual import Dual
from tactful.reckon.exact import FEATURE_LIMIT
from tactful.reckon.limits import SHIFT, Limits
from tactful.reckon.worth import Worth
from tactful.store import contracts, lake
from tactful.words.clock import Clock
from tactful.words.score import UNITS_PER_MINOR
from tactful.words.touchpoint import PUSH

Whole = NDArray[np.int64]

_ROUNDS: Final = 3
_SEEN: Final = 65_536
_FEW: Final = 50_000
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
        The same rows; those of limits that are priced have price, load, deviation, thousand and bound; a promise has
        a price below nothing, what its keeping costs for thousand, and how many could have it for reach; the row of
        how far chance may stray has for load what straying is expected to give up, in score units.
    """
    table = rows.to_pylist()
    arms = Arms.of(lake.read(inputs["arms"]))
    people = lake.read(inputs["inputs"], columns=["customer_key"]).num_rows
    dearer = FEATURE_LIMIT if (arms.own_cost >= 0).any() else 0
    short = {row["resource"] for row in table if row["use"] and _could_matter(row, people=people, dearer=dearer)}
    if not short:
        return rows
    market = _Market.of(inputs, rows=rows, arms=arms, short=short)
    if not market.coupled.names:
        return rows
    found = _solve(market, rows=rows, inputs=inputs, salt=salt, clock=clock, workers=workers)
    schema = contracts.table("prices").schema
    return pa.RecordBatch.from_pylist([row | found.get(row["resource"], {}) for row in table], schema=schema)


def former_of(inputs: Inputs) -> pa.Table | None:
    """The `baseline` rows of a run, where there may be some."""
    return lake.read(inputs["baseline"]) if "baseline" in inputs else None


def _could_matter(row: dict[str, Any], *, people: int, dearer: int) -> bool:  # Any: a row of mixed columns
    """Whether all together could reach a limit, or something is owed."""
    if row["most"] is None:
        return bool(row["least"])
    most = max(row["use"]) + (dearer if row["resource"].split(":", 1)[0] in BY_COST else 0)
    return bool(most * people > row["most"])


@dataclass(frozen=True, kw_only=True)
class _Market:
    """What there is to decide: worth of all arms but nothing for everybody who is written to or not."""

    arms: Arms
    kind: Whole
    worth: Worth
    beliefs: Beliefs
    coupled: Coupled
    may: NDArray[np.bool_]

    @classmethod
    def of(cls, inputs: Inputs, *, rows: pa.RecordBatch, arms: Arms, short: set[str]) -> _Market:
        beliefs = Beliefs.of(lake.read(inputs["beliefs"]), arms=arms)
        free = Prices.of(rows, arms=arms)
        kind = arms.of_kind(PUSH)
        coupled = Coupled.of(free, kind=kind, place=arms.own_cost)
        coupled = coupled.chosen(np.flatnonzero([name in short for name in coupled.names]))
        width = len(offers_of(arms))
        value, may = [np.zeros((0, kind.size - 1), dtype=np.int64)], [np.zeros((0, kind.size - 1), dtype=np.bool_)]
        extra = [np.zeros((0, width), dtype=np.int64)]
        for batch in lake.batches(inputs["inputs"]):
            if batch.num_rows:
                score = scores(batch, arms=arms, beliefs=beliefs, prices=free, kind=kind)
                flags = batch["eligible"].flatten().to_numpy(zero_copy_only=False).reshape(batch.num_rows, len(arms))
                value.append(score[:, 1:] - score[:, :1])
                may.append(flags[:, kind[1:]])
                extra.append(extra_of(batch, arms=arms) if width else extra[0][: batch.num_rows])
        able = np.concatenate(may)
        own = coupled.own_use(np.concatenate(extra)) if width else None
        worth = Worth.of(np.concatenate(value), eligible=able, own=own)
        return cls(arms=arms, kind=kind, worth=worth, beliefs=beliefs, coupled=coupled, may=able)

    @property
    def most_used(self) -> Whole:
        """The most that one decision takes of each limit; shape (rows,)."""
        most: Whole = np.abs(self.coupled.use).max(axis=1, initial=1)
        if owns := self.coupled.owns:
            most[-owns:] = np.maximum(self.worth.own.max(axis=(1, 2, 3)), most[-owns:])
        return most


def _solve(
    market: _Market, *, rows: pa.RecordBatch, inputs: Inputs, salt: str, clock: Clock, workers: int
) -> dict[str, dict[str, int]]:
    """Resource → what its row says of its price."""
    coupled, rule = market.coupled, Rule.of(rows, arms=market.arms, baseline=former_of(inputs))
    limits, extra = coupled.limits(market.worth), np.zeros_like(coupled.most)
    found = dual.solve(market.worth, limits=limits, workers=workers)
    bound = _unscaled_up(found.bound, market.worth)
    given_up = 0
    for turn in range(_ROUNDS if rule.epsilon else 0):
        price = _prices(found, market, rows=rows)
        more, given_up = _explored(market, price, rule=rule, inputs=inputs, salt=salt, clock=clock)
        now = (coupled.use * more).sum(axis=1)
        extra = np.maximum(extra, now) if turn else now  # the most so far, lest two rounds take turns for ever
        left = np.where(coupled.is_limit, np.maximum(coupled.most - extra, 0), np.minimum(coupled.most - extra, 0))
        limits = coupled.limits(market.worth, most=left)
        found = dual.solve(market.worth, limits=limits, start=found.prices, workers=workers)
    told = _told(found, market, limits=limits, extra=extra, rows=rows, salt=salt)
    return {name: said | {"bound": bound} for name, said in told.items()} | {MOST: {"load": given_up}}


def _told(
    found: Dual, market: _Market, *, limits: Limits, extra: Whole, rows: pa.RecordBatch, salt: str
) -> dict[str, dict[str, int]]:
    coupled, worth, told = market.coupled, market.worth, {}
    deviation = price_error.spread(found, worth=worth, limits=limits, stated=coupled.use[:, 1:], salt=salt)
    price, unit = _asked(found, market), {row["resource"]: row["unit"] for row in rows.to_pylist()}
    for row, name in enumerate(coupled.names):
        owed = -int(coupled.most[row])
        more = THOUSAND[unit[name]] if coupled.is_limit[row] else owed
        used = int(limits.most[row] - found.slack[row] + extra[row])
        told[name] = {
            "price": price[name], "load": used if coupled.is_limit[row] else -used,
            "deviation": _per(int(deviation[row]), worth),
            "thousand": worth_of_more(found, worth=worth, limits=limits, row=row, more=more),
        }  # fmt: skip
        if not coupled.is_limit[row]:
            told[name]["reach"] = int(market.may[:, coupled.use[row, 1:] < 0].any(axis=1).sum())
    return told


def worth_of_more(found: Dual, *, worth: Worth, limits: Limits, row: int, more: int) -> int:
    """What so much more of a resource would be worth, by solving again with it; score units.

    Where there are very many customers, some of them are solved for, with their part of every limit.

    Args:
        found: solved prices.
        worth: of every arm for every customer.
        limits: what they are the prices of.
        row: which limit.
        more: how much more of it.
    """
    if not found.prices[row]:
        return 0
    few = worth.sample(_FEW)
    share = few.rows / max(1, worth.rows)
    wider = limits.most.astype(np.float64)
    wider[row] += more
    before = found
    if few is not worth:
        part = np.floor(limits.most * share).astype(np.int64)
        before = dual.solve(few, limits=dataclasses.replace(limits, most=part), start=found.prices)
    more_of_it = dataclasses.replace(limits, most=np.floor(wider * share).astype(np.int64))
    after = dual.solve(few, limits=more_of_it, start=found.prices)
    return _unscaled(max(0, round((after.bound - before.bound) / share)), worth)


def _asked(found: Dual, market: _Market) -> dict[str, int]:
    """The prices as they are asked: what is owed costs less than nothing."""
    coupled, told = market.coupled, {}
    for row, (name, most) in enumerate(zip(coupled.names, market.most_used.tolist(), strict=True)):
        exact = _per(int(found.prices[row]), market.worth)
        hair = max(exact >> 12, 2 * PER // most)
        if coupled.is_limit[row]:
            told[name] = max(0, exact - hair)
        else:
            told[name] = -min(exact + hair, int(coupled.missing[row]) * PER) if exact else 0
    return told


def _prices(found: Dual, market: _Market, *, rows: pa.RecordBatch) -> Prices:
    """The prices as the kernel will read them."""
    price = _asked(found, market)
    table = [row | {"price": price.get(row["resource"], 0)} for row in rows.to_pylist()]
    return Prices.of(pa.RecordBatch.from_pylist(table, schema=rows.schema), arms=market.arms)


def _explored(  # what a decision depends on
    market: _Market, price: Prices, *, rule: Rule, inputs: Inputs, salt: str, clock: Clock
) -> tuple[Whole, int]:
    """By arm of the kind, how much oftener it is expected to be drawn than it is the best; and what that gives up."""
    strays, loses, best = (np.zeros(market.kind.size) for _ in range(3))
    seen, given_up = 0, 0.0
    for batch in lake.batches(inputs["inputs"]):
        if not batch.num_rows:
            continue
        drawn = decide(
            batch, arms=market.arms, beliefs=market.beliefs, prices=price, policy=rule, salt=salt, clock=clock
        ).drawn
        shares = drawn.probabilities
        top = np.where(drawn.may, drawn.scores, -(1 << 55)).argmax(axis=1)
        own = np.arange(market.kind.size) == top[:, None]
        strays += np.where(own, 0, shares >> _SHARE_BITS).sum(axis=0) / float(1 << (52 - _SHARE_BITS))
        loses += np.where(own, WHOLE - shares >> _SHARE_BITS, 0).sum(axis=0) / float(1 << (52 - _SHARE_BITS))
        best += np.bincount(top, minlength=market.kind.size)
        gap = np.where(drawn.may, np.take_along_axis(drawn.scores, top[:, None], axis=1) - drawn.scores, 0)
        given_up += float((gap * (shares >> _SHARE_BITS)).sum()) / float(1 << (52 - _SHARE_BITS))
        seen += batch.num_rows
        if seen >= _SEEN:
            break
    scale = market.worth.rows / max(1, seen)
    found: Whole = np.rint((strays - loses * _granted(market, asked=best * scale)) * scale).astype(np.int64)
    return found, round(given_up * scale)


def _granted(market: _Market, *, asked: NDArray[np.float64]) -> NDArray[np.float64]:
    """By arm, the share of those who ask for it at the prices that limits let have it; shape (k,)."""
    coupled, share = market.coupled, np.ones(market.kind.size)
    for use, most in zip(coupled.use[coupled.is_limit], coupled.most[coupled.is_limit], strict=True):
        load = float((use * asked).sum())
        share = np.where(use > 0, np.minimum(share, int(most) / max(load, float(most), 1.0)), share)
    return share


def _per(price: int, worth: Worth) -> int:
    """A price in 2^-20 units of shifted worth as score units for `PER` units of a resource."""
    bits = SHIFT + worth.shift
    return (price * PER) >> bits if bits >= 0 else (price * PER) << -bits


def _unscaled(value: int, worth: Worth) -> int:
    return value >> worth.shift if worth.shift >= 0 else value << -worth.shift


def _unscaled_up(bound: int, worth: Worth) -> int:
    """What no decisions within all limits can bring more than, the missing of promises taken off; score units."""
    shift = worth.shift
    return -(-bound >> shift) if shift >= 0 else (bound << -shift) + (worth.rows << -shift)
