"""Cases of the rules about the run as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa

from check.making import heard, odd, several, unwritten
from check.world import HTML, Letter, World, one, table

CASES: dict[str, tuple[World, World]] = {
    "no-decision": (odd("decisions"), one()),
    "no-skeleton": (odd("skeletons"), one()),
    "too-many-variants": (several(40, variants=3), several(40, variants=2)),
    "more-segments-than-customers": (one(), several(3, variants=3)),
    "too-many-unwritten": (unwritten(2), unwritten(0)),
    "message-lost": (odd("messages"), one()),
    "decided-otherwise": (one(decision={"outcome_kind": "held_out"}), one()),
    "message-twice": (odd("twice"), one()),
    "content-not-decided": (one(decision={"content_id": "win-back/everyone"}), one()),
    "language-not-theirs": (
        one(language="de", html=HTML.replace('lang="en"', 'lang="de"'), profile={"language": "en"}),
        one(language="de", html=HTML.replace('lang="en"', 'lang="de"'), profile={"language": "de-CH"}),
    ),
    "same-opening-again": (heard(60), heard(120)),
    "same-reason-again": (heard(60), heard(120)),
}


def _later() -> None:
    """Two rules need a declaration or a table that no plain change makes."""
    begins = Beginning(letters=[Letter()])
    CASES["offer-not-begun"] = (begins, one())
    CASES["more-segments-than-customers"] = (Crossed(letters=[Letter()], crowd=0), several(3, variants=3))


class Beginning(World):
    """An offer that begins tomorrow."""

    def project(self) -> Any:
        made = super().project()
        offer = made.offers["free-delivery"].model_copy(update={"starts": "2011-12-10"})
        return replace(made, offers={**made.offers, "free-delivery": offer})


class Crossed(World):
    """One customer who gets two steps, each of its own variant."""

    def inputs(self) -> dict[str, pa.Table]:
        made = super().inputs()
        first, message = made["decisions"].to_pylist()[0], made["messages"].to_pylist()[0]
        second = {**first, "decision_id": b"d" * 16, "step": 1, "variant_id": "v2"}
        again = {**message, "decision_id": b"d" * 16, "message_id": b"m" * 16}
        made["decisions"] = table("decisions", [first, second])
        made["messages"] = pa.Table.from_pylist([message, again], schema=made["messages"].schema)
        return made


_later()
