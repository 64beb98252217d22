"""What a row of a canonical table holds besides what the file says: source, time of loading, and stated defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from tactful.store import contracts
from tactful.words.consent import ANY_CHANNEL
from tactful.words.ids import derived_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is the same for every row of a load. Stability: internal.

    Attributes:
        source: name of the source.
        now: the project's now.
        currency: of amounts whose file says none.
    """

    source: str
    now: datetime
    currency: str


def completed(table: str, columns: Mapping[str, pa.Array], *, rows: int, setting: Setting) -> pa.RecordBatch:
    """Rows under the table's contract: what the file does not fill is a stated default, or absent where it may be.

    Times and counts nobody stated are the time of loading; an amount's currency is the project's; a suppression holds
    on every channel; a past send was marketing; an item without a title goes by its id
    and is not sold, since nobody could say what it is.
    """
    schema = contracts.table(table).schema
    given = {**columns}
    if table == "items":
        title = given.get("title", pa.nulls(rows, pa.string()))
        given["title"] = pc.coalesce(title, given["item_id"])
        given["sellable"] = pc.coalesce(given.get("sellable", pa.nulls(rows, pa.bool_())), title.is_valid())
    if table == "events" and "event_id" not in given:
        given["event_id"] = _event_ids(given, schema=schema, setting=setting)
    for name, value in _defaults(table, setting=setting).items():
        if schema.get_field_index(name) < 0:
            continue
        scalar = pa.scalar(value, schema.field(name).type)
        if name not in given:
            given[name] = pa.repeat(scalar, rows)
        elif given[name].null_count:
            given[name] = pc.fill_null(given[name], scalar)
    arrays = [given[f.name] if f.name in given else pa.nulls(rows, f.type) for f in schema]
    return pa.record_batch(arrays, schema=schema)


MAY_BE_LEFT_OUT: dict[str, frozenset[str]] = {
    "transactions": frozenset({"currency", "line"}),
    "events": frozenset({"received_at"}),
    "items": frozenset({"title", "sellable"}),
    "stock": frozenset({"counted_at"}),
    "suppressions": frozenset({"channel", "why", "since"}),
    "past_sends": frozenset({"purpose"}),
}
"""Columns that no row may be without, and that a file may be: a stated default stands in."""


def _defaults(table: str, *, setting: Setting) -> dict[str, object]:
    """What stands in columns that a file does not fill and that may not be empty."""
    shared: dict[str, object] = {"source": setting.source, "loaded_at": setting.now}
    own: dict[str, dict[str, object]] = {
        "transactions": {"currency": setting.currency, "line": 1},
        "events": {"received_at": setting.now},
        "items": {"sellable": True, "currency": setting.currency},
        "stock": {"counted_at": setting.now},
        "suppressions": {"channel": ANY_CHANNEL, "why": "imported", "since": setting.now},
        "past_sends": {"purpose": "marketing"},
    }
    return {**shared, **own.get(table, {})}


def _event_ids(columns: Mapping[str, pa.Array], *, schema: pa.Schema, setting: Setting) -> pa.Array:
    """Ids of events that have none: 32 hex digits over all that the file says, so the same event is the same."""
    told = [name for name in schema.names if name in columns and name not in {"received_at", "source"}]
    texts = [_as_words(columns[name]) for name in told]
    rows = zip(*texts, strict=True)
    return pa.array([derived_id("event", setting.source, *row).hex() for row in rows], pa.string())


def _as_words(column: pa.Array) -> list[str]:
    if pa.types.is_fixed_size_binary(column.type):
        return ["" if value is None else value.hex() for value in column.to_pylist()]
    written: list[str] = pc.fill_null(column.cast(pa.string()), "").to_pylist()
    return written
