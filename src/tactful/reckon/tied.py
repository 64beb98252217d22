"""Ties: customers worth exactly the same are one mass; a linear programme says which share of it gets which arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tactful.reckon.chance import WHOLE
from tactful.reckon.worth import CLOSED

Whole = NDArray[np.int64]

_MOST_GROUPS: Final = 2_000
_LEAST_SIZE: Final = 4
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Customers by what all arms are worth to them. Stability: internal.

    Attributes:
        of: group of each customer; int64, shape (n,).
        size: customers in each; int64, shape (groups,).
        value: worth of every arm, `CLOSED` where it may not be chosen; int64, shape (groups, arms).
    """

    of: Whole
    size: Whole
    value: Whole


def fingerprints(value: Whole) -> NDArray[np.uint64]:
    """A 64-bit word of each row's numbers, so that equal rows are found without sorting rows.

    >>> words = fingerprints(np.array([[1, 2], [2, 1], [1, 2]]))
    >>> words[0] == words[2], words[0] == words[1]
    (np.True_, np.False_)
    """
    word = np.zeros(value.shape[0], dtype=np.uint64)
    for column in range(value.shape[1]):
        word = (word ^ value[:, column].astype(np.int64).view(np.uint64)) + np.uint64(0x9E3779B97F4A7C15)
        word = (word ^ (word >> np.uint64(30))) * _FIRST
        word = (word ^ (word >> np.uint64(27))) * _SECOND
        word ^= word >> np.uint64(31)
    return word


def groups(value: Whole) -> Groups | None:
    """Customers of the same worth, or None where hardly anybody is like another.

    Args:
        value: worth of every arm for each customer; shape (n, arms).
    """
    _, first, of, size = np.unique(fingerprints(value), return_index=True, return_inverse=True, return_counts=True)
    if first.size > _MOST_GROUPS or first.size * _LEAST_SIZE > value.shape[0]:
        return None
    found = Groups(of=of.astype(np.int64), size=size.astype(np.int64), value=value[first].astype(np.int64))
    return found if (found.value[of] == value).all() else None


def shares(found: Groups, *, use: Whole, left: Whole, top: Whole) -> NDArray[np.float64] | None:
    """How many customers of each group get each arm, so that they are worth most within what is left.

    Args:
        found: the groups.
        use: what one decision for an arm takes; shape (limits, arms).
        left: of each limit; shape (limits,).
        top: of each limit what a unit beyond it costs, in worth; -1 where it may not be passed; shape (limits,).

    Returns:
        Customers, not whole; shape (groups, arms); None where the programme has no answer.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, diags_array, hstack, vstack

    soft = np.flatnonzero(top >= 0)
    group, arm = np.nonzero(found.value > (CLOSED if soft.size else 0))
    if not group.size:
        return np.zeros(found.value.shape)
    ones = np.ones(group.size)
    mass = csr_array((ones, (group, np.arange(group.size))), shape=(found.size.size, group.size))
    taken = csr_array(use[:, arm].astype(np.float64))
    beyond = diags_array(np.where(top >= 0, -1.0, 0.0), shape=(top.size, top.size)).tocsc()[:, soft]
    none = csr_array((found.size.size, soft.size), dtype=np.float64)
    value = found.value[group, arm]
    unit = float(max(1, np.abs(value).max()))
    solved = linprog(
        np.append(-value / unit, top[soft] / unit),
        A_ub=vstack([hstack([mass, none]), hstack([taken, beyond])]),
        b_ub=np.append(found.size, left).astype(np.float64),
        method="highs-ds",
    )
    if solved.status != 0:
        return None
    answer = np.zeros(found.value.shape)
    answer[group, arm] = np.clip(solved.x[: group.size], 0.0, None)
    return answer


def whole_parts(answer: NDArray[np.float64]) -> Whole:
    """Rounded down, with what a programme leaves uncertain taken off first.

    >>> whole_parts(np.array([[2.9999999, 0.5]])).tolist()
    [[3, 0]]
    """
    return np.maximum(np.floor(answer + 1e-6), 0).astype(np.int64)


def dealt(found: Groups, *, counts: Whole, order: Whole) -> Whole:
    """Whole numbers of customers given their arms, in an order that chance makes.

    Args:
        found: the groups.
        counts: customers of each group by arm; shape (groups, arms).
        order: places of the customers, the first to be dealt first.

    Returns:
        Arm of each customer, 0 for nothing, -1 for those left over by rounding; shape (n,).
    """
    arms = counts.shape[1]
    silent = np.maximum(found.size - counts.sum(axis=1) - arms - 1, 0)
    edges = np.cumsum(np.concatenate([counts, silent[:, None]], axis=1), axis=1)
    by_group = order[np.argsort(found.of[order], kind="stable")]
    start = np.cumsum(found.size) - found.size
    place = np.arange(order.size) - start[found.of[by_group]]
    passed = (edges[found.of[by_group]] <= place[:, None]).sum(axis=1)
    answer = np.empty(order.size, dtype=np.int64)
    answer[by_group] = np.where(passed < arms, passed + 1, np.where(passed == arms, 0, -1))
    return answer


def split(found: Groups, *, arm: Whole) -> Whole:
    """How likely each arm was for each group, in units of 2^-52: the share of the group that has it.

    Args:
        found: the groups.
        arm: of each customer, 0 for nothing; shape (n,).

    Returns:
        Nothing first; int64, shape (groups, arms + 1).
    """
    arms = found.value.shape[1] + 1
    count = np.bincount(found.of * arms + arm, minlength=found.size.size * arms).reshape(-1, arms)
    share = [[WHOLE * int(c) // int(n) for c in row] for row, n in zip(count, found.size, strict=True)]
    return np.array(share, dtype=np.int64)


def group_of(value: Whole, *, among: Whole) -> Whole:
    """Which of some rows each row equals, -1 where none.

    >>> group_of(np.array([[3, 4], [9, 9]]), among=np.array([[1, 2], [3, 4]])).tolist()
    [1, -1]
    """
    words, known = fingerprints(value), fingerprints(among)
    order = np.argsort(known, kind="stable")
    at = order[np.minimum(np.searchsorted(known[order], words), order.size - 1)]
    found: Whole = np.where((among[at] == value).all(axis=1), at, -1)
    return found
