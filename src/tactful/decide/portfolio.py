"""The portfolio: every variant, who shares it, and whether it is open: not for few people, nor at a loss."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from tactful.decide.arms import Arms
from tactful.decide.cells import NO_CELL, cells, text_of
from tactful.decide.members import Inputs, among, audiences
from tactful.decide.openings import Opened, openings
from tactful.project.declared import Project
from tactful.store import contracts, lake
from tactful.words.fact import Speak
from tactful.words.ids import derived_id
from tactful.words.level import Level
from tactful.words.outcome import Reason
from tactful.words.score import WHOLE_CELL

_LEAST = {Speak.SEGMENT: Level.MANY, Speak.COARSE: Level.FEW, Speak.EXACT: Level.ONE}


def variant_id(content_hash: bytes, cell: str) -> str:
    """The name of a variant: a content version for a cell.

    >>> variant_id(bytes(16), "{}")[:8]
    '56aee705'
    """
    return derived_id("variant", content_hash.hex(), cell).hex()


def build(inputs: Inputs, *, project: Project) -> Iterator[pa.RecordBatch]:
    """The `portfolio` rows: one per content of a program's level and cell of its audience.

    A cell may be open when at least `k_words` people of the audience are in it, and at least `k_facts` share the facts
    of it that the level may speak. Levels without `by` have one variant. Where the policy says what a variant costs,
    of those that may be open those are that pay: see `openings`.

    Args:
        inputs: `profiles`, `segments`, `arms`; and where variants cost something `beliefs`, and `past_portfolio` of the
            run before.
        project: its policy says how many people must share words and facts, and what a variant costs.
    """
    arms, members = Arms.of(lake.read(inputs["arms"])), audiences(inputs, project=project)
    wanted = sorted({(arms.program[a] or "", arms.by[a]) for a in range(len(arms)) if arms.program[a]})
    spoken = {(program, by): _spoken(project, by) for program, by in wanted}
    names = sorted({name for _, by in wanted for name in by})
    count: dict[tuple[str, tuple[str, ...]], Counter[str]] = {}
    every = sorted({*wanted, *((program, said) for (program, _), levels in spoken.items() for said in levels.values())})
    for batch in lake.batches(inputs["profiles"], columns=["customer_key", *names]):
        keys = batch["customer_key"].to_numpy()
        for by in {by for _, by in every if by}:
            cell, texts = cells(batch, by)
            for program in (program for program, own in every if own == by):
                mine, people = np.unique(cell[among(keys, members[program])], return_counts=True)
                tally = count.setdefault((program, by), Counter())
                for key, number in zip(mine.tolist(), people.tolist(), strict=True):
                    if key != NO_CELL:
                        tally[texts[key]] += number
    rows = list(_rows(arms, project=project, count=count, everyone={p: m.size for p, m in members.items()}))
    if project.policy.variants.cost:
        contents = Counter((r["program"], r["level"], r["cell"]) for r in rows if r["open"] and r["is_push"])
        found = openings(inputs, project=project, arms=arms, members=members, contents=contents)
        for row in rows:
            _weigh(row, found)
    for row in rows:
        del row["is_push"]
    yield pa.RecordBatch.from_pylist(rows, schema=contracts.table("portfolio").schema)


def _weigh(row: dict[str, Any], found: Opened) -> None:  # Any: one row of mixed columns
    """Notes what a variant is worth and costs, and closes it where it does not pay; a site's own is not asked."""
    unit = row["program"], row["level"], row["cell"]
    row |= {"value": found.value, "bound": found.bound}
    if row["is_push"] and unit in found.cost:
        row |= {"worth": found.worth[unit], "cost": found.cost[unit]}
        if unit not in found.open:
            row |= {"open": False, "why_closed": Reason.VARIANT_CLOSED.value}


def _spoken(project: Project, by: tuple[str, ...]) -> dict[Level, tuple[str, ...]]:
    """Which of the facts of a cell each level may speak."""
    return {
        level: tuple(
            name
            for name in by
            if name in project.facts and (least := _LEAST.get(project.facts[name].speak)) is not None and least <= level
        )
        for level in Level
    }


def _rows(
    arms: Arms, *, project: Project, count: dict[tuple[str, tuple[str, ...]], Counter[str]], everyone: dict[str, int]
) -> Iterator[dict[str, Any]]:  # Any: one row of mixed columns
    policy, hashes, seen = project.policy, arms.batch["content_hash"].to_pylist(), set()
    for arm, program in enumerate(arms.program):
        if program is None:
            continue
        level, by = arms.level[arm], arms.by[arm]
        found = count.get((program, by), Counter()) if by else Counter({WHOLE_CELL: everyone[program]})
        spoken = _spoken(project, by)[level]
        for cell, people in sorted(found.items()):
            name = variant_id(hashes[arm], cell)
            if (name, program, level) in seen:
                continue
            seen.add((name, program, level))
            sharing = count[program, spoken][_part(cell, spoken)] if spoken else policy.k_facts
            is_open = not by or (people >= policy.k_words and sharing >= policy.k_facts)
            yield {
                "variant_id": name,
                "program": program,
                "level": level.value,
                "cell": cell,
                "people": people,
                "open": is_open,
                "why_closed": None if is_open else Reason.CEILING_SMALL_CELL.value,
                "is_push": not arms.preview[arm],
            }


def _part(cell: str, names: tuple[str, ...]) -> str:
    """The text of the coarser cell that has only these names."""
    values = json.loads(cell)
    return text_of({name: values[name] for name in names})
