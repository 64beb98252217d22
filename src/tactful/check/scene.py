"""What every rule may look at besides the message: project, clock, catalogue, checked links, people, their orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.check.block import Encoded, Tables
from tactful.check.bones import Bones
from tactful.check.patterns import Words
from tactful.check.texts import Lexicon, Texts, texts_of
from tactful.project.declared import Project
from tactful.store import contracts, lake
from tactful.words.clock import Clock
from tactful.words.sealed import Sealed

Inputs = Mapping[str, Sealed | pa.Table]
Row = Mapping[str, Any]  # Any: a row of mixed columns
LINK_OK = "ok"


@dataclass(kw_only=True, eq=False)
class Scene:
    """Everything beside the messages. Stability: full.

    Attributes:
        skeletons: by id.
        profiles: the latest row of each customer.
        items: the catalogue, the latest load of each item.
        links: status by address.
        transactions: what was ordered, or None where the gate was not given it.
        previous: earlier messages (customer_id, skeleton_id, happened_at), or None.
        authored: the skeletons that came out the same when they were written once more, or None.
    """

    project: Project
    clock: Clock
    skeletons: dict[bytes, Bones]
    profiles: pa.Table
    items: dict[str, Row]
    links: dict[str, str]
    transactions: pa.Table | None = None
    previous: pa.Table | None = None
    authored: frozenset[bytes] | None = None
    sharing: dict[tuple[str, ...], dict[tuple[Any, ...], int]] = field(default_factory=dict)  # Any: values of facts
    lexicon: Lexicon = field(default_factory=Lexicon)
    listed: dict[str, str] = field(default_factory=dict)
    priced: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, inputs: Inputs, *, project: Project, clock: Clock, skeletons: dict[bytes, Bones]) -> Scene:
        """From the tables handed to the gate; what is absent is empty, so that nothing passes for lack of data."""
        tables = {name: lake.read(inputs[name]) if name in inputs else None for name in ("items", "links", "profiles")}
        return cls(
            project=project,
            clock=clock,
            skeletons=skeletons,
            profiles=_current(tables["profiles"], key="customer_id", by="as_of"),
            items=_catalogue(tables["items"]),
            links=_links(tables["links"]),
            transactions=_lines_of_shown(inputs),
            previous=lake.read(inputs["previous"]) if "previous" in inputs else None,
            authored=_ids(inputs, "authored"),
        )

    @cached_property
    def never(self) -> Words:
        """The brand's words that never appear."""
        return Words(self.project.brand.never)

    @cached_property
    def near_name(self) -> Words:
        """The brand's words that never stand beside a first name."""
        return Words(self.project.brand.near_name)

    def shared_by(self, names: tuple[str, ...]) -> dict[tuple[Any, ...], int]:  # Any: values of facts
        """How many customers share each combination of these facts."""
        if names not in self.sharing:
            known = [name for name in names if name in self.profiles.column_names]
            if len(known) < len(names) or self.profiles.num_rows == 0:
                self.sharing[names] = {}
            else:
                grouped = self.profiles.select(known).group_by(known, use_threads=False).aggregate([([], "count_all")])
                counts = grouped["count_all"].to_pylist()
                values = zip(*(grouped[name].to_pylist() for name in known), strict=True)
                self.sharing[names] = dict(zip(values, counts, strict=True))
        return self.sharing[names]

    def status_of(self, url: str) -> str | None:
        """What is known of an address; None where it was never checked."""
        return self.links.get(plain_address(url))

    @cached_property
    def ordered(self) -> Ordered | None:
        """Who bought and returned what, or None where that was not given."""
        return None if self.transactions is None else Ordered.of(self.transactions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What customers bought and sent back, as one number for each pair of a customer and an item. Stability: internal.

    Attributes:
        people, items: what the numbers count.
        bought: pairs with a sale.
        returned: pairs whose last line is a return or a cancellation.
    """

    people: pa.Array
    items: pa.Array
    bought: pa.Array
    returned: pa.Array

    @classmethod
    def of(cls, transactions: pa.Table) -> Ordered:
        """From order lines; those without a customer say nothing about anybody."""
        lines = transactions.filter(pc.is_valid(transactions["customer_id"])).combine_chunks()
        whose, what = (Encoded.of(lines[name]) for name in ("customer_id", "item_id"))
        people, items = pa.array([*whose.values], pa.string()), pa.array([*what.values], pa.string())
        pairs = whose.codes * len(items) + what.codes
        is_sale = pc.equal(lines["kind"], "sale").to_numpy()
        times = lines["happened_at"].to_numpy().astype(np.int64)
        order = np.lexsort((np.arange(len(pairs)), times, pairs))
        last = np.append(pairs[order][1:] != pairs[order][:-1], [True] if len(pairs) else [])
        ends = order[last.astype(bool)]
        return cls(
            people=people,
            items=items,
            bought=pa.array(pairs[is_sale]),
            returned=pa.array(pairs[ends[~is_sale[ends]]]),
        )

    def of_shown(self, tables: Tables) -> pa.Array:
        """For each item shown in the run its pair's number; null where the customer or the item is in no line."""
        people = Encoded.of(tables.decisions["customer_id"])
        shown = tables.shown
        whose = Texts(self.people).numbers(texts_of(people.values))[people.codes[shown.row]]
        items = np.append(Texts(self.items).numbers(texts_of(shown.item.values)), -1)[shown.item.codes]
        return pa.array(whose * len(self.items) + items, mask=(whose < 0) | (items < 0))


def _ids(inputs: Inputs, name: str) -> frozenset[bytes] | None:
    """Ids of skeletons, or None where that table was not given."""
    return frozenset(lake.read(inputs[name])["skeleton_id"].to_pylist()) if name in inputs else None


def _lines_of_shown(inputs: Inputs) -> pa.Table | None:
    """The order lines of a customer and an item that they are shown: all that a rule asks about.

    Lines come by customer, so each run of one customer's lines is looked for once among those who are shown anything.
    """
    if "transactions" not in inputs:
        return None
    names = ["customer_id", "item_id", "kind", "happened_at"]
    people, items, shown = _shown_pairs(inputs)
    kept: list[pa.RecordBatch] = []
    for batch in lake.batches(inputs["transactions"], columns=[*names, "customer_key"], rows=1 << 18):
        place = _among(people, batch["customer_key"].fill_null(_NOBODY).to_numpy(zero_copy_only=False))
        some = np.flatnonzero(place >= 0)
        item = pc.index_in(batch["item_id"].take(pa.array(some)), value_set=items, skip_nulls=True)
        codes = place[some] * len(items) + item.fill_null(0).to_numpy(zero_copy_only=False)
        is_shown = (_sought(shown, codes) >= 0) & item.is_valid().to_numpy(zero_copy_only=False)
        if is_shown.any():
            kept.append(batch.select(names).take(pa.array(some[is_shown])))
    if kept:
        return pa.Table.from_batches(kept)
    schema = contracts.table("transactions").schema
    return pa.schema([schema.field(name) for name in names]).empty_table()


_NOBODY = -1
"""The key of lines without a customer; no customer has it."""


def _shown_pairs(inputs: Inputs) -> tuple[NDArray[np.int64], pa.Array, NDArray[np.int64]]:
    """Keys of those who are shown something, what is shown to anybody, the codes of who is shown what; in order."""
    decisions = lake.read(inputs["decisions"], columns=["customer_key", "items"]).combine_chunks()
    lists = decisions["items"].combine_chunks()
    rows = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
    told = lists.flatten()
    what = Encoded.of(pa.chunked_array([told.field("item_id"), told.field("because")]))
    people, whose = np.unique(decisions["customer_key"].to_numpy(), return_inverse=True)
    items = texts_of(what.values).array
    codes = np.tile(whose.reshape(-1)[rows], 2) * len(items) + what.codes
    return people, items, np.sort(codes)


def _among(known: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each key its place among those known, -1 where it is none of them; equal neighbours are sought once."""
    if not len(keys):
        return np.zeros(0, dtype=np.int64)
    begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    found = _sought(known, keys[begins])
    return np.repeat(found, np.diff(np.append(begins, len(keys))))


def _sought(known: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each number its place among those known, which ascend; -1 where it is none of them."""
    if not len(known):
        return np.full(len(keys), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[place] == keys, place, -1)


def plain_address(url: str) -> str:
    """An address as it is compared: without fragment, a bare host with its slash.

    >>> plain_address("https://shop.example#top"), plain_address("https://shop.example/p/1")
    ('https://shop.example/', 'https://shop.example/p/1')
    """
    url = url.split("#", 1)[0].strip()
    _, _, rest = url.partition("://")
    return f"{url}/" if rest and "/" not in rest and "?" not in rest else url


def _current(table: pa.Table | None, *, key: str, by: str) -> pa.Table:
    """The latest row of each key."""
    if table is None:
        return pa.table({key: pa.array([], pa.string())})
    if table.num_rows == 0 or by not in table.column_names or pc.count_distinct(table[key]).as_py() == table.num_rows:
        return table
    order = pc.sort_indices(table, sort_keys=[(key, "ascending"), (by, "descending")])
    keys = table[key].combine_chunks().take(order)
    codes = keys.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    first = np.concatenate([[True], codes[1:] != codes[:-1]])
    return table.take(order.filter(pa.array(first)))


def _catalogue(table: pa.Table | None) -> dict[str, Row]:
    latest: dict[str, Row] = {}
    for row in table.to_pylist() if table is not None else []:
        kept = latest.get(row["item_id"])
        if kept is None or (row["loaded_at"], row["source"]) >= (kept["loaded_at"], kept["source"]):
            latest[row["item_id"]] = row
    return latest


def _links(table: pa.Table | None) -> dict[str, str]:
    """The last status of each address; one that was never looked at does not hide one that was."""
    latest: dict[str, tuple[Any, str]] = {}  # Any: an instant or None
    for row in table.to_pylist() if table is not None else []:
        url = plain_address(row["url"])
        kept = latest.get(url)
        if kept is None or (row["checked_at"] is not None and (kept[0] is None or row["checked_at"] >= kept[0])):
            latest[url] = (row["checked_at"], row["status"])
    return {url: status.strip().lower() for url, (_, status) in latest.items()}
