"""The messages of one content for many decisions at once; what does not fit columns is written one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.compose.contents import compile_content
from tactful.compose.context import Sight, offer_ends
from tactful.compose.joining import hashes, texts
from tactful.compose.links import PATHS, message_links
from tactful.compose.plan import Group, compose
from tactful.compose.recorded import Unwritten
from tactful.compose.skeletons import Composer, Written
from tactful.compose.values import Rows
from tactful.compose.views import coded, view
from tactful.project.declared import ContentFile
from tactful.store import contracts
from tactful.words.clock import Clock
from tactful.words.message import Skeleton, bytes_hash, join
from tactful.words.token import make_tokens

MOST_ROWS = 131_072
"""Decisions looked at together."""
Row = Mapping[str, Any]  # Any: a row of an Arrow table
_OF_FRAME = ("level", "program", "purpose", "touchpoint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Decisions to be written from one content, each with its message's id and its customer's profile."""

    decisions: pa.Table
    profiles: pa.Table
    ids: Sequence[bytes]

    def take(self, rows: Rows) -> Audience:
        """Some of them."""
        places = pa.array(rows)
        return Audience(
            decisions=self.decisions.take(places),
            profiles=self.profiles.take(places),
            ids=[self.ids[row] for row in rows.tolist()],
        )


@dataclass(slots=True, kw_only=True)
class Batch:
    """The messages of one content file. Stability: internal.

    Attributes:
        skeletons: of the messages written so far.
        lost: rows of `unwritten`.
        reasons: why messages were not written in columns, and how many.
    """

    sight: Sight
    clock: Clock
    key: bytes
    file: ContentFile
    in_columns: bool = True
    skeletons: dict[bytes, Skeleton] = field(default_factory=dict)
    lost: list[dict[str, object]] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)

    def write(self, audience: Audience) -> pa.RecordBatch | None:
        """Rows of `messages`, sorted by skeleton and decision; None where there are none."""
        composer = Composer(compile_content(self.file, self.sight.project))
        made: list[pa.Table] = []
        for share in _frames(audience):
            left = share
            if self.in_columns:
                tables, rows = self._columnar(share, composer)
                made += tables
                left = share.take(rows)
            made += self._one_by_one(left, composer)
        if not made:
            return None
        whole = pa.concat_tables(made, promote_options="default")
        width = max(skeleton.width for skeleton in self.skeletons.values())
        schema = message_schema(self.file, width=width)
        order = pc.sort_indices(whole, sort_keys=[("skeleton_id", "ascending"), ("decision_id", "ascending")])
        arrays = [_column(whole, one).take(order) for one in schema]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _columnar(self, audience: Audience, composer: Composer) -> tuple[list[pa.Table], Rows]:
        rows = np.arange(audience.decisions.num_rows)
        ended = self._ended(audience.decisions)
        kept = rows[~ended]
        share = audience.take(kept) if ended.any() else audience
        if not len(kept):
            return [], rows
        roots = view(
            self.sight,
            share.decisions,
            profiles=share.profiles,
            content=self.file,
            links=lambda purpose: self._links(purpose, share.ids),
        )
        done = compose(composer, roots, rows=len(kept))
        for why, count in done.reasons.items():
            self.reasons[why] = self.reasons.get(why, 0) + count
        tables = []
        for group in done.groups:
            self.skeletons.setdefault(group.skeleton_id, group.skeleton)
            tables.append(self._table(group, share))
        return tables, np.sort(np.concatenate([rows[ended], kept[done.left]]))

    def _links(self, purpose: str, ids: Sequence[bytes]) -> list[str]:
        root = f"{self.sight.project.brand.public_url.rstrip('/')}/{PATHS[purpose]}/"
        return [root + token for token in make_tokens(ids, purpose=purpose, key=self.key)]

    def _ended(self, decisions: pa.Table) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """The decisions whose offer has ended."""
        offers, codes = coded(decisions["offer_id"])
        times, moments = coded(decisions["decided_at"])
        pairs, own = np.unique(np.stack([codes, moments], axis=1), axis=0, return_inverse=True)
        ended = [self.ends(offers[offer], times[time]) is not None for offer, time in pairs.tolist()]
        return np.array(ended, bool)[own.reshape(-1)]

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
            "message_id": pa.array([audience.ids[row] for row in rows.tolist()], pa.binary(16)),
            "decision_id": audience.decisions["decision_id"].take(pa.array(rows)).combine_chunks(),
            "skeleton_id": pa.array([group.skeleton_id] * count, pa.binary(16)),
            "language": pa.array([self.file.language] * count, pa.string()),
            "bytes_hash": hashes(group.skeleton, group.columns, rows=rows),
        }
        for number, (column, is_link) in enumerate(zip(group.columns, group.is_link, strict=True)):
            columns[f"s{number}"] = pa.nulls(count, pa.string()) if is_link else texts(column, rows)
        return pa.table(columns)

    def _one_by_one(self, audience: Audience, composer: Composer) -> list[pa.Table]:
        """Rows of `messages` by the reference path, which says what is wrong where a message cannot be written."""
        made: list[dict[str, object]] = []
        pairs = zip(audience.decisions.to_pylist(), audience.profiles.to_pylist(), audience.ids, strict=True)
        for decision, profile, message_id in pairs:
            written = self._written(decision, profile, composer=composer, message_id=message_id)
            if isinstance(written, Written):
                try:
                    checksum = bytes_hash(join(written.skeleton, written.values))
                except ValueError as fault:  # a value its context refuses, or one that is no text (a lone surrogate)
                    written = Unwritten(why="failed", reason=str(fault))
                else:
                    self.skeletons.setdefault(written.skeleton_id, written.skeleton)
                    made.append(
                        _message(
                            decision, written, message_id=message_id, language=self.file.language, checksum=checksum
                        )
                    )
                    continue
            self.lost.append(lost(decision["decision_id"], written, message_id=message_id))
        if not made:
            return []
        width = max(len(row) for row in made) - 5
        schema = message_schema(self.file, width=width).remove_metadata()
        return [pa.Table.from_pylist(made, schema=schema)]

    def _written(self, decision: Row, profile: Row, *, composer: Composer, message_id: bytes) -> Written | Unwritten:
        offer = decision["offer_id"]
        if (ends := self.ends(offer, decision["decided_at"])) is not None:
            return Unwritten(why="aborted", reason=f"the offer {offer} ended on {ends}")
        links = message_links(message_id, brand=self.sight.project.brand, key=self.key)
        constants = self.sight.constants(self.file, decision)
        return composer.write({**self.sight.context(decision, profile, content=self.file), **constants, "links": links})


def _message(
    decision: Row, written: Written, *, message_id: bytes, language: str, checksum: bytes
) -> dict[str, object]:
    stored = {
        f"s{number}": None if link else value
        for number, (value, link) in enumerate(zip(written.values, written.is_link, strict=True))
    }
    return {
        "message_id": message_id,
        "decision_id": decision["decision_id"],
        "skeleton_id": written.skeleton_id,
        "language": language,
        "bytes_hash": checksum,
        **stored,
    }


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


def _column(table: pa.Table, wanted: pa.Field) -> pa.Array:
    if wanted.name not in table.column_names:
        return pa.nulls(table.num_rows, wanted.type)
    return table[wanted.name].combine_chunks().cast(wanted.type)


def _frames(audience: Audience) -> list[Audience]:
    """Decisions that see the same constants, so many at once."""
    signature = np.zeros(audience.decisions.num_rows, np.int64)
    for name in _OF_FRAME:
        values, codes = coded(audience.decisions[name])
        signature = np.unique(signature * len(values) + codes, return_inverse=True)[1]
    frames = []
    for number in range(int(signature.max(initial=-1)) + 1):
        rows = np.flatnonzero(signature == number)
        for start in range(0, len(rows), MOST_ROWS):
            share = rows[start : start + MOST_ROWS]
            frames.append(audience if len(share) == len(signature) else audience.take(share))
    return frames
