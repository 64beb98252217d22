"""The kernel: decisions with propensities a second, beside Vowpal Wabbit and plain NumPy; and decided again.

A decision is scores of 50 arms over 32 features, eligibility, inverse-gap weights with their cap, the draw, and the
propensity of what was drawn. Ours is in whole numbers, peers in floats. Rates per core are by processor time, on two
cores by the clock, the best of several.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks import kernel_argmax, kernel_world
from benchmarks.measure import measured
from benchmarks.peer import ROOT, Answer, Missing, run_peer
from benchmarks.report import Goal, Report
from tactful.reckon import compiled

BLAS: Final[tuple[Mapping[str, str], ...]] = (
    {"OPENBLAS_NUM_THREADS": "1", "OPENBLAS_CORETYPE": "Haswell"},
    {"OPENBLAS_NUM_THREADS": "2", "OPENBLAS_CORETYPE": "SandyBridge"},
)
"""Settings of the BLAS: other numbers of threads, and code for processors that add in other orders."""


def best(act: Callable[[], object], *, repeats: int, clock: Callable[[], float]) -> float:
    """Seconds of the shortest of several."""
    taken = []
    for _ in range(repeats):
        begun = clock()
        act()
        taken.append(clock() - begun)
    return min(taken)


def rates(world: kernel_world.World, *, fast: bool, repeats: int) -> dict[str, int]:
    """Decisions per second on one core and on two."""
    kernel_world.decide(world.share(0, 4096), fast=fast)
    one = best(lambda: kernel_world.decide(world, fast=fast), repeats=repeats, clock=time.process_time)
    two = best(lambda: kernel_world.decide(world, fast=fast, threads=2), repeats=repeats + 2, clock=time.perf_counter)
    return {"per_core": int(len(world) / one), "on_two_cores": int(len(world) / two)}


def peers(world: kernel_world.World, *, rows: int, sample: int, repeats: int) -> dict[str, Answer | Missing]:
    """What plain NumPy and Vowpal Wabbit do with the same customers and arms."""
    board = world.board
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "world.npz"
        np.savez(
            path, features=world.features[:rows], flags=world.flags[:rows],
            weights=(board.coefficients / (1 << 20) / kernel_world.SCALE).astype(np.float32),
            base=(board.base[:, 0] / kernel_world.SCALE).astype(np.float32), gamma=kernel_world.GAMMA,
            epsilon=kernel_world.EPSILON,
        )  # fmt: skip
        return {
            "numpy": run_peer("kernel_numpy", [str(path), str(repeats)]),
            "vowpal_wabbit": run_peer("kernel_vw", [str(path), str(sample)]),
        }


def from_parquet(folder: Path, world: kernel_world.World, *, fast: bool, repeats: int) -> int:
    """Customers per second from a file of features to a written log, by the clock."""
    customers, log = folder / "customers.parquet", folder / "log.parquet"
    kernel_world.write(world, customers)
    taken = best(lambda: kernel_world.log(customers, log, fast=fast), repeats=repeats, clock=time.perf_counter)
    return int(len(world) / taken)


def cases(*, fast: bool, quick: bool) -> list[tuple[str, int, int, str, Mapping[str, str]]]:
    """Name, rows in a block, most rows, way and setting of the BLAS of each time the log is decided again.

    Everybody is asked about in every way; a share if quick.
    """
    everybody = 1 << 40
    some, few = (50_000, 10_000) if quick else (everybody, everybody)
    asked: list[tuple[str, int, int, str, Mapping[str, str]]] = [
        ("one_by_one", 1, few, "plain", BLAS[0]),
        ("blocks_of_7", 7, 7 * few, "plain", BLAS[1]),
        ("blocks_of_4096", 4096, everybody, "plain", BLAS[0]),
        ("blocks_of_4096_other_blas", 4096, everybody, "plain", BLAS[1]),
    ]
    if fast:
        asked += [
            ("one_by_one_compiled", 1, some, "fast", BLAS[1]),
            ("blocks_of_7_compiled", 7, everybody, "fast", BLAS[0]),
            ("blocks_of_4096_compiled", 4096, everybody, "fast", BLAS[0]),
            ("blocks_of_4096_compiled_other_blas", 4096, everybody, "fast", BLAS[1]),
        ]
    return asked


def again(folder: Path, *, fast: bool, quick: bool) -> dict[str, dict[str, int]]:
    """The log decided again in fresh processes, two at a time: rows, and how many of them differ."""
    files = [str(folder / "customers.parquet"), str(folder / "log.parquet")]

    def one(case: tuple[str, int, int, str, Mapping[str, str]]) -> tuple[str, dict[str, int]]:
        name, block, most, how, env = case
        command = [sys.executable, "-m", "benchmarks.kernel_again", *files, str(block), str(most), how]
        done = measured(command, cwd=ROOT, env=env)
        if done.code:
            raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
        return name, json.loads(done.stdout.strip().splitlines()[-1])

    with ThreadPoolExecutor(2) as pool:
        return dict(pool.map(one, cases(fast=fast, quick=quick)))


def run(*, quick: bool) -> Report:
    """A million customers (200,000 if quick), 50 arms, 32 features."""
    rows, sample, repeats = (200_000, 1_000, 3) if quick else (1_000_000, 4_000, 5)
    fast = compiled.is_there()
    world = kernel_world.world(rows)
    ours = {"numpy": rates(world, fast=False, repeats=repeats - 1)}
    if fast:
        ours["compiled"] = rates(world, fast=True, repeats=repeats + 5)
    bandwidth = kernel_argmax.bandwidths(1 << 20 if quick else 1 << 22, repeats=10 if quick else 30)
    others = peers(world, rows=min(rows, 400_000), sample=sample, repeats=repeats + 5)
    with tempfile.TemporaryDirectory() as folder:
        whole = from_parquet(Path(folder), world, fast=fast, repeats=repeats)
        same = again(Path(folder), fast=fast, quick=quick)
    return report(ours, others, bandwidth=bandwidth, whole=whole, same=same, rows=rows)


def report(  # the parts that were measured
    ours: dict[str, dict[str, int]],
    others: dict[str, Answer | Missing],
    *,
    bandwidth: dict[str, float],
    whole: int,
    same: dict[str, dict[str, int]],
    rows: int,
) -> Report:
    """What was measured against what was promised."""
    best_of_ours = ours.get("compiled", ours["numpy"])
    numpy, vw = others["numpy"], others["vowpal_wabbit"]
    numpy_rate = None if isinstance(numpy, Missing) else float(numpy.printed["per_second"])
    texts = None if isinstance(vw, Missing) else float(vw.printed["text_per_second"])
    parsed = None if isinstance(vw, Missing) else float(vw.printed["parsed_per_second"])
    copy = max(bandwidth["copy"], bandwidth["copy_on_two"])
    ratios = {
        "times_vowpal_wabbit": over(best_of_ours["per_core"], texts),
        "times_vowpal_wabbit_examples_parsed_before": over(best_of_ours["per_core"], parsed),
        "times_plain_numpy": over(best_of_ours["per_core"], numpy_rate),
        "numpy_only_over_plain_numpy": over(ours["numpy"]["per_core"], numpy_rate),
        "priced_argmax_of_copy": round(bandwidth["priced_argmax"] / copy, 2),
    }
    compiled_on_two = ours["compiled"]["on_two_cores"] if "compiled" in ours else None
    wrong = sum(one["differing"] for one in same.values())
    return Report(
        figures={
            "customers": rows,
            "arms": kernel_world.ARMS,
            "features": kernel_world.FEATURES,
            "decisions_per_second": ours,
            "peers_per_second_and_core": {"numpy": whole_or_none(numpy_rate), "vowpal_wabbit": whole_or_none(texts)},
            "gigabytes_per_second": bandwidth,
            "customers_per_second_from_parquet_to_log": whole,
            "decided_again": same,
        },
        ratios=ratios,
        goals=(
            Goal(name="times Vowpal Wabbit from Python", value=ratios["times_vowpal_wabbit"], at_least=250),
            Goal(name="times plain NumPy", value=ratios["times_plain_numpy"], at_least=2.5),
            Goal(name="decisions per second on 2 cores", value=compiled_on_two, at_least=5_000_000),
            Goal(
                name="decisions per second on 2 cores without numba", value=ours["numpy"]["on_two_cores"],
                at_least=2_000_000,
            ),
            Goal(name="priced argmax of copy bandwidth", value=ratios["priced_argmax_of_copy"], at_least=0.85),
            Goal(name="customers per second from Parquet to a log", value=whole, at_least=1_000_000),
            Goal(name="decisions that differ when decided again", value=wrong, at_most=0),
        ),
        missing=tuple(str(one) for one in others.values() if isinstance(one, Missing)),
    )  # fmt: skip


def over(ours: float, theirs: float | None) -> float | None:
    """Ours to theirs; None where they could not be asked."""
    return None if theirs is None else round(ours / theirs, 2)


def whole_or_none(value: float | None) -> int | None:
    """A rate as a whole number."""
    return None if value is None else int(value)
