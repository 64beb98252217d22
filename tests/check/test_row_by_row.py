"""What the gate says of many messages at once is what it says of each alone, and of tables read from the lake."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from check.world import CLOCK, VALUES, Letter, World
from tactful.check import gate
from tactful.check.rules import RULES
from tactful.words.sealed import Sealed, SealedFile

OF_ONE = tuple(rule for rule in RULES if rule.is_of_one and not rule.run)
ODD = (
    "", "  two  blanks ", "NULL", "{{ name }}", "{%", "%}", "BIG SALE TODAY", "we miss you", "we miss", "50% off",
    "0 points", "evil.example", "https://evil.example/p/22423", "http://shop.example/p/22423", "£1.00", "12,75",
    "€12.75", "https://shop.example/?email=a@b.example", "https://sh0p.example/p/22423", "Ã¼", "a\u200bb",
    "line\nbreak", "&amp;", "<i>x</i>", "Hello MR J SMITH LTD,", "Hello Ann-Marie,", "Hello test,", "Hello Loren,",
    "Hello,", "home and light",
    "ends on 9 December 2011 at 14:05", "Delivery is free until Friday 16 December 2011", "cheap", "x" * 300,
)  # fmt: skip
TWICE = [
    {"item_id": "22423", "role": role, "because": because} for role, because in (("again", "22423"), ("new", None))
]
DECIDED: tuple[dict[str, Any], ...] = (
    {"offer_id": None}, {"offer_id": "ten-off"}, {"ceiling": "many"}, {"outcome_kind": "capped"}, {"level": "few"},
    {"items": [{"item_id": "gone", "role": "new", "because": None}]}, {"purpose": "transactional"}, {"items": TWICE},
    {"occasion": "2011-12-10"}, {"customer_id": "c1"}, {"content_id": "win-back/other"},
)  # fmt: skip


def letters(seed: int, *, count: int) -> list[Letter]:
    """Letters of two skeletons, most of them with one or two things wrong."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        faults = draw.sample(sorted(VALUES), draw.randrange(3))
        values = {source: draw.choice(ODD) if draw.random() < 0.9 else None for source in faults}
        decision = draw.choice(DECIDED) if draw.random() < 0.3 else {}
        profile = {"salutation_name": draw.choice(["Anna", "Ruth", None])} if draw.random() < 0.2 else {}
        swaps = [("From our ranges", "Chosen for you")] if number % 3 == 0 else []
        made.append(Letter(customer=f"c{number}", values=values, decision=decision, profile=profile, html_swaps=swaps))
    return made


def said(inputs: Mapping[str, Any], world: World) -> dict[bytes, set[tuple[str, str]]]:
    """Of each message the rules that speak, and where; what is said of a skeleton is said of all its messages."""
    messages = inputs["messages"]
    rows = messages if isinstance(messages, pa.Table) else parquet.read_table(messages.paths[0])
    found: dict[bytes, set[tuple[str, str]]] = {one: set() for one in rows["message_id"].to_pylist()}
    skeletons = dict(zip(rows["message_id"].to_pylist(), rows["skeleton_id"].to_pylist(), strict=True))
    for batch in gate.inspect(inputs, project=world.project(), clock=CLOCK, rules=OF_ONE):
        for row in batch.to_pylist():
            of_all = row["subject"].startswith(gate.SKELETON)
            subject = bytes.fromhex(row["subject"].removeprefix(gate.SKELETON))
            for one in [key for key, own in skeletons.items() if own == subject] if of_all else [subject]:
                found[one].add((row["rule"], row["place"]))
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_of_many_messages_is_said_what_is_said_of_each_alone(seed: int) -> None:
    world = World(letters=letters(seed, count=36), crowd=8)
    inputs = world.inputs()
    together = said(inputs, world)
    alone: dict[bytes, set[tuple[str, str]]] = {}
    for row in range(inputs["messages"].num_rows):
        alone |= said({**inputs, "messages": inputs["messages"].slice(row, 1)}, world)
    assert together == alone
    assert len({rule for pairs in together.values() for rule, _ in pairs}) > 20


def test_tables_read_from_the_lake_are_judged_as_tables_in_memory(tmp_path: Path) -> None:
    world = World(letters=letters(4, count=30), crowd=30)
    inputs = world.inputs()
    sealed: dict[str, Sealed] = {}
    for name, table in inputs.items():
        path = tmp_path / f"{name}.parquet"
        parquet.write_table(table, path, row_group_size=16)
        file = SealedFile(path=str(path), content_hash=bytes(16), rows=table.num_rows)
        sealed[name] = Sealed(table=name, run_id=bytes(16), files=(file,))
    assert said(sealed, world) == said(inputs, world)
