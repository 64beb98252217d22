"""From prices to whole decisions: no limit is passed by one unit, and what little is left over is given away again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tactful.reckon import compiled, hard_pass, owed, tied
from tactful.reckon.dual import Dual
from tactful.reckon.limits import SHIFT, Limits
from tactful.reckon.worth import BLOCK, CLOSED, Worth

Whole = NDArray[np.int64]

_LEAST_NEAR: Final = 4096
_NEVER: Final = -(1 << 60)
_ROUNDS: Final = 4
_ROW_BY_ROW: Final = 16
"""How much longer NumPy takes for a number where customers are gone through one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounded:
    """Whole decisions within all limits. Stability: caller.

    Attributes:
        arm: 0 for nothing; int16, shape (n,).
        value: what they are worth, in shifted worth, less the penalty for least amounts that are missed.
        left: of every limit; below 0 only for a least amount that cannot be kept.
        changed: customers who do not get the best arm at the prices.
        bound: no decisions within the limits are worth more.
        group: of those drawn among customers worth exactly the same; -1 for everybody else; int64, shape (n,).
        alike: what all arms are worth to each group, `CLOSED` where they may not be chosen; shape (groups, arms).
        split: how likely each arm was for each group in units of 2^-52, nothing first; shape (groups, arms + 1).
    """

    arm: NDArray[np.int16]
    value: int
    left: Whole
    changed: int
    bound: int
    group: Whole
    alike: Whole
    split: Whole

    @property
    def odds(self) -> Whole:
        """Of those drawn among customers worth exactly the same, how likely their arm was; -1 for everybody else."""
        found = np.full(self.group.size, -1, dtype=np.int64)
        rows = np.flatnonzero(self.group >= 0)
        found[rows] = self.split[self.group[rows], self.arm[rows]]
        return found

    @property
    def gap(self) -> float:
        """(bound - value) / bound: by what share a perfect allocation could at most be worth more."""
        return (self.bound - self.value) / self.bound if self.bound else 0.0


def rounded(worth: Worth, *, limits: Limits, dual: Dual, chance: Callable[[Whole], Whole], workers: int = 2) -> Rounded:
    """The best arm of everybody at the prices, and for those nearly undecided what fits.

    Those with the largest margin come first, ties by chance: each takes the best arm that fits into what is left. Then
    whoever is nearly undecided may take something worth more that still fits, until nobody can.

    Args:
        worth: of every arm for every customer.
        limits: what couples them.
        dual: solved prices.
        chance: a draw for each of some customers, by their places; ties go to the lower one.
        workers: threads; they change no bit.
    """
    price, own = hard_pass.priced(limits, prices=dual.prices, owns=worth.own.shape[0])
    return settled(worth, limits=limits, price=price, own=own, bound=dual.bound, chance=chance, workers=workers)


def settled(  # noqa: PLR0913  # prices of arms and of own use, and what else `rounded` takes
    worth: Worth,
    *,
    limits: Limits,
    price: Whole,
    own: Whole,
    bound: int,
    chance: Callable[[Whole], Whole],
    workers: int = 2,
) -> Rounded:
    """The same at any prices of arms, solved or not: the nearer to solved, the less is lost.

    Args:
        worth: of every arm for every customer.
        limits: what couples them.
        price: of each arm, in shifted worth.
        own: prices of the limits whose use differs by customer, in 2^-20 units.
        bound: what is known to be the most.
        chance: as in `rounded`.
        workers: threads; they change no bit.
    """
    chosen = hard_pass.choose(worth, price=price, own=own, workers=workers)
    arm = chosen.arm.copy()
    near, left = _undecided(worth, limits=limits, chosen=chosen)
    value, score, uses = _scored(worth, near, price=price, own=own)
    draws = chance(near)
    hard = limits.top < 0
    alike = _dealt(value, limits=limits, left=left, order=np.lexsort((near, draws)), owns=uses.shape[0])
    left = left - alike.load
    order = np.lexsort((near, draws, -chosen.margin[near].astype(np.int64)))
    open_ = order[alike.arm[order] < 0]
    found = np.maximum(alike.arm, 0).astype(np.int16)
    is_fast = compiled.pays(_ROW_BY_ROW * score.size)
    place, fill = (compiled.loop(settle), compiled.loop(_fill)) if is_fast else (settle_plainly, _fill_plainly)
    soft = (~hard).astype(np.int64)
    place(found, open_, score, uses, limits.use, soft, left)
    owed.meet(found, value=value, uses=uses, limits=limits, left=left, order=order)
    fill(found, open_, value, uses, limits.use, left)
    changed = int(np.count_nonzero(found != arm[near]))
    arm[near] = found
    total, left = _counted(worth, arm, limits=limits)
    missed = sum(int(t) * max(0, -int(r)) for t, r in zip(limits.top, left, strict=True) if t >= 0)
    group, value_of = np.full(worth.rows, -1, dtype=np.int64), np.zeros((0, worth.arms), dtype=np.int64)
    shares = np.zeros((0, worth.arms + 1), dtype=np.int64)
    if alike.groups is not None:
        group[near], value_of = alike.groups.of, alike.groups.value
        shares = tied.split(alike.groups, arm=found.astype(np.int64))
    return Rounded(
        arm=arm, value=total - (missed >> SHIFT), left=left, changed=changed, bound=bound, group=group,
        alike=value_of, split=shares,
    )  # fmt: skip


def _scored(worth: Worth, rows: Whole, *, price: Whole, own: Whole) -> tuple[Whole, Whole, Whole]:
    """Worth, worth less prices, and own use of every arm, for some customers."""
    value, uses = worth.of_rows(rows), worth.own_of_rows(rows)
    score = value - price[None, :]
    for r in range(own.size):
        score -= (uses[r] * own[r]) >> SHIFT
    return value, np.where(value <= CLOSED, _NEVER, score), uses


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alike:
    """What those got who are worth exactly the same as many others: arm, -1 for none; what it took; and the groups."""

    arm: Whole
    load: Whole
    groups: tied.Groups | None


def _dealt(value: Whole, *, limits: Limits, left: Whole, order: Whole, owns: int) -> _Alike:
    """Arms of customers who are worth exactly the same as many others, where most are."""
    nobody = np.full(value.shape[0], -1, dtype=np.int64)
    none = _Alike(arm=nobody, load=np.zeros_like(left), groups=None)
    hard = limits.top < 0
    if owns or (found := tied.groups(value)) is None:
        return none
    top = np.where(hard, -1, limits.top >> SHIFT)
    answer = tied.shares(found, use=limits.use, left=left, top=top)
    if answer is None:
        return none
    counts = tied.whole_parts(answer)
    taken = (limits.use * counts.sum(axis=0)).sum(axis=1)
    if (hard & (taken > left)).any() or (counts.sum(axis=1) > found.size).any():
        return none
    arm = tied.dealt(found, counts=counts, order=order)
    given = np.bincount(np.maximum(arm, 0), minlength=value.shape[1] + 1)[1:].astype(np.int64)
    return _Alike(arm=arm, load=(limits.use * given).sum(axis=1), groups=found)


def _undecided(worth: Worth, *, limits: Limits, chosen: hard_pass.Choice) -> tuple[Whole, Whole]:
    """Places of those nearly undecided, wide enough that the others fit; and what the others leave."""
    hard = limits.top < 0
    hair = int(worth.sample(4 * BLOCK).blocks.max()) >> 12
    wanted = min(_LEAST_NEAR, worth.rows)
    while True:
        width = int(np.partition(chosen.margin, wanted - 1)[wanted - 1]) if wanted else 0
        width = max(width, hair)
        near = np.flatnonzero(chosen.margin <= width)
        settled = np.where(chosen.margin > width, chosen.arm, 0)
        _, left = _counted(worth, settled, limits=limits)
        if near.size == worth.rows or not (hard & (left < 0)).any():
            return near, left
        wanted = min(worth.rows, 4 * max(wanted, near.size))


def _counted(worth: Worth, arm: NDArray[np.int16], *, limits: Limits) -> tuple[int, Whole]:
    """What decisions are worth, and what they leave of every limit."""
    full = np.zeros(worth.blocks.shape[0] * worth.blocks.shape[2], dtype=np.int16)
    full[: arm.size] = arm
    owns = worth.own.shape[0]
    count = compiled.loop(_count) if compiled.pays(worth.blocks.size) else _count_plainly
    total, taken, own = count(worth.blocks, worth.own, full.reshape(worth.blocks.shape[0], -1))
    load = (limits.use * taken[1:]).sum(axis=1)
    if owns:
        load[-owns:] = own
    return int(total), limits.most - load


def _count(  # noqa: PLR0917  # a compiled loop takes arrays, in their order
    values: Any, uses: Any, arms: Any
) -> Any:  # Any: arrays in a compiled loop
    """Total worth, customers by arm, and use of the limits that differ by customer."""
    total, taken, own = 0, np.zeros(values.shape[1] + 1, np.int64), np.zeros(uses.shape[0], np.int64)
    for block in range(arms.shape[0]):
        for j in range(arms.shape[1]):
            a = arms[block, j]
            taken[a] += 1
            if a > 0:
                total += values[block, a - 1, j]
                for r in range(own.size):
                    own[r] += uses[r, block, a - 1, j]
    return total, taken, own


def _count_plainly(  # noqa: PLR0917  # as the loop takes them
    values: Any, uses: Any, arms: Any
) -> Any:  # Any: arrays, as the loop takes them
    taken = np.bincount(arms.ravel(), minlength=values.shape[1] + 1).astype(np.int64)
    at = np.maximum(arms.astype(np.int64) - 1, 0)[:, None, :]
    total = int(np.where(arms > 0, np.take_along_axis(values, at, axis=1)[:, 0].astype(np.int64), 0).sum())
    own = [int(np.where(arms > 0, np.take_along_axis(one, at, axis=1)[:, 0].astype(np.int64), 0).sum()) for one in uses]
    return total, taken, np.array(own, dtype=np.int64)


def settle(  # noqa: PLR0913, PLR0917  # a compiled loop takes arrays, in their order
    found: Any, order: Any, score: Any, uses: Any, use: Any, soft: Any, left: Any
) -> None:  # Any: arrays in a compiled loop
    """Arms in an order, each the best by score that fits into what is left."""
    arms, m, owns = score.shape[1], use.shape[0], uses.shape[0]
    change = np.zeros(m, np.int64)
    for i in order:
        above, last = -_NEVER, 0
        while True:
            best, arm = 0, 0
            for a in range(arms):
                s = score[i, a]
                if s > best and (s < above or (s == above and a + 1 > last)):
                    best, arm = s, a + 1
            if arm == 0:
                break
            fits = True
            for k in range(m):
                change[k] = use[k, arm - 1] if k < m - owns else uses[k - m + owns, i, arm - 1]
                if soft[k] == 0 and change[k] > 0 and change[k] > left[k]:
                    fits = False
            if fits:
                found[i] = arm
                left -= change
                break
            above, last = best, arm


def settle_plainly(  # noqa: PLR0913, PLR0917  # as the loop takes them
    found: Any, order: Any, score: Any, uses: Any, use: Any, soft: Any, left: Any
) -> None:  # Any: arrays, as the loop takes them
    """What `settle` does, by NumPy: customers one by one, their arms at once."""
    best_first = np.argsort(-score, axis=1, kind="stable")
    wanted = (score > 0).sum(axis=1).tolist()
    hard = soft == 0
    for i in order.tolist():
        for arm in best_first[i, : wanted[i]].tolist():
            change = np.concatenate([use[: use.shape[0] - uses.shape[0], arm], uses[:, i, arm]])
            if not (hard & (change > 0) & (change > left)).any():
                found[i] = arm + 1
                left -= change
                break


def _fill_plainly(  # noqa: PLR0917  # as the loop takes them
    found: Any, order: Any, value: Any, uses: Any, use: Any, left: Any
) -> None:  # Any: arrays, as the loop takes them
    """What `_fill` does, by NumPy."""
    fixed, rows = use[: use.shape[0] - uses.shape[0]], np.arange(value.shape[0])
    for _ in range(_ROUNDS):
        had = np.where(found > 0, value[rows, np.maximum(found.astype(np.int64) - 1, 0)], 0)
        could = (value > had[:, None]).any(axis=1)
        moved = 0
        for i in order[could[order]].tolist():
            takes = np.concatenate([fixed, uses[:, i]]) if uses.size else fixed
            change = takes - takes[:, found[i] - 1, None] if found[i] > 0 else takes
            fits = ~((change > 0) & (change > left[:, None])).any(axis=0) & (value[i] > had[i])
            if fits.any():
                arm = int(np.where(fits, value[i], _NEVER).argmax())
                found[i] = arm + 1
                left -= change[:, arm]
                moved += 1
        if moved == 0:
            break


def _fill(  # noqa: PLR0917  # a compiled loop takes arrays, in their order
    found: Any, order: Any, value: Any, uses: Any, use: Any, left: Any
) -> None:  # Any: arrays in a compiled loop
    """Something worth more that still fits, until nobody can have it; what is owed is never made less."""
    arms, m, owns = value.shape[1], use.shape[0], uses.shape[0]
    now, change, kept = np.zeros(m, np.int64), np.zeros(m, np.int64), np.zeros(m, np.int64)
    for _ in range(_ROUNDS):
        moved = 0
        for i in order:
            old = found[i]
            best, arm = 0, old
            now[:] = 0
            if old > 0:
                best = value[i, old - 1]
                for k in range(m):
                    now[k] = use[k, old - 1] if k < m - owns else uses[k - m + owns, i, old - 1]
            for a in range(arms):
                if value[i, a] <= best:
                    continue
                fits = True
                for k in range(m):
                    change[k] = (use[k, a] if k < m - owns else uses[k - m + owns, i, a]) - now[k]
                    if change[k] > 0 and change[k] > left[k]:
                        fits = False
                if fits:
                    best, arm = value[i, a], a + 1
                    kept[:] = change
            if arm != old:
                found[i] = arm
                left -= kept
                moved += 1
        if moved == 0:
            break
