"""`tactful plan, run, proofs, approve, send, stop, status, replay`: the journey, in its order."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from tactful.cli.door import command, login


@click.option("--occasion", default=None, help="The schedule slot, such as 2011-12-09; today where left out.")
def _plan(*, root: Path, as_json: bool, occasion: str | None) -> Any:  # Any: printed as JSON
    """Show what a run would do, without doing it."""
    from tactful.cli.tables import show_plan
    from tactful.flow.planning import plan
    from tactful.flow.workspace import open_workspace

    with open_workspace(root) as space:
        planned = plan(space, occasion=occasion)
    if not as_json:
        show_plan(planned)
    return asdict(planned)


@click.option("--occasion", default=None, help="The schedule slot, such as 2011-12-09; today where left out.")
def _run(*, root: Path, as_json: bool, occasion: str | None) -> Any:  # Any: printed as JSON
    """Decide, compose and check every message; nothing leaves before it is approved."""
    from tactful.cli.bars import Bars
    from tactful.cli.tables import show_run
    from tactful.flow.journey import run_journey
    from tactful.flow.workspace import alone, open_workspace

    with open_workspace(root) as space, alone(space):
        done = run_journey(space, occasion=occasion, progress=Bars())
    if not as_json:
        show_run(done)
    return (1 if done.state == "stopped" else 0), {"run": done.name, "state": done.state, **done.summary}


@click.argument("run", required=False)
@click.option("--by", default=login, show_default="your login name", help="Who approves.")
@click.option("--standing", is_flag=True, help="Cover later runs with the same skeletons and no more people as well.")
@click.option("--proofs", default=None, metavar="HASH", help="The proofs you looked at, as their page names them.")
def _approve(
    *, root: Path, as_json: bool, run: str | None, by: str, standing: bool, proofs: str | None
) -> Any:  # Any: printed as JSON
    """Approve exactly what a run sealed: the proofs on its page, its words, arms, offer terms and number of people."""
    from tactful.cli.tables import show_approved
    from tactful.flow.approving import approve
    from tactful.flow.manifest import find_run
    from tactful.flow.workspace import open_workspace

    with open_workspace(root) as space:
        approved = approve(space, find_run(space, run), by=by, standing=standing, proofs=proofs)
    if not as_json:
        show_approved(approved)
    return (1 if approved.waits_for else 0), asdict(approved)


@click.argument("run", required=False)
def _send(*, root: Path, as_json: bool, run: str | None) -> Any:  # Any: printed as JSON
    """Deliver what was approved; a second call sends nothing twice."""
    from tactful.cli.bars import Bars
    from tactful.cli.tables import show_sent
    from tactful.flow.manifest import find_run
    from tactful.flow.sending import send
    from tactful.flow.workspace import alone, open_workspace

    with open_workspace(root) as space, alone(space):
        sent = send(space, find_run(space, run), progress=Bars())
    if not as_json:
        show_sent(sent)
    return asdict(sent)


@click.option("--by", default=login, show_default="your login name", help="Who presses or releases.")
@click.option("--scope", default="everything", show_default=True, help="`everything`, or the name of a run.")
@click.option("--release", is_flag=True, help="Let go what the stop held.")
def _stop(*, root: Path, as_json: bool, by: str, scope: str, release: bool) -> Any:  # Any: printed as JSON
    """Stop everything that has not left yet; it stays stopped until released."""
    from tactful.cli.tables import show_stopped
    from tactful.flow.stopping import press_stop, release_stop
    from tactful.flow.workspace import open_standing

    with open_standing(root) as space:
        stopped = (release_stop if release else press_stop)(space, by=by, scope=scope)
    if not as_json:
        show_stopped(stopped)
    return asdict(stopped)


def _status(*, root: Path, as_json: bool) -> Any:  # Any: printed as JSON
    """Show the last runs and what waits for whom."""
    from tactful.cli.tables import show_status
    from tactful.flow.approving import approvals
    from tactful.flow.manifest import runs
    from tactful.flow.workspace import open_standing

    with open_standing(root) as space:
        known, given = runs(space, kind="run"), approvals(space)
    if not as_json:
        show_status(known, approvals=given)
    return [
        {
            "run": run.name,
            "id": run.run_id.hex(),
            "state": run.state,
            "summary": run.summary,
            "approvals": [asdict(one) for one in given.get(run.run_id, ())],
        }
        for run in known
    ]


@click.argument("run", required=False)
def _proofs(*, root: Path, as_json: bool, run: str | None) -> Any:  # Any: printed as JSON
    """Draw the proof page of a run again, from what is sealed; say where it is and what it shows."""
    from tactful.cli.tables import show_proofs
    from tactful.flow.concluding import redraw
    from tactful.flow.manifest import find_run
    from tactful.flow.workspace import alone, open_workspace

    with open_workspace(root) as space, alone(space):
        page = redraw(space, find_run(space, run))
        drawn = find_run(space, run)
    if not as_json:
        show_proofs(drawn, page=page)
    return {"run": drawn.name, "page": str(page), **drawn.summary["proofs"]}


@click.argument("run", required=False)
def _replay(*, root: Path, as_json: bool, run: str | None) -> Any:  # Any: printed as JSON
    """Derive a run's decisions again from its sealed inputs and compare them bit for bit."""
    from tactful.flow.manifest import find_run
    from tactful.flow.replaying import replay
    from tactful.flow.workspace import open_workspace

    with open_workspace(root) as space:
        replayed = replay(space, find_run(space, run))
    if not as_json:
        click.echo(replayed.sentence)
        for line in replayed.differences[:10]:
            click.echo(f"  {line}")
    return (0 if replayed.same else 1), asdict(replayed)


plan_command = command("plan")(_plan)
run_command = command("run")(_run)
proofs_command = command("proofs")(_proofs)
approve_command = command("approve")(_approve)
send_command = command("send")(_send)
stop_command = command("stop")(_stop)
status_command = command("status")(_status)
replay_command = command("replay")(_replay)
