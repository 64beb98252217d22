"""How far new beliefs are mixed in: what both rules would have brought on the decisions that were logged, compared.

The value of a rule is doubly robust: what its arms are believed to bring, corrected by what came of those that were
drawn, each as often as it was unlikely to be drawn (Dudík, Langford & Li 2011). What people left alone bring, and what
a message costs, is taken off. New beliefs are never judged by customers they were made of: the log is halved by
customer, and each half is judged by beliefs from whose exact sums it was subtracted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.decide.believed import Beliefs, Prices, Rule
from tactful.decide.decided import Drawn
from tactful.decide.kernel import decide
from tactful.flow.learning import past_of
from tactful.flow.manifest import empty, runs, sealed_in
from tactful.flow.stage import Inputs
from tactful.flow.workspace import Workspace
from tactful.learn import beliefs, value
from tactful.learn.learning import Past, metrics_of
from tactful.learn.outcomes import Deployed, kept, matched, summed
from tactful.learn.value_sums import erased, map_id, merged
from tactful.learn.windows import LEFT, SILENT, TOLD
from tactful.project.deployment import Deployment
from tactful.project.feature_maps import features_of
from tactful.reckon.chance import WHOLE
from tactful.reckon.mixing import PARTS, Compared, feasible
from tactful.store import contracts, lake
from tactful.words.clock import Clock
from tactful.words.errors import Misuse
from tactful.words.outcome import DrawnBy
from tactful.words.sealed import Sealed

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_ROWS: Final = 200_000
"""Decisions of the newest runs that are looked at."""
_TRUE: Final = (DrawnBy.DRAW.value, DrawnBy.TIE.value)


def baseline(
    inputs: Inputs, believed: pa.RecordBatch, *, space: Workspace, arms: pa.RecordBatch
) -> Iterator[pa.RecordBatch]:
    """The `baseline` rows: the beliefs of the last rule that was proven, where the new ones do not hold in full yet.

    Args:
        inputs: `learn_sums`.
        believed: the new beliefs.
        space: whose log.
        arms: what there is to say.
    """
    policy = space.project.policy.deployment
    proven = None if policy is None else _proven(space)
    if policy is None or proven is None:
        return
    former = _filled(proven, by=believed)
    if former is None or former["beliefs_id"][0].as_py() == believed["beliefs_id"][0].as_py():
        return
    weight = how_far(space, former, policy=policy, sums=lake.read(inputs["learn_sums"]), arms=arms)
    if weight < PARTS:
        schema = contracts.table("baseline").schema
        rows = former.append_column("weight", pa.array([weight] * former.num_rows, pa.int64()))
        yield from rows.select(schema.names).cast(schema).to_batches()


def _proven(space: Workspace) -> pa.Table | None:
    """The beliefs that the last run which was sent held on to, or held in full."""
    for run in runs(space, kind="run"):
        if run.state == "sent":
            with space.ledger.reading() as tx:
                sealed = sealed_in(tx, run.run_id, root=space.lake)
            held = lake.read(sealed["baseline"]) if "baseline" in sealed else empty("baseline")
            return held.drop_columns(["weight"]) if held.num_rows else lake.read(sealed["beliefs"])
    return None


def _filled(former: pa.Table, *, by: pa.RecordBatch | pa.Table) -> pa.Table | None:
    """Former beliefs, with the new ones of arms that are new; None where they read other features than the new."""
    lists = {tuple(names) for rows in (former, by) for names in rows["features"].to_pylist() if names is not None}
    if len(lists) > 1:
        return None
    known = set(zip(former["program"].to_pylist(), former["cell"].to_pylist(), strict=True))
    rows = former.to_pylist()
    new = [row for row in by.to_pylist() if (row["program"], row["cell"]) not in known and row["cell"].count("/") <= 3]
    if not new:
        return former
    head = {name: rows[0][name] for name in ("beliefs_id", "sealed_at")}
    return pa.Table.from_pylist([*rows, *(row | head for row in new)], schema=contracts.table("beliefs").schema)


def how_far(space: Workspace, former: pa.Table, *, policy: Deployment, sums: pa.Table, arms: pa.RecordBatch) -> int:
    """The largest weight of the new beliefs at which the mixture is not surely worse than the former, less the loss.

    Args:
        space: whose log.
        former: `beliefs` rows.
        policy: how much may be put at risk, and how sure the bound is.
        sums: `learn_sums` rows, from which the new beliefs were made.
        arms: what there is to say.

    Returns:
        Units of 1/1024; what the policy states for it where too few customers have outcomes.
    """
    log = _Log.of(space, past=past_of(space))
    halves = [_new(space, log, sums=sums, arms=arms, half=half) for half in (0, 1)] if log.runs else []
    worth: dict[int, list[float]] = {}
    for run in log.runs:
        for key, old, new in _valued(run, log, former=former, halves=halves, salt=space.project.settings.salt):
            mine = worth.setdefault(key, [0.0, 0.0])
            mine[0], mine[1] = mine[0] + old, mine[1] + new
    if len(worth) < policy.least:
        return int(policy.unproven * PARTS)
    pairs = np.array([worth[key] for key in sorted(worth)])
    compared = Compared.of(pairs[:, 0], pairs[:, 1])
    return feasible(compared, loss=float(policy.loss), z=NormalDist().inv_cdf(float(policy.sure)))


@dataclass(frozen=True, kw_only=True)
class _Logged:
    """A run with what came of its decisions, in score units; not a number where nothing is on record of one."""

    of: Deployed
    sealed: dict[str, Sealed]
    told: Flags
    silent: Flags
    outcome: Floats
    rows: dict[str, pa.Table]
    keys: dict[str, Whole]


@dataclass(frozen=True, kw_only=True)
class _Log:
    """The newest runs with outcomes, and by program what those left alone brought."""

    runs: tuple[_Logged, ...]
    alone: dict[str, float]

    @classmethod
    def of(cls, space: Workspace, *, past: Past) -> _Log:
        """From the log; runs of another map of features are not looked at."""
        project, outcomes = space.project, lake.read(past.outcomes)
        metrics, present = sorted(metrics_of(project)), map_id(features_of(project))
        found: list[_Logged] = []
        left: dict[str, list[float]] = {}
        letters = (of for of in past.deployed if not of.is_asked)  # what was asked for was decided at prices of its own
        for of in sorted(letters, key=lambda of: of.clock_at, reverse=True):
            if sum(one.of.keys.size for one in found) >= MOST_ROWS or of.map_id != present:
                break
            with space.ledger.reading() as tx:
                sealed = sealed_in(tx, of.run_id, root=space.lake)
            busy = _busy(of, past, outcomes=outcomes, days=max(project.metrics[name].window for name in metrics))
            logged = _logged(of, outcomes, sealed=sealed, busy=busy, space=space)
            if not logged.rows:
                continue
            found.append(logged)
            names = _programs(of)
            for place in np.flatnonzero((of.kind == LEFT) & ~np.isnan(logged.outcome)).tolist():
                left.setdefault(names[place], []).append(float(logged.outcome[place]))
        return cls(runs=tuple(found), alone={name: float(np.mean(each)) for name, each in left.items()})


def _programs(of: Deployed) -> list[str]:
    """The program of each row's arm; empty where it says nothing."""
    names = [*(row["program"] or "" for row in of.arm_rows), ""]
    return [names[arm] for arm in of.arm.tolist()]


def _busy(of: Deployed, past: Past, *, outcomes: pa.Table, days: int) -> Flags:
    """Whose window was open when a run decided: silence then is part of what came before."""
    ago = [of.clock_at - one.at for one in past.deployed]
    near = [(one, (age > 0) & (age < days * 86_400_000_000)) for one, age in zip(past.deployed, ago, strict=True)]
    said = [(one, np.isin(one.kind, (TOLD, LEFT)) & mine) for one, mine in near if mine.any()]
    spoken = [one.decisions.filter(pa.array(mine)) for one, mine in said]
    found = [rows.filter(pc.is_in(rows["decision_id"], value_set=_ids(outcomes)))["customer_key"] for rows in spoken]
    busy: Flags = np.isin(of.keys, np.concatenate([np.zeros(0, dtype=np.int64), *(keys.to_numpy() for keys in found)]))
    return busy


def _ids(outcomes: pa.Table) -> pa.Array:
    return outcomes["decision_id"].combine_chunks()


def _logged(of: Deployed, outcomes: pa.Table, *, sealed: dict[str, Sealed], busy: Flags, space: Workspace) -> _Logged:
    """What came of one run's decisions; silence counts where nobody's window was open."""
    value_of = np.full(of.keys.size, np.nan)
    rows: dict[str, pa.Table] = {}
    keys: dict[str, Whole] = {}
    names = np.array(_programs(of), dtype=object)
    mine = outcomes.filter(pc.is_in(outcomes["decision_id"], value_set=of.decisions["decision_id"].combine_chunks()))
    for metric, programs in metrics_of(space.project).items():
        came = kept(mine, of=of, metric=metric)
        if came.rows.size:
            rows[metric] = matched(came, of=of, zone=space.project.settings.zone, ripe=True)
            units = {name: value.worth_of(space.project, name) for name in programs}
            each = np.array([units.get(name, 0) for name in names[came.rows].tolist()])
            spoken = np.isin(of.kind[came.rows], (TOLD, LEFT))
            keys[metric] = of.keys[came.rows[spoken]]
            value_of[came.rows[spoken]] = (came.value * each)[spoken]
    drawn = pc.is_in(of.decisions["drawn_by"], value_set=pa.array(_TRUE)).to_numpy()
    told = drawn & (of.kind == TOLD) & ~np.isnan(value_of)
    silent = drawn & (of.kind == SILENT) & ~busy
    return _Logged(of=of, sealed=sealed, told=told, silent=silent, outcome=value_of, rows=rows, keys=keys)


def _halved(keys: Whole, *, half: int) -> Flags:
    found: Flags = (keys & 1) == half
    return found


def _new(space: Workspace, log: _Log, *, sums: pa.Table, arms: pa.RecordBatch, half: int) -> pa.Table:
    """New beliefs as if one half of the customers had not been seen in the runs that are looked at."""
    project, clock = space.project, space.clock
    gone = []
    for run in log.runs:
        for metric, rows in run.rows.items():
            mine = rows.filter(pa.array(_halved(run.keys[metric], half=half)))
            gone.append(summed(mine, metric=metric, map_id=run.of.map_id))
    left = erased(sums, merged(gone), today=clock.today)
    stated = beliefs.prior(project, arms, clock=clock)
    found = value.believed(stated, left, project=project, arms=arms, clock=clock).beliefs
    return pa.Table.from_batches([found])


def _valued(
    run: _Logged, log: _Log, *, former: pa.Table, halves: Sequence[pa.Table], salt: str
) -> Iterator[tuple[int, float, float]]:
    """Customer, and what the former and the new rule are worth at each logged decision, in score units."""
    for half in (0, 1):
        rows = np.flatnonzero((run.told | run.silent) & _halved(run.of.keys, half=half))
        if not rows.size:
            continue
        ask = _Ask.of(run, rows=rows)
        old, new = (ask.drawn(each, salt=salt) for each in (former, halves[half]))
        if old is None or new is None:
            continue
        expected = old.scores.astype(np.float64)
        reward = ask.reward(log.alone)
        for drawn_by, place in ((old, 0), (new, 1)):
            share = drawn_by.probabilities / WHOLE
            at = np.arange(rows.size), ask.arm
            more = share[at] / ask.propensity * (reward - expected[at])
            found = np.where(drawn_by.may, share * expected, 0.0).sum(axis=1) + more
            ask.worth[:, place] = found
        yield from zip(run.of.keys[rows].tolist(), ask.worth[:, 0].tolist(), ask.worth[:, 1].tolist(), strict=True)


@dataclass(frozen=True, kw_only=True)
class _Ask:
    """Some logged decisions of a run, ready to be decided again by other beliefs."""

    run: _Logged
    rows: Whole
    batch: pa.RecordBatch
    arms: Arms
    prices: pa.Table
    arm: Whole
    propensity: Floats
    worth: Floats

    @classmethod
    def of(cls, run: _Logged, *, rows: Whole) -> _Ask:
        """The rows with what they were decided from."""
        mine = run.of.decisions.take(pa.array(rows))
        given = lake.read(run.sealed["inputs"])
        place = pc.index_in(mine["decision_id"].combine_chunks(), value_set=given["decision_id"].combine_chunks())
        arms = Arms.of(lake.read(run.sealed["arms"]))
        batch = given.take(place).combine_chunks().to_batches()[0]
        kind = arms.of_kind(batch["touchpoint"][0].as_py())
        ids = pa.array([arms.batch["arm_id"][int(arm)].as_py() for arm in kind], pa.binary(16))
        return cls(
            run=run, rows=rows, batch=batch, arms=arms, prices=lake.read(run.sealed["prices"]),
            arm=pc.index_in(mine["arm_id"].combine_chunks(), value_set=ids).to_numpy().astype(np.int64),
            propensity=mine["propensity"].to_numpy() / WHOLE, worth=np.zeros((rows.size, 2)),
        )  # fmt: skip

    def drawn(self, rows: pa.Table, *, salt: str) -> Drawn | None:
        """How these beliefs would have drawn; None where they know nothing of an arm that there was."""
        try:
            believes = Beliefs.of(rows, arms=self.arms)
        except Misuse:
            return None
        rule, prices = Rule.of(self.prices, arms=self.arms), Prices.of(self.prices, arms=self.arms)
        clock = Clock(now=self.run.of.decided_at)
        return decide(
            self.batch, arms=self.arms, beliefs=believes, prices=prices, policy=rule, salt=salt, clock=clock
        ).drawn

    def reward(self, alone: dict[str, float]) -> Floats:
        """What came of each, less what would have come anyway, less what it cost; silence is 0."""
        names = _programs(self.run.of)
        anyway = np.array([alone.get(names[row], 0.0) for row in self.rows.tolist()])
        cost = (self.arms.cost + self.arms.offer_cost)[np.maximum(self.run.of.arm[self.rows], 0)]
        found: Floats = np.where(self.run.told[self.rows], self.run.outcome[self.rows] - anyway - cost, 0.0)
        return found


def lines(mixed: dict[str, Any] | None) -> Iterator[str]:  # Any: as in facts
    """The same for people; nothing where new beliefs hold in full.

    Args:
        mixed: see `facts`.
    """
    if mixed is not None:
        yield (
            f"new beliefs count for {mixed['weight']:.1%}, those of the last proven rule ({mixed['former'][:8]}) for "
            "the rest: the log does not allow more yet"
        )


def facts(rows: pa.Table) -> dict[str, Any] | None:  # Any: numbers and texts
    """What a run says of its mixture; None where new beliefs hold in full.

    Args:
        rows: `baseline` rows.
    """
    if not rows.num_rows:
        return None
    weight = int(rows["weight"][0].as_py())
    return {"weight": weight / PARTS, "former": rows["beliefs_id"][0].as_py().hex()}
