"""The map from every scenario of the catalogue of failures to the tests that prove it, kept true.

Each scenario is `tested`, and names tests that exist, are run, and are not skipped; or `later`, and says where. Those
that concern rooms which stand are all tested.

    python -m tools.scenarios           faults, one a line
    python -m tools.scenarios --write   adds tests that carry a scenario's number and are not listed
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from tools.houseplan import ROOT

MAP = ROOT / "docs" / "reference-data" / "scenarios.yaml"
TESTS = ROOT / "tests"


def numbers(letter: str, *spans: tuple[int, int], digits: int = 2) -> tuple[str, ...]:
    """Names of scenarios in spans, both ends included.

    >>> numbers("F", (1, 2), (24, 24))
    ('F01', 'F02', 'F24')
    """
    return tuple(f"{letter}{n:0{digits}}" for first, last in spans for n in range(first, last + 1))


ALL = (*numbers("F", (1, 104)), "A14", *numbers("B", (1, 16), digits=1))
"""Every scenario of the catalogue's fifth chapter, and the promises about input."""
REQUIRED = (
    *numbers("F", (1, 20), (24, 24), (32, 38), (53, 53), (63, 63), (70, 70), (73, 76), (78, 88)),
    "A14",
    *numbers("B", (1, 15), digits=1),
)
"""Those that concern rooms which stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One line of the map. Stability: internal.

    Attributes:
        says: the story in a few words.
        state: `tested` or `later`.
        why: what is left out of a test, or which part of the house will prove it.
        tests: `path::function`, the path from the repository's root.
    """

    number: str
    says: str
    state: str
    why: str = ""
    tests: tuple[str, ...] = ()


def read(path: Path = MAP) -> tuple[Scenario, ...]:
    """The map, in its own order."""
    written = yaml.safe_load(path.read_text("utf-8"))
    return tuple(
        Scenario(number=number, **{**said, "tests": tuple(said.get("tests", ()))}) for number, said in written.items()
    )


@cache
def functions(path: Path) -> Mapping[str, bool]:
    """The test functions of a file, and whether each is skipped or expected to fail."""
    found = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marks = " ".join(ast.unparse(mark) for mark in node.decorator_list)
            found[node.name] = bool(re.search(r"\b(skip|skipif|xfail)\b", marks))
    return found


def faults(scenarios: tuple[Scenario, ...], root: Path = ROOT) -> Iterator[str]:
    """What is wrong with the map, one sentence each."""
    known = {scenario.number for scenario in scenarios}
    yield from (f"{number}: is not in the map" for number in ALL if number not in known)
    for scenario in scenarios:
        for fault in _faults(scenario, root):
            yield f"{scenario.number}: {fault}"


def _faults(scenario: Scenario, root: Path) -> Iterator[str]:
    if scenario.number not in ALL:
        yield "no such scenario"
    if scenario.state not in {"tested", "later"}:
        yield f"is {scenario.state!r}; write tested or later"
    if scenario.state == "later" and not scenario.why:
        yield "says not where it will be proven"
    if scenario.state == "later" and scenario.number in REQUIRED:
        yield "its rooms stand, so it must be tested"
    if scenario.state == "tested" and not scenario.tests:
        yield "names no test"
    for test in scenario.tests:
        file, _, name = test.partition("::")
        if not (root / file).is_file() or not Path(file).name.startswith("test_"):
            yield f"{file} is no file of tests"
        elif name not in functions(root / file):
            yield f"{test} does not exist"
        elif functions(root / file)[name]:
            yield f"{test} is skipped or expected to fail"


def carried(folder: Path = TESTS) -> dict[str, list[str]]:
    """The tests whose names carry a scenario's number, by number."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        for name in functions(path):
            for number in re.findall(r"(?<=_)[FAB]\d{1,3}(?=_)", name):
                found.setdefault(number, []).append(f"{path.relative_to(folder.parent)}::{name}")
    return found


def write(scenarios: tuple[Scenario, ...], carrying: Mapping[str, list[str]], path: Path = MAP) -> None:
    """Write the map with every test that carries the number of a tested scenario."""
    head = [line for line in path.read_text("utf-8").split("\n") if line.startswith("#")]
    lines = [*head, ""]
    for scenario in scenarios:
        lines += [f"{scenario.number}:", f"  says: {_quoted(scenario.says)}", f"  state: {scenario.state}"]
        lines += [f"  why: {_quoted(scenario.why)}"] if scenario.why else []
        tests = sorted({*scenario.tests, *carrying.get(scenario.number, ())}) if scenario.state == "tested" else []
        lines += ["  tests:", *(f"    - {test}" for test in tests)] if tests else []
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main(arguments: list[str]) -> int:
    """Check the map, or bring it up to date; 1 if something is wrong with it."""
    if "--write" in arguments:
        write(read(), carried())
    found = list(faults(read()))
    tested = sum(scenario.state == "tested" for scenario in read())
    print("\n".join(found) or f"{tested} of {len(ALL)} scenarios are tested, {len(REQUIRED)} of them must be")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
