"""Whether there is enough to show, of a person's own list or their cell's, and none of it just bought or returned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.decide.arms import Plan, plans
from tactful.decide.cells import key_of
from tactful.decide.members import Inputs, Keys, among
from tactful.decide.people import Asked
from tactful.decide.wanted import INDIVIDUAL, least_of
from tactful.project.declared import Project
from tactful.project.programs import ItemsWanted
from tactful.reckon.distinct import distinct
from tactful.store import lake
from tactful.words.outcome import Reason

Name = tuple[str, str, str]
"""Program, kind of plan, level."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Who can be shown enough. Stability: internal.

    Attributes:
        own: plan → keys of customers whose own list is long enough, sorted.
        cells: plan → keys of the cells whose list is long enough, sorted.
        clash: (plan, reason) → `together` of customer and cell where an item was just bought or returned, sorted.
    """

    own: Mapping[Name, Keys]
    cells: Mapping[Name, Keys]
    clash: Mapping[tuple[Name, Reason], NDArray[np.uint64]]

    @classmethod
    def of_cells(cls, inputs: Inputs, *, project: Project) -> Shown:
        """Of nobody's own yet: from `cell_suggestions`."""
        wanted = _wanted(project)
        grouped = _by_plan(inputs, "cell_suggestions", columns=("cell",))
        found: dict[Name, Keys] = {}
        for name, rows in grouped.items():
            if name in wanted:
                enough = rows.filter(pc.greater_equal(rows["items_shown"], least_of(wanted[name])))
                found[name] = np.unique(np.array([key_of(c) for c in enough["cell"].to_pylist()], dtype=np.int64))
        return cls(own={}, cells=found, clash={})

    def with_own(self, inputs: Inputs, *, project: Project) -> Shown:
        """The same with what is of customers: from `suggestions` and `clashes`."""
        wanted = _wanted(project)
        own: dict[Name, Keys] = {}
        for name, rows in _by_plan(inputs, "suggestions", columns=("customer_key",)).items():
            if name in wanted:
                enough = rows["customer_key"].to_numpy()[rows["items_shown"].to_numpy() >= least_of(wanted[name])]
                own[name] = distinct(enough)
        return Shown(own=own, cells=self.cells, clash=_clashes(inputs))

    def judge(self, asked: Asked, plan: Plan, *, arms: list[int], cell: Keys) -> None:
        """Denies who cannot be shown enough, and whose list holds what they just bought or returned."""
        name, items = (plan.program, plan.kind, plan.level.value), plan.says.items
        assert items is not None, "only plans with items are judged by them"
        none = np.empty(0, dtype=np.int64)
        if items.suggest in INDIVIDUAL:
            has = among(asked.keys, self.own.get(name, none))
            asked.verdicts.deny(arms, where=~has, reason=Reason.TOO_FEW_ITEMS)
            return
        asked.verdicts.deny(arms, where=~among(cell, self.cells.get(name, none)), reason=Reason.TOO_FEW_ITEMS)
        for reason in (Reason.ALREADY_BOUGHT, Reason.RETURNED):
            if (pairs := self.clash.get((name, reason))) is not None:
                asked.verdicts.deny(arms, where=among(together(asked.keys, cell), pairs), reason=reason)


def _wanted(project: Project) -> dict[Name, ItemsWanted]:
    """What each plan that shows items says of them."""
    return {(p.program, p.kind, p.level.value): p.says.items for p in plans(project) if p.says.items}


def together(keys: Keys, cell: Keys) -> NDArray[np.uint64]:
    """One number for a customer and a cell."""
    factor = np.uint64(0x9E3779B97F4A7C15)
    found: NDArray[np.uint64] = (keys.view(np.uint64) * factor) ^ cell.astype(np.int64).view(np.uint64)
    return found


def _by_plan(inputs: Inputs, table: str, *, columns: tuple[str, ...]) -> dict[Name, pa.Table]:
    """The rows of each plan, with the number of items shown beside them: anchors are not counted where others are."""
    if table not in inputs:
        return {}
    rows = lake.read(inputs[table], columns=["program", "plan", "level", *columns, "items"]).combine_chunks()
    flat = pc.list_flatten(rows["items"])
    parents = pc.list_parent_indices(rows["items"]).to_numpy()
    is_anchor = pc.equal(pc.struct_field(flat, "role"), "anchor").to_numpy()
    shown = np.bincount(parents[~is_anchor], minlength=rows.num_rows)
    anchors = np.bincount(parents[is_anchor], minlength=rows.num_rows)
    rows = rows.drop_columns(["items"]).append_column("items_shown", pa.array(np.where(shown > 0, shown, anchors)))
    names = sorted(
        {
            tuple(row.values())
            for row in rows.select(["program", "plan", "level"])
            .group_by(["program", "plan", "level"])
            .aggregate([])
            .to_pylist()
        }
    )
    found = {}
    for program, kind, level in names:
        mine = pc.and_(
            pc.equal(rows["program"], program), pc.and_(pc.equal(rows["plan"], kind), pc.equal(rows["level"], level))
        )
        found[program, kind, level] = rows.filter(mine)
    return found


def _clashes(inputs: Inputs) -> dict[tuple[Name, Reason], NDArray[np.uint64]]:
    if "clashes" not in inputs:
        return {}
    found: dict[tuple[Name, Reason], list[NDArray[np.uint64]]] = {}
    for batch in lake.batches(inputs["clashes"]):
        keys = batch["customer_key"].to_numpy()
        names, which = _names(batch)
        for number, (program, plan, level, cell, reason) in enumerate(names):
            mine = keys[which == number]
            pairs = together(mine, np.full(mine.size, key_of(cell), dtype=np.int64))
            found.setdefault(((program, plan, level), Reason(reason)), []).append(pairs)
    return {name: distinct(np.concatenate(parts)) for name, parts in found.items()}


def _names(batch: pa.RecordBatch) -> tuple[list[tuple[str, ...]], NDArray[np.int64]]:
    """Each different program, plan, level, cell and reason of some rows, and which of them each row has."""
    coded = [batch[name].dictionary_encode() for name in ("program", "plan", "level", "cell", "reason")]
    sizes = [max(1, len(column.dictionary)) for column in coded]
    combined = np.ravel_multi_index([column.indices.to_numpy() for column in coded], sizes)
    different, which = np.unique(combined, return_inverse=True)
    places = zip(*np.unravel_index(different, sizes), strict=True)
    names = [tuple(c.dictionary[int(p)].as_py() for c, p in zip(coded, place, strict=True)) for place in places]
    return names, which
