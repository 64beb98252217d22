"""Decisions made when asked: one customer at a place they came to, by the same kernel as everybody's at night."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from tactful.decide.arms import Arms
from tactful.decide.asked_log import body_of
from tactful.decide.choice import Sealed, finished
from tactful.decide.codes import CODE, ELIGIBLE
from tactful.decide.columns import lists
from tactful.decide.decided import DRAWN, KINDS, Decided
from tactful.decide.filling import Filling
from tactful.decide.promised import Promise, able, kept
from tactful.project.declared import Project
from tactful.reckon.chance import WHOLE
from tactful.store import ledger, sql
from tactful.words.clock import Clock
from tactful.words.outcome import DrawnBy, OutcomeKind, Reason

UNLIMITED: Final = (1 << 62) - 1


def answer(  # what a decision depends on
    row: pa.RecordBatch,
    *,
    sealed: Sealed,
    promises: Sequence[Promise],
    salt: str,
    clock: Clock,
    full: Collection[str] = (),
) -> Decided:
    """What one customer is shown now.

    The row is held to the promises in force, and to channels that can show no more. Where it can show a promise, chance
    has no part; else the kernel decides as ever, and the same row at the same prices gets the same bits as at night.

    Args:
        row: the customer's row of `inputs`, its `touchpoint` the place that asks.
        sealed: what is decided by, its prices those of this moment: see `paced.corrected`.
        promises: those in force.
        salt: the project's.
        clock: now.
        full: resources such as `channel:web` that have no room for one more.
    """
    asked = _closed(kept(row, arms=sealed.arms, promises=promises), sealed=sealed, full=full)
    found = sealed.decide(asked, salt=salt, clock=clock)
    kind = found.drawn.kind.tolist()
    shows = able(asked["why_not"].flatten().to_numpy(), arms=sealed.arms, kind=kind, promises=promises)
    return _certainly(found, [kind.index(arm) for arm in shows]) if shows else found


def _closed(row: pa.RecordBatch, *, sealed: Sealed, full: Collection[str]) -> pa.RecordBatch:
    """The row without what uses a resource that is used up."""
    names = [name for name in full if name in sealed.prices.use]
    if not names:
        return row
    codes = row["why_not"].flatten().to_numpy().copy()
    uses = np.any([sealed.prices.use[name] > 0 for name in names], axis=0)
    codes[uses & (codes == ELIGIBLE)] = CODE[Reason.CAPACITY]
    columns = {name: row[name] for name in row.schema.names}
    columns["why_not"], columns["eligible"] = lists(codes[None, :]), lists((codes == ELIGIBLE)[None, :])
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=row.schema)


def _certainly(found: Decided, places: Sequence[int]) -> Decided:
    """The best of some arms, whatever was drawn: it was promised already."""
    drawn = found.drawn
    score = drawn.scores[0]
    best = min(places, key=lambda place: (-int(score[place]), place))
    changed = dataclasses.replace(
        drawn, arm=np.array([best]), score=np.array([int(score[best])]), propensity=np.array([WHOLE]),
        outcome=np.array([KINDS.index(OutcomeKind.CHOSEN)], dtype=np.int8),
        reason=np.array([CODE[Reason.KEEPS_PROMISE]]),
        drawn_by=np.array([DRAWN.index(DrawnBy.EXACT)], dtype=np.int8),
    )  # fmt: skip
    return dataclasses.replace(found, drawn=changed)


def row_of(found: Decided, *, filling: Filling, project: Project, run_id: bytes) -> pa.RecordBatch:
    """The `decisions` row of one decision: what the kernel decided, with its items, dates and the place that asked.

    Args:
        found: one decision.
        filling: what it is filled from.
        project: its programs and offers say how long it is valid.
        run_id: by whose sealed tables it was made.
    """
    row = finished(found, filling=filling, project=project, run_id=run_id)
    columns = {name: row[name] for name in row.schema.names}
    columns |= {name: found.batch[name] for name in ("touchpoint", "channel")}
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=row.schema)


def keep(  # a decision, and what it was made from and by
    decision: pa.RecordBatch,
    found: Decided,
    *,
    prices: pa.Table,
    most: int | None,
    clock: Clock,
    tx: ledger.Transaction,
) -> bool:
    """Keeps a decision in the ledger, and with it the place it takes of its channel; False where none was left.

    Args:
        decision: its row, see `row_of`.
        found: what it was made from.
        prices: the rows it was made by, as they were at that moment.
        most: how much its channel can show in a day; None where that is not limited.
        clock: now.
        tx: the transaction.
    """
    (row,) = decision.to_pylist()
    same = ("decision_id", "occasion", "customer_id", "touchpoint", "channel", "program", "outcome_kind", "run_id")
    values = {name: row[name] for name in same} | {
        "decided_at": clock.now, "body": body_of(decision, found, prices=prices), "since": clock.midnight,
        "most": UNLIMITED if most is None else most,
    }  # fmt: skip
    return ledger.act(tx, sql.named("ledger.decide.keep_live"), values) == 1


def still_may(row: pa.RecordBatch, *, arm_id: bytes, arms: Arms) -> bool:
    """Whether an arm that was decided for this row earlier may still be shown."""
    number = arms.batch["arm_id"].to_pylist().index(arm_id) if arm_id in arms.batch["arm_id"].to_pylist() else -1
    return number >= 0 and bool(row["why_not"].flatten()[number].as_py() == ELIGIBLE)
