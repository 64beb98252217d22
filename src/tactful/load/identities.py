"""By what two rows of a table are the same: the columns that make a row of each canonical table what it is."""

from __future__ import annotations

from collections.abc import Collection

IDENTITY: dict[str, tuple[str, ...]] = {
    "transactions": ("order_id", "item_id", "unit_price", "happened_at"),
    "events": ("event_id",),
    "stock": ("item_id", "quantity", "counted_at"),
    "consents": ("customer_id", "purpose", "channel", "happened_at", "state"),
    "preferences": ("customer_id", "happened_at", "dial", "topics_off", "occasions_off", "frequency"),
    "suppressions": ("address", "channel", "why"),
    "past_sends": ("customer_id", "channel", "purpose", "happened_at"),
    "links": ("url", "status", "checked_at"),
    "customers": ("customer_id",),
    "items": ("item_id",),
}
"""Identity by table. To a transaction its occurrence number belongs as well; an event without an id is all it says."""


def identity_of(table: str, *, one_per: tuple[str, ...], columns: Collection[str]) -> tuple[str, ...]:
    """The columns that tell rows of a table apart, of those that are filled.

    >>> identity_of("events", one_per=(), columns=["event_id", "name"])
    ('event_id',)
    >>> identity_of("links", one_per=(), columns=["url", "status"])
    ('url', 'status')
    """
    if one_per:
        return one_per
    if table == "events" and "event_id" not in columns:
        return tuple(sorted(columns))
    own = (*IDENTITY[table], "line") if table == "transactions" else IDENTITY[table]
    return tuple(name for name in own if name in columns)
