"""The map of scenarios is true: every test it names exists, and every scenario whose rooms stand is tested."""

from dataclasses import replace
from pathlib import Path

import pytest

from tools import reference, scenarios
from tools.scenarios import ALL, REQUIRED, Scenario, faults, read

GOOD = Scenario(number="F01", says="x", state="tested", tests=("tests/laws/test_scenarios.py::test_the_map_is_true",))


def test_the_map_is_true() -> None:
    assert list(faults(read())) == []


def test_every_scenario_that_must_be_tested_is() -> None:
    state = {scenario.number: scenario.state for scenario in read()}
    assert len(ALL) == len(set(ALL)) == 121
    assert {number: state[number] for number in REQUIRED} == dict.fromkeys(REQUIRED, "tested")
    assert {"F01", "F19", "F24", "F32", "F38", "F53", "F63", "F70", "F76", "F78", "F88", "A14", "B15"} <= set(REQUIRED)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"tests": ("tests/laws/test_scenarios.py::test_that_is_not_there",)}, "does not exist"),
        ({"tests": ("tests/laws/nowhere.py::test_x",)}, "no file of tests"),
        ({"tests": ()}, "names no test"),
        ({"state": "later", "tests": ()}, "says not where"),
        ({"state": "later", "why": "some day", "tests": ()}, "must be tested"),
        ({"state": "done"}, "write tested or later"),
        ({"number": "F999"}, "no such scenario"),
    ],
)
def test_a_false_line_is_found(changes: dict[str, object], says: str) -> None:
    found = list(faults((replace(GOOD, **changes),)))  # type: ignore[arg-type]
    assert any(says in fault for fault in found)


def test_a_skipped_test_proves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "tests" / "test_x.py"
    path.parent.mkdir()
    path.write_text("import pytest\n@pytest.mark.skip\ndef test_F01_a():\n    pass\n")
    found = list(faults((replace(GOOD, tests=("tests/test_x.py::test_F01_a",)),), tmp_path))
    assert any("skipped" in fault for fault in found)
    assert scenarios.carried(path.parent) == {"F01": ["tests/test_x.py::test_F01_a"]}


def test_writing_the_map_anew_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("# a head\n")
    scenarios.write(read(), {}, path)
    assert read(path) == tuple(replace(one, tests=tuple(sorted(one.tests))) for one in read())
    assert path.read_text().startswith("# a head\n")


def test_every_scenario_stands_on_its_page() -> None:
    page = reference.Page("Scenarios", about="")
    reference.scenarios(page)
    text = "\n".join(page.lines)
    assert page.silent == []
    assert all(f"| {number} |" in text for number in ALL)
