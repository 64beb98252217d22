"""Decisions become messages: skeletons and slot columns, with those that could not be written counted, not lost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.compose.batches import Audience, Batch, lost
from tactful.compose.context import Catalogue, Row, Sight
from tactful.compose.recorded import Unwritten
from tactful.compose.values import Codes
from tactful.compose.views import coded
from tactful.project.declared import ContentFile, Project
from tactful.store import contracts, lake
from tactful.words.clock import Clock
from tactful.words.errors import StoreFaulty
from tactful.words.ids import DecisionPoint, canonical
from tactful.words.message import Skeleton
from tactful.words.outcome import OutcomeKind
from tactful.words.sealed import Sealed
from tactful.words.touchpoint import PUSH

Inputs = Mapping[str, Sealed | pa.Table]
_DECISION = [
    "decision_id", "occasion", "step", "customer_id", "program", "purpose", "touchpoint", "decided_at", "level",
    "content_id", "offer_id", "items", "outcome_kind",
]  # fmt: skip


def write(
    inputs: Inputs, *, project: Project, clock: Clock, key: bytes, in_columns: bool = True
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
        in_columns: whether messages are written many at once where their content allows; the rows are the same.

    Raises:
        ContentFault: a content cannot be compiled; `tactful check` would have said so.
        StoreFaulty: a decision's id does not belong to its decision point.
    """
    decisions = _chosen(inputs["decisions"])
    people = lake.read(inputs["profiles"])
    sight = Sight(project=project, catalogue=Catalogue.of(lake.read(inputs["items"])))
    ids = message_ids(decisions)
    whose = _places(decisions["customer_id"], people["customer_id"])
    files, numbers = _files(decisions, people, whose=whose, project=project)
    unwritten = [
        _without(decisions, row, ids=ids, has_profile=whose[row] >= 0) for row in np.flatnonzero(numbers < 0).tolist()
    ]
    skeletons: dict[bytes, Skeleton] = {}
    for number in sorted(range(len(files)), key=lambda one: _name(files[one])):
        rows = np.flatnonzero(numbers == number)
        audience = Audience(
            decisions=decisions.take(pa.array(rows)),
            profiles=people.take(pa.array(whose[rows])),
            ids=[ids[row] for row in rows.tolist()],
        )
        batch = Batch(sight=sight, clock=clock, key=key, file=files[number], in_columns=in_columns)
        made = batch.write(audience)
        if made is not None:
            yield made
        skeletons.update(batch.skeletons)
        unwritten += batch.lost
    yield skeleton_rows(skeletons)
    schema = contracts.table("unwritten").schema
    yield pa.RecordBatch.from_pylist(sorted(unwritten, key=lambda row: bytes(row["message_id"])), schema=schema)  # type: ignore[call-overload]  # an id is bytes


def _name(file: ContentFile) -> tuple[str, str, str]:
    return file.content_id, file.touchpoint, file.language


def _chosen(source: Sealed | pa.Table) -> pa.Table:
    table = lake.read(source, columns=_DECISION)
    chosen = pc.and_(pc.equal(table["outcome_kind"], OutcomeKind.CHOSEN.value), pc.is_valid(table["content_id"]))
    return table.filter(chosen)


def _places(wanted: pa.ChunkedArray, known: pa.ChunkedArray) -> Codes:
    """For each wanted id the row in which it is known last, or -1."""
    last = known.combine_chunks()[::-1]
    found = pc.index_in(wanted.combine_chunks(), value_set=last).fill_null(len(last))
    return np.asarray(len(last) - 1 - found.to_numpy(zero_copy_only=False).astype(np.int64))


def _files(decisions: pa.Table, people: pa.Table, *, whose: Codes, project: Project) -> tuple[list[ContentFile], Codes]:
    """The content files that are written from, and for each decision which of them; -1 where there is none."""
    contents, touchpoints = coded(decisions["content_id"]), coded(decisions["touchpoint"])
    languages, spoken = coded(people["language"]) if "language" in people.column_names else ([None], None)
    tongue = np.full(len(whose), len(languages) - 1, np.int64) if spoken is None else np.append(spoken, 0)[whose]
    triples = np.stack([contents[1], touchpoints[1], tongue], axis=1)
    distinct, own = np.unique(triples, axis=0, return_inverse=True)
    files: list[ContentFile] = []
    chosen = np.full(len(distinct), -1, np.int64)
    for number, (content, touchpoint, language) in enumerate(distinct.tolist()):
        file = project.content(
            contents[0][content],
            touchpoint=touchpoints[0][touchpoint],
            language=languages[language] or project.settings.languages[0],
        )
        if file is None:
            continue
        known = [place for place, one in enumerate(files) if _name(one) == _name(file)]
        chosen[number] = known[0] if known else len(files)
        files += [] if known else [file]
    numbers = chosen[own.reshape(-1)]
    numbers[whose < 0] = -1
    return files, numbers


def _without(decisions: pa.Table, row: int, *, ids: list[bytes], has_profile: bool) -> dict[str, object]:
    """A row of `unwritten` for a decision without content or profile."""
    content = decisions["content_id"][row].as_py()
    what = f"there is no content {content!r}" if has_profile else "there is no profile"
    failed = Unwritten(why="failed", reason=f"{what} for this decision")
    return lost(decisions["decision_id"][row].as_py(), failed, message_id=ids[row])


def message_ids(decisions: pa.Table) -> list[bytes]:
    """The messages' ids, from the decision points that the decisions' ids prove.

    Raises:
        StoreFaulty: an id belongs to no such point.
    """
    names = ("decision_id", "occasion", "customer_id", "touchpoint", "step")
    columns = [decisions[name].to_pylist() for name in names]
    ids: list[bytes] = []
    push, tail = canonical(PUSH), canonical("message")
    before: dict[str, bytes] = {}
    after: dict[int, bytes] = {}
    for decision_id, occasion, customer, touchpoint, step in zip(*columns, strict=True):
        if occasion not in before:
            before[occasion] = canonical(occasion)
        if step not in after:
            after[step] = canonical(str(step))
        point = before[occasion] + canonical(customer) + push + after[step]
        if hashlib.sha256(point).digest()[:16] == decision_id:
            ids.append(hashlib.sha256(point + tail).digest()[:16])
        else:
            row = dict(zip(names, (decision_id, occasion, customer, touchpoint, step), strict=True))
            ids.append(message_id(row))
    return ids


def message_id(decision: Row) -> bytes:
    """The message's id, from the decision point that the decision's id proves.

    Raises:
        StoreFaulty: the id belongs to no such point.
    """
    for touchpoint in (PUSH, decision["touchpoint"]):
        point = DecisionPoint(
            occasion=decision["occasion"],
            customer_id=decision["customer_id"],
            touchpoint=touchpoint,
            step=decision["step"],
        )
        if point.decision_id == decision["decision_id"]:
            return point.message_id
    raise StoreFaulty.say(
        where="decisions",
        what=f"the id {decision['decision_id'].hex()} does not belong to its occasion, customer, touchpoint and step",
        do="decide the run again",
    )


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
