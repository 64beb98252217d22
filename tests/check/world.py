"""Hand-made messages for the gate: one good letter, and a way to change one thing in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from tactful.check import gate
from tactful.project.declared import Project
from tactful.project.reading import read_project
from tactful.store import contracts
from tactful.words.clock import Clock
from tactful.words.ids import DecisionPoint, customer_key
from tactful.words.message import Part, Skeleton, SkeletonPart, Slot, SlotContext, SlotKind

NOW = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
UNTIL = datetime(2011, 12, 23, 23, 59, 59, 999999, tzinfo=UTC)
CLOCK = Clock(now=NOW, zone="Europe/London")
STARTER = Path(__file__).resolve().parents[2] / "src" / "tactful" / "project" / "starters" / "retail"
ADDRESS = "Merrow &amp; Pell (an invented shop), 1 Example Yard, Nowhere, ZZ1 1ZZ, United Kingdom"
LEGAL = "Merrow &amp; Pell is an invented shop. Prices are list prices."
RANGE = "«facts.favourite_range:words:favourite_range»"
HTML = f"""<!doctype html><html lang="en" dir="ltr"><head><title>A letter</title><style>p {{ margin: 0 }}</style></head>
<body><h1>From our ranges</h1><p>«customer.salutation:name»</p>
<p>You've ordered from the {RANGE} range. Here is one thing from it that we like, and the reason we like it: it is well
made, and it lasts.</p>
<table role="presentation"><tr><td><a href="«items[0].url:url»">«items[0].title:words»</a> «items[0].price:price»
«items[0].price_note:words»</td></tr></table>
<p>«offer.words:words»</p>
<p>Merrow &amp; Pell · <a href="«links.why:url»">Why this?</a> <a href="«links.preferences:url»">How often</a>
<a href="«links.unsubscribe:url»">Unsubscribe</a> <a href="https://shop.example/">The shop</a></p>
<p>{ADDRESS}</p><p>{LEGAL}</p></body></html>"""
TEXT = f"""«customer.salutation:name»

You've ordered from the {RANGE} range. Here is one thing from it.

* «items[0].title:words» «items[0].price:price» «items[0].price_note:words»
  «items[0].url:url»

«offer.words:words».

Merrow & Pell. Unsubscribe: «links.unsubscribe:url»
Merrow & Pell (an invented shop), 1 Example Yard, Nowhere, ZZ1 1ZZ, United Kingdom
Merrow & Pell is an invented shop. Prices are list prices.
"""
VALUES: dict[str, str | None] = {
    "customer.salutation": "Hello Anna,",
    "facts.favourite_range": "baking and tea",
    "items[0].url": "https://shop.example/p/22423",
    "items[0].title": "Regency cake stand, 3 tier",
    "items[0].price": "£12.75",
    "items[0].price_note": "incl. VAT",
    "offer.words": "Delivery on your next order is free until Friday 23 December 2011",
}
ITEM: dict[str, Any] = {
    "item_id": "22423",
    "title": "Regency cake stand, 3 tier",
    "category": "baking and tea",
    "list_price": Decimal("12.75"),
    "currency": "GBP",
    "price_includes_vat": True,
    "url": "https://shop.example/p/22423",
    "image": None,
    "note": "Three tiers.",
    "stock": 40,
    "sellable": True,
    "source": "catalogue",
    "loaded_at": NOW,
}
SHOWN = {"item_id": "22423", "role": "range", "because": None}
_SLOT = re.compile(r"«([^:»]+):(\w+)(?::([\w,]+))?»")


@cache
def starter() -> Project:
    return read_project(STARTER)


def changed(project: Project, *, brand: dict[str, Any], policy: dict[str, Any], facts: dict[str, Any]) -> Project:
    """The starter with some declarations changed."""
    risk = project.policy.risk.model_copy(update=policy.pop("risk", {}))
    made = {name: project.facts[name].model_copy(update=more) for name, more in facts.items()}
    return replace(
        project,
        brand=project.brand.model_copy(update=brand),
        policy=project.policy.model_copy(update={"risk": risk, **policy}),
        facts={**project.facts, **made},
    )


def part(name: Part, text: str, *, columns: dict[str, int]) -> SkeletonPart:
    """A part from words with «source:kind:facts» in them."""
    segments, slots, end = [], [], 0
    for match in _SLOT.finditer(text):
        source, kind = match[1], SlotKind(match[2])
        in_html = name in {Part.HTML, Part.PAYLOAD}
        context = SlotContext.PLAIN if not in_html else SlotContext.URL if kind is SlotKind.URL else SlotContext.TEXT
        segments.append(text[end : match.start()])
        facts = tuple(match[3].split(",")) if match[3] else ()
        column = columns.setdefault(source, len(columns))
        slots.append(Slot(column=column, context=context, source=source, kind=kind, facts=facts))
        end = match.end()
    return SkeletonPart(part=name, segments=(*segments, text[end:]), slots=tuple(slots))


@dataclass(kw_only=True)
class Letter:
    """One letter, its decision and its customer; the changes of a test stand here."""

    subject: str | None = "From our ranges"
    preheader: str | None = "One thing, and why"
    html: str = HTML
    text: str | None = TEXT
    html_swaps: list[tuple[str, str]] = field(default_factory=list)
    text_swaps: list[tuple[str, str]] = field(default_factory=list)
    values: dict[str, str | None] = field(default_factory=dict)
    decision: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    language: str = "en"
    customer: str = "c0"

    def skeleton(self) -> tuple[Skeleton, dict[str, int]]:
        columns: dict[str, int] = {}
        html, text = self.html, self.text
        for old, new in self.html_swaps:
            assert old in html, old
            html = html.replace(old, new)
        for old, new in self.text_swaps:
            assert text is not None
            assert old in text, old
            text = text.replace(old, new)
        texts = {Part.SUBJECT: self.subject, Part.PREHEADER: self.preheader, Part.HTML: html, Part.TEXT: text}
        parts = tuple(part(name, words, columns=columns) for name, words in texts.items() if words is not None)
        made = Skeleton(content_id="win-back/range", content_hash=bytes(16), branch="", parts=parts)
        return made, columns


@dataclass(kw_only=True)
class World:
    """A run: letters, and everything beside them."""

    letters: list[Letter] = field(default_factory=lambda: [Letter()])
    items: list[dict[str, Any]] = field(default_factory=list)
    item: dict[str, Any] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    brand: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, pa.Table] = field(default_factory=dict)
    others: int = 60
    crowd: int = 30

    def project(self) -> Project:
        return changed(starter(), brand=self.brand, policy=dict(self.policy), facts=self.facts)

    def inputs(self) -> dict[str, pa.Table]:
        made = [letter.skeleton() for letter in self.letters]
        letters = list(zip(self.letters, made, strict=True))
        copies = [(replace(self.letters[0], customer=f"copy{n}"), made[0]) for n in range(self.crowd)]
        everyone = letters + copies
        known = {"https://shop.example/": "ok", "https://shop.example/p/22423": "ok", **self.links}
        return {
            "skeletons": skeleton_table([skeleton for _, (skeleton, _) in letters]),
            "messages": message_table(everyone),
            "decisions": decision_table([letter for letter, _ in everyone]),
            "profiles": profile_table([letter for letter, _ in everyone], others=self.others),
            "items": table("items", [{**ITEM, **self.item}, *({**ITEM, **item} for item in self.items)]),
            "links": table("links", [_link(url, status) for url, status in known.items()]),
            **self.extra,
        }

    def findings(self) -> list[dict[str, Any]]:
        batches = gate.inspect(self.inputs(), project=self.project(), clock=CLOCK)
        return [row for batch in batches for row in batch.to_pylist()]


def _link(url: str, status: str) -> dict[str, Any]:
    return {"url": url, "status": status, "checked_at": NOW, "source": "links"}


def table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=contracts.table(name).schema)


def skeleton_table(skeletons: list[Skeleton]) -> pa.Table:
    rows = {
        (one.skeleton_id, shape.part.value): {
            "skeleton_id": one.skeleton_id,
            "part": shape.part.value,
            "content_id": one.content_id,
            "content_hash": one.content_hash,
            "branch": one.branch,
            "segments": list(shape.segments),
            "escaper": one.escaper,
            "slots": [
                {
                    "name": f"s{slot.column}",
                    "context": slot.context.value,
                    "source": slot.source,
                    "kind": slot.kind.value,
                    "facts": list(slot.facts),
                }
                for slot in shape.slots
            ],
        }
        for one in skeletons
        for shape in one.parts
    }
    return table("skeletons", list(rows.values()))


def point(letter: Letter) -> DecisionPoint:
    return DecisionPoint(occasion="2011-12-09", customer_id=letter.customer, touchpoint="push")


def message_table(letters: list[tuple[Letter, tuple[Skeleton, dict[str, int]]]]) -> pa.Table:
    rows, width = [], max(skeleton.width for _, (skeleton, _) in letters)
    for letter, (skeleton, columns) in letters:
        values = {**VALUES, **letter.values}
        slots = {f"s{column}": values.get(source) for source, column in columns.items()}
        ids = {"message_id": point(letter).message_id, "decision_id": point(letter).decision_id}
        rows.append(
            {**ids, "skeleton_id": skeleton.skeleton_id, "language": letter.language, "bytes_hash": bytes(16), **slots}
        )
    schema = pa.schema([*contracts.table("messages").schema, *((f"s{n}", pa.string()) for n in range(width))])
    return pa.Table.from_pylist(rows, schema=schema)


def decision_table(letters: list[Letter]) -> pa.Table:
    ids = dict.fromkeys(("run_id", "arm_id", "input_id", "arms_id", "prices_id", "beliefs_id", "policy_id"), bytes(16))
    rows = [
        {
            "decision_id": point(letter).decision_id,
            "occasion": "2011-12-09",
            "step": 0,
            "customer_id": letter.customer,
            "customer_key": customer_key(letter.customer),
            "program": "win-back",
            "purpose": "marketing",
            "touchpoint": "email",
            "channel": "email",
            "decided_at": NOW,
            "valid_until": UNTIL,
            "level": "many",
            "ceiling": "one",
            "cell": "baking and tea",
            "variant_id": "v1",
            "content_id": "win-back/range",
            "offer_id": "free-delivery",
            "items": [SHOWN],
            "outcome_kind": "chosen",
            "held_out_of": [],
            "reasons": ["best"],
            "propensity": 1,
            "score": 0,
            "drawn_by": "draw",
            **ids,
            **letter.decision,
        }
        for letter in letters
    ]
    return table("decisions", rows)


def profile_table(letters: list[Letter], *, others: int) -> pa.Table:
    plain = contracts.table("profiles").schema
    more = [pa.field("favourite_range", pa.string()), pa.field("favourite_range__as_of", pa.timestamp("us", tz="UTC"))]
    more += [pa.field("order_count", pa.int64()), pa.field("several_orders", pa.bool_())]
    base = {
        "stage": "lapsing",
        "email_usable": True,
        "as_of": NOW,
        "salutation_name": "Anna",
        "language": "en",
        "country": "United Kingdom",
        "favourite_range": "baking and tea",
        "order_count": 3,
        "several_orders": True,
    }
    rows = [{**base, "customer_id": letter.customer, **letter.profile} for letter in letters]
    rows += [{**base, "customer_id": f"other{n}"} for n in range(others)]
    keyed = [{"customer_key": customer_key(row["customer_id"]), **row} for row in rows]
    return pa.Table.from_pylist(keyed, schema=pa.schema([*plain, *more]))


def one(**more: Any) -> World:
    """A world with one changed letter among many copies of it; what is no field of a letter changes the world."""
    own = {name: value for name, value in more.items() if name in Letter.__dataclass_fields__}
    rest = {name: value for name, value in more.items() if name not in Letter.__dataclass_fields__}
    return World(letters=[Letter(**own)], **rest)
