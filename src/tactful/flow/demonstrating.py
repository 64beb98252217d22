"""The demo: the starter planted and the whole journey done on real data, in a project like any other."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tactful.flow.approving import approve
from tactful.flow.explaining import explain
from tactful.flow.journey import Done, run_journey
from tactful.flow.loading import load
from tactful.flow.manifest import find_run
from tactful.flow.progress import Progress
from tactful.flow.replaying import replay
from tactful.flow.sending import Sent, send
from tactful.flow.workspace import alone, open_workspace
from tactful.load.sources import Account
from tactful.project.starters import plant

CUSTOMER = "12347"
"""A customer of the published data whom the demo explains."""
WHO = "the demo, in your name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstrated:
    """What the demo did. Stability: caller."""

    accounts: tuple[Account, ...]
    done: Done
    sent: Sent
    explained: tuple[str, ...]
    ending: tuple[str, ...]


def demonstrate(root: Path, *, fresh: bool, progress: Progress) -> Demonstrated:
    """Plants the retail starter in `root` where it is not there yet, then loads, runs, approves, sends and explains."""
    if fresh and (root / "tactful.yaml").is_file():
        shutil.rmtree(root)
    if not (root / "tactful.yaml").is_file():
        plant("retail", root)
    with open_workspace(root) as space, alone(space):
        accounts = load(space, progress=progress)
        done = run_journey(space, progress=progress)
        run = find_run(space, None)
        approve(space, run, by=WHO)
        sent = send(space, run, progress=progress)
        replayed = replay(space, run)
        explained = explain(space, run, customer_id=CUSTOMER)
    decided = explained.lines.index("What was decided")
    return Demonstrated(
        accounts=tuple(accounts),
        done=done,
        sent=sent,
        explained=(
            f"Customer {CUSTOMER}, for example (`tactful explain {CUSTOMER}` in {root.name}/ tells all that is known):",
            *(f"  {line}" for line in explained.lines[decided + 1 :]),
        ),
        ending=(
            replayed.sentence,
            "",
            f"Proof page:  {space.out / 'index.html'}",
            f"Mails:       {sent.folder}/new/*.eml",
            f"Project:     {root}  (a folder of plain files: change a line, then `tactful check`, `plan`, `run`, …)",
        ),
    )
