"""Messages composed, checked and sealed, from ten thousand to three million: seconds, memory, bytes, cost of each.

The real shop is run once up to its decisions. Its chosen decisions and their customers are copied under other ids as
often as a size needs, with the order lines of what is shown. Each size runs in a process of its own, which starts from
these files: what a run does before composing is not measured here (`journey` measures it).
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from benchmarks.journey import ROOT, RUN, scaled
from benchmarks.measure import Measured, measured
from benchmarks.report import Goal, Report
from tactful.words.ids import customer_key, derived_id

SIZES, QUICK = (10_000, 100_000, 1_000_000, 3_000_000), (20_000, 150_000, 400_000)
"""The two last ones quick are written by as many processes as a million: from them a million is told. They lie so far
apart because processes that take turns end at different moments, up to a frame of messages apart."""
MILLION = 1_000_000
MOST_SECONDS = 15
MOST_BYTES = 2 << 30
MOST_STORED = 100
FLAT, FLAT_QUICK = 0.25, 1.0
"""How far the cost of a further message may rise from any size to a larger; small ones are noisier."""
GROUP = 131_072
TOUCHPOINT = "push"
Anything = npt.NDArray[Any]  # Any: texts as objects, or numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What is copied: the decisions that became messages, one customer each, and tables that do not grow."""

    decisions: pa.Table
    profiles: pa.Table
    lines: pa.Table
    fixed: dict[str, pa.Table]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One size, run to its end."""

    whole: Measured
    said: dict[str, float]

    @property
    def count(self) -> float:
        """How many messages were written."""
        return self.said["messages"]

    @property
    def cpu(self) -> float:
        """Processor seconds of both stages."""
        return self.said["compose_and_seal_cpu_seconds"] + self.said["check_cpu_seconds"]

    def shown(self) -> dict[str, object]:
        """As it is printed and kept."""
        of_each = {
            "messages_per_second": int(self.count / self.said["seconds"]),
            "stored_bytes_per_message": round(self.said["stored_bytes"] / self.count, 1),
            "processor_microseconds_per_message": round(self.cpu / self.count * 1e6, 1),
        }
        return {**{name: round(value, 2) for name, value in self.said.items()}, **of_each}


def base(root: Path) -> Shop:
    """The real shop, run up to messages that wait for approval."""
    scaled(root, copies=1, share=1)
    done = measured([sys.executable, "-c", RUN, str(root)], cwd=ROOT, timeout_seconds=3600)
    if done.code not in (0, 1):
        raise RuntimeError(f"the shop ended with {done.code}: {done.stderr[-2000:]}")
    tables = {name: _whole(root, name) for name in ("decisions", "profiles", "transactions", "items", "links")}
    decisions = tables["decisions"]
    decisions = decisions.filter(pc.equal(decisions["outcome_kind"], "chosen"))
    places = pc.index_in(decisions["customer_id"], value_set=tables["profiles"]["customer_id"].combine_chunks())
    lists = decisions["items"].combine_chunks()
    shown = _pairs(decisions["customer_id"].combine_chunks().take(pc.list_parent_indices(lists)), lists.flatten())
    lines = tables["transactions"]
    asked = pc.binary_join_element_wise(lines["customer_id"], lines["item_id"], "|")
    return Shop(
        decisions=decisions,
        profiles=tables["profiles"].take(places),
        lines=lines.filter(pc.is_in(asked, value_set=shown)),
        fixed={name: tables[name] for name in ("items", "links")},
    )


def _whole(root: Path, name: str) -> pa.Table:
    return pa.concat_tables([parquet.read_table(path) for path in sorted((root / "lake" / name).rglob("*.parquet"))])


def _pairs(whose: pa.Array, told: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(whose, told.field("item_id"), "|").unique()


def copy_to(folder: Path, shop: Shop, *, messages: int) -> None:
    """The tables of a shop with so many chosen decisions, sorted as the lake sorts them."""
    folder.mkdir()
    people = shop.decisions["customer_id"].to_pylist()
    copies = -(-messages // len(people))
    ids = np.array([f"{one}x{copy:04}" for copy in range(copies) for one in people][:messages], object)
    keys = np.array([customer_key(one) for one in ids], np.int64)
    order = np.argsort(keys, kind="stable")
    for name, table in (("decisions", shop.decisions), ("profiles", shop.profiles)):
        made = _copied(table, ids=ids, keys=keys, order=order)
        _written(folder / f"{name}.parquet", made, schema=table.schema)
    lines = (_renamed(shop.lines, f"x{copy:04}") for copy in range(copies))
    _written(folder / "transactions.parquet", lines, schema=shop.lines.schema)
    for name, table in shop.fixed.items():
        parquet.write_table(table, folder / f"{name}.parquet")


def _copied(table: pa.Table, *, ids: Anything, keys: Anything, order: Anything) -> Iterator[pa.Table]:
    plain = {name: table.column_names.index(name) for name in ("customer_id", "customer_key")}
    occasion = table["occasion"][0].as_py() if "occasion" in table.column_names else None
    for start in range(0, len(order), GROUP):
        rows = order[start : start + GROUP]
        share = table.take(pa.array(rows % table.num_rows))
        whose = pa.array(ids[rows], pa.string())
        share = share.set_column(plain["customer_id"], table.schema.field("customer_id"), whose)
        share = share.set_column(plain["customer_key"], table.schema.field("customer_key"), pa.array(keys[rows]))
        if occasion is not None:
            points = [derived_id(occasion, one, TOUCHPOINT, "0") for one in whose.to_pylist()]
            place = table.column_names.index("decision_id")
            share = share.set_column(place, table.schema.field("decision_id"), pa.array(points, pa.binary(16)))
        yield share


def _renamed(lines: pa.Table, suffix: str) -> pa.Table:
    names = lines["customer_id"].combine_chunks().dictionary_encode()
    ids = [f"{one}{suffix}" for one in names.dictionary.to_pylist()]
    made = {"customer_id": pa.array(ids, pa.string()), "customer_key": pa.array(map(customer_key, ids), pa.int64())}
    for name, column in made.items():
        column = column.take(names.indices)
        lines = lines.set_column(lines.column_names.index(name), lines.schema.field(name), column)
    return lines


def _written(path: Path, tables: Iterator[pa.Table], *, schema: pa.Schema) -> None:
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table, row_group_size=GROUP)


def one_size(folder: Path, shop: Shop, *, messages: int, few: bool = True) -> Size:
    """One size in a process of its own; `few` says whether one message and a hundred are timed there too."""
    copy_to(folder / "shop", shop, messages=messages)
    command = [sys.executable, "-m", "benchmarks.messages_job", str(folder / "base"), str(folder / "shop")]
    done = measured([*command, str(folder / "lake"), *["few"] * few], cwd=ROOT, timeout_seconds=1800)
    if done.code:
        raise RuntimeError(f"{messages} messages ended with {done.code}: {done.stderr[-2000:]}")
    shutil.rmtree(folder / "shop")
    return Size(whole=done, said=json.loads(done.stdout))


def run(*, quick: bool) -> Report:
    """10 thousand to 3 million messages; up to 400 thousand if quick, and a million told from the last two sizes."""
    with tempfile.TemporaryDirectory() as folder:
        shop = base(Path(folder) / "base")
        sizes = [
            one_size(Path(folder), shop, messages=count, few=not (quick and number))
            for number, count in enumerate(QUICK if quick else SIZES)
        ]
    costs = [(b.cpu - a.cpu) / (b.count - a.count) for a, b in pairwise(sizes)]
    rise = max(later / sooner for sooner, later in combinations(costs, 2)) - 1 if min(costs) > 0 else None
    before, judged = sizes[-2:] if quick else sizes[-3:-1]
    pace = (judged.said["seconds"] - before.said["seconds"]) / (judged.count - before.count)
    seconds = judged.said["seconds"] + pace * max(0, MILLION - judged.count)
    stored = judged.said["stored_bytes"] / judged.count
    return Report(
        figures={
            "sizes": {str(int(size.count)): size.shown() for size in sizes},
            "processor_microseconds_for_a_further_message": [round(cost * 1e6, 2) for cost in costs],
        },
        ratios={
            "cost_of_a_further_message_to_that_at_a_smaller_size": None if rise is None else round(rise + 1, 3),
            "check_seconds_over_compose_seconds": round(
                judged.said["check_seconds"] / (judged.said["compose_seconds"] + judged.said["seal_seconds"]), 2
            ),
        },
        goals=(
            Goal(
                name="seconds for a million messages, composed, checked and sealed",
                value=round(seconds, 2),
                at_most=MOST_SECONDS,
            ),
            Goal(name="peak bytes", value=int(judged.said["peak_bytes"]), at_most=MOST_BYTES),
            Goal(name="bytes stored for a message beyond its ids", value=round(stored, 1), at_most=MOST_STORED),
            Goal(
                name="rise of the processor seconds for a further message",
                value=None if rise is None else round(rise, 3),
                at_most=FLAT_QUICK if quick else FLAT,
            ),
        ),
    )
