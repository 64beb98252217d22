"""What every rule may look at besides the message: project, clock, catalogue, checked links, people, their orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.check.addresses import plain_addresses
from tactful.check.bones import Bones
from tactful.check.encoded import Rows, places, together
from tactful.check.late import Late
from tactful.check.lexicon import Lexicon
from tactful.check.patterns import Words
from tactful.project.declared import Project
from tactful.store import lake
from tactful.store.whose import NEEDS, rows_by_key
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
        people: for each decision the row of its customer's profile; -1 where there is none.
        items: the catalogue, the latest load of each item.
        links: status by address.
        transactions: what was ordered, or None where the gate was not given it.
        previous: earlier messages (customer_id, skeleton_id, happened_at), or None.
        authored: the skeletons that came out the same when they were written once more, or None.
    """

    project: Project
    clock: Clock
    skeletons: dict[bytes, Bones]
    profiles: Late
    people: Rows
    items: dict[str, Row]
    links: dict[str, str]
    transactions: Sealed | pa.Table | None = None
    previous: pa.Table | None = None
    authored: frozenset[bytes] | None = None
    sharing: dict[tuple[str, ...], dict[tuple[Any, ...], int]] = field(default_factory=dict)  # Any: values of facts
    lexicon: Lexicon = field(default_factory=Lexicon)
    listed: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, str | None] = field(default_factory=dict)
    priced: dict[str, int] = field(default_factory=dict)
    greetings: dict[tuple[object, str], Any] = field(default_factory=dict)  # Any: what was made of a name or a line

    @classmethod
    def of(
        cls, inputs: Inputs, *, project: Project, clock: Clock, skeletons: dict[bytes, Bones], decisions: Late
    ) -> Scene:
        """From the tables handed to the gate; what is absent is empty, so that nothing passes for lack of data."""
        profiles, people = _current(inputs.get("profiles"), decisions=decisions)
        tables = {name: lake.read(inputs[name]) if name in inputs else None for name in ("items", "links")}
        return cls(
            project=project,
            clock=clock,
            skeletons=skeletons,
            profiles=profiles,
            people=people,
            items=_catalogue(tables["items"]),
            links=_links(tables["links"]),
            transactions=inputs.get("transactions"),
            previous=lake.read(inputs["previous"]) if "previous" in inputs else None,
            authored=_ids(inputs, "authored"),
        )

    @cached_property
    def never(self) -> Words:
        """The brand's words that never appear."""
        return Words(self.project.brand.never)

    @cached_property
    def plain_addresses(self) -> str:
        """A pattern of the addresses that are plainly the brand's own."""
        return plain_addresses(self.project.brand)

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
                grouped = together([self.profiles.encoded(name) for name in known])
                self.sharing[names] = dict(zip(grouped.values, np.bincount(grouped.codes).tolist(), strict=True))
        return self.sharing[names]

    def status_of(self, url: str) -> str | None:
        """What is known of an address; None where it was never checked."""
        if url not in self.statuses:
            self.statuses[url] = self.links.get(plain_address(url))
        return self.statuses[url]


def _ids(inputs: Inputs, name: str) -> frozenset[bytes] | None:
    """Ids of skeletons, or None where that table was not given."""
    return frozenset(lake.read(inputs[name])["skeleton_id"].to_pylist()) if name in inputs else None


def plain_address(url: str) -> str:
    """An address as it is compared: without fragment, a bare host with its slash.

    >>> plain_address("https://shop.example#top"), plain_address("https://shop.example/p/1")
    ('https://shop.example/', 'https://shop.example/p/1')
    """
    url = url.split("#", 1)[0].strip()
    _, _, rest = url.partition("://")
    return f"{url}/" if rest and "/" not in rest and "?" not in rest else url


def _current(source: Sealed | pa.Table | None, *, decisions: Late) -> tuple[Late, Rows]:
    """The latest profile of each customer, and the rows of those who are decided for."""
    key, by = "customer_id", "as_of"
    table = Late(source if source is not None else pa.table({key: pa.array([], pa.string())}))
    wanted = decisions[key]
    if all(name in one.column_names for name in NEEDS for one in (decisions, table)):
        theirs, known = (pa.table({name: one[name] for name in NEEDS}) for one in (decisions, table))
        if (found := rows_by_key(theirs, among=known)) is not None:
            return table, found
    people, are_distinct = places(wanted.cast(table[key].type), among=table[key])
    if are_distinct or source is None or by not in table.column_names:
        return table, people
    both = pa.table({key: table[key], by: table[by]})
    order = pc.sort_indices(both, sort_keys=[(key, "ascending"), (by, "descending")])
    codes = table[key].take(order).dictionary_encode().indices.to_numpy(zero_copy_only=False)
    first = np.concatenate([[True], codes[1:] != codes[:-1]])
    latest = Late(source, rows=order.filter(pa.array(first)))
    return latest, places(wanted.cast(latest[key].type), among=latest[key])[0]


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
