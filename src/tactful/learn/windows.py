"""Which decisions open a window in which outcomes are counted: no order is ever counted for two decisions.

The rule is intention to treat, by decision point and by metric. A decision that speaks, or would have spoken and was
held out, opens a window of the metric's length, unless one of the same customer is open; whatever is decided while it
is open opens none and is part of what followed. A decision that chose silence opens a window where none is open, and
is left out if somebody speaks, or would have spoken, within it. Every window is of full length, so that those told and
those left alone are looked at for equally long; whether a message arrived, or was read, is not asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

TOLD: Final = 1
LEFT: Final = 2
SILENT: Final = 3
OTHER: Final = 0
_NEVER: Final = -(1 << 62)


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Decision points as one metric sees them: those of an occasion, or some that were decided when asked.

    Stability: internal.

    Attributes:
        at: when each was decided, microseconds since 1970; shape (n,).
        key: customer_key; shape (n,).
        kind: `TOLD`, `LEFT` (held out, and would have been told), `SILENT` or `OTHER`; shape (n,).
        opened: where that is on record already; shape (n,). None where it has to be found.
    """

    at: Whole
    key: Whole
    kind: NDArray[np.int8]
    opened: Flags | None = None


def opened(points: Sequence[Points], *, window: int) -> list[Flags]:
    """Which points open a window.

    Args:
        points: in parts; of two of one moment that of the earlier part comes first.
        window: length in microseconds.

    Returns:
        One mask per part; of those on record, what is on record.

    >>> told = np.array([TOLD], dtype=np.int8)
    >>> def point(at, kind): return Points(at=np.array([at]), key=np.array([7]), kind=np.array([kind], dtype=np.int8))
    >>> days = [point(0, SILENT), point(3, TOLD), point(5, TOLD), point(9, SILENT), point(13, LEFT)]
    >>> [mask.tolist() for mask in opened(days, window=10)]
    [[False], [True], [False], [False], [True]]
    """
    lines = _Lines.of(points)
    mine = lines.on_record()
    lines.open_in_turn(mine, window=window)
    lines.without_silence_before_words(mine, window=window)
    found = np.zeros(sum(one.key.size for one in points), dtype=np.bool_)
    found[lines.place] = mine
    ends = np.cumsum([one.key.size for one in points])[:-1]
    return [mask if one.opened is None else one.opened for one, mask in zip(points, np.split(found, ends), strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """The points that are looked at, each customer's one after the other in time; all of shape (m,).

    `place` is where each stands among all points, `turn` the how-manieth of its customer it is; `record` is 1 where a
    window is on record, 0 where none is, -1 where that has to be found.
    """

    place: Whole
    at: Whole
    silent: Flags
    record: NDArray[np.int8]
    first: Whole
    turn: Whole

    @classmethod
    def of(cls, points: Sequence[Points]) -> _Lines:
        kind = np.concatenate([one.kind for one in points]) if points else np.zeros(0, dtype=np.int8)
        seen = np.flatnonzero(kind != OTHER)
        silent = kind[seen] == SILENT
        key, at = (np.concatenate([getattr(one, name) for one in points])[seen] for name in ("key", "at"))
        record = np.concatenate([
            np.full(one.key.size, -1, dtype=np.int8) if one.opened is None else one.opened.astype(np.int8)
            for one in points
        ])[seen]  # fmt: skip
        order = np.lexsort((silent, at, key))
        key = key[order]
        begins = np.append(True, key[1:] != key[:-1]) if key.size else np.zeros(0, dtype=np.bool_)
        number, starts = np.cumsum(begins) - 1, np.flatnonzero(begins)
        first = starts[number] if key.size else number
        return cls(place=seen[order], at=at[order], silent=silent[order], record=record[order], first=first,
                   turn=np.arange(key.size) - first)  # fmt: skip

    def on_record(self) -> Flags:
        """A mask in which what is on record stands, and nothing else yet."""
        found: Flags = self.record == 1
        return found

    def open_in_turn(self, mine: Flags, *, window: int) -> None:
        """Opens windows in `mine`: the first point of every customer, then the second, and so on."""
        spoke, was_silent = (np.full(self.at.size, _NEVER) for _ in range(2))  # by the customer's first place
        order = np.argsort(self.turn, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(self.turn[order])) + 1):
            who, at, quiet = self.first[rows], self.at[rows], self.silent[rows]
            free = spoke[who] <= at - window
            opens = free & (~quiet | (was_silent[who] <= at - window))
            mine[rows] = opens = np.where(self.record[rows] < 0, opens, mine[rows])
            spoke[who[opens & ~quiet]] = at[opens & ~quiet]
            was_silent[who[opens & quiet]] = at[opens & quiet]

    def without_silence_before_words(self, mine: Flags, *, window: int) -> None:
        """Takes from `mine` silences after which somebody spoke within their window."""
        n = self.at.size
        next_word = np.where(mine & ~self.silent, np.arange(n), n)
        next_word = np.minimum.accumulate(next_word[::-1])[::-1] if n else next_word
        same = np.append(self.first, -1)[np.minimum(next_word, n)] == self.first
        soon = np.append(self.at, 0)[np.minimum(next_word, n)] < self.at + window
        mine &= ~(self.silent & same & soon) | (self.record == 1)
