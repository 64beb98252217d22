"""File load with validation: a CSV of the real retail lines to typed columns, beside a plain read by DuckDB and pandas.

Ours finds row boundaries, types eight columns, keeps bad rows with their bytes and takes a SHA-256 of the file; the
peers only read it with their own guesses of the types. 2 % of the rows are damaged, as in reliability L5.
"""

from __future__ import annotations

import csv
import io
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Literal

import pyarrow as pa
from pyarrow import parquet

from benchmarks.measure import measured
from benchmarks.peer import Missing, run_peer
from benchmarks.report import Goal, Report
from tactful.load.ahead import ahead
from tactful.load.columns import Typed, read_typed
from tactful.load.cutting import Window
from tactful.load.delimited import open_delimited
from tactful.load.kinds import Column, Decimal, Identifier, Instant, Integer, Text
from tactful.load.parquet import as_text

ROOT = Path(__file__).resolve().parents[1]
REPEATS = 5
IN_A_PROCESS = "import sys; from pathlib import Path; from benchmarks.load import ours; print(ours(Path(sys.argv[1])))"
COLUMNS = (
    Column(name="InvoiceNo", kind=Identifier(pattern="[AC]?[0-9]{6}"), required=True),
    Column(name="StockCode", kind=Identifier(), required=True),
    Column(name="Description", kind=Text()),
    Column(name="Quantity", kind=Integer(), required=True),
    Column(name="InvoiceDate", kind=Instant(zone="Europe/London"), required=True),
    Column(name="UnitPrice", kind=Decimal(places=4), required=True),
    Column(name="CustomerID", kind=Identifier(pattern="[0-9]{5}")),
    Column(name="Country", kind=Text(), required=True),
)


def retail_lines() -> pa.Table:
    """The 541,909 real invoice lines as text."""
    beside = [parent / "shared" / "data" / "online_retail" for parent in ROOT.parents]
    found = [path for folder in [*beside, ROOT / "src"] for path in sorted(folder.rglob("online_retail*.parquet"))]
    if not found:
        raise FileNotFoundError("the Online Retail data is neither in the package nor in shared/data beside it")
    table = parquet.read_table(found[0])
    return pa.table([as_text(column.combine_chunks()) for column in table.columns], names=table.column_names)


def write_lines(path: Path, *, lines: pa.Table, rows: int, quote_all: bool = False) -> None:
    """A CSV of so many real lines, repeated from the first where they run out; quoted as the csv module does."""
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    body = io.StringIO(newline="")
    writer = csv.writer(body, lineterminator="\n", quoting=quoting)
    texts = [column.to_pylist() for column in lines.slice(0, min(rows, lines.num_rows)).columns]
    writer.writerows(zip(*texts, strict=True))
    written = body.getvalue().encode().splitlines(keepends=True)
    with path.open("wb") as file:
        file.write(",".join(lines.column_names).encode() + b"\n")
        while rows > 0:
            file.writelines(written[:rows])
            rows -= len(written)


def damage(path: Path, *, to: Path, share: float) -> int:
    """The same file with a share of its lines cut in the middle; returns how many."""
    chance, cut = random.Random(7), 0
    with path.open("rb") as whole, to.open("wb") as damaged:
        damaged.write(whole.readline())
        for line in whole:
            if chance.random() < share:
                line, cut = line[: len(line) // 2] + b"\n", cut + 1
            damaged.write(line)
    return cut


def ours(path: Path) -> tuple[int, int]:
    """Load a file as the product does: rows accepted and rows quarantined."""
    file = open_delimited(path)

    def load(window: Window) -> tuple[Typed, int]:
        chunk = file.chunk(window)
        return read_typed(chunk, columns=COLUMNS), chunk.bad.num_rows

    accepted = quarantined = 0
    for typed, unreadable in ahead(load, file.windows()):
        accepted += typed.columns.num_rows
        quarantined += typed.bad.num_rows + unreadable
    return accepted, quarantined


def best(path: Path, *, repeats: int = REPEATS) -> tuple[float, tuple[int, int]]:
    """The shortest of several loads in seconds, and its counts."""
    taken, counts = float("inf"), (0, 0)
    for _ in range(repeats):
        begun = time.perf_counter()
        counts = ours(path)
        taken = min(taken, time.perf_counter() - begun)
    return taken, counts


def peak_bytes(path: Path) -> int:
    """Most memory a fresh process holds while it loads a file."""
    done = measured(
        [sys.executable, "-c", IN_A_PROCESS, str(path)],
        cwd=ROOT,
    )
    if done.code:
        raise RuntimeError(f"the load ended with {done.code}: {done.stderr[-2000:]}")
    return done.peak_bytes


def run(*, quick: bool) -> Report:
    """One million rows (200,000 if quick), and the memory of a 2 GiB file (256 MiB if quick)."""
    rows = 200_000 if quick else 1_000_000
    lines = retail_lines()
    with tempfile.TemporaryDirectory() as folder:
        clean, dirty, quoted, large = (Path(folder) / f"{name}.csv" for name in ("clean", "dirty", "quoted", "large"))
        write_lines(clean, lines=lines, rows=rows)
        write_lines(quoted, lines=lines, rows=rows, quote_all=True)
        damage(clean, to=dirty, share=0.02)
        seconds, (accepted, quarantined) = best(clean)
        quoted_seconds, _ = best(quoted)
        dirty_seconds, (dirty_accepted, dirty_quarantined) = best(dirty)
        peers = {name: run_peer(f"load_{name}", [str(clean), str(REPEATS)]) for name in ("duckdb", "pandas")}
        size = (256 << 20) if quick else (2 << 30)
        write_lines(large, lines=lines, rows=int(size / (clean.stat().st_size / rows)) + 1)
        peak, large_bytes = peak_bytes(large), large.stat().st_size
    answers = {name: found.printed["seconds"] for name, found in peers.items() if not isinstance(found, Missing)}
    return Report(
        figures={
            "rows": rows,
            "load_seconds": round(seconds, 3),
            "rows_per_second": int(rows / seconds),
            "accepted": accepted,
            "quarantined": quarantined,
            "dirty": {
                "load_seconds": round(dirty_seconds, 3),
                "rows_per_second": int(rows / dirty_seconds),
                "accepted": dirty_accepted,
                "quarantined": dirty_quarantined,
            },
            "every_field_quoted_rows_per_second": int(rows / quoted_seconds),
            "peers_seconds": {name: round(taken, 3) for name, taken in answers.items()},
            "large_file_bytes": large_bytes,
            "large_file_peak_bytes": peak,
        },
        ratios={f"{name}_seconds_over_ours": round(taken / seconds, 2) for name, taken in answers.items()},
        goals=(
            Goal(name="rows per second, clean file", value=int(rows / seconds), at_least=1_000_000),
            Goal(name="rows per second, 2% damaged", value=int(rows / dirty_seconds), at_least=1_000_000),
            Goal(
                name="rows unaccounted for",
                value=2 * rows - accepted - quarantined - dirty_accepted - dirty_quarantined,
                at_most=0,
            ),
            Goal(name="peak bytes, large file", value=peak, at_most=512 << 20),
        ),
        missing=tuple(str(found) for found in peers.values() if isinstance(found, Missing)),
    )
