"""What was bought, by whom and with what; gathered a span of customers at a time, so that no sum outgrows memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.decide.members import Inputs
from tactful.decide.order_lines import Flags, Lines, OrderLines
from tactful.decide.sums import NEVER, TIME, Sums, ranked
from tactful.store import contracts, sql
from tactful.store.engines.duckdb import Engine
from tactful.store.scratch import Scratch
from tactful.store.spans import evenly
from tactful.words.clock import Clock
from tactful.words.sealed import Sealed

PARTNERS: Final = 24
"""How many partners of each item are kept."""
LINES_AT_ONCE: Final = 2_000_000
"""About so many lines are gathered at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """What the customers of one span of keys bought, as numbers of tables in a scratch. Stability: internal.

    Attributes:
        high: the last key of the span.
        kept: what each customer ordered of each item, in the order of both (see `Sums.add`).
        latest: lines with a note of each customer's latest order: `customer_key`, `number`, `quantity`, `unit_price`,
            and the order's `ordered_at`.
    """

    high: int
    kept: int
    latest: int


def gather(
    engine: Engine,
    inputs: Inputs,
    *,
    scratch: Scratch,
    least: int,
    clock: Clock,
    lines_at_once: int = LINES_AT_ONCE,
) -> list[Bought]:
    """Puts aside what each customer bought, and makes `nameable`, `item_sums` and `pairs`, from which lists are chosen.

    An order is what one customer has under one order number; those of nobody count for items and pairs only.

    Args:
        engine: keeps the tables.
        inputs: `transactions` and `items`; `stock` where it is counted.
        scratch: keeps what customers bought.
        least: orders that a pair stands in at least.
        clock: now.
        lines_at_once: about so many lines are gathered at once.

    Returns:
        The spans, in the order of keys.
    """
    stock = inputs.get("stock", contracts.table("stock").schema.empty_table())
    sources = {"items": inputs["items"], "stock": stock}
    engine.make("nameable", sql.named("decide.nameable"), tables=sources, values={"now": clock.now})
    items = engine.table(sql.named("decide.nameable_items"))
    lines, noted, found = inputs["transactions"], items["has_note"].to_numpy(), []
    reading, sums = (
        OrderLines(inputs, items=items["item_id"].combine_chunks(), clock=clock),
        Sums(items.num_rows, clock=clock),
    )
    for high in evenly(1 + (lines.rows if isinstance(lines, Sealed) else lines.num_rows) // lines_at_once):
        span = reading.up_to(high)
        found.append(
            Bought(high=high, kept=scratch.put(sums.add(span)), latest=scratch.put(_latest(span, noted=noted)))
        )
    sums.add_nobody(reading, lines_at_once=lines_at_once)
    of_items = {"sums": sums.of_items()}
    pairs = dict(zip(("one", "two", "support"), sums.together.pairs(least=least), strict=True))
    engine.make("item_sums", sql.named("decide.item_sums"), tables=of_items)
    tables = of_items | {"together": pa.table(pairs)}
    engine.make("pairs", sql.named("decide.pairs"), tables=tables, values={"partners": PARTNERS})
    return found


def _latest(lines: Lines, *, noted: Flags) -> pa.Table:
    """The sold lines of each customer's latest order that have a note; of orders of one instant the last by its id."""
    sold = np.flatnonzero(lines.is_sale)
    keys, who = ranked(lines.keys[sold])
    orders, at = lines.orders[sold], lines.at[sold]
    newest, highest = np.full(keys.size, NEVER), np.zeros(keys.size, np.int64)
    np.maximum.at(newest, who, at)
    is_last = at == newest[who]
    numbers, places = np.unique(orders[is_last], return_inverse=True)
    ranks = np.asarray(pc.rank(lines.order_ids.take(pa.array(numbers)), tiebreaker="first")).astype(np.int64) - 1
    np.maximum.at(highest, who[is_last], ranks[places])
    chosen = (orders == numbers[np.argsort(ranks)][highest][who]) & np.append(noted, False)[lines.items[sold]]
    rows = lines.rows.select(["customer_key", "quantity", "unit_price"]).take(pa.array(sold[chosen]))
    ordered_at = pa.array(newest[who[chosen]]).cast(TIME)
    return rows.append_column("number", pa.array(lines.items[sold[chosen]])).append_column("ordered_at", ordered_at)
