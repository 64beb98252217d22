"""The lines of orders as numbers: whose, of which order, which item, when, and whether it was a sale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.decide.members import Inputs
from tactful.store.spans import Spans
from tactful.words.clock import Clock

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

COLUMNS: Final = ("customer_key", "order_id", "item_id", "kind", "happened_at", "quantity", "unit_price")
CODED: Final = ("order_id", "item_id", "kind")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """Some lines. Stability: internal.

    Attributes:
        keys: customer keys; shape (lines,), as are all that follow. Empty where the lines are nobody's.
        orders: numbers of the order ids, from 0; their order means nothing.
        order_ids: the id of each of those numbers.
        items: numbers of the items; -1 for one that may not be named.
        at: microseconds.
        is_sale: whether it was sold; else it came back.
        rows: the lines as they are in the table.
    """

    keys: Ints
    orders: Ints
    order_ids: pa.Array
    items: Ints
    at: Ints
    is_sale: Flags
    rows: pa.Table

    def nameable(self) -> Lines:
        """Those of items that may be named."""
        those = self.items >= 0
        if those.all():
            return self
        return replace(
            self,
            keys=self.keys[those] if self.keys.size else self.keys,
            orders=self.orders[those],
            items=self.items[those],
            at=self.at[those],
            is_sale=self.is_sale[those],
            rows=self.rows.filter(pa.array(those)),
        )


class OrderLines:
    """The lines of all orders up to now, span after span of customers, then those of nobody. Stability: internal.

    Args:
        inputs: `transactions`.
        items: the ids of the items that may be named; an item's number is its place here.
        clock: what comes later is left out.
    """

    def __init__(self, inputs: Inputs, *, items: pa.Array, clock: Clock) -> None:
        self._items, self._now = items, pa.scalar(clock.now, pa.timestamp("us", tz="UTC"))
        self._spans = Spans(inputs["transactions"], by="customer_key", columns=COLUMNS, coded=CODED)

    def up_to(self, high: int) -> Lines:
        """The lines of customers after the last span, up to a key."""
        return self._numbered(self._spans.up_to(high))

    def of_nobody(self) -> Iterator[Lines]:
        """The lines without a customer, some at a time; after the last span."""
        for rows in self._spans.rest():
            yield self._numbered(rows)

    def _numbered(self, rows: pa.Table) -> Lines:
        so_far = pc.less_equal(rows["happened_at"], self._now)
        rows = rows if pc.all(so_far).as_py() is not False else rows.filter(so_far)
        orders, order_ids = _numbers(rows["order_id"])
        return Lines(
            keys=rows["customer_key"].drop_null().to_numpy(),
            orders=orders,
            order_ids=order_ids,
            items=_each(rows["item_id"], lambda ids: pc.fill_null(pc.index_in(ids, value_set=self._items), -1)),
            at=rows["happened_at"].cast(pa.int64()).to_numpy(),
            is_sale=_each(rows["kind"], lambda kinds: pc.equal(kinds, "sale")).astype(np.bool_),
            rows=rows,
        )


def _each(column: pa.ChunkedArray, work: Callable[[pa.Array], pa.Array]) -> Ints:
    """A number for each value, worked out once for each different one of a chunk."""
    parts = [
        np.asarray(work(chunk.dictionary).cast(pa.int64()))[np.asarray(chunk.indices)]
        for chunk in column.chunks
        if len(chunk)
    ]
    return np.concatenate([np.empty(0, np.int64), *parts])


def _numbers(column: pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """The number of each value among the different ones, and those."""
    chunks = [chunk for chunk in column.chunks if len(chunk)]
    every = pa.chunked_array([chunk.dictionary for chunk in chunks], pa.string())
    coded = every.combine_chunks().dictionary_encode()
    places, begin = np.asarray(coded.indices).astype(np.int64), 0
    parts = [np.empty(0, np.int64)]
    for chunk in chunks:
        parts.append(places[begin : begin + len(chunk.dictionary)][np.asarray(chunk.indices)])
        begin += len(chunk.dictionary)
    return np.concatenate(parts), coded.dictionary
