"""`tactful init` and `tactful check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tactful.cli.door import command


@click.argument("name", type=click.Path(file_okay=False, path_type=Path))
@click.option("--starter", default="retail", show_default=True, help="Which starter to plant.")
def _init(*, root: Path, as_json: bool, name: Path, starter: str) -> Any:  # Any: printed as JSON
    """Plant a project from a starter in the folder NAME."""
    from tactful.project.starters import plant

    target = root / name
    files = plant(starter, target)
    if not as_json:
        click.echo(f"Planted {starter} in {name}: {len(files)} files.")
        click.echo(f"Next: cd {name} && tactful check")
    return {"project": str(target), "files": len(files)}


def _check(*, root: Path, as_json: bool) -> Any:  # Any: printed as JSON
    """Check every file of the project; nothing runs before this passes."""
    from tactful.flow.checking import check

    report = check(root)
    if not as_json:
        for finding in report.findings:
            click.echo(str(finding))
        if report.findings:
            click.echo("")
        for line in report.lines:
            click.echo(line)
    found = [str(finding) for finding in report.findings]
    return (0 if report.may_run else 1), {
        "findings": found,
        "fingerprint": report.fingerprint,
        "may_run": report.may_run,
    }


init_command = command("init")(_init)
check_command = command("check")(_check)
