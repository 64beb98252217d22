"""`tactful explain, decide, show, forget, export`: one person, one message."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from tactful.cli.door import command


@click.argument("customer")
@click.option("--run", default=None, help="Which run; the last one where left out.")
@click.option(
    "--as-visit", is_flag=True, help="Decide now for their visit to the web: one row through the same kernel."
)
def _explain(*, root: Path, as_json: bool, customer: str, run: str | None, as_visit: bool) -> Any:  # Any: as JSON
    """Say what was decided for CUSTOMER, and why, in plain words."""
    from tactful.flow.explaining import explain, explain_visit
    from tactful.flow.manifest import find_run
    from tactful.flow.workspace import open_workspace

    with open_workspace(root) as space:
        explained = (explain_visit if as_visit else explain)(space, find_run(space, run), customer_id=customer)
    if not as_json:
        for line in explained.lines:
            click.echo(line)
    return explained.facts


@click.argument("customer")
@click.option("--touchpoint", default="web", show_default=True, help="A place such as web.home_hero, or a channel.")
@click.option("--run", default=None, help="By which run's prices; the last one where left out.")
def _decide(*, root: Path, as_json: bool, customer: str, touchpoint: str, run: str | None) -> Any:  # Any: as JSON
    """Decide now what CUSTOMER is shown at a place they came to, and keep the decision."""
    from tactful.flow.deciding import decide_now
    from tactful.flow.manifest import find_run
    from tactful.flow.workspace import open_workspace

    with open_workspace(root) as space:
        shown = decide_now(space, find_run(space, run), customer_id=customer, touchpoint=touchpoint)
    if not as_json:
        for one in shown:
            click.echo(f"{one.place}: {one.arm}" + ("" if one.is_new else " (decided earlier today)"))
            for sentence in one.sentences:
                click.echo(f"  {sentence}")
    return {"customer": customer, "places": [asdict(one) for one in shown]}


@click.argument("message")
@click.option("--part", default=None, help="Only one: subject, preheader, html, text or payload.")
def _show(*, root: Path, as_json: bool, message: str, part: str | None) -> Any:  # Any: printed as JSON
    """Show one message exactly as it was made; MESSAGE is its id or a customer's id."""
    from tactful.flow.showing import show
    from tactful.flow.workspace import open_standing

    with open_standing(root) as space:
        shown = show(space, message)
    if not as_json:
        click.echo(shown.words(part) if part else shown.letter)
    return asdict(shown)


@click.argument("customer")
@click.option("--yes", is_flag=True, help="Do it; without this only what would go is shown.")
def _forget(*, root: Path, as_json: bool, customer: str, yes: bool) -> Any:  # Any: printed as JSON
    """Erase CUSTOMER everywhere: ledger, lake and output."""
    from tactful.flow.forgetting import find_person, forget
    from tactful.flow.workspace import open_workspace

    with open_workspace(root) as space:
        if not yes:
            person = find_person(space, customer)
            if not as_json:
                counts = (_many(len(person.decisions), "decision"), _many(len(person.messages), "message"))
                click.echo(f"Customer {customer}: {', '.join(counts)}, {_many(len(person.addresses), 'address')}.")
                click.echo("Nothing was erased. To erase them everywhere: tactful forget --yes " + customer)
            return {"decisions": len(person.decisions), "messages": len(person.messages), "erased": False}
        receipt = forget(space, customer)
    if not as_json:
        click.echo(f"Erased customer {customer} (receipt {receipt.erasure_id}).")
        for table, count in receipt.removed.items():
            click.echo(f"  {table}: {count:,} rows")
        click.echo(f"  output: {receipt.files} files; {receipt.amended} sealed files amended")
        for line in receipt.kept:
            click.echo(f"  kept: {line}")
        for source in receipt.sources:
            click.echo(f"  still in your own source file {source}: remove them there as well")
    return asdict(receipt)


@click.argument("customer")
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=None, help="Folder to write to."
)
def _export(*, root: Path, as_json: bool, customer: str, folder: Path | None) -> Any:  # Any: printed as JSON
    """Write everything known about CUSTOMER to a folder, for programs and for people."""
    from tactful.flow.forgetting import export
    from tactful.flow.workspace import open_workspace

    with open_workspace(root) as space:
        target = folder or space.out / "exports" / customer
        counts = export(space, customer, folder=target)
    if not as_json:
        click.echo(f"Wrote {sum(counts.values()):,} rows from {len(counts)} tables to {target}.")
    return {"folder": str(target), "rows": counts}


def _many(count: int, noun: str) -> str:
    """A number with its noun: 1 decision, 2 addresses."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


explain_command = command("explain")(_explain)
decide_command = command("decide")(_decide)
show_command = command("show")(_show)
forget_command = command("forget")(_forget)
export_command = command("export")(_export)
