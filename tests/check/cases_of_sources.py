"""Cases of the rules that ask everything once more of its source."""

from __future__ import annotations

import pyarrow as pa

from check.making import odd, value
from check.world import Letter, World, one

SCHEMA = pa.schema([("skeleton_id", pa.binary(16))])


def authored(*letters: Letter, **more: object) -> World:
    """A letter in a run where the skeletons of these letters came out again when they were written once more."""
    ids = [letter.skeleton()[0].skeleton_id for letter in letters]
    return one(extra={"authored": pa.table({"skeleton_id": ids}, schema=SCHEMA)}, **more)


CASES: dict[str, tuple[World, World]] = {
    "value-not-of-source": (
        value("items[0].price_note", "excl. VAT"),
        value("items[0].price_note", "excl. VAT", item={"price_includes_vat": False}),
    ),
    "message-of-another": (odd("ids"), one()),
    "words-not-the-authors": (
        authored(Letter(), html_swaps=[("and it lasts.", "and it last.")]),
        authored(Letter()),
    ),
}
