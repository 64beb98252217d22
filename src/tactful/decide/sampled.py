"""What a bounded number of customers ordered: enough to learn from, however large the shop is."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
import pyarrow as pa

from tactful.decide.order_lines import Ints, Lines
from tactful.decide.recommend.history import History, Sparse
from tactful.decide.sums import DAY, TIME, ranked
from tactful.reckon import chance
from tactful.words.clock import Clock

MOST_LINES: Final = 600_000
"""Order lines that a model is learned from, about."""


class Sampled:
    """Whole customers drawn by their keys until about so many lines: the same every time. Stability: internal.

    Args:
        lines: how many order lines there are.
        salt: of the project.
        clock: now.
        most: about so many lines are kept.
    """

    def __init__(self, *, lines: int, salt: str, clock: Clock, most: int = MOST_LINES) -> None:
        self._share = Fraction(min(most, max(lines, 1)), max(lines, 1)).limit_denominator(1_000_000)
        self._salt, self._today = salt, pa.scalar(clock.now, TIME).value // DAY
        self._parts: list[tuple[Ints, Ints, Ints]] = []

    def drawn(self, keys: Ints) -> np.ndarray:
        """Which customers are drawn; shape of `keys`."""
        if self._share >= 1:
            return np.ones(keys.size, dtype=bool)
        draws = chance.draws(keys, point="suggest", purpose="learning", salt=self._salt)
        return np.asarray(draws < chance.share_of_draws(self._share))

    def add(self, lines: Lines) -> None:
        """Keeps what drawn customers of a span ordered of items that may be named."""
        sold = lines.nameable()
        keys, who = ranked(sold.keys)
        mine = self.drawn(keys)[who] & sold.is_sale
        self._parts.append((keys[who[mine]], sold.items[mine], sold.at[mine]))

    def history(self, *, items: int, content: Sparse) -> tuple[History, Ints]:
        """The orders, and the key of each customer of them.

        Args:
            items: how many items may be named.
            content: what their titles say; None where there are none.
        """
        empty = np.empty(0, np.int64)
        parts = self._parts or [(empty, empty, empty)]
        key, item, at = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.lexsort((item, at, key))
        key, item, at = key[order], item[order], at[order]
        again = np.zeros(key.size, bool)
        again[1:] = (np.diff(key) == 0) & (np.diff(item) == 0) & (np.diff(at) == 0)
        key, item, at = key[~again], item[~again], at[~again]
        customers, who = ranked(key)
        return History(
            customers=customers.size, items=items, customer=who.astype(np.int64), item=item, occasion=at, ordered=True,
            age=self._today - at // DAY, content=content,
        ), customers  # fmt: skip
