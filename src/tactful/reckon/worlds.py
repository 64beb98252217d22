"""Worlds whose truth is known, in which an estimate must find it: coins, customers who leave, and cells in a tree.

Each world is drawn from a stated seed. They serve tests and the examples of the documentation; nothing else reads them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinWorld:
    """Two actions, rewards 30% and 60%, and a log that flips a fair coin: the target's value is 0.3 + 0.3 q.

    Stability: caller.

    >>> round(CoinWorld(q=0.5).truth, 6)
    0.45
    """

    q: float = 0.8

    @property
    def truth(self) -> float:
        """Value per decision of a policy that takes the better action with probability q."""
        return 0.3 + 0.3 * self.q

    def log(self, n: int, *, seed: int) -> dict[str, Floats]:
        """Rewards, logged and target probabilities of n decisions; each of shape (n,)."""
        rng = np.random.default_rng(seed)
        action = rng.integers(0, 2, n)
        reward = (rng.random(n) < np.where(action == 1, 0.6, 0.3)).astype(np.float64)
        target = np.where(action == 1, self.q, 1 - self.q)
        return {"reward": reward, "logged": np.full(n, 0.5), "target": target}


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """What a shop sees of its customers, and what only the world knows. Stability: caller.

    Attributes:
        frequency: repeat purchases seen; shape (n,).
        recency: first to last purchase; shape (n,).
        age: first purchase to now; shape (n,).
        is_alive: whether each will still buy; shape (n,).
        coming: purchases in the next `ahead` units of time, as they will happen; shape (n,).
    """

    frequency: Ints
    recency: Floats
    age: Floats
    is_alive: NDArray[np.bool_]
    coming: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class RetailWorld:
    """Customers who buy at their own rate and may leave after any purchase, exactly as BG/NBD has it.

    Stability: caller.
    """

    r: float = 0.6
    alpha: float = 6.0
    a: float = 0.9
    b: float = 2.5
    age: float = 52.0
    ahead: float = 52.0

    def customers(self, n: int, *, seed: int) -> Customers:
        """Customers whose first purchase fell evenly over the last `age` units of time.

        >>> bool((RetailWorld().customers(100, seed=1).coming >= 0).all())
        True
        """
        rng = np.random.default_rng(seed)
        rate = rng.gamma(self.r, 1 / self.alpha, n)
        leaving = rng.beta(self.a, self.b, n)
        age = rng.uniform(self.age / 4, self.age, n)
        frequency, coming = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        recency, now = np.zeros(n), np.zeros(n)
        active, alive = np.ones(n, dtype=np.bool_), np.ones(n, dtype=np.bool_)
        while active.any():
            now[active] += rng.exponential(1.0, int(active.sum())) / rate[active]
            active &= now <= age + self.ahead
            past = active & (now <= age)
            frequency[past] += 1
            recency[past] = now[past]
            coming[active & ~past] += 1
            stays = rng.random(n) >= leaving
            alive &= stays | ~past
            active &= stays
        return Customers(frequency=frequency, recency=recency, age=age, is_alive=alive, coming=coming)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Response of cells in a tree: sums as seen, and the true means. Stability: caller.

    Attributes:
        counts: own rows; shape (g,).
        totals: own successes; shape (g,).
        parents: index of the parent, -1 at the root; shape (g,).
        truth: true mean of each cell; shape (g,).
    """

    counts: Ints
    totals: Ints
    parents: Ints
    truth: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledWorld:
    """A root, segments around it, and small cells around each segment: some cells are rich in data, most are poor.

    Stability: caller.
    """

    segments: int = 8
    cells: int = 12
    mean: float = 0.10
    segment_spread: float = 0.03
    cell_spread: float = 0.02
    rows: int = 150

    def draw(self, seed: int) -> Cells:
        """One such tree; only the smallest cells hold rows.

        >>> PooledWorld(segments=2, cells=3).draw(1).parents.tolist()
        [-1, 0, 0, 1, 1, 1, 2, 2, 2]
        """
        rng = np.random.default_rng(seed)
        segment = np.clip(rng.normal(self.mean, self.segment_spread, self.segments), 0.005, 0.995)
        cell = np.clip(
            np.repeat(segment, self.cells) + rng.normal(0, self.cell_spread, self.segments * self.cells), 0.001, 0.999
        )
        rows = rng.geometric(1 / self.rows, cell.size)
        inner = np.zeros(1 + self.segments, dtype=np.int64)
        return Cells(
            counts=np.concatenate([inner, rows]),
            totals=np.concatenate([inner, rng.binomial(rows, cell)]),
            parents=np.concatenate(
                [[-1], np.zeros(self.segments, dtype=np.int64), np.repeat(np.arange(1, 1 + self.segments), self.cells)]
            ),
            truth=np.concatenate([[self.mean], segment, cell]),
        )
