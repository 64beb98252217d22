"""The best arm at given prices beside a plain copy of the same bytes: how near the pass comes to what memory allows."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tactful.reckon import compiled, greedy
from tactful.reckon.worth import BLOCK

ARMS = 24


def bandwidths(rows: int, *, repeats: int) -> dict[str, float]:
    """GB/s of a copy, read and write counted, on one core and on two, and of the pass on two; the best of several."""
    rng = np.random.default_rng(6)
    blocks = rng.integers(0, 1 << 28, (rows // BLOCK, ARMS, BLOCK), dtype=np.int32)
    blocks[:, 1::3] |= np.int32(1) << 27
    price, copied = rng.integers(0, 1 << 20, ARMS), np.empty_like(blocks)
    half = len(blocks) // 2
    pairs = [(copied[:half], blocks[:half]), (copied[half:], blocks[half:])]
    taken: dict[str, list[float]] = {"copy": [], "copy_on_two": [], "priced_argmax": []}
    with ThreadPoolExecutor(2) as pool, compiled.taking(loops=True):
        for _ in range(repeats + 1):
            taken["copy"].append(seconds(lambda: np.copyto(copied, blocks)))
            taken["copy_on_two"].append(seconds(lambda: list(pool.map(lambda pair: np.copyto(*pair), pairs))))
            taken["priced_argmax"].append(seconds(lambda: greedy.best(blocks, price=price)))
    moved = {"copy": 2 * blocks.nbytes, "copy_on_two": 2 * blocks.nbytes, "priced_argmax": blocks.nbytes + 2 * rows}
    return {name: round(moved[name] / min(each[1:]) / 1e9, 2) for name, each in taken.items()}


def seconds(act: Callable[[], object]) -> float:
    """By the clock."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun
