"""Ways to make a letter in which one thing is otherwise, for the cases of the rules."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from check.world import NOW, Letter, World, one, part, table
from tactful.words.ids import customer_key
from tactful.words.message import Part, Skeleton

GREETING = "<p>«customer.salutation:name»</p>"
SHOP = '<a href="https://shop.example/">The shop</a>'
SECOND = {"item_id": "22457", "title": "Natural slate heart chalkboard", "url": "https://shop.example/p/22457"}
OFFER = "<p>«offer.words:words»</p>"
NO_OFFER = {"html_swaps": [(OFFER, "")], "text_swaps": [("«offer.words:words».\n", "")]}


def words(text: str, **more: Any) -> World:
    """A letter with one more sentence in its body."""
    return one(html_swaps=[("and it lasts.", f"and it lasts. {text}")], **more)


def value(source: str, text: str | None, **more: Any) -> World:
    """A letter with one value changed."""
    return one(values={source: text}, **more)


def named(name: str, **more: Any) -> World:
    """A letter that greets by another name, which is the customer's."""
    return one(values={"customer.salutation": f"Hello {name},"}, profile={"salutation_name": name}, **more)


def link(url: str, **more: Any) -> World:
    """A letter with another address behind one link."""
    return one(html_swaps=[(SHOP, f'<a href="{url}">The shop</a>')], **more)


def item(**more: Any) -> World:
    """A letter whose item is otherwise in the catalogue."""
    return one(item=more)


def shown(*items: dict[str, Any], **more: Any) -> World:
    """A letter for a decision with other items."""
    return one(decision={"items": list(items)}, items=[SECOND], **more)


def place(item_id: str = "22423", role: str = "range", because: str | None = None) -> dict[str, Any]:
    return {"item_id": item_id, "role": role, "because": because}


def ordered(*lines: tuple[str, str]) -> dict[str, pa.Table]:
    """Order lines of the first customer: item and kind."""
    rows = [
        {"customer_id": "c0", "customer_key": customer_key("c0"), "order_id": f"o{n}", "line": 1,
         "item_id": item_id, "quantity": 1, "unit_price": Decimal("2.95"), "currency": "GBP",
         "happened_at": NOW - timedelta(days=90 - n), "kind": kind,
         "source": "orders"}
        for n, (item_id, kind) in enumerate(lines)
    ]  # fmt: skip
    return {"transactions": table("transactions", rows)}


def alone(letter: dict[str, Any], **more: Any) -> World:
    """One letter, sent to one customer only."""
    return World(letters=[Letter(**letter)], crowd=0, **more)


def several(count: int, *, variants: int) -> World:
    """Letters to so many customers, of so many variants."""
    letters = [Letter(customer=f"c{n}", decision={"variant_id": f"v{n % variants}"}) for n in range(count)]
    return World(letters=letters, crowd=0)


def heard(days: int) -> World:
    """A customer who read this skeleton so many days ago."""
    made, _ = Letter().skeleton()
    row = {"customer_id": "c0", "skeleton_id": made.skeleton_id, "happened_at": NOW - timedelta(days=days)}
    types = [
        ("customer_id", pa.string()),
        ("skeleton_id", pa.binary(16)),
        ("happened_at", pa.timestamp("us", tz="UTC")),
    ]
    return one(extra={"previous": pa.Table.from_pylist([row], schema=pa.schema(types))})


def unwritten(count: int) -> World:
    rows = [
        {"message_id": bytes([n]) * 16, "decision_id": bytes([n]) * 16, "why": "failed", "text": "x"}
        for n in range(count)
    ]
    return one(extra={"unwritten": table("unwritten", rows)})


class Odd(World):
    """A run whose tables do not fit together."""

    spoil: str = ""

    def inputs(self) -> dict[str, pa.Table]:
        made = super().inputs()
        if self.spoil == "decisions":
            made["decisions"] = made["decisions"].slice(1)
        elif self.spoil == "skeletons":
            other = Skeleton(
                content_id="x", content_hash=bytes(16), branch="", parts=(part(Part.TEXT, "x", columns={}),)
            )
            rows = made["skeletons"].to_pylist()[:1]
            made["skeletons"] = table("skeletons", [{**rows[0], "skeleton_id": other.skeleton_id}])
        elif self.spoil == "messages":
            made["messages"] = made["messages"].slice(1)
        elif self.spoil == "ids":
            ids = made["messages"]["message_id"].to_pylist()
            turned = pa.array([*ids[1:], ids[0]], pa.binary(16))
            made["messages"] = made["messages"].set_column(0, made["messages"].schema.field(0), turned)
        elif self.spoil == "twice":
            made["messages"] = pa.concat_tables([made["messages"], made["messages"].slice(0, 1)])
        return made


def odd(spoil: str) -> World:
    made = Odd()
    made.spoil = spoil
    return made


def facts(**more: Any) -> World:
    """The spoken fact declared otherwise."""
    return one(facts={"favourite_range": more})


def fact_slot(source: str, text: str, name: str = "favourite_range", **more: Any) -> World:
    """One more sentence that speaks a value of a fact."""
    swap = ("and it lasts.", f"and it lasts. It is «{source}:words:{name}».")
    return one(html_swaps=[swap], values={source: text}, **more)


PHOTO = '<img src="https://shop.example/p.png"'
PHOTO_OK = {"links": {"https://shop.example/p.png": "ok"}}
ZERO_NEWS = [("and it lasts.", "and it lasts. You have «facts.order_count | plus:number» points.")]
LONG = "x" * 70_000
