"""What customers have said, from files into the ledger: append only, declared words only, the wording as its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from tactful.know import chain
from tactful.project.declared import Project
from tactful.store import ledger, sql
from tactful.store.merging import merged
from tactful.store.table import TYPES
from tactful.words.clock import Clock
from tactful.words.consent import ANY_CHANNEL, ConsentState
from tactful.words.level import Level
from tactful.words.sealed import Sealed
from tactful.words.touchpoint import Channel

STATES: Final = tuple(state.value for state in ConsentState)
CHANNELS: Final = (*(channel.value for channel in Channel), ANY_CHANNEL)
DIALS: Final = tuple(level.value for level in Level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What came of recording: every row read is one of these. Stability: full.

    Attributes:
        read: rows of consents and preferences read.
        added: of them, rows the ledger did not hold yet; the others it held already.
        malformed: rows with a word that is not declared; they were taken as a no (a dial: as one for all).
        without_effect: a yes in the ledger, recorded at this time, that a no stands against: an older yes, or one that
            cannot show the words agreed to.
    """

    read: int
    added: int
    malformed: int
    without_effect: int

    def __str__(self) -> str:
        return (
            f"{self.read} rows read: {self.added} added, {self.read - self.added} known already; "
            f"{self.malformed} with an undeclared word, taken as a no; "
            f"{self.without_effect} a yes that a no stands against"
        )


def record(
    inputs: Mapping[str, Sealed | pa.Table], *, project: Project, clock: Clock, tx: ledger.Transaction
) -> Recorded:
    """Adds imported consents and preferences to the ledger; reading the same rows again changes nothing.

    Nothing is ever changed or taken away, and what is added is tied to all before it (see `chain`). Only `granted`,
    `denied` and `withdrawn` are words; any other word, or none, is a no. A no of a channel that we do not know is a no
    everywhere.

    Args:
        inputs: consents and preferences, as load left them.
        project: not read today; every act of a room is given it.
        clock: when this is recorded.
        tx: the open transaction.
    """
    del project
    read = added = malformed = 0
    links = chain.Links(tx, now=clock.now)
    for batch in merged(inputs["consents"], by="customer_id") if "consents" in inputs else ():
        rows, odd = _consents(batch, clock=clock)
        read, malformed = read + batch.num_rows, malformed + odd
        rows = links.number(rows)
        added += links.tie("consent", rows, added=ledger.write(tx, "consent", rows))
    for batch in merged(inputs["preferences"], by="customer_id") if "preferences" in inputs else ():
        rows, odd = _preferences(batch, clock=clock)
        read, malformed = read + batch.num_rows, malformed + odd
        rows = links.number(rows)
        added += links.tie("preference", rows, added=ledger.write(tx, "preference", rows))
    found = ledger.ask(tx, sql.named("ledger.know.yes_without_effect"), {"recorded_at": clock.now, "all": ANY_CHANNEL})
    return Recorded(read=read, added=added, malformed=malformed, without_effect=int(found[0]["number"]))


def _consents(batch: pa.RecordBatch, *, clock: Clock) -> tuple[pa.Table, int]:
    """Rows for the ledger, and how many held an undeclared word."""
    is_state, is_channel = _among(batch["state"], STATES), _among(batch["channel"], CHANNELS)
    is_yes = pc.and_(is_channel, pc.fill_null(pc.equal(batch["state"], ConsentState.GRANTED.value), False))
    is_no = pc.and_(is_state, pc.invert(pc.fill_null(pc.equal(batch["state"], ConsentState.GRANTED.value), False)))
    denied = ConsentState.DENIED.value
    state = pc.if_else(pc.or_(is_yes, is_no), batch["state"], denied)
    unknown_place = pc.and_(is_no, pc.invert(is_channel))
    rows = pa.table(
        {
            "customer_id": batch["customer_id"],
            "purpose": pc.fill_null(batch["purpose"], ""),
            "channel": pc.fill_null(pc.if_else(unknown_place, ANY_CHANNEL, batch["channel"]), ANY_CHANNEL),
            "state": state,
            "happened_at": batch["happened_at"],
            "source": batch["source"],
            "wording_hash": _hashes(batch["wording"]),
            "recorded_at": pa.array([clock.now] * batch.num_rows, TYPES["time"]),
        }
    )
    return rows, batch.num_rows - int(pc.sum(pc.and_(is_state, is_channel)).as_py() or 0)


def _preferences(batch: pa.RecordBatch, *, clock: Clock) -> tuple[pa.Table, int]:
    is_dial = pc.or_(_among(batch["dial"], DIALS), pc.is_null(batch["dial"]))
    rows = pa.table(
        {
            "customer_id": batch["customer_id"],
            "dial": pc.if_else(is_dial, batch["dial"], Level.ALL.value),
            "topics_off": _texts(batch["topics_off"]),
            "occasions_off": _texts(batch["occasions_off"]),
            "frequency": batch["frequency"],
            "happened_at": batch["happened_at"],
            "source": batch["source"],
            "recorded_at": pa.array([clock.now] * batch.num_rows, TYPES["time"]),
        }
    )
    return rows, batch.num_rows - int(pc.sum(is_dial).as_py() or 0)


def _among(column: pa.Array, words: tuple[str, ...]) -> pa.Array:
    return pc.is_in(column, value_set=pa.array(words))


def _hashes(wording: pa.Array) -> pa.Array:
    """16 bytes of SHA-256 of each wording; each distinct one is hashed once, and a blank one is none."""
    coded = wording.cast(pa.string()).dictionary_encode()
    hashes = [hashlib.sha256(w.encode()).digest()[:16] if w.strip() else None for w in coded.dictionary.to_pylist()]
    return pa.array(hashes, TYPES["id"]).take(coded.indices)


def _texts(lists: pa.Array) -> pa.Array:
    """Lists as the ledger holds them; empty text where nothing was said, `[]` where the list was emptied."""
    return pa.array(
        [None if one is None else json.dumps(sorted(one), ensure_ascii=False) for one in lists.to_pylist()], pa.string()
    ).fill_null("")
