"""Decides a file of customers again and says how many differ from its log: run by `kernel` under settings of the BLAS.

``python -m benchmarks.kernel_again CUSTOMERS LOG ROWS_IN_A_BLOCK MOST_ROWS fast|plain``
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks import kernel_world
from tactful.reckon import drawing
from tactful.reckon.board import Answer


def differing(customers: Path, log: Path, *, block: int, most: int, fast: bool) -> tuple[int, int]:
    """Rows decided again, and how many of them differ in arm, score or propensity."""
    stored = pq.read_table(log)
    arms = np.frombuffer(b"".join(stored["arm_id"].to_pylist()), dtype=np.uint8)[::16]
    told = np.stack([arms, stored["score"].to_numpy(), stored["propensity"].to_numpy()])
    start = wrong = 0
    for some in kernel_world.read(customers):
        asked = kernel_world.people(some)
        rows = min(len(some), max(0, -(-(most - start) // block) * block))
        found = Answer.empty(rows)
        for at in range(0, rows, block):
            stop = min(at + block, rows)
            drawing.draw(some.board, asked.slice(at, stop), fast=fast, threads=1, into=found.slice(at, stop))
        mine = np.stack([found.arm, found.score, found.propensity])
        wrong += int((mine != told[:, start : start + rows]).any(axis=0).sum())
        start += rows
        if rows < len(some):
            break
    return start, wrong


def main() -> None:
    """Print what was found as JSON."""
    customers, log, block, most, how = sys.argv[1:]
    rows, wrong = differing(Path(customers), Path(log), block=int(block), most=int(most), fast=how == "fast")
    print(json.dumps({"rows": rows, "differing": wrong}))


if __name__ == "__main__":
    main()
