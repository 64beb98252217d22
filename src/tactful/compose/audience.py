"""Who is written to: the chosen decisions content by content, each with its message's id and its customer's profile."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.compose.values import Codes, Rows, dense, numbered
from tactful.compose.views import coded
from tactful.project.declared import ContentFile, Project
from tactful.store import lake
from tactful.store.whose import KEY, NEEDS, rows_by_key
from tactful.words.errors import StoreFaulty
from tactful.words.ids import DecisionPoint, canonical
from tactful.words.outcome import OutcomeKind
from tactful.words.sealed import Sealed
from tactful.words.touchpoint import PUSH

MOST_ROWS = 65_536
"""Decisions looked at together."""
_DECISION = [
    "decision_id", "occasion", "step", "customer_id", "program", "purpose", "touchpoint", "decided_at", "level",
    "content_id", "offer_id", "items", "outcome_kind",
]  # fmt: skip
_CODED = ("occasion", "program", "purpose", "touchpoint", "level", "content_id", "offer_id", "items", "outcome_kind")
"""Of these, those with few values, which are read as codes."""
_OF_FRAME = ("level", "program", "purpose", "touchpoint")
Row = Mapping[str, Any]  # Any: a row of an Arrow table


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Decisions to be written from one content, each with its message's id and its customer's profile."""

    decisions: pa.Table
    profiles: pa.Table
    ids: Sequence[bytes]

    @classmethod
    def of(cls, decisions: pa.Table, profiles: pa.Table) -> Audience:
        """Decisions and, row by row, their customers' profiles.

        Raises:
            StoreFaulty: a decision's id does not belong to its decision point.
        """
        return cls(decisions=decisions, profiles=profiles, ids=message_ids(decisions))

    def take(self, rows: Rows) -> Audience:
        """Some of them."""
        places = pa.array(rows)
        return Audience(
            decisions=self.decisions.take(places),
            profiles=self.profiles.take(places),
            ids=[self.ids[row] for row in rows.tolist()],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Rows of a crowd that see the same constants. Stability: internal."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Everybody who is written to, in the order in which they are written. Stability: internal.

    Attributes:
        decisions: as they were sealed.
        people: the profiles, with the columns that a template may see.
        whose: for each decision its customer's row in `people`; -1 where there is none.
        order: the decisions content by content, and within one by what its constants depend on.
        files: the contents, in the order in which they are written.
        bounds: where in `order` each file's decisions begin, and where the last one's end; before the first stand those
            without.
        parted: where in `order` decisions begin that see other constants than those before.
    """

    decisions: pa.Table
    people: pa.Table
    whose: Codes
    order: Rows
    files: tuple[ContentFile, ...]
    bounds: tuple[int, ...]
    parted: tuple[int, ...]

    @classmethod
    def of(cls, decisions: Sealed | pa.Table, profiles: Sealed | pa.Table, *, project: Project) -> Crowd:
        """From the tables as they are sealed."""
        chosen, people = _chosen(decisions), lake.read(profiles, columns=_seen(profiles, project)).combine_chunks()
        whose = _places(chosen, people)
        chosen, people = (one.drop_columns([n for n in one.column_names if n == KEY]) for one in (chosen, people))
        files, numbers = _files(chosen, people, whose=whose, project=project)
        key, kinds = numbers + 1, len(files) + 1
        for name in _OF_FRAME:
            values, codes = coded(chosen[name])
            key, kinds = dense(key * len(values) + codes, span=kinds * len(values))
        order = np.argsort(key, kind="stable")
        bounds = np.searchsorted(numbers[order], np.arange(len(files) + 1))
        return cls(
            decisions=chosen,
            people=people,
            whose=whose,
            order=order,
            files=tuple(files),
            bounds=tuple(bounds.tolist()),
            parted=tuple((np.flatnonzero(np.diff(key[order])) + 1).tolist()),
        )

    def seen(self, frame: Frame) -> tuple[pa.Table, pa.Table]:
        """The decisions of a frame, and for each its customer's profile."""
        rows = self.order[frame.start : frame.stop]
        return self.decisions.take(pa.array(rows)), self.people.take(pa.array(self.whose[rows]))

    def frames(self, number: int, *, most: int = MOST_ROWS) -> list[Frame]:
        """The decisions of a file, at most so many at once, that see the same constants."""
        start, stop = self.bounds[number : number + 2]
        cuts = [start, *(one for one in self.parted if start < one < stop), stop]
        return [
            Frame(start=one, stop=min(one + most, until))
            for since, until in pairwise(cuts)
            for one in range(since, until, most)
        ]

    def without(self) -> tuple[Rows, pa.Table]:
        """Decisions without content or profile: where each customer stands in `people`, and their rows."""
        rows = self.order[: self.bounds[0]]
        return self.whose[rows], self.decisions.take(pa.array(rows))


def _seen(profiles: Sealed | pa.Table, project: Project) -> list[str]:
    """The columns of a profile that a template may see."""
    plans = [plan for one in project.programs.values() for plan in (*one.levels.values(), *(one.web or {}).values())]
    wanted = {*NEEDS, "language", "salutation_name", *project.facts, *(name for one in plans for name in one.by)}
    if isinstance(profiles, pa.Table):
        wanted &= set(profiles.column_names)
    return sorted(wanted)


def chosen_rows(source: Sealed | pa.Table) -> int:
    """How many decisions chose something."""
    kinds = lake.batches(source, columns=["outcome_kind"], coded=["outcome_kind"])
    return sum(pc.sum(pc.equal(batch["outcome_kind"], OutcomeKind.CHOSEN.value)).as_py() or 0 for batch in kinds)


def _chosen(source: Sealed | pa.Table) -> pa.Table:
    """The decisions that chose a content."""
    kept, columns = [], [*_DECISION, *([KEY] if KEY in lake.schema(source).names else [])]
    for batch in lake.batches(source, columns=columns, coded=_CODED):
        chosen = pc.and_(pc.equal(batch["outcome_kind"], OutcomeKind.CHOSEN.value), pc.is_valid(batch["content_id"]))
        kept.append(batch if pc.all(chosen).as_py() else batch.filter(chosen))
    if not kept:
        return lake.read(source, columns=_DECISION)
    return pa.Table.from_batches(kept).combine_chunks()


def _places(decisions: pa.Table, people: pa.Table) -> Codes:
    """For each decision the row in which its customer is known last, or -1."""
    if (found := rows_by_key(decisions, among=people)) is not None:
        return found
    wanted, last = decisions["customer_id"].combine_chunks(), people["customer_id"].combine_chunks()[::-1]
    found = pc.index_in(wanted, value_set=last).fill_null(len(last))
    return np.asarray(len(last) - 1 - found.to_numpy(zero_copy_only=False).astype(np.int64))


def _files(decisions: pa.Table, people: pa.Table, *, whose: Codes, project: Project) -> tuple[list[ContentFile], Codes]:
    """The content files that are written from, by name, and for each decision which of them; -1 where there is none."""
    contents, touchpoints = coded(decisions["content_id"]), coded(decisions["touchpoint"])
    languages, spoken = coded(people["language"]) if "language" in people.column_names else ([None], None)
    tongue = np.full(len(whose), len(languages) - 1, np.int64) if spoken is None else np.append(spoken, 0)[whose]
    mixed = (contents[1] * len(touchpoints[0]) + touchpoints[1]) * len(languages) + tongue
    distinct, own = numbered(mixed, span=len(contents[0]) * len(touchpoints[0]) * len(languages))
    found: list[ContentFile | None] = []
    for code in distinct.tolist():
        rest, language = divmod(code, len(languages))
        content, touchpoint = divmod(rest, len(touchpoints[0]))
        found.append(
            project.content(
                contents[0][content],
                touchpoint=touchpoints[0][touchpoint],
                language=languages[language] or project.settings.languages[0],
            )
        )
    files = {_name(file): file for file in found if file is not None}
    order = {name: number for number, name in enumerate(sorted(files))}
    numbers = np.array([-1 if file is None else order[_name(file)] for file in found], np.int64)[own]
    numbers[whose < 0] = -1
    return [files[name] for name in order], numbers


def _name(file: ContentFile) -> tuple[str, str, str]:
    return file.content_id, file.touchpoint, file.language


def message_ids(decisions: pa.Table) -> list[bytes]:
    """The messages' ids, from the decision points that the decisions' ids prove.

    Raises:
        StoreFaulty: an id belongs to no such point.
    """
    tail, sha256 = canonical("message"), hashlib.sha256
    points = [sha256(point) for point in _points(decisions)]
    said = _begins(b"".join([point.digest() for point in points]))
    for point in points:  # the message's id is the point's with one more word
        point.update(tail)
    made = _begins(b"".join([point.digest() for point in points]))
    ids = [made[start : start + 16] for start in range(0, len(made), 16)]
    known = _plain(decisions["decision_id"]).cast(pa.binary()).buffers()[2]
    known = known.to_pybytes() if known else b""
    if said != known:
        names = ("decision_id", "occasion", "customer_id", "touchpoint", "step")
        for row in range(len(ids)):
            if said[16 * row : 16 * row + 16] != known[16 * row : 16 * row + 16]:
                ids[row] = message_id({name: decisions[name][row].as_py() for name in names})
    return ids


def _points(decisions: pa.Table) -> list[bytes]:
    """The canonical form of each decision's point, as where push touchpoints compete."""
    (occasions, when), (steps, which) = coded(decisions["occasion"]), coded(decisions["step"])
    before = pa.array([None if one is None else canonical(one) for one in occasions], pa.binary())
    after = pa.array([None if one is None else canonical(PUSH, str(one)) for one in steps], pa.binary())
    names = _plain(decisions["customer_id"]).cast(pa.binary())
    sizes = pc.binary_length(names).to_numpy(zero_copy_only=False).astype(">u8")
    ends = np.arange(0, 8 * len(sizes) + 8, 8, dtype=np.int32)
    lengths = pa.Array.from_buffers(pa.binary(), len(sizes), [None, pa.py_buffer(ends), pa.py_buffer(sizes)])
    pieces = (before.take(pa.array(when)), lengths, names, after.take(pa.array(which)))
    points = pc.binary_join_element_wise(*pieces, pa.scalar(b"", pa.binary()))
    _, offsets, data = points.buffers()
    bounds = np.frombuffer(offsets, np.int32)[points.offset : points.offset + len(points) + 1].tolist()
    told = data.to_pybytes() if data else b""
    return [told[start:stop] for start, stop in pairwise(bounds)]


def _plain(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column in one piece that begins where its bytes do."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return pa.concat_arrays(chunks or [pa.array([], column.type)])


def _begins(hashes: bytes) -> bytes:
    """The first 16 bytes of every hash of 32."""
    return np.frombuffer(hashes, np.uint8).reshape(-1, 32)[:, :16].tobytes()


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
