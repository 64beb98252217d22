"""Messages that were written one by one, gathered by skeleton into columns, as if they had been written in columns."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tactful.compose.joining import refused
from tactful.compose.plan import Group
from tactful.compose.skeletons import Written
from tactful.compose.values import Column, Distinct, factorised
from tactful.words.message import join


@dataclass(slots=True, kw_only=True)
class Lot:
    """Messages of one skeleton. Stability: internal.

    Attributes:
        first: the first of them.
        rows: of the frame, ascending.
        values: of each, one for each slot column.
    """

    first: Written
    rows: list[int] = field(default_factory=list)
    values: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, row: int, written: Written) -> None:
        """One more message, of a later row."""
        self.rows.append(row)
        self.values.append(written.values)

    def group(self) -> tuple[Group, dict[int, str]]:
        """The messages as columns; and the rows of which a value is refused where it stands, with the reason."""
        rows = np.array(self.rows, np.int64)
        columns = []
        for values in zip(*self.values, strict=True):
            distinct, codes = factorised(values)
            columns.append(Column(Distinct(distinct), codes, rows=rows))
        bad = refused(self.first.skeleton, columns, rows=rows)
        told = {self.rows[place]: self._refusal(place) for place in np.flatnonzero(bad).tolist()}
        kept = rows[~bad]
        columns = [Column(one.distinct, one.of(rows)[~bad], rows=kept) for one in columns]
        made = Group(
            rows=kept,
            skeleton=self.first.skeleton,
            skeleton_id=self.first.skeleton_id,
            columns=tuple(columns),
            is_link=self.first.is_link,
        )
        return made, told

    def _refusal(self, place: int) -> str:
        try:
            join(self.first.skeleton, self.values[place])
        except ValueError as fault:  # a value its context refuses, or one that is no text (a lone surrogate)
            return str(fault)
        return "a value is refused where it stands"
