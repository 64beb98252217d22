"""The items that decisions show, laid end to end: whose they are, in which place, in which role, because of what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.check.encoded import Encoded, Rows

ROLE_ANCHOR = "anchor"
Shows = NDArray[np.bool_]
"""Yes or no for each shown item."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """The items of decisions, flattened. Stability: internal.

    Attributes:
        row: the message's row, shape (shown,), ascending.
        place: its place among the items that are not anchors, from 0; -1 for an anchor.
        item, role, because: codes with their values.
        told: for each shown item its number among those of the whole run.
        starts: where each row's items begin, and at last where they end, shape (rows + 1,).
    """

    row: Rows
    place: Rows
    item: Encoded
    role: Encoded
    because: Encoded
    told: Rows
    starts: Rows
    places: dict[int, tuple[Rows, Rows]] = field(default_factory=dict)
    in_place: dict[int, Rows] = field(default_factory=dict)

    def at(self, place: int) -> tuple[Rows, Rows]:
        """The rows that have an item in a place, and which of the shown items it is; of several anchors the first."""
        if place not in self.places:
            here = np.flatnonzero(self.place == place)
            rows = self.row[here]
            if place < 0:
                first = np.diff(rows, prepend=-1) > 0
                here, rows = here[first], rows[first]
            self.places[place] = rows, here
        return self.places[place]

    def items_at(self, place: int) -> Rows:
        """The item in a place of every row, by its number; one beyond the last where nothing stands there."""
        if place not in self.in_place:
            rows, here = self.at(place)
            codes = self.item.codes[here]
            if len(rows) < len(self.starts) - 1:
                codes, some = np.full(len(self.starts) - 1, len(self.item.values), dtype=np.int64), codes
                codes[rows] = some
            self.in_place[place] = codes
        return self.in_place[place]

    def rows_of(self, found: NDArray[np.bool_]) -> Rows:
        """Rows that have any of the shown items found."""
        seen = np.zeros(len(self.starts) - 1, dtype=bool)
        seen[self.row[found]] = True
        return np.flatnonzero(seen)

    def like(self, mine: NDArray[np.bool_], other: NDArray[np.bool_], *, codes: Rows) -> Rows:
        """Rows in which an item of the one kind has the code of another item, of the other kind.

        Args:
            mine, other: for each shown item whether it is of the kind.
            codes: of each shown item.
        """
        found = np.zeros(len(self.row), dtype=bool)
        for step in range(1, int(np.diff(self.starts).max(initial=0))):
            same = (self.row[step:] == self.row[:-step]) & (codes[step:] == codes[:-step])
            found[step:] |= same & mine[step:] & other[:-step]
            found[:-step] |= same & mine[:-step] & other[step:]
        return self.rows_of(found)

    def having(self, roles: Iterable[str]) -> NDArray[np.bool_]:
        """For each shown item whether its role is one of these."""
        wanted = frozenset(roles)
        return np.array([role in wanted for role in self.role.values] or [False])[self.role.codes]

    @classmethod
    def of(cls, items: pa.ChunkedArray | pa.Array) -> Shown:
        """Of a column of lists of items."""
        if isinstance(items, pa.ChunkedArray):
            items = items.combine_chunks()
        row = pc.list_parent_indices(items).to_numpy(zero_copy_only=False).astype(np.int64)
        flat = items.flatten()
        made = {name: Encoded.of(pc.struct_field(flat, [name])) for name in ("item_id", "role", "because")}
        anchors = made["role"].rows(n for n, role in enumerate(made["role"].values) if role == ROLE_ANCHOR)
        is_anchor = np.zeros(len(row), dtype=bool)
        is_anchor[anchors] = True
        starts = np.append(0, np.cumsum(np.bincount(row, minlength=len(items)))).astype(np.int64)
        place = np.arange(len(row)) - starts[row]
        if anchors.size:  # those are not counted
            counted = np.cumsum(~is_anchor)
            place = np.where(is_anchor, -1, counted - np.append(0, counted)[starts[row]] - 1).astype(np.int64)
        return cls(
            row=row, place=place, item=made["item_id"], role=made["role"], because=made["because"],
            told=np.arange(len(row)),
            starts=starts,
        )  # fmt: skip

    def of_rows(self, rows: Rows) -> Shown:
        """The items of some rows, which become the rows from 0 on; their values are those of all rows."""
        if (made := self._of_even(rows)) is not None:
            return made
        starts = self.starts[rows]
        counts = self.starts[rows + 1] - starts
        row = np.repeat(np.arange(len(rows)), counts)
        ends = np.cumsum(counts)
        told = np.arange(len(row)) + np.repeat(starts - (ends - counts), counts)
        item, role, because = (
            Encoded(values=one.values, codes=one.codes[told]) for one in (self.item, self.role, self.because)
        )
        return Shown(
            row=row, place=self.place[told], item=item, role=role, because=because, told=self.told[told],
            starts=np.append(0, ends),
        )  # fmt: skip

    def _of_even(self, rows: Rows) -> Shown | None:
        """The same where every row has as many items, as a table of so many columns; None where they have not."""
        count, every = len(self.starts) - 1, len(self.row)
        width = every // count if count else 0
        if not width or every != width * count or np.any(np.diff(self.starts) != width):
            return None

        def taken(one: Rows) -> Rows:
            return one.reshape(count, width)[rows].reshape(-1)

        item, role, because = (
            Encoded(values=one.values, codes=taken(one.codes)) for one in (self.item, self.role, self.because)
        )
        return Shown(
            row=np.repeat(np.arange(len(rows)), width), place=taken(self.place), item=item, role=role, because=because,
            told=taken(self.told), starts=np.arange(0, width * len(rows) + 1, width),
        )  # fmt: skip
