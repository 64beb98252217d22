"""The journey on real invoice lines and on copies of them: stage times, rows per second, memory, cost per customer.

A copy of a shop is the same customers and orders under other ids, so every copy has the same work in it. Each size runs
in a process of its own, from files to messages that wait for approval, and the smallest is sent as well.

The same run may take a third longer a minute later on a machine that others share. Were each size run as often as the
others and the least taken, the small ones would be told by the machine's best moments and the large ones, which last
minutes, by its average: a cost that does not grow would seem to. So the sizes that are compared take turns, and a round
gives each about the same time: where the largest runs once, one of half its size runs twice, and the mean of its runs
counts. Of several rounds the least of every stage counts, which is then the least of equally long times. What is
written before a run is on disk when it begins.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from benchmarks.measure import Measured, measured
from benchmarks.peer import Missing, run_peer
from benchmarks.report import Goal, Report
from tactful.project.starters import plant

ROOT = Path(__file__).resolve().parents[1]
MOST_SECONDS = 30
MOST_BYTES = 2 << 30
FLAT = 0.15
FLAT_QUICK = 0.50
"""How far the marginal cost may rise from any size to a larger one; a quick look at small sizes is noisier."""
ROUNDS = 1
"""How often the largest size runs; one of half its size twice as often."""
COPIES, COPIES_QUICK = (1, 2, 4, 8, 16, 32, 64, 128), (2, 4, 8)
FLAT_FROM = 16
"""From so many copies on, what the smallest sizes share is small beside the whole."""
OF_CUSTOMER = ("contacts", "consents", "preferences", "past_sends")
RUN = "import sys; from tactful.cli import main; main(['run', '--project', sys.argv[1], '--json'])"
STAGES = """
import json, sqlite3, sys
book = sqlite3.connect(sys.argv[1])
rows = book.execute("SELECT stage, sum(seconds) FROM stage GROUP BY stage").fetchall()
print(json.dumps(dict(rows)))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One size, run to its end."""

    copies: int
    customers: int
    lines: int
    whole: Measured
    stages: dict[str, float]
    messages: int

    def shown(self) -> dict[str, object]:
        """As it is printed and kept."""
        return {
            "customers": self.customers,
            "invoice_lines": self.lines,
            "messages": self.messages,
            "seconds": round(self.whole.seconds, 2),
            "cpu_seconds": round(self.whole.cpu_seconds, 2),
            "peak_bytes": self.whole.peak_bytes,
            "lines_per_second": int(self.lines / self.whole.seconds),
            "stage_seconds": {stage: round(seconds, 3) for stage, seconds in self.stages.items()},
        }


def copied(table: pa.Table, *, column: str, copies: int, suffix: str) -> pa.Table:
    """The same rows so many times, an id told apart by its copy; the first keeps its own; null stays null."""
    tables = [table]
    for number in range(1, copies):
        place = table.column_names.index(column)
        ids = pc.binary_join_element_wise(table[column].cast(pa.string()), f"{suffix}{number:03}", "")
        tables.append(table.set_column(place, column, ids))
    first = tables[0]
    place = first.column_names.index(column)
    tables[0] = first.set_column(place, column, first[column].cast(pa.string()))
    return pa.concat_tables(tables)


def share_of(ids: pa.ChunkedArray, *, share: int) -> pa.ChunkedArray:
    """Which ids belong to the base of a quick look: one of so many, by the last two digits."""
    number = pc.cast(pc.utf8_slice_codeunits(pc.cast(ids, pa.string()), -2), pa.int64())
    return pc.equal(pc.subtract(number, pc.multiply(pc.divide(number, share), share)), 0)


def scaled(root: Path, *, copies: int, share: int) -> tuple[int, int]:
    """A project with so many copies of the starter's customers, or of a share of them; customers and lines."""
    plant("retail", root)
    data = root / "data"
    counts = {}
    for name in OF_CUSTOMER:
        path = data / f"{name}.csv"
        header = path.open(encoding="utf-8").readline().strip().split(",")
        options = csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False)
        table = csv.read_csv(path, convert_options=options)
        table = table.filter(share_of(table["customer_id"], share=share))
        counts[name] = table.num_rows * copies
        whole = copied(table, column="customer_id", copies=copies, suffix="x")
        csv.write_csv(_apart(whole, of=table) if name == "contacts" else whole, path)
        declared = root / "sources" / f"{name}.yaml"
        declared.write_text(declared.read_text("utf-8").replace('"\\\\d{5}"', '"\\\\d{5}(x\\\\d{3})?"'), "utf-8")
    return counts["contacts"], _scale_lines(root, copies=copies, share=share)


def _apart(contacts: pa.Table, *, of: pa.Table) -> pa.Table:
    """Copies of contact details with addresses and households of their own: nobody shares one who did not before."""
    for column, mark, by in (("email", "@", "x{:03}@"), ("household_id", "$", "x{:03}")):
        parts = [
            pc.replace_substring_regex(of[column], mark, by.format(n)) if n else of[column]
            for n in range(contacts.num_rows // of.num_rows)
        ]
        values = pa.chunked_array([chunk for part in parts for chunk in part.chunks], pa.string())
        empty = pc.equal(pc.utf8_length(pa.chunked_array(of[column].chunks * len(parts))), 0)
        place = contacts.column_names.index(column)
        contacts = contacts.set_column(place, column, pc.if_else(empty, "", values))
    return contacts


def _scale_lines(root: Path, *, copies: int, share: int) -> int:
    path, declared = root / "data" / "online_retail.parquet", root / "sources" / "online_retail.yaml"
    table = parquet.read_table(path)
    ids = table["CustomerID"].cast(pa.int64()).cast(pa.string())
    table = table.set_column(table.column_names.index("CustomerID"), "CustomerID", ids)
    if share > 1:
        table = table.filter(pc.fill_null(share_of(ids, share=share), fill_value=False))
    whole = copied(table, column="CustomerID", copies=copies, suffix="x")
    orders = copied(table.select(["InvoiceNo"]), column="InvoiceNo", copies=copies, suffix="x")
    whole = whole.set_column(whole.column_names.index("InvoiceNo"), "InvoiceNo", orders["InvoiceNo"])
    parquet.write_table(whole, path)
    pattern = declared.read_text("utf-8").replace('"[AC]?\\\\d{6}"', '"[AC]?\\\\d{6}(x\\\\d{3})?"')
    for name in ("win-back", "again-and-new", "thank-you"):
        program = root / "programs" / f"{name}.yaml"
        program.write_text(_unexpecting(program.read_text("utf-8")), "utf-8")
    declared.write_text(pattern, "utf-8")
    policy = root / "policy.yaml"
    text = policy.read_text("utf-8")
    for old, new in (("k_words: 20", "k_words: 2"), ("k_facts: 50", "k_facts: 2"), ("customer: 5%", "customer: 90%")):
        text = text.replace(old, new)
    policy.write_text(text, "utf-8")
    return int(whole.num_rows)


def _unexpecting(text: str) -> str:
    """A program without the sizes and limits of the real shop, so that every copy is written to alike.

    Small cells are open too, so that the smallest size has the same work for each customer as the largest.
    """
    lines = [line for line in text.splitlines() if not line.startswith(("  budget:", "  sends_per_day:", "limits:"))]
    return "\n".join("expect_audience: {least: 1}" if x.startswith("expect_audience:") else x for x in lines) + "\n"


def journeys(folder: Path, *, sizes: Sequence[int], share: int, rounds: int, alike: bool = True) -> list[Size]:
    """Every size, from files to messages that wait for approval: the least mean of each stage in so many rounds.

    Args:
        folder: where the copies are made.
        sizes: how many copies each has.
        share: one of so many customers is in a copy.
        rounds: how often all of them take turns.
        alike: whether sizes from `FLAT_FROM` on, which are compared, get the same time in each round.
    """
    runs: dict[int, list[list[Size]]] = {copies: [] for copies in sizes}
    for _ in range(rounds):
        for copies in sizes:
            runs[copies].append([])
        for copies in turns({copies: _often(copies, sizes=sizes) if alike else 1 for copies in sizes}):
            runs[copies][-1].append(_once(folder, copies=copies, share=share))
    return [quietest([mean(each) for each in runs[copies]]) for copies in sizes]


def _often(copies: int, *, sizes: Sequence[int]) -> int:
    """How often a size runs where the largest runs once."""
    return max(1, round(max(sizes) / copies)) if copies >= FLAT_FROM else 1


def turns(often: Mapping[int, int]) -> list[int]:
    """What runs after what: each as often as is said, spread over the whole; the least often in the middle.

    >>> turns({16: 4, 32: 2, 64: 1})
    [16, 32, 16, 64, 16, 32, 16]
    """
    places = [((2 * turn + 1) / times, one) for one, times in often.items() for turn in range(times)]
    return [one for _, one in sorted(places)]


def mean(sizes: Sequence[Size]) -> Size:
    """Runs of one size as one: the mean of all they took, and the most memory."""
    count = len(sizes)
    stages = {name: sum(one.stages[name] for one in sizes) / count for name in sizes[0].stages}
    whole = replace(
        sizes[0].whole,
        seconds=sum(one.whole.seconds for one in sizes) / count,
        cpu_seconds=sum(one.whole.cpu_seconds for one in sizes) / count,
        peak_bytes=max(one.whole.peak_bytes for one in sizes),
    )
    return replace(sizes[0], whole=whole, stages=stages)


def quietest(sizes: Sequence[Size]) -> Size:
    """Rounds of one size as one: the quickest, with the least of every stage."""
    stages = {name: min(one.stages[name] for one in sizes) for name in sizes[0].stages}
    return replace(min(sizes, key=lambda one: one.whole.seconds), stages=stages)


def _once(folder: Path, *, copies: int, share: int) -> Size:
    root = folder / f"shop-{copies}"
    customers, lines = scaled(root, copies=copies, share=share)
    os.sync()
    done = measured([sys.executable, "-c", RUN, str(root)], cwd=ROOT, timeout_seconds=3600)
    if done.code not in (0, 1):
        raise RuntimeError(f"the journey of {copies} copies ended with {done.code}: {done.stderr[-2000:]}")
    read = measured([sys.executable, "-c", STAGES, str(root / "ledger.db")])
    said = json.loads(done.stdout[done.stdout.index("{") :])
    size = Size(
        copies=copies,
        customers=customers,
        lines=lines,
        whole=done,
        stages=json.loads(read.stdout),
        messages=said["messages"],
    )
    shutil.rmtree(root)
    return size


def demo(folder: Path) -> Measured:
    """The demo as anybody runs it: planted, loaded, run, approved, sent, explained."""
    command = [sys.executable, "-m", "tactful", "demo", "--fresh", "--json", "--project", str(folder)]
    done = measured(command, cwd=ROOT)
    if done.code:
        raise RuntimeError(f"the demo ended with {done.code}: {done.stderr[-2000:]}")
    return done


def marginal(sizes: list[Size]) -> list[float]:
    """Seconds of the stages for each further customer, between each size and the next."""
    return [(sum(b.stages.values()) - sum(a.stages.values())) / (b.customers - a.customers) for a, b in pairwise(sizes)]


def by_stage(sizes: Sequence[Size]) -> dict[str, list[float]]:
    """The same in milliseconds for each stage alone."""
    return {
        name: [
            round(1000 * (b.stages[name] - a.stages[name]) / (b.customers - a.customers), 4) for a, b in pairwise(sizes)
        ]
        for name in sizes[0].stages
    }


def rise(costs: list[float]) -> float:
    """By what share a further customer costs more than one before did: the most between a size and any larger one."""
    return max((later / earlier for earlier, later in combinations(costs, 2)), default=1.0) - 1


def options(arguments: Sequence[str]) -> dict[str, object]:
    """What this benchmark alone is asked: which sizes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks journey")
    parser.add_argument(
        "--copies", type=_sizes, metavar="16,32,64", help="only these sizes, kept as `journey.sizes`, without the demo"
    )
    parser.add_argument("--rounds", type=int, choices=range(1, 10), help="how often the largest size runs; once")
    return vars(parser.parse_args(list(arguments)))


def _sizes(text: str) -> tuple[int, ...]:
    sizes = tuple(int(number) for number in text.split(","))
    if len(sizes) < 2 or sizes != tuple(sorted(set(sizes))) or sizes[0] < 1:
        raise argparse.ArgumentTypeError("two sizes or more, each larger than the one before")
    return sizes


def run(*, quick: bool, copies: tuple[int, ...] | None = None, rounds: int | None = None) -> Report:
    """The demo, and copies: 2 to 8 of a tenth of the customers if quick, else 1 to 128 of them all.

    Args:
        quick: a smaller size, for a first impression.
        copies: only these sizes.
        rounds: how often the largest runs.
    """
    rounds = rounds or ROUNDS
    share = 10 if quick else 1
    chosen = copies or (COPIES_QUICK if quick else COPIES)
    with tempfile.TemporaryDirectory() as folder:
        first = None if copies else _first(Path(folder))
        sizes = journeys(Path(folder), sizes=chosen, share=share, rounds=rounds, alike=not quick)
    compared = [size for size in sizes if quick or copies or size.copies >= FLAT_FROM]
    costs = marginal(compared)
    grown = rise(costs)
    whole = Report(
        figures={
            "copies": {str(size.copies): size.shown() for size in sizes},
            "marginal_milliseconds_per_customer": [round(cost * 1000, 3) for cost in costs],
            "marginal_milliseconds_per_customer_of_the_whole_run": [
                round(1000 * (b.whole.seconds - a.whole.seconds) / (b.customers - a.customers), 3)
                for a, b in pairwise(sizes)
            ],
            "marginal_processor_milliseconds_per_customer_of_the_whole_run": [
                round(1000 * (b.whole.cpu_seconds - a.whole.cpu_seconds) / (b.customers - a.customers), 3)
                for a, b in pairwise(sizes)
            ],
            "marginal_milliseconds_per_customer_by_stage": by_stage(compared),
            "base_share": f"1/{share}",
            "rounds": rounds,
        },
        ratios={
            "marginal_cost_largest_to_smallest": round(max(costs) / min(costs), 3),
            "marginal_cost_last_to_first": round(costs[-1] / costs[0], 3),
        },
        goals=(
            Goal(
                name="rise of the marginal seconds of the stages per customer",
                value=round(grown, 3),
                at_most=FLAT_QUICK if quick else FLAT,
            ),
        ),
        kept_as="sizes" if copies else "",
    )
    return whole if first is None else _joined(first, whole)


def _first(folder: Path) -> Report:
    """The demo's job, beside what pandas does of it."""
    whole, shop = demo(folder), folder / "demo"
    data = [str(shop / "data" / name) for name in ("online_retail.parquet", "catalogue.csv")]
    peer = run_peer("journey_pandas", data)
    stages = measured([sys.executable, "-c", STAGES, str(shop / "ledger.db")])
    shutil.rmtree(shop)
    return Report(
        figures={
            "demo": {
                "seconds": round(whole.seconds, 2),
                "cpu_seconds": round(whole.cpu_seconds, 2),
                "peak_bytes": whole.peak_bytes,
                "stage_seconds": {name: round(taken, 3) for name, taken in json.loads(stages.stdout).items()},
            },
        },
        ratios={
            "demo_seconds_over_pandas_part": None
            if isinstance(peer, Missing)
            else round(whole.seconds / peer.seconds, 2),
        },
        goals=(
            Goal(name="seconds, the demo's job", value=round(whole.seconds, 2), at_most=MOST_SECONDS),
            Goal(name="peak bytes, the demo's job", value=whole.peak_bytes, at_most=MOST_BYTES),
        ),
        missing=(str(peer),) if isinstance(peer, Missing) else (),
    )


def _joined(one: Report, other: Report) -> Report:
    return Report(
        figures={**one.figures, **other.figures},
        ratios={**one.ratios, **other.ratios},
        goals=(*one.goals, *other.goals),
        missing=(*one.missing, *other.missing),
    )
