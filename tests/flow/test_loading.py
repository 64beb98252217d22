"""Loading as a person does it: what was loaded is left alone, what is mended is replayed, what looks wrong is held."""

from pathlib import Path

import pytest

from tactful.flow.loading import load, replay_quarantine
from tactful.flow.progress import Silent
from tactful.flow.workspace import alone, open_workspace
from tactful.project.starters import plant


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The starter with one small source of orders in place of all the others."""
    root = tmp_path / "shop"
    plant("retail", root)
    for source in (root / "sources").glob("*.yaml"):
        source.unlink()
    (root / "sources" / "orders.yaml").write_text(
        """
source: orders
files: [data/orders-*.csv]
tables:
  transactions:
    columns:
      order_id: {from: order}
      item_id: {from: item}
      quantity: {from: units, type: integer}
      unit_price: {from: price, type: decimal, least: 0}
      happened_at: {from: at, type: instant}
      customer_id: {from: who, may_be_empty: true}
limits: {quarantined: 50%}
""",
        "utf-8",
    )
    return root


def write(root: Path, name: str, *, rows: int, bad: int = 0) -> None:
    lines = [
        f"{name}{n},i{n % 7},1,{'2,50' if n < bad else '2.50'},2011-12-0{n % 8 + 1} 10:00:00,c{n % 5}"
        for n in range(rows)
    ]
    cells = [line.replace("2,50", '"2,50"') for line in lines]
    (root / "data" / f"orders-{name}.csv").write_text(
        "\n".join(["order,item,units,price,at,who", *cells]) + "\n", "utf-8"
    )


def accounts(root: Path, *, replay: bool = False) -> dict[str, tuple[str, int, int, int, int]]:
    with open_workspace(root) as space, alone(space):
        found = (replay_quarantine if replay else load)(space, progress=Silent())
    return {a.file: (a.state, a.rows_read, a.accepted, a.quarantined, a.duplicate) for a in found}


def test_a_mended_contract_replays_the_quarantine_and_the_next_file_is_not_held_for_it(shop: Path) -> None:
    write(shop, "a", rows=40, bad=6)
    assert accounts(shop) == {"data/orders-a.csv": ("loaded", 40, 34, 6, 0)}
    assert accounts(shop) == {"data/orders-a.csv": ("known", 40, 34, 6, 0)}
    source = shop / "sources" / "orders.yaml"
    source.write_text(
        source.read_text().replace("type: decimal, least: 0", 'type: decimal, decimal: "1.234,50", least: 0')
    )
    ((replayed, account),) = accounts(shop, replay=True).items()
    assert replayed.startswith("(quarantine) ")
    assert account == ("loaded", 6, 6, 0, 0)
    assert accounts(shop, replay=True) == {}
    source.write_text(source.read_text().replace('decimal: "1.234,50", ', ""))
    write(shop, "b", rows=44)
    assert accounts(shop)["data/orders-b.csv"] == ("loaded", 44, 44, 0, 0)


def test_a_file_of_half_the_rows_is_held_whole(shop: Path) -> None:
    write(shop, "a", rows=100)
    accounts(shop)
    write(shop, "b", rows=30)
    assert accounts(shop)["data/orders-b.csv"][0] == "held"
