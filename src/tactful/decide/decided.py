"""What the kernel answers: decisions and candidates as columns, made only when they are asked for."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.decide.codes import ELIGIBLE, PUBLISHED
from tactful.decide.columns import coded_lists
from tactful.decide.mixture import Mixture, weighed
from tactful.decide.offered import Offered
from tactful.decide.own_costs import extra_of
from tactful.decide.repairs import Repairs, deployed
from tactful.reckon import drawing
from tactful.reckon.board import Board, People
from tactful.store import contracts
from tactful.words.clock import Clock
from tactful.words.errors import Misuse
from tactful.words.outcome import DrawnBy, OutcomeKind

KINDS: Final = tuple(OutcomeKind)
DRAWN: Final = tuple(DrawnBy)
_WORDS: Final = pa.array([None, *(reason.value for reason in PUBLISHED)], type=pa.string())
_OUT: Final = -(1 << 55)
_LATER: Final = ("run_id", "due_at", "valid_until", "cell", "variant_id", "items")
"""Columns of `decisions` that the kernel does not know; `choice` fills them in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The numbers of a block of decisions; arms are places in `kind`, 0 is nothing. Stability: internal.

    What every arm scored and how likely it was is worked out again when asked for: few rows are logged with all arms.
    """

    board: Board
    people: People
    offered: Offered
    arm: NDArray[np.int64]
    ghost: NDArray[np.int64]
    outcome: NDArray[np.int8]
    reason: NDArray[np.int64]
    score: NDArray[np.int64]
    propensity: NDArray[np.int64]
    drawn_by: NDArray[np.int8]
    mixture: Mixture | None = None
    group: NDArray[np.int64] | None = None
    """Of those among whom a tie was drawn, the row of `split`; -1 elsewhere; None where limits changed nothing."""
    split: NDArray[np.int64] | None = None

    @property
    def kind(self) -> NDArray[np.int64]:
        """The numbers of the arms among which these were drawn; shape (k,)."""
        return self.offered.kind

    @property
    def arms(self) -> NDArray[np.int64]:
        """The number of each row's arm among all arms."""
        return self.kind[self.arm]

    @property
    def silence(self) -> int:
        """The score of saying nothing."""
        return int(self.board.base[0, 0])

    @property
    def codes(self) -> NDArray[np.int64]:
        """Why each arm may not be chosen; shape (n, k)."""
        return self.offered.codes

    @property
    def may(self) -> NDArray[np.bool_]:
        """Which arms may be chosen; shape (n, k)."""
        found: NDArray[np.bool_] = self.codes == ELIGIBLE
        return found

    @property
    def scores(self) -> NDArray[np.int64]:
        """What each arm scored; shape (n, k)."""
        return drawing.scores(self.board, self.people)

    @property
    def probabilities(self) -> NDArray[np.int64]:
        """How likely each arm was, units of 2^-52; shape (n, k)."""
        return self.weighed(np.arange(self.arm.size))[1]

    def weighed(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Scores and probabilities of every arm for some rows, by the rule as deployed; shapes (rows, k)."""
        mixture = None if self.mixture is None else self.mixture.take(rows)
        scores, shares = weighed(self.board, self.people.take(rows), mixture=mixture)
        if self.group is None or self.split is None:
            return scores, shares
        tied = np.flatnonzero(self.group[rows] >= 0)
        if tied.size:
            best = np.where(self.may[rows[tied]], scores[tied], _OUT).argmax(axis=1)
            shares[tied] = deployed(shares[tied], best=best, split=self.split[self.group[rows[tied]]])
        return scores, shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A block of decisions. Stability: caller.

    Attributes:
        batch: the `inputs` rows they were made from.
        drawn: the numbers.
        input_id: id of each row of `batch`; V16, shape (n,).
        ids: arms_id, prices_id, beliefs_id, policy_id.
    """

    batch: pa.RecordBatch
    arms: Arms
    drawn: Drawn
    input_id: NDArray[np.bytes_]
    ids: dict[str, bytes]
    clock: Clock

    def repaired(self, repairs: Repairs) -> Decided:
        """The same with what limits changed; what was taken away stands as the ghost arm.

        The propensity of a tie is that of the rule as deployed: drawn among arms, then among those worth the same.
        Where `drawn_by` says repair or exact it stays that of the draw, and evaluation leaves such rows out.
        """
        drawn, rows = self.drawn, np.flatnonzero(repairs.why)
        if not rows.size:
            return self
        order = np.argsort(drawn.kind)
        arm = drawn.arm.copy()
        arm[rows] = order[np.searchsorted(drawn.kind[order], repairs.arm[rows])]
        if not drawn.may[rows, arm[rows]].all():
            raise Misuse.say(
                where="limits",
                what="a customer would be given an arm they may not get in place of one a limit took",
                do="settle limits among the arms that may be chosen: nothing was decided",
            )
        ghost, outcome, reason = drawn.ghost.copy(), drawn.outcome.copy(), drawn.reason.copy()
        taken = rows[repairs.ghost[rows] >= 0]
        ghost[taken] = order[np.searchsorted(drawn.kind[order], repairs.ghost[taken])]
        moved = np.flatnonzero((arm != drawn.arm) | (repairs.ghost >= 0))
        spoken = KINDS.index(OutcomeKind.CHOSEN), KINDS.index(OutcomeKind.CAPPED)
        outcome[moved] = np.where(arm[moved] != 0, *spoken)
        reason[moved] = repairs.why[moved]
        group = np.where(repairs.by == DRAWN.index(DrawnBy.TIE), repairs.group, -1)
        drawn = dataclasses.replace(drawn, group=group, split=repairs.split)
        scores, shares = drawn.weighed(rows)
        score, here, propensity = drawn.score.copy(), np.arange(rows.size), drawn.propensity.copy()
        score[rows] = scores[here, arm[rows]]
        propensity[rows] = np.where(group[rows] >= 0, shares[here, arm[rows]], propensity[rows])
        changed = dataclasses.replace(
            drawn, arm=arm, ghost=ghost, outcome=outcome, reason=reason, score=score,
            propensity=np.where(repairs.propensity >= 0, repairs.propensity, propensity),
            drawn_by=np.where(repairs.why != ELIGIBLE, repairs.by, drawn.drawn_by).astype(np.int8),
        )  # fmt: skip
        return dataclasses.replace(self, drawn=changed)

    @property
    def decisions(self) -> pa.RecordBatch:
        """The columns of `decisions` that the kernel decides, in the contract's order."""
        drawn, n = self.drawn, self.batch.num_rows
        columns = {
            name: self.batch[name] for name in ("decision_id", "occasion", "step", "customer_id", "customer_key")
        }
        columns |= {name: self.batch[name] for name in ("ceiling", "held_out_of")}
        by_arm = ("program", "purpose", "touchpoint", "channel", "level", "content_id", "offer_id", "arm_id")
        columns |= {name: self.arms.batch[name].take(drawn.arms) for name in by_arm}
        ghost = pa.array(np.where(drawn.ghost >= 0, drawn.kind[np.maximum(drawn.ghost, 0)], 0), mask=drawn.ghost < 0)
        columns["ghost_arm_id"] = self.arms.batch["arm_id"].take(ghost)
        columns["outcome_kind"] = pa.array([kind.value for kind in KINDS]).take(drawn.outcome)
        columns["drawn_by"] = pa.array([by.value for by in DRAWN]).take(drawn.drawn_by)
        columns["reasons"] = self._reasons()
        columns["offer_cost"] = self._offer_cost()
        columns["propensity"], columns["score"] = pa.array(drawn.propensity), pa.array(drawn.score)
        columns["decided_at"] = _constant(self.clock.now, n, kind=pa.timestamp("us", tz="UTC"))
        columns["input_id"] = binary16(self.input_id)
        columns |= {name: _constant(value, n, kind=pa.binary(16)) for name, value in self.ids.items()}
        schema = contracts.table("decisions").schema
        fields = [field for field in schema if field.name not in _LATER]
        return pa.RecordBatch.from_arrays(
            [columns[field.name] for field in fields], schema=pa.schema(fields, metadata=schema.metadata)
        )

    def _offer_cost(self) -> pa.Array:
        """What the offer is expected to cost with this customer, where that is not what its arm says."""
        arm, n = self.drawn.arms, self.batch.num_rows
        place, extra = self.arms.own_cost[arm], extra_of(self.batch, arms=self.arms)
        if not extra.size:
            return pa.nulls(n, pa.int64())
        cost = self.arms.offer_cost[arm] + extra[np.arange(n), np.maximum(place, 0)]
        return pa.array(cost, mask=place < 0)

    def _reasons(self) -> pa.Array:
        """The first reason, and for a message what set its ceiling."""
        drawn = self.drawn
        number, known = coded_lists(self.batch["ceiling_why"])
        why = np.where(drawn.arm != 0, number, len(known))
        unique, place = np.unique(drawn.reason * (len(known) + 1) + why, return_inverse=True)
        words, lists = _WORDS.to_pylist(), [*known, []]
        said = [[words[code // len(lists)], *lists[code % len(lists)]] for code in unique.tolist()]
        return pa.array(said, type=pa.list_(pa.string())).take(pa.array(place))

    @property
    def candidates(self) -> pa.RecordBatch:
        """Every arm of every decision point, as `candidates` rows."""
        return self.candidates_of(np.arange(self.batch.num_rows))

    def candidates_of(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """The `candidates` rows of some decision points, in their order and that of the arms."""
        drawn, k = self.drawn, len(self.drawn.kind)
        codes = drawn.codes[rows].ravel()
        scores, probabilities = drawn.weighed(rows)
        columns = [
            self.batch["decision_id"].take(pa.array(np.repeat(rows, k))),
            self.arms.batch["arm_id"].take(np.tile(drawn.kind, rows.size)),
            pa.array(codes == ELIGIBLE),
            _WORDS.take(pa.array(codes)),
            pa.array(scores.ravel()),
            pa.array(probabilities.ravel()),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=contracts.table("candidates").schema)


def binary16(ids: NDArray[np.bytes_]) -> pa.Array:
    """Ids as Arrow: V16, shape (n,)."""
    return pa.Array.from_buffers(pa.binary(16), ids.size, [None, pa.py_buffer(np.ascontiguousarray(ids))])


def _constant(value: object, length: int, *, kind: pa.DataType) -> pa.Array:
    return pa.repeat(pa.scalar(value, type=kind), length)
