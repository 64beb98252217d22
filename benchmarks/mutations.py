"""A thousand faults in the demo's real messages: how many the gate holds back, by operator, and false alarms.

The operators know nothing of the rules; further ones are taken by `--operators MODULE:ATTRIBUTE`, in the form that
`tactful.testing.mutations` describes. The messages are those of the retail starter's own run on real invoice lines.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.report import Goal, Report
from tactful.flow.journey import run_journey
from tactful.flow.manifest import find_run
from tactful.flow.progress import Silent
from tactful.flow.workspace import alone, open_workspace
from tactful.project.starters import plant
from tactful.testing.mutate import LEAST_CAUGHT, MOST_ALARMS, material_of, operators_for
from tactful.testing.mutation_report import report
from tactful.testing.mutation_rows import Material

FIRST = {
    "operators": 114,
    "faults": 1000,
    "caught": 690,
    "caught_share": 0.69,
    "of_faults_in_tables": {"faults": 848, "caught": 674},
    "of_faults_in_finished_mails": {"faults": 152, "caught": 16},
    "false_alarms": 0,
    "good_messages": 1851,
}
"""What the gate caught when the operators were run for the first time, before any rule was mended or added for them."""
SEED = 1


@contextlib.contextmanager
def demo() -> Iterator[Material]:
    """The messages of the demo's run."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "shop"
        plant("retail", root)
        with open_workspace(root) as space, alone(space):
            run_journey(space, progress=Silent())
            yield material_of(space, find_run(space, None))


def options(arguments: Sequence[str]) -> dict[str, object]:
    """What this benchmark alone is asked: further operators."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks mutations")
    parser.add_argument("--operators", action="append", default=[], metavar="MODULE:ATTRIBUTE")
    parser.add_argument("--only", action="store_true", help="only those, without ours")
    parser.add_argument("--seed", type=int, default=SEED)
    return vars(parser.parse_args(list(arguments)))


def run(*, quick: bool, operators: Sequence[str] = (), only: bool = False, seed: int = SEED) -> Report:
    """1,000 faults (200 if quick) in the demo's messages, and every good message as it is."""
    acting = operators_for(operators, only=only)
    with demo() as material:
        found = report(material, acting, faults=200 if quick else 1_000, seed=seed, mails=300 if quick else None)
    said = found.as_json()
    share, alarms = found.caught / max(1, found.faults), 1000 * found.false_alarms / max(1, found.good)
    return Report(
        figures={"operators": len(acting), "seed": seed, **said, "first_run_of_our_operators": FIRST},
        ratios={
            "caught": round(share, 4),
            "caught_without_deriving_anything_again": round(found.by_meaning / max(1, found.faults), 4),
        },
        goals=(
            Goal(name="share of faults caught", value=round(share, 4), at_least=LEAST_CAUGHT),
            Goal(name="false alarms per thousand good messages", value=round(alarms, 3), at_most=MOST_ALARMS),
            Goal(
                name="operators that found something to spoil",
                value=len(acting) - len(found.idle),
                at_least=1 if only else 25,
            ),
            Goal(name="faults made", value=found.faults, at_least=1 if only or quick else 1_000),
        ),
    )
