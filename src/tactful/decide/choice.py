"""Choice: the rows of an occasion become decisions, candidates and previews, with limits held and items filled in."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.decide.believed import Beliefs, Prices, Rule
from tactful.decide.ceiling import said
from tactful.decide.coupled import Coupled
from tactful.decide.decided import Decided
from tactful.decide.filling import Filling
from tactful.decide.fitting import instant
from tactful.decide.kernel import decide, scores
from tactful.decide.limiting import Crowd, settle
from tactful.decide.members import Inputs
from tactful.decide.own_costs import extra_of
from tactful.decide.people import push_channels
from tactful.decide.repairs import Repairs
from tactful.project.declared import Project
from tactful.reckon.chance import draws, share_of_draws
from tactful.store import contracts, lake
from tactful.words.clock import Clock
from tactful.words.ids import canonical

MOST_CANDIDATES: Final = 4_000_000
"""Rows of `candidates` that a run keeps unless told otherwise; beyond, of a sample of decisions by hash."""


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What the kernel decides by, read once. Stability: caller."""

    arms: Arms
    beliefs: Beliefs
    prices: Prices
    rule: Rule

    @classmethod
    def of(cls, inputs: Inputs) -> Sealed:
        """From `arms`, `beliefs` and `prices`, and `baseline` where new beliefs are mixed in."""
        arms = Arms.of(lake.read(inputs["arms"]))
        prices = lake.read(inputs["prices"])
        return cls(
            arms=arms,
            beliefs=Beliefs.of(lake.read(inputs["beliefs"]), arms=arms),
            prices=Prices.of(prices, arms=arms),
            rule=Rule.of(prices, arms=arms, baseline=lake.read(inputs["baseline"]) if "baseline" in inputs else None),
        )

    def at(self, prices: pa.Table, *, baseline: pa.Table | None = None) -> Sealed:
        """The same by other prices.

        Args:
            prices: all rows of `prices`.
            baseline: as `of` reads it.
        """
        rule = Rule.of(prices, arms=self.arms, baseline=baseline)
        return dataclasses.replace(self, prices=Prices.of(prices, arms=self.arms), rule=rule)

    def decide(self, batch: pa.RecordBatch, *, salt: str, clock: Clock) -> Decided:
        """What each row of a batch gets, before the limits over all customers."""
        return decide(
            batch, arms=self.arms, beliefs=self.beliefs, prices=self.prices, policy=self.rule, salt=salt, clock=clock
        )


def blocks(inputs: Inputs, *, rows: int = 65_536) -> Iterator[pa.RecordBatch]:
    """The `inputs` rows in blocks."""
    for batch in lake.batches(inputs["inputs"], rows=rows):
        if batch.num_rows:
            yield batch


def decided(
    inputs: Inputs, *, salt: str, clock: Clock, rows: int = 65_536, repairs: Repairs | None = None
) -> Iterator[Decided]:
    """Every block of an occasion decided, limits held: what `replay` derives again.

    The rows are gone over twice where there are limits: once to see what would be sent, once to decide under them.

    Args:
        inputs: `inputs`, `arms`, `beliefs`, `prices`.
        salt: the project's.
        clock: stamps the decisions.
        rows: most rows in a block; it changes no bit of any answer.
        repairs: what limits changed, where it is known already.
    """
    sealed, cut, start = Sealed.of(inputs), repairs, 0
    if (sealed.prices.limits or sealed.prices.promised) and repairs is None:
        cut = _repairs(inputs, sealed, salt=salt, clock=clock)
    for batch in blocks(inputs, rows=rows):
        found = sealed.decide(batch, salt=salt, clock=clock)
        if cut is not None:
            found = found.repaired(cut.slice(start, start + batch.num_rows))
            start += batch.num_rows
        yield found


def _repairs(inputs: Inputs, sealed: Sealed, *, salt: str, clock: Clock) -> Repairs | None:
    """What limits change about the draws, in the order of the rows; None where no limit is reached."""
    if not sealed.prices.price.any() and _fits(inputs, sealed, salt=salt, clock=clock):
        return None
    parts, occasion, kind = [], "", np.zeros(0, dtype=np.int64)
    for batch in blocks(inputs):
        drawn = sealed.decide(batch, salt=salt, clock=clock).drawn
        extra = extra_of(batch, arms=sealed.arms)
        parts.append((drawn.arm, drawn.scores, drawn.may, batch["customer_key"].to_numpy(), extra))
        kind, occasion = drawn.kind, batch["occasion"][0].as_py()
    if not parts:
        return None
    arm, score, may, key, extra = (np.concatenate(part) for part in zip(*parts, strict=True))
    crowd = Crowd(
        kind=kind, arm=arm.astype(np.int64), score=score, may=may, key=key, place=sealed.arms.own_cost, extra=extra
    )
    return settle(crowd, prices=sealed.prices, occasion=occasion, salt=salt)


def _fits(inputs: Inputs, sealed: Sealed, *, salt: str, clock: Clock) -> bool:
    """Whether everybody may have what was drawn for them."""
    every = np.arange(len(sealed.arms))
    rows = Coupled.of(sealed.prices, kind=every, place=sealed.arms.own_cost)
    load = np.zeros(len(rows.names), dtype=np.int64)
    for batch in blocks(inputs):
        drawn = sealed.decide(batch, salt=salt, clock=clock).drawn
        load += rows.load(drawn.arms, extra=extra_of(batch, arms=sealed.arms))
    return bool((load <= rows.most).all())


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A block of finished rows for three tables. Stability: caller."""

    decisions: pa.RecordBatch
    candidates: pa.RecordBatch
    placements: pa.RecordBatch


def decisions(
    inputs: Inputs, *, project: Project, clock: Clock, run_id: bytes, sample: str | None = None
) -> Iterator[Chosen]:
    """The decisions of an occasion, its candidates and the preview of pull placements, block by block.

    Args:
        inputs: `inputs`, `arms`, `beliefs`, `prices`, `portfolio`, and `suggestions`, `cell_suggestions`, `profiles`
            where items are shown.
        project: its programs and offers say how long a decision is valid.
        clock: stamps the decisions.
        run_id: 16 bytes.
        sample: share of decisions whose candidates are kept, such as "0.05"; as many as `MOST_CANDIDATES` allow when
            left out.
    """
    sealed = Sealed.of(inputs)
    filling = Filling.of(inputs, project=project, arms=sealed.arms)
    salt = project.settings.salt
    share: int | None = None if sample is None else share_of_draws(sample)
    people = _people(inputs)
    for found in decided(inputs, salt=salt, clock=clock):
        if share is None:
            share = share_of_draws(sample_share(people, arms=len(found.drawn.kind)))
        yield Chosen(
            decisions=finished(found, filling=filling, project=project, run_id=run_id),
            candidates=found.candidates_of(np.flatnonzero(_sampled(found.batch, salt=salt) < share)),
            placements=placements(found, sealed=sealed),
        )


def _people(inputs: Inputs) -> int:
    source = inputs["inputs"]
    return source.num_rows if isinstance(source, pa.Table) else source.rows


def sample_share(people: int, *, arms: int) -> str:
    """The share of decisions whose candidates are kept, so that there are at most `MOST_CANDIDATES` rows or so.

    >>> sample_share(4_000, arms=40), sample_share(500_000, arms=40)
    ('1', '0.200000')
    """
    rows = max(1, people * arms)
    return "1" if rows <= MOST_CANDIDATES else f"{MOST_CANDIDATES / rows:.6f}"


def _sampled(batch: pa.RecordBatch, *, salt: str) -> NDArray[np.int64]:
    point = canonical(batch["occasion"][0].as_py(), batch["touchpoint"][0].as_py(), str(batch["step"][0].as_py()))
    return draws(batch["customer_key"].to_numpy(), point=point, purpose="candidates", salt=salt)


def finished(found: Decided, *, filling: Filling, project: Project, run_id: bytes) -> pa.RecordBatch:
    """The `decisions` rows of a block: what the kernel decided, with items, cell, variant and dates."""
    rows, n = found.decisions, found.batch.num_rows
    cells, variants, items = filling.fill(found)
    arms = found.drawn.arms
    due = _due(found, arms=arms)
    columns = {name: rows[name] for name in rows.schema.names} | {
        "run_id": pa.repeat(pa.scalar(run_id, type=pa.binary(16)), n),
        "due_at": due,
        "valid_until": pa.array(_valid_until(found.arms, project=project, clock=found.clock)).take(pa.array(arms)),
        "cell": cells,
        "variant_id": variants,
        "items": items,
    }
    schema = contracts.table("decisions").schema
    columns["valid_until"] = columns["valid_until"].cast(schema.field("valid_until").type)
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def _due(found: Decided, *, arms: NDArray[np.int64]) -> pa.Array:
    """When each message may arrive; empty where nothing is sent."""
    kind = pa.timestamp("us", tz="UTC")
    channels = push_channels(found.arms)
    if not channels:
        return pa.nulls(found.batch.num_rows, kind)
    due = found.batch["due"].flatten().to_numpy().reshape(found.batch.num_rows, len(channels))
    place = np.array([channels.index(c) if c in channels else -1 for c in found.arms.channel])[arms]
    silent = (found.drawn.arm == 0) | (place < 0)
    when = due[np.arange(len(arms)), np.maximum(place, 0)]
    return pa.array(when, mask=silent).cast(kind)


def _valid_until(arms: Arms, *, project: Project, clock: Clock) -> list[datetime]:
    """By arm, the last microsecond of the last day on which what it says holds: the offer's where there is one."""
    found = []
    for arm, name in enumerate(arms.program):
        offer = project.offers[arms.offer[arm] or ""] if arms.offer[arm] else None
        days = offer.valid if offer else project.programs[name].valid if name else 0
        ends = clock.start_of(clock.today + timedelta(days=days + 1))
        if offer is not None and offer.ends is not None:
            ends = min(ends, instant(offer.ends, project=project, is_end=True))
        found.append(ends - timedelta(microseconds=1))
    return found


def placements(found: Decided, *, sealed: Sealed) -> pa.RecordBatch:
    """What pull touchpoints would show: the arm of the highest score, and no offer that was not promised.

    A preview, not a decision: nobody is drawn, and the site asks again when the customer comes.
    """
    arms, batch = found.arms, found.batch
    n, k = batch.num_rows, len(arms)
    may = batch["eligible"].flatten().to_numpy(zero_copy_only=False).reshape(n, k)
    promised = _promised(found)
    parts = []
    for touchpoint in arms.pull_touchpoints:
        kind = arms.of_kind(touchpoint)
        score = scores(batch, arms=arms, beliefs=sealed.beliefs, prices=sealed.prices, kind=kind)
        open_ = may[:, kind].copy()
        for place, arm in enumerate(kind.tolist()):
            if (offer := arms.offer[arm]) is not None:
                open_[:, place] &= promised[offer]
        best = kind[np.where(open_, score, -(1 << 55)).argmax(axis=1)]
        names = {c: arms.batch[c].take(pa.array(best)) for c in ("program", "level", "content_id", "offer_id")}
        columns = {"customer_id": batch["customer_id"], "customer_key": batch["customer_key"], **names}
        columns["touchpoint"] = pa.repeat(pa.scalar(touchpoint), n)
        schema = contracts.table("placements").schema
        parts.append(pa.RecordBatch.from_arrays([columns[c] for c in schema.names], schema=schema))
    empty = contracts.table("placements").schema.empty_table()
    table = pa.Table.from_batches(parts, schema=empty.schema).combine_chunks() if parts else empty
    return table.to_batches()[0] if table.num_rows else pa.RecordBatch.from_pylist([], schema=empty.schema)


def _promised(found: Decided) -> dict[str, NDArray[np.bool_]]:
    """By offer, who holds it already or is promised it by this very decision; shape (n,)."""
    arms = found.arms
    chosen = np.array([offer or "" for offer in arms.offer], dtype=object)[found.drawn.arms]
    offers = sorted({offer for offer in arms.offer if offer})
    return {offer: said(found.batch["offers_held"], offer) | (chosen == offer) for offer in offers}
