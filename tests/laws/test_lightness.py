"""Importing the package imports no driver, and `--help` none of the heavy libraries."""

import json
import subprocess
import sys

import pytest

import tactful
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


@pytest.mark.parametrize("name", tactful.__all__)
def test_every_promised_name_is_there_and_says_what_it_is(name):
    assert getattr(tactful, name).__doc__


def test_a_name_that_is_not_promised_is_refused_with_what_is():
    with pytest.raises(AttributeError, match="tactful has no name 'decode'; it offers Clock, "):
        _ = tactful.decode


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
