"""The stop button: pressed, everything that has not left stays; it survives restarts and is released by name."""

from __future__ import annotations

import os
from dataclasses import dataclass

from tactful.flow.manifest import find_run
from tactful.flow.workspace import Workspace
from tactful.store import ledger
from tactful.store.sql import named
from tactful.words.errors import Misuse, RunStopped

EVERYTHING = "everything"
"""The scope of a stop that holds for every run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """What a press or release did. Stability: caller."""

    scope: str
    by: str
    released: bool


def press_stop(space: Workspace, *, by: str, scope: str = EVERYTHING) -> Stopped:
    """Nothing of this scope leaves until the stop is released.

    Raises:
        Misuse: nobody is named, or there is no run of that name.
    """
    if not by.strip():
        raise Misuse.say(where="tactful stop", what="nobody is named", do="say who stops with --by NAME")
    if scope != EVERYTHING:
        scope = find_run(space, scope).name
    with space.ledger.transaction() as tx:
        row = {"stop_id": os.urandom(16), "scope": scope, "pressed_by": by, "pressed_at": space.wall.now}
        ledger.write(tx, "stop", [row])
    return Stopped(scope=scope, by=by, released=False)


def release_stop(space: Workspace, *, by: str, scope: str = EVERYTHING) -> Stopped:
    """Lets go what a stop of this scope held.

    Raises:
        Misuse: no such stop is in force.
    """
    values = {"scope": scope, "released_at": space.wall.now, "released_by": by}
    with space.ledger.transaction() as tx:
        if not ledger.act(tx, named("ledger.flow.release_stops"), values):
            raise Misuse.say(
                where="tactful stop --release", what=f"no stop of {scope} is in force", do="see `tactful status`"
            )
    return Stopped(scope=scope, by=by, released=True)


def refuse_if_stopped(tx: ledger.Transaction, *, run_name: str) -> None:
    """Ends the work where a stop is in force for everything or for this run.

    Raises:
        RunStopped: who pressed it and how it is released.
    """
    for row in ledger.ask(tx, named("ledger.flow.stops_in_force")):
        if row["scope"] in (EVERYTHING, run_name):
            raise RunStopped.say(
                where=f"run {run_name}",
                what=f"{row['pressed_by']} pressed stop ({row['scope']}, {row['pressed_at']:%Y-%m-%d %H:%M} UTC)",
                do=f"release it with `tactful stop --release --scope {row['scope']} --by NAME`",
            )
