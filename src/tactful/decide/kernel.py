"""The kernel: one row in per decision point, one arm out, in whole numbers; no clock, no input or output of its own."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.decide.believed import Beliefs, Prices, Rule
from tactful.decide.codes import CODE, ELIGIBLE, STEP, kind_of
from tactful.decide.decided import DRAWN, KINDS, Decided, Drawn
from tactful.decide.fingerprint import input_ids
from tactful.reckon import weighting
from tactful.reckon.chance import draws
from tactful.words.clock import Clock
from tactful.words.errors import Misuse
from tactful.words.ids import canonical
from tactful.words.outcome import DrawnBy, OutcomeKind, Reason

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

_STEPS: Final = np.array(STEP, dtype=np.int64)
_HELD: Final = CODE[Reason.HELD_OUT]


def decide(  # noqa: PLR0913  # the six values of the contract: what a decision depends on, and nothing else
    batch: pa.RecordBatch, *, arms: Arms, beliefs: Beliefs, prices: Prices, policy: Rule, salt: str, clock: Clock
) -> Decided:
    """What each decision point gets: the same bits alone, in any block, live or replayed.

    The score of an arm is what it is believed to bring in the customer's cell, less its cost, its offer's expected cost
    and the price of what it uses; nothing scores 0. Arms are drawn by inverse-gap weighting on the scores, by a hash of
    customer, point and salt. Held-out arms take no part, but the arm that would have been drawn with them is noted.

    Args:
        batch: `inputs` rows of one occasion, touchpoint and step.
        arms: what there is to say, in the order of `eligible` and `why_not`.
        beliefs: sealed expectations.
        prices: sealed prices and limits; limits over all customers are held by `prices.repair`, not here.
        policy: the rule of drawing.
        salt: the project's.
        clock: stamps `decided_at`; it changes no choice.

    Raises:
        Misuse: rows of several decision points in one batch, or of other arms than these.
    """
    point = _point(batch)
    kind = arms.of_kind(point[1])
    may, codes = _eligible(batch, arms, kind=kind)
    score = scores(batch, arms=arms, beliefs=beliefs, prices=prices, kind=kind)
    scale = beliefs.scale[kind]
    chance = draws(batch["customer_key"].to_numpy(), point=canonical(*point), purpose="arm", salt=salt)
    probability, best = _weigh(score, may, scale=scale, policy=policy, kind=kind)
    arm = weighting.draw(probability, chance) if len(chance) else best
    ghost = np.full(len(arm), -1, dtype=np.int64)
    held = codes == _HELD
    if (rows := np.flatnonzero(held.any(axis=1))).size:
        with_held, _ = _weigh(score[rows], may[rows] | held[rows], scale=scale, policy=policy, kind=kind)
        ghost[rows] = weighting.draw(with_held, chance[rows])
    outcome, reason = _outcomes(arm, best, ghost=ghost, may=may, codes=codes)
    n = np.arange(len(arm))
    drawn = Drawn(
        kind=kind, arm=arm, ghost=ghost, outcome=outcome, reason=reason, may=may, codes=codes, scores=score,
        probabilities=probability, score=score[n, arm], propensity=probability[n, arm],
        drawn_by=np.full(len(arm), DRAWN.index(DrawnBy.DRAW), dtype=np.int8),
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


def _eligible(batch: pa.RecordBatch, arms: Arms, *, kind: Whole) -> tuple[Flags, Whole]:
    """Which arms of this kind may be chosen, and the code of why not; nothing always may."""
    n, k = batch.num_rows, len(arms)
    flags, codes = batch["eligible"].flatten(), batch["why_not"].flatten()
    if len(flags) != n * k or len(codes) != n * k:
        raise Misuse.say(where="kernel", what=f"rows are not of these {k} arms", do="prepare the rows with these arms")
    may = flags.to_numpy(zero_copy_only=False).reshape(n, k)[:, kind]
    why: Whole = codes.to_numpy().reshape(n, k)[:, kind]
    if not may[:, 0].all() or (may != (why == ELIGIBLE)).any():
        raise Misuse.say(where="kernel", what="eligibility and its reasons do not agree", do="prepare the rows again")
    return may, why


def scores(batch: pa.RecordBatch, *, arms: Arms, beliefs: Beliefs, prices: Prices, kind: Whole) -> Whole:
    """Score of every arm of a kind for every row, in score units; int64, shape (n, k)."""
    cost = arms.cost + arms.offer_cost + prices.price
    found = np.repeat((beliefs.mean - cost)[kind][None, :], batch.num_rows, axis=0)
    if any(arm in beliefs.finer for arm in kind.tolist()):
        cells = batch["cells"].flatten().to_numpy().reshape(batch.num_rows, len(arms.grains))
        for place, arm in enumerate(kind.tolist()):
            if arm in beliefs.finer and arms.grain[arm] >= 0:
                keys, means = beliefs.finer[arm]
                mine = cells[:, arms.grain[arm]]
                at = np.minimum(np.searchsorted(keys, mine), keys.size - 1)
                found[:, place] = np.where(keys[at] == mine, means[at] - cost[arm], found[:, place])
    return found


def _weigh(score: Whole, may: Flags, *, scale: Whole, policy: Rule, kind: Whole) -> tuple[Whole, Whole]:
    """Probabilities, with gaps in standard deviations of the best arm's own program."""
    best = np.where(may, score, -(1 << 55)).argmax(axis=1)
    probability = np.zeros(score.shape, dtype=np.int64)
    caps = tuple(policy.caps[kind].tolist())
    for size in np.unique(scale):
        rows = np.flatnonzero(scale[best] == size)
        if rows.size:
            explore = weighting.Exploration(gamma=policy.gamma, scale=int(size), epsilon=policy.epsilon, caps=caps)
            probability[rows] = weighting.weights(score[rows], eligible=may[rows], exploration=explore).probabilities
    return probability, best


def _outcomes(arm: Whole, best: Whole, *, ghost: Whole, may: Flags, codes: Whole) -> tuple[NDArray[np.int8], Whole]:
    """What came of each point, and the code of its first reason."""
    rows = np.arange(len(arm))
    step = _STEPS[codes]
    furthest = np.where(may, -1, step)
    furthest[:, 0] = -1
    last = furthest.argmax(axis=1) if furthest.shape[1] > 1 else np.zeros(len(arm), dtype=np.int64)
    stopped = codes[rows, last]
    any_left = may[:, 1:].any(axis=1)
    kinds = np.array(
        [KINDS.index(OutcomeKind.NONE if code == ELIGIBLE else kind_of(code)) for code in range(len(STEP))]
    )
    would = np.where(ghost >= 0, codes[rows, np.maximum(ghost, 0)], ELIGIBLE) == _HELD
    silent = KINDS.index(OutcomeKind.NONE), CODE[Reason.SILENCE_WON]
    outcome, reason = kinds[stopped], stopped.copy()
    waived = any_left | (stopped == _HELD) | (stopped == ELIGIBLE)
    outcome, reason = np.where(waived, silent[0], outcome), np.where(waived, silent[1], reason)
    outcome, reason = np.where(would, KINDS.index(OutcomeKind.HELD_OUT), outcome), np.where(would, _HELD, reason)
    speaks = arm != 0
    first = np.where(arm == best, CODE[Reason.BEST], CODE[Reason.EXPLORED])
    outcome = np.where(speaks, KINDS.index(OutcomeKind.CHOSEN), outcome).astype(np.int8)
    explored = speaks | ((reason == CODE[Reason.SILENCE_WON]) & (best != 0))
    return outcome, np.where(explored, first, reason)
