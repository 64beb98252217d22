"""A small world for compose: the retail starter's project, invented people, decisions of every kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyarrow as pa

from tactful.project.declared import ContentFile, Project
from tactful.project.reading import read_project
from tactful.store import contracts
from tactful.words.clock import Clock
from tactful.words.ids import DecisionPoint, customer_key, derived_id

NOW = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
CLOCK = Clock(now=NOW, zone="Europe/London")
KEY = b"k" * 32
STARTER = Path(__file__).resolve().parents[2] / "src" / "tactful" / "project" / "starters" / "retail"


@cache
def starter() -> Project:
    return read_project(STARTER)


def project(
    contents: Mapping[str, str] | None = None, partials: Mapping[str, str] | None = None, **more: object
) -> Project:
    """The starter with contents of our own: `name` → MJML body."""
    made = {}
    for number, (name, body) in enumerate(sorted((contents or {}).items())):
        file = content(name, body, number=number)
        made[name, file.touchpoint, "en"] = file
    return replace(starter(), contents=made or starter().contents, partials=dict(partials or {}), **more)


def content(name: str, body: str, *, number: int = 0, **more: object) -> ContentFile:
    is_web = not body.lstrip().startswith("<mjml")
    given: dict[str, object] = {
        "content_id": name,
        "kind": "liquid" if is_web else "mjml",
        "touchpoint": "web" if is_web else "email",
        "language": "en",
        "subject": "" if is_web else "A few things worth a look",
        "preheader": "",
        "body": body,
        "text": None,
        "body_line": 6,
        "subject_line": 2,
        "preheader_line": 3,
        "register": "",
        "topics": (),
        "path": f"content/{name}.mjml",
        "content_hash": derived_id(name, body, str(number), repr(sorted(more.items()))),
    }
    return ContentFile(**{**given, **more})  # type: ignore[arg-type]


def mail(inner: str, head: str = "") -> str:
    return (
        f"<mjml><mj-head>{head}</mj-head><mj-body><mj-section><mj-column><mj-text>{inner}</mj-text></mj-column>"
        "</mj-section></mj-body></mjml>"
    )


def decision(customer: str, **more: object) -> dict[str, object]:
    point = DecisionPoint(occasion="2011-12-09", customer_id=customer, touchpoint="push")
    ids = dict.fromkeys(("run_id", "arm_id", "input_id", "arms_id", "prices_id", "beliefs_id", "policy_id"), bytes(16))
    given: dict[str, object] = {
        "decision_id": point.decision_id,
        "occasion": "2011-12-09",
        "step": 0,
        "customer_id": customer,
        "customer_key": customer_key(customer),
        "program": "win-back",
        "purpose": "marketing",
        "touchpoint": "email",
        "channel": "email",
        "decided_at": NOW,
        "valid_until": NOW,
        "level": "one",
        "ceiling": "one",
        "content_id": "test",
        "offer_id": None,
        "items": [],
        "outcome_kind": "chosen",
        "held_out_of": [],
        "reasons": [],
        "propensity": 1,
        "score": 0,
        "drawn_by": "draw",
        **ids,
    }
    return {**given, **more}


def decisions(rows: Sequence[Mapping[str, object]]) -> pa.Table:
    return pa.Table.from_pylist([dict(row) for row in rows], schema=contracts.table("decisions").schema)


def profiles(rows: Sequence[Mapping[str, object]]) -> pa.Table:
    plain = contracts.table("profiles").schema
    base = {"stage": "regular", "email_usable": True, "as_of": NOW}
    whole = [{**base, "customer_key": customer_key(str(row["customer_id"])), **row} for row in rows]
    names = sorted({name for row in whole for name in row} - set(plain.names))
    types = {
        name: pa.int64() if any(isinstance(row.get(name), int) for row in whole) else pa.string() for name in names
    }
    return pa.Table.from_pylist(whole, schema=pa.schema([*plain, *types.items()]))


def items(count: int = 6, **more: object) -> pa.Table:
    rows = [
        {
            "item_id": f"i{number}",
            "title": f"Bowl & cup {number}",
            "list_price": Decimal("2.95"),
            "currency": "GBP",
            "price_includes_vat": True,
            "url": f"https://shop.example/i{number}?a=1&b=2",
            "note": f"Note {number}",
            "sellable": True,
            "source": "catalogue",
            "loaded_at": NOW,
            **more,
        }
        for number in range(count)
    ]
    return pa.Table.from_pylist(rows, schema=contracts.table("items").schema)


def shown(*numbers: int, role: str = "pick") -> list[dict[str, object]]:
    return [{"item_id": f"i{number}", "role": role, "because": None} for number in numbers]
