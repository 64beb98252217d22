"""What each arm is worth to each customer: whole numbers in columns of 1,024, a few of which fit a first cache."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tactful.words.errors import Misuse

BLOCK: Final = 1024
"""Customers in a block."""
CLOSED: Final = -(1 << 30)
"""The worth of an arm that a customer may not get."""
_TOP: Final = (1 << 29) - 1

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Worth of every arm for every customer; saying nothing is worth 0 and is not a column. Stability: caller.

    Attributes:
        blocks: worth times 2^shift, `CLOSED` where the arm may not be chosen; int32, shape (blocks, arms, BLOCK). The
            last block is filled up with customers who may get nothing.
        rows: customers.
        shift: how many bits the worth is moved up, down where negative, so that it fills 29 bits.
        own: what one unit of a limit takes where that differs between customers, as in `blocks`; int32, shape
            (limits, blocks, arms, BLOCK); no limits unless told.
    """

    blocks: NDArray[np.int32]
    rows: int
    shift: int
    own: NDArray[np.int32]

    @property
    def arms(self) -> int:
        """How many arms there are beside nothing."""
        return int(self.blocks.shape[1])

    @classmethod
    def of(cls, scores: NDArray[np.int64], *, eligible: NDArray[np.bool_], own: Whole | None = None) -> Worth:
        """From a table of scores.

        Args:
            scores: what each arm brings, in any whole unit; shape (n, arms).
            eligible: which arms may be chosen; shape (n, arms).
            own: use of the limits that differ by customer; shape (limits, n, arms).

        >>> Worth.of(np.array([[5, 7]]), eligible=np.array([[True, False]])).rows
        1
        """
        if scores.ndim != 2 or scores.shape != eligible.shape:
            raise Misuse.say(
                where="worth", what=f"shapes {scores.shape} and {eligible.shape} differ", do="give (n, arms) to both"
            )
        most = int(np.abs(scores, where=eligible, out=np.zeros_like(scores)).max(initial=0))
        return cls.filled([(scores, eligible)], rows=scores.shape[0], arms=scores.shape[1], most=most, own=own)

    @classmethod
    def filled(  # the parts, and the three sizes that must be known before the first part is there
        cls,
        parts: Iterable[tuple[NDArray[np.int64], NDArray[np.bool_]]],
        *,
        rows: int,
        arms: int,
        most: int,
        own: Whole | None = None,
    ) -> Worth:
        """From scores that come part by part, so that the whole table is never held as wider numbers.

        Args:
            parts: scores and eligibility of the customers in their order.
            rows: customers in all parts.
            arms: columns of every part.
            most: no score of an eligible arm is larger in magnitude.
            own: use of the limits that differ by customer; shape (limits, n, arms).
        """
        shift = min(29 - max(1, most).bit_length(), 28)
        blocks = np.full((max(1, -(-rows // BLOCK)), arms, BLOCK), CLOSED, dtype=np.int32)
        done = 0
        for scores, eligible in parts:
            scaled = np.clip(scores, -most, most)
            scaled = scaled << shift if shift >= 0 else scaled >> -shift
            _put(blocks, np.where(eligible, scaled, CLOSED), start=done)
            done += scores.shape[0]
        if done != rows:
            raise Misuse.say(where="worth", what=f"{done} customers came where {rows} were said", do="count them again")
        uses = np.zeros((0 if own is None else own.shape[0], *blocks.shape), dtype=np.int32)
        for place in range(uses.shape[0]):
            assert own is not None
            _put(uses[place], own[place], start=0)
        return cls(blocks=blocks, rows=rows, shift=shift, own=uses)

    def sample(self, rows: int) -> Worth:
        """About that many customers, evenly spread over all of them; itself where there are no more."""
        step = self.rows // max(1, rows)
        if step <= 1:
            return self
        chosen = np.arange(0, self.rows, step)
        at = chosen // BLOCK, chosen % BLOCK
        count = -(-chosen.size // BLOCK)
        blocks = np.full((count, self.arms, BLOCK), CLOSED, dtype=np.int32)
        _put(blocks, self.blocks[at[0], :, at[1]], start=0)
        own = np.zeros((self.own.shape[0], *blocks.shape), dtype=np.int32)
        for place in range(own.shape[0]):
            _put(own[place], self.own[place][at[0], :, at[1]], start=0)
        return Worth(blocks=blocks, rows=chosen.size, shift=self.shift, own=own)

    def of_rows(self, rows: Whole) -> NDArray[np.int64]:
        """Worth of every arm for some customers; shape (rows, arms)."""
        found: NDArray[np.int64] = self.blocks[rows // BLOCK, :, rows % BLOCK].astype(np.int64)
        return found

    def own_of_rows(self, rows: Whole) -> NDArray[np.int64]:
        """Use of the limits that differ by customer; shape (limits, rows, arms)."""
        found = [one[rows // BLOCK, :, rows % BLOCK].astype(np.int64) for one in self.own]
        return np.stack(found) if found else np.zeros((0, rows.size, self.arms), dtype=np.int64)


def _put(blocks: NDArray[np.int32], table: NDArray[np.int64] | NDArray[np.int32], *, start: int) -> None:
    """Write rows of a table into columns from a customer on."""
    done = 0
    while done < table.shape[0]:
        block, at = divmod(start + done, BLOCK)
        count = min(BLOCK - at, table.shape[0] - done)
        blocks[block, :, at : at + count] = table[done : done + count].T
        done += count
