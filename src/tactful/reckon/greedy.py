"""The best arm of every customer at given prices, where nothing is drawn: one pass over the worths, as fast as memory.

Worths are read in the order in which they lie, which processors foresee; what is best so far stays beside them.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tactful.reckon import compiled

CLOSED: Final = -(1 << 30)
"""The worth of an arm that a customer may not get; worths and prices are smaller than that in magnitude."""
_SHARES: Final = 8
"""Shares of the work for each thread, so that one that is held up holds up little."""


def best(blocks: NDArray[np.int32], *, price: NDArray[np.int64], workers: int = 2) -> NDArray[np.int16]:
    """For each customer the arm of the highest worth less price, the first of equals; 0 where none is above 0.

    Args:
        blocks: worth of every arm for every customer, `CLOSED` where it may not be chosen; shape (blocks, arms, b).
        price: of each arm, below 2^30 in magnitude; shape (arms,).
        workers: threads; they change no bit.

    Returns:
        Arm number from 1, 0 for nothing; int16, shape (blocks, b).

    >>> worth = np.array([[[5, 1], [7, CLOSED]]], dtype=np.int32)
    >>> best(worth, price=np.array([2, 3])).tolist()
    [[2, 0]]
    """
    if price.shape != blocks.shape[1:2] or (np.abs(price) >= -CLOSED).any():
        raise ValueError("one price per arm, below 2^30 in magnitude")
    found = np.empty((blocks.shape[0], blocks.shape[2]), dtype=np.int16)
    cost = price.astype(np.int32)
    shares = _SHARES * workers if workers > 1 else 1
    edges = np.linspace(0, len(blocks), max(1, min(shares, len(blocks))) + 1).astype(int).tolist()
    act = compiled.loop(_loop) if compiled.pays(blocks.size) else _plain
    if len(edges) == 2:
        act(blocks, cost, found, *edges)
        return found
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(lambda span: act(blocks, cost, found, *span), pairwise(edges)):
            pass
    return found


def _plain(  # noqa: PLR0917  # as the loop
    blocks: NDArray[np.int32], cost: NDArray[np.int32], found: NDArray[np.int16], first: int, last: int
) -> None:
    for block in range(first, last):
        gain = blocks[block] - cost[:, None]
        arm = gain.argmax(axis=0)
        found[block] = np.where(gain[arm, np.arange(arm.size)] > 0, arm + 1, 0)


def _loop(  # noqa: PLR0917  # a loop takes arrays by place
    blocks: Any, cost: Any, found: Any, first: int, last: int
) -> None:  # Any: arrays in a compiled loop
    top, arm = np.empty(blocks.shape[2], np.int32), np.empty(blocks.shape[2], np.int32)
    for block in range(first, last):
        top[:] = 0
        arm[:] = 0
        for a in range(blocks.shape[1]):
            beside(blocks[block, a], cost[a], np.int32(a + 1), top, arm)
        into = found[block]
        for i in range(into.size):
            into[i] = arm[i]


def beside(line: Any, price: Any, code: Any, top: Any, arm: Any) -> None:  # noqa: PLR0917  # as above
    """One arm of a block beside the best so far; Any: arrays in a compiled loop.

    Codes rise, so the larger of the code and the last is the code: no store then depends on a comparison. Everything
    is kept in 32 bits, where numba would widen a difference to 64.
    """
    for i in range(top.size):
        gain, most, who = np.int32(line[i] - price), top[i], arm[i]
        now = code if gain > most else np.int32(0)
        arm[i] = now if now > who else who
        top[i] = gain if gain > most else most
