"""File load with validation: a CSV of real retail lines to canonical rows, beside a plain read by DuckDB and pandas.

Ours reads the file as the starter's source declares it: row boundaries, encoding, typed columns, kinds, refusals,
customer keys, occurrence numbers within the file, exact repeats, an account of every row, bad rows with their bytes,
and a SHA-256 of the file. The peers only read it with their own guesses of the types. 2 % of the rows of one file are
damaged, as in reliability L5. From the second round of the real lines on, the invoices have numbers of their own.
"""

from __future__ import annotations

import csv
import io
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

import pyarrow as pa
from pyarrow import parquet

from benchmarks.measure import measured
from benchmarks.peer import Missing, run_peer
from benchmarks.report import Goal, Report
from tactful.load.parquet import as_text
from tactful.load.sources import Account, open_file
from tactful.project.declared import Project
from tactful.project.reading import read_project
from tactful.words.clock import Clock

ROOT = Path(__file__).resolve().parents[1]
REPEATS = 5
IN_A_PROCESS = "import sys; from pathlib import Path; from benchmarks.load import ours; print(ours(Path(sys.argv[1])))"
BEST_IN_A_PROCESS = """
import json, sys
from pathlib import Path
from benchmarks.load import best
print(json.dumps(best(Path(sys.argv[1]))))
"""
STARTER = ROOT / "src" / "tactful" / "project" / "starters" / "retail"
CLOCK = Clock.at("2011-12-09T12:50:00+00:00", zone="Europe/London")
FIRST_INVOICE, INVOICES, SPAN = 100_000, 900_000, 45_300
TURNS, LETTERS = INVOICES // SPAN, ("", "A", "C")
"""Invoices have six digits and may begin with a letter; the published ones span fewer than 45,300 numbers."""


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
    written = body.getvalue().splitlines(keepends=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(lines.column_names) + "\n")
        turn = 0
        while rows > 0:
            file.writelines(written[:rows] if turn == 0 else renumbered(written[:rows], turn=turn))
            rows, turn = rows - len(written), turn + 1


def renumbered(written: list[str], *, turn: int) -> Iterator[str]:
    """Lines that begin with an invoice's number, with other numbers in each turn."""
    for line in written:
        begins = next(at for at, sign in enumerate(line) if sign.isdecimal())
        number = int(line[begins : begins + 6])
        other = (number - FIRST_INVOICE + turn * SPAN) % INVOICES + FIRST_INVOICE
        letter = LETTERS[turn // TURNS % len(LETTERS)] if line[begins - 1 : begins] not in LETTERS[1:] else ""
        yield f"{line[:begins]}{letter}{other}{line[begins + 6 :]}"


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


@cache
def starter() -> Project:
    """The retail starter's project."""
    return read_project(STARTER)


def account_of(path: Path) -> Account:
    """Load a file as the product does, up to sealing, and keep nothing but its account."""
    project = starter()
    declared = project.sources["online_retail"]
    limits = declared.limits.model_copy(update={"quarantined": Decimal("0.05")})
    source = declared.model_copy(update={"format": "csv", "limits": limits})
    reading = open_file(source, path, name=path.name, project=project, clock=CLOCK, seen={})
    for _ in reading.batches():
        pass
    account = reading.account
    if account.state != "loaded":
        raise RuntimeError(account.why)
    return account


def ours(path: Path) -> tuple[int, int]:
    """Rows accepted and rows quarantined of one file."""
    account = account_of(path)
    return account.accepted, account.quarantined


def best(path: Path, *, repeats: int = REPEATS) -> tuple[float, tuple[int, int]]:
    """The shortest of several loads in seconds, and its counts."""
    taken, counts = float("inf"), (0, 0)
    for _ in range(repeats):
        begun = time.perf_counter()
        counts = ours(path)
        taken = min(taken, time.perf_counter() - begun)
    return taken, counts


def apart(path: Path) -> tuple[float, tuple[int, int]]:
    """The same in a fresh process, as the peers are: what made the files has left its memory behind in this one."""
    done = measured([sys.executable, "-c", BEST_IN_A_PROCESS, str(path)], cwd=ROOT)
    if done.code:
        raise RuntimeError(f"the load ended with {done.code}: {done.stderr[-2000:]}")
    taken, (accepted, quarantined) = json.loads(done.stdout)
    return taken, (accepted, quarantined)


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
        seconds, (accepted, quarantined) = apart(clean)
        quoted_seconds, _ = apart(quoted)
        dirty_seconds, (dirty_accepted, dirty_quarantined) = apart(dirty)
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
            Goal(
                name="rows unaccounted for",
                value=2 * rows - accepted - quarantined - dirty_accepted - dirty_quarantined,
                at_most=0,
            ),
            Goal(name="peak bytes, large file", value=peak, at_most=512 << 20),
        ),
        missing=tuple(str(found) for found in peers.values() if isinstance(found, Missing)),
    )
