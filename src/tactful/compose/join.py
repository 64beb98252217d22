"""Stored messages become the words of their parts again, to the same bytes, however much later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from tactful.compose.links import PATHS, message_links
from tactful.compose.recorded import LINKS
from tactful.project.brand import Brand
from tactful.store import lake
from tactful.words.errors import StoreFaulty
from tactful.words.message import (
    Part,
    Skeleton,
    SkeletonPart,
    Slot,
    SlotContext,
    SlotKind,
    bytes_hash,
    join,
)
from tactful.words.sealed import Sealed

_AT_ONCE = 8_192
"""Messages whose slots are opened together: some megabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """One message's words. Stability: full."""

    message_id: bytes
    decision_id: bytes
    skeleton_id: bytes
    language: str
    parts: dict[Part, str]
    links: dict[str, str]


def skeletons_of(source: Sealed | pa.Table) -> dict[bytes, Skeleton]:
    """Skeletons from the `skeletons` table, by id.

    Raises:
        StoreFaulty: one is not what its id says.
    """
    parts: dict[bytes, list[SkeletonPart]] = {}
    heads: dict[bytes, dict[str, object]] = {}
    for row in lake.read(source).to_pylist():
        heads[row["skeleton_id"]] = row
        slots = tuple(
            Slot(
                column=int(slot["name"][1:]),
                context=SlotContext(slot["context"]),
                source=slot["source"],
                kind=SlotKind(slot["kind"]),
                facts=tuple(slot["facts"]),
            )
            for slot in row["slots"]
        )
        part = SkeletonPart(part=Part(row["part"]), segments=tuple(row["segments"]), slots=slots)
        known = parts.setdefault(row["skeleton_id"], [])
        if all(one.part is not part.part for one in known):
            known.append(part)
    order = list(Part)
    return {
        skeleton_id: _skeleton(head, tuple(sorted(parts[skeleton_id], key=lambda one: order.index(one.part))))
        for skeleton_id, head in heads.items()
    }


def _skeleton(head: dict[str, object], parts: tuple[SkeletonPart, ...]) -> Skeleton:
    content_hash, skeleton_id = head["content_hash"], head["skeleton_id"]
    assert isinstance(content_hash, bytes)
    assert isinstance(skeleton_id, bytes)
    skeleton = Skeleton(
        content_id=str(head["content_id"]),
        content_hash=content_hash,
        branch=str(head["branch"]),
        parts=parts,
        escaper=str(head["escaper"]),
    )
    if skeleton.skeleton_id != skeleton_id:
        what = f"skeleton {skeleton_id.hex()} is not what its id says"
        raise StoreFaulty.say(where="skeletons", what=what, do="restore the run from a backup")
    return skeleton


def joined(
    messages: Sealed | pa.Table, skeletons: Sealed | pa.Table, *, brand: Brand, keys: Sequence[bytes]
) -> Iterator[Joined]:
    """The words of every part of stored messages, checked against the hash that was stored with them.

    Args:
        messages: rows of `messages`; columns a skeleton does not use may be null.
        skeletons: rows of `skeletons` that cover them.
        brand: where the links' pages are served.
        keys: the present token key and any retired ones; the one whose links give the stored hash is used.

    Raises:
        StoreFaulty: a skeleton is missing or false, or a message's words are not those that were stored.
    """
    known = skeletons_of(skeletons)
    for batch in lake.batches(messages, rows=_AT_ONCE):
        slots = sorted((name for name in batch.schema.names if _is_slot(name)), key=lambda name: int(name[1:]))
        columns = [batch.column(name).to_pylist() for name in slots]
        ids = {name: batch.column(name).to_pylist() for name in batch.schema.names if not _is_slot(name)}
        for number in range(batch.num_rows):
            head = {name: values[number] for name, values in ids.items()}
            yield _one(head, [column[number] for column in columns], known=known, brand=brand, keys=keys)


def _is_slot(name: str) -> bool:
    return name[:1] == "s" and name[1:].isdigit()


def _one(
    head: dict[str, bytes],
    stored: list[str | None],
    *,
    known: dict[bytes, Skeleton],
    brand: Brand,
    keys: Sequence[bytes],
) -> Joined:
    skeleton = known.get(head["skeleton_id"])
    if skeleton is None:
        what = f"message {head['message_id'].hex()} names a skeleton that is not there"
        raise StoreFaulty.say(where="messages", what=what, do="read the skeletons of the same run")
    for key in keys:
        links = message_links(head["message_id"], brand=brand, key=key)
        parts = join(skeleton, filled(skeleton, stored, links=links))
        if bytes_hash(parts) == head["bytes_hash"]:
            return Joined(
                message_id=head["message_id"],
                decision_id=head["decision_id"],
                skeleton_id=head["skeleton_id"],
                language=str(head["language"]),
                parts=parts,
                links=links,
            )
    what = f"message {head['message_id'].hex()} joins to other words than were written"
    do = "give the token key and the brand's public_url that it was written with, or restore the run"
    raise StoreFaulty.say(where="messages", what=what, do=do)


def filled(skeleton: Skeleton, stored: Sequence[str | None], *, links: dict[str, str]) -> list[str]:
    """Every slot column of a message: stored values, and its links made again."""
    values: list[str] = [value or "" for value in stored[: skeleton.width]]
    for part in skeleton.parts:
        for slot in part.slots:
            if slot.source.startswith(LINKS) and (purpose := slot.source.removeprefix(LINKS)) in PATHS:
                values[slot.column] = links[purpose]
    return values
