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


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """The decision points of one occasion as one metric sees them. Stability: internal.

    Attributes:
        at: when they were decided, microseconds since 1970.
        key: customer_key; shape (n,).
        kind: `TOLD`, `LEFT` (held out, and would have been told), `SILENT` or `OTHER`; shape (n,).
        opened: where that is on record already; shape (n,). None where it has to be found.
    """

    at: int
    key: Whole
    kind: NDArray[np.int8]
    opened: Flags | None = None


def opened(occasions: Sequence[Points], *, window: int) -> list[Flags]:
    """Which points of each occasion open a window.

    Args:
        occasions: in the order of `at`.
        window: length in microseconds.

    Returns:
        One mask per occasion; of those on record, what is on record.

    >>> told = np.array([TOLD], dtype=np.int8)
    >>> def point(at, kind): return Points(at=at, key=np.array([7]), kind=np.array([kind], dtype=np.int8))
    >>> days = [point(0, SILENT), point(3, TOLD), point(5, TOLD), point(9, SILENT), point(13, LEFT)]
    >>> [mask.tolist() for mask in opened(days, window=10)]
    [[False], [True], [False], [False], [True]]
    """
    found: list[Flags] = []
    speaking: list[tuple[int, Whole]] = []
    silence: list[tuple[int, Whole]] = []
    for one in occasions:
        speaks, silent = (one.kind == TOLD) | (one.kind == LEFT), one.kind == SILENT
        busy = _within(one, speaking, window=window)
        mine = (speaks & ~busy) | (silent & ~busy & ~_within(one, silence, window=window))
        mine = mine if one.opened is None else one.opened
        found.append(mine)
        speaking.append((one.at, one.key[mine & speaks]))
        silence.append((one.at, one.key[mine & silent]))
    return [
        mine if one.opened is not None else mine & ~((one.kind == SILENT) & _within(one, speaking, window=-window))
        for one, mine in zip(occasions, found, strict=True)
    ]


def _within(one: Points, others: Sequence[tuple[int, Whole]], *, window: int) -> Flags:
    """Who is in a window that was opened less than so long before; where that is negative, opened soon after."""
    low, high = (one.at - window, one.at) if window > 0 else (one.at, one.at - window)
    near = [keys for at, keys in others if (low < at <= high if window > 0 else low < at < high)]
    return np.isin(one.key, np.concatenate(near)) if near else np.zeros(one.key.size, dtype=np.bool_)
