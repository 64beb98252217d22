"""The journey: what is new is loaded, then every stage of an occasion's run is performed, and the run concluded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tactful.flow.checking import require
from tactful.flow.concluding import conclude
from tactful.flow.loading import load
from tactful.flow.manifest import begin_run, find_run
from tactful.flow.occasions import occasion_of
from tactful.flow.progress import Progress
from tactful.flow.running import execute
from tactful.flow.stages import STAGES
from tactful.flow.visits import seal_visits
from tactful.flow.workspace import Workspace
from tactful.load.sources import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a run came to. Stability: caller.

    Attributes:
        state: `waiting` for approval, or `stopped` by the gate.
        summary: numbers for programs.
        lines: the same for people.
    """

    name: str
    state: str
    summary: dict[str, Any]  # Any: numbers, lists and texts
    lines: tuple[str, ...]


def run_journey(space: Workspace, *, occasion: str | None = None, progress: Progress) -> Done:
    """Loads what is new, seals what was decided when people came, and performs every stage of an occasion's run; the
    caller holds the project alone.

    A killed run goes on where it was. Running an occasion again decides the same and sends no second message.

    Raises:
        Misuse: the occasion is no day.
        ProjectFaulty: the check does not pass.
    """
    slot = occasion_of(occasion, clock=space.clock)
    require(space.project.root)
    accounts = load(space, progress=progress)
    seal_visits(space, progress=progress)
    run = begin_run(space, kind="run", occasion=slot)
    execute(space, STAGES, run=run, progress=progress)
    concluded = conclude(space, run)
    ended = find_run(space, run.run_id.hex())
    return Done(name=ended.name, state=ended.state, summary=ended.summary, lines=(*_held_lines(accounts), *concluded))


def _held_lines(accounts: Sequence[Account]) -> Iterator[str]:
    """Files of which nothing was loaded: the run was made without them."""
    held = [account for account in accounts if account.state == "held"]
    for account in held:
        yield f"Made without {account.file}, which is held: {account.why}"
    if held:
        yield ""
