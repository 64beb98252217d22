"""What was decided when people came is learned from: the truth of a world in which only the site says something."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from flow.loop import METRIC, Loop, planted
from flow.test_learning import remade, table, values
from scenarios.town import Told, told
from tactful.flow.deciding import decide_now
from tactful.flow.forgetting import forget
from tactful.flow.progress import Silent
from tactful.flow.visits import seal_visits
from tactful.learn.value_sums import merged

PLACE = "web.home_hero"
WEB = f"/{PLACE}/all/none"
PEOPLE = 160


def spends(row: Any, rng: np.random.Generator) -> float:
    """Half the people spend five pounds anyway; who is shown something on the site spends 12.50 more."""
    anyway = 5.0 if rng.random() < 0.5 else 0.0
    return anyway + (12.5 if row is not None and row["outcome_kind"] == "chosen" else 0.0)


def with_a_place(folder: Path) -> Loop:
    """The small shop, which speaks on its site too; two in five of its people are held out."""
    loop = planted(folder, people=PEOPLE)
    shop = loop.shop
    shop.change("programs/letter.yaml", "touchpoints: [email]", f"touchpoints: [email, {PLACE}]")
    shop.change("programs/letter.yaml", "levels:\n", "web:\n  all: {content: letter/everyone}\nlevels:\n")
    (shop.root / "content/letter/everyone.web.liquid").write_text("<p>Here is what is new in the shop.</p>\n", "utf-8")
    return loop


def week(loop: Loop) -> tuple[Told, dict[str, Any]]:
    """A run that is not sent; everybody comes to the site; a week passes."""
    with loop.open() as space:
        seal_visits(space, progress=Silent())
        found = told(space, occasion=loop.now.date().isoformat())
        shown = {}
        for one in loop.people:
            name = str(one["customer_id"])
            (place,) = decide_now(space, found.run, customer_id=name, touchpoint=PLACE)
            shown[name] = place.facts
        loop.live(space, SimpleNamespace(decisions=shown), spends=spends)  # type: ignore[arg-type]  # what was decided
    return found, shown


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Loop, list[Told], list[dict[str, Any]]]:
    loop = with_a_place(tmp_path_factory.mktemp("site"))
    weeks = [week(loop) for _ in range(2)]
    with loop.open() as space:
        seal_visits(space, progress=Silent())
        last = told(space, occasion=loop.now.date().isoformat())
    return loop, [*(found for found, _ in weeks), last], [shown for _, shown in weeks]


def test_what_the_site_brings_is_believed_as_it_is(lived: Any) -> None:
    """Five pounds of margin; expected were two."""
    _, weeks, shown = lived
    kinds = {row["outcome_kind"] for row in shown[0].values()}
    assert kinds >= {"chosen", "held_out"}
    mean = {row["cell"]: row for row in weeks[-1].tables["beliefs"].to_pylist()}[WEB]
    first = {row["cell"]: row for row in weeks[0].tables["beliefs"].to_pylist()}[WEB]
    assert abs(mean["mean"] - 500_000) < 0.3 * abs(first["mean"] - 500_000)
    assert mean["source_rows"] == sum(
        row["outcome_kind"] in ("chosen", "held_out") for one in shown for row in one.values()
    )


def test_each_visit_has_one_outcome_and_what_came_before_it_does_not_count(lived: Any) -> None:
    loop, _, shown = lived
    with loop.open() as space:
        rows = [row for row in table(space, "outcomes").to_pylist() if row["metric"] == METRIC]
    ids = [row["decision_id"] for row in rows]
    spoken = {
        row["decision_id"] for one in shown for row in one.values() if row["outcome_kind"] in ("chosen", "held_out")
    }
    assert len(ids) == len(set(ids))
    assert spoken <= set(ids)


def test_D4_who_came_is_taken_out_of_what_was_learned(lived: Any) -> None:
    loop, _, shown = lived
    victim = next(name for name, row in shown[0].items() if row["outcome_kind"] == "chosen")
    with loop.open() as space:
        before = values(table(space, "learn_sums"))
        receipt = forget(space, victim)
        left = values(table(space, "learn_sums"))
        again = remade(space, outcomes=table(space, "outcomes"))
        assert not pc.any(pc.equal(table(space, "decisions")["customer_id"], victim)).as_py()
    assert receipt.removed["learn_sums"] == 2
    assert merged([left]).equals(merged(again))
    assert not merged([left]).equals(merged([before]))
    assert isinstance(left, pa.Table)
