"""The loop closes: what came of decisions is matched, summed and believed; old runs replay, the forgotten are gone."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from flow.loop import METRIC, START, WEEK, Loop, order, planted
from scenarios.town import Told, fill, sent, told
from tactful.flow.explaining import explain
from tactful.flow.forgetting import forget
from tactful.flow.learning import deployed_runs
from tactful.flow.manifest import find_run, loaded
from tactful.flow.replaying import replay
from tactful.flow.workspace import Workspace, open_workspace
from tactful.learn.outcomes import kept, matched, summed
from tactful.learn.value_sums import Kind, merged
from tactful.store import lake

ALL, ONE = "/email/all/none", "/email/one/none"
TRUTH = {"all": 5.0, "one": 0.0}
"""Pounds of margin that a letter of a level brings: the other way round than the shop expects."""
WEEKS = 4


def spends(row: Any, rng: np.random.Generator) -> float:
    """Half the people spend five pounds anyway; a letter to everybody makes them spend 12.50 more."""
    anyway = 5.0 if rng.random() < 0.5 else 0.0
    told_all = row is not None and row["outcome_kind"] == "chosen" and row["level"] == "all"
    return anyway + (12.5 if told_all else 0.0)


@dataclass(frozen=True)
class Lived:
    root: Path
    weeks: list[Told]
    loop: Loop


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    loop = planted(tmp_path_factory.mktemp("lived"), people=160)
    return Lived(root=loop.shop.root, weeks=[loop.step(spends) for _ in range(WEEKS)], loop=loop)


@pytest.fixture
def after(lived: Lived, tmp_path: Path) -> Iterator[Workspace]:
    """The shop after those weeks, free to be changed."""
    with open_workspace(Path(shutil.copytree(lived.root, tmp_path / "shop"))) as space:
        yield space


def table(space: Workspace, name: str) -> pa.Table:
    with space.ledger.reading() as tx:
        return lake.read(loaded(tx, name, root=space.lake))


def values(sums: pa.Table) -> pa.Table:
    return sums.filter(pa.array([Kind.of(name) is not None for name in sums["sum"].to_pylist()], pa.bool_()))


def means(week: Told) -> dict[str, int]:
    return {row["cell"]: row["mean"] for row in week.tables["beliefs"].to_pylist()}


def test_beliefs_come_nearer_the_truth_and_what_is_decided_brings_more(lived: Lived) -> None:
    first, last = means(lived.weeks[0]), means(lived.weeks[-1])
    for cell, pounds in ((ALL, 5.0), (ONE, 0.0)):
        off = abs(last[cell] - pounds * 100_000)
        assert off < 0.35 * abs(first[cell] - pounds * 100_000)
    brings = [
        sum(TRUTH[row["level"]] for row in week.decisions.values() if row["outcome_kind"] == "chosen")
        for week in lived.weeks
    ]
    assert min(brings[2:]) > 1.5 * brings[0]


def test_the_held_out_stay_the_same_people_and_are_never_written_to(lived: Lived) -> None:
    held = [{name for name, row in week.decisions.items() if row["held_out_of"]} for week in lived.weeks[:3]]
    assert held[0] == held[1] == held[2] != set()  # the last week lies in another quarter
    for week in lived.weeks:
        assert not {name for name, row in week.decisions.items() if row["held_out_of"]} & set(week.words)


def test_every_run_replays_bit_for_bit_after_all_that_was_learned(after: Workspace, lived: Lived) -> None:
    for week in lived.weeks:
        found = replay(after, find_run(after, week.run.run_id.hex()))
        assert found.same, found.differences[:3]


def test_a_decision_has_one_outcome_and_no_order_counts_twice(after: Workspace, lived: Lived) -> None:
    rows = [row for row in table(after, "outcomes").to_pylist() if row["metric"] == METRIC]
    assert max(Counter(row["decision_id"] for row in rows).values()) == 1
    shown = {row["decision_id"] for week in lived.weeks[:-1] for row in week.decisions.values()}
    assert {row["decision_id"] for row in rows} <= shown
    ordered = pc.sum(pc.multiply(table(after, "transactions")["unit_price"], 100)).as_py()
    assert 0 < sum(row["value"] for row in rows) * 2.5 <= float(ordered)  # 40 % of revenue is margin
    assert all(row["matured_at"] - timedelta(days=7) <= row["happened_at"] <= row["matured_at"] for row in rows)


def test_learning_again_adds_nothing(after: Workspace, lived: Lived) -> None:
    told(after, occasion=lived.loop.now.date().isoformat())
    before = table(after, "outcomes").num_rows, values(table(after, "learn_sums"))
    again = told(after, occasion=lived.loop.now.date().isoformat())
    assert again.run.number == 2
    assert (table(after, "outcomes").num_rows, values(table(after, "learn_sums"))) == before


def test_a_decision_says_how_many_days_and_decisions_it_rests_on(after: Workspace, lived: Lived) -> None:
    last = lived.weeks[-1]
    someone = next(name for name, row in last.decisions.items() if row["outcome_kind"] == "chosen")
    found = explain(after, find_run(after, last.run.run_id.hex()), customer_id=someone)
    assert any("after 3 days of outcomes of " in line for line in found.lines)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_any_number_of_workers_gives_the_same_sums(after: Workspace, workers: int) -> None:
    sums, outcomes = table(after, "learn_sums"), table(after, "outcomes")
    again = merged(reversed(remade(after, outcomes=outcomes, workers=workers)))
    assert again.equals(merged([values(sums)]))


def remade(space: Workspace, *, outcomes: pa.Table, workers: int = 1) -> list[pa.Table]:
    """The sums of every run, from what is on record of its decisions."""
    sums = table(space, "learn_sums")
    with space.ledger.reading() as tx:
        runs = list(deployed_runs(tx, space, sums=sums))
    zone, found = space.project.settings.zone, []
    for of in runs:
        rows = matched(kept(outcomes, of=of, metric=METRIC), of=of, zone=zone, ripe=True)
        found.append(summed(rows, metric=METRIC, map_id=of.map_id, workers=workers))
    return found


def test_D4_the_sums_after_an_erasure_are_those_of_a_shop_that_never_knew_them(after: Workspace, lived: Lived) -> None:
    victim = next(name for name, row in lived.weeks[0].decisions.items() if row["outcome_kind"] == "chosen")
    before = values(table(after, "learn_sums"))
    theirs = table(after, "outcomes").filter(pc.equal(table(after, "outcomes")["customer_id"], victim))
    receipt = forget(after, victim)
    left = table(after, "learn_sums")
    assert receipt.removed["learn_sums"] == len([row for row in theirs.to_pylist() if row["metric"] == METRIC])
    assert not pc.any(pc.equal(table(after, "outcomes")["customer_id"], victim)).as_py()
    assert merged([values(left)]).equals(merged(remade(after, outcomes=table(after, "outcomes"))))
    assert not merged([values(left)]).equals(merged([before]))
    assert left.num_rows > values(left).num_rows  # which runs were learned from stays on record


def test_what_was_only_prepared_or_rehearsed_teaches_nothing(tmp_path: Path) -> None:
    loop = planted(tmp_path, people=40)
    loop.step(spends, send=False)
    found = loop.step(spends)
    assert "outcomes" not in found.tables


def test_nothing_is_learned_before_the_orders_of_the_window_have_come(tmp_path: Path) -> None:
    """Seven days on the clock and no file: that is not the same as nobody having ordered."""
    loop = planted(tmp_path, people=40)
    with loop.open() as space:
        first = told(space, occasion=START.date().isoformat())
        sent(space, first.run)
    loop.shop.change("tactful.yaml", START.isoformat(), (START + WEEK + timedelta(days=1)).isoformat())
    with loop.open() as space:
        assert "outcomes" not in told(space, occasion="2011-12-17").tables
        somebody = next(name for name, row in first.decisions.items() if row["outcome_kind"] == "chosen")
        fill(space, transactions=[
            order(somebody, at=START + timedelta(days=1), pounds=50.0, number=1),
            order(somebody, at=START + timedelta(days=3), pounds=20.0, number=1, kind="return"),
            order("p1", at=START + WEEK, pounds=1.0, number=1),
        ])  # fmt: skip
        rows = told(space, occasion="2011-12-18").tables["outcomes"].to_pylist()
    mine = [row for row in rows if row["customer_id"] == somebody and row["metric"] == METRIC]
    assert [row["value"] for row in mine] == [1_200]  # 40 % of fifty pounds less the twenty that went back
    assert [row["class"] for row in mine] == ["human"]
