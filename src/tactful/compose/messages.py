"""Decisions become messages: skeletons and slot columns, with those that could not be written counted, not lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import pyarrow as pa

from tactful.compose.audience import MOST_ROWS, Crowd, Frame, chosen_rows, message_ids
from tactful.compose.batches import Means, Share, lost, message_schema, writer
from tactful.compose.gathering import spelt
from tactful.compose.recorded import Unwritten
from tactful.project.declared import ContentFile, Project
from tactful.store import contracts, lake
from tactful.store.ahead import cores
from tactful.store.workers import at_work
from tactful.words.clock import Clock
from tactful.words.message import Skeleton
from tactful.words.sealed import Sealed

Inputs = Mapping[str, Sealed | pa.Table]
MANY = 1 << 17
"""Messages from which on several processes write: fewer are written before a process has begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many messages are written together, and in how many processes. Stability: internal.

    Attributes:
        rows: decisions that are looked at together.
        processes: how many write; if None by the number of messages, of cores, and of threads in `tactful.yaml`.
        is_here: whether this process is one of them.
    """

    rows: int = MOST_ROWS
    processes: int | None = None
    is_here: bool = True


def write(
    inputs: Inputs,
    *,
    project: Project,
    clock: Clock,
    key: bytes,
    in_columns: bool | None = None,
    pace: Pace = Pace(),
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
        pace: how many are written together, and where. The rows are the same.

    Raises:
        ContentFault: a content cannot be compiled; `tactful check` would have said so.
        StoreFaulty: a decision's id does not belong to its decision point; or a process that wrote died.
    """
    items = lake.read(inputs["items"])
    means = Means(project=project, items=items, clock=clock, key=key, in_columns=in_columns)
    skeletons: dict[bytes, Skeleton] = {}
    processes = pace.processes or _processes(inputs["decisions"], project)
    with at_work(writer, means, workers=processes, is_here=pace.is_here) as act:
        crowd = Crowd.of(inputs["decisions"], inputs["profiles"], project=project)  # while others begin
        unwritten = list(_without(crowd))
        frames = [(number, one) for number in range(len(crowd.files)) for one in crowd.frames(number, most=pace.rows)]
        shares = (_share(crowd, frame, file=crowd.files[number]) for number, frame in frames)
        every = zip((number for number, _ in frames), act(shares), strict=True)
        for number, parts in groupby(every, key=itemgetter(0)):
            held: deque[pa.Table] = deque()
            own: dict[bytes, Skeleton] = {}
            for _, made in parts:
                held += [] if made.table is None else [made.table]
                own.update(made.skeletons)
                unwritten += made.lost
            schema = message_schema(crowd.files[number], width=max((one.width for one in own.values()), default=0))
            while held:
                yield spelt(held.popleft(), schema)
            skeletons.update(own)
    yield skeleton_rows(skeletons)
    schema = contracts.table("unwritten").schema
    yield pa.RecordBatch.from_pylist(sorted(unwritten, key=lambda row: bytes(row["message_id"])), schema=schema)  # type: ignore[call-overload]  # an id is bytes


def _processes(decisions: Sealed | pa.Table, project: Project) -> int:
    """How many processes write so many messages: as many as the project lets have threads, where that pays."""
    rows = decisions.rows if isinstance(decisions, Sealed) else decisions.num_rows
    is_many = rows >= MANY and chosen_rows(decisions) >= MANY
    return min(cores(), project.settings.threads) if is_many else 1


def _share(crowd: Crowd, frame: Frame, *, file: ContentFile) -> Share:
    decisions, profiles = crowd.seen(frame)
    return Share(file=file, decisions=decisions, profiles=profiles)


def _without(crowd: Crowd) -> Iterator[dict[str, object]]:
    """Rows of `unwritten` for decisions without content or profile."""
    whose, decisions = crowd.without()
    for row, message_id in enumerate(message_ids(decisions)):
        content = decisions["content_id"][row].as_py()
        what = f"there is no content {content!r}" if whose[row] >= 0 else "there is no profile"
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
