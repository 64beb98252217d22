"""What was bought is the same whether it is gathered at once or in many spans."""

import random
from datetime import timedelta

import pyarrow as pa
import pytest

from decide.worlds import CLOCK
from tactful.decide import bought
from tactful.store import contracts
from tactful.store.engines.duckdb import Engine
from tactful.store.sql import Query
from tactful.words.ids import customer_key

ITEMS = [f"i{number}" for number in range(8)]
TABLES = {
    "kept": "customer_key, item_id",
    "item_sums": "item_id",
    "pairs": "item_id, place",
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
        {"item_id": i, "title": i, "category": "c", "sellable": i != "i7", "source": "t", "loaded_at": CLOCK.now}
        for i in ITEMS
    ]
    return {
        "transactions": pa.Table.from_pylist(rows, schema=contracts.table("transactions").schema),
        "items": pa.Table.from_pylist(items, schema=contracts.table("items").schema),
    }


def gathered(inputs: dict[str, pa.Table], *, lines_at_once: int) -> dict[str, list]:
    with Engine.open() as engine:
        bought.gather(engine, inputs, least=2, clock=CLOCK, lines_at_once=lines_at_once)
        return {
            name: engine.table(Query(name=name, text=f"SELECT * FROM {name} ORDER BY {keys}")).to_pylist()
            for name, keys in TABLES.items()
        }


@pytest.mark.parametrize("seed", [1, 2])
def test_spans_change_nothing(seed: int) -> None:
    inputs = shop(seed=seed)
    whole = gathered(inputs, lines_at_once=1_000_000)
    assert whole["pairs"]
    assert len(whole["kept"]) > 100
    assert gathered(inputs, lines_at_once=120) == whole


def test_what_each_customer_kept_comes_in_the_order_of_keys() -> None:
    inputs = shop(seed=4)
    with Engine.open() as engine:
        bought.gather(engine, inputs, least=2, clock=CLOCK, lines_at_once=200)
        keys = engine.table(Query(name="kept", text="SELECT customer_key FROM kept"))["customer_key"].to_pylist()
    assert keys == sorted(keys)


def test_items_of_orders_without_a_customer_count_for_items_and_pairs_only() -> None:
    inputs = shop(seed=5)
    found = gathered(inputs, lines_at_once=200)
    lines = [row for row in inputs["transactions"].to_pylist() if row["kind"] == "sale"]
    for row in found["item_sums"]:
        theirs = [line for line in lines if line["item_id"] == row["item_id"]]
        assert row["orders"] == len({line["order_id"] for line in theirs})
        assert row["buyers"] == len({line["customer_id"] for line in theirs if line["customer_id"]})
    for row in found["pairs"]:
        orders = [
            {line["order_id"] for line in lines if line["item_id"] == item}
            for item in (row["item_id"], row["other_id"])
        ]
        assert row["support"] == len(orders[0] & orders[1])
