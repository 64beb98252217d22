"""The slot columns of a run's uses: what one source says in any skeleton and place is made distinct once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.check.bones import Bones
from tactful.check.encoded import Encoded, coded
from tactful.check.lexicon import Lexicon
from tactful.check.texts import Texts

_PLACE = re.compile(r"\[\d+\]")
Place = tuple[int, int]
"""A use, and the number of a slot column of its skeleton."""


def kind_of(source: str) -> str:
    """What a slot reads, whichever place in a list it stands in.

    >>> kind_of("items[2].title"), kind_of("facts.city")
    ('items[].title', 'facts.city')
    """
    return _PLACE.sub("[]", source)


class Slots:
    """The stored slot columns of every use. Stability: internal.

    Columns that read the same kind of source have the same values: all of them that stand anywhere, so that a rule
    need look at each but once. Some of these no row of a use may have.

    Args:
        uses: their messages and skeletons.
        lexicon: what is known of texts already.
    """

    def __init__(self, uses: Sequence[tuple[pa.Table, Bones]], *, lexicon: Lexicon) -> None:
        kinds: dict[str, dict[Place, pa.ChunkedArray]] = {}
        for number, (messages, bones) in enumerate(uses):
            for column, slots in bones.columns():
                found = _column(messages, f"s{column}")
                kinds.setdefault(kind_of(slots[0][1].source), {})[number, column] = found
        self._told: list[dict[int, tuple[Texts, NDArray[np.int32], pa.ChunkedArray]]] = [{} for _ in uses]
        for kind, columns in kinds.items():
            for (number, column), texts, codes in _together(kind, columns, lexicon=lexicon):
                self._told[number][column] = texts, codes, columns[number, column]

    def of_use(self, number: int) -> dict[int, Encoded]:
        """The columns of a use by their number, given once: what was given is let go."""
        told, self._told[number] = self._told[number], {}
        return {
            column: Encoded(
                values=texts, codes=codes.astype(np.int64), whole=texts, plain=as_came if _is_text(as_came) else None
            )
            for column, (texts, codes, as_came) in told.items()
        }


def _column(messages: pa.Table, name: str) -> pa.ChunkedArray:
    """A column with no values but its own; nothing in every row where messages have none of that name."""
    if name in messages.column_names:
        column = messages[name]
        if pa.types.is_dictionary(column.type):
            return pa.chunked_array([_own(piece) for piece in column.chunks], column.type)
        return column
    return pa.chunked_array([pa.nulls(messages.num_rows, pa.string())])


def _own(piece: pa.DictionaryArray) -> pa.DictionaryArray:
    """Codes without the values of other skeletons, which stand in the same column of a file."""
    count = len(piece.dictionary)
    codes = piece.indices.fill_null(count).to_numpy(zero_copy_only=False)
    seen = np.zeros(count + 1, dtype=bool)
    seen[codes] = True
    is_none, seen = bool(seen[count]), seen[:count]
    if seen.all():
        return piece
    smaller = np.append(np.cumsum(seen) - 1, 0).astype(np.int32)[codes]
    kept = pa.array(smaller, mask=codes == count if is_none else None)
    return pa.DictionaryArray.from_arrays(kept, piece.dictionary.take(pa.array(np.flatnonzero(seen))))


def _is_text(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_string(column.type))


def _together(
    kind: str, columns: dict[Place, pa.ChunkedArray], *, lexicon: Lexicon
) -> Iterator[tuple[Place, Texts, NDArray[np.int32]]]:
    """Columns of one kind over the values of all of them; codes are kept small, for there are many."""
    types = {one.type for one in columns.values()}
    pieces = [one if len(types) == 1 else one.cast(pa.string()) for one in columns.values()]
    words, numbers = coded(pa.chunked_array([chunk for piece in pieces for chunk in piece.chunks], pieces[0].type))
    codes = np.concatenate([np.zeros(0, np.int32), *numbers], dtype=np.int32)
    texts = lexicon.of(kind, Texts(words), rows=len(codes))
    ends = np.cumsum([len(one) for one in pieces]).tolist()
    for place, start, end in zip(columns, [0, *ends], ends, strict=False):
        yield place, texts, codes[start:end]
