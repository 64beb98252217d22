"""Tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from pathlib import Path

    from tactful.flow.approving import Approved
    from tactful.flow.journey import Done
    from tactful.flow.manifest import Run
    from tactful.flow.planning import Plan
    from tactful.flow.sending import Sent
    from tactful.flow.simulating import Simulated
    from tactful.flow.stopping import Stopped
    from tactful.flow.variants import Weighed
    from tactful.load.sources import Account

_OUT = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
"""A file or a pipe has no width of its own: tables are written as wide as they need."""
_VARIANTS = 30
"""Variants that a plan shows on the screen."""
_WHY_CLOSED = {"variant_closed": "does not pay", "ceiling_small_cell": "too few people"}


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
        if account.why or account.state == "loaded":
            _OUT.print()
        for line in account.lines() if account.why or account.state == "loaded" else ():
            _OUT.print(line, soft_wrap=True, markup=False, highlight=False)


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
    if plan.portfolio is not None:
        _show_variants(plan.portfolio)
    if plan.limits:
        _OUT.print("\n[bold]Limits[/], as the last run met them:")
        for line in plan.limits:
            _OUT.print(f"  {line}", highlight=False, soft_wrap=True, markup=False)
    _OUT.print("\nThen it waits for `tactful approve`; nothing leaves before that.")


def _show_variants(weighed: Weighed) -> None:
    """Every variant where there are few; of many, those that most people share."""
    numbers = ("people", "worth", "cost")
    table = _table("variant", "cell", *numbers, "open", "why not", right=numbers)
    shown = sorted(weighed.variants, key=lambda one: -one.people)[:_VARIANTS]
    for one in (one for one in weighed.variants if one in shown):
        cell = ", ".join(f"{name}: {value}" for name, value in json.loads(one.cell).items())
        money = ("" if amount is None else f"{amount / 100:,.2f}" for amount in (one.worth, one.cost))
        name = f"{one.program} {one.level}{' on the site' if one.is_site else ''}"
        why = _WHY_CLOSED.get(one.code, one.why)
        table.add_row(name, cell, f"{one.people:,}", *money, "yes" if one.is_open else "no", why)
    _OUT.print(f"\nVariants, by the people of run {weighed.of}:")
    _OUT.print(table)
    if len(shown) < len(weighed.variants):
        _say(f"and {len(weighed.variants) - len(shown):,} that fewer share; `tactful plan --json` names them all")
    if weighed.value is not None and weighed.bound is not None:
        value, bound = (f"{amount / 100:,.2f}" for amount in (weighed.value, weighed.bound))
        _say(f"The open ones bring {value} {weighed.currency} a run; no other choice could bring more than {bound}.")


def show_simulated(found: Simulated, *, page: Path) -> None:
    """Every policy's totals, and where the plots are."""
    _OUT.print(f"[bold]{found.title}[/]\n")
    names = [series.name for series in found.lived[0].series]
    table = _table("policy", *names, right=names)
    for one in found.lived:
        table.add_row(one.policy, *(_amount(series.total) for series in one.series))
    _OUT.print(table)
    _OUT.print()
    for note in found.notes:
        _say(note)
    _say(f"Page: {page}")


def _amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:,.2f}"


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
    _OUT.print(f"\nRun {sent.run}: {sent.accepted:,} messages have left; {sent.queued:,} were new in the outbox.")
    held = sum(rows for state, rows in sent.states.items() if state.startswith("cancelled (quarantined"))
    scanned = f"Every byte of {sent.scanned:,} letters was searched once more before it left"
    _OUT.print(f"{scanned}; {held:,} of the run are held back for what was found." if held else f"{scanned}.")
    if sent.states.get("queued"):
        why = "it is night or a holiday where they go, or the hour has taken what it can"
        _OUT.print(f"{sent.states['queued']:,} wait, for {why}: run `tactful send` again later.")
    for run, count in sent.elsewhere.items():
        _OUT.print(f"{count:,} messages wait under run {run}: `tactful send '{run}'`")
    _OUT.print(f"The mails are in {sent.folder}", soft_wrap=True)


def show_approved(approved: Approved) -> None:
    """Who approved what, and what comes next."""
    by = approved.approved_by + (f" and {approved.second_by}" if approved.second_by else "")
    until = f"{approved.expires_at:%Y-%m-%d %H:%M} UTC"
    already = "" if approved.is_new else f" already, on {approved.approved_at:%Y-%m-%d %H:%M} UTC"
    _say(f"{by} approved run {approved.run}{already}: at most {approved.most:,} messages, until {until}.")
    _say(f"The proofs that were looked at are {approved.proofs_hash[:12]}.")
    if approved.waits_for:
        _say(f"It still waits for {approved.waits_for}.")
        _say(f"Next: somebody else looks, then `tactful approve {_quoted(approved.run)} --by THEIR-NAME`")
    else:
        _say("Next: `tactful send`")


def show_stopped(stopped: Stopped) -> None:
    """What a press or a release of the stop button did."""
    if stopped.released:
        _say(f"{stopped.by} released stop for {stopped.scope}. Next: `tactful send`")
        return
    _say(f"{stopped.by} pressed stop for {stopped.scope}: nothing more leaves, of messages in the outbox too.")
    scope = "" if stopped.scope == "everything" else f" --scope {_quoted(stopped.scope)}"
    _say(f"To let it go again: `tactful stop --release{scope}`")


def show_proofs(run: Run, *, page: Path) -> None:
    """Where a run's proofs are, and what they show."""
    drawn = run.summary["proofs"]
    missing = drawn["uncovered"]
    _say(f"{drawn['shown']} proofs show {drawn['features'] - missing:,} of {drawn['features']:,} things that differ.")
    _say(f"Proof page: {page}")
    if run.state == "stopped":
        _say("The run is stopped and cannot be approved: mend what stopped it and run again.")
        return
    _say(f"Next: look, then `tactful approve {_quoted(run.name)} --proofs {drawn['set_hash'][:12]}`")


def show_status(runs: Sequence[Run], *, approvals: Mapping[bytes, Sequence[Approved]]) -> None:
    """The last runs, and who approved them."""
    if not runs:
        _OUT.print("Nothing was run yet. Next: tactful run")
        return
    table = _table(
        "run", "state", "ready", "held back", "approved by", "on (UTC)", "proofs", right=("ready", "held back")
    )
    for run in runs[:20]:
        counts = (f"{run.summary.get(name, 0):,}" for name in ("ready", "quarantined"))
        given = next(iter(approvals.get(run.run_id, ())), None)
        said = ("", "", "")
        if given is not None:
            by = given.approved_by + (f" and {given.second_by}" if given.second_by else "")
            said = (by, f"{given.approved_at:%Y-%m-%d %H:%M}", given.proofs_hash[:12])
        table.add_row(run.name, run.state, *counts, *said)
    _OUT.print(table)
    if len(runs) > 20:
        _say(f"and {len(runs) - 20:,} before; `tactful status --json` names them all")


def _say(line: str) -> None:
    """A line as it is: neither wrapped nor read as markup."""
    _OUT.print(line, soft_wrap=True, markup=False)


def _quoted(name: str) -> str:
    """A run's name as a shell takes it."""
    return f"'{name}'" if "#" in name else name


def show_completeness(headings: Sequence[str], lines: Sequence[tuple[str, ...]]) -> None:
    """How complete and fresh each fact is."""
    table = _table(*headings, right=[h for h in headings if h not in ("stage", "joined", "fact")])
    for column in table.columns:
        column.no_wrap = True
    for line in lines:
        table.add_row(*line)
    _OUT.print(table)


def show_gate(gate: Mapping[str, Any]) -> None:
    """What the gate found, by rule and place."""
    audited = gate.get("audited", {"read": 0, "same": 0})
    _OUT.print(f"[bold]Run {gate['run']}[/], {gate.get('messages', 0):,} messages, every one checked.")
    _OUT.print(f"{audited['read']:,} were assembled and read again whole; {audited['same']:,} said the same.\n")
    if not gate.get("found"):
        _OUT.print("The gate found nothing.")
        return
    table = _table("severity", "rule", "messages", "let pass", "program", "level", "content", "branch",
                   right=("messages", "let pass"))  # fmt: skip
    for one in gate["found"]:
        counts = (f"{one['messages']:,}", f"{one['suppressed']:,}" if one["suppressed"] else "")
        table.add_row(
            one["severity"],
            one["rule"],
            *counts,
            *(one[n] for n in ("program", "level", "content")),
            ": ".join(word for word in (one["branch"], one.get("says", "")) if word),
        )
    _OUT.print(table)
