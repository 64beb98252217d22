"""The public conformance suite through every path: never worse than python-liquid, hardly ever handed back."""

# ruff: noqa: E501  # a template is read on one line

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import liquid
import pytest

from compose.liquid_spec import cases
from datasets import dataset
from tactful.testing.liquid import columnar, main, passes, reference, row, run

RECURSIVE = {"HashRenderingTest#test_render_recursive_hash_9ab3d795"}
"""A value that holds itself: python-liquid prints `{...}`, we refuse it. No message has one, and neither passes."""


def test_the_public_suite_passes_no_less_than_python_liquid_in_every_group_and_the_paths_agree() -> None:
    groups: dict[str, Counter[str]] = {}
    disagreeing = set()
    bare = liquid.Environment()
    for group, case in cases(dataset("liquid_spec")):
        loader = liquid.CachingDictLoader(case["templates"])
        env = liquid.Environment(loader=loader) if case["templates"] else bare
        try:
            plain = env.from_string(case["template"]).render(**case["data"])
        except Exception:  # whatever goes wrong in a case is its outcome
            plain = None
        known, (in_columns, aside), (by_row, row_aside) = reference(case)[0], columnar(case), row(case)
        counts = groups.setdefault(group, Counter())
        counts.update(
            cases=1, plain=passes(case, plain), reference=passes(case, known), columnar=passes(case, in_columns)
        )
        counts.update(row=passes(case, by_row), aside=aside, row_aside=row_aside)
        if not known == in_columns == by_row:
            disagreeing.add(case["name"])
    assert sum(counts["cases"] for counts in groups.values()) > 5_000
    for group, counts in groups.items():
        for path in ("reference", "columnar", "row"):
            assert counts[path] >= counts["plain"], (group, path, counts)
        assert counts["aside"] <= 0.4 * counts["cases"], (group, counts)
    assert disagreeing <= RECURSIVE


def test_the_command_tells_of_three_paths_and_the_names_that_fail(tmp_path: Path) -> None:
    suite = {
        "tests": [
            {"name": "plain", "template": "{{ a | upcase }}{% for x in b %}{{ x }}{% endfor %}", "data": {"a": "x", "b": [1, 2]}, "result": "X12"},
            {"name": "partial", "template": "{% render 'p', n: a %}", "data": {"a": 3}, "templates": {"p": "<{{ n }}>"}, "result": "<3>"},
            {"name": "one of two", "template": "{{ a }}", "data": {}, "results": ["", "nil"]},
            {"name": "broken", "template": "{% if %}", "invalid": True},
            {"name": "wrong", "template": "a", "result": "b"},
        ]
    }  # fmt: skip
    path = tmp_path / "suite.json"
    path.write_text(json.dumps(suite), "utf-8")
    assert main([str(path)]) == 0
    command = [sys.executable, "-m", "tactful.testing.liquid", str(path), "--json"]
    told = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)["paths"]
    assert list(told) == ["columnar", "row", "reference"]
    for counts in told.values():
        assert counts == {"pass": 4, "fail": 1, "fall_back": 0, "failures": ["wrong"]}
    assert told == run(suite["tests"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "holds no"),
        ('{"tests": null}', "holds no"),
        ('{"tests": [', "cannot be read as JSON"),
        ('{"tests": [{"name": "a"}]}', "case 1 of"),
        ('{"tests": [' + "[" * 100_000, "cannot be read as JSON"),
    ],
)
def test_a_file_that_is_no_suite_is_told_in_one_sentence(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "suite.json"
    path.write_text(text, "utf-8")
    with pytest.raises(SystemExit) as ended:
        main([str(path), "--json"])
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_a_suite_may_leave_out_what_it_does_not_need(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite = {
        "tests": [
            {"template": "a", "result": "b"},
            {"name": "nothing", "template": "{{ a }}", "data": None, "templates": None, "results": None, "result": ""},
            {"name": "no error", "template": "a", "invalid": False, "result": "a", "tags": ["x"], "more": 1},
        ]
    }
    path = tmp_path / "suite.json"
    path.write_text("\ufeff" + json.dumps(suite), "utf-8")
    assert main([str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["paths"]
    assert {name: counts["failures"] for name, counts in told.items()} == {name: ["case 1"] for name in told}
