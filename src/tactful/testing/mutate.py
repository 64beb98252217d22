"""The mutation report of a project's run: `python -m tactful.testing.mutate [--project DIR] [--json]`.

Puts a thousand faults into copies of the run's messages and says how many the gate held back, by operator. The run
itself is only read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tactful.flow.authoring import authored
from tactful.flow.manifest import Run, find_run
from tactful.flow.running import inputs_of
from tactful.flow.stage import Inputs
from tactful.flow.stages import STAGES
from tactful.flow.workspace import Workspace, open_workspace
from tactful.store import lake
from tactful.testing.faults import every_operator
from tactful.testing.mutation_report import Outcome, report
from tactful.testing.mutation_rows import Material
from tactful.testing.mutations import Operator, operators_at
from tactful.words.errors import TactfulError

LEAST_CAUGHT = 0.98
MOST_ALARMS = 1.0
"""False alarms among a thousand good messages."""


def material_of(space: Workspace, run: Run) -> Material:
    """A run's messages and all that its gate looked at."""
    stage = next(one for one in STAGES if one.name == "check")
    given = dict(inputs_of(space, stage, run=run))
    tables = {name: _read(name, given) for name in given}
    tables["authored"] = authored(given, space)
    return Material(project=space.project, clock=space.clock, key=space.key, inputs=tables)


def _read(name: str, given: Inputs) -> pa.Table:
    """A table; of orders only those of people who are written to."""
    if name != "transactions":
        return lake.read(given[name])
    people = lake.read(given["decisions"], columns=["customer_id"])["customer_id"].combine_chunks()
    kept = [batch.filter(pc.is_in(batch["customer_id"], value_set=people)) for batch in lake.batches(given[name])]
    return pa.Table.from_batches(kept)


def told(outcome: Outcome) -> Iterator[str]:
    """A report for people."""
    width = max((len(name) for name in outcome.by_operator), default=8)
    yield f"{'operator':<{width}}  faults  caught  by meaning  by which rules"
    for name, one in outcome.by_operator.items():
        if one.faults:
            rules = ", ".join(rule for rule, _ in one.rules.most_common(3))
            yield f"{name:<{width}}  {one.faults:>6}  {one.caught:>6}  {one.by_meaning:>10}  {rules}"
    yield ""
    share = outcome.caught / max(1, outcome.faults)
    yield f"{outcome.caught:,} of {outcome.faults:,} faults were held back ({share:.1%});"
    yield f"{outcome.by_meaning:,} of them also by a rule that derives nothing again."
    yield f"Of {outcome.good:,} good messages the gate held back {outcome.false_alarms:,}."
    for name in outcome.idle:
        yield f"{name} found nothing to spoil in this run."
    for name, one in outcome.by_operator.items():
        if one.missed:
            yield f"MISSED  {name}: {one.faults - one.caught}, message {', '.join(one.missed)}"


def operators_for(places: Sequence[str], *, only: bool) -> tuple[Operator, ...]:
    """A stranger's operators, with ours unless only those are wanted."""
    strange = tuple(one for place in places for one in operators_at(place))
    ours = () if only and strange else every_operator()
    names = {one.name for one in strange}
    return (*(one for one in ours if one.name not in names), *strange)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a report; 0 where it meets the goals, 1 where not, 2 for misuse."""
    parser = argparse.ArgumentParser(prog="python -m tactful.testing.mutate", description=__doc__.split("\n\n")[1])
    parser.add_argument("--project", type=Path, default=Path(), help="the project's folder")
    parser.add_argument("--run", help="which run; the last one, if left out")
    parser.add_argument("--faults", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--operators", action="append", default=[], metavar="MODULE:ATTRIBUTE", help="further operators"
    )
    parser.add_argument("--only", action="store_true", help="only those further operators")
    parser.add_argument("--json", action="store_true", help="answer in JSON, for programs")
    asked = parser.parse_args(arguments)
    try:
        operators = operators_for(asked.operators, only=asked.only)
        with open_workspace(asked.project) as space:
            material = material_of(space, find_run(space, asked.run))
        outcome = report(material, operators, faults=asked.faults, seed=asked.seed)
    except TactfulError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write((json.dumps(outcome.as_json(), indent=2) if asked.json else "\n".join(told(outcome))) + "\n")
    share = outcome.caught / max(1, outcome.faults)
    alarms = 1000 * outcome.false_alarms / max(1, outcome.good)
    return 0 if share >= LEAST_CAUGHT and alarms <= MOST_ALARMS else 1


if __name__ == "__main__":
    sys.exit(main())
