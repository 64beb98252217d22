"""The kernel: one row in per decision point, one arm out, in whole numbers; no clock, no input or output of its own."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.decide.believed import Beliefs, Prices, Rule
from tactful.decide.codes import CODE, ELIGIBLE, STEP, kind_of
from tactful.decide.contact_price import priced_channels
from tactful.decide.decided import DRAWN, KINDS, Decided, Drawn
from tactful.decide.fingerprint import input_ids
from tactful.decide.mixture import drawn as drawn_from
from tactful.decide.offered import Offered
from tactful.decide.prices import used_up
from tactful.decide.scoring import Scoring
from tactful.reckon import drawing
from tactful.reckon.board import Answer
from tactful.reckon.chance import draws
from tactful.words.clock import Clock
from tactful.words.errors import Misuse
from tactful.words.ids import canonical
from tactful.words.outcome import DrawnBy, OutcomeKind, Reason

Whole = NDArray[np.int64]

_HELD: Final = CODE[Reason.HELD_OUT]
_USED_UP: Final = (CODE[Reason.BUDGET], CODE[Reason.CAPACITY])
"""Codes of arms that take more than is left for all: their customers came all the way but past the holdout."""
_STEPS: Final = np.array(
    [2 * STEP[_HELD] - 1 if code in _USED_UP else 2 * step for code, step in enumerate(STEP)], dtype=np.int64
)
_KINDS: Final = np.array(
    [
        KINDS.index(OutcomeKind.NONE if code == ELIGIBLE else OutcomeKind.CAPPED if code in _USED_UP else kind_of(code))
        for code in range(len(STEP))
    ],
    dtype=np.int64,
)


def decide(  # noqa: PLR0913  # the six values of the contract: what a decision depends on, and nothing else
    batch: pa.RecordBatch, *, arms: Arms, beliefs: Beliefs, prices: Prices, policy: Rule, salt: str, clock: Clock
) -> Decided:
    """What each decision point gets: the same bits alone, in any block, live or replayed.

    Nobody is given an arm that takes more of something than is left of it for all. The score of an arm is what it is
    believed to bring in the customer's cell and by the customer's features, less its cost, its offer's expected cost,
    the price of what it uses and of one more contact; nothing scores 0. Arms are drawn by inverse-gap weighting on the
    scores, by a hash of customer, point and salt; where the policy says so, mixed with the weighting of former beliefs,
    and with a least chance for some. Held-out arms take no part, but the arm that would have been drawn with them is
    noted.

    Args:
        batch: `inputs` rows of one occasion, touchpoint and step.
        arms: what there is to say, in the order of `eligible` and `why_not`.
        beliefs: sealed expectations.
        prices: sealed prices and limits; that all customers together keep limits is seen to by `limiting`, not here.
        policy: the rule of drawing.
        salt: the project's.
        clock: stamps `decided_at`; it changes no choice.

    Raises:
        Misuse: rows of several decision points in one batch, or of other arms than these.
    """
    point = _point(batch)
    kind = arms.of_kind(point[1])
    offered = Offered.of(batch, arms=arms, kind=kind).without(used_up(batch, arms=arms, prices=prices, kind=kind))
    wears = priced_channels(batch, arms=arms, kind=kind)
    scoring = Scoring.among(arms, beliefs=beliefs, prices=prices, policy=policy, kind=kind, channels=wears)
    chance = draws(batch["customer_key"].to_numpy(), point=canonical(*point), purpose="arm", salt=salt)
    people = scoring.people(batch, may=offered.words, chance=chance)
    mixture = scoring.mixture(batch, arms=arms, prices=prices, policy=policy, people=people)
    found = drawn_from(scoring.board, people, mixture=mixture)
    ghost = np.full(len(people), -1, dtype=np.int64)
    if (rows := offered.held_rows).size:
        mine = None if mixture is None else mixture.with_held(offered, rows)
        ghost[rows] = drawn_from(scoring.board, offered.with_held(people, rows), mixture=mine).arm
    outcome, reason = _outcomes(found, ghost=ghost, offered=offered)
    drawn = Drawn(
        board=scoring.board, people=people, offered=offered, arm=found.arm, ghost=ghost, outcome=outcome,
        reason=reason, score=found.score, propensity=found.propensity,
        drawn_by=np.full(len(people), DRAWN.index(DrawnBy.DRAW), dtype=np.int8), mixture=mixture,
    )  # fmt: skip
    ids = {"arms_id": arms.arms_id, "prices_id": prices.prices_id}
    ids |= {"beliefs_id": beliefs.beliefs_id, "policy_id": policy.policy_id}
    return Decided(batch=batch, arms=arms, drawn=drawn, input_id=input_ids(batch), ids=ids, clock=clock)


def _point(batch: pa.RecordBatch) -> tuple[str, str, str]:
    """Occasion, touchpoint and step, which all rows of a batch share."""
    parts = [batch[name].dictionary_encode().dictionary.to_pylist() for name in ("occasion", "touchpoint", "step")]
    if batch.num_rows == 0 or any(len(part) != 1 for part in parts):
        raise Misuse.say(where="kernel", what="a batch is of one occasion, touchpoint and step", do="split it")
    return parts[0][0], parts[1][0], str(parts[2][0])


def scores(batch: pa.RecordBatch, *, arms: Arms, beliefs: Beliefs, prices: Prices, kind: Whole) -> Whole:
    """Score of every arm of a kind for every row, in score units; int64, shape (n, k)."""
    wears = priced_channels(batch, arms=arms, kind=kind)
    scoring = Scoring.among(arms, beliefs=beliefs, prices=prices, policy=None, kind=kind, channels=wears)
    nobody = np.zeros(batch.num_rows, dtype=np.int64)
    people = scoring.people(batch, may=np.zeros((1, batch.num_rows), dtype=np.uint64), chance=nobody)
    return drawing.scores(scoring.board, people)


def _outcomes(found: Answer, *, ghost: Whole, offered: Offered) -> tuple[NDArray[np.int8], Whole]:
    """What came of each point, and the code of its first reason."""
    n = len(found.arm)
    outcome = np.full(n, KINDS.index(OutcomeKind.CHOSEN), dtype=np.int8)
    reason = np.where(found.arm == found.best, CODE[Reason.BEST], CODE[Reason.EXPLORED])
    silent = np.flatnonzero(found.arm == 0)
    if silent.size:
        outcome[silent], reason[silent] = _silence(offered.codes[silent], ghost=ghost[silent], best=found.best[silent])
    return outcome, reason


def _silence(codes: Whole, *, ghost: Whole, best: Whole) -> tuple[Whole, Whole]:
    """Why nothing was said: the reason that stopped the arm which came furthest, or that nothing was the better."""
    rows = np.arange(len(codes))
    may = codes == ELIGIBLE
    furthest = np.where(may, -1, _STEPS[codes])
    furthest[:, 0] = -1
    stopped = codes[rows, furthest.argmax(axis=1)]
    waived = may[:, 1:].any(axis=1) | (stopped == _HELD) | (stopped == ELIGIBLE)
    outcome = np.where(waived, KINDS.index(OutcomeKind.NONE), _KINDS[stopped])
    reason = np.where(waived, CODE[Reason.SILENCE_WON], stopped)
    would = np.where(ghost >= 0, codes[rows, np.maximum(ghost, 0)], ELIGIBLE) == _HELD
    outcome, reason = np.where(would, KINDS.index(OutcomeKind.HELD_OUT), outcome), np.where(would, _HELD, reason)
    return outcome, np.where((reason == CODE[Reason.SILENCE_WON]) & (best != 0), CODE[Reason.EXPLORED], reason)
