"""A run of letters for the gate: the mail of 14 KB made lawful, with its decisions, customers, catalogue and orders.

Every letter is good, so all 100 and more rules look at all of it and have nothing to say. What is bad is counted by the
mutation report; here it is the price of looking that is measured.
"""

from __future__ import annotations

import hashlib
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa

from benchmarks import mail
from tactful.compose.contents import CompiledContent
from tactful.compose.faults import Source
from tactful.compose.frames import placed
from tactful.compose.joining import joined, texts
from tactful.compose.liquid import environment
from tactful.compose.messages import skeleton_rows
from tactful.compose.plan import Group, compose
from tactful.compose.skeletons import Composer
from tactful.compose.template import Template
from tactful.compose.values import Column, Distinct, Lists, Tree
from tactful.compose.views import of_array
from tactful.project.declared import ContentFile, Project
from tactful.project.facts import Fact
from tactful.project.reading import read_project
from tactful.project.starters import plant
from tactful.reckon.names import read_name
from tactful.store import contracts
from tactful.words.clock import Clock
from tactful.words.estimate import Undefined
from tactful.words.fact import Provenance, Speak
from tactful.words.ids import canonical, customer_key
from tactful.words.message import Part
from tactful.words.touchpoint import PUSH

NOW = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
CLOCK = Clock(now=NOW, zone="Europe/London")
OCCASION = "2011-12-09"
FRAME = 65_536
MONEY = 'money: "GBP"'
FACTS = ("store", "tier", "points", "order", "city", "category", "season", "advisor", "code", "is_member")
SUBJECT, PREHEADER = "Four things from our house", "Chosen by hand, and how to order them"
_FOOTER = (
    'You have ordered from us before. Prices include VAT. Merrow &amp; Pell · <a href="{{ links.why }}">Why this?</a>'
    ' <a href="{{ links.preferences }}">How often</a> <a href="{{ links.unsubscribe }}">No more letters</a></p><p>'
    "Merrow &amp; Pell (an invented shop), 1 Example Yard, Nowhere, ZZ1 1ZZ, United Kingdom</p><p>"
    "Merrow &amp; Pell is an invented shop. Prices are list prices."
)
TEXT = """{{ customer.salutation }}

You have ordered from us before: here are four things. Prices include VAT.
{% for item in items %}
* {{ item.title }}, {{ item.price | money: "GBP" }}
  {{ item.url }}
{% endfor %}
Merrow & Pell (an invented shop), 1 Example Yard, Nowhere, ZZ1 1ZZ, United Kingdom
Merrow & Pell is an invented shop. Prices are list prices.
No more letters: {{ links.unsubscribe }}
"""


def html() -> str:
    """The mail of the benchmark `compose` with what the law, the brand and screen readers ask for."""
    text = mail.template(money=MONEY)
    for name in FACTS:
        text = text.replace(f"customer.{name}", f"facts.{name}")
    swaps = {
        "<html>": '<html lang="en" dir="ltr">',
        "<table>": '<table role="presentation">',
        "customer.has_offer": "offer",
        "customer.offer": "offer.words",
        '<a href="{{ customer.unsubscribe }}">No more letters</a>': _FOOTER,
    }
    for old, new in swaps.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def content() -> CompiledContent:
    """The letter's four parts."""
    file = ContentFile(
        content_id="win-back/letter", kind="mjml", touchpoint="email", language="en", subject=SUBJECT,
        preheader=PREHEADER, body="", text=None, body_line=1, subject_line=1, preheader_line=1, register="",
        topics=(), path="letter.mjml", content_hash=bytes(16),
    )  # fmt: skip
    plain, escaped = environment({}, escaped=False), environment({}, escaped=True)
    parts = {Part.SUBJECT: SUBJECT, Part.PREHEADER: PREHEADER, Part.HTML: html(), Part.TEXT: TEXT}
    templates = {
        part: Template(text, env=escaped if part is Part.HTML else plain, source=Source.plain(text))
        for part, text in parts.items()
    }
    return CompiledContent(file=file, templates=templates)


@cache
def project() -> Project:
    """The retail starter with the mail's facts declared; what people told us themselves may be spoken to them."""
    with tempfile.TemporaryDirectory() as folder:
        plant("retail", Path(folder) / "shop")
        starter = read_project(Path(folder) / "shop")
    told = Fact.model_validate(
        {"from": "customers", "column": "x", "provenance": Provenance.DECLARED, "speak": Speak.EXACT}
    )
    policy = starter.policy.model_copy(update={"personal_facts": len(FACTS) + 2})
    return replace(starter, policy=policy, facts={**starter.facts, **dict.fromkeys(FACTS, told)})


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Customers and what they are shown, in memory.

    Attributes:
        facts: their facts, and `salutation_name`.
        chosen: numbers of four items each, shape (people, 4).
        offers: the offer of each, or None.
    """

    facts: pa.Table
    chosen: np.ndarray
    offers: pa.Array
    count: int


def people(count: int, *, seed: int = 7) -> People:
    """Invented people, as many kinds of each value as in the benchmark `compose`."""
    draw = np.random.default_rng(seed)
    known = mail.customers(min(count, 20_000))
    names = greetable()
    taken = draw.integers(len(known), size=count)
    columns = {
        name: pa.array([one[name] for one in known]).take(pa.array(taken))
        for name in ("store", "tier", "city", "category", "season", "advisor", "code")
    }
    flags = np.array(["", "yes"])[draw.integers(2, size=count)]
    facts = pa.table(
        {
            "salutation_name": pa.array(names).take(pa.array(draw.integers(len(names), size=count))),
            **columns,
            "points": pa.array((1 + draw.integers(5_000, size=count)).astype(str)),
            "order": pa.array([f"W-{number:06d}" for number in range(count)]),
            "is_member": pa.array(flags == "yes"),
        }
    )
    first = draw.integers(2_000, size=count)
    chosen = (first[:, None] + np.array([0, 501, 1_001, 1_501]) + draw.integers(250, size=(count, 4))) % 2_000
    offers = pa.array(np.array(["free-delivery", None], dtype=object)[draw.integers(2, size=count)], pa.string())
    return People(facts=facts, chosen=chosen, offers=offers, count=count)


def greetable(*, most: int = 3_000) -> list[str]:
    """Names that may be spoken."""
    heads, tails = (
        "Ann Mar Jo Bel Cor Dan El Fen Gal Hel Is Jan Kar Lor Mel Nor Ol Per Ros Sol Tam Ur Val Wen Yor Zel",
        ("a ie is an ella etta ina ine ora o on as us ette isa ena ian ilo ley ric by den der ford ton wyn mar lin"),
    )
    both = [f"{head}{tail}" for head in heads.split() for tail in tails.split()]
    second = ["", *(f"-{one}" for one in ("Ann", "May", "Lee", "Kay", "Joy", "Bo"))]
    names = (f"{one}{more}" for more in second for one in both)
    spoken = ((name, read_name(name)) for name in names)
    return [name for name, read in spoken if not isinstance(read, Undefined) and read.greeting == name][:most]


def catalogue(*, seed: int = 7) -> pa.Table:
    """2,000 items on sale."""
    draw = random.Random(seed)
    rows = [
        {
            "item_id": f"i{number}", "title": f"Bowl & cup {number} (small)", "category": "kitchen",
            "list_price": Decimal(draw.randrange(100, 9_000)) / 100, "currency": "GBP", "price_includes_vat": True,
            "url": f"https://shop.example/item/{number}?a=1&b=2", "image": f"https://shop.example/{number}.jpg",
            "note": None, "stock": 40, "sellable": True, "source": "catalogue", "loaded_at": NOW,
        }
        for number in range(2_000)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=contracts.table("items").schema)


def checked(items: pa.Table) -> pa.Table:
    """Every address of the catalogue, found well."""
    urls = [*items["url"].to_pylist(), *items["image"].to_pylist()]
    rows = [{"url": url, "status": "ok", "checked_at": NOW, "source": "links"} for url in urls]
    return pa.Table.from_pylist(rows, schema=contracts.table("links").schema)


def point_ids(count: int, *, tail: bytes) -> pa.Array:
    """The ids of everybody's decision point: its decision's without a tail, its message's with one."""
    begun, end = canonical(OCCASION), canonical(PUSH, "0") + tail
    points = (begun + canonical(f"c{number}") + end for number in range(count))
    whole = b"".join(hashlib.sha256(point).digest()[:16] for point in points)
    return pa.Array.from_buffers(pa.binary(16), count, [None, pa.py_buffer(whole)])


def customer_ids(count: int) -> pa.Array:
    """A name for each customer."""
    return pa.array([f"c{number}" for number in range(count)])


@cache
def keys(count: int) -> pa.Array:
    """The key of each customer."""
    return pa.array([customer_key(f"c{number}") for number in range(count)], pa.int64())


def profiles(crowd: People) -> pa.Table:
    """Their profiles."""
    known = {
        "customer_id": customer_ids(crowd.count), "customer_key": keys(crowd.count), "language": "en",
        "country": "United Kingdom", "stage": "active",
        "email_usable": True, "as_of": NOW,
        **{name: crowd.facts[name] for name in crowd.facts.column_names},
    }  # fmt: skip
    plain = contracts.table("profiles").schema
    more = [field for field in crowd.facts.schema if field.name not in plain.names]
    return filled(pa.schema([*plain, *more]), known, count=crowd.count)


def decisions(crowd: People) -> pa.Table:
    """What was decided for each: four items, one of them ordered before, and an offer for every second."""
    count, width = crowd.count, crowd.chosen.shape[1]
    shown = pa.array([f"i{number}" for number in range(2_000)]).take(pa.array(crowd.chosen.reshape(-1)))
    roles = pa.array(["again", "pair", "range", "new"]).take(pa.array(np.tile(np.arange(width), count)))
    because = shown.take(pa.array(np.where(np.arange(count * width) % width == 1, np.arange(count * width) - 1, -1),
                                  mask=np.arange(count * width) % width != 1))  # fmt: skip
    plain = contracts.table("decisions").schema
    kind = plain.field("items").type.value_type
    flat = {"item_id": shown, "role": roles, "because": because}
    entries = pa.StructArray.from_arrays([flat[kind.field(n).name] for n in range(kind.num_fields)], fields=list(kind))
    items = pa.ListArray.from_arrays(pa.array(np.arange(0, count * width + 1, width), pa.int32()), entries)
    known = {
        "decision_id": point_ids(count, tail=b""), "occasion": OCCASION, "step": 0, "customer_id": customer_ids(count),
        "customer_key": keys(count),
        "program": "win-back", "purpose": "marketing", "touchpoint": "email", "channel": "email", "decided_at": NOW,
        "valid_until": datetime(2011, 12, 23, 23, 59, 59, 999999, tzinfo=UTC), "level": "one", "ceiling": "one",
        "variant_id": "v1", "content_id": "win-back/letter", "offer_id": crowd.offers, "items": items,
        "outcome_kind": "chosen",
    }  # fmt: skip
    return filled(plain, known, count=count)


def orders(crowd: People) -> pa.Table:
    """Two order lines of each: the item shown again, and one that is not shown."""
    count = crowd.count
    items = pa.array([f"i{number}" for number in range(2_000)]).take(pa.array(crowd.chosen[:, 0]))
    lines = []
    for number, item in enumerate((items, "i-other")):
        known = {
            "customer_id": customer_ids(count), "customer_key": keys(count), "order_id": f"o{number}",
            "line": 1, "item_id": item, "quantity": 1,
            "unit_price": Decimal(1), "currency": "GBP", "happened_at": NOW - timedelta(days=40), "kind": "sale",
            "source": "orders",
        }  # fmt: skip
        lines.append(filled(contracts.table("transactions").schema, known, count=count))
    return pa.concat_tables(lines)


def filled(schema: pa.Schema, known: dict[str, object], *, count: int) -> pa.Table:
    """A table of constants and columns; what is not named is null."""
    arrays = []
    for field in schema:
        value = known.get(field.name)
        if isinstance(value, pa.Array | pa.ChunkedArray):
            arrays.append(value.cast(field.type))
        elif value is None:
            arrays.append(pa.nulls(count, field.type))
        else:
            arrays.append(pa.array([value], field.type).take(pa.array(np.zeros(count, np.int64))))
    return pa.Table.from_arrays(arrays, schema=pa.schema([field.with_nullable(True) for field in schema]))


@dataclass(slots=True, kw_only=True)
class Writer:
    """Composes the letters of people, frame by frame."""

    crowd: People
    composer: Composer
    shelves: list[Distinct]
    message_ids: pa.Array
    offered: list[object]

    @classmethod
    def of(cls, crowd: People, *, items: pa.Table) -> Writer:
        """For these people and this catalogue."""
        stocked = [
            {**one, "price": str(one["list_price"].quantize(Decimal("0.01")))}
            for one in items.select(["title", "url", "image", "list_price"]).to_pylist()
        ]
        shelves = [placed(stocked, np.zeros(0, np.int64), at=f"items[{place}]").distinct for place in range(4)]
        words = "Delivery on your next order is free until Friday 23 December 2011"
        offered: list[object] = [{"id": "free-delivery", "words": words}, None]
        return cls(
            crowd=crowd, composer=Composer(content()), shelves=shelves,
            message_ids=point_ids(crowd.count, tail=canonical("message")), offered=offered,
        )  # fmt: skip

    def frames(self) -> Iterator[tuple[int, tuple[Group, ...]]]:
        """Skeletons and columns, some thousand people at a time."""
        for start in range(0, self.crowd.count, FRAME):
            share = self.crowd.facts.slice(start, FRAME)
            done = compose(self.composer, self.roots(share, start=start), rows=share.num_rows)
            assert not len(done.left), done.reasons
            yield start, done.groups

    def roots(self, share: pa.Table, *, start: int) -> dict[str, object]:
        """What the templates see."""
        count = share.num_rows
        greeting = of_array(share["salutation_name"], "customer.salutation", act=lambda name: f"Hello {name},")
        facts = {name: of_array(share[name], f"facts.{name}") for name in FACTS}
        entries: list[object] = [
            Column(self.shelves[place], self.crowd.chosen[start : start + count, place]) for place in range(4)
        ]
        has_none = self.crowd.offers.slice(start, count).is_null().to_numpy(zero_copy_only=False).astype(np.int64)
        links = {purpose: self._link(purpose, start=start, count=count) for purpose in ("unsubscribe", "why",
                 "preferences")}  # fmt: skip
        return {
            "customer": Tree({"salutation": greeting}, "customer"),
            "facts": Tree(facts, "facts"),
            "items": Lists(np.full(count, 4, np.int64), entries, at="items"),
            "offer": placed(self.offered, has_none, at="offer"),
            "links": Tree(links, "links"),
        }

    @staticmethod
    def _link(purpose: str, *, start: int, count: int) -> Column:
        root = f"https://letters.shop.example/{purpose[0]}/{hashlib.sha256(purpose.encode()).hexdigest()[:24]}"
        numbers = pa.array(np.arange(start, start + count).astype(str))
        return of_array(
            pa.chunked_array([pa.compute.binary_join_element_wise(root, pa.compute.utf8_lpad(numbers, 8, "0"), "")]),
            f"links.{purpose}",
        )

    def bytes(self) -> Iterator[dict[Part, pa.Array]]:
        """The words of every part of every letter, some thousand at a time."""
        for _, groups in self.frames():
            for group in groups:
                yield from joined(group.skeleton, group.columns, rows=group.rows)

    def tables(self) -> dict[str, pa.Table]:
        """`messages` and `skeletons` as compose hands them on: sorted by skeleton, columns as texts."""
        known, made = {}, []
        names = ("message_id", "decision_id")
        whole = {"message_id": self.message_ids, "decision_id": point_ids(self.crowd.count, tail=b"")}
        for start, groups in self.frames():
            for group in groups:
                known[group.skeleton_id] = group.skeleton
                rows, count = pa.array(group.rows + start), len(group.rows)
                columns: dict[str, pa.Array] = {name: whole[name].take(rows) for name in names}
                columns["skeleton_id"] = pa.array([group.skeleton_id], pa.binary(16)).take(pa.array([0] * count))
                columns["language"] = pa.array(["en"]).take(pa.array([0] * count))
                columns["bytes_hash"] = pa.array([bytes(16)], pa.binary(16)).take(pa.array([0] * count))
                for number, (column, is_link) in enumerate(zip(group.columns, group.is_link, strict=True)):
                    text = pa.nulls(count, pa.string()) if is_link else texts(column, group.rows)
                    columns[f"s{number}"] = text
                made.append(pa.table(columns))
        messages = pa.concat_tables(made, promote_options="default")
        order = pa.compute.sort_indices(messages, sort_keys=[("skeleton_id", "ascending"), ("message_id", "ascending")])
        return {
            "messages": messages.take(order).combine_chunks(),
            "skeletons": pa.Table.from_batches([skeleton_rows(known)]),
        }

    def contexts(self, count: int) -> list[dict[str, object]]:
        """What python-liquid is given for the first letters."""
        found: list[dict[str, object]] = []
        roots = self.roots(self.crowd.facts.slice(0, count), start=0)
        links = roots["links"]
        assert isinstance(links, Tree)
        goods = [distinct.objects for distinct in self.shelves]
        for row, known in enumerate(self.crowd.facts.slice(0, count).to_pylist()):
            found.append(
                {
                    "customer": {"salutation": f"Hello {known['salutation_name']},"},
                    "facts": {name: known[name] for name in FACTS},
                    "items": [dict(goods[place][self.crowd.chosen[row, place]]) for place in range(4)],
                    "offer": self.offered[0] if self.crowd.offers[row].is_valid else None,
                    "links": {name: str(cast("Column", links[name]).distinct.objects[row]) for name in links},
                }
            )
        return found
