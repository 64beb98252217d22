"""Verdicts of a batch: for each arm and customer whether it may be chosen, or the first reason why not."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.decide.codes import CODE, ELIGIBLE
from tactful.words import condition as said
from tactful.words.errors import Misuse
from tactful.words.outcome import Reason

Flags = NDArray[np.bool_]


class Verdicts:
    """Codes by arm and row; the first reason given stays. Stability: internal.

    Attributes:
        codes: int16, shape (arms, rows).
    """

    def __init__(self, *, arms: int, rows: int) -> None:
        self.codes = np.full((arms, rows), ELIGIBLE, dtype=np.int16)

    def deny(self, arms: Iterable[int], *, where: Flags | bool, reason: Reason) -> None:
        """These arms may not be chosen for the rows where this holds, if nothing else stood against them already."""
        code = CODE[reason]
        for arm in arms:
            line = self.codes[arm]
            line[(line == ELIGIBLE) & where] = code

    def may(self, arms: Iterable[int]) -> Flags:
        """Whether any of these arms may be chosen; shape (rows,)."""
        found: Flags = (self.codes[list(arms)] == ELIGIBLE).any(axis=0)
        return found


def holds(condition: said.Condition, batch: pa.RecordBatch) -> Flags:
    """Where a condition on facts holds; where a value is missing it does not, nor does its opposite.

    Raises:
        Misuse: the rows have no such column.
    """
    found: Flags = pc.fill_null(_kleene(condition, batch), False).to_numpy(zero_copy_only=False).astype(np.bool_)
    return found


def _kleene(condition: said.Condition, batch: pa.RecordBatch) -> pa.Array:
    match condition:
        case said.Known(name):
            return pc.is_valid(_column(batch, name))
        case said.Among(name, values):
            found = [_compared(_column(batch, name), "=", value=value) for value in values]
            return _joined(pc.or_kleene, found, empty=False, rows=batch.num_rows)
        case said.Not(inner):
            return pc.invert(_kleene(inner, batch))
        case said.All(parts):
            return _joined(pc.and_kleene, [_kleene(p, batch) for p in parts], empty=True, rows=batch.num_rows)
        case said.Any(parts):
            return _joined(pc.or_kleene, [_kleene(p, batch) for p in parts], empty=False, rows=batch.num_rows)
        case said.Compare(name, sign, value):
            return _compared(_column(batch, name), sign, value=value)


_SIGNS = {
    "=": pc.equal, "!=": pc.not_equal, "<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal,
}  # fmt: skip


def _compared(column: pa.Array, sign: str, *, value: said.Value) -> pa.Array:
    return _SIGNS[sign](column, pa.scalar(value))


def _joined(how: object, parts: list[pa.Array], *, empty: bool, rows: int) -> pa.Array:
    found = pa.repeat(pa.scalar(empty), rows)
    for part in parts:
        found = how(found, part)  # type: ignore[operator]  # one of pyarrow's two connectives
    return found


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    if name not in batch.schema.names:
        raise Misuse.say(where=f"condition on {name}", what="profiles have no such column", do="declare the fact")
    return batch[name]
