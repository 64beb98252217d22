"""Decisions made when people came are sealed into the lake like those of a night, so that they can be learned from."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa

from tactful.decide import asked_log
from tactful.flow.manifest import note_stage
from tactful.flow.progress import Progress
from tactful.flow.running import counted, seal_rows
from tactful.flow.workspace import Workspace
from tactful.store import ledger
from tactful.store.sql import named
from tactful.words.ids import derived_id

VISITS: Final = "visits"
"""The kind of a run that holds decisions made when asked."""
BY: Final = "by"
"""What its summary calls the run by whose sealed tables they were made."""
TABLES: Final = ("decisions", "candidates", "inputs")
MOST: Final = 262_144
"""Decisions sealed together at most."""
_PAGE: Final = 2_048
_STAY: Final = 35
"""Days for which the ledger keeps what is in the lake already."""
_BEGIN: Final = {"after": datetime.fromtimestamp(0, UTC), "after_id": b""}


def seal_visits(space: Workspace, *, progress: Progress) -> int:
    """Seals every decision that was made when asked and is not in the lake yet; returns how many.

    Their files are written first and named in one transaction that also notes in the ledger that they are sealed: a
    kill before it leaves files that count for nothing, and the decisions wait for the next run. People may go on
    coming meanwhile.

    Args:
        space: the project; the caller holds it alone.
        progress: shown how it goes.
    """
    with space.ledger.reading() as tx:
        waiting = [row["run_id"] for row in ledger.ask(tx, named("ledger.decide.live_waiting"))]
    found = 0
    for by in waiting:
        while (sealed := _sealed(space, by=by, progress=progress)) == MOST:
            found += sealed
        found += sealed
    if found:
        with space.ledger.transaction() as tx:
            asked_log.remove_old(tx, before=space.clock.days_before(_STAY))
    return found


@dataclass(slots=True, kw_only=True)
class _Kept:
    """Decisions by one run's tables, page by page, and which they were."""

    space: Workspace
    by: bytes
    ids: list[bytes] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    last: datetime | None = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows of three tables."""
        after: dict[str, Any] = dict(_BEGIN)  # Any: bound values
        while len(self.ids) < MOST:
            values = {"run_id": self.by, "rows": min(_PAGE, MOST - len(self.ids)), **after}
            with self.space.ledger.reading() as tx:
                page = ledger.ask(tx, named("ledger.decide.live_unsealed"), values)
            if not page:
                return
            after = {"after": page[-1]["decided_at"], "after_id": page[-1]["decision_id"]}
            self.last = page[-1]["decided_at"]
            self.ids += [row["decision_id"] for row in page]
            self.left += [asked_log.without_log(row["body"]) for row in page]
            yield from asked_log.sealed_rows(page)


def _sealed(space: Workspace, *, by: bytes, progress: Progress) -> int:
    """Seals the next decisions made by one run's tables."""
    began, kept = time.monotonic(), _Kept(space=space, by=by)
    with space.ledger.reading() as tx:
        (run,) = ledger.ask(tx, named("ledger.flow.run"), {"run_id": by})
        values = {"run_id": by, "rows": 1, **_BEGIN}
        first = ledger.ask(tx, named("ledger.decide.live_unsealed"), values)
    if not first:
        return 0
    run_id = derived_id("run", VISITS, by.hex(), first[0]["decision_id"].hex())
    with progress.step(VISITS, says="seal what was decided when people came", total=None) as report:
        parts = seal_rows(space, counted(kept.batches(), report), tables=TABLES, run_id=run_id)
    at = space.wall.now
    row = {**run, "run_id": run_id, "kind": VISITS, "clock": kept.last, "number": 1, "state": "sealed",
           "started_at": at, "ended_at": at}  # fmt: skip
    row["summary"] = json.dumps({BY: by.hex(), "decisions": len(kept.ids)})
    with space.ledger.transaction() as tx:
        ledger.write(tx, "run", [row])
        note_stage(tx, space, run_id=run_id, stage=VISITS, parts=parts, seconds=time.monotonic() - began)
        asked_log.mark_sealed(tx, dict(zip(kept.ids, kept.left, strict=True)), sealed_in=run_id)
    return len(kept.ids)
