"""What is kept of a decision made when asked: enough to seal it as decided at night, with all that could have been."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa

from tactful.decide.decided import Decided
from tactful.store import contracts, ledger, sql

Row = Mapping[str, Any]  # Any: one row of mixed columns

_CANDIDATES, _INPUT = "candidates", "input"
_HEAVY: Final = (_CANDIDATES, _INPUT)
"""What only learning reads: once it is in the lake, the ledger need not hold it."""


def body_of(decision: pa.RecordBatch, found: Decided, *, prices: pa.Table) -> str:
    """What the ledger holds of one decision, as JSON: its row, the prices of that moment, every arm, and the row of
    `inputs` that it was made from. Whose it is stands beside it.

    Args:
        decision: the row of `decisions`.
        found: what it was made from.
        prices: the rows it was made by, as they were at that moment.
    """
    candidates = found.candidates_of(np.arange(1)).to_pydict()
    body: dict[str, Any] = {name: value for name, value in decision.to_pylist()[0].items() if name != "customer_id"}
    body["prices"] = [
        {"resource": one["resource"], "price": one["price"]} for one in prices.to_pylist() if one["price"]
    ]
    body[_CANDIDATES] = {name: values for name, values in candidates.items() if name != "decision_id"}
    body[_INPUT] = {name: value for name, value in found.batch.to_pylist()[0].items() if name != "customer_id"}
    return json.dumps(body, default=_plain, separators=(",", ":"))


def without_log(body: str) -> str:
    """The same without what is in the lake once it is sealed.

    >>> without_log('{"arm_id":"00","candidates":{},"input":{}}')
    '{"arm_id":"00"}'
    """
    return json.dumps(
        {name: value for name, value in json.loads(body).items() if name not in _HEAVY}, separators=(",", ":")
    )


def sealed_rows(kept: Sequence[Row]) -> Iterator[pa.RecordBatch]:
    """The `decisions`, `candidates` and `inputs` rows of decisions that were made when asked, exactly as they were.

    Args:
        kept: customer_id and body of `live_decision` rows.
    """
    read = [({"customer_id": one["customer_id"]}, json.loads(one["body"])) for one in kept]
    yield _batch("decisions", (body | whose for whose, body in read))
    yield _batch("candidates", (row for _, body in read for row in _candidates(body)))
    yield _batch("inputs", (body[_INPUT] | whose for whose, body in read))


def mark_sealed(tx: ledger.Transaction, left: Mapping[bytes, str], *, sealed_in: bytes) -> int:
    """Notes which decisions are in the lake, and keeps of each what may be shown again; returns how many.

    Args:
        tx: the transaction that names their files.
        left: decision_id → `without_log` of its body.
        sealed_in: the run that holds them.
    """
    marks = [{"decision_id": one, "sealed_in": sealed_in, "body": body} for one, body in left.items()]
    return ledger.act_many(tx, sql.named("ledger.decide.live_sealed"), marks)


def remove_old(tx: ledger.Transaction, *, before: datetime) -> int:
    """Removes from the ledger what is in the lake and was decided before an instant; returns how many."""
    return ledger.act(tx, sql.named("ledger.decide.live_over"), {"before": before})


def _candidates(body: Row) -> Iterator[dict[str, Any]]:  # Any: mixed columns
    columns = body[_CANDIDATES]
    for values in zip(*columns.values(), strict=True):
        yield {"decision_id": body["decision_id"], **dict(zip(columns, values, strict=True))}


def _batch(table: str, rows: Iterator[dict[str, Any]]) -> pa.RecordBatch:  # Any: JSON
    schema = contracts.table(table).schema
    every = [{field.name: _typed(row.get(field.name), field.type) for field in schema} for row in rows]
    return pa.RecordBatch.from_pylist(every, schema=schema)


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    assert isinstance(value, datetime)
    return value.isoformat()


def _typed(value: Any, kind: pa.DataType) -> Any:  # Any: JSON, and what Arrow takes
    """A value of JSON as a column of that type takes it."""
    if value is None:
        return None
    if pa.types.is_fixed_size_binary(kind):
        return bytes.fromhex(value)
    if pa.types.is_timestamp(kind):
        return datetime.fromisoformat(value)
    return value
