"""The outbox: one row per message, at most once; nothing is ever deleted by the sender.

queued → claimed → attempting → accepted | rejected | deferred | in_doubt; cancelled, expired and poison end a row too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from tactful.project.policy import Cap
from tactful.store import ledger
from tactful.store.sql import named
from tactful.words.clock import Clock
from tactful.words.outcome import Reason

LEASE = timedelta(minutes=10)
"""How long a sender may hold rows without an answer."""
_UNSENT = frozenset({"rejected", "cancelled"})
"""Answers after which a contact counts for nothing."""
MOST_CRASHES = 5
"""A message that was in hand at so many crashes is set aside; the last three times it was alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one attempt. Stability: caller.

    `state` is accepted, rejected, deferred or in_doubt; or cancelled, where it was never handed over.
    """

    decision_id: bytes
    state: str
    why: str = ""
    reference: str | None = None
    payload_hash: bytes | None = None


def enqueue(
    tx: ledger.Transaction, rows: pa.Table, *, caps: Sequence[Cap], run_id: bytes, occasion: str, clock: Clock
) -> int:
    """Queues messages, reserves their contacts and refuses what a cap forbids, in the caller's transaction.

    A decision that is in the outbox already, from this run or another, is not queued again.

    Args:
        tx: the open transaction.
        rows: columns of the outbox that are known now: decision_id, message_id, run_id, customer_id, channel, purpose,
            recipient, planned_at, due_at, bytes_hash.
        caps: the policy's caps, counted here once more, so that they hold whatever happened since the decision; days
            are project days, today being one of them.
        run_id: the run that queues.
        occasion: noted with the reservations.
        clock: the project's now.

    Returns:
        How many rows are new in the outbox.
    """
    count = rows.num_rows
    texts = {"state": pa.array(["queued"] * count, pa.string()), "why": pa.array([""] * count, pa.string())}
    filled = rows.append_column("attempts", pa.array([0] * count, pa.int64()))
    for name, column in texts.items():
        filled = filled.append_column(name, column)
    added = ledger.write(tx, "outbox", filled)
    for cap in caps:
        since = clock.days_before(cap.days - 1)
        values = {"run_id": run_id, "channel": cap.channel, "since": since, "most": cap.most}
        values |= {"purpose": cap.purpose.value}
        ledger.act(tx, named("ledger.deliver.refuse_over_cap"), values)
    ledger.act(tx, named("ledger.deliver.reserve_contacts"), {"run_id": run_id, "occasion": occasion})
    ledger.act(tx, named("ledger.deliver.release_contacts"), {"run_id": run_id})
    return added


def expire(tx: ledger.Transaction, decisions: Sequence[bytes], *, run_id: bytes, now: datetime) -> int:
    """Ends what still waits of these decisions, and gives their reservations back. Returns how many rows ended.

    Args:
        tx: the open transaction.
        decisions: those whose message was meant for a time that has passed.
        run_id: whose rows.
        now: by the machine's clock.
    """
    values = [{"decision_id": decision, "run_id": run_id, "ended_at": now} for decision in decisions]
    ended = ledger.act_many(tx, named("ledger.deliver.expire"), values)
    ledger.act(tx, named("ledger.deliver.release_contacts"), {"run_id": run_id})
    return ended


def recover(tx: ledger.Transaction, *, run_id: bytes, repeats_safely: bool) -> int:
    """After a crash: what a dead sender held waits again, or is in doubt where repeating could send twice.

    Returns:
        How many rows wait again.
    """
    ledger.act(tx, named("ledger.deliver.poison"), {"run_id": run_id, "crashes": MOST_CRASHES})
    if repeats_safely:
        return ledger.act(tx, named("ledger.deliver.recover"), {"run_id": run_id})
    ledger.act(tx, named("ledger.deliver.doubt"), {"run_id": run_id})
    return ledger.act(tx, named("ledger.deliver.recover_doubtful"), {"run_id": run_id})


@dataclass(frozen=True, slots=True, kw_only=True)
class Barred:
    """Who may no longer be written to, as known in the claim's own transaction. Stability: caller.

    Attributes:
        refused: why a customer may not be written to for a purpose; None where they may.
        waits: until when a row may not arrive, for it is night there; None where it may now.
        suppressed: hashes of addresses on the suppression list.
        hash_of: makes the hash of an address.
    """

    refused: Callable[[str, str], Reason | None]
    waits: Callable[[Mapping[str, Any]], datetime | None]  # Any: a ledger row
    suppressed: frozenset[bytes]
    hash_of: Callable[[str], bytes]

    def reason(self, row: Mapping[str, Any]) -> Reason | None:  # Any: a ledger row
        """Why this row may not leave; None where it may."""
        refused = self.refused(row["customer_id"], row["purpose"])
        if refused is not None:
            return refused
        listed = self.suppressed and self.hash_of(row["recipient"]) in self.suppressed
        return Reason.SUPPRESSED if listed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Rows that are ours until an instant. Stability: caller."""

    token: bytes
    rows: tuple[dict[str, Any], ...]  # Any: ledger rows
    cancelled: int
    postponed: int = 0


def claim(
    tx: ledger.Transaction,
    *,
    run_id: bytes,
    most: int,
    barred: Barred,
    due: datetime,
    now: datetime,
) -> Lease:
    """Takes up to `most` rows and checks each once more, in the claim's own transaction.

    Args:
        run_id: whose rows.
        most: how many at the most.
        barred: who may no longer be written to.
        due: by the project's clock: rows due later wait.
        now: by the machine's clock.
    """
    token = os.urandom(16)
    waiting = ledger.ask(tx, named("ledger.deliver.fewest_attempts"), {"run_id": run_id, "due": due})[0]["attempts"]
    if waiting is None:
        return Lease(token=token, rows=(), cancelled=0)
    values = {"run_id": run_id, "token": token, "until": now + LEASE, "due": due, "attempts": waiting}
    ledger.act(tx, named("ledger.deliver.claim"), {**values, "most": in_hand(most, attempts=waiting)})
    rows = ledger.ask(tx, named("ledger.deliver.claimed"), {"run_id": run_id, "token": token})
    reasons = {row["decision_id"]: barred.reason(row) for row in rows}
    stopped = [
        {"decision_id": decision_id, "token": token, "why": reason.value, "ended_at": now}
        for decision_id, reason in reasons.items()
        if reason is not None
    ]
    ledger.act_many(tx, named("ledger.deliver.cancel"), stopped)
    _release(tx, [row["decision_id"] for row in stopped])
    may = [row for row in rows if reasons[row["decision_id"]] is None]
    late = {row["decision_id"]: until for row in may if (until := barred.waits(row)) is not None}
    _postpone(tx, late, token=token)
    ledger.act(tx, named("ledger.deliver.attempt"), {"run_id": run_id, "token": token})
    kept = tuple(row for row in may if row["decision_id"] not in late)
    return Lease(token=token, rows=kept, cancelled=len(stopped), postponed=len(late))


def _postpone(tx: ledger.Transaction, late: Mapping[bytes, datetime], *, token: bytes) -> None:
    """What would arrive by night waits for the morning, and its contact counts on that day."""
    values = [{"decision_id": decision, "due_at": until} for decision, until in late.items()]
    ledger.act_many(tx, named("ledger.deliver.postpone"), [{**row, "token": token} for row in values])
    ledger.act_many(tx, named("ledger.deliver.move_contact"), values)


def _release(tx: ledger.Transaction, decisions: Sequence[bytes]) -> None:
    """Takes back the reservations of messages that will not be sent."""
    ledger.act_many(tx, named("ledger.deliver.release_contact"), [{"decision_id": one} for one in decisions])


def in_hand(most: int, *, attempts: int) -> int:
    """How many rows are taken at a time: fewer of those that were in hand when a sender died, at last one alone.

    So one message that kills its sender is found, and neither its neighbours nor those who never met it wait for that.

    >>> [in_hand(500, attempts=crashes) for crashes in (0, 1, 2, 3)]
    [500, 25, 1, 1]
    """
    match attempts:
        case 0:
            return most
        case 1:
            return max(1, most // 20)
    return 1


def settle(tx: ledger.Transaction, *, lease: Lease, results: Sequence[Result], now: datetime) -> int:
    """Writes the answers; a sender that lost its lease writes nothing. Returns how many rows were written."""
    values = [
        {
            "decision_id": result.decision_id,
            "token": lease.token,
            "state": result.state,
            "why": result.why,
            "reference": result.reference,
            "payload_hash": result.payload_hash,
            "ended_at": None if result.state == "deferred" else now,
        }
        for result in results
    ]
    written = ledger.act_many(tx, named("ledger.deliver.result"), values)
    _release(tx, [result.decision_id for result in results if result.state in _UNSENT] if written else [])
    return written


def counts(tx: ledger.Transaction, *, run_id: bytes) -> list[dict[str, Any]]:  # Any: ledger rows
    """How many rows of a run are in each state, and why."""
    return ledger.ask(tx, named("ledger.deliver.counts"), {"run_id": run_id})
