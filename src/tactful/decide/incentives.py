"""Incentives: promises kept one by one in the ledger, never more than an offer has, never twice for one decision."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from tactful.project.declared import Project
from tactful.project.offers import Offer
from tactful.store import ledger, sql
from tactful.words.clock import Clock
from tactful.words.outcome import OutcomeKind

UNLIMITED: Final = (1 << 62) - 1


def reserve(decisions: pa.Table | pa.RecordBatch, *, project: Project, clock: Clock, tx: ledger.Transaction) -> int:
    """Promises the offers of chosen decisions; returns how many are promised now that were not before.

    Each promise is one conditional write: it happens only while the offer has some left and the customer has not had as
    many as one may have. Reserving the same decisions again changes nothing.

    Args:
        decisions: `decisions` rows.
        project: its offers state how many there are.
        clock: when it was promised.
        tx: the transaction that also writes the outbox row.
    """
    query = sql.named("ledger.decide.promise")
    return sum(ledger.act(tx, query, row) for row in _promises(decisions, project=project, clock=clock))


def missing(decisions: pa.Table | pa.RecordBatch, *, tx: ledger.Transaction) -> list[bytes]:
    """The decisions whose offer is not promised: they must not leave."""
    query = sql.named("ledger.decide.promised")
    return [
        row["decision_id"]
        for row in _chosen(decisions)
        if not ledger.ask(tx, query, {"offer_id": row["offer_id"], "decision_id": row["decision_id"]})
    ]


def redeem(offer_id: str, *, customer_id: str, clock: Clock, tx: ledger.Transaction) -> bool:
    """Uses one promise of an offer; False where the customer holds none that is still valid."""
    values = {"offer_id": offer_id, "customer_id": customer_id, "now": clock.now}
    return ledger.act(tx, sql.named("ledger.decide.redeem"), values) == 1


def expire(*, clock: Clock, tx: ledger.Transaction) -> int:
    """Ends promises whose time is over; returns how many."""
    return ledger.act(tx, sql.named("ledger.decide.expire"), {"now": clock.now})


def _chosen(decisions: pa.Table | pa.RecordBatch) -> list[dict[str, Any]]:  # Any: one row of mixed columns
    kept = pc.and_(pc.equal(decisions["outcome_kind"], OutcomeKind.CHOSEN.value), pc.is_valid(decisions["offer_id"]))
    found: list[dict[str, Any]] = decisions.filter(kept).to_pylist()  # Any: as above
    return found


def _promises(decisions: pa.Table | pa.RecordBatch, *, project: Project, clock: Clock) -> Iterator[dict[str, object]]:
    for row in _chosen(decisions):
        offer = project.offers[row["offer_id"]]
        yield {
            "offer_id": offer.offer,
            "code": None,
            "customer_id": row["customer_id"],
            "decision_id": row["decision_id"],
            "promise": json.dumps(_promise(offer, row), separators=(",", ":")),
            "cost_minor": 0 if offer.cost is None else offer.cost.minor,
            "issued_at": clock.now,
            "valid_until": row["valid_until"],
            "most": UNLIMITED if offer.stock is None else offer.stock,
            "each": offer.most_per_customer,
        }


def _promise(offer: Offer, row: Mapping[str, Any]) -> dict[str, str]:  # Any: one row of mixed columns
    found = {"kind": offer.kind, "valid_until": row["valid_until"].isoformat()}
    if offer.value is not None:
        found["share"] = str(offer.value)
    if offer.amount is not None:
        found["amount"] = str(offer.amount)
    return found
