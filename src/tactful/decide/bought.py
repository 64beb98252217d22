"""What was bought, by whom and with what; gathered a span of customers at a time, so that no sum outgrows memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from tactful.decide.members import Inputs
from tactful.reckon import decay
from tactful.reckon.together import Together
from tactful.store import contracts, sql
from tactful.store.engines.duckdb import Engine
from tactful.words.clock import Clock
from tactful.words.sealed import Sealed

HALF_LIFE_DAYS: Final = 90
"""Days after which an order counts half."""
MOST_LINES: Final = 60
"""Orders of more different items than this say little about what goes together."""
PARTNERS: Final = 24
"""How many partners of each item are kept."""
LINES_AT_ONCE: Final = 3_000_000
"""About so many lines are gathered at once; an engine with a gigabyte holds them without spilling."""


def gather(engine: Engine, inputs: Inputs, *, least: int, clock: Clock, lines_at_once: int = LINES_AT_ONCE) -> None:
    """Makes the tables that lists are chosen from: `nameable`, `kept`, `item_sums`, and `pairs`.

    `kept` has a row for each customer and item, in the order of customer keys. An order is what one customer has under
    one order number.

    Args:
        engine: keeps the tables.
        inputs: `transactions` and `items`; `stock` where it is counted.
        least: orders that a pair stands in at least.
        clock: now.
        lines_at_once: about so many lines are gathered at once.
    """
    weight = decay.table(HALF_LIFE_DAYS)
    weights = pa.table({"age": np.arange(weight.size, dtype=np.int64), "weight": weight})
    stock = inputs.get("stock", contracts.table("stock").schema.empty_table())
    lines = inputs["transactions"]
    sources = {"transactions": lines, "items": inputs["items"], "stock": stock, "weights": weights}
    now: dict[str, object] = {"now": clock.now}
    engine.make("nameable", sql.named("decide.nameable"), tables=sources, values=now)
    together = Together(engine.table(sql.named("decide.nameable_items")).num_rows)
    count = lines.rows if isinstance(lines, Sealed) else lines.num_rows
    shares = 1 + count // lines_at_once
    for span in _spans(shares):
        engine.make("lines", sql.named("decide.lines"), values=now | span)
        engine.append("kept", sql.named("decide.kept"))
        _count(engine, together)
    for span in _spans_of_nobody(engine, shares=shares):
        engine.make("lines", sql.named("decide.lines_of_nobody"), values=now | span)
        _count(engine, together)
    engine.make("item_orders", sql.named("decide.item_orders"))
    engine.make("item_sums", sql.named("decide.item_sums"))
    found = dict(zip(("one", "two", "support"), together.pairs(least=least), strict=True))
    engine.make("pairs", sql.named("decide.pairs"), tables={"together": pa.table(found)}, values={"partners": PARTNERS})


def _spans(shares: int) -> Iterator[dict[str, object]]:
    """The range of customer keys in so many parts; keys are hashes, so each part has about as many customers."""
    lowest, width = -(1 << 63), (1 << 64) // shares
    for share in range(shares):
        last = share == shares - 1
        yield {"low": lowest + share * width, "high": (1 << 63) - 1 if last else lowest + (share + 1) * width - 1}


def _spans_of_nobody(engine: Engine, *, shares: int) -> Iterator[dict[str, object]]:
    lows = engine.table(sql.named("decide.orders_of_nobody"), values={"shares": shares})["low"].to_pylist()
    for number, low in enumerate(lows):
        yield {"low": low, "high": lows[number + 1] if number + 1 < len(lows) else None}


def _count(engine: Engine, together: Together) -> None:
    """Adds the orders of a span to the counts of items and of pairs."""
    engine.append("item_parts", sql.named("decide.item_parts"))
    baskets = engine.table(sql.named("decide.baskets"), values={"most": MOST_LINES})["items"].combine_chunks()
    together.add(baskets.offsets.to_numpy(), baskets.flatten().to_numpy())
