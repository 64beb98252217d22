"""The ceiling: how personal a message may be, from familiarity, knowledge, consent and the customer's own dial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.project.policy import Ceiling
from tactful.words.consent import ANY_CHANNEL, PERSONALIZATION
from tactful.words.level import Level
from tactful.words.outcome import Reason

SHARE_UNIT: Final = 1 << 20
"""Units in a familiarity or knowledge of 1, as `profiles` keeps them."""
LEVELS: Final = tuple(Level)
PARTS: Final = (
    Reason.CEILING_CONSENT,
    Reason.CEILING_DIAL,
    Reason.CEILING_FAMILIARITY,
    Reason.CEILING_KNOWLEDGE,
)
"""What sets a ceiling, in the order in which a no is told."""

Ranks = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """Ceilings of a batch, as ranks of levels from 0 (none) to 4 (one). Stability: internal.

    Attributes:
        parts: by reason of `PARTS`, the highest level it allows; each of shape (n,).
        unknown: whether familiarity or knowledge does not exist; shape (n,).
    """

    parts: Mapping[Reason, Ranks]
    unknown: NDArray[np.bool_]

    @property
    def rank(self) -> Ranks:
        """The highest level that every part allows; shape (n,)."""
        found: Ranks = np.minimum.reduce(list(self.parts.values()))
        return found

    def why(self) -> pa.Array:
        """Which parts set each ceiling, in plain codes; empty where nothing limits it. list<string>, shape (n,)."""
        rank, code = self.rank, np.zeros(self.unknown.size, dtype=np.int64)
        for place, reason in enumerate(PARTS):
            code |= ((self.parts[reason] == rank) & (rank < Level.ONE.rank)).astype(np.int64) << place
        code |= (self.unknown & (code >= 4)).astype(np.int64) << len(PARTS)
        names = [*PARTS, Reason.DEFAULT_EXPERIENCE]
        words = [[r.value for place, r in enumerate(names) if number >> place & 1] for number in range(1 << len(names))]
        return pa.array(words, type=pa.list_(pa.string())).take(code)


def ceilings(batch: pa.RecordBatch, *, policy: Ceiling, channels: tuple[str, ...]) -> Ceilings:
    """The ceiling of each customer.

    Args:
        batch: profiles with familiarity, knowledge (units of 2^-20, or empty), consents, withdrawn and dial.
        policy: thresholds per level.
        channels: consent to personalization on any of these channels, or on all, counts.
    """
    none = {name: batch[name].is_null().to_numpy(zero_copy_only=False) for name in ("familiarity", "knowledge")}
    parts = {
        Reason.CEILING_CONSENT: _consented(batch, channels),
        Reason.CEILING_DIAL: _dialled(batch, policy.default_dial),
        Reason.CEILING_FAMILIARITY: _allowed(batch["familiarity"], policy.familiarity, unknown=policy.when_unknown),
        Reason.CEILING_KNOWLEDGE: _allowed(batch["knowledge"], policy.knowledge, unknown=policy.when_unknown),
    }
    return Ceilings(parts=parts, unknown=none["familiarity"] | none["knowledge"])


def _allowed(column: pa.Array, thresholds: Mapping[Level, Decimal], *, unknown: Level) -> Ranks:
    """The highest level whose threshold is reached, and every one below it too."""
    value = column.fill_null(-1).to_numpy(zero_copy_only=False)
    rank = np.full(value.size, Level.ALL.rank, dtype=np.int64)
    for level in (Level.MANY, Level.FEW, Level.ONE):
        least = int((thresholds.get(level, Decimal(0)) * SHARE_UNIT).to_integral_value(rounding="ROUND_CEILING"))
        rank = np.where((value >= least) & (rank == level.rank - 1), level.rank, rank)
    return np.where(value < 0, unknown.rank, rank)


def _consented(batch: pa.RecordBatch, channels: tuple[str, ...]) -> Ranks:
    """All levels with a yes to personalization that was taken back on no channel; one-for-all without."""
    purposes = [f"{PERSONALIZATION}:{channel}" for channel in (ANY_CHANNEL, *channels)]
    yes = np.logical_or.reduce([said(batch["consents"], word) for word in purposes])
    no = np.logical_or.reduce([said(batch["withdrawn"], word) for word in purposes])
    return np.where(yes & ~no, Level.ONE.rank, Level.ALL.rank)


def _dialled(batch: pa.RecordBatch, default: Level) -> Ranks:
    """The dial as a rank; a word that is no level counts as one-for-all, the quiet side."""
    coded = batch["dial"].dictionary_encode()
    ranks = [Level(w).rank if w in Level._value2member_map_ else Level.ALL.rank for w in coded.dictionary.to_pylist()]
    known = np.array([*ranks, default.rank], dtype=np.int64)
    found: Ranks = known[coded.indices.fill_null(len(ranks)).to_numpy(zero_copy_only=False)]
    return found


def said(column: pa.Array, word: str) -> NDArray[np.bool_]:
    """Whether a list of words holds a word, row by row; a missing list holds none. bool, shape (n,)."""
    rows = np.zeros(len(column), dtype=np.bool_)
    hits = np.flatnonzero(pc.equal(column.flatten(), word).fill_null(False).to_numpy(zero_copy_only=False))
    rows[pc.list_parent_indices(column).to_numpy(zero_copy_only=False)[hits]] = True
    return rows
