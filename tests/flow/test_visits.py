"""What was decided when people came is sealed, explained, learned from and forgotten like what was decided at night."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from flow.doomed import ended, visits_dying_at
from flow.shops import members, opened, rows_of
from tactful.flow.deciding import decide_now
from tactful.flow.explaining import explain
from tactful.flow.forgetting import export, forget
from tactful.flow.manifest import empty, find_run, known_runs, sealed_in
from tactful.flow.progress import Silent
from tactful.flow.visits import VISITS, seal_visits
from tactful.flow.workspace import open_workspace
from tactful.store import contracts, lake

PLACE = "web.home_hero"
KILLED = -9


@pytest.fixture(scope="module")
def visited_shop(waiting_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop to which twelve people have come."""
    root = Path(shutil.copytree(waiting_shop, tmp_path_factory.mktemp("visited") / "shop"))
    with opened(root) as space:
        for customer in members(root)[:12]:
            decide_now(space, find_run(space, None), customer_id=customer, touchpoint=PLACE)
    return root


@pytest.fixture
def visited(visited_shop: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(visited_shop, tmp_path / "shop"))


def seal(root: Path) -> int:
    with opened(root) as space:
        return seal_visits(space, progress=Silent())


def sealed(root: Path, table: str) -> pa.Table:
    """Rows of a table in every run of visits."""
    with opened(root) as space, space.ledger.reading() as tx:
        found = [sealed_in(tx, one.run_id, root=space.lake) for one in known_runs(tx) if one.kind == VISITS]
    return pa.concat_tables([lake.read(each[table]) for each in found] or [empty(table)])


def as_kept(root: Path) -> dict[str, dict[str, Any]]:
    return {str(row["decision_id"].hex()): json.loads(str(row["body"])) for row in rows_of(root, "live_decision")}


def test_what_was_decided_when_asked_is_sealed_exactly_as_it_was_kept(visited: Path) -> None:
    kept = as_kept(visited)
    assert seal(visited) == len(kept) == 12
    decisions, candidates, inputs = (sealed(visited, name) for name in ("decisions", "candidates", "inputs"))
    assert decisions.schema.equals(contracts.table("decisions").schema, check_metadata=False)
    assert sorted(one.hex() for one in decisions["decision_id"].to_pylist()) == sorted(kept)
    with opened(visited) as space:
        by = find_run(space, None).run_id
    for row in decisions.to_pylist():
        body = kept[row["decision_id"].hex()]
        assert (row["touchpoint"], row["channel"], row["run_id"]) == (PLACE, "web", by)
        for name in ("propensity", "score", "outcome_kind", "reasons", "held_out_of", "customer_key", "drawn_by"):
            assert row[name] == body[name]
        for name in ("arm_id", "prices_id", "beliefs_id", "policy_id", "input_id"):
            assert row[name].hex() == body[name]
        arms = [one for one in candidates.to_pylist() if one["decision_id"] == row["decision_id"]]
        assert sum(one["propensity"] for one in arms) == 2**52
        mine = next(one for one in arms if one["arm_id"] == row["arm_id"])
        assert row["drawn_by"] != "draw" or (mine["propensity"], mine["score"]) == (row["propensity"], row["score"])
    assert sorted(inputs["decision_id"].to_pylist()) == sorted(decisions["decision_id"].to_pylist())
    assert set(inputs["touchpoint"].to_pylist()) == {PLACE}
    said = [row for row in decisions.to_pylist() if row["outcome_kind"] == "chosen"]
    assert said
    assert all(row["variant_id"] and row["valid_until"] > row["decided_at"] for row in said)


def test_nothing_is_sealed_twice_and_it_still_stands_for_the_day(visited: Path) -> None:
    first = seal(visited)
    assert (first, seal(visited)) == (12, 0)
    with opened(visited) as space:
        run, customer = find_run(space, None), members(visited)[0]
        (again,) = decide_now(space, run, customer_id=customer, touchpoint=PLACE)
        (new,) = decide_now(space, run, customer_id=members(visited)[12], touchpoint=PLACE)
    assert (again.is_new, new.is_new) == (False, True)
    assert seal(visited) == 1
    counts = Counter(sealed(visited, "decisions")["decision_id"].to_pylist())
    assert (len(counts), max(counts.values())) == (13, 1)
    bodies = [len(str(row["body"])) for row in rows_of(visited, "live_decision")]
    assert max(bodies) < 3_000


@pytest.mark.parametrize("point", ["begin", "rows", "rename", "named", "end"])
def test_killed_at_any_point_no_visit_is_lost_and_none_is_doubled(visited: Path, point: str) -> None:
    assert ended(visits_dying_at, visited, point) == KILLED
    done = seal(visited)
    assert done == (0 if point == "end" else 12)
    counts = Counter(sealed(visited, "decisions")["decision_id"].to_pylist())
    assert (len(counts), max(counts.values())) == (12, 1)
    assert sealed(visited, "inputs").num_rows == 12


def test_explain_tells_what_was_decided_when_they_came(visited: Path) -> None:
    customer = members(visited)[0]
    with opened(visited) as space:
        before = explain(space, find_run(space, None), customer_id=customer)
    seal(visited)
    with opened(visited) as space:
        after = explain(space, find_run(space, None), customer_id=customer)
    assert before.facts["visits"] == after.facts["visits"]
    (visit,) = after.facts["visits"]
    assert visit["touchpoint"] == PLACE
    told = next(place for place, line in enumerate(after.lines) if line == "What they were shown when they came")
    assert PLACE in after.lines[told + 1]
    assert before.lines == after.lines


def test_D4_export_and_forget_know_the_visits_of_a_person(visited: Path, tmp_path: Path) -> None:
    victim, other = members(visited)[:2]
    seal(visited)
    with opened(visited) as space:
        (shown,) = decide_now(space, find_run(space, None), customer_id=members(visited)[13], touchpoint=PLACE)
        counts = export(space, victim, folder=tmp_path / "export")
        assert counts["live_decision"] == 1
        given = json.loads((tmp_path / "export" / "decisions.json").read_text("utf-8"))
        assert {row["touchpoint"] for row in given} == {"push", PLACE}
    with open_workspace(visited) as space:
        forget(space, victim)
    assert not rows_of(visited, "live_decision", f"customer_id = '{victim}'")
    left = sealed(visited, "decisions")
    assert not pc.any(pc.equal(left["customer_id"], victim)).as_py()
    assert not pc.any(pc.equal(sealed(visited, "inputs")["customer_id"], victim)).as_py()
    assert set(sealed(visited, "candidates")["decision_id"].to_pylist()) == set(left["decision_id"].to_pylist())
    assert other in left["customer_id"].to_pylist()
    assert shown.is_new
    assert seal(visited) == 1
