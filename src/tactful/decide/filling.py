"""Filling: the cell, the variant and the items of each chosen message, looked up by block."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.decide.arms import Arms, plan_kind
from tactful.decide.cells import key_of
from tactful.decide.decided import Decided
from tactful.decide.members import Inputs, Keys
from tactful.decide.portfolio import variant_id
from tactful.decide.wanted import INDIVIDUAL
from tactful.project.declared import Project
from tactful.store import lake
from tactful.store.table import ITEMS
from tactful.words.score import WHOLE_CELL

Name = tuple[str, str, str]
"""Program, kind of plan, level."""


@dataclass(frozen=True, kw_only=True)
class Filling:
    """What chosen messages are filled from. Stability: internal.

    Attributes:
        texts: key → text of every cell.
        pool: every list of items; the first is empty.
        own: plan → keys of customers in order, and where their list stands in the pool.
        shared: (plan, cell key) → where its list stands in the pool.
        plan: arm → its plan and whether its list is a person's own; None where it shows no items.
        hashes: arm → content hash; None for nothing.
    """

    texts: Mapping[int, str]
    pool: pa.Array
    own: Mapping[Name, tuple[Keys, Keys]]
    shared: Mapping[tuple[Name, int], int]
    plan: tuple[tuple[Name, bool] | None, ...]
    hashes: tuple[bytes | None, ...]

    @classmethod
    def of(cls, inputs: Inputs, *, project: Project, arms: Arms) -> Filling:
        """From `portfolio`, and `suggestions` and `cell_suggestions` where there are any."""
        cells = {row["cell"] for row in lake.read(inputs["portfolio"], columns=["cell"]).to_pylist()}
        pool, shared, own = [pa.array([[]], type=ITEMS)], {}, {}
        if "cell_suggestions" in inputs:
            rows = lake.read(inputs["cell_suggestions"]).to_pylist()
            for place, row in enumerate(rows, start=1):
                shared[(row["program"], row["plan"], row["level"]), key_of(row["cell"])] = place
            pool.append(pa.array([row["items"] for row in rows], type=ITEMS))
        if "suggestions" in inputs:
            table = lake.read(inputs["suggestions"]).combine_chunks()
            start = sum(len(part) for part in pool)
            own = {name: (keys, places + start) for name, (keys, places) in _places(table).items()}
            items = table["items"]
            pool.append((items.combine_chunks() if isinstance(items, pa.ChunkedArray) else items).cast(ITEMS))
        return cls(
            texts={key_of(cell): cell for cell in cells},
            pool=pa.concat_arrays(pool),
            own=own,
            shared=shared,
            plan=tuple(_plan(arms, arm, project=project) for arm in range(len(arms))),
            hashes=tuple(arms.batch["content_hash"].to_pylist()),
        )

    def with_own(self, suggestions: pa.Table) -> Filling:
        """The same with customers' own lists, where it was made without any.

        Args:
            suggestions: their rows.
        """
        items = suggestions["items"].combine_chunks().cast(ITEMS)
        own = {name: (keys, places + len(self.pool)) for name, (keys, places) in _places(suggestions).items()}
        return dataclasses.replace(self, pool=pa.concat_arrays([self.pool, items]), own=own)

    def fill(self, found: Decided) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Cell, variant and items of each row; cell and variant empty where nothing is said."""
        arms, chosen = found.arms, found.drawn.arms
        n, keys = found.batch.num_rows, found.batch["customer_key"].to_numpy()
        cell = np.zeros((n, max(1, len(arms.grains))), dtype=np.int64)
        if arms.grains:
            cell = found.batch["cells"].flatten().to_numpy().reshape(n, len(arms.grains))
        mine = np.where(arms.grain[chosen] >= 0, cell[np.arange(n), np.maximum(arms.grain[chosen], 0)], 0)
        names: dict[tuple[int, int], int] = {}
        place = np.empty(n, dtype=np.int64)
        for row, pair in enumerate(zip(chosen.tolist(), mine.tolist(), strict=True)):
            place[row] = names.setdefault(pair, len(names))
        texts = [self.texts[key] if key else None for _, key in names]
        variants = [
            None if (digest := self.hashes[arm]) is None else variant_id(digest, self.texts[key] if key else WHOLE_CELL)
            for arm, key in names
        ]
        items = self._items(chosen, keys=keys, cell=mine)
        return (
            pa.array(texts, type=pa.string()).take(pa.array(place)),
            pa.array(variants, type=pa.string()).take(pa.array(place)),
            items,
        )

    def _items(self, chosen: NDArray[np.int64], *, keys: Keys, cell: Keys) -> pa.Array:
        place = np.zeros(chosen.size, dtype=np.int64)
        for arm in np.unique(chosen).tolist():
            plan, rows = self.plan[arm], np.flatnonzero(chosen == arm)
            if plan is None:
                continue
            name, is_own = plan
            if is_own:
                known, places = self.own[name]
                place[rows] = places[np.searchsorted(known, keys[rows])]
            else:
                place[rows] = [self.shared[name, key] for key in cell[rows].tolist()]
        return self.pool.take(pa.array(place))


def _plan(arms: Arms, arm: int, *, project: Project) -> tuple[Name, bool] | None:
    if (name := arms.program[arm]) is None:
        return None
    program, level = project.programs[name], arms.level[arm]
    kind = plan_kind(program, touchpoint=arms.touchpoint[arm], level=level)
    items = (program.web if kind == "web" else program.levels)[level].items
    return None if items is None else ((name, kind, level.value), items.suggest in INDIVIDUAL)


def _places(table: pa.Table) -> dict[Name, tuple[Keys, Keys]]:
    """By plan the customers' keys in order, and the row of each."""
    codes = [table[name].combine_chunks().dictionary_encode() for name in ("program", "plan", "level")]
    found = {}
    keys = table["customer_key"].to_numpy()
    combined = np.zeros(table.num_rows, dtype=np.int64)
    for code in codes:
        combined = combined * (len(code.dictionary) + 1) + code.indices.to_numpy()
    for number in np.unique(combined):
        rows = np.flatnonzero(combined == number)
        rows = rows[np.argsort(keys[rows], kind="stable")]
        first = pa.scalar(int(rows[0]))
        program, plan, level = (
            pc.take(table[c], pa.array([first.as_py()]))[0].as_py() for c in ("program", "plan", "level")
        )
        found[program, plan, level] = keys[rows], rows
    return found
