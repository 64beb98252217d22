"""Recommenders by the command a user gives, on public sets, beside published figures and implicit's ALS; and slots.

Each set is written as a user would have it and goes through `tactful suggest --evaluate`; nothing is tuned here.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.measure import measured
from benchmarks.peer import Missing, run_peer
from benchmarks.report import Goal, Report
from benchmarks.suggest_slots import DAYS_BEFORE
from tactful.decide.recommend.history import Bench, of_counts
from tactful.decide.recommend.judging import LONGEST, Task, listed, task
from tactful.decide.recommend.similar import Similar
from tactful.decide.recommend.splits import Split
from tactful.reckon import ranking

ROOT = Path(__file__).resolve().parents[1]
LIGHTGCN = {"recall@20": 0.1824, "ndcg@20": 0.1547}
"""He et al. (2020), three layers, the repository's README, on this very split."""
SASREC = {"hit_rate@10": 0.0605, "ndcg@10": 0.0318}
"""Kang & McAuley (2018) as measured by Zhou et al. (2020) over all items, on this very file."""
Said = dict[str, Any]  # what the command prints as JSON


def source(name: str) -> Path | None:
    """A data set's folder in `shared/data` beside the repository; None where it is not on this machine."""
    places = (parent / "shared" / "data" / name for parent in ROOT.parents)
    return next((place for place in places if place.is_dir()), None)


def written(path: Path, *, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """A CSV file with a line of names."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
    return path


def suggest(file: Path, *options: str) -> Said:
    """What `tactful suggest` says of a file, and what it took as a whole process."""
    command = [sys.executable, "-m", "tactful", "suggest", "--evaluate", str(file), *options, "--json"]
    done = measured(command, cwd=ROOT, timeout_seconds=900)
    if done.code:
        raise RuntimeError(f"tactful suggest ended with {done.code}: {done.stderr[-2000:]}")
    said: Said = json.loads(done.stdout)
    return said | {"whole_seconds": done.seconds, "cpu_seconds": done.cpu_seconds, "peak_bytes": done.peak_bytes}


def figures(said: Said) -> dict[str, object]:
    """What is kept of an answer."""
    kept = ("recall@10", "hit_rate@10", "ndcg@10", "recall@20", "ndcg@20", "coverage@20")
    return {
        "seen": said["protocol"]["seen"],
        "customers_judged": said["protocol"]["customers_judged"],
        "blend_of": {part["model"]: part["weight"] for part in said["blend"]["parts"]},
        **{name: {one: round(values[one], 5) for one in kept} for name, values in said["measures"].items()},
        "calibration": said["beyond"]["calibration"],
        "seconds": said["seconds"] | {"whole": round(said["whole_seconds"], 1), "cpu": round(said["cpu_seconds"], 1)},
        "peak_bytes": said["peak_bytes"],
    }


def online_retail(folder: Path, *, here: Path) -> Said:
    """The next basket of each customer after four fifths of all purchases; returns aside."""
    table = pq.read_table(folder / "online_retail.parquet")
    table = table.filter(pc.and_(pc.greater(table["Quantity"], 0), pc.is_valid(table["CustomerID"])))
    pq.write_table(table.select(["CustomerID", "StockCode", "InvoiceDate"]), here / "retail.parquet")
    named = table.select(["StockCode", "Description"]).group_by(["StockCode", "Description"]).aggregate([])
    pq.write_table(named, here / "titles.parquet")
    return suggest(here / "retail.parquet", "--customer", "CustomerID", "--item", "StockCode", "--time", "InvoiceDate",
                   "--titles", str(here / "titles.parquet"), "--split", "time", "--target", "next")  # fmt: skip


def beauty(folder: Path, *, here: Path) -> Said:
    """The last of each customer's reviews, with the attributes of the set as titles."""
    with gzip.open(folder / "Beauty.txt.gz", "rt") as plain:
        lines = [line.split() for line in plain]
    file = written(here / "beauty.csv", head=("customer", "item"),
                   rows=((who, one) for who, *items in lines for one in items))  # fmt: skip
    words = json.loads(gzip.decompress((folder / "Beauty_item2attributes.json.gz").read_bytes()))
    titles = written(here / "attributes.csv", head=("item", "words"),
                     rows=((one, " ".join(f"a{word}" for word in says)) for one, says in words.items()))  # fmt: skip
    return suggest(
        file, "--customer", "customer", "--item", "item", "--titles", str(titles), "--split", "leave-one-out"
    )


def gowalla(folder: Path, *, here: Path) -> Said:
    """The split of NGCF and LightGCN as it is published."""
    files = [_of_lists(folder / f"{name}.txt.gz", here / f"gowalla_{name}.csv") for name in ("train", "test")]
    return _given(files)


def _of_lists(path: Path, target: Path) -> Path:
    with gzip.open(path, "rt") as file:
        rows = ((who, one) for line in file for who, *items in [line.split()] for one in items)
        return written(target, head=("customer", "item"), rows=rows)


def _given(files: Sequence[Path]) -> Said:
    named = ("--customer", "customer", "--item", "item", "--split", "given", "--test", str(files[1]))
    return suggest(files[0], *named) | {"files": [str(one) for one in files]}


def movielens(folder: Path, *, here: Path) -> Said:
    """Every fifth rating of each customer is asked for, whatever its stars."""
    with gzip.open(folder / "ratings.csv.gz", "rt") as file:
        rows = [(int(row["userId"]), int(row["movieId"])) for row in csv.DictReader(file)]
    parts = {
        "train": [row for number, row in enumerate(rows) if number % 5 != 4],
        "test": [row for number, row in enumerate(rows) if number % 5 == 4],
    }
    return _given([written(here / f"movies_{name}.csv", head=("customer", "item"), rows=part)
                   for name, part in parts.items()])  # fmt: skip


def journey(folder: Path, *, here: Path) -> Said:
    """The next basket of each household, in a sample of a grocer's transactions."""
    del here
    named = ("--customer", "household_id", "--item", "product_id", "--time", "transaction_timestamp")
    told = ("--titles", str(folder / "products.parquet"), "--split", "time", "--target", "next")
    return suggest(folder / "transactions_sample.parquet", *named, *told)


def instruments(folder: Path, *, here: Path) -> Said:
    """The last of each customer's reviews by time."""
    del here
    named = ("--customer", "reviewerID", "--item", "asin", "--time", "unixReviewTime")
    return suggest(folder / "reviews.jsonl.gz", *named, "--split", "leave-one-out")


SETS: dict[str, tuple[str, Callable[..., Said]]] = {
    "online_retail": ("online_retail", online_retail),
    "movielens_small": ("movielens_latest_small", movielens),
    "beauty": ("amazon_beauty_s3rec", beauty),
    "instruments": ("amazon_musical_instruments_5core", instruments),
    "journey": ("completejourney", journey),
    "gowalla": ("gowalla_lightgcn", gowalla),
}
QUICK = ("online_retail", "movielens_small")


def alone(train: Path, test: Path) -> dict[str, float]:
    """Item to item alone, with its first settings: seconds to learn, and recall at 20."""
    rows, truth = (np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.int64) for path in (train, test))
    shape = tuple(int(one) + 1 for one in np.maximum(rows.max(axis=0), truth.max(axis=0)))
    known, later = (_table(part, shape) for part in (rows, truth))
    history = of_counts(known)
    begun, used = time.perf_counter(), time.process_time()
    scorer = Similar().fit(Bench(history=history))
    seconds, cpu = time.perf_counter() - begun, time.process_time() - used
    asked: Task = task(Split(train=history, truth=later), excludes=True)
    recall = 0.0
    for first, visits in asked.blocks():
        hit = asked.hits(listed(scorer, visits, excludes=True, count=LONGEST), first=first)
        recall += float(ranking.recall(hit, sizes=asked.sizes[first : first + len(hit)]).sum())
    return {"train_seconds": seconds, "train_cpu_seconds": cpu, "recall@20": recall / asked.visits.customers}


def _table(pairs: np.ndarray, shape: tuple[int, ...]) -> Any:  # Any: scipy publishes no types
    from scipy import sparse

    return sparse.coo_array((np.ones(len(pairs), np.int64), pairs.T), shape=shape).tocsr()


def slots(here: Path, *, days: Sequence[int]) -> Said:
    """What the places of the starter's letters hold, in a process of its own (see `benchmarks/suggest_slots.py`)."""
    here.mkdir()
    command = [sys.executable, "-m", "benchmarks.suggest_slots", str(here), *map(str, days)]
    done = measured(command, cwd=ROOT, timeout_seconds=600)
    if done.code:
        raise RuntimeError(f"the slots ended with {done.code}: {done.stderr[-2000:]}")
    said: Said = json.loads(done.stdout)
    return said


def run(*, quick: bool) -> Report:
    """Every set, or two of them; ALS beside those that have a given split; the slots beside what sells best.

    When quick, the slots are measured at one day alone, beside the sets: nothing is timed then that a goal asks for.
    """
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(1) as beside:
        days = DAYS_BEFORE[:1] if quick else DAYS_BEFORE
        shop = beside.submit(slots, Path(place) / "slots", days=days)
        if not quick:
            shop.result()
        return _sets(Path(place), quick=quick, beside=shop.result)


def _sets(place: Path, *, quick: bool, beside: Callable[[], Said]) -> Report:
    found: dict[str, Said] = {}
    missing: list[str] = []
    als: dict[str, Any] = {}
    for name in QUICK if quick else SETS:
        folder = source(SETS[name][0])
        if folder is None:
            missing.append(f"{name} (no data set {SETS[name][0]})")
            continue
        found[name] = SETS[name][1](folder, here=place)
        if files := found[name].pop("files", None):
            sizes = ("32", "64") if quick or name != "gowalla" else ("64", "128", "256")
            answer = run_peer("suggest_als", [*files, *sizes], timeout_seconds=900)
            if isinstance(answer, Missing):
                missing.append(str(answer))
            else:
                als[name] = answer.printed | {"item_to_item_alone": alone(*(Path(one) for one in files))}
    return Report(
        figures={name: figures(said) for name, said in found.items()}
        | {
            "slots": beside(),
            "implicit_als": als,
            "published": {"gowalla_lightgcn": LIGHTGCN, "beauty_sasrec": SASREC},
        },
        ratios=ratios(als),
        goals=(*slot_goals(beside()), *goals(found, als=als, quick=quick)),
        missing=tuple(missing),
    )


def ratios(als: dict[str, Any]) -> dict[str, float | None]:
    """Seconds that ALS trains for at its best recall, over those of item to item where that recalls as much."""
    made: dict[str, float | None] = {}
    for name, answer in als.items():
        best, ours = max(answer["sizes"], key=lambda one: one["recall@20"]), answer["item_to_item_alone"]
        reaches = ours["recall@20"] >= best["recall@20"]
        faster = best["train_cpu_seconds"] / max(ours["train_cpu_seconds"], 1e-9)
        made[f"{name}_als_cpu_seconds_over_ours_at_equal_recall"] = round(faster, 1) if reaches else None
    return made


def slot_goals(said: Said) -> list[Goal]:
    """What fills the places of a letter does better than what sells best, and than the rule before it did."""
    ways = {"alongside_1@4": "one reason, four places", "alongside_2@4": "two reasons, four places",
            "likely@4": "likely, four places", "alongside_2@10": "two reasons, ten places",
            "likely@10": "likely, ten places"}  # fmt: skip
    return [
        Goal(name=f"slots, {what}: {measure} over {told}", at_least=1.0001,
             value=_over(said[way][measure], said[f"{other}@{way.split('@')[1]}"][measure]))
        for way, what in ways.items() for measure in ("hit_rate", "ndcg")
        for other, told in (("sales", "what sells best"), ("former", "the former rule"))
    ]  # fmt: skip


def goals(found: dict[str, Said], *, als: dict[str, Any], quick: bool) -> list[Goal]:
    """What is promised of each set that belongs to the run; what could not be measured does not hold."""

    def value(name: str, measure: str, *, model: str = "blend") -> float | None:
        return round(found[name]["measures"][model][measure], 5) if name in found else None

    made = [
        Goal(name=f"online retail: {measure} of the next basket over that of {model}", at_least=1.0001,
             value=_over(value("online_retail", measure), value("online_retail", measure, model=model)))
        for model in ("popular", "frequent") for measure in ("recall@10", "ndcg@10")
    ]  # fmt: skip
    for name in ("movielens_small", *(() if quick else ("gowalla",))):
        best = max((one["recall@20"] for one in als.get(name, {}).get("sizes", ())), default=None)
        over = _over(value(name, "recall@20"), best)
        made.append(Goal(name=f"{name}: recall@20 over the best of implicit's ALS", value=over, at_least=1.0))
    if quick:
        return made
    faster = ratios(als).get("gowalla_als_cpu_seconds_over_ours_at_equal_recall")
    peak = max((said["peak_bytes"] for said in found.values()), default=None)
    return [
        *made,
        Goal(name="gowalla: Recall@20", value=value("gowalla", "recall@20"), at_least=LIGHTGCN["recall@20"]),
        Goal(name="gowalla: NDCG@20", value=value("gowalla", "ndcg@20"), at_least=0.150),
        Goal(name="gowalla: training time of ALS over ours at equal recall", value=faster, at_least=1.0),
        Goal(name="beauty: HR@10", value=value("beauty", "hit_rate@10"), at_least=SASREC["hit_rate@10"]),
        Goal(name="peak bytes of any set", value=peak, at_most=6 * 1024**3),
    ]


def _over(ours: float | None, theirs: float | None) -> float | None:
    return None if ours is None or theirs is None else round(ours / max(theirs, 1e-9), 4)
