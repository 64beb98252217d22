"""What was bought is the same whether it is gathered at once or in many spans."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from decide import worlds
from decide.worlds import CLOCK
from tactful.decide import bought
from tactful.reckon import decay
from tactful.store import contracts, lake
from tactful.store.engines.duckdb import Engine
from tactful.store.scratch import Scratch
from tactful.store.sql import Query
from tactful.words.ids import customer_key

PROJECT = worlds.shop()
ITEMS = [f"i{number}" for number in range(8)]
TABLES = {
    "item_sums": "item_id",
    "pairs": "item, place",
}


def shop(*, seed: int) -> dict[str, pa.Table]:
    chance, rows = random.Random(seed), []
    for number in range(300):
        who = chance.choice([None, *(f"c{n}" for n in range(40))])
        kind = chance.choice(["sale", "sale", "sale", "cancel"])
        rows += [
            {"customer_id": who, "customer_key": customer_key(who) if who else None, "order_id": f"o{number}",
             "line": 0, "item_id": item, "quantity": 1, "unit_price": 2, "currency": "GBP", "kind": kind,
             "source": "t", "happened_at": CLOCK.now - timedelta(days=chance.randint(0, 400))}
            for item in chance.choices(ITEMS, k=chance.randint(1, 5))
        ]  # fmt: skip
    items = [
        {"item_id": i, "title": i, "category": "c", "sellable": i != "i7", "source": "t", "loaded_at": CLOCK.now,
         "note": None if i == "i1" else "Wipe clean."}
        for i in ITEMS
    ]  # fmt: skip
    return {
        "transactions": pa.Table.from_pylist(rows, schema=contracts.table("transactions").schema),
        "profiles": worlds.profiles(40),
        "items": pa.Table.from_pylist(items, schema=contracts.table("items").schema),
    }


def gathered(inputs: dict[str, Any], folder: Path, *, lines_at_once: int, held_bytes: int = 1 << 20) -> dict[str, list]:
    with Engine.open() as engine, Scratch.within(folder / ".spill", held_bytes=held_bytes) as scratch:
        spans = bought.gather(
            engine, inputs, project=PROJECT, scratch=scratch, clock=CLOCK, lines_at_once=lines_at_once
        ).spans
        found = {
            name: engine.table(Query(name=name, text=f"SELECT * FROM {name} ORDER BY {keys}")).to_pylist()
            for name, keys in TABLES.items()
        }
        for name in ("kept", "latest"):
            rows = pa.concat_tables([scratch.get(getattr(span, name)) for span in spans]).to_pylist()
            found[name] = rows if name == "kept" else sorted(rows, key=lambda row: tuple(map(str, row.values())))
    assert not (folder / ".spill").exists()
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_spans_change_nothing(seed: int, tmp_path: Path) -> None:
    inputs = shop(seed=seed)
    whole = gathered(inputs, tmp_path, lines_at_once=1_000_000)
    assert whole["pairs"]
    assert whole["latest"]
    assert len(whole["kept"]) > 100
    assert gathered(inputs, tmp_path, lines_at_once=120) == whole
    assert gathered(inputs, tmp_path, lines_at_once=120, held_bytes=0) == whole


def test_files_that_each_span_all_customers_change_nothing(tmp_path: Path) -> None:
    inputs = shop(seed=3)
    lines = inputs["transactions"]
    batches = lines.to_batches(max_chunksize=70)
    sealed = lake.seal("transactions", batches, root=tmp_path / "lake", run_id=bytes(16), rows_per_file=150)
    assert len(sealed.files) > 3
    whole = gathered(inputs, tmp_path, lines_at_once=1_000_000)
    for at_once in (1_000_000, 90):
        assert gathered(inputs | {"transactions": sealed}, tmp_path, lines_at_once=at_once) == whole


def test_what_each_customer_kept_is_summed_over_their_orders_in_the_order_of_keys(tmp_path: Path) -> None:
    inputs = shop(seed=4)
    found = gathered(inputs, tmp_path, lines_at_once=200)["kept"]
    assert found == sorted(found, key=lambda row: (row["customer_key"], row["number"]))
    lines = [row for row in inputs["transactions"].to_pylist() if row["customer_id"] and row["item_id"] != "i7"]
    assert len(found) == len({(line["customer_key"], line["item_id"]) for line in lines})
    weights = decay.table(90)
    for row in found:
        mine = [x for x in lines if (x["customer_key"], x["item_id"]) == (row["customer_key"], ITEMS[row["number"]])]
        orders = {line["order_id"] for line in mine if line["kind"] == "sale"}
        times = {kind: [x["happened_at"] for x in mine if (x["kind"] == "sale") == kind] for kind in (True, False)}
        assert row["orders"] == len(orders)
        assert row["decayed"] == sum(int(weights[min(ages(mine, order=order))]) for order in orders)
        assert row["last_at"] == max(times[True], default=None)
        assert row["returned_at"] == max(times[False], default=None)


def ages(lines: list[dict[str, Any]], *, order: str) -> list[int]:
    return [(CLOCK.now.date() - line["happened_at"].date()).days for line in lines if line["order_id"] == order]


def test_the_latest_order_is_the_one_of_the_later_number_and_of_any_item(tmp_path: Path) -> None:
    inputs, who = shop(seed=4), "late"
    row = inputs["transactions"].to_pylist()[0] | {
        "customer_id": who,
        "customer_key": customer_key(who),
        "kind": "sale",
    }
    bought = [("o9", "i1", 1), ("o8", "i2", 1), ("o9", "i3", 3), ("o7", "i4", 2)]
    rows = [
        row | {"order_id": order, "item_id": item, "happened_at": CLOCK.now - timedelta(days=days)}
        for order, item, days in bought
    ]
    for also, numbers in ((("o9", "i7", 1), [3]), (("o99", "i7", 0), [])):  # what may not be named is an order too
        more = row | {"order_id": also[0], "item_id": also[1], "happened_at": CLOCK.now - timedelta(days=also[2])}
        lines = pa.Table.from_pylist([*rows, more], schema=contracts.table("transactions").schema)
        found = gathered(inputs | {"transactions": lines}, tmp_path, lines_at_once=200)["latest"]
        assert [row["number"] for row in found] == numbers


def test_items_of_orders_without_a_customer_count_for_items_and_pairs_only(tmp_path: Path) -> None:
    inputs = shop(seed=5)
    found = gathered(inputs, tmp_path, lines_at_once=200)
    lines = [row for row in inputs["transactions"].to_pylist() if row["kind"] == "sale"]
    for row in found["item_sums"]:
        theirs = [line for line in lines if line["item_id"] == row["item_id"]]
        assert row["orders"] == len({line["order_id"] for line in theirs})
        assert row["buyers"] == len({line["customer_id"] for line in theirs if line["customer_id"]})
        assert row["first_at"] == min(line["happened_at"] for line in theirs)
    for row in found["pairs"]:
        orders = [
            {line["order_id"] for line in lines if line["item_id"] == ITEMS[item]}
            for item in (row["item"], row["other"])
        ]
        assert row["support"] == len(orders[0] & orders[1])
