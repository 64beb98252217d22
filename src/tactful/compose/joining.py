"""Slot columns become words: escaped once for each distinct value, joined to the skeleton's segments in columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tactful.compose.hashing import digests
from tactful.compose.laying import MOST_BYTES, Laid, Piece, lengths, merged, numbers, static, told
from tactful.compose.values import Column, Distinct, Rows
from tactful.words.ids import canonical
from tactful.words.message import Part, Skeleton, SkeletonPart, SlotContext, SlotKind, bytes_hash, escape, join

_FEW = 16
"""So many messages are joined sooner one by one."""
_ESCAPED = 5
"""How many times as long a value may become when it is escaped."""
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


def pieces(part: SkeletonPart, columns: Sequence[Column], *, rows: Rows) -> list[Piece]:
    """Segments and escaped values of one part in turn.

    Args:
        part: where the values go.
        columns: every slot column, s0 first.
        rows: of the frame.
    """
    found = [static(part.segments[0].encode())]
    for slot, segment in zip(part.slots, part.segments[1:], strict=True):
        column = columns[slot.column]
        distinct = stored(column.distinct) if slot.kind is SlotKind.MARKUP else escaped(column.distinct, slot.context)
        found.append(told(distinct, None if column.codes is None else column.of(rows)))
        found.append(static(segment.encode()))
    return found


def joined(skeleton: Skeleton, columns: Sequence[Column], *, rows: Rows) -> Iterator[dict[Part, pa.Array]]:
    """The words of every part, some rows at a time: what stays in a processor's cache."""
    for share in _bounded(skeleton, columns, rows=rows):
        yield from _joined(skeleton, columns, rows=share)


def _joined(skeleton: Skeleton, columns: Sequence[Column], *, rows: Rows) -> Iterator[dict[Part, pa.Array]]:
    laid = {part.part: Laid(pieces(part, columns, rows=rows), rows=len(rows)) for part in skeleton.parts}
    longest = max(laid.values(), key=lambda one: int(one.lengths.sum()))
    for start, stop in longest.shares():
        yield {part: one.text(start, stop) for part, one in laid.items()}


def hashes(skeleton: Skeleton, columns: Sequence[Column], *, rows: Rows) -> pa.Array:
    """`words.message.bytes_hash` of every row: the words of all parts, each behind its name and its length.

    Letters of one subject and length begin with the same thousands of bytes: these are hashed once for all of them.
    """
    if len(rows) <= _FEW:
        values = (
            zip(*(texts(column, rows).to_pylist() for column in columns), strict=True) if columns else [()] * len(rows)
        )
        return pa.array([bytes_hash(join(skeleton, one)) for one in values], pa.binary(16))
    found = []
    for share in _bounded(skeleton, columns, rows=rows):
        canon: list[Piece] = []
        for part in skeleton.parts:
            own = merged(pieces(part, columns, rows=share), rows=len(share))
            canon += [static(canonical(part.part.value)), numbers(lengths(own, rows=len(share))), *own]
        found.append(digests(canon, rows=len(share)))
    return pa.concat_arrays(found) if len(found) > 1 else found[0]


def _bounded(skeleton: Skeleton, columns: Sequence[Column], *, rows: Rows) -> list[Rows]:
    """The rows in as many shares as it takes for the values of each to fit into one Arrow array."""
    slots = [slot for part in skeleton.parts for slot in part.slots]
    size = sum(longest(columns[slot.column]) for slot in slots) * len(rows)
    return np.array_split(rows, 1 + size * _ESCAPED // MOST_BYTES)


def longest(column: Column) -> int:
    """The most bytes that a value of a column has, before it is escaped."""
    return pc.max(pc.binary_length(stored(column.distinct))).as_py() or 0
