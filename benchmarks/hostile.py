"""Templates written to hurt, by every path: the time each takes to end in an error, and the memory, beside 50 ms.

Times are processor time, the best of several, without parsing twice what was parsed; memory is what Python and its
libraries held at most beyond what was there, traced in a run of its own.
"""

from __future__ import annotations

import gc
import time
import tracemalloc

from benchmarks.report import Goal, Report
from tactful.testing.bombs import BOMBS, DATA, PARTIALS, seen_by
from tactful.testing.by_path import PATHS, Refused

MOST_MS, MOST_BYTES = 50, 100 * 2**20


def taken(name: str, path: str, *, repeats: int) -> tuple[float, bool]:
    """Milliseconds until it ends, the best of several, and whether it ended in an error."""
    times, refused = [], True
    for _ in range(repeats):
        gc.collect()  # what others left behind is not this bomb's
        begun = time.process_time()
        outcome = PATHS[path](BOMBS[name], seen_by(name), PARTIALS)
        times.append((time.process_time() - begun) * 1000)
        refused = refused and isinstance(outcome, Refused) and len(outcome.reason) > 5
    return round(min(times), 2), refused


def held(name: str, path: str) -> int:
    """Bytes held at most."""
    tracemalloc.start()
    try:
        PATHS[path](BOMBS[name], seen_by(name), PARTIALS)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def run(*, quick: bool) -> Report:
    """Every bomb by every path, three times; once if quick."""
    for path in PATHS.values():
        path("{{ x | upcase }}{% for i in many limit: 2 %}{{ i }}{% endfor %}", DATA, PARTIALS)  # warm
    gc.collect()
    gc.freeze()  # what this process held before is not a bomb's to be gone through
    figures: dict[str, dict[str, object]] = {}
    worst, most, unclear = 0.0, 0, []
    for name in BOMBS:
        figures[name] = {}
        for way in PATHS:
            milliseconds, refused = taken(name, way, repeats=1 if quick else 5)
            memory = held(name, way)
            figures[name][way] = {"milliseconds": milliseconds, "bytes": memory}
            worst, most = max(worst, milliseconds), max(most, memory)
            unclear += [] if refused else [f"{name} ({way})"]
    return Report(
        figures={"bombs": len(BOMBS), "by_bomb": figures, "not_refused": unclear},
        ratios={"slowest_to_allowed": round(worst / MOST_MS, 3)},
        goals=(
            Goal(name="milliseconds of the slowest bomb", value=worst, at_most=MOST_MS),
            Goal(name="bytes of the largest bomb", value=most, at_most=MOST_BYTES),
            Goal(name="bombs that do not end in a clear error", value=len(unclear), at_most=0),
        ),
    )
