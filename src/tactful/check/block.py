"""Messages of one use as columns: distinct slot values with a code for each row, decisions and items beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

ROLE_ANCHOR = "anchor"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """A column as its distinct values and a code for each row. Stability: internal.

    Attributes:
        values: distinct values.
        codes: index into `values`, shape (rows,).
    """

    values: tuple[Any, ...]  # Any: a column of any type
    codes: NDArray[np.int64]

    @classmethod
    def of(cls, column: pa.ChunkedArray | pa.Array) -> Encoded:
        """Of an Arrow column; null is a value of its own.

        >>> made = Encoded.of(pa.array(["a", None, "a"]))
        >>> made.values, made.codes.tolist()
        (('a', None), [0, 1, 0])
        """
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        if pa.types.is_list(column.type):
            texts = [str(value) for value in column.to_pylist()]
            column = pa.array(texts, pa.string())
        made = column.dictionary_encode(null_encoding="encode")
        codes = made.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        return cls(values=tuple(made.dictionary.to_pylist()), codes=codes)

    def rows(self, numbers: Iterable[int]) -> NDArray[np.int64]:
        """Rows whose value is one of these, by number."""
        chosen = np.zeros(len(self.values) + 1, dtype=bool)
        chosen[list(numbers)] = True
        return np.flatnonzero(chosen[self.codes])

    def each(self) -> list[Any]:  # Any: a column of any type
        """The value of every row."""
        return [self.values[code] for code in self.codes.tolist()]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """The items of decisions, flattened. Stability: internal.

    Attributes:
        row: the message's row, shape (shown,), ascending.
        place: its place among the items that are not anchors, from 0; -1 for an anchor.
        item, role, because: codes with their values.
    """

    row: NDArray[np.int64]
    place: NDArray[np.int64]
    item: Encoded
    role: Encoded
    because: Encoded

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
        counted = np.cumsum(~is_anchor)
        starts = np.searchsorted(row, row, side="left")
        before = np.where(starts > 0, counted[np.maximum(starts - 1, 0)], 0)
        place = np.where(is_anchor, -1, counted - before - 1).astype(np.int64)
        return cls(row=row, place=place, item=made["item_id"], role=made["role"], because=made["because"])


@dataclass(slots=True, kw_only=True, eq=False)
class Block:
    """The messages of one use. Stability: internal.

    Attributes:
        message_ids: 16 bytes each.
        columns: slot columns by number, those that are stored.
        decisions: their decisions, row by row.
        profiles: their customers' profiles, row by row; nulls where there is none.
        languages: language of each message.
    """

    message_ids: list[bytes]
    columns: dict[int, Encoded]
    decisions: pa.Table
    profiles: pa.Table
    languages: list[str]
    known: dict[str, list[Any]] = field(default_factory=dict)  # Any: columns of any type
    shown_items: Shown | None = None

    def __len__(self) -> int:
        return len(self.message_ids)

    def rows(self, which: NDArray[np.int64]) -> Block:
        """Some of the messages, in the order asked for; columns keep all their distinct values."""
        taken = pa.array(which)
        return Block(
            message_ids=[self.message_ids[row] for row in which.tolist()],
            columns={n: Encoded(values=one.values, codes=one.codes[which]) for n, one in self.columns.items()},
            decisions=self.decisions.take(taken),
            profiles=self.profiles.take(taken),
            languages=[self.languages[row] for row in which.tolist()],
        )

    def decided(self, name: str) -> list[Any]:  # Any: a column of any type
        """A column of the decisions, as Python values; read once."""
        if name not in self.known:
            self.known[name] = self.decisions[name].to_pylist()
        return self.known[name]

    def encoded(self, name: str) -> Encoded:
        """A column of the decisions, encoded."""
        return Encoded.of(self.decisions[name])

    def profiled(self, name: str) -> Encoded | None:
        """A column of the profiles, encoded; None where profiles have none of this name."""
        return Encoded.of(self.profiles[name]) if name in self.profiles.column_names else None

    @property
    def shown(self) -> Shown:
        """The items of the decisions, flattened."""
        if self.shown_items is None:
            self.shown_items = Shown.of(self.decisions["items"])
        return self.shown_items
