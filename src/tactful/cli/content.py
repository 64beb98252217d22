"""`tactful check-content`: what can be said of a content file alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tactful.cli.door import command

if TYPE_CHECKING:
    from tactful.flow.contents import Checked
    from tactful.words.finding import Finding

_MOST_OF_A_RULE = 4


@click.argument("files", nargs=-1, required=True, metavar="FILE [FILE…]", type=click.Path(path_type=Path))
@click.option("--all", "shows_all", is_flag=True, help="Show every place; else the first four of each rule.")
def _check_content(
    *, root: Path, as_json: bool, files: tuple[Path, ...], shows_all: bool
) -> Any:  # Any: printed as JSON
    """Check single files: .mjml, .html, .liquid or .eml, in a project or without one."""
    from tactful.flow.contents import check_files

    del root
    checked = check_files(files)
    if not as_json:
        for one in checked:
            _show(one, most=10_000 if shows_all else _MOST_OF_A_RULE)
    return (0 if all(one.passes for one in checked) else 1), [_told(one) for one in checked]


def _show(checked: Checked, *, most: int) -> None:
    """Findings worst first, then a line that sums them up."""
    counts: Counter[str] = Counter()
    further: Counter[str] = Counter()
    for finding in checked.findings:
        counts[finding.rule] += 1
        if counts[finding.rule] <= most:
            where = f"{finding.place}: " if finding.place else ""
            fix = f"; {finding.fix}" if finding.fix else ""
            click.echo(f"{where}{finding.severity.value}: {finding.what}{fix} ({finding.rule})")
            for line in _caret(finding):
                click.echo(line)
        else:
            further[finding.rule] += 1
    for rule, count in further.items():
        click.echo(f"{checked.path}: {count} more like these ({rule}); --all shows them")
    kinds = Counter(finding.severity.value for finding in checked.findings)
    told = ", ".join(f"{n} {kind}{'' if n == 1 else 's'}" for kind, n in kinds.items()) or "nothing to say"
    size = f", {checked.size / 1024:.0f} KB of HTML" if checked.size else ""
    click.echo(f"{checked.path}: {'passes' if checked.passes else 'does not pass'} ({told}{size})")


def _caret(finding: Finding) -> tuple[str, ...]:
    """The line as written with a caret below the place."""
    if not (finding.source and finding.place and finding.place.column):
        return ()
    return (f"    {finding.source}", f"    {' ' * (finding.place.column - 1)}^")


def _told(checked: Checked) -> dict[str, Any]:  # Any: as JSON
    return {
        "file": checked.path,
        "kind": checked.kind,
        "passes": checked.passes,
        "bytes": checked.size,
        "findings": [
            {
                "file": finding.place.file if finding.place else checked.path,
                "line": finding.place.line if finding.place else None,
                "column": finding.place.column if finding.place else None,
                "severity": finding.severity.value,
                "rule": finding.rule,
                "what": finding.what,
                "fix": finding.fix,
            }
            for finding in checked.findings
        ],
    }


check_content_command = command("check-content")(_check_content)
