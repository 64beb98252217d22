"""A changed rule takes over as far as the log allows; who leaves after a letter is counted, and can be forgotten."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from flow.loop import Loop, planted
from scenarios.town import Told, consent, fill, sent, told
from tactful.flow.explaining import explain
from tactful.flow.forgetting import forget
from tactful.flow.manifest import find_run, loaded
from tactful.flow.replaying import replay
from tactful.flow.simulating_log import simulate_log
from tactful.flow.workspace import Workspace, open_workspace
from tactful.learn.opt_outs import METRIC
from tactful.store import lake

POLICY = """
deployment: {loss: 2%, least: 40}
fatigue: {remaining: 5 GBP, opt_out: 1%}
"""


def spends(row: Any, rng: np.random.Generator) -> float:
    """A letter to everybody rarely brings much, one's own often something: as good as each other, and noisy."""
    anyway = 5.0 if rng.random() < 0.5 else 0.0
    brings = {"one": 30.0 * (rng.random() < 0.3), "all": 60.0 * (rng.random() < 0.12)}
    return anyway + (brings.get(row["level"], 0.0) if row is not None and row["outcome_kind"] == "chosen" else 0.0)


@dataclass(frozen=True)
class Lived:
    root: Path
    weeks: list[Told]
    loop: Loop
    leaver: str


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    loop = planted(tmp_path_factory.mktemp("lived"), people=160, more=POLICY)
    weeks = [loop.step(spends)]
    leaver = next(name for name, row in sorted(weeks[0].decisions.items()) if row["outcome_kind"] == "chosen")
    with loop.open() as space:
        fill(
            space,
            consents=consent(leaver, "withdrawn", happened_at=weeks[0].run.clock + (loop.now - weeks[0].run.clock) / 2),
        )
    weeks += [loop.step(spends) for _ in range(3)]
    return Lived(root=loop.shop.root, weeks=weeks, loop=loop, leaver=leaver)


@pytest.fixture
def after(lived: Lived, tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(Path(shutil.copytree(lived.root, tmp_path / "shop"))) as space:
        yield space


def weights(lived: Lived) -> list[int | None]:
    return [week.tables["baseline"]["weight"][0].as_py() if "baseline" in week.tables else None for week in lived.weeks]


def test_new_beliefs_are_mixed_in_as_far_as_the_log_allows_and_every_run_replays(
    lived: Lived, after: Workspace
) -> None:
    found = weights(lived)
    assert found[0] is None  # there was nothing before
    assert any(weight is not None and 0 < weight < 1024 for weight in found)
    for week in lived.weeks:
        again = replay(after, find_run(after, week.run.run_id.hex()))
        assert again.same, again.differences[:3]


def test_a_decision_of_a_mixture_says_so(lived: Lived, after: Workspace) -> None:
    place, weight = next((n, w) for n, w in enumerate(weights(lived)) if w is not None)
    week = lived.weeks[place]
    someone = next(name for name, row in week.decisions.items() if row["outcome_kind"] == "chosen")
    lines = explain(after, find_run(after, week.run.run_id.hex()), customer_id=someone).lines
    assert any(f"new beliefs count for {weight / 1024:.1%}" in line for line in lines)


def test_too_few_outcomes_leave_the_stated_default(tmp_path: Path) -> None:
    loop = planted(tmp_path, people=60, more="deployment: {least: 10000, unproven: 25%}\n")
    loop.step(spends)
    assert loop.step(spends).tables["baseline"]["weight"][0].as_py() == 256


def test_policies_are_measured_on_what_their_decisions_came_to(lived: Lived) -> None:
    found = simulate_log(lived.root, caps=())
    assert "decisions have outcomes" in found.notes[1]
    engine = next(one for one in found.lived if one.policy == "engine")
    assert next(series for series in engine.series if series.name == "measured value").total > 0


def counts(space: Workspace) -> pa.Table:
    with space.ledger.reading() as tx:
        sums = lake.read(loaded(tx, "learn_sums", root=space.lake))
    return sums.filter(pc.starts_with(sums["sum"], f"{METRIC}/"))


def test_who_left_after_a_letter_is_counted_by_what_they_felt_and_forgotten_exactly(
    lived: Lived, after: Workspace
) -> None:
    told(after, occasion=lived.loop.now.date().isoformat())
    before = counts(after)
    chosen = [sum(row["outcome_kind"] == "chosen" for row in week.decisions.values()) for week in lived.weeks]
    assert pc.sum(before["count"]).as_py() == sum(chosen)
    assert pc.sum(before["total"]).as_py() == 1
    assert {row["cell"] for row in before.to_pylist()} > {"0"}  # a second letter finds the first one felt
    forget(after, lived.leaver)
    left = counts(after)
    theirs = sum(
        week.decisions[lived.leaver]["outcome_kind"] == "chosen"
        for week in lived.weeks if lived.leaver in week.decisions
    )  # fmt: skip
    assert pc.sum(left["count"]).as_py() == sum(chosen) - theirs
    assert pc.sum(left["total"]).as_py() == 0


def test_a_rehearsal_teaches_nothing(tmp_path: Path) -> None:
    loop = planted(tmp_path, people=40)
    loop.shop.change("tactful.yaml", "seeds:", "mode: test\nseeds:")
    with loop.open() as space:
        found = told(space, occasion=loop.now.date().isoformat())
        sent(space, found.run)
        loop.live(space, found, spends=spends)
    assert "outcomes" not in loop.step(spends).tables
