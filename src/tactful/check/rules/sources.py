"""Rules that ask once more: each value of its source, each message of its decision, all words of their author."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.check.block import Block
from tactful.check.derived import Sources
from tactful.check.encoded import Encoded
from tactful.check.rule import Hit, Messages, Rule, Use
from tactful.check.texts import texts_of
from tactful.words.finding import Severity
from tactful.words.ids import canonical
from tactful.words.message import SlotKind
from tactful.words.touchpoint import PUSH


def _not_of_source(messages: Messages) -> Iterable[Hit]:
    """Every stored value equals what its source says of this customer, item and offer.

    Where that cannot be asked again (a filter stands between), the same source says the same to everybody.
    """
    sources = Sources(messages)
    for number, slots in messages.use.bones.columns():
        slot, column = slots[0][1], messages.block.columns.get(number)
        if column is None or slot.kind is SlotKind.MARKUP:
            continue
        if sources.is_said(slot.source, number) or sources.is_priced(slot.source, number):
            continue
        truth = sources.expected(slot.source)
        if truth is not None:
            yield from _compared(column, truth, source=slot.source)
            continue
        facts = sorted({fact for _, one in slots for fact in one.facts})
        read = sources.read_by(slot.source, facts=facts)
        if read is not None:
            yield from _divided(column, read, source=slot.source)


def _compared(column: Encoded, truth: Encoded, *, source: str) -> Iterator[Hit]:
    said, told = texts_of(column.values), texts_of(truth.values)
    own = said.filled()
    right = own.numbers(told.filled())[truth.codes]
    first_of = own.numbers(own)[column.codes]
    if (rows := np.flatnonzero(first_of != right)).size:
        first = int(rows[0])
        has, should = column.values[int(column.codes[first])], truth.values[int(truth.codes[first])]
        what = f"{source} says {_short(has)}; its source says {_short(should)}"
        yield Hit(what=what if rows.size == 1 else f"{what}, and others differ too", rows=rows, place=source)


def _short(value: str | None) -> str:
    return repr(value[:50]) if value else "nothing"


def _divided(column: Encoded, read: NDArray[np.int64], *, source: str) -> Iterator[Hit]:
    """Where one source says two things, the rarer is wrong; both are where neither is."""
    pairs, own, counts = np.unique(read * len(column.values) + column.codes, return_inverse=True, return_counts=True)
    groups = pairs // len(column.values)
    best = np.zeros(int(groups.max(initial=0)) + 1, dtype=np.int64)
    np.maximum.at(best, groups, counts)
    ties = np.zeros(len(best), dtype=np.int64)
    np.add.at(ties, groups[counts == best[groups]], 1)
    wrong = (counts < best[groups]) | (ties[groups] > 1)
    if (rows := np.flatnonzero(wrong[own.ravel()])).size:
        yield Hit(what=f"{source} says something else than to others who are the same", rows=rows, place=source)


def _of_another(messages: Messages) -> Iterable[Hit]:
    """A message's id, which its links are made of, belongs to its decision's customer and occasion."""
    block = messages.block
    own = _bytes_of(block.ids)
    wrong = np.flatnonzero((_ids(block, touchpoint=PUSH) != own).any(axis=1))
    if wrong.size:
        wrong = wrong[(_ids(block, touchpoint="")[wrong] != own[wrong]).any(axis=1)]
    if wrong.size:
        yield Hit(what="its id, and the links made of it, belong to another's decision", rows=wrong)


def _ids(block: Block, *, touchpoint: str) -> NDArray[np.uint8]:
    """The message ids that the decisions' points give, 16 bytes a row; at their own touchpoints where none is named."""
    occasions, places, steps = (block.encoded(name) for name in ("occasion", "touchpoint", "step"))
    begins = _by_code([canonical(one) for one in occasions.values], occasions.codes)
    ends = [canonical(touchpoint or place, str(step), "message") for place in places.values for step in steps.values]
    end = _by_code(ends, places.codes * len(steps.values) + steps.codes)
    names = pc.fill_null(block.column("customer_id").cast(pa.string()), "").cast(pa.binary())
    points = pc.binary_join_element_wise(begins, _lengths(names), names, end, pa.scalar(b"", pa.binary()))
    _, offsets, data = points.buffers()
    bounds = np.frombuffer(offsets, np.int32)[points.offset : points.offset + len(points) + 1].tolist()
    told, sha256 = data.to_pybytes() if data else b"", hashlib.sha256
    made = b"".join([sha256(told[start:stop]).digest() for start, stop in pairwise(bounds)])
    return np.frombuffer(made, np.uint8).reshape(-1, 32)[:, :16]


def _by_code(words: list[bytes], codes: NDArray[np.int64]) -> pa.Array | pa.Scalar:
    """The words of every row; one for all where there is one."""
    return pa.scalar(words[0], pa.binary()) if len(words) == 1 else pa.array(words, pa.binary()).take(pa.array(codes))


def _lengths(names: pa.Array) -> pa.Array:
    """The bytes of every name, as the canonical form spells them: eight bytes, big end first."""
    sizes = pc.binary_length(names).to_numpy(zero_copy_only=False).astype(">u8")
    ends = np.arange(0, 8 * len(sizes) + 8, 8, dtype=np.int32)
    return pa.Array.from_buffers(pa.binary(), len(sizes), [None, pa.py_buffer(ends), pa.py_buffer(sizes)])


def _bytes_of(ids: pa.Array) -> NDArray[np.uint8]:
    """Ids of 16 bytes as rows of numbers."""
    start = 16 * ids.offset
    return np.frombuffer(ids.buffers()[1], np.uint8)[start : start + 16 * len(ids)].reshape(-1, 16)


def _not_the_authors(use: Use) -> Iterable[Hit]:
    authored = use.scene.authored
    if authored is not None and use.bones.skeleton_id not in authored:
        yield Hit(what=f"{use.bones.skeleton.content_id} says this nowhere")


RULES = (
    Rule(
        id="value-not-of-source",
        severity=Severity.ERROR,
        place="slots",
        why="Whatever a letter says of a customer, an item or an offer is what its source says, to the letter.",
        fix="write the message again, and find out what changed it or its source",
        message=_not_of_source,
    ),
    Rule(
        id="message-of-another",
        severity=Severity.ERROR,
        place="message",
        why="A letter whose links belong to somebody else takes away the wrong person's letters.",
        fix="stop and find out how rows were mixed up",
        message=_of_another,
    ),
    Rule(
        id="words-not-the-authors",
        severity=Severity.ERROR,
        place="any part",
        why="The words between the values are those of the content, as it was checked and approved.",
        fix="compose the run again",
        skeleton=_not_the_authors,
    ),
)
DERIVED = frozenset({rule.id for rule in RULES} | {"mail-words-differ", "mail-headers-differ", "mail-form-differs"})
"""Rules that derive something again and compare, whatever it says."""
