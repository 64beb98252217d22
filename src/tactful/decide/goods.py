"""The items that may be named, as arrays by their numbers: of which range, whether new, whether they may be offered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.decide.lists import NEW_DAYS
from tactful.decide.order_lines import Flags, Ints
from tactful.decide.recommend.history import Sparse
from tactful.project.items import ItemRules
from tactful.reckon import title_words
from tactful.store import sql
from tactful.store.engines.duckdb import Engine
from tactful.words.clock import Clock
from tactful.words.left_out import LeftOut

LEAST_BUYERS: Final = 5
"""Customers that an item needs before it is shown to a person as new, if it was ever ordered."""
NO_RANGE: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Goods:
    """What is known of each item that may be named, by its number. Stability: internal.

    Attributes:
        ids: the item ids.
        ranges: the names of categories, in order.
        range_of: each item's category as a place among them, -1 for none; shape (n,).
        is_there: in stock and on sale now; shape (n,).
        is_never: never recommended by the policy; shape (n,).
        is_new: first ordered or put on sale lately; shape (n,).
        is_used_up: may be shown to who has it already; shape (n,).
        content: what titles and categories say; sparse, shape (n, words).
        unnameable: how many items of the catalogue may not be named, by why.
    """

    ids: pa.Array
    ranges: tuple[str, ...]
    range_of: Ints
    is_there: Flags
    is_never: Flags
    is_new: Flags
    is_used_up: Flags
    content: Sparse
    unnameable: dict[LeftOut, int]

    @classmethod
    def of(cls, engine: Engine, *, sums: pa.Table, rules: ItemRules, clock: Clock) -> Goods:
        """From `nameable` and `unnameable`.

        Args:
            engine: keeps them.
            sums: what is known of the orders of each item (see `Sums.of_items`).
            rules: of the policy.
            clock: now.
        """
        items = engine.table(sql.named("decide.nameable_items"))
        ranges = sorted(set(items["category"].to_pylist()) - {None})
        place = pc.fill_null(pc.index_in(items["category"], value_set=pa.array(ranges, pa.string())), NO_RANGE)
        texts = zip(items["title"].to_pylist(), items["category"].to_pylist(), strict=True)
        words = [title_words.words_of(f"{title} {category or ''}") for title, category in texts]
        gone = engine.table(sql.named("decide.unnameable_count")).to_pylist()[0]
        return cls(
            ids=items["item_id"].combine_chunks(),
            ranges=tuple(ranges),
            range_of=np.asarray(place).astype(np.int64),
            is_there=_flags(items["is_there"]),
            is_never=_flags(items["is_never"]),
            is_new=_new(items, sums=sums, clock=clock),
            is_used_up=_flags(pc.is_in(items["category"], value_set=pa.array(rules.consumables, pa.string()))),
            content=title_words.weights(words) if words else None,
            unnameable={LeftOut.SENSITIVE: gone["sensitive"], LeftOut.NOT_FOR_SALE: gone["items"] - gone["sensitive"]},
        )

    def __len__(self) -> int:
        return len(self.ids)


def _new(items: pa.Table, *, sums: pa.Table, clock: Clock) -> Flags:
    """First ordered lately by people enough; or never ordered yet, and put on sale lately."""
    since = pa.scalar(clock.now - timedelta(days=2 * NEW_DAYS), pa.timestamp("us", tz="UTC"))
    sold = np.zeros(items.num_rows, dtype=bool)
    sold[sums["number"].to_numpy()] = True
    lately = _flags(pc.fill_null(pc.greater_equal(items["active_from"], since), False))
    found = lately & ~sold
    young = pc.and_(pc.greater_equal(sums["first_at"], since), pc.greater_equal(sums["buyers"], LEAST_BUYERS))
    found[sums["number"].to_numpy()[_flags(young)]] = True
    return found


def _flags(column: pa.ChunkedArray) -> Flags:
    return np.asarray(column.combine_chunks().to_numpy(zero_copy_only=False), dtype=bool)
