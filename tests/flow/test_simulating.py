"""Simulation: the same seed lives the same life, the log is read as it was sealed, and the page needs nothing else."""

import re
from datetime import date
from html.parser import HTMLParser

import numpy as np
import pyarrow as pa
import pytest

from tactful.decide.arms import Arms
from tactful.flow.simulating import Simulated, Wanted, simulate
from tactful.flow.simulating_log import Occasion, _for_all, _held, _measured, simulate_log
from tactful.flow.simulation_page import draw, write_page
from tactful.store import contracts
from tactful.words.errors import Misuse


def totals(found: Simulated, policy: str) -> dict[str, float]:
    lived = next(one for one in found.lived if one.policy == policy)
    return {series.name: series.total for series in lived.series}


@pytest.fixture(scope="module")
def small() -> Simulated:
    return simulate(Wanted(people=300, days=60, seed=4))


def test_the_same_seed_lives_the_same_life_and_another_does_not(small):
    assert simulate(Wanted(people=300, days=60, seed=4)).facts() == small.facts()
    assert simulate(Wanted(people=300, days=60, seed=5)).facts() != small.facts()


def test_silence_costs_and_brings_nothing_and_the_engine_beats_every_cap(small):
    assert totals(small, "nothing") == {
        "value": 0, "contacts": 0, "opt-outs": 0, "complaints": 0, "spend": 0, "reachable": 300,
    }  # fmt: skip
    caps = [one.policy for one in small.lived if one.policy.startswith("at most")]
    assert totals(small, "engine")["value"] > max(totals(small, name)["value"] for name in caps)


def test_a_budget_of_a_day_holds_and_is_said():
    found = simulate(Wanted(world="tight", people=300, days=20))
    assert any("2.00 may be spent in a day" in note for note in found.notes)
    for one in found.lived:
        spend = next(series for series in one.series if series.name == "spend")
        assert max(spend.days) <= 2.0 + 1e-9


def test_what_cannot_be_simulated_is_refused():
    with pytest.raises(Misuse, match="no world 'moon'"):
        Wanted(world="moon")
    with pytest.raises(Misuse, match="out of range"):
        Wanted(people=0)
    with pytest.raises(Misuse, match="out of range"):
        Wanted(caps=(0,))


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.places: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.places += [value or "" for name, value in attrs if name in ("src", "href", "srcset") or name[:2] == "on"]


def test_the_page_needs_no_script_no_network_and_no_picture(small, tmp_path):
    page = write_page(small, root=tmp_path, page=None)
    assert page == tmp_path / "simulation.html"
    seen, text = _Seen(), page.read_text("utf-8")
    seen.feed(text)
    assert "script" not in seen.tags
    assert seen.places == []
    assert "http" not in re.sub(r"<style>.*?</style>", "", text)
    assert seen.tags.count("figure") == 6
    assert seen.tags.count("table") == 1 + 6
    assert "prefers-color-scheme:dark" in text
    assert f"{totals(small, 'engine')['value']:,.0f}" in text


def test_a_single_day_is_drawn_too():
    page = draw(simulate(Wanted(people=5, days=1, caps=(1,))))
    assert "<path" in page
    assert page.count(">day 1<") == 6 + 6, "once under each picture, once in its table"


def occasion(**changed) -> Occasion:
    """Three customers, nothing and two messages: the second at level all."""
    rows = [
        {"arm": n, "arm_id": bytes([n] * 16), "touchpoint": "email", "channel": "email", "program": program,
         "purpose": "marketing", "level": level, "cell_by": [], "cost": cost, "offer_cost": 0, "preview_only": False}
        for n, (program, level, cost) in enumerate(((None, "none", 0), ("a", "all", 100), ("a", "many", 200)))
    ]  # fmt: skip
    arms = Arms.of(pa.RecordBatch.from_pylist(rows, schema=contracts.table("arms").schema))
    half, most = 1 << 51, (1 << 52) - (1 << 51)
    usual = {
        "day": date(2012, 1, 1), "key": np.array([1, 2, 3]), "arms": arms, "kind": np.arange(3),
        "eligible": np.array([[True, True, True], [True, True, False], [True, False, True]]),
        "score": np.array([[0, 500, 900], [0, 400, 0], [0, 0, -10]]),
        "propensity": np.array([[0, half, most], [half, most, 0], [most, 0, half]]),
        "chosen": np.array([2, 1, 0]), "is_drawn": np.array([True, True, True]),
        "outcome": np.array([5_000, 2_000, 0]), "is_known": np.array([True, True, False]), "share": 1.0,
    }  # fmt: skip
    return Occasion(**(usual | changed))


def test_a_measured_value_counts_each_outcome_as_often_as_it_was_unlikely():
    # Both known choices had one chance in two: (5,000 + 2,000) × 2 score units are 14 pence, of two same choices.
    assert _measured(occasion(), np.array([2, 1, 0])) == (pytest.approx(0.14), 2)
    assert _measured(occasion(), np.array([1, 1, 0])) == (pytest.approx(0.04), 1)
    assert _measured(occasion(is_drawn=np.array([False, True, True])), np.array([2, 1, 0]))[1] == 1


def test_one_for_all_takes_a_message_of_level_all_for_whoever_may_get_it():
    assert _for_all(occasion()).tolist() == [1, 1, 0]


def test_a_cap_counts_over_runs_of_seven_days():
    heard: dict[int, list[date]] = {}
    first, again = occasion(), np.array([2, 1, 0])
    assert _held(first, again, cap=1, heard=heard).tolist() == [2, 1, 0]
    assert _held(occasion(day=date(2012, 1, 7)), again, cap=1, heard=heard).tolist() == [0, 0, 0]
    assert _held(occasion(day=date(2012, 1, 8)), again, cap=1, heard=heard).tolist() == [2, 1, 0]


def test_the_log_of_a_run_is_laid_beside_other_policies(waiting):
    found = simulate_log(waiting, caps=(1,))
    assert found.labels == ("2011-12-09",)
    engine, best, silence = (totals(found, name) for name in ("engine", "always the best", "nothing"))
    assert silence == {"expected value": 0, "contacts": 0, "spend": 0}
    assert engine["contacts"] > 0
    assert best["expected value"] >= engine["expected value"]
    assert "No outcomes have come yet" in found.notes[1]


def test_a_project_without_a_run_says_what_to_do(planted):
    with pytest.raises(Misuse, match="tactful run"):
        simulate_log(planted, caps=(1,))
