"""Policies side by side on a project's own runs: what each would have sent, and what that is expected to bring.

A run seals, for every decision, each candidate's score and the probability with which it was drawn. Another policy is
laid over the same candidates: where outcomes exist its value is measured by weighting them (inverse propensity, see
Horvitz & Thompson 1952), with what is expected beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.flow.manifest import loaded, runs, sealed_in
from tactful.flow.simulating import Lived, Series, Simulated
from tactful.flow.workspace import Workspace, open_workspace
from tactful.learn.learning import metrics_of
from tactful.learn.value import worth_of
from tactful.project.declared import Project
from tactful.store import lake
from tactful.words.errors import Misuse
from tactful.words.level import Level
from tactful.words.outcome import DrawnBy
from tactful.words.score import UNITS_PER_MINOR
from tactful.words.sealed import Sealed

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
_CERTAIN = 1 << 52
_LOW = -(1 << 55)
_TRUE = frozenset({DrawnBy.DRAW.value, DrawnBy.TIE.value})
"""How an arm came about where its logged chance is that of the rule as deployed; the others are left out."""
_WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """One run as a table of decisions by arms. Stability: internal.

    Attributes:
        day: of the occasion.
        key: customer_key; shape (n,).
        arms: what there was to say, nothing first.
        eligible, score, propensity: by decision and arm; shape (n, k).
        chosen: the arm that was decided, limits held; shape (n,).
        is_drawn: where the logged propensity is that of what was decided; shape (n,).
        outcome: what came of it in score units, and where that is known; both of shape (n,).
        share: decisions that one row stands for, where only a sample of candidates was kept.
    """

    day: date
    key: Whole
    arms: Arms
    kind: Whole
    eligible: Flags
    score: Whole
    propensity: Whole
    chosen: Whole
    is_drawn: Flags
    outcome: Whole
    is_known: Flags
    share: float

    @property
    def spend(self) -> Whole:
        """What a message of each arm costs in score units, its offer included; shape (k,)."""
        found: Whole = (self.arms.cost + self.arms.offer_cost)[self.kind]
        return found


Choose = Callable[[Occasion], Whole]


def simulate_log(root: Path, *, caps: Sequence[int]) -> Simulated:
    """Every policy on every run of a project.

    Raises:
        Misuse: nothing was run yet.
    """
    with open_workspace(root) as space:
        occasions = _occasions(space)
        currency, name = space.project.settings.currency, root.name
    if not occasions:
        raise Misuse.say(where="simulate", what="no run has sealed its candidates", do="run `tactful run` first")
    known = sum(int(one.is_known.sum()) for one in occasions)
    expected = f"Money is in {currency}. Expected value is by the beliefs of each run, costs and prices taken off"
    told = f"{known:,} decisions have outcomes: measured value counts each as often as it was unlikely to be logged."
    notes = (
        f"{expected}: what the engine weighed, not what will come true.",
        told if known else "No outcomes have come yet, so that nothing is measured.",
    )
    return Simulated(
        title=f"{len(occasions):,} run{'s' * (len(occasions) != 1)} of {name}, and what other policies would have done",
        notes=notes,
        labels=tuple(one.day.isoformat() for one in occasions),
        people=int(np.unique(np.concatenate([one.key for one in occasions])).size),
        lived=tuple(_lived(occasions, name=name, how=how) for name, how in _policies(caps).items()),
    )


def _policies(caps: Sequence[int]) -> Mapping[str, tuple[str, Choose, int | None]]:
    return {
        "engine": ("what was decided, with every limit and a little chance", lambda one: one.chosen, None),
        "always the best": ("the best eligible message, limits over all customers not asked", _best, None),
        **{
            f"at most {cap} a week": (f"what was decided, but never more than {cap} in seven days", _decided, cap)
            for cap in caps
        },
        "one for all": ("of the messages at level all the one best for most, for whoever may get it", _for_all, None),
        "nothing": ("silence", lambda one: np.zeros(one.key.size, dtype=np.int64), None),
    }


def _decided(one: Occasion) -> Whole:
    return one.chosen


def _best(one: Occasion) -> Whole:
    found: Whole = np.where(one.eligible, one.score, _LOW).argmax(axis=1)
    return found


def _for_all(one: Occasion) -> Whole:
    plain = [place for place, arm in enumerate(one.kind.tolist()) if one.arms.level[arm] is Level.ALL]
    if not plain:
        return np.zeros(one.key.size, dtype=np.int64)
    totals = [int(one.score[one.eligible[:, place], place].sum()) for place in plain]
    best = plain[int(np.argmax(totals))]
    return np.where(one.eligible[:, best], best, 0)


def _lived(occasions: Sequence[Occasion], *, name: str, how: tuple[str, Choose, int | None]) -> Lived:
    says, choose, cap = how
    heard: dict[int, list[date]] = {}
    days: list[tuple[float, ...]] = []
    weighted, seen = 0.0, 0
    for one in occasions:
        arm = choose(one) if cap is None else _held(one, choose(one), cap=cap, heard=heard)
        rows = np.arange(arm.size)
        expected = float(one.score[rows, arm].sum()) * one.share / UNITS_PER_MINOR / 100
        spend = float(one.spend[arm].sum()) * one.share / UNITS_PER_MINOR / 100
        measured, matched = _measured(one, arm)
        weighted, seen = weighted + measured, seen + matched
        days.append((expected, float((arm != 0).sum()) * one.share, spend, measured))
    names = ["expected value", "contacts", "spend"] + (["measured value"] if _any_known(occasions) else [])
    series = tuple(Series(name=of, days=tuple(day[place] for day in days)) for place, of in enumerate(names))
    note = f"{seen:,} logged choices are the same." if _any_known(occasions) else ""
    return Lived(policy=name, says=says, series=series, note=note)


def _any_known(occasions: Sequence[Occasion]) -> bool:
    return any(bool(one.is_known.any()) for one in occasions)


def _measured(one: Occasion, arm: Whole) -> tuple[float, int]:
    """What the outcomes of the same choices come to, each counted as often as it was unlikely to be logged."""
    same = one.is_known & one.is_drawn & (one.chosen == arm)
    rows = np.flatnonzero(same)
    logged = one.propensity[rows, arm[rows]] / _CERTAIN
    value = float((one.outcome[rows] / logged).sum()) * one.share if rows.size else 0.0
    return value / UNITS_PER_MINOR / 100, int(rows.size)


def _held(one: Occasion, arm: Whole, *, cap: int, heard: dict[int, list[date]]) -> Whole:
    """The same, silent where somebody has heard as often as the cap allows in the seven days that end here."""
    found = arm.copy()
    for row in np.flatnonzero(arm).tolist():
        key = int(one.key[row])
        lately = [day for day in heard.get(key, []) if one.day - day < _WEEK]
        if len(lately) >= cap:
            found[row] = 0
        else:
            heard[key] = [*lately, one.day]
    return found


def _occasions(space: Workspace) -> list[Occasion]:
    """The runs that came to their end, oldest first; of one occasion the last."""
    found: dict[date, Occasion] = {}
    with space.ledger.reading() as tx:
        came = lake.read(loaded(tx, "outcomes", root=space.lake))
    for run in runs(space, kind="run"):
        with space.ledger.reading() as tx:
            sealed = sealed_in(tx, run.run_id, root=space.lake)
        if run.state == "running" or "candidates" not in sealed or "decisions" not in sealed:
            continue
        day = date.fromisoformat(run.occasion)
        if day not in found:
            found[day] = _occasion(sealed, day=day, came=came, project=space.project)
    return [found[day] for day in sorted(found)]


def _occasion(sealed: Mapping[str, Sealed], *, day: date, came: pa.Table, project: Project) -> Occasion:
    arms = Arms.of(lake.read(sealed["arms"]))
    columns = ["decision_id", "customer_key", "touchpoint", "arm_id", "drawn_by", "program"]
    decisions, rows = lake.read(sealed["decisions"], columns=columns), lake.read(sealed["candidates"])
    ids = decisions["decision_id"].combine_chunks()
    kept = rows["decision_id"].combine_chunks()
    place = kept.dictionary_encode()
    points = place.dictionary
    at = pc.index_in(ids, value_set=points)
    mine = decisions.filter(at.is_valid())
    where = pc.index_in(mine["decision_id"].combine_chunks(), value_set=points).to_numpy()
    known = {arm_id: number for number, arm_id in enumerate(arms.batch["arm_id"].to_pylist())}
    arm_ids = rows["arm_id"].combine_chunks().dictionary_encode()
    numbers = np.array([known[arm_id] for arm_id in arm_ids.dictionary.to_pylist()], dtype=np.int64)
    kind = np.sort(numbers)
    column = np.searchsorted(kind, numbers)[arm_ids.indices.to_numpy()]
    row = np.empty(len(points), dtype=np.int64)
    row[where] = np.arange(where.size)
    line = row[place.indices.to_numpy()]
    shape = (where.size, kind.size)
    tables = {
        name: np.zeros(shape, dtype=np.bool_ if name == "eligible" else np.int64)
        for name in ("eligible", "score", "propensity")
    }
    for name, table in tables.items():
        table[line, column] = rows[name].combine_chunks().to_numpy(zero_copy_only=False)
    chosen = np.searchsorted(kind, np.array([known[a] for a in mine["arm_id"].to_pylist()], dtype=np.int64))
    outcome, is_known = _outcomes(came, mine, project=project)
    return Occasion(
        day=day, key=mine["customer_key"].to_numpy(), arms=arms, kind=kind, eligible=tables["eligible"],
        score=tables["score"], propensity=tables["propensity"], chosen=chosen,
        is_drawn=np.array([by in _TRUE for by in mine["drawn_by"].to_pylist()], dtype=np.bool_), outcome=outcome,
        is_known=is_known, share=decisions.num_rows / max(1, mine.num_rows),
    )  # fmt: skip


def _outcomes(came: pa.Table, decisions: pa.Table, *, project: Project) -> tuple[Whole, Flags]:
    """What came of each decision by its program's metric, of silence by the first there is, and where that is known."""
    metrics = metrics_of(project)
    total, known = np.zeros(decisions.num_rows, dtype=np.int64), np.zeros(decisions.num_rows, dtype=np.bool_)
    names = decisions["program"].to_pylist()
    for metric, programs in metrics.items():
        mine = came.filter(pc.equal(came["metric"], metric))
        place = pc.index_in(decisions["decision_id"], value_set=mine["decision_id"].combine_chunks())
        there = place.is_valid().to_numpy()
        worth = {name: worth_of(project, name) for name in programs}
        each = np.array([worth.get(name, 0) if name else min(worth.values()) for name in names], dtype=np.int64)
        values = pc.fill_null(mine["value"].take(place), 0).to_numpy()
        new = there & ~known & (each > 0)
        total[new], known = (values * each)[new], known | new
    return total, known
