"""Beliefs: what a message is expected to bring, from stated expectations and then from outcomes, in score units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa

from tactful.project.declared import Project
from tactful.project.programs import Expectation
from tactful.reckon import shrinkage
from tactful.store import contracts
from tactful.words.clock import Clock
from tactful.words.errors import Misuse
from tactful.words.estimate import Undefined
from tactful.words.level import Level
from tactful.words.score import ROOT, belief_cell, beliefs_id, units

MOST_SCALE: Final = 1 << 32
_RESPONSE: Final = 1 << 16
"""Units in a response of 1 while outcomes are pooled."""


def prior(project: Project, arms: pa.RecordBatch, *, clock: Clock) -> pa.RecordBatch:
    """The `beliefs` rows that follow from the programs' stated expectations alone.

    An arm is expected to bring ``response × multiple of its level × multiple of its offer × margin``, the response cut
    at 1. `scale` is the standard deviation of one outcome at level all with no offer: the unit of gaps in the kernel.

    Args:
        project: its programs say what they expect.
        arms: the `arms` rows.
        clock: when this was believed.

    Returns:
        One row per program (cell `/`) and one per arm that speaks; mean, prior and scale in score units, precision in
        customers' worth of evidence.

    Raises:
        Misuse: a margin so large that its scale leaves the kernel's range.
    """
    rows: list[dict[str, Any]] = []  # Any: one row of mixed columns
    spoken = [row for row in arms.to_pylist() if row["program"] is not None]
    for program in sorted({row["program"] for row in spoken}):
        expect = project.programs[program].expect
        rows.append(_row(program, cell=ROOT, response=Decimal(expect.response), expect=expect))
        for row in (row for row in spoken if row["program"] == program):
            cell = belief_cell(row["touchpoint"], level=row["level"], offer=row["offer_id"])
            rows.append(_row(program, cell=cell, response=_response(expect, row), expect=expect))
    return sealed(rows, clock=clock)


def _response(expect: Expectation, arm: Mapping[str, Any]) -> Decimal:  # Any: one row of mixed columns
    level = expect.levels.get(Level(arm["level"]), Decimal(1))
    offer = expect.offers.get(arm["offer_id"] or "none", Decimal(1))
    return min(Decimal(1), expect.response * level * offer)


def _row(program: str, *, cell: str, response: Decimal, expect: Expectation) -> dict[str, Any]:  # Any: mixed columns
    margin = units(expect.margin)
    mean = _whole(response * margin)
    scale = max(1, _whole(margin * (expect.response * (1 - expect.response)).sqrt()))
    if scale > MOST_SCALE:
        raise Misuse.say(
            where=f"program {program}, expect.margin",
            what=f"{expect.margin} for one response is beyond what the kernel can weigh",
            do="state the margin in a larger currency unit",
        )
    return {
        "program": program,
        "cell": cell,
        "mean": mean,
        "precision": expect.weight,
        "prior": mean,
        "scale": scale,
        "source_days": 0,
    }


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_HALF_EVEN))


def sealed(rows: list[dict[str, Any]], *, clock: Clock) -> pa.RecordBatch:  # Any: mixed columns
    """Rows in order under an id made of what they say, not of when: the same beliefs have the same id."""
    ordered = sorted(rows, key=lambda row: (row["program"], row["cell"]))
    unique = {(row["program"], row["cell"]): row for row in ordered}
    head = {"beliefs_id": beliefs_id(unique.values()), "sealed_at": clock.now}
    return pa.RecordBatch.from_pylist([head | row for row in unique.values()], schema=contracts.table("beliefs").schema)


def pooled(
    sums: pa.Table, prior: pa.RecordBatch, *, margins: Mapping[str, int], source_days: int, clock: Clock
) -> pa.RecordBatch:
    """Beliefs after outcomes: each cell's response pulled towards its arm's, each arm's towards its program's.

    What is pooled is how far responses lie from what was expected of their arm, so that the stated multiples of levels
    and offers stand until evidence moves them. Without outcomes the answer is the prior.

    Args:
        sums: columns program, cell (as `belief_cell` names it), count (messages), total (responses among them).
        prior: the rows of `prior`.
        margins: score units of one response, by program.
        source_days: days of outcomes behind the sums.
        clock: when this is believed.

    Raises:
        Misuse: a sum is of an arm that the prior does not know.
    """
    seen: dict[tuple[str, str], tuple[int, int]] = {
        (row["program"], row["cell"]): (row["count"], row["total"]) for row in sums.to_pylist()
    }
    stated = {(row["program"], row["cell"]): row for row in prior.to_pylist()}
    rows: list[dict[str, Any]] = []  # Any: one row of mixed columns
    for program in sorted({program for program, _ in stated}):
        mine = {cell: row for (name, cell), row in stated.items() if name == program}
        counts = {cell: count for (name, cell), count in seen.items() if name == program}
        rows += list(_pooled_program(mine, counts, margin=margins[program], source_days=source_days))
    return sealed(rows, clock=clock)


def _pooled_program(
    stated: Mapping[str, dict[str, Any]],  # Any: one row of mixed columns
    seen: Mapping[str, tuple[int, int]],
    *,
    margin: int,
    source_days: int,
) -> Iterator[dict[str, Any]]:  # Any: mixed columns
    arms = [cell for cell in stated if cell != ROOT]
    finer = sorted(cell for cell in seen if cell not in stated)
    above = {cell: _arm_of(cell, arms) for cell in finer}
    cells = [ROOT, *arms, *finer]
    parents = [-1, *(0 for _ in arms), *(1 + arms.index(above[cell]) for cell in finer)]
    expected = [stated[above.get(cell, cell)]["prior"] * _RESPONSE // margin for cell in cells]
    counts = np.array([seen.get(cell, (0, 0))[0] for cell in cells], dtype=np.int64)
    totals = np.array([seen.get(cell, (0, 0))[1] for cell in cells], dtype=np.int64)
    p = np.array(expected, dtype=np.int64)
    head = stated[ROOT]
    share = head["prior"] / margin
    found = shrinkage.pool(
        counts,
        totals * _RESPONSE - counts * p,
        squares=totals * (_RESPONSE**2 - 2 * _RESPONSE * p) + counts * p * p,
        parents=parents,
        prior=shrinkage.Prior(
            mean=0.0, count=head["precision"], variance=max(share * (1 - share), 1e-6), pull=head["precision"]
        ),
        scale=_RESPONSE,
    )
    if isinstance(found, Undefined):
        raise Misuse.say(where="beliefs", what=found.reason, do="give the program an expected weight of at least 1")
    for number, cell in enumerate(cells):
        base = stated[above.get(cell, cell)]
        moved = round(float(found.means[number]) * margin)
        precision = max(base["precision"], round(float(found.effective_n[number])))
        yield base | {
            "cell": cell,
            "mean": min(max(base["prior"] + moved, 0), margin),
            "precision": precision if counts.any() else base["precision"],
            "source_days": source_days if counts.any() else 0,
        }


def _arm_of(cell: str, arms: list[str]) -> str:
    for arm in arms:
        if cell.startswith(f"{arm}/"):
            return arm
    raise Misuse.say(where="beliefs", what=f"outcomes of {cell}, an arm no one knows", do="give the arms of that day")
