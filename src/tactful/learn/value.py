"""What messages are worth after outcomes: expected incremental margin by arm, cell and features, as `beliefs` rows."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.learn.beliefs import sealed
from tactful.learn.evidence import Cell, evidence_of, foretold
from tactful.learn.value_sums import by_cell, map_id
from tactful.project.declared import Project
from tactful.project.feature_maps import features_of
from tactful.reckon import hierarchy
from tactful.reckon.dated import Dated
from tactful.reckon.exact import COEFFICIENT_LIMIT
from tactful.reckon.features import Feature, names
from tactful.reckon.hierarchy import Evidence, Hung, Tree
from tactful.words.clock import Clock
from tactful.words.score import ROOT, UNITS_PER_MINOR, units

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Row = dict[str, Any]  # Any: one row of mixed columns

MOST_SHIFT: Final = 40
_MOST_MEAN: Final = 1 << 46
"""Beyond this no mean is believed: the kernel's scores stay below 2^53 with every cost and price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """Beliefs with what they rest on. Stability: caller.

    Attributes:
        beliefs: the rows.
        hung: by program the tree: means, doubts, and how far each cell was trusted.
        nodes: by program the cells of that tree, in its order; the first is the program.
    """

    beliefs: pa.RecordBatch
    hung: Mapping[str, Hung]
    nodes: Mapping[str, tuple[str, ...]]


def believed(prior: pa.RecordBatch, sums: pa.Table, *, project: Project, arms: pa.RecordBatch, clock: Clock) -> Learned:
    """Beliefs after outcomes: each cell pulled to its arm, each arm to what its features foretell.

    Where people were held out, what is believed is the difference that being told makes; where nobody was, it is what
    followed. Outcomes that are still out count with what early signals foretell. Coefficients of features are those of
    arms; cells differ from their arm in the mean. Without outcomes the answer is the prior.

    Args:
        prior: the rows of `beliefs.prior`.
        sums: `learn_sums` rows; those of another metric or map, or of arms that are no more, are not looked at.
        project: its features, half-life, and each program's metric.
        arms: the `arms` rows: their level, offer and touchpoint are what a new one borrows strength by.
        clock: when this is believed.

    """
    features = features_of(project)
    mine = {
        (kind, cell): dated
        for (kind, cell), dated in by_cell(sums, today=clock.today).items()
        if kind.map_id == map_id(features)
    }
    stated = _by_program(prior)
    rows: list[Row] = []
    hung: dict[str, Hung] = {}
    nodes: dict[str, tuple[str, ...]] = {}
    for program, cells in stated.items():
        metric = project.programs[program].outcome
        own = {
            (kind, cell.removeprefix(program)): dated
            for (kind, cell), dated in mine.items()
            if cell.startswith(f"{program}/") and kind.metric == metric
            if _arm_of(cell.removeprefix(program), cells) is not None
        }
        if not own:
            rows += list(cells.values())
            continue
        half_life = project.policy.value.half_life
        read = foretold(own, half_life=half_life, features=features, worth=worth_of(project, program))
        if not read:  # all of it is young, and nothing foretells it yet
            rows += list(cells.values())
            continue
        learned = _program(program, cells, read=read, arms=arms, features=features)
        hung[program], nodes[program] = learned.hung, learned.nodes
        behind = _rows(own)
        rows += [row | {"source_days": _days(own), "source_rows": behind.get(row["cell"], 0)} for row in learned.rows]
    return Learned(beliefs=sealed(rows, clock=clock), hung=hung, nodes=nodes)


def worth_of(project: Project, program: str) -> int:
    """Score units in one unit of a program's outcome: money as it is, anything counted at what a response is worth.

    Args:
        project: its metrics and programs.
        program: whose outcome.
    """
    says = project.programs[program]
    metric = project.metrics.get(says.outcome or "")
    is_money = metric is None or (metric.measure == "sum" and metric.column == "revenue")
    return UNITS_PER_MINOR if is_money else units(says.expect.margin)


def _by_program(prior: pa.RecordBatch) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = {}
    for row in prior.to_pylist():
        found.setdefault(row["program"], {})[row["cell"]] = {k: v for k, v in row.items() if k not in _SEAL}
    return found


_SEAL: Final = ("beliefs_id", "sealed_at")


def _days(own: Mapping[Any, Dated]) -> int:  # Any: whatever they are named by
    seen: set[date] = {day for dated in own.values() for day in dated.sums}
    return len(seen)


def _rows(own: Mapping[tuple[Any, str], Dated]) -> dict[str, int]:  # Any: kinds
    """Decisions with outcomes behind each cell, those of its finer cells with them."""
    found: dict[str, int] = {ROOT: 0}
    for (_, cell), dated in own.items():
        count = sum(each.count for each in dated.sums.values())
        for name in (ROOT, *above(cell), cell):
            found[name] = found.get(name, 0) + count
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Program:
    rows: list[Row]
    hung: Hung
    nodes: tuple[str, ...]


def _program(
    program: str,
    stated: Mapping[str, Row],
    *,
    read: Mapping[str, Cell],
    arms: pa.RecordBatch,
    features: tuple[Feature, ...],
) -> _Program:
    spoken = [cell for cell in stated if cell != ROOT]
    nodes, parents = _tree(spoken, read)
    head, width = stated[ROOT], len(features)
    found = evidence_of([read.get(node) for node in nodes], prior=float(head["scale"]) ** 2, worth=head["precision"])
    offsets = np.zeros((len(nodes), width))
    offsets[1 : 1 + len(spoken), 0] = [stated[cell]["prior"] for cell in spoken]
    designs = _designs(program, nodes, arms=arms)
    tree = Tree(parents=parents, designs=designs, offsets=offsets)
    sd = math.sqrt(found.variance / head["precision"])
    spread = np.full((int(tree.depth.max(initial=1)) + 1, width), sd)
    spread[2:, 0] /= 2  # what is finer differs less
    spread[2:, 1:] = 0.0  # cells differ in the mean alone: the kernel multiplies by an arm's coefficients
    maps = np.full((designs.shape[1], width), sd)
    maps[1:] /= 2
    prior = hierarchy.Prior(mean=np.zeros_like(maps), sd=maps, spread=spread)
    evidence = Evidence(information=found.information, weighted=found.weighted)
    hung = hierarchy.hang(evidence, tree=tree, prior=prior)
    rows = [
        _row(stated[_arm_of(node, stated) or ROOT], node, mean=hung.means[place], doubt=hung.covariances[place],
             variance=found.variance, features=features if node in stated and node != ROOT else ())
        for place, node in enumerate(nodes)
    ]  # fmt: skip
    rows[0] |= {"mean": _mean(head["prior"] + float(hung.means[0, 0]))}
    return _Program(rows=rows, hung=hung, nodes=nodes)


def _arm_of(cell: str, arms: Iterable[str]) -> str | None:
    """The arm that a cell is of; None where there is no such arm any more."""
    name = "/".join(cell.split("/", 4)[:4])
    return name if name in arms else None


def above(cell: str) -> tuple[str, ...]:
    """What lies above a cell, from its arm down: the arm, then the customers who share the first of its facts.

    >>> above('/email/few/none/{"range":"baking","stage":"new"}')
    ('/email/few/none', '/email/few/none/{"range":"baking"}')
    >>> above("/email/few/none")
    ()
    """
    parts = cell.split("/", 4)
    if len(parts) < 5:
        return ()
    arm, facts = "/".join(parts[:4]), json.loads(parts[4])
    names = list(facts)
    firsts = ({name: facts[name] for name in names[:many]} for many in range(1, len(names)))
    return (arm, *(f"{arm}/{json.dumps(one, ensure_ascii=False, separators=(',', ':'))}" for one in firsts))


def _tree(spoken: Sequence[str], read: Iterable[str]) -> tuple[tuple[str, ...], Ints]:
    """All, arms, segments, micro-segments: the nodes with each one's parent before it."""
    finer = {cell for cell in read if cell not in spoken}
    finer |= {name for cell in finer for name in above(cell)} - set(spoken)
    ordered = sorted(finer, key=lambda cell: (len(above(cell)), cell))
    nodes = (ROOT, *spoken, *ordered)
    place = {name: number for number, name in enumerate(nodes)}
    parents = [-1, *(0 for _ in spoken), *(place[above(cell)[-1]] for cell in ordered)]
    return nodes, np.array(parents, dtype=np.int64)


def _designs(program: str, nodes: tuple[str, ...], *, arms: pa.RecordBatch) -> Floats:
    """What an arm's worth is foretold by before it has outcomes: 1, its touchpoint, level and offer.

    Of each kind the first value is the one that the others differ from.
    """
    spoken = [row for row in arms.to_pylist() if row["program"] == program]
    kinds = [
        sorted({row["touchpoint"] for row in spoken}),
        sorted({row["level"] for row in spoken}, key=["all", "many", "few", "one"].index),
        sorted({row["offer_id"] or "none" for row in spoken}, key=lambda offer: (offer != "none", offer)),
    ]
    others = [(place, value) for place, values in enumerate(kinds) for value in values[1:]]
    designs = np.zeros((len(nodes), 1 + len(others)))
    designs[:, 0] = 1.0
    for number, node in enumerate(nodes):
        said = node.strip("/").split("/", 3)
        if len(said) >= len(kinds):
            designs[number, 1:] = [float(said[place] == value) for place, value in others]
    return designs


def _row(base: Row, cell: str, *, mean: Floats, doubt: Floats, variance: float, features: tuple[Feature, ...]) -> Row:
    made = base | {
        "cell": cell,
        "mean": _mean(float(mean[0])),
        "precision": max(1, min(1 << 40, round(variance / max(float(doubt[0, 0]), 1e-12)))),
        "coefficients": None,
        "features": None,
        "shift": None,
    }
    if len(features) > 1:
        coefficients, shift = fixed(mean, features=features)
        made |= {"coefficients": coefficients, "features": names(features), "shift": shift}
    return made


def _mean(value: float) -> int:
    return max(-_MOST_MEAN, min(_MOST_MEAN, round(value)))


def fixed(means: Floats, *, features: tuple[Feature, ...]) -> tuple[list[int], int]:
    """Coefficients as the kernel's whole numbers, and the shift that brings a product to score units.

    The constant's stands in the mean, and is 0 here. The shift is the largest at which none passes 2^24; a coefficient
    that passes it even without a shift is brought to it.

    Args:
        means: score units per 1.0 of each feature; shape (d,).
        features: the maps.

    >>> from tactful.reckon.features import BASE
    >>> coefficients, shift = fixed(np.array([500.0, 3000.0, 7.0, 0.0, 0.0]), features=BASE)
    >>> [(c * f.units) / 2**shift for c, f in zip(coefficients, BASE)][1:3]
    [3000.0, 7.0]
    """
    real = np.array([0.0, *(value / one.units for value, one in zip(means[1:], features[1:], strict=True))])
    largest = float(np.abs(real).max(initial=0.0))
    shift = 0
    if largest > 0:
        shift = max(0, min(MOST_SHIFT, math.floor(math.log2(COEFFICIENT_LIMIT / largest))))
    whole = np.clip(np.rint(np.ldexp(real, shift)), -COEFFICIENT_LIMIT, COEFFICIENT_LIMIT)
    return [int(value) for value in whole], shift
