"""The best arm of every customer at given prices, where nothing is drawn: one pass over the worths, as fast as memory.

Arms are gone through eight at a time, so that what is best so far is kept in registers and not stored between arms.
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
    edges = np.linspace(0, len(blocks), max(1, min(workers, len(blocks))) + 1).astype(int).tolist()
    act = compiled.loop(_loop) if compiled.is_there() else _plain
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
    k, n = blocks.shape[1], blocks.shape[2]
    top, arm = np.empty(n, np.int32), np.empty(n, np.int32)
    for block in range(first, last):
        top[:] = 0
        arm[:] = 0
        for a in range(0, k - k % 8, 8):
            eight(blocks[block], cost, top, arm, a)
        for a in range(k - k % 8, k):
            line, price, code = blocks[block, a], cost[a], np.int32(a + 1)
            for i in range(n):
                gain = line[i] - price
                arm[i] = code if gain > top[i] else arm[i]
                top[i] = max(gain, top[i])
        for i in range(n):
            found[block, i] = arm[i]


def eight(v: Any, cost: Any, top: Any, arm: Any, a: int) -> None:  # noqa: PLR0917  # a loop takes arrays by place
    """Eight arms of a block, from arm a; Any: arrays in a compiled loop."""
    v0, v1, v2, v3, v4, v5, v6, v7 = v[a], v[a + 1], v[a + 2], v[a + 3], v[a + 4], v[a + 5], v[a + 6], v[a + 7]
    c0, c1, c2, c3 = cost[a], cost[a + 1], cost[a + 2], cost[a + 3]
    c4, c5, c6, c7 = cost[a + 4], cost[a + 5], cost[a + 6], cost[a + 7]
    code = np.int32(a + 1)
    for i in range(top.size):
        most, who = top[i], arm[i]
        gain = v0[i] - c0
        who, most = (code if gain > most else who), max(gain, most)
        gain = v1[i] - c1
        who, most = (code + np.int32(1) if gain > most else who), max(gain, most)
        gain = v2[i] - c2
        who, most = (code + np.int32(2) if gain > most else who), max(gain, most)
        gain = v3[i] - c3
        who, most = (code + np.int32(3) if gain > most else who), max(gain, most)
        gain = v4[i] - c4
        who, most = (code + np.int32(4) if gain > most else who), max(gain, most)
        gain = v5[i] - c5
        who, most = (code + np.int32(5) if gain > most else who), max(gain, most)
        gain = v6[i] - c6
        who, most = (code + np.int32(6) if gain > most else who), max(gain, most)
        gain = v7[i] - c7
        who, most = (code + np.int32(7) if gain > most else who), max(gain, most)
        top[i], arm[i] = most, who
