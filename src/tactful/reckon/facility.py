"""Which variants to open when each has a fixed cost: lazy greedy with swaps, in whole numbers, with a certificate.

The question is ``max over S of sum_i max(0, max over v in S of s_iv) - sum over v in S of F_v``: everybody gets the
best of what is open, or nothing. A price per use cannot answer it (spreading the cost raises the price, which lowers
the use, which raises the price); see `facility_bound` for what proves an answer.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tactful.words.errors import Misuse

MOST: Final = 1 << 53
"""Everything that could be gained together stays below this, so that sums are exact in float64 too."""
SAMPLE: Final = 40_000
"""Kinds of customers that stand for all where looking at everybody would only take longer."""
Whole = NDArray[np.int64]
Worth = NDArray[np.signedinteger[Any]]  # Any: 32 bits where they suffice, else 64
Move = tuple[int, tuple[int, ...], tuple[int, ...]]
"""What a move gains, what it closes and what it opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of the customers, or kinds of customers. Stability: caller.

    Attributes:
        worth: what each variant brings with one customer of each kind, 0 where it is not for them; shape (m, n).
        people: how many customers each kind stands for; shape (n,).
    """

    worth: Worth
    people: Whole

    @classmethod
    def of(cls, worth: ArrayLike, *, people: ArrayLike | None = None) -> Part:
        """A part from whole numbers; what would bring a loss counts as 0, since nobody has to be spoken to.

        Args:
            worth: by kind of customer and variant; shape (n, m).
            people: one each when left out; shape (n,).

        Raises:
            Misuse: shapes do not meet, a number is not whole, or all together pass 2^53.

        >>> Part.of([[3, -1], [0, 5]]).worth.tolist()
        [[3, 0], [0, 5]]
        """
        given = np.asarray(worth)
        counts = np.ones(len(given), dtype=np.int64) if people is None else np.asarray(people)
        if given.ndim != 2 or counts.shape != given.shape[:1] or given.dtype.kind != "i" or counts.dtype.kind != "i":
            raise Misuse.say(where="portfolio", what="worth is not whole numbers by kind and variant", do="round it")
        if counts.size and counts.min() < 0:
            raise Misuse.say(where="portfolio", what="a kind stands for less than nobody", do="count people from 0")
        kept = np.ascontiguousarray(np.maximum(given.T, 0))
        small = kept.max(initial=0) < 1 << 31
        part = cls(worth=kept.astype(np.int32 if small else np.int64, copy=False), people=counts.astype(np.int64))
        if float(part.worth.max(axis=0, initial=0).astype(np.float64) @ part.people) >= MOST:
            raise Misuse.say(where="portfolio", what="what could be gained passes 2^53", do="use a larger unit")
        return part


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What is open. Stability: caller.

    Attributes:
        open: the open variants, in order.
        value: what they bring together less what they cost.
        gain: by variant, what opening it would add, or for an open one what closing it would take away, its cost left
            out; shape (m,).
    """

    open: tuple[int, ...]
    value: int
    gain: Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """Of one part, the best open variant of each kind, its worth, and that of the second best."""

    who: NDArray[np.int64]
    best: Whole
    second: Whole


def choose(
    parts: Sequence[Part], *, cost: ArrayLike, standing: Iterable[int] = (), margin: ArrayLike = 0, workers: int = 1
) -> Chosen:
    """The variants to open: lazy greedy, then adding, dropping and exchanging while that gains.

    The same climb from everything being open, and from what stands, guards against a first step that was too greedy.

    With a margin, what is open stays open unless closing it gains more than the margin, and what is closed stays closed
    unless opening it does: the answer maximises the value less the margin of every change from what stands.

    Every sum is a sum of integers over parts: any number of parts and workers gives the same answer.

    Args:
        parts: the customers; all of the same variants.
        cost: fixed cost of each variant, not negative; shape (m,).
        standing: the variants that are open now.
        margin: what a change must gain, for all or by variant.
        workers: how many parts are looked at at once.

    Raises:
        Misuse: no parts, or costs that do not fit them.

    >>> two = [Part.of([[9, 8], [9, 8], [1, 8]])]
    >>> choose(two, cost=[5, 5]).open, choose(two, cost=[1, 1]).open, choose(two, cost=[40, 40]).open
    ((1,), (0, 1), ())
    """
    fixed = costs_of(parts, cost=cost)
    stood = frozenset(standing)
    there = np.isin(np.arange(fixed.size), list(stood))
    moved = fixed + np.where(there, -1, 1) * np.broadcast_to(np.asarray(margin, dtype=np.int64), fixed.shape)
    with ThreadPoolExecutor(max(1, workers)) as pool:
        search = _Search(parts=parts, cost=moved, map=pool.map if workers > 1 else map)
        few = _Search(parts=thinned(parts), cost=moved, map=map)
        starts = [search.climbed(search.greedy()), search.climbed(few.climbed(frozenset(range(fixed.size))))]
        if stood:
            starts.append(search.climbed(stood))
        best = max(
            starts, key=lambda chosen: (search.worth(chosen), -len(chosen ^ stood), [-v for v in sorted(chosen)])
        )
        gain = search.gains(best)
        value = search.gross(best) - sum(int(fixed[v]) for v in best)
    return Chosen(open=tuple(sorted(best)), value=value, gain=gain)


def costs_of(parts: Sequence[Part], *, cost: ArrayLike) -> Whole:
    """The fixed costs, checked against the parts; shape (m,)."""
    fixed = np.asarray(cost)
    if not parts or fixed.dtype.kind != "i" or any(part.worth.shape[0] != fixed.size for part in parts):
        raise Misuse.say(where="portfolio", what="parts and costs are of different variants", do="give one cost each")
    if fixed.size and fixed.min() < 0:
        raise Misuse.say(where="portfolio", what="a variant costs less than nothing", do="state costs from 0")
    return fixed.astype(np.int64)


def thinned(parts: Sequence[Part]) -> Sequence[Part]:
    """Some kinds of customers, evenly spread, standing for all; the parts themselves where they are few."""
    n = sum(part.people.size for part in parts)
    if n <= SAMPLE:
        return parts
    step, start, few = -(-n // SAMPLE), 0, []
    for part in parts:
        rows = np.arange((-start) % step, part.people.size, step)
        few.append(Part(worth=np.ascontiguousarray(part.worth[:, rows]), people=part.people[rows] * step))
        start += part.people.size
    return few


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """The moves of the search over one problem."""

    parts: Sequence[Part]
    cost: Whole
    map: Callable[[Callable[[Part], Whole], Sequence[Part]], Iterable[Whole]]

    def _summed(self, act: Callable[[Part], Whole]) -> Whole:
        found: Whole = np.sum(np.stack(list(self.map(act, self.parts))), axis=0, dtype=np.int64)
        return found

    def gross(self, chosen: Iterable[int]) -> int:
        """What everybody gets from the best of the chosen."""
        rows = sorted(chosen)
        if not rows:
            return 0
        return int(self._summed(lambda part: _of_all(part.worth[rows].max(axis=0), part)))

    def worth(self, chosen: Iterable[int]) -> int:
        """The same less the costs."""
        rows = sorted(chosen)
        return self.gross(rows) - int(self.cost[rows].sum())

    def greedy(self) -> frozenset[int]:
        """Opens what gains most until nothing gains; a gain seen earlier bounds what it is now (submodularity)."""
        best = {id(part): np.zeros(part.people.size, dtype=part.worth.dtype) for part in self.parts}
        first = self._summed(lambda part: np.array([_of_all(row, part) for row in part.worth], dtype=np.int64))
        waiting = [(-int(gain - cost), v) for v, (gain, cost) in enumerate(zip(first, self.cost, strict=True))]
        heapq.heapify(waiting)
        chosen: set[int] = set()
        while waiting and waiting[0][0] < 0:
            _, v = heapq.heappop(waiting)
            now = int(self._summed(_above(v, best))) - int(self.cost[v])
            if waiting and (-now, v) > waiting[0]:
                heapq.heappush(waiting, (-now, v))
            elif now > 0:
                chosen.add(v)
                for part in self.parts:
                    np.maximum(best[id(part)], part.worth[v], out=best[id(part)])
        return frozenset(chosen)

    def climbed(self, chosen: frozenset[int]) -> frozenset[int]:
        """The best single move after another, until none gains; ties to the move that comes first."""
        while True:
            gain, swap = self._moves(chosen)
            moves: list[Move] = [(int(gain[v] - self.cost[v]), (), (v,)) for v in range(gain.size) if v not in chosen]
            moves += [(int(self.cost[v] - gain[v]), (v,), ()) for v in sorted(chosen)]
            for place, out in enumerate(sorted(chosen)):
                less = int(self.cost[out] - gain[out])
                moves += [
                    (int(gain[v] + swap[place, v] - self.cost[v]) + less, (out,), (v,))
                    for v in range(gain.size) if v not in chosen
                ]  # fmt: skip
            best = max(moves, key=lambda move: move[0], default=(0, (), ()))
            if best[0] <= 0:
                return chosen
            chosen = (chosen - {*best[1]}) | {*best[2]}

    def gains(self, chosen: frozenset[int]) -> Whole:
        """By variant what opening it would add, or closing it would take away."""
        return self._moves(chosen)[0]

    def _moves(self, chosen: frozenset[int]) -> tuple[Whole, Whole]:
        """Gains as above, and what a pair of closing and opening saves beyond both alone; shapes (m,), (open, m)."""
        rows, m = sorted(chosen), self.cost.size

        def act(part: Part) -> Whole:
            held, found = _held(part, rows), np.zeros((len(rows) + 1, m), dtype=np.int64)
            slack = _by(held.who, (held.best - held.second) * part.people, count=len(rows))
            for v in range(m):
                if v in chosen:
                    found[0, v] = slack[rows.index(v)]
                    continue
                row = part.worth[v].astype(np.int64, copy=False)
                found[0, v] = _of_all(np.maximum(row - held.best, 0), part)
                saved = np.clip(row, held.second, held.best) - held.second
                found[1:, v] = _by(held.who, saved * part.people, count=len(rows))
            return found

        total = self._summed(act)
        return total[0], total[1:]


def _above(v: int, best: dict[int, Worth]) -> Callable[[Part], Whole]:
    return lambda part: _of_all(np.maximum(part.worth[v] - best[id(part)], 0), part)


def _of_all(each: Worth, part: Part) -> Whole:
    """The sum over all people; in whole numbers, since the threads of a BLAS wait for each other on a busy machine."""
    found: Whole = np.multiply(each, part.people, dtype=np.int64).sum(dtype=np.int64)
    return found


def _by(who: Whole, amount: Whole, *, count: int) -> Whole:
    """Sums by open variant; exact in float64, since all together stay below 2^53."""
    return np.bincount(who, weights=amount, minlength=count)[:count].astype(np.int64) if count else amount[:0]


def _held(part: Part, rows: Sequence[int]) -> _Held:
    n = part.people.size
    nothing = np.zeros(n, dtype=np.int64)
    if not rows:
        return _Held(who=nothing, best=nothing, second=nothing)
    mine = part.worth[list(rows)].astype(np.int64, copy=False)
    who = mine.argmax(axis=0)
    best = mine[who, np.arange(n)]
    mine[who, np.arange(n)] = -1
    return _Held(who=who, best=best, second=np.maximum(mine.max(axis=0), 0))
