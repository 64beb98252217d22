"""`tactful demo`: the whole journey on real data, in a folder like any other project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tactful.cli.door import command


@click.option("--fresh", is_flag=True, help="Begin again: remove ./demo first.")
def _demo(*, root: Path, as_json: bool, fresh: bool) -> Any:  # Any: printed as JSON
    """Run the whole journey on real data, in ./demo: check, plan, run, approve, send, explain."""
    from tactful.cli.bars import Bars
    from tactful.cli.tables import show_loads, show_run, show_sent
    from tactful.flow.demonstrating import demonstrate

    shown = demonstrate(root / "demo", fresh=fresh, progress=Bars())
    if not as_json:
        show_loads(shown.accounts)
        click.echo("\n" + "\n".join(shown.explained) + "\n")
        show_run(shown.done)
        click.echo("")
        show_sent(shown.sent)
        click.echo("\n" + "\n".join(shown.ending))
    return {"run": shown.done.name, "state": shown.done.state, **shown.done.summary, "sent": shown.sent.states}


demo_command = command("demo")(_demo)
