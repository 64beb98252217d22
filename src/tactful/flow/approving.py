"""Approval binds to a seal: this project, these skeletons, arms and offer terms, at most so many people, for a time."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tactful.flow import proof_set
from tactful.flow.manifest import Run, sealed_in
from tactful.flow.workspace import Workspace
from tactful.project.declared import Project
from tactful.store import lake, ledger
from tactful.store.sql import named
from tactful.words.errors import Misuse, NotApproved
from tactful.words.ids import derived_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What a run sealed, as far as an approval binds to it. Stability: caller.

    Attributes:
        skeletons: hex ids of every skeleton a message of the run has.
        size: how many messages are ready to leave.
        guard: reasons for which a second person has to say yes.
    """

    run_id: bytes
    fingerprint: str
    skeletons: frozenset[str]
    arms_hash: bytes
    offers_hash: bytes
    size: int
    guard: tuple[str, ...]

    @property
    def skeletons_hash(self) -> bytes:
        """16 bytes over the set of skeletons."""
        return derived_id("skeletons", *sorted(self.skeletons))


def seal_of(space: Workspace, run: Run) -> Seal:
    """What an approval of this run would bind to.

    Raises:
        NotApproved: the run did not end well and cannot be approved.
    """
    if run.state not in ("waiting", "sent", "sending"):
        raise NotApproved.say(
            where=f"run {run.name}",
            what=f"is {run.state} and cannot be approved",
            do="mend what stopped it and run again",
        )
    with space.ledger.reading() as tx:
        sealed = sealed_in(tx, run.run_id, root=space.lake)
    skeletons = lake.read(sealed["skeletons"], columns=["skeleton_id"]) if "skeletons" in sealed else None
    return Seal(
        run_id=run.run_id,
        fingerprint=run.fingerprint,
        skeletons=frozenset(s.hex() for s in skeletons["skeleton_id"].to_pylist()) if skeletons else frozenset(),
        arms_hash=sealed["arms"].content_hash,
        offers_hash=offers_hash(space.project),
        size=int(run.summary.get("ready", 0)),
        guard=tuple(run.summary.get("guard", ())),
    )


def offers_hash(project: Project) -> bytes:
    """16 bytes over the terms of every offer."""
    return derived_id("offers", *(offer.model_dump_json() for _, offer in sorted(project.offers.items())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """What came of an approval. Stability: caller."""

    run: str
    approved_by: str
    second_by: str | None
    most: int
    standing: bool
    approved_at: datetime
    expires_at: datetime
    proofs_hash: str
    """Over the proofs that were looked at: their ids and their very bytes; in hex."""
    waits_for: str
    """Why it does not suffice yet; empty where it does."""
    is_new: bool = True
    """Whether it was given now; an approval that covers the same already is not given again."""


def approve(space: Workspace, run: Run, *, by: str, standing: bool = False, proofs: str | None = None) -> Approved:
    """Records one person's yes to exactly what the run sealed, and to the proofs that its page shows.

    Where the audience guard asked for a second person, the yes of another person completes it.

    Args:
        by: who says yes.
        standing: whether later runs with the same skeletons and a size up to this one's are covered too.
        proofs: the beginning of the hash of the proofs that were looked at, as their page gives it.

    Raises:
        Misuse: nobody is named, or the same person says yes twice where two are needed.
        NotApproved: the run cannot be approved, or the page does not show what the run would send now.
    """
    if not by.strip():
        raise Misuse.say(where="tactful approve", what="nobody is named", do="say who approves with --by NAME")
    seal, now = seal_of(space, run), space.clock.now
    looked_at = proof_set.shown(space, run, claimed=proofs)
    expires = now + timedelta(days=space.project.policy.approval_lasts)
    with space.ledger.transaction() as tx:
        for row in ledger.ask(tx, named("ledger.flow.approvals_of_run"), {"run_id": run.run_id}):
            same = _binds(row, seal) and row["proofs_hash"] == looked_at
            if same and not _lack(row, seal, now=now) and bool(row["standing"]) >= standing:
                return _approved(row, name=run.name, is_new=False)
            if same and seal.guard and row["second_by"] is None:
                return _second(tx, row, by=by, name=run.name)
        row = _row(seal, by=by, standing=standing, now=now, expires=expires) | {"proofs_hash": looked_at}
        ledger.write(tx, "approval", [row])
    return _approved({**row, "second_by": None}, name=run.name, waits_for=_second_person(seal))


def approvals(space: Workspace) -> dict[bytes, tuple[Approved, ...]]:
    """Every approval that was not withdrawn, the newest first, by the id of its run."""
    with space.ledger.reading() as tx:
        rows = ledger.ask(tx, named("ledger.flow.approvals"))
    found: dict[bytes, list[Approved]] = {}
    for row in rows:
        found.setdefault(row["run_id"], []).append(_approved(row, name=""))
    return {run_id: tuple(given) for run_id, given in found.items()}


def approval_of(space: Workspace, run: Run) -> Approved:
    """The approval that covers a run now.

    Raises:
        NotApproved: there is none; the message says what each known one lacks.
    """
    seal, now = seal_of(space, run), space.clock.now
    with space.ledger.reading() as tx:
        rows = ledger.ask(tx, named("ledger.flow.approvals_of_run"), {"run_id": run.run_id})
        rows += [r for r in ledger.ask(tx, named("ledger.flow.standing_approvals")) if r["run_id"] != run.run_id]
    lacks = []
    for row in rows:
        lack = _lack(row, seal, now=now)
        if not lack:
            return _approved(row, name=run.name)
        lacks.append(f"{row['approved_by']}'s approval {lack}")
    raise NotApproved.say(
        where=f"run {run.name}",
        what="; ".join(lacks) if lacks else "nobody has approved it",
        do="look at the proofs, then `tactful approve`",
    )


def _lack(row: dict[str, Any], seal: Seal, *, now: datetime) -> str:  # Any: a ledger row
    """What keeps an approval from covering a seal; empty where it covers it."""
    if row["expires_at"] < now:
        return f"expired on {row['expires_at']:%Y-%m-%d}"
    if row["offers_hash"] != seal.offers_hash:
        return "was given to other offer terms"
    if seal.size > row["most"]:
        return f"covers {row['most']:,} messages, not {seal.size:,}"
    if row["standing"] and row["run_id"] != seal.run_id:
        new = seal.skeletons - set(json.loads(row["skeletons"]))
        return f"does not know {len(new)} of the skeletons" if new else _second_lack(row, seal)
    if not _binds(row, seal):
        return "was given to other content"
    return _second_lack(row, seal)


def _second_lack(row: dict[str, Any], seal: Seal) -> str:  # Any: a ledger row
    return "waits for a second person" if seal.guard and row["second_by"] is None else ""


def _binds(row: dict[str, Any], seal: Seal) -> bool:  # Any: a ledger row
    """Whether an approval was given to exactly this seal."""
    same = row["fingerprint"] == seal.fingerprint and row["skeletons_hash"] == seal.skeletons_hash
    return bool(same and row["arms_hash"] == seal.arms_hash and row["run_id"] == seal.run_id)


def _second(tx: ledger.Transaction, row: dict[str, Any], *, by: str, name: str) -> Approved:  # Any: row
    if by.strip().casefold() == row["approved_by"].strip().casefold():
        raise Misuse.say(
            where="tactful approve",
            what=f"{by} has approved already and a second person is needed",
            do="ask somebody else",
        )
    ledger.act(tx, named("ledger.flow.second_approval"), {"approval_id": row["approval_id"], "second_by": by})
    return _approved({**row, "second_by": by}, name=name)


def _approved(
    row: dict[str, Any], *, name: str, waits_for: str = "", is_new: bool = True
) -> Approved:  # Any: a ledger row
    return Approved(
        run=name,
        approved_by=row["approved_by"],
        second_by=row["second_by"],
        most=row["most"],
        standing=row["standing"],
        approved_at=row["approved_at"],
        expires_at=row["expires_at"],
        proofs_hash=row["proofs_hash"].hex(),
        waits_for=waits_for,
        is_new=is_new,
    )


def _second_person(seal: Seal) -> str:
    return f"a second person's approval: {'; '.join(seal.guard)}" if seal.guard else ""


def _row(seal: Seal, *, by: str, standing: bool, now: datetime, expires: datetime) -> dict[str, object]:
    return {
        "approval_id": os.urandom(16),
        "run_id": seal.run_id,
        "fingerprint": seal.fingerprint,
        "skeletons_hash": seal.skeletons_hash,
        "skeletons": json.dumps(sorted(seal.skeletons)),
        "arms_hash": seal.arms_hash,
        "offers_hash": seal.offers_hash,
        "least": 0,
        "most": seal.size,
        "standing": standing,
        "approved_by": by,
        "approved_at": now,
        "expires_at": expires,
    }
