"""What came of what was decided: one row for each decision that opened a window, once nothing more can come of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.learn.matching import Source
from tactful.learn.value_sums import MATCHED, lifted_as, merged
from tactful.learn.windows import LEFT, SILENT, TOLD, Points
from tactful.reckon.exact import COEFFICIENT_LIMIT, FEATURE_LIMIT
from tactful.store import contracts, lake
from tactful.words.ids import customer_key
from tactful.words.outcome import OutcomeKind
from tactful.words.score import WHOLE_CELL, belief_cell

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

SIGNALS: Final = 3
"""Early signals of a row: the value that came early, whether any did, and how many events there were."""
EARLY, EVENTS = " early", " events"
"""What follows the metric's name in the rows of `outcomes` that keep its signals."""
_DECIDED: Final = (
    *("decision_id", "customer_id", "customer_key", "outcome_kind", "arm_id", "ghost_arm_id"),
    *("propensity", "drawn_by", "decided_at"),
)
_MOST_EVENTS: Final = 16
_NOTHING: Final = (0, None)
_EVENT: Final = FEATURE_LIMIT // _MOST_EVENTS
_INSTANT: Final = pa.timestamp("us", tz="UTC")
_DAY: Final = 86_400_000_000


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A run that was sent, with those of its decisions that count; or some that were made when asked.

    Stability: caller.

    Attributes:
        run_id: 16 bytes.
        decided_at: its clock: windows begin here, for those told and those left alone alike. Of decisions made when
            asked, when the last of them was made.
        map_id: names the features of its `inputs`; empty where that is not on record.
        decisions: rows of `decisions`.
        inputs, arms, portfolio: as the run sealed them.
    """

    run_id: bytes
    decided_at: datetime
    map_id: str
    decisions: pa.Table
    inputs: Source
    arms: Source
    portfolio: Source
    is_asked: bool = False
    """Whether people came one by one: then each decision's window begins when that one was made."""

    @property
    def clock_at(self) -> int:
        """Its clock, microseconds since 1970."""
        return round(self.decided_at.timestamp() * 1_000_000)

    @cached_property
    def at(self) -> Whole:
        """When each was decided, microseconds since 1970; shape (n,)."""
        if not self.is_asked:
            return np.full(self.decisions.num_rows, self.clock_at)
        found: Whole = self.decisions["decided_at"].cast(_INSTANT).cast(pa.int64()).to_numpy()
        return found

    @property
    def began_at(self) -> datetime:
        """When the first of them was decided."""
        first = int(self.at.min()) if self.at.size else self.clock_at
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=first)

    @cached_property
    def keys(self) -> Whole:
        """customer_key; shape (n,)."""
        found: Whole = self.decisions["customer_key"].to_numpy()
        return found

    @cached_property
    def arm_rows(self) -> list[dict[str, Any]]:  # Any: rows of mixed columns
        """The arms, in the order of their number."""
        return sorted(lake.read(self.arms).to_pylist(), key=lambda row: int(row["arm"]))

    @cached_property
    def kind(self) -> NDArray[np.int8]:
        """Told, left alone though they would have been told, silent, or nothing that is looked at; shape (n,)."""
        outcome = self.decisions["outcome_kind"].combine_chunks()
        found = np.zeros(len(outcome), dtype=np.int8)
        for word, kind in ((OutcomeKind.CHOSEN, TOLD), (OutcomeKind.HELD_OUT, LEFT), (OutcomeKind.NONE, SILENT)):
            found[pc.equal(outcome, word.value).to_numpy(zero_copy_only=False)] = kind
        found[((found == TOLD) | (found == LEFT)) & (self.arm < 0)] = 0
        return found

    @cached_property
    def arm(self) -> Whole:
        """Number of the arm that was told, or of those held out would have been; -1 where it says nothing."""
        told = pc.equal(self.decisions["outcome_kind"], OutcomeKind.CHOSEN.value)
        which = pc.if_else(told, self.decisions["arm_id"], self.decisions["ghost_arm_id"])
        spoken = [row for row in self.arm_rows if row["program"] is not None]
        ids = pa.array([row["arm_id"] for row in spoken], pa.binary(16))
        place = pc.fill_null(pc.index_in(which, value_set=ids), -1).to_numpy().astype(np.int64)
        numbers = np.array([*(row["arm"] for row in spoken), -1], dtype=np.int64)
        found: Whole = numbers[place]
        return found

    def points(self, programs: frozenset[str], *, opened: Flags | None = None) -> Points:
        """As a metric sees them that is the outcome of some programs.

        Args:
            programs: whose outcome it is.
            opened: what is on record.
        """
        mine = np.array([row["program"] in programs for row in self.arm_rows] + [False])
        spoken = (self.kind == TOLD) | (self.kind == LEFT)
        kind = np.where(spoken & ~mine[self.arm], 0, self.kind).astype(np.int8)
        return Points(at=self.at, key=self.keys, kind=kind, opened=opened)

    def windows(self, rows: Whole, *, days: int, first: int) -> pa.Table:
        """The windows of some decisions, numbered from `first`."""
        mine, since = self.decisions.take(pa.array(rows)), self.at[rows]
        instants = {"since": since, "early": since + early_days(days) * _DAY, "until": since + days * _DAY}
        return pa.table({
            "number": pa.array(np.arange(first, first + rows.size)),
            "customer_id": mine["customer_id"],
            "customer_key": mine["customer_key"],
            **{name: pa.array(at).cast(_INSTANT) for name, at in instants.items()},
        })  # fmt: skip


def early_days(days: int) -> int:
    """Days whose signals foretell a window: a quarter of it.

    >>> early_days(28), early_days(2)
    (7, 1)
    """
    return max(1, days // 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of some decisions of a run; all of shape (n,). Stability: internal.

    Attributes:
        rows: their places among the run's decisions.
        value: in the metric's unit.
        early: of it what came early.
        events: events that came early.
        last_at: when the last of it came, microseconds since 1970; when it was decided where nothing did.
    """

    rows: Whole
    value: Whole
    early: Whole
    events: Whole
    last_at: Whole


def outcome_rows(came: Came, *, of: Deployed, metric: str, days: int, human: bool) -> Iterator[pa.RecordBatch]:
    """The `outcomes` rows of decisions of which nothing more can come; nothing is an outcome too.

    Args:
        came: what came.
        of: the run.
        metric: its name.
        days: length of the window.
        human: whether what was counted can only be a person's doing, as an order is.
    """
    schema = contracts.table("outcomes").schema
    matured = of.at[came.rows] + days * _DAY
    signals = (("", came.value, np.ones(came.rows.size, dtype=np.bool_)), (EARLY, came.early, came.early != 0),
               (EVENTS, came.events, came.events != 0))  # fmt: skip
    for suffix, values, kept in signals:
        mine = np.flatnonzero(kept)
        if not mine.size:
            continue
        people = of.decisions.take(pa.array(came.rows[mine]))
        yield pa.RecordBatch.from_arrays(
            [
                people["customer_id"].combine_chunks(),
                people["decision_id"].combine_chunks(),
                pa.repeat(pa.scalar(f"{metric}{suffix}"), mine.size),
                pa.array(values[mine]),
                pa.array(came.last_at[mine]).cast(_INSTANT),
                pa.array(matured[mine]).cast(_INSTANT),
                pa.array(["human" if human and not suffix else None] * mine.size, pa.string()),
            ],
            schema=schema,
        )


def matched(came: Came, *, of: Deployed, zone: str, ripe: bool) -> pa.Table:
    """Told and left-alone decisions with their features and what came of them, as rows of `MATCHED`.

    An outcome beyond 2^24 units is cut to it, a signal beyond 2^20: exact sums have room for no more.

    Args:
        came: what came; silence is left out.
        of: the run.
        zone: of the project's days.
        ripe: whether nothing more can come.
    """
    spoken = np.flatnonzero(np.isin(of.kind[came.rows], (TOLD, LEFT)))
    rows = came.rows[spoken]
    ids = of.decisions["decision_id"].combine_chunks().take(pa.array(rows))
    given = lake.read(of.inputs, columns=["decision_id", "features", "cells"])
    given = given.take(pc.index_in(ids, value_set=given["decision_id"].combine_chunks()))
    cells = _cells(of, rows=rows, keys=given["cells"].combine_chunks())
    program = np.array([row["program"] or "" for row in of.arm_rows], dtype=object)[of.arm[rows]]
    early = came.early[spoken]
    signals = np.stack(
        [
            np.clip(early, -FEATURE_LIMIT, FEATURE_LIMIT),
            np.where(early != 0, FEATURE_LIMIT, 0),
            np.clip(came.events[spoken], 0, _MOST_EVENTS) * _EVENT,
        ],
        axis=1,
    )
    n = rows.size
    return pa.table(
        [
            pa.array(program.tolist(), pa.string()),
            pa.array(cells, pa.string()),
            pa.array(of.kind[rows] == TOLD),
            pa.repeat(pa.scalar(ripe), n),
            pa.array(_days(of.at[rows], zone=zone), pa.date32()),
            given["features"].combine_chunks(),
            _lists(signals),
            pa.array(np.clip(came.value[spoken], -COEFFICIENT_LIMIT, COEFFICIENT_LIMIT)),
        ],
        schema=MATCHED,
    )


def _days(at: Whole, *, zone: str) -> list[date]:
    """The project's day of each instant."""
    moments, place = np.unique(at, return_inverse=True)
    local, start = ZoneInfo(zone), datetime.fromtimestamp(0, UTC)
    days = [(start + timedelta(microseconds=one)).astimezone(local).date() for one in moments.tolist()]
    return [days[each] for each in place.tolist()]


def _lists(numbers: Whole) -> pa.Array:
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * numbers.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(numbers.ravel()))


def _cells(of: Deployed, *, rows: Whole, keys: pa.Array) -> list[str]:
    """The belief cell of each decision: its arm's, among the customers of its cell where the arm tells them apart."""
    by = [tuple(row["cell_by"]) for row in of.arm_rows]
    grains = list(dict.fromkeys(one for one in by if one))
    texts = {customer_key(cell): cell for cell in _known_cells(of.portfolio)}
    wide = keys.flatten().to_numpy().reshape(len(keys), -1) if len(keys) else np.zeros((0, 1), dtype=np.int64)
    names: dict[tuple[int, int], str] = {}
    found = []
    for place, arm in enumerate(of.arm[rows].tolist()):
        key = int(wide[place, grains.index(by[arm])]) if by[arm] else 0
        if (arm, key) not in names:
            row = of.arm_rows[arm]
            names[arm, key] = belief_cell(
                row["touchpoint"], level=row["level"], offer=row["offer_id"], cell=texts.get(key, WHOLE_CELL)
            )
        found.append(names[arm, key])
    return found


def _known_cells(portfolio: Source) -> list[str]:
    return sorted({row["cell"] for row in lake.read(portfolio, columns=["cell"]).to_pylist()} - {WHOLE_CELL})


def summed(rows: pa.Table, *, metric: str, map_id: str, workers: int = 2) -> pa.Table:
    """The `learn_sums` rows of matched decisions; any number of workers gives the same.

    Args:
        rows: of `MATCHED`.
        metric: what the value is of.
        map_id: names their features.
        workers: threads, each with every so-manieth part.
    """
    if not rows.num_rows:
        return contracts.table("learn_sums").schema.empty_table()
    step = max(1, -(-rows.num_rows // workers))
    parts = [rows.slice(start, step) for start in range(0, rows.num_rows, step)]
    with ThreadPoolExecutor(workers) as pool:
        return merged(pool.map(lambda part: lifted_as(part, metric=metric, map_id=map_id), parts))


def kept(outcomes: pa.Table, *, of: Deployed, metric: str) -> Came:
    """What is on record of a run's decisions for a metric: for taking somebody's part out of the sums again.

    Args:
        outcomes: `outcomes` rows, of whatever metrics and runs.
        of: the run.
        metric: its name.
    """
    ids = of.decisions["decision_id"].combine_chunks()
    found: dict[str, dict[bytes, tuple[int, datetime]]] = {}
    for row in outcomes.to_pylist():
        found.setdefault(row["metric"], {})[row["decision_id"]] = row["value"], row["happened_at"]
    values = found.get(metric, {})
    rows = [place for place, one in enumerate(ids.to_pylist()) if one in values]
    named = [ids[place].as_py() for place in rows]
    return Came(
        rows=np.array(rows, dtype=np.int64),
        value=np.array([values[one][0] for one in named], dtype=np.int64),
        early=np.array([found.get(metric + EARLY, {}).get(one, _NOTHING)[0] for one in named], dtype=np.int64),
        events=np.array([found.get(metric + EVENTS, {}).get(one, _NOTHING)[0] for one in named], dtype=np.int64),
        last_at=np.array([round(values[one][1].timestamp() * 1_000_000) for one in named], dtype=np.int64),
    )


def decided_columns() -> Sequence[str]:
    """The columns of `decisions` that are read here."""
    return _DECIDED
