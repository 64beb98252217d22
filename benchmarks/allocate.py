"""The constrained allocation of chapter 4, beside HiGHS's interior point method and OR-Tools' PDLP on the same numbers.

Ours starts from scores in memory and ends with whole decisions and a certified gap; the peers' seconds are those of
solving the linear programme alone, without building it and without making decisions of shares. A peer that is cut off
counts with the seconds it was given, and its ratio is at least that.
"""

from __future__ import annotations

import json
import sys
import tempfile
from typing import Any

from benchmarks import allocate_job, limited_world
from benchmarks.measure import measured
from benchmarks.peer import ROOT, Missing, run_peer
from benchmarks.report import Goal, Report

WORKERS = (1, 2, 4)
PEERS = ("highs", "pdlp")


def ours(customers: int, *, workers: int = 2, folder: str | None = None) -> dict[str, Any]:
    """One allocation in a process of its own, with the most memory that it held."""
    command = [sys.executable, "-m", "benchmarks.allocate_job", str(customers), str(workers)]
    done = measured([*command, *([folder] if folder else [])], cwd=ROOT)
    if done.code:
        raise RuntimeError(f"allocating {customers} ended with {done.code}: {done.stderr[-2000:]}")
    return {**json.loads(done.stdout.strip().splitlines()[-1]), "peak_bytes": done.peak_bytes}


def peer(name: str, *, folder: str, cut_off: int) -> dict[str, Any] | Missing:
    """A peer's seconds and value, or that it was cut off; half as much time again is given for building its model."""
    try:
        answer = run_peer(f"allocate_{name}", [folder, str(cut_off)], timeout_seconds=cut_off * 1.5 + 30)
    except RuntimeError as error:
        if "ended with -9" not in str(error):
            raise
        return {"seconds": float(cut_off), "cpu_seconds": None, "ended": False, "value": None}
    return answer if isinstance(answer, Missing) else answer.printed


def beside(customers: int, *, peers: tuple[str, ...], cut_off: int) -> tuple[dict[str, Any], list[Missing]]:
    """Ours and the peers on one problem."""
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, Any] = {"ours": ours(customers, folder=folder)}
        answers = {name: peer(name, folder=folder, cut_off=cut_off) for name in peers}
    found |= {name: one for name, one in answers.items() if not isinstance(one, Missing)}
    return found, [one for one in answers.values() if isinstance(one, Missing)]


def ratio(found: dict[str, Any], name: str) -> float | None:
    """A peer's seconds over ours; None where it was not asked."""
    return round(found[name]["seconds"] / found["ours"]["seconds"], 1) if name in found else None


def true_goals(runs: dict[str, dict[str, Any]]) -> list[Goal]:
    """What must hold at every size: limits, certificates, and agreement with what the peers found."""
    mine = [run["ours"] for run in runs.values()]
    agreeing = [
        abs(run["ours"]["bound"] / run["highs"]["value"] - 1)
        for run in runs.values()
        if run.get("highs", {}).get("ended")
    ]
    return [
        Goal(name="units over a limit", value=sum(one["units_over_limits"] for one in mine), at_most=0),
        Goal(name="largest certified gap", value=max(one["gap"] for one in mine), at_most=2e-4),
        *[Goal(name="bound differs from HiGHS's value by a share of", value=one, at_most=2e-5) for one in agreeing],
    ]


def same_prices(customers: int) -> int:
    """How many different answers 1, 2 and 4 workers give: 1 where all bits are the same."""
    made = limited_world.parts(customers)
    limits = limited_world.limits(made)
    found = [allocate_job.solve(made, limits=limits, workers=workers) for workers in WORKERS]
    return len({json.dumps([one["prices"], one["bound"], one["value"]]) for one in found})


def run(*, quick: bool) -> Report:
    """10 thousand customers and peers for 15 seconds if quick; else 100 thousand, a million and five million."""
    if quick:
        few, missing = beside(10_000, peers=PEERS, cut_off=15)
        runs, goals = {"10_thousand": few}, []
    else:
        few, missing = beside(100_000, peers=PEERS, cut_off=300)
        many, further = beside(1_000_000, peers=("pdlp",), cut_off=300)
        most = {"ours": ours(5_000_000)}
        runs, missing = {"100_thousand": few, "1_million": many, "5_million": most}, missing + further
        goals = [
            Goal(name="seconds for 1 million", value=many["ours"]["seconds"], at_most=5),
            Goal(name="seconds for 5 million", value=most["ours"]["seconds"], at_most=20),
            Goal(name="bytes of memory for 5 million", value=most["ours"]["peak_bytes"], at_most=6_000_000_000),
        ]
    answers = same_prices(10_000 if quick else 100_000)
    return Report(
        figures={size: {name: shown(one) for name, one in found.items()} for size, found in runs.items()},
        ratios={
            f"{name}_over_ours_at_{size}": ratio(found, name)
            for size, found in runs.items()
            for name in PEERS
            if name in found
        },
        goals=(
            Goal(name="times HiGHS's interior point, at the smallest size", value=ratio(few, "highs"), at_least=50),
            Goal(name="different answers of 1, 2 and 4 workers", value=answers, at_most=1),
            *goals,
            *true_goals(runs),
        ),
        missing=tuple(str(one) for one in missing),
    )


def shown(one: dict[str, Any]) -> dict[str, Any]:
    """A figure without its long list of prices."""
    return {name: value for name, value in one.items() if name != "prices"}
