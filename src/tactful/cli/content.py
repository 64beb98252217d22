"""`tactful check-content` and `tactful preview`: content files, alone and as customers read them."""

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


@click.argument("content")
@click.option("--as", "customer", default=None, metavar="CUSTOMER", help="As whom; if left out, as in the last run.")
@click.option("--level", type=click.Choice(["all", "many", "few", "one"]), default=None, help="Where several use it.")
@click.option("--width", type=click.Choice(["phone", "tablet", "desktop"]), default=None, help="Only this width.")
@click.option("--pictures/--no-pictures", default=True, show_default=True, help="Where a Chromium is found.")
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
def _preview(*, root: Path, as_json: bool, content: str, opens: bool, **asked: Any) -> Any:  # Any: as JSON; options
    """Open CONTENT as any customer: phone, tablet and desktop, light and dark, inbox line, text, every branch."""
    from tactful.flow.viewing import Asked, view
    from tactful.flow.workspace import open_workspace
    from tactful.words.level import Level

    level = Level(asked["level"]) if asked["level"] else None
    wanted = Asked(content=content, customer=asked["customer"], level=level, width=asked["width"],
                   takes_pictures=asked["pictures"])  # fmt: skip
    with open_workspace(root) as space:
        viewed = view(space, wanted)
    if not as_json:
        for note in viewed.notes:
            click.echo(note)
        reached = len(viewed.branches) - len(viewed.unseen)
        click.echo(f"{len(viewed.readers)} readers, {reached} of {len(viewed.branches)} branches: {viewed.page}")
    if opens:
        click.launch(str(viewed.page))
    return {
        "page": str(viewed.page),
        "pictures": [str(path) for path in viewed.pictures],
        "readers": [
            {"says": one.says, "messages": one.messages, "branches": sorted(one.taken)} for one in viewed.readers
        ],
        "branches": [{"line": one.place.line, "condition": one.words, "of": one.of} for one in viewed.branches],
        "unseen": [one.number for one in viewed.unseen],
        "notes": list(viewed.notes),
    }


preview_command = command("preview")(_preview)
