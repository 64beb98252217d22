"""`tactful load` and `tactful report`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tactful.cli.door import command


@click.option("--replay", is_flag=True, help="Read the quarantined rows again under the present contracts.")
def _load(*, root: Path, as_json: bool, replay: bool) -> Any:  # Any: printed as JSON
    """Load what is new in the project's sources; what was loaded before is left alone."""
    from tactful.cli.bars import Bars
    from tactful.cli.tables import show_loads
    from tactful.flow.loading import load, replay_quarantine
    from tactful.flow.workspace import alone, open_workspace

    with open_workspace(root) as space, alone(space):
        accounts = (replay_quarantine if replay else load)(space, progress=Bars())
    if not as_json:
        show_loads(accounts)
    held = any(account.state == "held" for account in accounts)
    return (1 if held else 0), [account.shown() for account in accounts]


@click.option("--gate", is_flag=True, help="Show what the gate found instead, by rule, program, level and branch.")
def _report(*, root: Path, as_json: bool, gate: bool) -> Any:  # Any: printed as JSON
    """Show how complete and fresh each fact is, by stage of the journey, in the last run."""
    if gate:
        return _gate_report(root, as_json=as_json)
    from tactful.cli.tables import show_completeness
    from tactful.flow.reporting import completeness
    from tactful.flow.workspace import open_workspace

    with open_workspace(root) as space:
        found = completeness(space)
    if not as_json:
        show_completeness(found.headings, found.lines)
    return found.table.to_pylist()


def _gate_report(root: Path, *, as_json: bool) -> Any:  # Any: printed as JSON
    from tactful.cli.tables import show_gate
    from tactful.flow.reporting import gate_of
    from tactful.flow.workspace import open_workspace

    with open_workspace(root) as space:
        found = gate_of(space)
    if not as_json:
        show_gate(found)
    return found


load_command = command("load")(_load)
report_command = command("report")(_report)
