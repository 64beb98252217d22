"""Which arms each row of a batch may be given, as flags in words of bits, and why not the others."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.decide.codes import CODE, ELIGIBLE
from tactful.reckon.board import People, words_of
from tactful.words.errors import Misuse
from tactful.words.outcome import Reason

Whole = NDArray[np.int64]
_HELD: Final = CODE[Reason.HELD_OUT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """The arms of one kind as they stand for each row. Stability: internal.

    Attributes:
        kind: their numbers among all arms; shape (k,).
        codes: why not, 0 where an arm may be chosen; shape (n, k).
        words: the same as bits, see `board.words_of`.
    """

    kind: Whole
    codes: Whole
    words: NDArray[np.uint64]

    @classmethod
    def of(cls, batch: pa.RecordBatch, *, arms: Arms, kind: Whole) -> Offered:
        """From `inputs` rows; nothing may always be chosen.

        Raises:
            Misuse: rows of other arms, or flags that disagree with their reasons.
        """
        n, k = batch.num_rows, len(arms)
        flags, codes = batch["eligible"].flatten(), batch["why_not"].flatten()
        if len(flags) != n * k or len(codes) != n * k:
            raise Misuse.say(
                where="kernel", what=f"rows are not of these {k} arms", do="prepare the rows with these arms"
            )
        why: Whole = codes.to_numpy().reshape(n, k)
        may = why == ELIGIBLE
        if not may[:, kind[0]].all() or not np.array_equal(flags.to_numpy(zero_copy_only=False), may.ravel()):
            raise Misuse.say(
                where="kernel", what="eligibility and its reasons do not agree", do="prepare the rows again"
            )
        if kind.size == k:
            return cls(kind=kind, codes=why, words=words_of(may))
        return cls(kind=kind, codes=why[:, kind], words=words_of(may[:, kind]))

    def without(self, gone: Whole) -> Offered:
        """The same without arms that ask for more than there is left for everybody together.

        Args:
            gone: code of the reason, 0 where there is enough; shape (k,) or (n, k).
        """
        if not gone.any():
            return self
        codes = np.where((self.codes == ELIGIBLE) & (gone != 0), gone, self.codes)
        return Offered(kind=self.kind, codes=codes, words=words_of(codes == ELIGIBLE))

    @property
    def held_rows(self) -> Whole:
        """Rows in which some arm is held out."""
        return np.flatnonzero((self.codes == _HELD).any(axis=1))

    def with_held(self, people: People, rows: Whole) -> People:
        """Some of the people, as they would be if nobody were held out."""
        codes = self.codes[rows]
        return dataclasses.replace(people.take(rows), may=words_of((codes == ELIGIBLE) | (codes == _HELD)))
