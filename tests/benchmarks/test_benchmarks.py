"""What a benchmark says and keeps: goals, missing peers, and no host's name."""

import json
import platform
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks import journey, peer
from benchmarks.measure import Measured, measured
from benchmarks.report import Goal, Report


def test_a_report_holds_only_when_every_goal_does():
    kept = Goal(name="rows per second", value=2e6, at_least=1e6)
    broken = Goal(name="seconds", value=31.0, at_most=30)
    assert Report(figures={}, goals=(kept,)).holds
    assert not Report(figures={}, goals=(kept, broken)).holds
    assert Report(figures={"a": 1}, goals=(broken,)).as_json()["goals"] == [
        {"name": "seconds", "value": 31.0, "at_most": 30, "holds": False}
    ]


def test_a_goal_that_promises_nothing_is_refused():
    with pytest.raises(ValueError, match="promises nothing"):
        Goal(name="speed", value=1.0)


def test_a_missing_peer_is_named_and_the_report_does_not_hold(tmp_path):
    (tmp_path / "other.py").write_text("print('{}')", "utf-8")
    missing = peer.run_peer("other", peers=tmp_path, python=tmp_path / "none" / "python")
    assert missing == peer.Missing(name="other", why="no .venv-bench: make bench-setup")
    report = Report(figures={}, goals=(Goal(name="x", value=2, at_least=1),), missing=(str(missing),))
    assert not report.holds
    assert "MISSING  other (no .venv-bench: make bench-setup)" in program.tell("load", report=report)


def test_a_peer_answers_in_json_and_a_package_it_lacks_is_named(tmp_path):
    here = {"peers": tmp_path, "python": Path(sys.executable)}
    (tmp_path / "sums.py").write_text("import sys\nprint('noise')\nprint('{\"sum\": ' + sys.argv[1] + '}')", "utf-8")
    (tmp_path / "lacks.py").write_text("import absent_package_of_nobody", "utf-8")
    (tmp_path / "fails.py").write_text("raise SystemExit('no such file')", "utf-8")
    answer = peer.run_peer("sums", ["3"], **here)
    assert isinstance(answer, peer.Answer)
    assert answer.printed == {"sum": 3}
    assert str(peer.run_peer("lacks", **here)).startswith("lacks (absent_package_of_nobody is not in .venv-bench")
    with pytest.raises(RuntimeError, match="no such file"):
        peer.run_peer("fails", **here)
    with pytest.raises(FileNotFoundError, match="there is no peer"):
        peer.run_peer("nobody")


def test_a_command_is_measured_as_a_whole_process():
    big = measured([sys.executable, "-c", "x = bytearray(80_000_000); print(len(x))"])
    small = measured([sys.executable, "-c", "raise SystemExit(7)"])
    assert (big.code, big.stdout, small.code) == (0, "80000000\n", 7)
    assert big.peak_bytes - small.peak_bytes > 60_000_000
    assert 0 < big.seconds < 60
    assert measured([sys.executable, "-c", "while True: pass"], timeout_seconds=0.2).code == -9


def test_what_is_kept_names_the_command_and_versions_but_no_host(tmp_path):
    report = Report(figures={"seconds": 1.5}, goals=(Goal(name="seconds", value=1.5, at_most=30),))
    path = program.keep("journey", report=report, quick=True, folder=tmp_path)
    kept = json.loads(path.read_text("utf-8"))
    assert path.name == "journey.quick.json"
    assert kept["command"] == "python -m benchmarks journey --quick"
    assert kept["holds"] is True
    assert kept["versions"]["duckdb"].startswith("2.")
    assert kept["machine"]["cores"] >= 1
    assert platform.node() == "" or platform.node() not in path.read_text("utf-8")


def test_what_only_some_sizes_say_is_kept_beside_the_whole_with_its_own_command(tmp_path):
    report = Report(figures={"seconds": 1.5}, goals=(Goal(name="seconds", value=1.5, at_most=30),), kept_as="sizes")
    path = program.keep("journey", report=report, quick=False, further=["--copies", "16,32"], folder=tmp_path)
    assert path.name == "journey.sizes.json"
    assert json.loads(path.read_text("utf-8"))["command"] == "python -m benchmarks journey --copies 16,32"
    assert journey.options(["--copies", "16,32"]) == {"copies": (16, 32), "rounds": None}
    assert journey.options(["--rounds", "3"]) == {"copies": None, "rounds": 3}
    for wrong in ("16", "32,16", "a,b", "0,1"):
        with pytest.raises(SystemExit):
            journey.options(["--copies", wrong])


def test_the_cost_of_a_further_customer_is_that_between_two_sizes():
    def size(customers, seconds):
        whole = Measured(code=0, seconds=seconds, cpu_seconds=0, peak_bytes=0, stdout="", stderr="")
        stages = {"load": seconds / 2, "know": seconds / 2}
        return journey.Size(copies=1, customers=customers, lines=1, whole=whole, stages=stages, messages=0)

    assert journey.marginal([size(10, 5.0), size(20, 6.0), size(40, 9.0)]) == pytest.approx([0.1, 0.15])


def test_of_the_runs_of_a_round_the_mean_counts_and_of_several_rounds_the_least_of_every_stage():
    def size(seconds, **stages):
        whole = Measured(
            code=0, seconds=seconds, cpu_seconds=2 * seconds, peak_bytes=int(seconds), stdout="", stderr=""
        )
        return journey.Size(copies=1, customers=9, lines=1, whole=whole, stages=stages, messages=0)

    rounds = [size(5.0, load=2.0, know=3.0), size(4.0, load=3.0, know=1.0)]
    one, both = journey.quietest(rounds), journey.mean(rounds)
    assert (one.whole.seconds, one.stages) == (4.0, {"load": 2.0, "know": 1.0})
    assert (both.whole.seconds, both.stages) == (4.5, {"load": 2.5, "know": 2.0})
    assert (both.whole.cpu_seconds, both.whole.peak_bytes) == (9.0, 5)


def test_sizes_that_are_compared_get_the_same_time_and_take_turns():
    order = journey.turns({16: 8, 32: 4, 64: 2, 128: 1})
    assert {one: one * order.count(one) for one in order} == dict.fromkeys((16, 32, 64, 128), 128)
    assert order[:7] == order[8:] == [16, 32, 16, 64, 16, 32, 16]
    assert order[7] == 128


def test_a_cost_that_falls_is_no_rise_and_one_that_rises_late_is_one():
    assert journey.rise([0.6, 0.5, 0.4]) == pytest.approx(-1 / 6)
    assert journey.rise([0.6, 0.4, 0.5]) == pytest.approx(0.25)
    assert journey.rise([0.5]) == 0
