"""Which variants to open: ours, beside HiGHS, beside a price per use, and for a million customers with its certificate.

The three cases are those of a published table: 2,000 customers, 40 variants, a variant's cost 0.2, 1 and 3 % of what 40
free ones would bring. The world is drawn again, since only its shape is published. Ours must equal the bound of the
linear relaxation in each, to the unit. Times are processor time.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peer import Missing, run_peer
from benchmarks.report import Goal, Report
from tactful.reckon.facility import Chosen, Part, choose
from tactful.reckon.facility_bound import Bound, bounded
from tactful.testing.taste import TasteWorld

SHARES = {"0.2 %": 0.002, "1 %": 0.01, "3 %": 0.03}
SEED = 3
PEOPLE = 2_000
Whole = NDArray[np.int64]


def solved(parts: list[Part], *, cost: Whole) -> tuple[Chosen, Bound, dict[str, Any]]:
    """What we open, its certificate, and what both took."""
    begun = time.process_time()
    chosen = choose(parts, cost=cost)
    between = time.process_time()
    bound = bounded(parts, cost=cost, chosen=chosen)
    done = time.process_time()
    figures = {
        "open": len(chosen.open),
        "certified_gap": bound.gap(chosen),
        "choosing_seconds": round(between - begun, 4),
        "bound_seconds": round(done - between, 4),
        "planes": bound.rounds,
    }
    return chosen, bound, figures


def by_price(worth: Whole, *, cost: Whole, most_rounds: int = 200) -> tuple[int, int]:
    """Value and number of open variants where each cost is spread over its use, first an even one, until it holds."""
    use = np.full(cost.size, len(worth) // cost.size)
    who, chosen = np.arange(len(worth)), np.full(len(worth), -1)
    for _ in range(most_rounds):
        price = np.where(use > 0, cost / np.maximum(use, 1), np.inf)
        net = worth - price
        chosen = np.where(net.max(axis=1) > 0, net.argmax(axis=1), -1)
        now = np.bincount(chosen[chosen >= 0], minlength=cost.size)
        if (now == use).all():
            break
        use = now
    gross = int(worth[who[chosen >= 0], chosen[chosen >= 0]].sum())
    opened = np.flatnonzero(use)
    return gross - int(cost[opened].sum()), opened.size


def asked(worth: Whole, *, cost: Whole, kind: str, limit: float) -> dict[str, Any] | Missing:
    """What HiGHS says, in its own process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problem.npz"
        np.savez(path, worth=worth, cost=cost)
        answer = run_peer("portfolio_highs", [str(path), kind, str(limit)], timeout_seconds=limit + 60)
    return answer if isinstance(answer, Missing) else answer.printed


def case(worth: Whole, *, share: float, kinds: tuple[str, ...], limit: float) -> tuple[dict[str, Any], list[Missing]]:
    """One row of the table, and the peers that could not be asked."""
    full = int(worth.max(axis=1).sum())
    cost = np.full(worth.shape[1], int(full * share))
    chosen, bound, figures = solved([Part.of(worth)], cost=cost)
    spread, used = by_price(worth, cost=cost)
    figures |= {
        "value_in_percent_of_full": round(100 * chosen.value / full, 4),
        "bound_in_percent_of_full": round(100 * bound.most / full, 4),
        "units_below_the_bound": bound.most - chosen.value,
        "price_per_use_percent": round(100 * spread / full, 4),
        "price_per_use_open": used,
        "all_open_percent": round(100 * (full - int(cost.sum())) / full, 4),
        "best_single_percent": round(100 * int((worth.sum(axis=0) - cost).max()) / full, 4),
    }
    missing = []
    for kind in kinds:
        said = asked(worth, cost=cost, kind=kind, limit=limit)
        if isinstance(said, Missing):
            missing.append(said)
        elif said["status"] == "Optimal":
            figures[f"highs_{kind}_percent"] = round(100 * said["value"] / full, 4)
            figures[f"highs_{kind}_seconds"] = round(said["cpu_seconds"], 2)
            figures[f"highs_{kind}_over_ours"] = said["value"] / chosen.value - 1
        else:
            figures[f"highs_{kind}_percent"] = said["status"]
            figures[f"highs_{kind}_seconds"] = round(said["cpu_seconds"], 2)
    return figures, missing


def worlds(count: int) -> dict[str, Any]:
    """Of other worlds of the same kind, in how many the answer is proven, and the widest gap left."""
    gaps = []
    for seed in range(100, 100 + count):
        worth = TasteWorld().worth(PEOPLE, seed=seed)
        for share in SHARES.values():
            cost = np.full(worth.shape[1], int(worth.max(axis=1).sum() * share))
            chosen = choose([Part.of(worth)], cost=cost)
            gaps.append(bounded([Part.of(worth)], cost=cost, chosen=chosen).gap(chosen))
    return {"cases": len(gaps), "proven": sum(gap == 0 for gap in gaps), "widest_gap": max(gaps)}


def large(people: int) -> dict[str, Any]:
    """A case too large for a general solver here: 40 variants at 1 %."""
    pieces = max(1, people // 125_000)
    parts = [Part.of(TasteWorld(unit=10_000).worth(people // pieces, seed=SEED)) for _ in range(1)]
    rng = np.random.default_rng(SEED)
    worth = parts[0].worth
    for _ in range(pieces - 1):
        moved = np.maximum(worth + rng.normal(0, 800, size=worth.shape).astype(np.int32), 0)
        parts.append(Part.of(moved[:, rng.permutation(worth.shape[1])].T.astype(np.int64)))
    full = sum(int(part.worth.max(axis=0).sum()) for part in parts)
    _, _, figures = solved(parts, cost=np.full(worth.shape[0], full // 100))
    return {"customers": sum(part.people.size for part in parts), **figures}


def run(*, quick: bool) -> Report:
    """The three cases, other worlds, and a large one."""
    worth = TasteWorld().worth(PEOPLE, seed=SEED)
    solved([Part.of(worth[:50])], cost=np.ones(worth.shape[1], dtype=np.int64))
    kinds = ("mip",) if quick else ("lp", "mip")
    cases: dict[str, dict[str, Any]] = {}
    missing: list[Missing] = []
    for name, share in SHARES.items():
        cases[name], absent = case(worth, share=share, kinds=kinds, limit=20 if quick else 120)
        missing += absent
    others, big = worlds(2 if quick else 20), large(250_000 if quick else 1_000_000)
    ours = {name: one["choosing_seconds"] + one["bound_seconds"] for name, one in cases.items()}
    ratios = {
        f"times_highs_{kind}_at_{name.replace(' ', '')}": round(one[f"highs_{kind}_seconds"] / ours[name], 1)
        for name, one in cases.items()
        for kind in kinds
        if f"highs_{kind}_seconds" in one
    }
    goals = [
        Goal(name=f"units below the linear bound at {name}", value=one["units_below_the_bound"], at_most=0)
        for name, one in cases.items()
    ]
    over = [one[f"highs_{k}_over_ours"] for one in cases.values() for k in kinds if f"highs_{k}_over_ours" in one]
    goals += [
        Goal(name="share by which HiGHS differs from ours", value=max(map(abs, over), default=None), at_most=1e-6),
        Goal(name="certified gap of the large case", value=big["certified_gap"], at_most=1e-3),
    ]
    return Report(
        figures={"cases": cases, "other_worlds": others, "large": big},
        ratios=ratios,
        goals=tuple(goals),
        missing=tuple(dict.fromkeys(str(one) for one in missing)),
    )
