"""The features of a batch of profiles, from Arrow columns: what the kernel multiplies with beliefs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.reckon.exact import FEATURE_LIMIT
from tactful.reckon.features import Feature, Form, units
from tactful.words.errors import Misuse


def features(batch: pa.RecordBatch, declared: Sequence[Feature]) -> NDArray[np.int64]:
    """Every declared feature of every row of `profiles`; int64, shape (n, len(declared)).

    Raises:
        Misuse: profiles have no such column, or its units are beyond 2^20.
    """
    found = np.empty((batch.num_rows, len(declared)), dtype=np.int64)
    for place, feature in enumerate(declared):
        found[:, place] = _one(batch, feature)
    return found


def _one(batch: pa.RecordBatch, feature: Feature) -> NDArray[np.int64]:
    if feature.form is Form.CONSTANT:
        return units(feature, values=(), known=np.ones(batch.num_rows, dtype=np.bool_))
    if feature.column not in batch.schema.names:
        raise Misuse.say(where=f"feature {feature}", what="profiles have no such column", do="declare the fact")
    column = batch[feature.column]
    known = pc.is_valid(column).to_numpy(zero_copy_only=False)
    if feature.form is Form.KNOWN:
        return units(feature, values=(), known=known)
    if feature.form is Form.IS:
        same = pc.equal(pc.cast(column, pa.string()), feature.value)
        return units(feature, values=pc.fill_null(same, False).to_numpy(zero_copy_only=False), known=known)
    if feature.form is Form.UNITS:
        values = pc.fill_null(column, 0).to_numpy(zero_copy_only=False)
        if np.abs(values).max(initial=0) > FEATURE_LIMIT:
            raise Misuse.say(where="profiles", what=f"{feature.column} is above 1", do="store units of 2^-20")
        return units(feature, values=values, known=known)
    values = pc.fill_null(_numbers(column), 0.0).to_numpy(zero_copy_only=False)
    return units(feature, values=values, known=known)


def _numbers(column: pa.Array) -> pa.Array:
    """A number, a flag as 0 or 1, an instant as days since 1970."""
    if pa.types.is_temporal(column.type):
        micros = pc.cast(pc.cast(column, pa.timestamp("us", tz=getattr(column.type, "tz", None))), pa.int64())
        return pc.divide(pc.cast(micros, pa.float64(), safe=False), 86_400_000_000.0)
    if pa.types.is_boolean(column.type):
        column = pc.cast(column, pa.int8())
    return pc.cast(column, pa.float64(), safe=False)
