"""The real Online Retail lines as canonical tables, for the tests of decide."""

from __future__ import annotations

from functools import cache

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datasets import dataset
from tactful.store import contracts
from tactful.words.clock import Clock
from tactful.words.ids import customer_key

RANGES = ("BAG", "CAKE", "CANDLE", "LIGHT", "CHRISTMAS", "HEART", "CARD", "TIN", "MUG", "CLOCK", "SIGN", "NECKLACE")
CLOCK = Clock.at("2011-12-09T12:50:00", zone="Europe/London")


def category_of(title: str) -> str:
    """A range by the first word of ours in the title."""
    return next((word.lower() for word in RANGES if word in title), "other")


@cache
def shop() -> tuple[pa.Table, pa.Table, pa.Table]:
    """Transactions, items and customers (customer_id, customer_key, favourite_range)."""
    raw = pq.read_table(dataset("online_retail") / "online_retail.parquet")
    rows = raw.num_rows
    ids = pc.cast(raw["CustomerID"], pa.string()).combine_chunks().dictionary_encode()
    keys = pa.array([customer_key(name) for name in ids.dictionary.to_pylist()])
    code = pc.cast(raw["StockCode"], pa.string())
    cancelled = pc.starts_with(pc.cast(raw["InvoiceNo"], pa.string()), "C")
    transactions = pa.table(
        {
            "customer_id": ids.cast(pa.string()),
            "customer_key": keys.take(ids.indices),
            "order_id": pc.cast(raw["InvoiceNo"], pa.string()),
            "line": pa.array(range(rows)),
            "item_id": code,
            "quantity": raw["Quantity"],
            "unit_price": pc.round(raw["UnitPrice"], 4).cast(pa.decimal128(18, 4), safe=False),
            "currency": pa.repeat("GBP", rows),
            "happened_at": raw["InvoiceDate"].cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")),
            "channel": pa.nulls(rows, pa.string()),
            "kind": pc.if_else(cancelled, "cancel", "sale"),
            "source": pa.repeat("retail", rows),
        }
    ).cast(contracts.table("transactions").schema)
    titles: dict[str, str] = {}
    for item, title in zip(code.to_pylist(), raw["Description"].to_pylist(), strict=True):
        if title and item[:5].isdigit():
            titles.setdefault(item, str(title).strip())
    items = [
        {"item_id": i, "title": t, "category": category_of(t.upper()), "sellable": True, "source": "retail",
         "loaded_at": CLOCK.now, "note": "Wipe clean." if category_of(t.upper()) == "sign" else None,
         "stock": 0 if i == "85123A" else None}
        for i, t in sorted(titles.items())
    ]  # fmt: skip
    people = [
        {"customer_id": name, "customer_key": customer_key(name), "favourite_range": RANGES[n % 12].lower()}
        for n, name in enumerate(ids.dictionary.to_pylist())
        if name is not None
    ]
    people.sort(key=lambda row: row["customer_key"])
    return (
        transactions,
        pa.Table.from_pylist(items, schema=contracts.table("items").schema),
        pa.Table.from_pylist(people),
    )
