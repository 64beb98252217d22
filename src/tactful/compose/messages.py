"""Decisions become messages: skeletons and slot columns, with those that could not be written counted, not lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from tactful.compose.contents import compile_content
from tactful.compose.context import Catalogue, Row, Sight, offer_ends
from tactful.compose.links import message_links
from tactful.compose.recorded import Unwritten
from tactful.compose.skeletons import Composer, Written
from tactful.project.declared import ContentFile, Project
from tactful.store import contracts, lake
from tactful.words.clock import Clock
from tactful.words.errors import StoreFaulty
from tactful.words.ids import DecisionPoint
from tactful.words.message import Skeleton, bytes_hash, join
from tactful.words.outcome import OutcomeKind
from tactful.words.sealed import Sealed
from tactful.words.touchpoint import PUSH

Inputs = Mapping[str, Sealed | pa.Table]
_DECISION = [
    "decision_id", "occasion", "step", "customer_id", "program", "purpose", "touchpoint", "decided_at", "level",
    "content_id", "offer_id", "items", "outcome_kind",
]  # fmt: skip


def write(inputs: Inputs, *, project: Project, clock: Clock, key: bytes) -> Iterator[pa.RecordBatch]:
    """Messages for every chosen decision: `messages`, then `skeletons`, then `unwritten`.

    Batches of `messages` come content by content; each content has its own slot columns, so a batch's schema says in
    its metadata (`part`) which content it belongs to: a file holds one template only. A message that fails
    or aborts is a row of `unwritten`, and the others go on.

    Args:
        inputs: `decisions`, `profiles` and `items`.
        project: whose contents are written.
        clock: now: an offer that has ended is not promised.
        key: the token key, for the links of each message; they are stored as NULL.

    Raises:
        ContentFault: a content cannot be compiled; `tactful check` would have said so.
        StoreFaulty: a decision's id does not belong to its decision point.
    """
    decisions = _chosen(inputs["decisions"])
    people = _profiles(inputs["profiles"], of=decisions)
    sight = Sight(project=project, catalogue=Catalogue.of(lake.read(inputs["items"])))
    lost: list[dict[str, object]] = []
    groups: dict[tuple[str, str, str], list[tuple[Row, Row]]] = {}
    files: dict[tuple[str, str, str], ContentFile] = {}
    for decision in decisions.to_pylist():
        profile = people.get(decision["customer_id"], {})
        language = profile.get("language") or project.settings.languages[0]
        found = project.content(decision["content_id"], touchpoint=decision["touchpoint"], language=language)
        if found is None or not profile:
            what = f"there is no content {decision['content_id']!r}" if profile else "there is no profile"
            lost.append(_lost(decision, Unwritten(why="failed", reason=f"{what} for this decision")))
            continue
        name = (found.content_id, found.touchpoint, found.language)
        files[name] = found
        groups.setdefault(name, []).append((decision, profile))
    skeletons: dict[bytes, Skeleton] = {}
    for name in sorted(groups):
        batch = _Batch(sight=sight, clock=clock, key=key, file=files[name])
        yield from batch.write(groups[name])
        skeletons.update(batch.skeletons)
        lost += batch.lost
    yield skeleton_rows(skeletons)
    schema = contracts.table("unwritten").schema
    yield pa.RecordBatch.from_pylist(sorted(lost, key=lambda row: bytes(row["message_id"])), schema=schema)  # type: ignore[call-overload]  # an id is bytes


def _chosen(source: Sealed | pa.Table) -> pa.Table:
    table = lake.read(source, columns=_DECISION)
    chosen = pc.and_(pc.equal(table["outcome_kind"], OutcomeKind.CHOSEN.value), pc.is_valid(table["content_id"]))
    return table.filter(chosen)


def _profiles(source: Sealed | pa.Table, *, of: pa.Table) -> dict[str, Row]:
    """The profiles of those written to."""
    table = lake.read(source)
    wanted = table.filter(pc.is_in(table["customer_id"], value_set=of["customer_id"].unique()))
    return {row["customer_id"]: row for row in wanted.to_pylist()}


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


def _lost(decision: Row, outcome: Unwritten) -> dict[str, object]:
    place = f"{outcome.finding.place}: " if outcome.finding else ""
    return {
        "message_id": message_id(decision),
        "decision_id": decision["decision_id"],
        "why": outcome.why,
        "text": f"{place}{outcome.reason}",
    }


@dataclass(slots=True, kw_only=True)
class _Batch:
    """The messages of one content file. Stability: internal."""

    sight: Sight
    clock: Clock
    key: bytes
    file: ContentFile
    skeletons: dict[bytes, Skeleton] = field(default_factory=dict)
    lost: list[dict[str, object]] = field(default_factory=list)

    def write(self, pairs: Iterable[tuple[Row, Row]]) -> Iterator[pa.RecordBatch]:
        project = self.sight.project
        composer = Composer(compile_content(self.file, project))
        made = [row for decision, profile in pairs if (row := self._row(decision, profile, composer=composer))]
        if made:
            yield message_rows(made, width=max(s.width for s in self.skeletons.values()), file=self.file)

    def _row(self, decision: Row, profile: Row, *, composer: Composer) -> tuple[Row, Written, bytes] | None:
        written = self._written(decision, profile, composer=composer)
        if isinstance(written, Written):
            try:
                checksum = bytes_hash(join(written.skeleton, written.values))
            except ValueError as fault:  # a value its context refuses, or one that is no text (a lone surrogate)
                written = Unwritten(why="failed", reason=str(fault))
            else:
                self.skeletons.setdefault(written.skeleton_id, written.skeleton)
                return decision, written, checksum
        self.lost.append(_lost(decision, written))
        return None

    def _written(self, decision: Row, profile: Row, *, composer: Composer) -> Written | Unwritten:
        project = self.sight.project
        offer = decision["offer_id"]
        if offer in project.offers and project.offers[offer].kind != "none":
            ends = offer_ends(offer, project=project, decided_at=decision["decided_at"])
            if ends < self.clock.today:
                return Unwritten(why="aborted", reason=f"the offer {offer} ended on {ends.isoformat()}")
        links = message_links(message_id(decision), brand=project.brand, key=self.key)
        constants = self.sight.constants(self.file, decision)
        return composer.write({**self.sight.context(decision, profile, content=self.file), **constants, "links": links})


def message_rows(made: list[tuple[Row, Written, bytes]], *, width: int, file: ContentFile) -> pa.RecordBatch:
    """Rows of `messages` for one template, sorted as the contract says."""
    made = sorted(made, key=lambda one: (one[1].skeleton_id, one[0]["decision_id"]))
    plain = contracts.table("messages").schema
    name = f"{file.content_id}.{file.touchpoint}.{file.language}".replace("/", "--")
    schema = pa.schema(
        [*plain, *(pa.field(f"s{number}", pa.string()) for number in range(width))],
        metadata={**plain.metadata, b"part": name.encode()},
    )
    stored = [
        [None if link else value for value, link in zip(one.values, one.is_link, strict=True)] for _, one, _ in made
    ]
    columns: list[list[object]] = [
        [message_id(decision) for decision, _, _ in made],
        [decision["decision_id"] for decision, _, _ in made],
        [written.skeleton_id for _, written, _ in made],
        [file.language] * len(made),
        [checksum for _, _, checksum in made],
    ]
    columns += [[row[number] if number < len(row) else None for row in stored] for number in range(width)]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


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
