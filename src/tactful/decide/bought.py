"""What was bought, by whom and with what; gathered a span of customers at a time, so that no sum outgrows memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from tactful.decide.goods import Goods
from tactful.decide.households import Households
from tactful.decide.members import Inputs
from tactful.decide.order_lines import Flags, Lines, OrderLines
from tactful.decide.recommend.history import Sparse
from tactful.decide.sampled import Sampled
from tactful.decide.sums import NEVER, TIME, Sums, ranked
from tactful.project.declared import Project
from tactful.project.items import ItemRules
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gathered:
    """All that was put aside in one reading of the orders. Stability: internal.

    Attributes:
        spans: of customers, in the order of keys.
        goods: the items that may be named.
        together: in how many orders two items stand, of those that do in enough; both ways round, sparse.
        sampled: the orders of some customers, to learn from.
        households: what members of shared households just ordered or sent back.
    """

    spans: list[Bought]
    goods: Goods
    together: Sparse
    sampled: Sampled
    households: Households


def gather(
    engine: Engine,
    inputs: Inputs,
    *,
    project: Project,
    scratch: Scratch,
    clock: Clock,
    lines_at_once: int = LINES_AT_ONCE,
) -> Gathered:
    """Puts aside what each customer bought, and makes `nameable`, `item_sums` and `pairs`, from which lists are chosen.

    An order is what one customer has under one order number; those of nobody count for items and pairs only.

    Args:
        engine: keeps the tables.
        inputs: `transactions`, `items` and `profiles`; `stock` where it is counted.
        project: its policy has the rules of items, and how many orders a pair stands in at least.
        scratch: keeps what customers bought.
        clock: now.
        lines_at_once: about so many lines are gathered at once.
    """
    rules, lines = project.policy.items, inputs["transactions"]
    items = _nameable(engine, inputs, rules=rules, clock=clock)
    noted, many = items["has_note"].to_numpy(), lines.rows if isinstance(lines, Sealed) else lines.num_rows
    reading = OrderLines(inputs, items=items["item_id"].combine_chunks(), clock=clock)
    sums = Sums(items.num_rows, clock=clock)
    sampled = Sampled(lines=many, salt=project.settings.salt, clock=clock)
    households = Households(inputs["profiles"], days=rules.household, clock=clock)
    found = []
    for high in evenly(1 + many // lines_at_once):
        span = reading.up_to(high)
        sampled.add(span)
        households.add(span)
        found.append(
            Bought(high=high, kept=scratch.put(sums.add(span)), latest=scratch.put(_latest(span, noted=noted)))
        )
    sums.add_nobody(reading, lines_at_once=lines_at_once)
    together = _paired(engine, sums, least=project.policy.k_words)
    goods = Goods.of(engine, sums=sums.of_items(), rules=rules, clock=clock)
    return Gathered(spans=found, goods=goods, together=together, sampled=sampled, households=households)


def _nameable(engine: Engine, inputs: Inputs, *, rules: ItemRules, clock: Clock) -> pa.Table:
    """The items that may be named, by number; those that may not are counted."""
    stock = inputs.get("stock", contracts.table("stock").schema.empty_table())
    ids, ranges = list(rules.never), list(rules.never_ranges)
    never = {"item_id": ids + [None] * len(ranges), "category": [None] * len(ids) + ranges}
    schema = pa.schema([("item_id", pa.string()), ("category", pa.string())])
    sources = {"items": inputs["items"], "stock": stock, "never": pa.table(never, schema=schema)}
    engine.make("nameable", sql.named("decide.nameable"), tables=sources, values={"now": clock.now})
    engine.make("unnameable", sql.named("decide.unnameable"), tables={"items": inputs["items"]})
    return engine.table(sql.named("decide.nameable_items"))


def _paired(engine: Engine, sums: Sums, *, least: int) -> Sparse:
    """Makes `item_sums` and `pairs`; answers what stands together in orders enough, both ways round."""
    of_items, (one, two, support) = {"sums": sums.of_items()}, sums.together.pairs(least=least)
    engine.make("item_sums", sql.named("decide.item_sums"), tables=of_items)
    tables = of_items | {"together": pa.table({"one": one, "two": two, "support": support})}
    engine.make("pairs", sql.named("decide.pairs"), tables=tables, values={"partners": PARTNERS})
    places = (np.concatenate([one, two]), np.concatenate([two, one]))
    shape = (sums.together.things, sums.together.things)
    return sparse.coo_array((np.concatenate([support, support]), places), shape=shape).tocsr()


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
