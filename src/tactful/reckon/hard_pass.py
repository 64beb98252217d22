"""One pass over all customers at given prices: who takes what, what it is worth, and who is nearly undecided.

Everything it answers is a sum of whole numbers, so that any number of workers, compiled or not, give the same bits.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tactful.reckon import compiled
from tactful.reckon.limits import SHIFT, Limits
from tactful.reckon.worth import BLOCK, Worth

Whole = NDArray[np.int64]

_LOWEST: Final = -(1 << 31) + 1
_DEAREST: Final = (1 << 30) - 1
_CHEAPEST: Final = -(1 << 29)
_MOST: Final = (1 << 31) - 1
_WIDEST: Final = 1 << 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What all customers together do at given prices. Stability: internal.

    Attributes:
        total: what the best arms are worth beyond their prices.
        count: customers by best arm, nothing first; shape (arms + 1,).
        near: customers by best and second best arm whose margin is below the width; shape (arms + 1, arms + 1).
        own: what the best arms use of the limits that differ by customer; shape (limits,).
        cross: of those near, by limit and pair of arms, the sum of use of the best less that of the second.
        square: of those near, by two limits, the sum of the products of these differences.
    """

    total: int
    count: Whole
    near: Whole
    own: Whole
    cross: Whole
    square: Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The best arm of every customer at given prices. Stability: internal.

    Attributes:
        arm: 0 for nothing; int16, shape (n,).
        margin: how far the second best is behind; int32, shape (n,).
    """

    arm: NDArray[np.int16]
    margin: NDArray[np.int32]


def run(worth: Worth, *, limits: Limits, prices: Whole, width: int, workers: int = 2) -> Pass:
    """Go over all customers once.

    Args:
        worth: of every arm for every customer.
        limits: what arms use.
        prices: by limit, 2^-20 units of worth; int64, shape (limits,).
        width: a customer whose margin is below it counts as near.
        workers: threads; they change no bit.
    """
    price, own = priced(limits, prices=prices, owns=worth.own.shape[0])
    found = _spread(worth, price=price, own=own, width=min(width, _WIDEST), workers=workers)
    parts = [Pass(total=int(t), count=c, near=n, own=o, cross=x, square=s) for t, c, n, o, x, s in found]
    return Pass(
        total=sum(part.total for part in parts),
        count=_sum([part.count for part in parts]),
        near=_sum([part.near for part in parts]),
        own=_sum([part.own for part in parts]),
        cross=_sum([part.cross for part in parts]),
        square=_sum([part.square for part in parts]),
    )


def choose(worth: Worth, *, price: Whole, own: Whole, workers: int = 2) -> Choice:
    """Every customer's best arm where arms, and limits whose use differs by customer, cost so much: see `priced`."""
    count = worth.blocks.shape[0]
    arm, margin = np.empty((count, BLOCK), dtype=np.int16), np.empty((count, BLOCK), dtype=np.int32)
    if compiled.pays(worth.blocks.size) and not own.size:
        loop = compiled.loop(_choose_loop)
        with ThreadPoolExecutor(max(1, workers)) as pool:
            list(pool.map(lambda span: loop(worth.blocks, price, arm, margin, *span), _spans(count, workers)))
    else:
        for first in range(0, count, 16):
            part = first, min(first + 16, count)
            best, second, which, _ = _best(worth, price=price, own=own, span=part)
            arm[part[0] : part[1]], margin[part[0] : part[1]] = which, np.minimum(best - second, _MOST)
    return Choice(arm=arm.ravel()[: worth.rows], margin=margin.ravel()[: worth.rows])


def priced(limits: Limits, *, prices: Whole, owns: int) -> tuple[Whole, Whole]:
    """What each arm costs, and the prices of the limits whose use differs by customer."""
    cost = np.clip(limits.price_of_arms(prices), _CHEAPEST, _DEAREST)
    return cost, prices[len(limits.names) - owns :]


def _sum(parts: list[Whole]) -> Whole:
    found: Whole = np.sum(np.stack(parts), axis=0)
    return found


def _spans(blocks: int, workers: int) -> list[tuple[int, int]]:
    edges = np.linspace(0, blocks, max(1, min(workers, blocks)) + 1).astype(int).tolist()
    return list(pairwise(edges))


def _spread(worth: Worth, *, price: Whole, own: Whole, width: int, workers: int) -> list[Any]:  # Any: a loop's tuple
    spans = _spans(worth.blocks.shape[0], workers)
    if not compiled.pays(worth.blocks.size):
        return [_plain(worth, price=price, own=own, width=width, span=span) for span in spans]
    if own.size:
        loop = compiled.loop(_own_loop)
        jobs: list[tuple[Any, ...]] = [(worth.blocks, worth.own, price, own, width, *span) for span in spans]
    else:
        loop = compiled.loop(_loop)
        jobs = [(worth.blocks, price, width, *span) for span in spans]
    if len(spans) == 1 or worth.rows < 32 * BLOCK:
        return [loop(*job) for job in jobs]
    with ThreadPoolExecutor(len(spans)) as pool:
        return list(pool.map(lambda job: loop(*job), jobs))


def _loop(  # noqa: PLR0917  # a compiled loop takes arrays, in their order
    values: Any, price: Any, width: Any, first: Any, last: Any
) -> Any:  # Any: arrays in a compiled loop
    """Blocks from first to last: the total, customers by arm, and by pairs of arms for those near."""
    arms, size = values.shape[1], values.shape[2]
    best, second = np.empty(size, np.int32), np.empty(size, np.int32)
    arm, other = np.empty(size, np.int32), np.empty(size, np.int32)
    count, near = np.zeros(arms + 1, np.int64), np.zeros((arms + 1, arms + 1), np.int64)
    total = 0
    for block in range(first, last):
        best[:] = 0
        second[:] = _LOWEST
        arm[:] = 0
        other[:] = 0
        for a in range(arms):
            cost, code = np.int32(price[a]), np.int32(a + 1)
            column = values[block, a]
            for j in range(size):
                gain = np.int32(column[j] - cost)
                wins = gain > best[j]
                less = best[j] if wins else gain
                behind = arm[j] if wins else code
                best[j] = gain if wins else best[j]
                arm[j] = code if wins else arm[j]
                follows = less > second[j]
                second[j] = less if follows else second[j]
                other[j] = behind if follows else other[j]
        for j in range(size):
            total += best[j]
            count[arm[j]] += 1
            if np.int64(best[j]) - np.int64(second[j]) < width:
                near[arm[j], other[j]] += 1
    none = np.zeros(0, np.int64)
    return total, count, near, none, np.zeros((0, arms + 1, arms + 1), np.int64), np.zeros((0, 0), np.int64)


def _own_loop(  # noqa: PLR0913, PLR0917  # a compiled loop takes arrays, in their order
    values: Any, uses: Any, price: Any, own: Any, width: Any, first: Any, last: Any
) -> Any:  # Any: arrays in a compiled loop
    """The same where some limits take something else from each customer."""
    owns, arms, size = own.size, values.shape[1], values.shape[2]
    count, near = np.zeros(arms + 1, np.int64), np.zeros((arms + 1, arms + 1), np.int64)
    load, cross = np.zeros(owns, np.int64), np.zeros((owns, arms + 1, arms + 1), np.int64)
    square, differs = np.zeros((owns, owns), np.int64), np.zeros(owns, np.int64)
    total = 0
    for block in range(first, last):
        for j in range(size):
            best, second, arm, other = 0, _LOWEST, 0, 0
            for a in range(arms):
                gain = values[block, a, j] - price[a]
                for r in range(owns):
                    gain -= (uses[r, block, a, j] * own[r]) >> SHIFT
                gain = max(gain, _LOWEST + 1)
                if gain > best:
                    best, second, arm, other = gain, best, a + 1, arm
                elif gain > second:
                    second, other = gain, a + 1
            total += best
            count[arm] += 1
            for r in range(owns):
                here = uses[r, block, arm - 1, j] if arm > 0 else 0
                there = uses[r, block, other - 1, j] if other > 0 else 0
                load[r] += here
                differs[r] = here - there
            if best - second < width:
                near[arm, other] += 1
                for r in range(owns):
                    cross[r, arm, other] += differs[r]
                    for s in range(owns):
                        square[r, s] += differs[r] * differs[s]
    return total, count, near, load, cross, square


def _choose_loop(  # noqa: PLR0917  # a compiled loop takes arrays, in their order
    values: Any, price: Any, arms: Any, margins: Any, first: Any, last: Any
) -> None:  # Any: arrays in a compiled loop
    """Best arm and margin of every customer in blocks from first to last."""
    size = values.shape[2]
    best, second, arm = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int16)
    for block in range(first, last):
        best[:] = 0
        second[:] = _LOWEST
        arm[:] = 0
        for a in range(values.shape[1]):
            cost, code = np.int32(price[a]), np.int16(a + 1)
            column = values[block, a]
            for j in range(size):
                gain = np.int32(column[j] - cost)
                wins = gain > best[j]
                less = best[j] if wins else gain
                best[j] = gain if wins else best[j]
                arm[j] = code if wins else arm[j]
                second[j] = max(less, second[j])
        for j in range(size):
            arms[block, j] = arm[j]
            margins[block, j] = min(np.int64(best[j]) - np.int64(second[j]), _MOST)


def _best(worth: Worth, *, price: Whole, own: Whole, span: tuple[int, int]) -> tuple[Whole, Whole, Whole, Whole]:
    """Best, second, arm and second arm; int64, shape (blocks, BLOCK); the same steps as the loops."""
    first, last = span
    shape = (last - first, BLOCK)
    best, second = np.zeros(shape, dtype=np.int64), np.full(shape, _LOWEST, dtype=np.int64)
    arm, other = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for a in range(worth.arms):
        gain = worth.blocks[first:last, a].astype(np.int64) - price[a]
        for r in range(own.size):
            gain -= (worth.own[r, first:last, a].astype(np.int64) * own[r]) >> SHIFT
        if own.size:
            gain = np.maximum(gain, _LOWEST + 1)
        wins = gain > best
        less, behind = np.where(wins, best, gain), np.where(wins, arm, a + 1)
        best, arm = np.where(wins, gain, best), np.where(wins, a + 1, arm)
        follows = less > second
        second, other = np.where(follows, less, second), np.where(follows, behind, other)
    return best, second, arm, other


def _plain(worth: Worth, *, price: Whole, own: Whole, width: int, span: tuple[int, int]) -> Any:  # Any: a loop's tuple
    """What the loops answer, by NumPy."""
    size, owns = worth.arms + 1, own.size
    count, near, total = np.zeros(size, np.int64), np.zeros(size * size, np.int64), 0
    load, cross = np.zeros(owns, np.int64), np.zeros((owns, size * size), np.int64)
    square = np.zeros((owns, owns), np.int64)
    for first in range(span[0], span[1], 16):
        part = first, min(first + 16, span[1])
        best, second, arm, other = (one.ravel() for one in _best(worth, price=price, own=own, span=part))
        total += int(best.sum())
        count += np.bincount(arm, minlength=size)
        close = np.flatnonzero(best - second < width)
        pair = arm[close] * size + other[close]
        near += np.bincount(pair, minlength=size * size)
        if owns:
            here, there = (_used(worth, which, span=part) for which in (arm, other))
            load += here.sum(axis=1)
            differs = (here - there)[:, close]
            for r in range(owns):
                np.add.at(cross[r], pair, differs[r])
                square[r] += (differs[r] * differs).sum(axis=1)
    return total, count, near.reshape(size, size), load, cross.reshape(owns, size, size), square


def _used(worth: Worth, arm: Whole, *, span: tuple[int, int]) -> Whole:
    """What an arm of each customer uses of the limits that differ by customer; shape (limits, customers)."""
    which = arm.reshape(-1, 1, BLOCK)
    uses = worth.own[:, span[0] : span[1]].astype(np.int64)
    found = np.stack([np.take_along_axis(one, np.maximum(which - 1, 0), axis=1)[:, 0] for one in uses])
    used: Whole = np.where(which[None, :, 0] > 0, found, 0).reshape(uses.shape[0], -1)
    return used
