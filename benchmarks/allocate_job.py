"""One allocation in a process of its own, so that its memory is its own: prints one JSON object.

Asked with a folder it also leaves the problem there for the peers.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import limited_world
from tactful.reckon import compiled, dual, price_error, rounding
from tactful.reckon.chance import draws
from tactful.reckon.limits import Limits
from tactful.reckon.worth import Worth

Whole = NDArray[np.int64]


def chance(rows: Whole) -> Whole:
    """The draw that settles ties."""
    return draws(rows, point="benchmark", purpose="tie", salt="")


def solve(made: list[limited_world.Part], *, limits: Limits, workers: int) -> dict[str, object]:
    """From scores in memory to whole decisions, timed by the clock and by processor time."""
    rows = sum(len(worth) for worth, _ in made)
    most = max(int(worth.max()) for worth, _ in made)
    begun, spent = time.perf_counter(), time.process_time()
    worth = Worth.filled(made, rows=rows, arms=limited_world.ARMS, most=most)
    laid = time.perf_counter()
    prices = dual.solve(worth, limits=limits, workers=workers)
    priced = time.perf_counter()
    answer = rounding.rounded(worth, limits=limits, dual=prices, chance=chance, workers=workers)
    ended = time.perf_counter()
    count = np.bincount(answer.arm, minlength=limited_world.ARMS + 1)[1:]
    deviation = price_error.spread(prices, worth=worth, limits=limits) / np.maximum(prices.prices, 1)
    binding = prices.prices > 0
    return {
        "customers": rows,
        "seconds": round(ended - begun, 4),
        "cpu_seconds": round(time.process_time() - spent, 4),
        "of_which_columns_seconds": round(laid - begun, 4),
        "of_which_prices_seconds": round(priced - laid, 4),
        "of_which_rounding_seconds": round(ended - priced, 4),
        "passes": prices.passes,
        "value": answer.value / 2.0**worth.shift,
        "bound": prices.bound / 2.0**worth.shift,
        "gap": answer.gap,
        "changed_by_repair": answer.changed,
        "units_over_limits": int(np.maximum((limits.use * count).sum(axis=1) - limits.most, 0).sum()),
        "binding_limits": int(binding.sum()),
        "largest_deviation_of_a_price": round(float(deviation[binding].max(initial=0.0)), 4),
        "prices": prices.prices.tolist(),
    }


def main(customers: int, *, workers: int, folder: str | None) -> None:
    """Make the compiled loops ready on a small world, then solve the asked one; what both took is told."""
    begun = time.perf_counter()
    with compiled.taking(loops=True):
        made = limited_world.parts(4_096)
        solve(made, limits=limited_world.limits(made), workers=workers)
        ready = time.perf_counter() - begun
        made = limited_world.parts(customers)
        limits = limited_world.limits(made)
        found = solve(made, limits=limits, workers=workers)
    if folder:
        scores = np.concatenate([worth for worth, _ in made])
        may = np.concatenate([may for _, may in made])
        np.savez(Path(folder) / "problem.npz", worth=scores, may=may, use=limits.use, most=limits.most)
    print(json.dumps({**found, "seconds_to_make_loops_ready": round(ready, 2), "compiled": compiled.is_there()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), workers=int(sys.argv[2]), folder=sys.argv[3] if len(sys.argv) > 3 else None)
