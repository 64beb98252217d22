"""What former occasions have used of each limited resource, so that a limit holds over runs and not only within one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow.compute as pc

from tactful.decide.arms import Arms
from tactful.decide.members import Inputs
from tactful.decide.standing import Contacts, Promises
from tactful.store import lake
from tactful.words.clock import Clock
from tactful.words.outcome import OutcomeKind
from tactful.words.touchpoint import PUSH


def used(inputs: Inputs, *, arms: Arms, occasion: str, clock: Clock) -> dict[str, int]:
    """Resource → how much is gone, in the units of `prices`; what this occasion itself uses is left out.

    Sends count contacts of today; stock and offer budgets count promises; a program's budget counts the cost of former
    decisions, those of arms that are no more at the dearest present arm of their program.

    Args:
        inputs: `contact`, `incentive`, and `past_decisions` (decisions of former runs), where there are any.
        arms: what there is to say now.
        occasion: the one about to be decided.
        clock: now.
    """
    found: Counter[str] = Counter()
    contacts = Contacts.of(inputs, occasion=occasion)
    today = contacts.happened_at >= int(clock.midnight.timestamp()) * 1_000_000
    for program, count in zip(*np.unique(contacts.program[today], return_counts=True), strict=True):
        found[f"sends:{program}"] = int(count)
    promises = Promises.of(inputs, occasion=occasion, touchpoint=PUSH, clock=clock)
    for offer, keys in promises.taken.items():
        cost = keys.size * _stated(arms, offer) + _more(inputs, arms=arms, offer=offer, occasion=occasion)
        found[f"stock:{offer}"], found[f"offer_budget:{offer}"] = keys.size, cost
    found.update(_spent(inputs, arms=arms, occasion=occasion))
    return dict(found)


def _stated(arms: Arms, offer: str) -> int:
    """What promising an offer is expected to cost, by its dearest arm."""
    return max((int(c) for o, c in zip(arms.offer, arms.offer_cost, strict=True) if o == offer), default=0)


def _more(inputs: Inputs, *, arms: Arms, offer: str, occasion: str) -> int:
    """What promises of an offer whose cost differs by customer cost more, or less, than it says; score units."""
    if "past_decisions" not in inputs or "incentive" not in inputs:
        return 0
    rows = lake.read(inputs["past_decisions"], columns=["decision_id", "occasion", "offer_id", "offer_cost"])
    rows = rows.filter(pc.and_(pc.equal(rows["offer_id"], offer), pc.is_valid(rows["offer_cost"])))
    rows = rows.filter(pc.not_equal(rows["occasion"], occasion))
    promises = lake.read(inputs["incentive"])
    counts = promises.filter(pc.not_equal(promises["state"], "expired"))["decision_id"]
    rows = rows.filter(pc.is_in(rows["decision_id"], value_set=counts.combine_chunks()))
    costs = rows.group_by(["decision_id", "offer_cost"]).aggregate([])["offer_cost"].to_pylist()
    return int(sum(costs)) - len(costs) * _stated(arms, offer)


def _spent(inputs: Inputs, *, arms: Arms, occasion: str) -> Counter[str]:
    """Cost of former decisions by program, in score units; one decision counts once however many runs made it."""
    found: Counter[str] = Counter()
    if "past_decisions" not in inputs:
        return found
    ids = arms.batch["arm_id"].to_pylist()
    cost = dict(zip(ids, (arms.cost + arms.offer_cost).tolist(), strict=True))
    stated = dict(zip(ids, arms.offer_cost.tolist(), strict=True))
    dearest: dict[str, int] = {}
    for program, arm_id in zip(arms.program, arms.batch["arm_id"].to_pylist(), strict=True):
        if program is not None:
            dearest[program] = max(dearest.get(program, 0), cost[arm_id])
    columns = ["decision_id", "occasion", "program", "arm_id", "outcome_kind", "offer_cost"]
    rows = lake.read(inputs["past_decisions"], columns=columns)
    rows = rows.filter(pc.equal(rows["outcome_kind"], OutcomeKind.CHOSEN.value))
    rows = rows.filter(pc.not_equal(rows["occasion"], occasion)).group_by(columns).aggregate([])
    for program, arm_id, own in zip(
        *(rows[name].to_pylist() for name in ("program", "arm_id", "offer_cost")), strict=True
    ):
        more = 0 if own is None else own - stated.get(arm_id, own)
        found[f"budget:{program}"] += cost.get(arm_id, dearest.get(program, 0)) + more
    return found
