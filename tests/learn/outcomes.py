"""A world whose truth is known: who is told what, what features they have, and what follows, told or left alone."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa

from decide.worlds import CLOCK
from tactful.learn.value_sums import MATCHED
from tactful.reckon.features import Feature
from tactful.words.score import UNITS_PER_MINOR


def world(
    rows: int, *, features: tuple[Feature, ...], truth: dict[str, np.ndarray], seed: int = 1, held: float = 0.2,
    baseline: float = 400.0, noise: float = 500.0, days: int = 30, late: float = 0.0,
) -> pa.Table:  # fmt: skip
    """Matched decisions in pence: a baseline everybody has, and of the told what their arm's truth adds.

    Args:
        truth: cell → pence per 1.0 of each feature.
        held: share who are left alone.
        late: share whose outcome is still out; where it is above 0, being told works through visits, the early signal.
    """
    rng = np.random.default_rng(seed)
    cells = sorted(truth)
    which = rng.integers(0, len(cells), rows)
    x = np.column_stack([_column(one, rows, rng=rng) for one in features])
    real = x / np.array([one.units for one in features])
    told = rng.random(rows) >= held
    effect = np.einsum("nd,nd->n", real, np.array([truth[cells[place]] for place in which]))
    visits = rng.poisson(1.0 + np.where(told, np.maximum(effect, 0), 0) / 200.0)
    value = baseline + (200.0 * (visits - 1) if late else told * effect) + rng.normal(0, noise, rows)
    ripe = rng.random(rows) >= late
    days_ago = rng.integers(0, days, rows)
    return pa.table(
        [
            pa.array(["win-back"] * rows), pa.array([cells[place] for place in which]), pa.array(told),
            pa.array(ripe), pa.array([CLOCK.today - timedelta(days=int(d)) for d in days_ago]),
            _lists(x), _lists((visits << 16)[:, None] if late else x[:, :0]),
            pa.array(np.rint(value).astype(np.int64)),
        ],
        schema=MATCHED,
    )  # fmt: skip


def _lists(numbers: np.ndarray) -> pa.Array:
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * numbers.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(numbers.ravel().astype(np.int64)))


def _column(one: Feature, rows: int, *, rng: np.random.Generator) -> np.ndarray:
    if one.units == 1:
        return np.ones(rows, dtype=np.int64) if not one.column else rng.integers(0, 2, rows)
    return np.rint(np.clip(rng.normal(0, 1, rows), -3, 3) * one.units / 3).astype(np.int64)


def score_units(pence: float) -> float:
    """Pence as beliefs hold them."""
    return pence * UNITS_PER_MINOR
