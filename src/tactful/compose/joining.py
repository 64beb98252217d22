"""Slot columns become words: escaped once for each distinct value, joined to the skeleton's segments in columns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tactful.compose.values import Column, Distinct, Rows
from tactful.words.message import Part, Skeleton, SkeletonPart, SlotContext, SlotKind, escape

CHUNK = 2_048
"""Messages joined at once: what fits into a processor's cache, nearly."""
_SPECIAL = "[&<>\"']"
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;"))


def stored(distinct: Distinct) -> pa.Array:
    """The distinct values as text; one that is no text (a lone surrogate) is NULL."""
    if "text" not in distinct.stored:
        plain = [str.__str__(one) if isinstance(one, str) else "" for one in distinct.objects]
        try:
            distinct.stored["text"] = pa.array(plain, pa.string())
        except UnicodeEncodeError:
            distinct.stored["text"] = pa.array([one if is_text(one) else None for one in plain], pa.string())
    return distinct.stored["text"]


def is_text(value: str) -> bool:
    """Whether a value can be written as UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def escaped(distinct: Distinct, context: SlotContext) -> pa.Array:
    """The distinct values as they stand in a context; NULL where the context refuses them."""
    if context is SlotContext.PLAIN:
        return stored(distinct)
    if context is SlotContext.STYLE:
        if context not in distinct.stored:
            distinct.stored[context] = pa.array([_styled(one) for one in stored(distinct).to_pylist()], pa.string())
        return distinct.stored[context]
    if "escaped" not in distinct.stored:
        found = stored(distinct)
        if pc.any(pc.match_substring_regex(found, _SPECIAL)).as_py():
            for mark, words in _ESCAPES:
                found = pc.replace_substring(found, mark, words)
        distinct.stored["escaped"] = found
    return distinct.stored["escaped"]


def _styled(value: str | None) -> str | None:
    try:
        return None if value is None else escape(value, SlotContext.STYLE)
    except ValueError:
        return None


def texts(column: Column, rows: Rows) -> pa.Array:
    """A column's values in some rows."""
    return taken(stored(column.distinct), column, rows=rows)


def taken(distinct: pa.Array, column: Column, *, rows: Rows) -> pa.Array:
    """Values of distinct ones by the codes of rows."""
    return distinct.take(pa.array(column.of(rows)))


def refused(skeleton: Skeleton, columns: Sequence[Column], *, rows: Rows) -> npt.NDArray[np.bool_]:
    """The rows of which some value is no text, or is refused where it stands."""
    bad = np.zeros(len(rows), bool)
    for part in skeleton.parts:
        for slot in part.slots:
            column = columns[slot.column]
            plain = slot.kind is SlotKind.MARKUP
            found = stored(column.distinct) if plain else escaped(column.distinct, slot.context)
            if found.null_count:
                bad |= found.is_null().to_numpy(zero_copy_only=False)[column.of(rows)]
    return bad


def join_rows(part: SkeletonPart, columns: Sequence[Column], *, rows: Rows) -> pa.Array:
    """The words of one part for some rows, in UTF-8: segments and escaped values in turn.

    Args:
        part: where the values go.
        columns: every slot column, s0 first.
        rows: of the frame.
    """
    if not part.slots:
        return pa.array([part.segments[0]], pa.string()).take(pa.array(np.zeros(len(rows), np.int64)))
    pieces: list[pa.Array | pa.Scalar] = [pa.scalar(part.segments[0])]
    for slot, segment in zip(part.slots, part.segments[1:], strict=True):
        column = columns[slot.column]
        distinct = stored(column.distinct) if slot.kind is SlotKind.MARKUP else escaped(column.distinct, slot.context)
        if column.codes is None:
            pieces.append(distinct[0])
        else:
            pieces.append(taken(distinct, column, rows=rows))
        pieces.append(pa.scalar(segment))
    found = pc.binary_join_element_wise(*pieces, pa.scalar(""))
    return found if isinstance(found, pa.Array) else pa.array([found.as_py()] * len(rows), pa.string())


def joined(skeleton: Skeleton, columns: Sequence[Column], *, rows: Rows) -> Iterator[dict[Part, pa.Array]]:
    """The words of every part, some thousand rows at a time."""
    for start in range(0, len(rows), CHUNK):
        share = rows[start : start + CHUNK]
        yield {part.part: join_rows(part, columns, rows=share) for part in skeleton.parts}


def hashes(skeleton: Skeleton, columns: Sequence[Column], *, rows: Rows) -> list[bytes]:
    """`words.message.bytes_hash` of every row."""
    found: list[bytes] = []
    for parts in joined(skeleton, columns, rows=rows):
        found += _hashed(parts, len(next(iter(parts.values()))))
    return found


def _hashed(parts: dict[Part, pa.Array], count: int) -> list[bytes]:
    views = []
    for part in Part:
        if part in parts:
            name = part.value.encode()
            array = parts[part]
            offsets = np.frombuffer(array.buffers()[1], np.int32, count + 1, array.offset * 4)
            data = memoryview(array.buffers()[2] or b"")
            lengths = [size.to_bytes(8, "big") for size in np.diff(offsets).tolist()]
            views.append((len(name).to_bytes(8, "big") + name, lengths, data, offsets.tolist()))
    made = []
    for row in range(count):
        pieces: list[bytes | memoryview] = []
        for name, lengths, data, offsets in views:
            pieces += (name, lengths[row], data[offsets[row] : offsets[row + 1]])
        made.append(hashlib.sha256(b"".join(pieces)).digest()[:16])
    return made
