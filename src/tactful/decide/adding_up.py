"""Every number behind a score, adding up to it: what was believed, by which features, less each cost and price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tactful.decide.arms import Arms
from tactful.decide.choice import Sealed
from tactful.decide.decided import Decided
from tactful.decide.own_costs import offers_of
from tactful.decide.people import push_channels
from tactful.reckon.chance import WHOLE
from tactful.words.ids import customer_key
from tactful.words.score import ROOT, belief_cell

Row = Mapping[str, Any]  # Any: one row of mixed columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One number of a score. Stability: caller.

    Attributes:
        what: in words.
        amount: score units, with its sign.
    """

    what: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """What is believed at one place of the tree, from the program down to the customer's cell. Stability: caller.

    Attributes:
        of: the program, the arm, or the cell.
        stated: what was expected before outcomes; score units.
        believed: what is believed now; score units.
        precision: how many customers' worth of evidence that is.
        days: days of outcomes behind it.
        rows: decisions with outcomes behind it.
    """

    of: str
    stated: int
    believed: int
    precision: int
    days: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedUp:
    """One arm's score with all that made it. Stability: caller.

    Attributes:
        arm: its number.
        parts: add up to the score.
        pulls: from the program down.
        score: score units.
        gap: score units below the best arm that could be chosen.
        scale: score units in one standard deviation of an outcome: gaps are weighed in these.
        propensity: units of 2^-52.
    """

    arm: int
    parts: tuple[Part, ...]
    pulls: tuple[Pull, ...]
    score: int
    gap: int
    scale: int
    propensity: int

    @property
    def chance(self) -> float:
        """How likely it was, in [0, 1]."""
        return self.propensity / WHOLE


def added_up(found: Decided, *, sealed: Sealed, beliefs: pa.Table | pa.RecordBatch) -> tuple[AddedUp, ...]:
    """Every arm that could be chosen for one customer, the best first.

    Args:
        found: one row, as the kernel decided it.
        sealed: what it was decided by.
        beliefs: the `beliefs` rows, for how they came about.
    """
    drawn = found.drawn
    scores, probabilities = drawn.scores[0], drawn.probabilities[0]
    able = np.flatnonzero(drawn.may[0])
    best = int(scores[able].max())
    rows = {(row["program"], row["cell"]): row for row in beliefs.to_pylist()}
    contacts = [f"one more contact by {channel}" for channel in push_channels(sealed.arms)]
    costs = [f"cost and price of {offer} with them beyond what is stated," for offer in offers_of(sealed.arms)]
    wears = contacts if found.batch["contact_price"].null_count == 0 else []
    names = [*sealed.beliefs.features, *wears, *costs]  # the kernel takes what differs by customer off as last features
    made = []
    for place in able.tolist():
        arm, score = int(drawn.kind[place]), int(scores[place])
        name = _name(sealed.arms, arm, rows=rows, row=found.batch)
        parts = (
            *_believed(rows.get(name[-1]) if name else None),
            *_of_features(found, names, place=place),
            *_costs(sealed, arm=arm),
        )
        left = score - sum(part.amount for part in parts)
        if left:
            parts = (*parts, Part(what="what is not told apart here", amount=left))
        made.append(
            AddedUp(
                arm=arm, parts=parts, pulls=tuple(_pulls(rows, name)), score=score, gap=best - score,
                scale=int(drawn.board.scale[place]), propensity=int(probabilities[place]),
            )
        )  # fmt: skip
    return tuple(sorted(made, key=lambda one: (one.gap, one.arm)))


def _name(
    arms: Arms, arm: int, *, rows: Mapping[tuple[str, str], Row], row: pa.RecordBatch
) -> tuple[tuple[str, str], ...]:
    """The rows of beliefs that speak of an arm for this customer: the program's, the arm's, and that of their cell."""
    program = arms.program[arm]
    if program is None:
        return ()
    name = belief_cell(arms.touchpoint[arm], level=arms.level[arm].value, offer=arms.offer[arm])
    found = [(program, ROOT), (program, name)]
    if arms.grain[arm] >= 0:
        key = row["cells"][0].as_py()[int(arms.grain[arm])]
        found += [
            (of, cell)
            for of, cell in sorted(rows)
            if of == program and cell.startswith(f"{name}/") and customer_key(cell.removeprefix(f"{name}/")) == key
        ]
    return tuple(found)


def _pulls(rows: Mapping[tuple[str, str], Row], names: Sequence[tuple[str, str]]) -> Iterator[Pull]:
    for program, cell in names:
        if (row := rows.get((program, cell))) is not None:
            yield Pull(
                of=program if cell == ROOT else cell, stated=row["prior"], believed=row["mean"],
                precision=row["precision"], days=row["source_days"],
                rows=row["source_rows"] or 0,
            )  # fmt: skip


def _believed(row: Row | None) -> Iterator[Part]:
    if row is not None:
        yield Part(what="what it is believed to bring", amount=row["mean"])


def _costs(sealed: Sealed, *, arm: int) -> Iterator[Part]:
    arms, prices = sealed.arms, sealed.prices
    for what, amount in (
        ("sending it, and its level", int(arms.cost[arm])),
        ("its offer, as often as it is used", int(arms.offer_cost[arm])),
        *((f"price of {resource}", int(part[arm])) for resource, part in sorted(prices.of_resource.items())),
    ):
        if amount:
            yield Part(what=what, amount=-amount)


def _of_features(found: Decided, names: Sequence[str], *, place: int) -> Iterator[Part]:
    """Feature × coefficient each, rounded down, and what rounding the sum down as one makes of it."""
    board, shift = found.drawn.board, int(found.drawn.board.shift[place])
    values = found.drawn.people.features[0].tolist()
    coefficients = [int(coefficient) for coefficient in board.coefficients[place]]
    products = [value * coefficient for value, coefficient in zip(values, coefficients, strict=True)]
    whole = sum(products) >> shift
    for number, (value, product) in enumerate(zip(values, products, strict=True)):
        if product:
            name = names[number] if number < len(names) else f"feature {number}"
            yield Part(what=f"{name} at {value}", amount=product >> shift)
    if left := whole - sum(product >> shift for product in products):
        yield Part(what="rounding", amount=left)
