"""Least amounts that prices left unmet: those who lose least by it are moved, as long as that is worth the penalty."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tactful.reckon.limits import SHIFT, Limits
from tactful.reckon.worth import CLOSED

Whole = NDArray[np.int64]

_TRIED: Final = 65_536
"""How many customers are asked for a least amount; nobody behind them loses less."""


def meet(arm: NDArray[np.int16], *, value: Whole, uses: Whole, limits: Limits, left: Whole, order: Whole) -> None:
    """Moves customers to arms that least amounts count, in place, where these are missed and nothing else is passed.

    Prices settle who takes part in what is promised only up to ties: among few customers, or many who are worth nearly
    the same, what is scarce may be gone before those come whose turn it is to keep the promise.

    Args:
        arm: of each customer, 0 for nothing; changed; shape (n,).
        value: of each arm, in the unit of the limits' highest prices; shape (n, arms).
        uses: of the limits that differ by customer; shape (limits, n, arms).
        limits: what couples customers.
        left: of each limit, below 0 for a least amount that is missed; changed; shape (limits,).
        order: of customers who lose the same.
    """
    for row in np.flatnonzero((limits.top >= 0) & (left < 0)).tolist():
        counted = np.flatnonzero(limits.use[row] < 0)
        if counted.size:
            _met(arm, value=value, uses=uses, limits=limits, left=left, order=order, row=row, counted=counted)


def _met(  # noqa: PLR0913  # one least amount of `meet`
    arm: NDArray[np.int16], *, value: Whole, uses: Whole, limits: Limits, left: Whole, order: Whole, row: int,
    counted: Whole,
) -> None:  # fmt: skip
    """The same for one least amount."""
    now = _of(value, arm)
    is_open = (value[:, counted] > CLOSED) & ~np.isin(arm - 1, counted)[:, None]
    loss = np.where(is_open, now[:, None] - value[:, counted], -CLOSED - CLOSED)
    top = int(limits.top[row])
    first = order[np.argsort(loss.min(axis=1, initial=-CLOSED - CLOSED)[order], kind="stable")]
    for i in first[:_TRIED].tolist():
        if left[row] >= 0 or top * -int(limits.use[row, counted].min()) >> SHIFT <= loss[i].min():
            return
        for place in np.argsort(loss[i], kind="stable").tolist():
            to = int(counted[place])
            change = _taken(limits, uses=uses, who=i, arm=to + 1) - _taken(limits, uses=uses, who=i, arm=int(arm[i]))
            gained = top * min(-int(left[row]), -int(change[row])) >> SHIFT
            if gained > loss[i, place] and not ((change > 0) & (change > left)).any():
                arm[i] = to + 1
                left -= change
                break


def _of(value: Whole, arm: NDArray[np.int16]) -> Whole:
    """What everybody has."""
    had = np.take_along_axis(value, np.maximum(arm.astype(np.int64) - 1, 0)[:, None], axis=1)[:, 0]
    return np.where(arm > 0, had, 0)


def _taken(limits: Limits, *, uses: Whole, who: int, arm: int) -> Whole:
    """What a customer takes of every limit with an arm, 0 being nothing."""
    if arm == 0:
        return np.zeros(len(limits.names), dtype=np.int64)
    taken = limits.use[:, arm - 1].copy()
    if uses.shape[0]:
        taken[-uses.shape[0] :] = uses[:, who, arm - 1]
    return taken
