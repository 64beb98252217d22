"""Decisions become messages: skeletons and slot columns, with those that could not be written counted, not lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from tactful.compose.audience import MOST_ROWS, Crowd, message_ids
from tactful.compose.batches import Batch, lost
from tactful.compose.context import Catalogue, Sight
from tactful.compose.recorded import Unwritten
from tactful.project.declared import Project
from tactful.store import contracts, lake
from tactful.words.clock import Clock
from tactful.words.message import Skeleton
from tactful.words.sealed import Sealed

Inputs = Mapping[str, Sealed | pa.Table]


def write(
    inputs: Inputs,
    *,
    project: Project,
    clock: Clock,
    key: bytes,
    in_columns: bool | None = None,
    at_once: int = MOST_ROWS,
) -> Iterator[pa.RecordBatch]:
    """Messages for every chosen decision: `messages`, then `skeletons`, then `unwritten`.

    Batches of `messages` come content by content; each content has its own slot columns, so a batch's schema says in
    its metadata (`part`) which content it belongs to: a file holds one template only. A message that fails
    or aborts is a row of `unwritten`, and the others go on.

    Args:
        inputs: `decisions`, `profiles` and `items`.
        project: whose contents are written.
        clock: now: an offer that has ended is not promised.
        key: the token key, for the links of each message; they are stored as NULL.
        in_columns: whether messages are written many at once where their content allows; by their number, where left
            out. The rows are the same.
        at_once: how many decisions are looked at together; several such frames are worked on at once.

    Raises:
        ContentFault: a content cannot be compiled; `tactful check` would have said so.
        StoreFaulty: a decision's id does not belong to its decision point.
    """
    crowd = Crowd.of(inputs["decisions"], inputs["profiles"], project=project)
    sight = Sight(project=project, catalogue=Catalogue.of(lake.read(inputs["items"])))
    unwritten = list(_without(crowd))
    skeletons: dict[bytes, Skeleton] = {}
    for number, file in enumerate(crowd.files):
        batch = Batch(sight=sight, clock=clock, key=key, file=file, in_columns=in_columns)
        yield from batch.write(crowd, crowd.frames(number, most=at_once))
        skeletons.update(batch.skeletons)
        unwritten += batch.lost
    yield skeleton_rows(skeletons)
    schema = contracts.table("unwritten").schema
    yield pa.RecordBatch.from_pylist(sorted(unwritten, key=lambda row: bytes(row["message_id"])), schema=schema)  # type: ignore[call-overload]  # an id is bytes


def _without(crowd: Crowd) -> Iterator[dict[str, object]]:
    """Rows of `unwritten` for decisions without content or profile."""
    decisions = crowd.decisions.slice(0, crowd.bounds[0])
    for row, message_id in enumerate(message_ids(decisions)):
        content = decisions["content_id"][row].as_py()
        what = f"there is no content {content!r}" if crowd.whose[row] >= 0 else "there is no profile"
        failed = Unwritten(why="failed", reason=f"{what} for this decision")
        yield lost(decisions["decision_id"][row].as_py(), failed, message_id=message_id)


def skeleton_rows(skeletons: Mapping[bytes, Skeleton]) -> pa.RecordBatch:
    """Rows of `skeletons`, one for each part."""
    rows = [
        {
            "skeleton_id": skeleton_id,
            "part": part.part.value,
            "content_id": skeleton.content_id,
            "content_hash": skeleton.content_hash,
            "branch": skeleton.branch,
            "segments": list(part.segments),
            "escaper": skeleton.escaper,
            "slots": [
                {
                    "name": f"s{slot.column}",
                    "context": slot.context.value,
                    "source": slot.source,
                    "kind": slot.kind.value,
                    "facts": list(slot.facts),
                }
                for slot in part.slots
            ],
        }
        for skeleton_id, skeleton in sorted(skeletons.items())
        for part in skeleton.parts
    ]
    return pa.RecordBatch.from_pylist(rows, schema=contracts.table("skeletons").schema)
