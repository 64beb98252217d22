"""Which model filled the places of a run: its settings, who judged them, and a fingerprint of all it learned."""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
import pyarrow as pa

from tactful.decide.learned import Learned
from tactful.store import contracts
from tactful.words.ids import derived_id

MILLION: Final = 1_000_000


def told(learned: Learned) -> pa.RecordBatch:
    """The one row of `slot_model`."""
    found, model = learned.taught, learned.taught.model
    customers, choices = learned.learned_from
    row = {
        "model": model.name, "fingerprint": fingerprint(learned), "half_life": model.half_life, "trend": model.trend,
        "pull": model.pull, "things": learned.things, "customers": customers, "choices": choices, "days": found.days,
        "judged": found.judged, "gain": round(found.score * MILLION) if found.judged else None,
        "has_chances": found.calibration is not None,
    }  # fmt: skip
    return pa.RecordBatch.from_pylist([row], schema=contracts.table("slot_model").schema)


def fingerprint(learned: Learned) -> bytes:
    """The same for models that say the same of the same items, and for no others.

    The items, what each says of each other, how well each sells now, what stands together, and the half-life.
    """
    scorer, content = learned.scorer, hashlib.sha256()
    for name in learned.goods.ids.take(pa.array(scorer.head)).to_pylist():
        content.update(name.encode() + b"\0")
    together = learned.pairs[scorer.head][:, scorer.head].tocsr().sorted_indices()
    for numbers in (scorer.weights, scorer.factor, learned.sells, together.indptr, together.indices, together.data):
        content.update(np.ascontiguousarray(numbers, dtype="<i8").tobytes())
    return derived_id("slot_model", content.hexdigest(), str(scorer.half_life))
