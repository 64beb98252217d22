"""Runs a suite of template cases through every path: `python -m tactful.testing.liquid FILE --json`.

FILE holds `{"tests": [{"name", "template", "data"?, "templates"?, "result" | "results" | "invalid": true, "tags"?}]}`.
Variables are lax, values are not escaped, and every tag and filter of python-liquid is there, as such suites expect;
the bounds on work and size hold all the same. `pass` and `fail` count what came out in the end; `fall_back` counts the
cases that the path handed to the reference.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np

from tactful.compose.frames import frame
from tactful.compose.limits import entries
from tactful.compose.liquid import CachingDictLoader, Context, Limited, Parsed, Undefined
from tactful.compose.placed import place
from tactful.compose.recorded import Recorder
from tactful.compose.rows import RowFunction, Unfitting
from tactful.compose.sweeping import SweptParsed, sweep, sweeping


class Lenient(Limited):
    """An environment with every tag and filter of python-liquid. Stability: internal."""

    is_lenient = True


def lenient(partials: Mapping[str, str], *, kind: type[Limited] = Lenient) -> Limited:
    """An environment with lax variables and no escaping; the same one wherever there are no partials."""
    return _lenient(partials, kind=kind) if partials else _bare(kind)  # type: ignore[arg-type]  # a class is hashable


@cache
def _bare(kind: type[Limited]) -> Limited:
    return _lenient({}, kind=kind)


def _lenient(partials: Mapping[str, str], *, kind: type[Limited]) -> Limited:
    return kind(loader=CachingDictLoader(dict(partials), auto_reload=False), undefined=Undefined, autoescape=False)


Case = Mapping[str, Any]  # Any: JSON as the suite has it
Outcome = tuple[str | None, bool]
"""What was rendered, None for an error; and whether the path stood aside."""


def reference(case: Case) -> Outcome:
    """By python-liquid."""
    try:
        env = lenient(case.get("templates") or {})
        parsed = env.from_string(case["template"])
        entries(case.get("data") or {})
        recorder = Recorder()
        parsed.render_with_context(Context(parsed, globals=cast("Case", place(case.get("data") or {}))), recorder)
        return recorder.recorded().joined(escaped=False), False
    except Exception:  # whatever goes wrong in a case is its outcome
        return None, False


def columnar(case: Case) -> Outcome:
    """In columns, of one row."""
    try:
        env = lenient(case.get("templates") or {}, kind=sweeping(Lenient))
        parsed = env.from_string(case["template"])
    except Exception:  # the template does not parse
        return None, False
    data = case.get("data") or {}
    assert isinstance(parsed, SweptParsed)
    try:
        swept = sweep(parsed, frame([data]), rows=np.arange(1))
    except Exception:  # what the columns cannot hold
        return reference(case)[0], True
    if not swept.ways:
        return reference(case)[0], True
    (way,) = swept.ways
    values = [str(column.distinct.objects[int(column.of(way.rows)[0])]) for column in way.columns]
    return "".join(one for pair in zip(way.made.segments, [*values, ""], strict=True) for one in pair), False


def row(case: Case) -> Outcome:
    """By a compiled function of one row."""
    try:
        parsed = lenient(case.get("templates") or {}).from_string(case["template"])
    except Exception:  # the template does not parse
        return None, False
    try:
        return RowFunction(cast("Parsed", parsed)).text(case.get("data") or {}), False
    except Unfitting:
        return reference(case)[0], True
    except Exception:  # the reference says whether this is an error of the case
        return reference(case)[0], True


PATHS: dict[str, Callable[[Case], Outcome]] = {"columnar": columnar, "row": row, "reference": reference}


def passes(case: Case, rendered: str | None) -> bool:
    """Whether a case came out as its suite says."""
    if case.get("invalid"):
        return rendered is None
    wanted = case.get("results")
    return rendered is not None and rendered in (wanted if isinstance(wanted, list) else [case.get("result")])


class Unreadable(Exception):
    """A file that is no suite, and why. Stability: internal."""


def cases_in(path: Path) -> list[Case]:
    """The cases of a suite; one without a name is called by its place.

    Raises:
        Unreadable: there is no such file, or it is no suite.
    """
    try:
        read = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as fault:
        raise Unreadable(f"{path} cannot be read as JSON: {fault}") from fault
    cases = read.get("tests") if isinstance(read, dict) else None
    if not isinstance(cases, list):
        raise Unreadable(f'{path} holds no {{"tests": [...]}}')
    for number, case in enumerate(cases, 1):
        if not isinstance(case, dict) or not isinstance(case.get("template"), str):
            raise Unreadable(f"case {number} of {path} has no template")
    return [{**case, "name": str(case.get("name", f"case {number}"))} for number, case in enumerate(cases, 1)]


def run(cases: Iterable[Case]) -> dict[str, dict[str, object]]:
    """Every case by every path: counts, and the names of those that failed."""
    cases = list(cases)
    told: dict[str, dict[str, object]] = {}
    for name, path in PATHS.items():
        outcomes = [path(case) for case in cases]
        failures = [
            case["name"] for case, (rendered, _) in zip(cases, outcomes, strict=True) if not passes(case, rendered)
        ]
        told[name] = {
            "pass": len(cases) - len(failures),
            "fail": len(failures),
            "fall_back": sum(aside for _, aside in outcomes),
            "failures": failures,
        }
    return told


def main(arguments: list[str]) -> int:
    """Run a suite; exit 0 if the paths agree, 1 if one of them fails where the reference does not, 2 for misuse."""
    parser = argparse.ArgumentParser(prog="python -m tactful.testing.liquid", description=str(__doc__).splitlines()[0])
    parser.add_argument("file", type=Path, help="the suite, as JSON")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args(arguments)
    try:
        told = run(cases_in(asked.file))
    except Unreadable as fault:
        parser.error(str(fault))
    if asked.json:
        sys.stdout.write(json.dumps({"paths": told}) + "\n")
    else:
        for name, counts in told.items():
            line = f"{name}: {counts['pass']} pass, {counts['fail']} fail, {counts['fall_back']} fall back\n"
            sys.stdout.write(line)
    by_reference = set(told["reference"]["failures"])  # type: ignore[call-overload]  # a list of names
    worse = [name for counts in told.values() for name in counts["failures"] if name not in by_reference]  # type: ignore[attr-defined]  # the same
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
