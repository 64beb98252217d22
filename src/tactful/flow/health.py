"""Health: whether work can go on, for a person or a monitor; nothing is changed by asking."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tactful.flow.workspace import Workspace
from tactful.know import chain
from tactful.store import ledger
from tactful.store.sql import named

LEAST_ROOM = 64 << 20
"""Bytes that must be free where the project writes; below it a run or a send may have to wait."""
_WANTS_SOMEONE = {
    "in_doubt": "may have left or not and are never sent again by themselves",
    "poison": "killed their sender again and again and were set aside",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One thing that was looked at. Stability: caller.

    Attributes:
        name: room, stop, outbox or said.
        well: whether nobody need do anything.
        says: one sentence.
    """

    name: str
    well: bool
    says: str


def health(space: Workspace) -> tuple[Sign, ...]:
    """Room on every disk the project writes to, stops in force, messages that want somebody to look, and the chain
    over what customers said.
    """
    with space.ledger.reading() as tx:
        return (*_room(space), *_stops(tx), *_outbox(tx), *_said(tx))


def _room(space: Workspace) -> Iterator[Sign]:
    """Each disk once."""
    seen: set[int] = set()
    for place in (space.ledger.path.parent, space.lake, space.out):
        here = _existing(place)
        if here.stat().st_dev in seen:
            continue
        seen.add(here.stat().st_dev)
        free = shutil.disk_usage(here).free
        says = f"{free >> 20:,} MB are free where {here} lies"
        if free < LEAST_ROOM:
            says += "; make room: sending waits while the disk is full, nothing that was done is lost"
        yield Sign(name="room", well=free >= LEAST_ROOM, says=says)


def _existing(path: Path) -> Path:
    """A folder, or the nearest above it that is there."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())


def _stops(tx: ledger.Transaction) -> Iterator[Sign]:
    rows = ledger.ask(tx, named("ledger.flow.stops_in_force"))
    for row in rows:
        says = f"{row['pressed_by']} pressed stop for {row['scope']} on {row['pressed_at']:%Y-%m-%d %H:%M} UTC"
        yield Sign(name="stop", well=False, says=says)
    if not rows:
        yield Sign(name="stop", well=True, says="no stop is in force")


def _outbox(tx: ledger.Transaction) -> Iterator[Sign]:
    """Messages by state; those that wait for the morning or an approval are well."""
    states = Counter({row["state"]: row["rows"] for row in ledger.ask(tx, named("ledger.flow.outbox_states"))})
    for state, why in _WANTS_SOMEONE.items():
        if states[state]:
            yield Sign(name="outbox", well=False, says=f"{states[state]:,} messages {why}")
    yield Sign(name="outbox", well=True, says=f"{states['queued']:,} messages wait, {states['accepted']:,} have left")


def _said(tx: ledger.Transaction) -> Iterator[Sign]:
    """Whether consents and preferences are what was recorded."""
    found = chain.inspect(tx)
    if found.broken:
        says = f"what customers said was changed: {found.broken}; restore the ledger from a backup and find out who did"
    else:
        says = f"what customers said is as it was recorded: {found.links:,} links, the last {found.ends}"
    yield Sign(name="said", well=not found.broken, says=says)
