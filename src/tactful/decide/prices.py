"""Prices and limits of a run, and the repair that makes limits hold exactly; prices are zero until they are solved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.decide import capacity
from tactful.decide.arms import NO_OFFER, Arms
from tactful.decide.believed import BY_COST, CAP, FLOOR, GAMMA, MOST, Prices, uses
from tactful.decide.codes import CODE
from tactful.decide.own_costs import extra_of
from tactful.project.declared import Project
from tactful.project.policy import Exploration
from tactful.reckon import weighting
from tactful.reckon.chance import WHOLE, draws, share_of_draws
from tactful.store import contracts
from tactful.words import score
from tactful.words.outcome import Reason

PER: Final = 1_000_000
"""Prices are of so many units, so that a cheap unit has one too."""

PROMISED: Final = "promised:"
"""How the resource of a promise begins; the program's name follows."""

_WHY: Final = {
    "sends": Reason.CAPACITY,
    "budget": Reason.BUDGET,
    "stock": Reason.OUT_OF_STOCK,
    "offer_budget": Reason.BUDGET,
    "channel": Reason.CAPACITY,
    "checking": Reason.CAPACITY,
    "creative": Reason.CAPACITY,
    "complaints": Reason.CAPACITY,
}


def table(
    project: Project, arms: Arms, *, people: int, used: Mapping[str, int] | None = None,
    dearer: Mapping[str, int] | None = None,
) -> pa.RecordBatch:  # fmt: skip
    """The `prices` rows of a run: every resource at price 0 with what is left of it, and how far chance may stray.

    An arm with an offer cost is explored only within `exploration.budget`: with N people and A such arms, each may hold
    at most ``budget / (N × A × cost)`` while it is not the best, so that the expected cost of exploring never exceeds
    the budget, whoever the people are. Without a budget such arms are not explored.

    Args:
        project: its policy, programs and offers state the limits.
        arms: what there is to say.
        people: decision points of the run: the N above.
        used: resource → how much of it is gone already, in the unit of its row: see `usage.used`.
        dearer: offer → how much more it costs than its arms say with the customer with whom it costs most.
    """
    gone, use = used or {}, uses(arms)
    rows: list[dict[str, object]] = []
    for name in sorted(project.programs):
        limits = project.programs[name].limits
        rows.append(_row(f"sends:{name}", limits.sends_per_day, unit="messages", gone=gone))
        budget = None if limits.budget is None else score.units(limits.budget)
        rows.append(_row(f"budget:{name}", budget, unit="score units", gone=gone))
        if (promised := limits.promised) is not None:
            resource, sent = f"{PROMISED}{name}", gone.get(f"sends:{name}", 0)
            use[resource] = use.get(f"sends:{name}", np.zeros(len(arms), dtype=np.int64))
            owed = {"least": max(0, promised.sends_per_day - sent), "missing": score.units(promised.missing)}
            rows.append(_row(resource, None, unit="messages", gone=gone) | owed)
    for name in sorted({offer for offer in arms.offer if offer}):
        offer = project.offers[name]
        rows.append(_row(f"stock:{name}", offer.stock, unit="promises", gone=gone))
        budget = None if offer.budget is None else score.units(offer.budget)
        rows.append(_row(f"offer_budget:{name}", budget, unit="score units", gone=gone))
    for one in capacity.shared(project, arms):
        use[one.resource] = one.use
        rows.append(_row(one.resource, one.most, unit=one.unit, gone=gone))
    rows = [row | {"use": use[name].tolist() if (name := str(row["resource"])) in use else None} for row in rows]
    rows += _exploration(project, arms, people=people, dearer=dearer or {})
    return pa.RecordBatch.from_pylist(rows, schema=contracts.table("prices").schema)


def _row(resource: str, limit: int | None, *, unit: str, gone: Mapping[str, int]) -> dict[str, object]:
    left = None if limit is None else max(0, limit - gone.get(resource, 0))
    return {"resource": resource, "price": 0, "per": PER, "most": left, "unit": unit}


def _exploration(project: Project, arms: Arms, *, people: int, dearer: Mapping[str, int]) -> list[dict[str, object]]:
    explore = project.policy.exploration
    push = [arm for arm in range(len(arms)) if not arms.preview[arm]]
    weights = [project.programs[p].expect.weight for p in {arms.program[arm] for arm in push} if p is not None]
    gamma = explore.sharpness * weighting.GAMMA_UNIT or weighting.sharpness(min(weights, default=1), arms=len(push))
    most = share_of_draws(str(explore.most))
    rows: list[dict[str, object]] = [
        {"resource": GAMMA, "price": 0, "per": PER, "most": min(gamma, 1 << 30), "unit": "1/1024"},
        {"resource": MOST, "price": 0, "per": PER, "most": most, "unit": "2^-52"},
    ]
    costly = [arm for arm in push if arms.offer_cost[arm] > 0]
    budget = score.units(explore.budget) if explore.budget else 0
    ids = arms.batch["arm_id"].to_pylist()
    for arm in costly:
        cost = int(arms.offer_cost[arm]) + max(0, dearer.get(arms.offer[arm] or "", 0))
        cap = (budget << 52) // (max(people, 1) * len(costly) * cost)
        rows.append(
            {"resource": f"{CAP}{ids[arm].hex()}", "price": 0, "per": PER, "most": min(cap, WHOLE), "unit": "2^-52"}
        )
    capped = {str(row["resource"]): row["most"] for row in rows}
    for arm in push:
        if (least := _floor(explore, arm, arms=arms)) > 0:
            name = ids[arm].hex()
            most = min(least, int(str(capped.get(f"{CAP}{name}", WHOLE))))
            rows.append({"resource": f"{FLOOR}{name}", "price": 0, "per": PER, "most": most, "unit": "2^-52"})
    return rows


def _floor(explore: Exploration, arm: int, *, arms: Arms) -> int:
    """Least probability of an arm that is meant to be explored, units of 2^-52; 0 for others."""
    if arms.program[arm] is None:
        return 0
    said = {
        "program": arms.program[arm],
        "level": arms.level[arm],
        "offer": arms.offer[arm] or NO_OFFER,
        "content": arms.content[arm],
    }
    for floor in explore.floors:
        if all(getattr(floor, name) in (None, value) for name, value in said.items()):
            return share_of_draws(str(floor.least))
    return 0


@dataclass(frozen=True, kw_only=True)
class Load:
    """What a run would send, one entry per row: enough to hold the limits without keeping the rows. Stability: caller.

    Attributes:
        arm: arm drawn; shape (n,).
        margin: its score above saying nothing; shape (n,).
        key: customer_key; shape (n,).
        place: of each arm's offer among those whose cost differs by customer, -1 elsewhere; by arm.
        extra: what each such offer costs more with each customer; shape (n, offers).
    """

    arm: NDArray[np.int64]
    margin: NDArray[np.int64]
    key: NDArray[np.int64]
    place: NDArray[np.int64]
    extra: NDArray[np.int64]

    def taken(self, resource: str, *, use: NDArray[np.int64]) -> NDArray[np.int64]:
        """What each row takes of a resource; shape (n,)."""
        found = use[self.arm]
        if self.extra.size and resource.split(":", 1)[0] in BY_COST:
            place = self.place[self.arm]
            own = np.take_along_axis(self.extra, np.maximum(place, 0)[:, None], axis=1)[:, 0]
            found = found + np.where((place >= 0) & (found > 0), own, 0)
        return found


def repair(load: Load, *, prices: Prices, occasion: str, salt: str) -> NDArray[np.int64]:
    """Which decisions must fall silent so that no limit is passed by one unit, and why.

    Each limited resource in turn, in the order of their names: of those still standing that use it, the ones with the
    highest margin over silence stay, ties by hash, as long as what they use together is within the limit.

    Returns:
        Code of the reason by row, 0 where the decision stands; int64, shape (n,).
    """
    why = np.zeros(load.arm.size, dtype=np.int64)
    for resource in sorted(prices.limits):
        if resource not in prices.use:
            continue
        use = load.taken(resource, use=prices.use[resource])
        rows = np.flatnonzero((use > 0) & (why == 0))
        if int(use[rows].sum()) <= prices.limits[resource]:
            continue
        chance = draws(load.key[rows], point=occasion, purpose="repair", salt=salt)
        order = rows[np.lexsort((load.key[rows], chance, -load.margin[rows]))]
        over = np.cumsum(use[order]) > prices.limits[resource]
        why[order[over]] = CODE[reason_of_limit(resource)]
    return why


def reason_of_limit(resource: str) -> Reason:
    """What is said of a message that this limit takes away.

    >>> reason_of_limit("sends:win-back").value
    'capacity'
    """
    return _WHY[resource.split(":", 1)[0]]


def used_up(batch: pa.RecordBatch, *, arms: Arms, prices: Prices, kind: NDArray[np.int64]) -> NDArray[np.int64]:
    """Code of the reason for arms that take more of a resource than is left of it, 0 where there is enough.

    Returns:
        int64; shape (k,), or (n, k) where what an offer costs differs by customer.
    """
    extra = extra_of(batch, arms=arms)
    place = arms.own_cost[kind]
    more = np.where(place >= 0, extra[:, np.maximum(place, 0)], 0) if extra.size else np.zeros(kind.size, np.int64)
    found = np.zeros_like(more)
    for resource in sorted(prices.limits, reverse=True):  # the first name is told where several are used up
        use = prices.use.get(resource)
        if use is None:
            continue
        taken = use[kind] + (np.where(use[kind] > 0, more, 0) if resource.split(":", 1)[0] in BY_COST else 0)
        found = np.where((taken > prices.limits[resource]) & (use[kind] > 0), CODE[reason_of_limit(resource)], found)
    return found
