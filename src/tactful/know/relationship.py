"""Familiarity of everybody: fitted on merged histories, then read customer by customer, with the numbers behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.know.parts import object_of, reason_of
from tactful.reckon import relationship
from tactful.reckon.familiarity import familiarity
from tactful.reckon.relationship import Relationship
from tactful.store import contracts, sql
from tactful.store.engines.duckdb import Engine, Source
from tactful.words.clock import Clock
from tactful.words.estimate import Undefined

UNIT: Final = 1 << 20
"""Familiarity and knowledge are kept in units of 2^-20."""
AHEAD_DAYS: Final = 365
"""How far ahead the relationship is expected."""
MEMORY_DAYS: Final = 730
"""Contacts and answers count for so long: as long as contacts stay in the ledger."""
DAILY_UP_TO: Final = 200_000
"""Customers up to whom the fit counts days; beyond, whole weeks, so that distinct histories stay few."""
PASSIVE: Final = (
    "open email_open email_opened opened sent delivered bounce bounced deferred complaint spam impression exposure"
).split()
"""Events that say nothing of the customer's own will; an open is a machine's as often as a person's."""

BEHIND: Final = "familiarity_of__"
"""What the columns that `read` takes begin with, so that no fact's name is theirs."""
NUMBERS: Final = ("frequency", "recency", "age", "recent", "answered", "contacts")
NO_ORDERS: Final = "no order yet, so nothing to expect further ones from"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The relationship of all customers, and the counts it was fitted on. Stability: caller.

    Attributes:
        found: the fitted parameters, or why there are none.
        histories: frequency, recency, age (days) and weight (customers).
    """

    found: Relationship | Undefined
    histories: pa.Table


def remember(engine: Engine, tables: Mapping[str, Source], *, clock: Clock) -> None:
    """Makes the engine's tables histories, contacted and answered, one row per customer.

    Args:
        engine: what computes.
        tables: transactions, events, preference, contact.
        clock: as of when.
    """
    since = clock.days_before(MEMORY_DAYS)
    made: Mapping[str, dict[str, object]] = {
        "histories": {"now": clock.now, "zone": clock.zone, "since": since, "today": clock.today},
        "contacted": {"now": clock.now, "since": since},
        "answered": {"now": clock.now, "zone": clock.zone, "since": since, "passive": PASSIVE},
    }
    queries = {
        "histories": sql.named("know.histories"),
        "contacted": sql.named("know.contacted"),
        "answered": sql.named("know.answered"),
    }
    for name, values in made.items():
        engine.make(name, queries[name], tables=tables, values=values)


def fit(engine: Engine) -> Fitted:
    """Fits the relationship on the engine's histories."""
    merged = _merged(engine, days=1)
    if pc.sum(merged["weight"]).as_py() and pc.sum(merged["weight"]).as_py() > DAILY_UP_TO:
        merged = _merged(engine, days=7)
    x, recency, age, weight = (merged[name].to_numpy() for name in ("frequency", "recency", "age", "weight"))
    found = relationship.fit(x, recency, age=age, weight=weight) if len(merged) else Undefined(NO_ORDERS)
    return Fitted(found=found, histories=merged)


def _merged(engine: Engine, *, days: int) -> pa.Table:
    return engine.table(sql.named("know.merged_histories"), values={"bin": days})


def read(batch: pa.RecordBatch, fitted: Fitted) -> tuple[pa.Array, pa.Array]:
    """Familiarity of a batch of customers, in units of 2^-20, and the numbers it is made of as JSON.

    Args:
        batch: frequency, recency, age, recent (empty without an order), answered, contacts, each after `BEHIND`.
        fitted: the relationship of all.
    """
    none = batch[f"{BEHIND}frequency"].is_null().to_numpy(zero_copy_only=False)
    counts = {name: _whole(batch[f"{BEHIND}{name}"]) for name in NUMBERS}
    if isinstance(fitted.found, Undefined):
        why = pc.if_else(pa.array(none), reason_of(NO_ORDERS), reason_of(fitted.found.reason))
        return pa.nulls(batch.num_rows, pa.int64()), why
    history = {name: counts[name] for name in ("frequency", "recency", "age")}
    expected = relationship.expected_transactions(fitted.found, t=AHEAD_DAYS, **history)
    alive = relationship.p_alive(fitted.found, **history)
    answered = counts["recent"] + counts["answered"]
    made = familiarity(np.where(none, 0.0, expected), answered=answered, contacts=counts["contacts"])
    value = np.rint(made.value * UNIT).astype(np.int64)
    parts = object_of(
        {
            "expected_in_12_months": made.expected,
            "still_there": alive,
            "relationship": made.relationship,
            "answered": answered,
            "contacts": counts["contacts"],
            "reciprocity": made.reciprocity,
            "order_days": counts["frequency"] + 1,
            "first_to_last_days": counts["recency"],
            "first_to_now_days": counts["age"],
        }
    )
    return pa.array(value, mask=none), pc.if_else(pa.array(none), reason_of(NO_ORDERS), parts)


def _whole(column: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.asarray(pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False), dtype=np.int64)


def sums(fitted: Fitted, *, clock: Clock) -> Iterator[pa.RecordBatch]:
    """The merged histories as rows of `know_sums`: the cell is frequency/recency/age in days, the count customers."""
    parts = [fitted.histories[name].cast(pa.string()) for name in ("frequency", "recency", "age")]
    weight = fitted.histories["weight"].cast(pa.int64())
    table = pa.table(
        {
            "sum": pa.array(["relationship"] * len(weight), pa.string()),
            "cell": pc.binary_join_element_wise(*parts, "/"),
            "day": pa.array([clock.today] * len(weight), pa.date32()),
            "count": weight,
            "total": weight,
        }
    )
    yield from table.cast(contracts.table("know_sums").schema).to_batches(max_chunksize=65_536)
