"""Limits and promises of a run as rows over the arms of one kind, also where what an arm takes differs by customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tactful.decide.believed import BY_COST, Prices
from tactful.reckon.limits import SHIFT, Limits
from tactful.reckon.worth import Worth

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

DEAREST: Final = (1 << 29) - 1
"""No missing unit counts for more than the most that anything may be worth, in shifted worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupled:
    """Rows of ``use · x <= most``; a promise is a row with both sides turned. Stability: internal.

    Attributes:
        names: of the resources; those whose use differs by customer come last.
        use: what one decision for an arm takes, before what differs; shape (rows, k).
        most: how much there is; shape (rows,).
        missing: what a unit that a promise lacks costs, in score units; -1 for limits, which are never passed.
        place: of each arm's offer among those whose cost differs by customer, -1 where it does not; shape (k,).
        differs: where what differs is taken; shape (rows, k).
    """

    names: tuple[str, ...]
    use: Whole
    most: Whole
    missing: Whole
    place: Whole
    differs: Flags

    @classmethod
    def of(cls, prices: Prices, *, kind: Whole, place: Whole) -> Coupled:
        """Every limit and promise of sealed prices that some arm of a kind counts towards."""
        limits = [(name, most, -1) for name, most in prices.limits.items()]
        promises = [(name, -least, missing) for name, (least, missing) in prices.promised.items() if least]
        counts = {name for name, use in prices.use.items() if use[kind].any()}
        rows = sorted(row for row in limits + promises if row[0] in counts)
        sign = np.array([-1 if missing >= 0 else 1 for _, _, missing in rows], dtype=np.int64)
        use = np.array([prices.use[name][kind] for name, _, _ in rows], dtype=np.int64).reshape(-1, kind.size)
        money = np.array([name.split(":", 1)[0] in BY_COST for name, _, _ in rows], dtype=np.bool_)
        found = cls(
            names=tuple(name for name, _, _ in rows), use=use * sign[:, None],
            most=np.array([most for _, most, _ in rows], dtype=np.int64),
            missing=np.array([missing for _, _, missing in rows], dtype=np.int64), place=place[kind],
            differs=money[:, None] & (use > 0) & (place[kind] >= 0)[None, :],
        )  # fmt: skip
        return found.chosen(np.argsort(found.differs.any(axis=1), kind="stable"))

    def chosen(self, rows: Whole) -> Coupled:
        """Some of the rows, in this order."""
        return Coupled(
            names=tuple(self.names[row] for row in rows.tolist()), use=self.use[rows], most=self.most[rows],
            missing=self.missing[rows], place=self.place, differs=self.differs[rows],
        )  # fmt: skip

    @property
    def owns(self) -> int:
        """How many rows there are whose use differs by customer."""
        return int(self.differs.any(axis=1).sum())

    @property
    def is_limit(self) -> Flags:
        """Which rows may never be passed."""
        found: Flags = self.missing < 0
        return found

    def taken(self, arm: Whole, *, extra: Whole) -> Whole:
        """What each of some customers takes; shape (rows, n).

        Args:
            arm: of each, by its place in the kind; shape (n,).
            extra: by customer and offer, what it costs more or less with them; shape (n, offers).
        """
        found = self.use[:, arm]
        if extra.size:
            own = np.take_along_axis(extra, np.maximum(self.place[arm], 0)[:, None], axis=1)[:, 0]
            found = found + np.where(self.differs[:, arm], own[None, :], 0)
        return found

    def load(self, arm: Whole, *, extra: Whole) -> Whole:
        """What all of them take together; shape (rows,)."""
        if extra.size:
            both: Whole = self.taken(arm, extra=extra).sum(axis=1)
            return both
        count = np.bincount(arm, minlength=self.use.shape[1])
        found: Whole = (self.use * count).sum(axis=1)
        return found

    def own_use(self, extra: Whole) -> Whole | None:
        """What every arm but nothing takes of the rows that differ by customer; shape (owns, n, k - 1)."""
        if not self.owns:
            return None
        rows = np.arange(len(self.names) - self.owns, len(self.names))
        own = extra[:, np.maximum(self.place[1:], 0)]
        found: Whole = self.use[rows, None, 1:] + np.where(self.differs[rows, None, 1:], own[None], 0)
        return found

    def limits(self, worth: Worth, *, most: Whole | None = None) -> Limits:
        """The same rows as the reckoning of prices takes them, over all arms but nothing.

        Args:
            worth: whose unit a missing unit is told in.
            most: in place of what the rows say.
        """
        use = self.use[:, 1:].copy()
        use[len(self.names) - self.owns :] = 0
        missing = self.missing << worth.shift if worth.shift >= 0 else self.missing >> -worth.shift
        return Limits(
            names=self.names, use=use, most=self.most if most is None else most,
            top=np.where(self.is_limit, -1, np.clip(missing, 1, DEAREST) << SHIFT),
        )  # fmt: skip
