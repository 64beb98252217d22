"""Runs one subject, prints what it found, and keeps it: `python -m benchmarks NAME [--quick] [--json]`.

Exit 0 where every goal holds and no peer was missing, 1 where not, 2 for misuse.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine
from benchmarks.report import Report

HERE = Path(__file__).parent
RESULTS = HERE / "results"
FURNITURE = {
    "__init__",
    "__main__",
    "allocate_job",
    "kernel_again",
    "kernel_argmax",
    "kernel_world",
    "letters",
    "limited_world",
    "machine",
    "measure",
    "mail",
    "messages_job",
    "peer",
    "report",
    "starter",
}


def subjects() -> list[str]:
    """The names of what can be measured."""
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in FURNITURE)


def keep(name: str, *, report: Report, quick: bool, further: Sequence[str] = (), folder: Path = RESULTS) -> Path:
    """Write a report with its machine, versions and command; a quick or partial one beside the full one."""
    folder.mkdir(parents=True, exist_ok=True)
    kept_as = f".{report.kept_as}" if report.kept_as else ""
    path = folder / f"{name}{kept_as}{'.quick' if quick else ''}.json"
    full = {
        "benchmark": name,
        "command": " ".join(["python -m benchmarks", name, *(["--quick"] if quick else []), *further]),
        "commit": machine.commit(),
        "machine": machine.machine(),
        "versions": machine.versions(),
        **report.as_json(),
    }
    path.write_text(json.dumps(full, indent=2) + "\n", "utf-8")
    return path


def tell(name: str, *, report: Report) -> str:
    """A report for a person: its figures, its ratios, and each goal with what was measured."""
    lines = [name, *indented(report.figures), *indented(report.ratios)]
    for goal in report.goals:
        bounds = [f"at least {goal.at_least:,}"] if goal.at_least is not None else []
        bounds += [f"at most {goal.at_most:,}"] if goal.at_most is not None else []
        measured = "not measured" if goal.value is None else f"{goal.value:,}"
        lines.append(f"  {'holds' if goal.holds else 'FAILS'}  {goal.name}: {measured} ({' and '.join(bounds)})")
    lines += [f"  MISSING  {peer}" for peer in report.missing]
    return "\n".join(lines)


def indented(values: object, *, depth: int = 1) -> list[str]:
    """Nested values as indented lines."""
    lines: list[str] = []
    for key, value in dict(values).items() if isinstance(values, dict) else ():
        nested = isinstance(value, dict)
        shown = f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
        lines.append(f"{'  ' * depth}{key}" + ("" if nested else f": {shown}"))
        lines += indented(value, depth=depth + 1) if nested else []
    return lines


def main(arguments: list[str]) -> int:
    """Run one benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures what the project promises.")
    parser.add_argument("name", choices=subjects(), help="what to measure")
    parser.add_argument("--quick", action="store_true", help="a smaller size, for a first impression")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked, further = parser.parse_known_args(arguments)
    subject = importlib.import_module(f"benchmarks.{asked.name}")
    if further and not hasattr(subject, "options"):
        parser.error(f"{asked.name} knows no {' '.join(further)}")
    own = subject.options(further) if hasattr(subject, "options") else {}
    report: Report = subject.run(quick=asked.quick, **own)
    keep(asked.name, report=report, quick=asked.quick, further=further)
    print(json.dumps(report.as_json()) if asked.json else tell(asked.name, report=report))
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
