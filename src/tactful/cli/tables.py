"""Tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from tactful.flow.journey import Done
    from tactful.flow.manifest import Run
    from tactful.flow.planning import Plan
    from tactful.flow.sending import Sent
    from tactful.load.sources import Account

_OUT = Console(highlight=False)


def _table(*columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left")
    return table


def show_loads(accounts: Sequence[Account]) -> None:
    """One row per file: what was read and where each row went."""
    numbers = ("rows read", "accepted", "quarantined", "duplicate")
    table = _table("file", "state", *numbers, right=numbers)
    for account in accounts:
        counts = (account.rows_read, account.accepted, account.quarantined, account.duplicate)
        table.add_row(account.file, account.state, *(f"{count:,}" for count in counts))
    _OUT.print(table)
    for account in accounts:
        if account.why:
            _OUT.print(f"\n[bold]{account.file}[/] {account.state}: {account.why}", soft_wrap=True)
        for example in account.examples[:5]:
            _OUT.print(f"  {example}", soft_wrap=True, markup=False)


def show_plan(plan: Plan) -> None:
    """The list that `run` performs."""
    _OUT.print(f"[bold]Occasion {plan.occasion}[/], decided as of {plan.clock}.")
    if plan.resumes:
        _OUT.print(f"Goes on with the unfinished run {plan.resumes}.")
    files = _table("file", "state")
    for name, state in plan.files:
        files.add_row(name, state)
    programs = _table("program", "audience", "touchpoints", "levels")
    for row in plan.programs:
        programs.add_row(*row)
    stages = _table("stage", "what it does", "seals")
    for stage in plan.stages:
        stages.add_row(f"{stage.name} ✓" if stage.done else stage.name, stage.says, ", ".join(stage.writes))
    for table in (files, programs, stages):
        _OUT.print()
        _OUT.print(table)
    _OUT.print("\nThen it waits for `tactful approve`; nothing leaves before that.")


def show_run(done: Done) -> None:
    """The summary of a run."""
    for line in done.lines:
        _OUT.print(line, soft_wrap=True, markup=False)


def show_sent(sent: Sent) -> None:
    """What left, and what did not."""
    table = _table("state", "messages", right=("messages",))
    for state, rows in sent.states.items():
        table.add_row(state, f"{rows:,}")
    _OUT.print(table)
    _OUT.print(f"\nRun {sent.run}: {sent.accepted:,} messages left; {sent.queued:,} were new in the outbox.")
    if sent.states.get("queued"):
        _OUT.print(f"{sent.states['queued']:,} wait until it is morning where they go: run `tactful send` again later.")
    for run, count in sent.elsewhere.items():
        _OUT.print(f"{count:,} messages wait under run {run}: `tactful send '{run}'`")
    _OUT.print(f"The mails are in {sent.folder}", soft_wrap=True)


def show_status(runs: Sequence[Run]) -> None:
    """The last runs."""
    if not runs:
        _OUT.print("Nothing was run yet. Next: tactful run")
        return
    table = _table("run", "state", "ready", "quarantined", "id", right=("ready", "quarantined"))
    for run in runs[:20]:
        counts = (f"{run.summary.get(name, 0):,}" for name in ("ready", "quarantined"))
        table.add_row(run.name, run.state, *counts, run.run_id.hex()[:12])
    _OUT.print(table)


def show_completeness(headings: Sequence[str], lines: Sequence[tuple[str, ...]]) -> None:
    """How complete and fresh each fact is."""
    table = _table(*headings, right=[h for h in headings if h not in ("stage", "joined", "fact")])
    for column in table.columns:
        column.no_wrap = True
    for line in lines:
        table.add_row(*line)
    _OUT.print(table)
