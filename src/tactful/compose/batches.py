"""The messages of one content for many decisions at once; what does not fit columns is written one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from tactful.compose.audience import Audience
from tactful.compose.contents import compile_content
from tactful.compose.context import Catalogue, Sight, offer_ends
from tactful.compose.gathering import gathered
from tactful.compose.joining import hashes, stored, texts
from tactful.compose.links import links_of, message_links
from tactful.compose.lots import Lot
from tactful.compose.plan import Group, compose
from tactful.compose.recorded import Unwritten
from tactful.compose.skeletons import Composer, Written, composer_of
from tactful.compose.values import Column, Rows
from tactful.compose.views import coded, view
from tactful.project.declared import ContentFile, Project
from tactful.store import contracts
from tactful.words.clock import Clock
from tactful.words.message import Skeleton

Row = Mapping[str, Any]  # Any: a row of an Arrow table
_FEW = 4
"""So many messages are written sooner one by one than in columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What all messages of a run are written with. Stability: internal.

    Attributes:
        items: the `items` table.
        key: the token key.
        in_columns: whether messages are written many at once where their content allows; by their number, if None.
    """

    project: Project
    items: pa.Table
    clock: Clock
    key: bytes
    in_columns: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Decisions to be written from one content file that see the same constants. Stability: internal.

    Attributes:
        profiles: the customer's row for each decision.
    """

    file: ContentFile
    decisions: pa.Table
    profiles: pa.Table


@dataclass(slots=True, kw_only=True)
class Made:
    """What was written of a share. Stability: internal.

    Attributes:
        table: rows of `messages` as `gathered` gives them; None where none was written.
        skeletons: of these messages.
        lost: rows of `unwritten`.
        reasons: why messages were not written in columns, and how many.
    """

    table: pa.Table | None = None
    skeletons: dict[bytes, Skeleton] = field(default_factory=dict)
    lost: list[dict[str, object]] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)


def writer(means: Means) -> Callable[[Share], Made]:
    """Writes the messages of one share after another, each content compiled once."""
    sight = Sight(project=means.project, catalogue=Catalogue.of(means.items))

    def write(share: Share) -> Made:
        batch = Batch(sight=sight, clock=means.clock, key=means.key, file=share.file, in_columns=means.in_columns)
        return batch.write(Audience.of(share.decisions, share.profiles))

    return write


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """How messages of one content file are written. Stability: internal."""

    sight: Sight
    clock: Clock
    key: bytes
    file: ContentFile
    in_columns: bool | None = None

    def write(self, audience: Audience) -> Made:
        """The messages of an audience; how many slot columns the file needs is known when all of it is written.

        Raises:
            ContentFault: the content cannot be compiled.
        """
        composer = composer_of(compile_content(self.file, self.sight.project))
        made = Made()
        left, tables = audience, list[pa.Table]()
        count = audience.decisions.num_rows
        if self.in_columns or (self.in_columns is None and count > _FEW):
            rows, tables = self._columnar(audience, composer, made=made)
            left = audience.take(rows)
        tables.extend(self._one_by_one(left, composer, made=made))
        made.table = gathered(tables)
        return made

    def _columnar(self, audience: Audience, composer: Composer, *, made: Made) -> tuple[Rows, list[pa.Table]]:
        """Write what fits columns; gives the rows that do not, and a table for each skeleton."""
        rows = np.arange(audience.decisions.num_rows)
        ended = self._ended(audience.decisions)
        kept = rows[~ended]
        share = audience.take(kept) if ended.any() else audience
        if not len(kept):
            return rows, []
        roots = view(
            self.sight,
            share.decisions,
            profiles=share.profiles,
            content=self.file,
            links=lambda purpose: self._links(purpose, share.ids),
        )
        done = compose(composer, roots, rows=len(kept))
        made.reasons.update(done.reasons)
        made.skeletons.update({group.skeleton_id: group.skeleton for group in done.groups})
        left = np.asarray(np.sort(np.concatenate([rows[ended], kept[done.left]])))
        return left, [self._table(group, share) for group in done.groups]

    def _links(self, purpose: str, ids: Sequence[bytes]) -> pa.Array:
        return links_of(ids, purpose=purpose, brand=self.sight.project.brand, key=self.key)

    def _ended(self, decisions: pa.Table) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """The decisions whose offer has ended."""
        offers, codes = coded(decisions["offer_id"])
        times, moments = coded(decisions["decided_at"])
        pairs, own = np.unique(codes * len(times) + moments, return_inverse=True)
        ended = [self.ends(offers[one // len(times)], times[one % len(times)]) is not None for one in pairs.tolist()]
        return np.array(ended, bool)[own]

    def ends(self, offer: str | None, decided_at: Any) -> str | None:  # Any: an instant
        """When an offer ended; None where there is none or it still holds."""
        project = self.sight.project
        if offer is None or offer not in project.offers or project.offers[offer].kind == "none":
            return None
        last = offer_ends(offer, project=project, decided_at=decided_at)
        return last.isoformat() if last < self.clock.today else None

    def _table(self, group: Group, audience: Audience) -> pa.Table:
        """Rows of `messages` of one group."""
        rows, count = group.rows, len(group.rows)
        columns: dict[str, pa.Array] = {
            "message_id": fixed(b"".join([audience.ids[row] for row in rows.tolist()])),
            "decision_id": audience.decisions["decision_id"].take(pa.array(rows)).combine_chunks(),
            "skeleton_id": fixed(group.skeleton_id * count),
            "language": pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int8)), [self.file.language]),
            "bytes_hash": hashes(group.skeleton, group.columns, rows=rows),
        }
        for number, (column, is_link) in enumerate(zip(group.columns, group.is_link, strict=True)):
            if not is_link:  # links are stored as NULL
                columns[f"s{number}"] = _held(column, rows)
        return pa.table(columns)

    def _one_by_one(self, audience: Audience, composer: Composer, *, made: Made) -> list[pa.Table]:
        """Rows of `messages` written one after the other, gathered by skeleton, and what could not be written."""
        lots: dict[bytes, Lot] = {}
        pairs = zip(audience.decisions.to_pylist(), audience.profiles.to_pylist(), audience.ids, strict=True)
        for row, (decision, profile, message_id) in enumerate(pairs):
            written = self._written(decision, profile, composer=composer, message_id=message_id)
            if isinstance(written, Written):
                lots.setdefault(written.skeleton_id, Lot(first=written)).add(row, written)
            else:
                made.lost.append(lost(decision["decision_id"], written, message_id=message_id))
        tables = []
        for lot in lots.values():
            group, bad = lot.group()
            for row, why in bad.items():
                failed = Unwritten(why="failed", reason=why)
                decision_id = audience.decisions["decision_id"][row].as_py()
                made.lost.append(lost(decision_id, failed, message_id=audience.ids[row]))
            if len(group.rows):
                made.skeletons[group.skeleton_id] = group.skeleton
                tables.append(self._table(group, audience))
        return tables

    def _written(self, decision: Row, profile: Row, *, composer: Composer, message_id: bytes) -> Written | Unwritten:
        offer = decision["offer_id"]
        if (ends := self.ends(offer, decision["decided_at"])) is not None:
            return Unwritten(why="aborted", reason=f"the offer {offer} ended on {ends}")
        links = message_links(message_id, brand=self.sight.project.brand, key=self.key)
        constants = self.sight.plain_constants(self.file, decision)
        return composer.write({**self.sight.context(decision, profile, content=self.file), **constants, "links": links})


def lost(decision_id: bytes, outcome: Unwritten, *, message_id: bytes) -> dict[str, object]:
    """A row of `unwritten`."""
    place = f"{outcome.finding.place}: " if outcome.finding else ""
    return {
        "message_id": message_id,
        "decision_id": decision_id,
        "why": outcome.why,
        "text": f"{place}{outcome.reason}",
    }


def message_schema(file: ContentFile, *, width: int) -> pa.Schema:
    """Columns of `messages` for one template, which its metadata names."""
    plain = contracts.table("messages").schema
    name = f"{file.content_id}.{file.touchpoint}.{file.language}".replace("/", "--")
    slots = (pa.field(f"s{number}", pa.string()) for number in range(width))
    return pa.schema([*plain, *slots], metadata={**plain.metadata, b"part": name.encode()})


def fixed(ids: bytes) -> pa.Array:
    """Ids of 16 bytes that stand end to end.

    >>> fixed(bytes(32)).type, len(fixed(bytes(32)))
    (FixedSizeBinaryType(fixed_size_binary[16]), 2)
    """
    return pa.Array.from_buffers(pa.binary(16), len(ids) // 16, [None, pa.py_buffer(ids)])


def _held(column: Column, rows: Rows) -> pa.Array:
    """A column's values in some rows: as codes, unless there are more values than rows."""
    distinct = stored(column.distinct)
    if len(distinct) > len(rows):
        return texts(column, rows)
    return pa.DictionaryArray.from_arrays(pa.array(column.of(rows), pa.int32()), distinct)
