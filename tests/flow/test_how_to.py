"""What the how-to pages show works as they show it."""

import re
from pathlib import Path

from tactful.flow.loading import load
from tactful.flow.manifest import loaded
from tactful.flow.progress import Silent
from tactful.flow.workspace import alone, open_workspace
from tactful.project.starters import plant
from tactful.store import lake

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "load-a-file.md"


def test_the_worked_example_of_loading_a_file_loads(tmp_path: Path) -> None:
    text = PAGE.read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(source: orders\n.*?)```", text, re.DOTALL)
    (head,) = re.findall(r"```text\n(Receipt;.*?)```", text, re.DOTALL)
    root = tmp_path / "shop"
    plant("retail", root)
    for source in (root / "sources").glob("*.yaml"):
        source.unlink()
    (root / "sources" / "orders.yaml").write_text(example, "utf-8")
    more = "536366;POST;POSTAGE;1;02.12.2010 09:00;18,00;\n536367;85123a;;-6;03.12.2010 09:00;2,55;17850.0\n"
    (root / "data" / "orders-1.csv").write_text(head + more, "utf-8")
    with open_workspace(root) as space, alone(space):
        (account,) = load(space, progress=Silent())
        with space.ledger.reading() as tx:
            orders = lake.read(loaded(tx, "transactions", root=space.lake)).to_pylist()
            items = lake.read(loaded(tx, "items", root=space.lake)).to_pylist()
    assert (account.state, account.rows_read, account.accepted) == ("loaded", 3, 3)
    found = {(row["order_id"], row["item_id"], row["kind"], row["customer_id"]) for row in orders}
    assert found == {
        ("536365", "85123A", "sale", "17850"),
        ("536366", "POST", "sale", None),
        ("536367", "85123A", "return", "17850"),
    }
    assert {(row["item_id"], row["title"], row["sellable"]) for row in items} == {
        ("85123A", "White hanging heart T-light holder", True),
        ("POST", "Postage", False),
    }


def test_the_page_on_your_own_shop_loads_as_it_stands(tmp_path: Path) -> None:
    """Every source file with the file shown above it, the orders in Latin-1 with Windows line ends."""
    page = PAGE.with_name("use-your-own-shop.md").read_text("utf-8")
    files = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    sources = re.findall(r"```yaml\n(source: (\w+)\n.*?)```", page, re.DOTALL)
    assert [name for _, name in sources] == ["bestellungen", "kunden", "katalog", "links"]
    root = tmp_path / "shop"
    plant("retail", root)
    for source in (root / "sources").glob("*.yaml"):
        source.unlink()
    assert r"grep -rl GBP --include=*.yaml . | xargs sed -i 's/\bGBP\b/EUR/g'" in page
    for file_of_project in root.rglob("*.yaml"):
        told = file_of_project.read_text("utf-8")
        file_of_project.write_text(re.sub(r"\bGBP\b", "EUR", told), "utf-8")
    for (text, name), rows in zip(sources, files, strict=True):
        (root / "sources" / f"{name}.yaml").write_text(text, "utf-8")
        file = re.search(r"files: (\S+)", text)
        assert file is not None
        (root / file[1].replace("*", "2011")).write_bytes(rows.replace("\n", "\r\n").encode("latin-1"))
    with open_workspace(root) as space, alone(space):
        accounts = load(space, progress=Silent())
        with space.ledger.reading() as tx:
            read = {
                table: lake.read(loaded(tx, table, root=space.lake)).to_pylist()
                for table in ("transactions", "customers", "consents", "items", "links")
            }
    assert [(one.state, one.rows_read, one.quarantined, one.why) for one in accounts] == [("loaded", 1, 0, "")] * 4
    assert {table: len(rows) for table, rows in read.items()} == dict.fromkeys(read, 1)
    assert str(read["transactions"][0]["unit_price"]).startswith("12.5")
    assert (read["customers"][0]["given_name"], read["consents"][0]["state"]) == ("Jürgen", "granted")
    assert (read["items"][0]["title"], read["links"][0]["status"]) == ("Teekanne, grün", "ok")
