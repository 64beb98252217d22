"""Cells: customers who share the values of a level's `by`; each cell has a text, and a number made from the text."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.words.errors import Misuse
from tactful.words.ids import customer_key
from tactful.words.score import WHOLE_CELL

NO_CELL = 0
"""The key of a customer who lacks one of the facts."""


def text_of(values: dict[str, str]) -> str:
    """The text of a cell: JSON in the order of `by`.

    >>> text_of({"favourite_range": "baking", "stage": "active"})
    '{"favourite_range":"baking","stage":"active"}'
    """
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def key_of(text: str) -> int:
    """The number of a cell; everybody's cell has none.

    >>> key_of("{}")
    0
    """
    return NO_CELL if text == WHOLE_CELL else customer_key(text)


def cells(batch: pa.RecordBatch, by: Sequence[str]) -> tuple[NDArray[np.int64], dict[int, str]]:
    """The cell of each customer, and the text of each cell that occurs.

    Args:
        batch: rows with a column per name in `by`.
        by: facts, or other columns of the profile.

    Returns:
        Keys, `NO_CELL` where one of the facts is missing; int64, shape (n,); and key → text.

    Raises:
        Misuse: the rows have no such column.
    """
    combined = np.zeros(batch.num_rows, dtype=np.int64)
    missing = np.zeros(batch.num_rows, dtype=np.bool_)
    values: list[list[str]] = []
    for name in by:
        if name not in batch.schema.names:
            raise Misuse.say(where=f"by: {name}", what="profiles have no such column", do="declare the fact")
        coded = pc.cast(batch[name], pa.string()).dictionary_encode()
        codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        known = coded.dictionary.to_pylist()
        missing |= codes < 0
        combined = combined * (len(known) + 1) + np.maximum(codes, 0)
        values.append(known)
    unique, place = np.unique(combined, return_inverse=True)
    texts = [_text(int(code), by=by, values=values) for code in unique]
    keys = np.array([key_of(text) if text else NO_CELL for text in texts], dtype=np.int64)
    found = np.where(missing, NO_CELL, keys[place]) if texts else combined
    present = set(np.unique(found).tolist()) - {NO_CELL}
    return found, {key: text for key, text in zip(keys.tolist(), texts, strict=True) if key in present}


def _text(code: int, *, by: Sequence[str], values: list[list[str]]) -> str:
    """The text behind a combined code; empty where the code stands for a missing value only."""
    parts: dict[str, str] = {}
    for name, known in zip(reversed(by), reversed(values), strict=True):
        code, place = divmod(code, len(known) + 1)
        if place >= len(known):
            return ""
        parts[name] = known[place]
    return text_of({name: parts[name] for name in by})
