"""What fits a person: topics, offers, levels below the ceiling, facts that are there and fresh, and enough items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.decide.arms import Plan, plan_kind, plans
from tactful.decide.ceiling import PARTS, Ceilings, said
from tactful.decide.cells import NO_CELL, cells
from tactful.decide.members import Keys, among, counted
from tactful.decide.people import Asked, deny_young, push_channels
from tactful.decide.shown import Shown
from tactful.decide.standing import Promises, words_for
from tactful.decide.verdicts import holds
from tactful.decide.wanted import grain_of
from tactful.project.declared import Project
from tactful.project.offers import Offer
from tactful.words.clock import Clock
from tactful.words.fact import Provenance, Sensitivity
from tactful.words.outcome import Reason

OPENED_WITHIN: Final = timedelta(hours=24)
"""A message may be opened a day after it is sent; an offer that ends before is not promised."""


@dataclass(frozen=True, kw_only=True)
class Fits:
    """What is known about cells, items and promises before the batches come. Stability: internal.

    Attributes:
        open_cells: (program, level) → keys of the cells whose words enough people share, sorted.
        closed_cells: of those, the cells whose words do not pay where they are pushed; sorted.
        neutral: keys of customers whose shared address gets one-for-all only, sorted.
    """

    shown: Shown
    promises: Promises
    open_cells: Mapping[tuple[str, str], Keys]
    closed_cells: Mapping[tuple[str, str], Keys]
    neutral: Keys


def judge(asked: Asked, fits: Fits, *, ceilings: Ceilings, due: NDArray[np.int64], is_visit: bool) -> NDArray[np.int64]:
    """Denies what does not fit; returns the cell of each grain of the arms, int64, shape (n, grains)."""
    _topics(asked)
    _ceiling(asked, fits, ceilings=ceilings)
    grains = [cells(asked.batch, by)[0] for by in asked.arms.grains]
    for plan in plans(asked.project):
        arms = arms_of(asked, plan)
        if arms:
            _facts(asked, plan, arms=arms)
            cell = _cell(asked, fits, arms=arms, grains=grains)
            if plan.says.items is not None:
                fits.shown.judge(asked, plan, arms=arms, cell=cell)
    _offers(asked, fits, due=due, is_visit=is_visit)
    return np.stack(grains, axis=1) if grains else np.empty((asked.batch.num_rows, 0), dtype=np.int64)


def arms_of(asked: Asked, plan: Plan) -> list[int]:
    """The arms through which a plan speaks."""
    program = asked.project.programs[plan.program]
    return [
        arm for arm in asked.arms_where(program=plan.program, level=plan.level)
        if plan_kind(program, touchpoint=asked.arms.touchpoint[arm], level=plan.level) == plan.kind
    ]  # fmt: skip


def _topics(asked: Asked) -> None:
    """A topic a customer turned off is off; a sensitive one needs a yes of its own."""
    contents = {asked.arms.content[arm] for arm in asked.speaking()}
    for content in sorted(c for c in contents if c):
        arms = asked.arms_where(content=content)
        topics = {t for (name, _, _), file in asked.project.contents.items() if name == content for t in file.topics}
        for topic in sorted(topics):
            if topic in asked.project.policy.sensitive_topics:
                asked.verdicts.deny(arms, where=~_has_asked(asked, topic, arms=arms), reason=Reason.SENSITIVE_TOPIC)
            asked.verdicts.deny(arms, where=said(asked.batch["topics_off"], topic), reason=Reason.TOPIC_OFF)


def _has_asked(asked: Asked, topic: str, *, arms: list[int]) -> NDArray[np.bool_]:
    """Whether they said yes to a purpose of this name, and did not take it back."""
    words = words_for(topic, channel=asked.arms.channel[arms[0]])
    yes = np.logical_or.reduce([said(asked.batch["consents"], word) for word in words])
    no = np.logical_or.reduce([said(asked.batch["withdrawn"], word) for word in words])
    found: NDArray[np.bool_] = yes & ~no
    return found


def _ceiling(asked: Asked, fits: Fits, *, ceilings: Ceilings) -> None:
    shared = among(asked.keys, fits.neutral)
    for level in sorted({asked.arms.level[arm] for arm in asked.speaking()}):
        arms = asked.arms_where(level=level)
        for reason in PARTS:
            asked.verdicts.deny(arms, where=ceilings.parts[reason] < level.rank, reason=reason)
        if level.rank > 1:
            asked.verdicts.deny(arms, where=shared, reason=Reason.SHARED_ADDRESS)


def _facts(asked: Asked, plan: Plan, *, arms: list[int]) -> None:
    """Guesses and sensitive facts do not carry a level; missing and stale ones move the message down."""
    for name in dict.fromkeys((*grain_of(plan.says), *plan.says.needs)):
        fact = asked.project.facts.get(name)
        if fact is not None:
            guessed = fact.provenance is Provenance.INFERRED and not fact.may_select
            if guessed or fact.provenance is Provenance.ACQUIRED:
                asked.verdicts.deny(arms, where=True, reason=Reason.INFERRED_NOT_SPOKEN)
            if fact.sensitivity is Sensitivity.SENSITIVE:
                asked.verdicts.deny(arms, where=~_has_asked(asked, name, arms=arms), reason=Reason.SENSITIVE_TOPIC)
        missing = asked.batch[name].is_null().to_numpy(zero_copy_only=False)
        asked.verdicts.deny(arms, where=missing, reason=Reason.MISSING_FACT)
        if fact is not None and fact.stale_after is not None and f"{name}__as_of" in asked.batch.schema.names:
            seen = asked.batch[f"{name}__as_of"].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).fill_null(0)
            oldest = int(asked.clock.days_before(fact.stale_after).timestamp()) * 1_000_000
            stale = seen.to_numpy(zero_copy_only=False) < oldest
            asked.verdicts.deny(arms, where=stale, reason=Reason.STALE_FACT)


def _cell(asked: Asked, fits: Fits, *, arms: list[int], grains: list[Keys]) -> Keys:
    """Denies who is in no cell or in a small one; returns the cell of each row."""
    grain, none = int(asked.arms.grain[arms[0]]), np.empty(0, dtype=np.int64)
    name = asked.arms.program[arms[0]] or "", asked.arms.level[arms[0]].value
    mine = grains[grain] if grain >= 0 else np.full(asked.keys.size, NO_CELL, dtype=np.int64)
    if grain >= 0:
        asked.verdicts.deny(arms, where=mine == NO_CELL, reason=Reason.MISSING_FACT)
        small = ~among(mine, fits.open_cells.get(name, none))
        asked.verdicts.deny(arms, where=small, reason=Reason.CEILING_SMALL_CELL)
    if (closed := fits.closed_cells.get(name, none)).size:
        pushed = [arm for arm in arms if not asked.arms.preview[arm]]
        asked.verdicts.deny(pushed, where=among(mine, closed), reason=Reason.VARIANT_CLOSED)
    return mine


def _offers(asked: Asked, fits: Fits, *, due: NDArray[np.int64], is_visit: bool) -> None:
    channels = push_channels(asked.arms)
    for name in sorted({offer for offer in asked.arms.offer if offer}):
        offer, everywhere = asked.project.offers[name], asked.arms_where(offer=name)
        used = counted(asked.keys, of=fits.promises.taken.get(name, np.empty(0, dtype=np.int64)))
        held = among(asked.keys, fits.promises.held.get(name, np.empty(0, dtype=np.int64)))
        _offer_here(asked, offer, arms=everywhere)
        for channel in sorted({asked.arms.channel[arm] for arm in everywhere}):
            arms = asked.arms_where(offer=name, channel=channel)
            if channel not in channels:
                asked.verdicts.deny(arms, where=is_visit & ~held, reason=Reason.OFFER_NOT_HERE)
                continue
            late = ends_before(offer, project=asked.project, due=due[:, channels.index(channel)])
            asked.verdicts.deny(arms, where=late, reason=Reason.OFFER_EXPIRED)
            asked.verdicts.deny(arms, where=used >= offer.most_per_customer, reason=Reason.OFFER_USED)


def _offer_here(asked: Asked, offer: Offer, *, arms: list[int]) -> None:
    """By channel, country, age and the offer's own condition, and not before it begins."""
    if offer.channels:
        barred = [arm for arm in arms if asked.arms.channel[arm] not in offer.channels]
        asked.verdicts.deny(barred, where=True, reason=Reason.OFFER_NOT_HERE)
    if offer.countries:
        country = asked.batch["country"].dictionary_encode()
        known = np.array([*(c in offer.countries for c in country.dictionary.to_pylist()), False])
        here = known[country.indices.fill_null(len(known) - 1).to_numpy(zero_copy_only=False)]
        asked.verdicts.deny(arms, where=~here, reason=Reason.OFFER_NOT_HERE)
    if offer.least_age is not None:
        deny_young(asked, arms, least=offer.least_age)
    if offer.who is not None:
        asked.verdicts.deny(arms, where=~holds(offer.who, asked.batch), reason=Reason.OFFER_NOT_HERE)
    if offer.starts is not None and instant(offer.starts, project=asked.project, is_end=False) > asked.clock.now:
        asked.verdicts.deny(arms, where=True, reason=Reason.OFFER_NOT_HERE)
    if offer.stock == 0:
        asked.verdicts.deny(arms, where=True, reason=Reason.OUT_OF_STOCK)


def ends_before(offer: Offer, *, project: Project, due: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether an offer may be over when the message is opened, a day after it is due; shape of `due`."""
    if offer.ends is None:
        return np.zeros(due.shape, dtype=np.bool_)
    ends = int(instant(offer.ends, project=project, is_end=True).timestamp()) * 1_000_000
    late: NDArray[np.bool_] = due + int(OPENED_WITHIN.total_seconds()) * 1_000_000 > ends
    return late


def instant(text: str, *, project: Project, is_end: bool) -> datetime:
    """An instant from a project's files; a day alone is its beginning, or its end (exclusive), in project time."""
    zone = project.settings.zone
    if len(text.strip()) == len("2011-12-31"):
        day = date.fromisoformat(text.strip())
        return Clock.at("2000-01-01", zone=zone).start_of(day + timedelta(days=1 if is_end else 0))
    return Clock.at(text, zone=zone).now
