"""Small projects and the real invoice lines, for the tests of this room."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from datasets import dataset
from tactful.project.brand import Brand
from tactful.project.declared import Project
from tactful.project.facts import Facts
from tactful.project.policy import Policy
from tactful.project.settings import Settings
from tactful.store import contracts
from tactful.words.ids import customer_key

PLAIN = {"name": "shop", "zone": "Europe/London", "currency": "GBP", "salt": "salt"}
STAGES = ({"stage": "customer", "when": "orders >= 1"}, {"stage": "prospect", "when": "otherwise"})
ORDERS = {"from": "transactions", "keep": "count_distinct(order_id)", "where": "kind = 'sale'"}


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Project]:
    """A project of facts and stages; everything else is as small as it may be."""

    def made(
        facts: Mapping[str, object] | None = None,
        *,
        stages: object = STAGES,
        segment_by: str | None = None,
        **more: object,
    ) -> Project:
        declared = Facts.model_validate({"facts": facts or {"orders": ORDERS}, "stages": stages})
        return Project(
            **{
                "root": tmp_path,
                "settings": Settings.model_validate(PLAIN),
                "sources": {},
                "facts": declared.facts,
                "stages": declared.stages,
                "knowledge_of": declared.knowledge,
                "knowledge_segment": segment_by,
                "segments": {},
                "offers": {},
                "contents": {},
                "partials": {},
                "programs": {},
                "policy": Policy.model_validate(
                    {"ceiling": {"familiarity": {}, "knowledge": {}}, "caps": [], "contact_cost": {}}
                ),
                "brand": Brand.model_validate(
                    {
                        "brand": "Shop",
                        "from_name": "Shop",
                        "from_address": "a@shop.example",
                        "postal_address": "1 Road",
                        "site": "https://shop.example",
                        "public_url": "https://shop.example",
                        "hosts": ["shop.example"],
                    }
                ),
                "metrics": {},
                "fingerprint": b"f" * 16,
            }
            | more
        )

    return made


@pytest.fixture(scope="session")
def online_retail() -> dict[str, pa.Table]:
    """The published invoice lines as the canonical tables, by plain rules: C is a cancellation, a word a range."""
    raw = pq.read_table(dataset("online_retail") / "online_retail.parquet")
    ids = raw["CustomerID"].cast(pa.string())
    distinct = ids.unique().to_pylist()
    keys = pa.array([None if one is None else customer_key(one) for one in distinct], pa.int64())
    order = raw["InvoiceNo"].cast(pa.string())
    number = len(raw)
    transactions = pa.table(
        {
            "customer_id": ids,
            "customer_key": keys.take(pc.index_in(ids, value_set=pa.array(distinct, pa.string()))),
            "order_id": order,
            "line": pa.array(range(number), pa.int64()),
            "item_id": raw["StockCode"].cast(pa.string()),
            "quantity": raw["Quantity"],
            "unit_price": pc.round(raw["UnitPrice"], 4).cast(pa.decimal128(18, 4), safe=False),
            "currency": pa.array(["GBP"] * number),
            "happened_at": raw["InvoiceDate"].cast(pa.timestamp("us", "UTC")),
            "channel": pa.nulls(number, pa.string()),
            "kind": pc.if_else(
                pc.starts_with(order, "C"), "cancel", pc.if_else(pc.less(raw["Quantity"], 0), "return", "sale")
            ),
            "source": pa.array(["invoices"] * number),
        }
    ).cast(contracts.table("transactions").schema)
    return {"transactions": transactions, "items": _items(raw)}


RANGES = {"HEART": "hearts", "CAKE": "baking and tea", "TEA": "baking and tea", "CANDLE": "candles and lights"}
RANGES |= {"LIGHT": "candles and lights", "BAG": "bags", "BOX": "boxes", "CHRISTMAS": "christmas", "CARD": "paper"}


def _items(raw: pa.Table) -> pa.Table:
    titles = raw.group_by("StockCode").aggregate([("Description", "max")])
    words = [(title or "") for title in titles["Description_max"].to_pylist()]
    ranges = [next((name for word, name in RANGES.items() if word in title), "other") for title in words]
    number = len(titles)
    empty = contracts.table("items").schema.empty_table()
    filled = {
        "item_id": titles["StockCode"].cast(pa.string()),
        "title": pa.array(words),
        "category": pa.array(ranges),
        "sellable": pa.array([code[:1].isdigit() for code in titles["StockCode"].to_pylist()]),
        "source": pa.array(["invoices"] * number),
        "loaded_at": pa.array([pc.max(raw["InvoiceDate"]).as_py()] * number, pa.timestamp("us")),
    }
    columns = [filled.get(field.name, pa.nulls(number, field.type)) for field in empty.schema]
    return pa.table(columns, names=empty.column_names).cast(empty.schema)
