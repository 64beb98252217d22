"""The numbers behind a number, as compact JSON that a person can take apart; made column by column."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

DIGITS = 6

Numbers = NDArray[np.int64] | NDArray[np.float64]


def object_of(columns: Mapping[str, Numbers | pa.Array]) -> pa.Array:
    """One JSON object per row.

    Args:
        columns: numbers (rounded to six digits) or text by key; shape (n,).

    >>> object_of({"orders": np.array([2, 3]), "share": np.array([0.5, 1.0])}).to_pylist()
    ['{"orders":2,"share":0.5}', '{"orders":3,"share":1}']
    """
    pieces: list[pa.Array | str] = []
    for number, (key, values) in enumerate(columns.items()):
        pieces += [f"{'{' if number == 0 else ','}{json.dumps(key)}:", _shown(values)]
    return pc.binary_join_element_wise(*pieces, "}", "")


def reason_of(reason: str) -> str:
    """The JSON of a value that does not exist.

    >>> reason_of("no order yet")
    '{"undefined":"no order yet"}'
    """
    return json.dumps({"undefined": reason}, ensure_ascii=False, separators=(",", ":"))


def _shown(values: Numbers | pa.Array) -> pa.Array:
    if isinstance(values, pa.Array):
        distinct = values.dictionary_encode()
        words = [json.dumps(word, ensure_ascii=False) for word in distinct.dictionary.to_pylist()]
        return pa.array([*words, "null"]).take(pc.fill_null(distinct.indices, len(words)))
    if values.dtype.kind != "f":
        return pa.array(values).cast(pa.string())
    return pa.array(np.round(values, DIGITS) + 0.0).cast(pa.string())
