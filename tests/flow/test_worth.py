"""What was learned reaches the next run: sums of outcomes become its beliefs, and a decision says what it rests on."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from flow.shops import LATER, table_of
from tactful.flow.explaining import explain
from tactful.flow.journey import run_journey
from tactful.flow.manifest import find_run, note_stage
from tactful.flow.progress import Silent
from tactful.flow.running import seal_rows
from tactful.flow.workspace import Workspace, alone, open_workspace
from tactful.learn.value_sums import MATCHED, lifted
from tactful.project.feature_maps import features_of

CELL = "/email/all/none"


def outcomes(space: Workspace, *, pence: int, rows: int = 4_000) -> pa.Table:
    """Sums in which everybody's letter of win-back brings so many pence more than silence."""
    rng = np.random.default_rng(1)
    told = rng.random(rows) < 0.5
    width = len(features_of(space.project))
    day = space.clock.today - timedelta(days=3)
    matched = pa.Table.from_pylist(
        [
            {"program": "win-back", "cell": CELL, "told": bool(one), "ripe": True, "day": day, "signals": [],
             "features": [1] + [0] * (width - 1), "value": 300 + pence * int(one) + int(noise)}
            for one, noise in zip(told, rng.integers(-50, 50, rows), strict=True)
        ],
        schema=MATCHED,
    )  # fmt: skip
    return lifted(matched, metric=space.project.programs["win-back"].outcome or "", features=features_of(space.project))


def test_sums_of_outcomes_are_what_the_next_run_believes(waiting: Path) -> None:
    with open_workspace(waiting) as space, alone(space):
        first, before = find_run(space, None), believed(waiting)
        parts = seal_rows(space, outcomes(space, pence=90).to_batches(), tables=("learn_sums",), run_id=first.run_id)
        with space.ledger.transaction() as tx:
            note_stage(tx, space, run_id=first.run_id, stage="learn", parts=parts, seconds=0.0)
        run_journey(space, progress=Silent(), occasion=LATER)
        after = believed(waiting)
        assert find_run(space, None).run_id != first.run_id
        assert abs(after[CELL]["mean"] - 90_000) < 0.1 * abs(before[CELL]["mean"] - 90_000)
        assert (before[CELL]["source_days"], after[CELL]["source_days"]) == (0, 1)
        assert after["/email/many/none"]["mean"] > before["/email/many/none"]["mean"]
        chosen = next(row for row in table_of(waiting, "decisions").to_pylist() if row["program"] == "win-back")
        told = explain(space, find_run(space, None), customer_id=chosen["customer_id"])
    assert any("after a day of outcomes" in line for line in told.lines)


def believed(root: Path) -> dict[str, dict[str, Any]]:
    """What the latest run believes of win-back, by cell."""
    return {row["cell"]: row for row in table_of(root, "beliefs").to_pylist() if row["program"] == "win-back"}
