"""Importing the package imports no driver, and `--help` none of the heavy libraries."""

import json
import subprocess
import sys

import pytest

from benchmarks.measure import measured
from tools.houseplan import DRIVERS

HEAVY = {"numpy", "scipy", "pyarrow", "numba", "sqlglot"}
MOST_HELP_CPU_SECONDS = 0.15


def loaded_by(code):
    """The top-level modules that are loaded after running a piece of code."""
    program = f"import json, sys\n{code}\nprint()\nprint(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_package_imports_no_driver():
    assert loaded_by("import tactful") & (set(DRIVERS) | HEAVY) == set()


@pytest.mark.parametrize("room", ["words", "reckon"])
def test_the_ground_imports_no_driver(room):
    assert loaded_by(f"import tactful.{room}") & set(DRIVERS) == set()


def test_help_loads_nothing_heavy():
    shown = (
        "from tactful.cli import main\nsys.argv = ['tactful', '--help']\ntry:\n    main()\nexcept SystemExit:\n    pass"
    )
    assert loaded_by(shown) & (set(DRIVERS) - {"click", "rich"} | HEAVY) == set()


def test_help_answers_within_150_milliseconds():
    # Processor time, the best of five: what other work on the machine does not change.
    runs = [measured([sys.executable, "-m", "tactful", "--help"]) for _ in range(5)]
    assert {run.code for run in runs} == {0}
    assert min(run.cpu_seconds for run in runs) < MOST_HELP_CPU_SECONDS
