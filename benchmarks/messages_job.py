"""Composes, checks and seals the messages of a scaled shop, and says how long each stage took: one measured process.

Usage: python -m benchmarks.messages_job PROJECT SHOP LAKE [few], where SHOP holds the tables to start from; with `few`
one message and a hundred are timed too.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from tactful.check import gate
from tactful.compose import messages
from tactful.project.declared import Project
from tactful.project.reading import read_project
from tactful.store import lake
from tactful.store.ahead import cores
from tactful.words.clock import Clock
from tactful.words.sealed import Sealed, SealedFile

KEY = b"k" * 32
IDS = ("message_id", "decision_id", "skeleton_id")
BY_CUSTOMER = ("decisions", "profiles")
"""Tables with one row for each message, in the same order."""
GATE = ("decisions", "profiles", "items", "links", "transactions")


class Timed:
    """Batches on their way, and the seconds that making them took; what is left of a stage is sealing."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self.batches, self.seconds = batches, 0.0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Each batch, timed."""
        while True:
            begun = time.perf_counter()
            batch = next(self.batches, None)
            self.seconds += time.perf_counter() - begun
            if batch is None:
                return
            yield batch


def processor_seconds() -> float:
    """Of this process and of those it started that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak_bytes(*, beside: bool) -> int:
    """Most memory of this process so far; and for each core beyond the first the most of any process it started.

    Not all of them need have been at their peak at once: this is never less than what was taken together.
    """
    started = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (cores() - 1) if beside else 0
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + started) * 1024


def handle(shop: Path, name: str) -> Sealed:
    """A table to start from."""
    path = shop / f"{name}.parquet"
    file = SealedFile(path=str(path), content_hash=bytes(16), rows=parquet.read_metadata(path).num_rows)
    return Sealed(table=name, run_id=bytes(16), files=(file,))


def stored_bytes(root: Path) -> int:
    """Bytes of every file of messages and skeletons, but for the columns of the messages' ids."""
    total = 0
    for path in root.rglob("*.parquet"):
        table = path.relative_to(root).parts[0]
        if table not in {"messages", "skeletons"}:
            continue
        total += path.stat().st_size
        meta = parquet.read_metadata(path)
        for group in range(meta.num_row_groups if table == "messages" else 0):
            columns = (meta.row_group(group).column(number) for number in range(meta.num_columns))
            total -= sum(one.total_compressed_size for one in columns if one.path_in_schema in IDS)
    return total


def merged(parts: dict[tuple[str, str], Sealed], table: str) -> Sealed:
    """One handle over every part of a table."""
    files = tuple(file for key, sealed in sorted(parts.items()) if key[0] == table for file in sealed.files)
    return Sealed(table=table, run_id=bytes(16), files=files)


def milliseconds(inputs: dict[str, Sealed], count: int, *, project: Project, clock: Clock) -> float:
    """Processor time of so few messages, once their contents are compiled: the best of several."""
    few = {name: pa.Table.from_batches([next(lake.batches(inputs[name], rows=count))]) for name in BY_CUSTOMER}
    taken = []
    for _ in range(7):
        begun = time.process_time()
        list(messages.write({**inputs, **few}, project=project, clock=clock, key=KEY))
        taken.append(time.process_time() - begun)
    return min(taken) * 1000


def main(project_root: Path, shop: Path, *, out: Path, few: bool) -> dict[str, float]:
    """Both stages."""
    project = read_project(project_root)
    inputs = {name: handle(shop, name) for name in GATE}
    clock = Clock(now=parquet.read_table(shop / "decisions.parquet", columns=["decided_at"])[0][0].as_py(), zone="UTC")
    begun, used = time.perf_counter(), processor_seconds()
    made = Timed(messages.write(inputs, project=project, clock=clock, key=KEY))
    parts = lake.seal_all(made, tables=("messages", "skeletons", "unwritten"), root=out, run_id=bytes(16))
    composed, composed_cpu = time.perf_counter() - begun, processor_seconds() - used
    composed_peak = peak_bytes(beside=True)
    written = {name: merged(parts, name) for name in ("messages", "skeletons", "unwritten")}
    begun, used = time.perf_counter(), processor_seconds()
    found = Timed(gate.inspect({**inputs, **written}, project=project, clock=clock))
    findings = lake.seal_all(found, tables=("findings",), root=out, run_id=bytes(16))
    checked, checked_cpu = time.perf_counter() - begun, processor_seconds() - used
    said = {
        "messages": written["messages"].rows,
        "unwritten": written["unwritten"].rows,
        "skeletons": len(set(lake.read(written["skeletons"], columns=["skeleton_id"])["skeleton_id"].to_pylist())),
        "findings": merged(findings, "findings").rows,
        "compose_seconds": made.seconds,
        "seal_seconds": composed - made.seconds,
        "check_seconds": checked,
        "seconds": composed + checked,
        "compose_and_seal_cpu_seconds": composed_cpu,
        "check_cpu_seconds": checked_cpu,
        **{
            f"processor_milliseconds_for_{name}": milliseconds(inputs, count, project=project, clock=clock)
            for name, count in ({"one": 1, "a_hundred": 100} if few else {}).items()
        },
        "peak_bytes_after_compose": composed_peak,
        "peak_bytes": max(composed_peak, peak_bytes(beside=False)),  # the others had ended
        "stored_bytes": stored_bytes(out),
    }
    shutil.rmtree(out)
    return said


if __name__ == "__main__":
    root, tables, target = map(Path, sys.argv[1:4])
    print(json.dumps(main(root, tables, out=target, few="few" in sys.argv[4:])))
