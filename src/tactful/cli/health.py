"""`tactful health`: whether work can go on, for a person or a monitor."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from tactful.cli.door import command


def _health(*, root: Path, as_json: bool) -> Any:  # Any: printed as JSON
    """Say whether work can go on: room, stops, messages that want a look, and whether what customers said is whole."""
    from tactful.flow.health import health
    from tactful.flow.workspace import open_workspace

    with open_workspace(root) as space:
        signs = health(space)
    if not as_json:
        for sign in signs:
            click.echo(f"{'well' if sign.well else 'LOOK'}  {sign.name:<8}{sign.says}")
    return (0 if all(sign.well for sign in signs) else 1), [asdict(sign) for sign in signs]


health_command = command("health")(_health)
