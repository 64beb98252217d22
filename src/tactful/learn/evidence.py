"""From sums to evidence: outcomes that are still out foretold, the told held against those left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tactful.learn.value_sums import Kind
from tactful.reckon import dated, surrogate, uplift
from tactful.reckon.dated import Dated
from tactful.reckon.exact import FEATURE_LIMIT
from tactful.reckon.features import Feature
from tactful.reckon.surrogate import Index
from tactful.reckon.uplift import Baseline, Sums
from tactful.words.estimate import Undefined
from tactful.words.score import UNITS_PER_MINOR

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Sums of one cell in real units, outcomes in score units. Stability: internal."""

    told: Sums
    left: Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Evidence of every node, and the variance of one outcome that it rests on. Stability: internal."""

    information: Floats
    weighted: Floats
    variance: float


def foretold(
    sums: Mapping[tuple[Kind, str], Dated], *, half_life: int, features: Sequence[Feature], worth: int = UNITS_PER_MINOR
) -> dict[str, Cell]:
    """The sums of each cell of one program, rows that have not matured counted with what early signals foretell.

    One index serves the program: fitted on all that has matured, told and left alone. Where it cannot be fitted, rows
    that have not matured wait.

    Args:
        sums: of one program, by kind and cell.
        half_life: days after which a row counts half.
        features: the map.
        worth: score units in one unit of the outcome.
    """
    width = len(features)
    cells: dict[str, Cell] = {}
    for signals in sorted({kind.signals for kind, _ in sums}):
        scales = np.array([*(float(one.units) for one in features), *([float(FEATURE_LIMIT)] * signals)])
        read = {
            (kind.told, kind.ripe, cell): dated.read(
                each, half_life=half_life, scales=scales, outcome=1 / worth, width=scales.size
            )
            for (kind, cell), each in sorted(sums.items(), key=lambda item: item[0])
            if kind.signals == signals
        }
        index = _index([each for (_, ripe, _), each in read.items() if ripe], width=width, signals=signals)
        for (told, ripe, cell), each in read.items():
            if not ripe and not isinstance(index, Index):
                continue
            more = surrogate.plain(each, width=width) if ripe else surrogate.ripened(each, index)  # type: ignore[arg-type]  # it is one, by the line above
            old = cells.get(cell, Cell(told=Sums.none(width), left=Sums.none(width)))
            cells[cell] = Cell(told=old.told + more, left=old.left) if told else Cell(
                told=old.told, left=old.left + more
            )  # fmt: skip
    return cells


def _index(ripe: Sequence[Sums], *, width: int, signals: int) -> Index | Undefined:
    if not ripe or not signals:
        return Undefined("nothing has matured, or there are no early signals")
    total = Sums.none(width + signals)
    for each in ripe:
        total = total + each
    return surrogate.fit(total, width=width)


def evidence_of(cells: Sequence[Cell | None], *, prior: float, worth: float) -> Said:
    """Evidence of each node; of a node without rows, none.

    Where anybody of the program was left alone, each cell's told are held against its own left alone, helped by what
    those of the whole program brought; that help is shared out over the cells, so that nobody is counted twice.

    Args:
        cells: by node.
        prior: variance of one outcome expected, in score units squared.
        worth: rows that expectation is worth.
    """
    seen = [cell for cell in cells if cell is not None]
    width = seen[0].told.xy.size
    variance = uplift.residual([part for cell in seen for part in (cell.told, cell.left)], prior=prior, worth=worth)
    alone = Sums.none(width)
    for cell in seen:
        alone = alone + cell.left
    baseline = None
    if alone.count > 0:
        mean = np.asarray(np.linalg.lstsq(alone.xx, alone.xy, rcond=None)[0], dtype=np.float64)
        baseline = Baseline(mean=mean, rows=alone.count / len(seen))
    information, weighted = np.zeros((len(cells), width, width)), np.zeros((len(cells), width))
    for node, each in enumerate(cells):
        if each is None or each.told.count == 0:
            continue
        if baseline is None:
            information[node], weighted[node] = uplift.alone(each.told, variance=variance)
        else:
            information[node], weighted[node] = uplift.against(
                each.told, each.left, variance=variance, baseline=baseline
            )
    return Said(information=information, weighted=weighted, variance=variance)
