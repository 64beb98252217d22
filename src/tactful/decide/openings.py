"""Openings: what every variant would bring to whom, and which of them pay for what making and keeping them costs.

Everybody gets the best of what is open for them, or nothing: so a variant is worth what it adds to the others, and no
price per message can say whether it pays. The value is what messages are believed to bring on average in each cell;
who a customer is beside that, and what limits leave, is looked at later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tactful.decide.arms import Arms, units
from tactful.decide.believed import Beliefs
from tactful.decide.ceiling import ceilings, said
from tactful.decide.cells import NO_CELL, cells, key_of
from tactful.decide.members import Inputs, Keys, among
from tactful.decide.standing import words_for
from tactful.project.declared import Project
from tactful.reckon.facility import Part, choose
from tactful.reckon.facility_bound import bounded
from tactful.store import lake
from tactful.words.fact import Purpose
from tactful.words.level import Level
from tactful.words.touchpoint import PUSH, Channel

Unit = tuple[str, str, str]
"""Program, level, cell: what opens or closes as one."""
Slot = tuple[str, Level, tuple[str, ...]]
"""Program, level and what its cells are made of: a customer has at most one variant of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Which variants are open, and the proof. Stability: caller.

    Attributes:
        open: the units that pay, or cost nothing.
        worth: score units that each adds to the others, or would take away.
        cost: score units of each in one run.
        value: what all together bring in a run, costs taken off.
        bound: no other choice brings more.
    """

    open: frozenset[Unit]
    worth: Mapping[Unit, int]
    cost: Mapping[Unit, int]
    value: int
    bound: int


def openings(
    inputs: Inputs, *, project: Project, arms: Arms, members: Mapping[str, Keys], contents: Mapping[Unit, int]
) -> Opened:
    """Which variants to open.

    What is open in `past_portfolio` stays so unless closing it gains more than the policy's `hold`, and the reverse.

    Args:
        inputs: `profiles`, `beliefs`, and `past_portfolio` where there was a run before.
        project: its policy says what a variant costs.
        arms: what there is to say.
        members: program → keys of its audience, sorted.
        contents: the units that people enough share → how many contents each has to be written in.
    """
    every = sorted(contents)
    cost = np.array([contents[unit] * cost_of(project, Level(unit[1])) for unit in every], dtype=np.int64)
    beliefs = Beliefs.of(lake.read(inputs["beliefs"]), arms=arms)
    part = _kinds(inputs, project=project, arms=arms, members=members, worth=_worth(every, arms=arms, beliefs=beliefs))
    stood = _stood(inputs)
    hold = project.policy.variants.hold
    margin = np.array([int(c * hold) if stood is not None else 0 for c in cost.tolist()], dtype=np.int64)
    standing = [number for number, unit in enumerate(every) if stood is not None and unit in stood]
    chosen = choose([part], cost=cost, standing=standing, margin=margin)
    bound = bounded([part], cost=cost, chosen=chosen)
    free = {unit for unit, own in zip(every, cost.tolist(), strict=True) if own == 0}
    return Opened(
        open=frozenset({every[number] for number in chosen.open} | free),
        worth=dict(zip(every, chosen.gain.tolist(), strict=True)),
        cost=dict(zip(every, cost.tolist(), strict=True)),
        value=chosen.value,
        bound=bound.most,
    )


def cost_of(project: Project, level: Level) -> int:
    """What one variant of a level costs in one run, in score units, rounded up."""
    stated = project.policy.variants.cost.get(level)
    return 0 if stated is None else -(-units(stated, project=project) // project.policy.variants.runs)


def _stood(inputs: Inputs) -> frozenset[Unit] | None:
    """What was open before; None where nothing ever was."""
    if "past_portfolio" not in inputs:
        return None
    rows = lake.read(inputs["past_portfolio"], columns=["program", "level", "cell", "open"]).to_pylist()
    return frozenset((row["program"], row["level"], row["cell"]) for row in rows if row["open"]) if rows else None


def _worth(units: list[Unit], *, arms: Arms, beliefs: Beliefs) -> dict[Slot, dict[int, tuple[int, int]]]:
    """By slot and key of a cell, the number of its unit and what a message of it brings, its own cost taken off."""
    found: dict[Slot, dict[int, tuple[int, int]]] = {}
    for arm, program in enumerate(arms.program):
        if program is None or arms.preview[arm]:
            continue
        level, slot = arms.level[arm].value, (program, arms.level[arm], arms.by[arm])
        keys, means = beliefs.finer.get(arm, (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)))
        finer = dict(zip(keys.tolist(), means.tolist(), strict=True))
        for number, unit in enumerate(units):
            if unit[:2] == (program, level):
                key = key_of(unit[2])
                net = finer.get(key, int(beliefs.mean[arm])) - int(arms.cost[arm] + arms.offer_cost[arm])
                known = found.setdefault(slot, {}).get(key, (number, 0))
                found[slot][key] = number, max(known[1], net)
    return found


def _kinds(
    inputs: Inputs,
    *,
    project: Project,
    arms: Arms,
    members: Mapping[str, Keys],
    worth: Mapping[Slot, Mapping[int, tuple[int, int]]],
) -> Part:
    """The kinds of customers there are, as who may have which variants, and how many of each."""
    counts: Counter[tuple[int, ...]] = Counter()
    slots = sorted(worth)
    push = tuple(sorted({*arms.channel} - {PUSH}))
    for batch in lake.batches(inputs["profiles"]):
        ranks = ceilings(batch, policy=project.policy.ceiling, channels=push).rank
        keys = batch["customer_key"].to_numpy()
        there = np.full((batch.num_rows, len(slots)), -1, dtype=np.int64)
        for place, (program, level, by) in enumerate(slots):
            may = among(keys, members[program]) & (ranks >= level.rank) & _consented(batch, project, program=program)
            cell = cells(batch, by)[0] if by else np.zeros(batch.num_rows, dtype=np.int64)
            known = np.array(sorted(worth[program, level, by]), dtype=np.int64)
            if by:
                may &= cell != NO_CELL
            at = np.minimum(np.searchsorted(known, cell), known.size - 1)
            numbers = np.array([worth[program, level, by][key][0] for key in known.tolist()], dtype=np.int64)
            there[:, place] = np.where(may & (known[at] == cell), numbers[at], -1)
        rows, people = np.unique(there, axis=0, return_counts=True)
        counts.update(dict(zip(map(tuple, rows.tolist()), people.tolist(), strict=True)))
    brings = {number: net for own in worth.values() for number, net in own.values()}
    size = 1 + max(brings, default=-1)
    table = np.zeros((max(1, len(counts)), size), dtype=np.int64)
    kinds = sorted(counts)
    for row, kind in enumerate(kinds):
        for number in kind:
            if number >= 0:
                table[row, number] = max(0, brings[number])
    people = np.array([counts[kind] for kind in kinds] or [0], dtype=np.int64)
    return Part.of(table, people=people)


def _consented(batch: pa.RecordBatch, project: Project, *, program: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Who may be written to for the program's purpose, on one of its push channels; shape (n,)."""
    asked = project.programs[program]
    found = np.zeros(batch.num_rows, dtype=np.bool_)
    for channel in sorted({Channel.of(t) for t in asked.touchpoints if Channel.of(t).is_push}, key=lambda c: c.value):
        words = words_for(asked.purpose.value, channel=channel.value)
        no = np.logical_or.reduce([said(batch["withdrawn"], word) for word in words])
        yes = np.logical_or.reduce([said(batch["consents"], word) for word in words])
        found |= ~no & (yes | (asked.purpose is Purpose.TRANSACTIONAL))
    return found
