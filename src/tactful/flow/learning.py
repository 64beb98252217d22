"""What earlier runs decided and sent, as the room that learns reads it: sealed tables, and what the ledger says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from tactful.flow.manifest import Run, empty, known_runs, loaded, sealed_in
from tactful.flow.visits import BY, VISITS
from tactful.flow.workspace import Workspace
from tactful.learn.learning import MAP, Past, marks
from tactful.learn.outcomes import Deployed, decided_columns
from tactful.store import lake, ledger
from tactful.store.ledger import Transaction
from tactful.store.sql import named
from tactful.words.sealed import Sealed

SENT = "sent"
REHEARSAL = "rehearsal"
"""What the summary of a run says that reached seed addresses only: nobody else was told."""


def past_of(space: Workspace) -> Past:
    """Everything that was sealed can teach: what any run has learned from is on record, so nothing counts twice."""
    with space.ledger.reading() as tx:
        sums = lake.read(loaded(tx, "learn_sums", root=space.lake))
        outcomes = loaded(tx, "outcomes", root=space.lake)
        deployed = tuple(deployed_runs(tx, space, sums=sums))
    return Past(deployed=deployed, outcomes=outcomes, sums=sums)


def deployed_runs(tx: Transaction, space: Workspace, *, sums: pa.Table) -> Iterator[Deployed]:
    """Every run that was sent to its end, in the order of its clock, with the decisions it is answerable for; and what
    was decided when people came, which was shown as it was decided.

    A run that was only prepared told nobody anything, and one that was stopped on the way has not told everybody yet.
    Of several runs of one occasion the one that sent a decision's message has it, else the first that was sent.

    Args:
        tx: the caller's transaction.
        space: whose runs.
        sums: `learn_sums` rows: they name the map of each run's features.
    """
    maps = dict(marks(sums, of=MAP))
    sent = [one for one in known_runs(tx) if one.kind == "run" and one.state == SENT and not one.summary.get(REHEARSAL)]
    asked = [one for one in known_runs(tx) if one.kind == VISITS]
    for one in sorted([*sent, *asked], key=lambda one: (one.clock, one.started_at, one.number, one.run_id)):
        sealed = sealed_in(tx, one.run_id, root=space.lake)
        if "decisions" not in sealed:
            continue
        if one.kind == VISITS:
            yield _visited(tx, one, space=space, sealed=sealed, maps=maps)
            continue
        same = [other for other in sent if other.occasion == one.occasion]
        decisions = lake.read(sealed["decisions"], columns=list(decided_columns()))
        yield Deployed(
            run_id=one.run_id,
            decided_at=one.clock,
            map_id=maps.get(one.run_id.hex(), ""),
            decisions=_its_own(tx, decisions, run=one, same=same),
            inputs=sealed.get("inputs") or empty("inputs"),
            arms=sealed["arms"],
            portfolio=sealed.get("portfolio") or empty("portfolio"),
        )


def _visited(
    tx: Transaction, one: Run, *, space: Workspace, sealed: Mapping[str, Sealed], maps: Mapping[str, str]
) -> Deployed:
    """What was decided when people came, by the tables of one run: its arms, its features, its cells."""
    by = bytes.fromhex(one.summary[BY])
    laid = sealed_in(tx, by, root=space.lake)
    return Deployed(
        run_id=one.run_id,
        decided_at=one.clock,
        map_id=maps.get(by.hex(), ""),
        decisions=lake.read(sealed["decisions"], columns=list(decided_columns())),
        inputs=sealed["inputs"],
        arms=laid["arms"],
        portfolio=laid.get("portfolio") or empty("portfolio"),
        is_asked=True,
    )


def _its_own(tx: Transaction, decisions: pa.Table, *, run: Run, same: Sequence[Run]) -> pa.Table:
    """Of several runs of one occasion, the decisions that are this one's."""
    if len(same) == 1:
        return decisions
    first = min(same, key=lambda one: (one.started_at, one.number))
    sent_by = {one.run_id: _sent_by(tx, one) for one in same}
    mine = pc.is_in(decisions["decision_id"], value_set=sent_by[run.run_id])
    if run.run_id == first.run_id:
        others = pa.concat_arrays([ids for run_id, ids in sent_by.items() if run_id != run.run_id])
        mine = pc.or_(mine, pc.invert(pc.is_in(decisions["decision_id"], value_set=others)))
    return decisions.filter(mine)


def _sent_by(tx: Transaction, run: Run) -> pa.Array:
    rows = ledger.ask(tx, named("ledger.flow.outbox_of_run"), {"run_id": run.run_id})
    return pa.array([row["decision_id"] for row in rows], pa.binary(16))
