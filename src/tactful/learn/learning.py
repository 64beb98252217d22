"""Learns from what came of earlier decisions: outcomes matched and added up, those that are still out kept apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.learn import matching, opt_outs, windows
from tactful.learn.matching import Source
from tactful.learn.outcomes import Came, Deployed, early_days, matched, outcome_rows, summed
from tactful.learn.value_sums import map_id
from tactful.project.declared import Project
from tactful.project.feature_maps import features_of
from tactful.project.metrics import Metric
from tactful.store import contracts, lake
from tactful.store.engines.duckdb import Engine
from tactful.store.sql import named
from tactful.words.clock import Clock

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
Batches = Iterator[pa.RecordBatch]

DONE: Final = "done"
"""First word of the sum that says which run was learned from for which metric."""
MAP: Final = "map"
"""First word of the sum that names the features of a run's `inputs`."""
READS: Final = ("transactions", "events", "items", "contact", "consent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known of earlier runs. Stability: caller.

    Attributes:
        deployed: every run that was sent, in the order of its clock.
        outcomes, sums: what earlier runs learned.
    """

    deployed: Sequence[Deployed]
    outcomes: Source
    sums: pa.Table


def marks(sums: pa.Table, *, of: str) -> frozenset[tuple[str, str]]:
    """What is on record of runs: their ids as hex, with metrics they are `DONE` for, or the `MAP` of their features.

    Args:
        sums: `learn_sums` rows.
        of: the first word.
    """
    rows = sums.filter(pc.starts_with(sums["sum"], f"{of}/"))
    names = zip(rows["cell"].to_pylist(), rows["sum"].to_pylist(), strict=True)
    return frozenset((run, name.removeprefix(f"{of}/")) for run, name in names)


def learn(
    past: Past, inputs: Mapping[str, Source], *, project: Project, clock: Clock, run_id: bytes, workers: int = 2
) -> Batches:
    """The `outcomes`, `learn_sums` and `young_sums` rows that have become known since the last run.

    What nothing more can come of is added once and for good: a run is marked done for a metric in the rows that it
    adds. What more may come of is counted with its early signals only, in sums that hold for this run alone.

    Args:
        past: earlier runs.
        inputs: `READS`.
        project: its programs say what counts, its metrics how.
        clock: now.
        run_id: the run that learns; the map of its features is noted for those that will learn from it.
        workers: threads; they change no bit.
    """
    today = clock.today
    yield _mark(f"{MAP}/{map_id(features_of(project))}", run_id=run_id, day=today)
    done = marks(past.sums, of=DONE)
    for name, programs in metrics_of(project).items():
        waiting = [of for of in past.deployed if (of.run_id.hex(), name) not in done and of.decided_at < clock.now]
        metric = project.metrics[name]
        latest = matching.newest(metric.table, inputs=inputs, clock_now=clock.now) if waiting else None
        if latest is None:
            continue
        found = _Metric(name=name, metric=metric, programs=programs, project=project, latest=latest, workers=workers)
        yield from found.learned(past, inputs, waiting=waiting)
        for of in waiting:
            if found.is_ripe(of):
                yield _mark(f"{DONE}/{name}", run_id=of.run_id, day=today)
    yield from _left(past, inputs, project=project, clock=clock, done=done)


def metrics_of(project: Project) -> dict[str, frozenset[str]]:
    """The metrics that are some program's outcome, with those programs.

    Args:
        project: its programs and metrics.
    """
    found: dict[str, set[str]] = {}
    for name, program in sorted(project.programs.items()):
        if program.outcome is not None and program.outcome in project.metrics:
            found.setdefault(program.outcome, set()).add(name)
    return {name: frozenset(programs) for name, programs in sorted(found.items())}


def _mark(name: str, *, run_id: bytes, day: object) -> pa.RecordBatch:
    row = {"sum": name, "cell": run_id.hex(), "day": day, "count": 0, "total": 0, "products": None}
    return pa.RecordBatch.from_pylist([row], schema=contracts.table("learn_sums").schema)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Metric:
    """One metric at one run. `latest` is the instant up to which its rows have come."""

    name: str
    metric: Metric
    programs: frozenset[str]
    project: Project
    latest: datetime
    workers: int

    def is_ripe(self, of: Deployed) -> bool:
        """Whether nothing more can come of a run's decisions."""
        return of.decided_at + timedelta(days=self.metric.window) <= self.latest

    def learned(self, past: Past, inputs: Mapping[str, Source], *, waiting: Sequence[Deployed]) -> Batches:
        """The rows of runs that have ripened, and the young sums of the others."""
        told_early = timedelta(days=early_days(self.metric.window))
        due = [of for of in waiting if of.decided_at + told_early <= self.latest]
        if not due:
            return
        masks = self._opened(past, waiting=waiting)
        for of in due:
            rows = np.flatnonzero(masks[of.run_id])
            is_ripe = self.is_ripe(of)
            if not is_ripe:
                rows = rows[of.kind[rows] != windows.SILENT]
            came = self._came(of, rows=rows, inputs=inputs)
            if is_ripe:
                human = self.metric.table == "transactions"
                yield from outcome_rows(came, of=of, metric=self.name, days=self.metric.window, human=human)
            if of.map_id:
                sums = self._sums(came, of=of, ripe=is_ripe)
                yield from _named(sums, table="learn_sums" if is_ripe else "young_sums")

    def _sums(self, came: Came, *, of: Deployed, ripe: bool) -> pa.Table:
        rows = matched(came, of=of, zone=self.project.settings.zone, ripe=ripe)
        return summed(rows, metric=self.name, map_id=of.map_id, workers=self.workers)

    def _opened(self, past: Past, *, waiting: Sequence[Deployed]) -> dict[bytes, Flags]:
        """Which decisions open a window, by run; of runs learned from before, what is on record."""
        window = timedelta(days=self.metric.window)
        oldest, open_runs = min(of.began_at for of in waiting), {of.run_id for of in waiting}
        near = [of for of in past.deployed if of.decided_at > oldest - window]
        known: pa.Array | None = None
        if len(near) > len(waiting):
            table = lake.read(past.outcomes, columns=["decision_id", "metric"])
            known = table.filter(pc.equal(table["metric"], self.name))["decision_id"].combine_chunks()
        points = [
            of.points(self.programs, opened=None if of.run_id in open_runs else _among(of, known=known)) for of in near
        ]
        micros = round(window.total_seconds()) * 1_000_000
        masks = windows.opened(points, window=micros)
        return {of.run_id: mask for of, mask in zip(near, masks, strict=True)}

    def _came(self, of: Deployed, *, rows: Whole, inputs: Mapping[str, Source]) -> Came:
        """What came of some decisions, in the order of `rows`."""
        frames = of.windows(rows, days=self.metric.window, first=0)
        found = matching.within(frames, metric=self.metric, currency=self.project.settings.currency, inputs=inputs)
        with Engine.open() as engine:
            events = engine.table(named("learn.events_early"), tables={"windows": frames, "events": inputs["events"]})
        n = rows.size
        place = found["number"].to_numpy()
        value, early, last = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), of.at[rows].copy()
        value[place], early[place] = found["value"].to_numpy(), found["early"].to_numpy()
        last[place] = found["last_at"].cast(pa.int64()).to_numpy()
        seen = np.zeros(n, dtype=np.int64)
        seen[events["number"].to_numpy()] = events["events"].to_numpy()
        return Came(rows=rows, value=value, early=early, events=seen, last_at=last)


def _among(of: Deployed, *, known: pa.Array | None) -> Flags:
    if known is None:
        return np.zeros(of.keys.size, dtype=np.bool_)
    found: Flags = pc.is_in(of.decisions["decision_id"], value_set=known).to_numpy()
    return found


def _named(sums: pa.Table, *, table: str) -> Batches:
    """Sums as rows of a table."""
    schema = contracts.table(table).schema
    for batch in sums.combine_chunks().to_batches():
        yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)


def _left(
    past: Past, inputs: Mapping[str, Source], *, project: Project, clock: Clock, done: frozenset[tuple[str, str]]
) -> Batches:
    """Who opted out after a message: outcomes, and counts by how many messages they had felt."""
    declared = project.policy.fatigue
    if declared is None:
        return
    name = opt_outs.name_of("", declared=declared, cell=0).split("/")
    rhythm = f"{opt_outs.METRIC}/{name[2]}/{name[3]}"
    end = clock.now - timedelta(days=declared.every)
    letters = [of for of in past.deployed if not of.is_asked]
    due = [of for of in letters if (of.run_id.hex(), rhythm) not in done and of.decided_at <= end]
    if not due:
        return
    left = opt_outs.leavers(lake.read(inputs["consent"]), list(_leaving(inputs, project=project)))
    contact = lake.read(inputs["contact"])
    for of in due:
        rows = opt_outs.rows(of, declared=declared, contact=contact, left=left)
        yield rows
        yield from _named(
            opt_outs.counted(pa.Table.from_batches([rows]), zone=project.settings.zone), table="learn_sums"
        )
        yield _mark(f"{DONE}/{rhythm}", run_id=of.run_id, day=clock.today)


def _leaving(inputs: Mapping[str, Source], *, project: Project) -> Iterator[pa.Table]:
    """Events that a guardrail counts: unsubscribes and complaints."""
    for name, metric in sorted(project.metrics.items()):
        if metric.guardrail and metric.table == "events":
            yield matching.events_of(metric, inputs=inputs, place=f"metrics.yaml, {name}")
