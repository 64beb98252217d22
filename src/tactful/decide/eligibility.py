"""Eligibility: who may be told what, each no with its reason; the sealed rows from which everything is decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from tactful.decide import fitting, own_costs, people
from tactful.decide.arms import Arms
from tactful.decide.ceiling import LEVELS, Ceilings, ceilings
from tactful.decide.cells import key_of
from tactful.decide.codes import ELIGIBLE
from tactful.decide.columns import lists, named_flags
from tactful.decide.contact_price import ContactPrices
from tactful.decide.decided import binary16
from tactful.decide.featured import features
from tactful.decide.holdouts import held_out, household_keys
from tactful.decide.members import Inputs, Keys, among, audiences, everybody
from tactful.decide.order_of_programs import settle
from tactful.decide.orders import since_last_order
from tactful.decide.people import Asked, Known
from tactful.decide.sequence import keep_turn
from tactful.decide.shown import Shown
from tactful.decide.standing import Contacts, Promises, SharedAddresses, suppressed
from tactful.decide.value_models import models_of, with_models
from tactful.decide.verdicts import Verdicts
from tactful.project.declared import Project
from tactful.project.feature_maps import features_of
from tactful.reckon.features import Feature
from tactful.store import contracts, lake
from tactful.words.clock import Clock
from tactful.words.ids import derived_id
from tactful.words.outcome import Reason
from tactful.words.ports import ValueModel
from tactful.words.touchpoint import PUSH

ROWS: Final = 65_536


@dataclass(frozen=True, kw_only=True)
class Point:
    """The decision point that is the same for everybody of a run. Stability: caller."""

    occasion: str
    touchpoint: str = PUSH
    step: int = 0


@dataclass(frozen=True, kw_only=True)
class Laid:
    """What everybody is held to, whoever they are. Stability: caller.

    Attributes:
        arms: what there is to say.
        open_cells, closed_cells: as `fitting.Fits` has them.
        shown: cells that can be shown enough; nobody's own lists.
        contact_prices: the table; nobody's class.
        features, models: what a customer's row of features is made of.
    """

    arms: Arms
    open_cells: dict[tuple[str, str], Keys]
    closed_cells: dict[tuple[str, str], Keys]
    shown: Shown
    contact_prices: ContactPrices
    features: tuple[Feature, ...]
    models: dict[str, ValueModel]

    @classmethod
    def of(cls, inputs: Inputs, *, project: Project) -> Laid:
        """From `arms` and `portfolio`, and `cell_suggestions` and `fatigue` where there are any."""
        arms = Arms.of(lake.read(inputs["arms"]))
        return cls(
            arms=arms,
            open_cells=_cells_where(inputs, closed=False),
            closed_cells=_cells_where(inputs, closed=True),
            shown=Shown.of_cells(inputs, project=project),
            contact_prices=ContactPrices.of(inputs, project=project, arms=arms),
            features=features_of(project),
            models=models_of(project),
        )


@dataclass(frozen=True, kw_only=True)
class _Surveyed:
    """Everything known before the batches come."""

    laid: Laid
    known: Known
    fits: fitting.Fits
    members: Keys
    contact_prices: ContactPrices


def prepare(  # noqa: PLR0913  # whose rows, by what, when and where they are decided
    inputs: Inputs,
    *,
    project: Project,
    clock: Clock,
    occasion: str,
    touchpoint: str = PUSH,
    rows: int = ROWS,
    laid: Laid | None = None,
) -> Iterator[pa.RecordBatch]:
    """The `inputs` rows of an occasion: one for everybody in any program's audience.

    Every arm is looked at for every customer, pull arms too: the preview of a site reads them. A customer's row depends
    on nobody else's but for shared addresses and small cells.

    Args:
        inputs: `profiles`, `segments`, `arms`, `portfolio`; and where there are any `suggestions`, `cell_suggestions`,
            `clashes`, `contact`, `incentive`, `transactions`, and `suppressed` (customer_id, channel: the addresses on
            the suppression list, already matched).
        project: its policy, programs and offers are the rules.
        clock: now, and the zone in which days are counted.
        occasion: the schedule slot, never the run.
        touchpoint: `push`, or the pull touchpoint that asks.
        rows: most rows in a batch.
        laid: what everybody is held to, where it was read before; then `inputs` hold only what is of customers.

    Raises:
        Misuse: profiles lack a column that a rule reads.
    """
    point = Point(occasion=occasion, touchpoint=touchpoint)
    held_to = Laid.of(inputs, project=project) if laid is None else laid
    surveyed = _survey(inputs, held_to, project=project, clock=clock, point=point)
    for batch in lake.batches(inputs["profiles"], rows=rows):
        mine = batch.filter(pa.array(among(batch["customer_key"].to_numpy(), surveyed.members)))
        if mine.num_rows:
            yield _rows(mine, surveyed, project=project, clock=clock, point=point)


def _survey(inputs: Inputs, laid: Laid, *, project: Project, clock: Clock, point: Point) -> _Surveyed:
    found = audiences(inputs, project=project)
    members = everybody(found)
    contacts = Contacts.of(inputs, occasion=point.occasion)
    shared = SharedAddresses.of(inputs, members=members)
    neutral = shared.chosen if project.policy.shared_address == "neutral" else np.empty(0, dtype=np.int64)
    known = Known(
        audiences=found,
        contacts=contacts,
        suppressed=suppressed(inputs),
        shared=shared,
        since_order=since_last_order(inputs, project=project, contacts=contacts),
    )
    fits = fitting.Fits(
        shown=laid.shown.with_own(inputs, project=project),
        promises=Promises.of(inputs, occasion=point.occasion, touchpoint=point.touchpoint, clock=clock),
        open_cells=laid.open_cells,
        closed_cells=laid.closed_cells,
        neutral=neutral,
    )
    contact_prices = laid.contact_prices.with_classes(inputs, project=project)
    return _Surveyed(laid=laid, known=known, fits=fits, members=members, contact_prices=contact_prices)


def _cells_where(inputs: Inputs, *, closed: bool) -> dict[tuple[str, str], Keys]:
    """The cells with people enough, or of those the ones whose words do not pay; (program, level) → keys, sorted."""
    found: dict[tuple[str, str], list[int]] = {}
    for row in lake.read(inputs["portfolio"]).to_pylist():
        not_worth = row["why_closed"] == Reason.VARIANT_CLOSED.value
        if not_worth or (row["open"] and not closed):
            found.setdefault((row["program"], row["level"]), []).append(key_of(row["cell"]))
    return {name: np.unique(np.array(keys, dtype=np.int64)) for name, keys in found.items()}


def _rows(
    batch: pa.RecordBatch, surveyed: _Surveyed, *, project: Project, clock: Clock, point: Point
) -> pa.RecordBatch:
    laid, arms = surveyed.laid, surveyed.laid.arms
    verdicts = Verdicts(arms=len(arms), rows=batch.num_rows)
    keys = batch["customer_key"].to_numpy()
    asked = Asked(batch=batch, keys=keys, arms=arms, verdicts=verdicts, project=project, clock=clock)
    contacts, due = people.judge(asked, surveyed.known)
    keep_turn(asked, surveyed.known.contacts)
    ceiling = ceilings(batch, policy=project.policy.ceiling, channels=tuple(sorted({*arms.channel} - {PUSH})))
    is_visit = point.touchpoint != PUSH
    cell = fitting.judge(asked, surveyed.fits, ceilings=ceiling, due=due, is_visit=is_visit)
    blocked_by = settle(asked)
    household = household_keys(batch)
    universal, held = held_out(asked, household=household, kind=arms.of_kind(point.touchpoint).tolist())
    columns = _columns(batch, verdicts=verdicts, ceiling=ceiling, point=point)
    columns |= {
        "features": lists(features(with_models(batch, laid.models), laid.features)),
        "household_key": pa.array(household),
        "cells": lists(cell),
        "universal_holdout": pa.array(universal),
        "held_out_of": held,
        "contacts": lists(contacts),
        "offers_held": _held_offers(keys, surveyed.fits.promises),
        "blocked_by": blocked_by,
        "due": lists(due),
        "contact_price": surveyed.contact_prices.column(keys, contacts=surveyed.known.contacts, clock=clock),
        "offer_costs": own_costs.column(batch, project=project, arms=arms),
    }
    schema = contracts.table("inputs").schema
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def _columns(batch: pa.RecordBatch, *, verdicts: Verdicts, ceiling: Ceilings, point: Point) -> dict[str, pa.Array]:
    n, codes = batch.num_rows, np.ascontiguousarray(verdicts.codes.T)
    ids = [derived_id(point.occasion, c, point.touchpoint, str(point.step)) for c in batch["customer_id"].to_pylist()]
    same = {
        "occasion": point.occasion,
        "touchpoint": point.touchpoint,
        "channel": point.touchpoint.split(".", 1)[0],
    }
    return {
        **{name: pa.repeat(pa.scalar(text), n) for name, text in same.items()},
        "decision_id": binary16(np.frombuffer(b"".join(ids), dtype="V16")),
        "step": pa.repeat(pa.scalar(point.step, type=pa.int64()), n),
        "customer_id": batch["customer_id"],
        "customer_key": batch["customer_key"],
        "eligible": lists(codes == ELIGIBLE),
        "why_not": lists(codes.astype(np.int64)),
        "ceiling": pa.array([level.value for level in LEVELS]).take(pa.array(ceiling.rank)),
        "ceiling_why": ceiling.why(),
    }


def _held_offers(keys: Keys, promises: Promises) -> pa.Array:
    """Names of the offers each customer may still redeem; list<string>, shape (n,)."""
    return named_flags({offer: among(keys, held) for offer, held in sorted(promises.held.items())}, rows=keys.size)
