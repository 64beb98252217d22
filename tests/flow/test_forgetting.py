"""Erasure and export: a planted person is found in everything that is kept, and afterwards in nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from flow.shops import add_rows, approve_and_send, copied, edit, opened, rows_of, run_once, table_of, tactful
from tactful.flow.explaining import explain
from tactful.flow.forgetting import Receipt, export, forget
from tactful.flow.loading import load, replay_quarantine
from tactful.flow.manifest import find_run
from tactful.flow.progress import Silent
from tactful.flow.replaying import replay
from tactful.flow.workspace import open_workspace
from tactful.know import chain
from tactful.words.errors import Misuse

WHO = "canaryq8"
GIVEN, FAMILY = "Zyxwina", "Qwertzheim"
MAIL = "zyxwina.canary@example.com"
PHONE = "07700 905577"
STREET = "Vogelkoje"
LANE = "Kranichweg"
CANARIES = (WHO, GIVEN, FAMILY, MAIL, PHONE, STREET, LANE)
TILL = f"till of {WHO}.csv"


def plant_canary(root: Path) -> None:
    """A person who is in every source, in a raw row that cannot be read, and in the name of a file."""
    for name in ("contacts", "consents", "preferences", "past_sends"):
        edit(root / "sources" / f"{name}.yaml", {'pattern: "\\\\d{5}"': 'pattern: "\\\\w+"'})
    data = root / "data"
    person = {"customer_id": WHO, "title": "", "given_name": GIVEN, "family_name": FAMILY, "email": MAIL}
    add_rows(
        data / "contacts.csv",
        {**person, "phone": PHONE, "language": "en", "country": "United Kingdom", "zone": "Europe/London"},
    )
    with (data / "contacts.csv").open("a", encoding="utf-8") as file:
        file.write(f"{WHO},,{GIVEN},{FAMILY},{MAIL},{PHONE},en,{STREET} 5,one,field,too,many,in,this,row\n")
        file.write(f",,{GIVEN.upper()},{FAMILY},,,en,{LANE} 5,a,row,with,nothing,but,the,name\n")
    said = "2011-11-30T10:00:00"
    for purpose in ("marketing", "service", "personalization"):
        row = {"customer_id": WHO, "purpose": purpose, "channel": "email", "state": "granted", "happened_at": said}
        add_rows(data / "consents.csv", {**row, "wording": "Yes, write to me.", "basis": "consent"})
    add_rows(data / "preferences.csv", {"customer_id": WHO, "dial": "one", "happened_at": said})
    sent = {"customer_id": WHO, "channel": "email", "purpose": "marketing", "happened_at": "2011-10-01T10:00:00"}
    add_rows(data / "past_sends.csv", sent)
    _plant_till(root)


def _plant_till(root: Path) -> None:
    """A second file of orders, of another form, whose name and one broken row name the person."""
    (root / "sources" / "till.yaml").write_text(
        f"""source: till
title: Orders at the till
files: ["data/{TILL}"]
encoding: utf-8
zone: Europe/London
limits: {{quarantined: 50%}}
tables:
  transactions:
    columns:
      customer_id: {{from: customer, type: text, may_be_empty: true}}
      order_id: {{from: receipt, type: text}}
      item_id: {{from: item, type: text, upper: true}}
      quantity: {{from: pieces, type: integer}}
      unit_price: {{from: price, type: decimal}}
      currency: {{value: GBP}}
      happened_at: {{from: when, type: instant}}
""",
        "utf-8",
    )
    lines = ["customer,receipt,item,pieces,price,when"]
    for number, day in enumerate(("2011-03-01", "2011-06-01", "2011-09-01", "2011-12-07")):
        lines.extend(f"{WHO},9{number}1234,{item},2,2.95,{day}T10:00:00" for item in ("22423", "22457", "85123A"))
    lines.append(f"{WHO},999999,22423,many,2.95,2011-12-07T10:00:00")
    lines.append("17850,999998,22423,some,2.95,2011-12-07T10:00:00")
    (root / "data" / TILL).write_text("\n".join(lines) + "\n", "utf-8")


@pytest.fixture(scope="module")
def haunted_shop(planted_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop in which the planted person was written to, explained and exported."""
    root = copied(planted_shop, tmp_path_factory.mktemp("haunted") / "shop")
    plant_canary(root)
    assert run_once(root).state == "waiting"
    approve_and_send(root)
    with open_workspace(root) as space:
        explain(space, find_run(space, None), customer_id=WHO)
        export(space, WHO, folder=space.out / "exports" / WHO)
    return root


@pytest.fixture
def haunted(haunted_shop: Path, tmp_path: Path) -> Path:
    return copied(haunted_shop, tmp_path / "shop")


def erase(root: Path, customer: str = WHO) -> Receipt:
    with open_workspace(root) as space:
        return forget(space, customer)


def forms(word: str) -> list[bytes]:
    return [word.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]


def traces(root: Path) -> dict[str, list[str]]:
    """Where each canary is: in the bytes of ledger, lake and output, in what Parquet packs, and in names of files."""
    found: dict[str, list[str]] = {}
    for path, content in _kept(root):
        small = content.lower()
        for canary in CANARIES:
            if any(form.lower() in small for form in forms(canary)) or canary in path:
                found.setdefault(canary, []).append(path)
    return found


def _kept(root: Path) -> Iterator[tuple[str, bytes]]:
    places = [root / "lake", root / "out", *root.glob("ledger*"), root / ".spill"]
    for place in places:
        for path in [place, *place.rglob("*")] if place.exists() else []:
            name = str(path.relative_to(root))
            content = path.read_bytes() if path.is_file() else b""
            if path.suffix == ".parquet":
                content += repr(pq.read_table(path).to_pylist()).encode()
            yield name, content


def test_the_planted_person_is_everywhere_before(haunted_shop: Path) -> None:
    found = traces(haunted_shop)
    assert set(found) == set(CANARIES)
    assert any(path.startswith("ledger") for path in found[WHO])
    assert any("quarantine" in path for path in found[STREET])
    assert any(path.endswith(".eml") for path in found[MAIL])
    assert rows_of(haunted_shop, "outbox", f"customer_id = '{WHO}' AND state = 'accepted'")


def test_D4_after_erasure_not_one_byte_of_the_person_is_left(haunted: Path) -> None:
    receipt = erase(haunted)
    assert traces(haunted) == {}
    assert set(receipt.removed) >= {
        "customers",
        "transactions",
        "consents",
        "consent",
        "past_sends",
        "contact",
        "preference",
        "quarantine",
        "profiles",
        "segments",
        "inputs",
        "decisions",
        "candidates",
        "messages",
        "outbox",
        "suggestions",
    }
    assert receipt.files >= 1
    assert receipt.amended >= 10


def test_D4_the_receipt_says_what_is_kept_and_which_sources_still_name_the_person(haunted: Path) -> None:
    receipt = erase(haunted)
    assert any("keyed hash of the customer id" in line for line in receipt.kept)
    assert set(receipt.sources) == {
        "data/contacts.csv",
        "data/consents.csv",
        "data/preferences.csv",
        "data/past_sends.csv",
        f"data/{TILL}",
    }
    row = rows_of(haunted, "erasure")[0]
    assert row["erasure_id"].hex() == receipt.erasure_id
    assert json.loads(str(row["receipt"]))["removed"] == receipt.removed


def test_D4_nobody_else_loses_a_row(haunted: Path, haunted_shop: Path) -> None:
    receipt = erase(haunted)
    for table in ("profiles", "segments", "inputs", "decisions", "suggestions"):
        before, after = table_of(haunted_shop, table).to_pylist(), table_of(haunted, table).to_pylist()
        assert after == [row for row in before if row["customer_id"] != WHO]
        assert len(before) - len(after) == receipt.removed[table]
    for table in ("consent", "preference", "contact", "outbox"):
        assert rows_of(haunted, table) == [r for r in rows_of(haunted_shop, table) if r["customer_id"] != WHO]
    for table in ("skeletons", "arms", "beliefs", "prices"):
        assert table_of(haunted, table).equals(table_of(haunted_shop, table))
    others = {path.name for path in (haunted_shop / "out" / "mail" / "new").iterdir()}
    assert len(others) - len(list((haunted / "out" / "mail" / "new").iterdir())) == 1


def test_D1_D4_the_chain_over_what_customers_said_is_whole_after_an_erasure(haunted: Path) -> None:
    before = _chain(haunted)
    erase(haunted)
    after = _chain(haunted)
    assert (before.broken, after.broken, after.links) == ("", "", before.links + 1)
    assert rows_of(haunted, "said", "kind = 'erasure'")
    assert not rows_of(haunted, "consent", f"customer_id = '{WHO}'")


def _chain(root: Path) -> chain.Chain:
    with open_workspace(root) as space, space.ledger.reading() as tx:
        return chain.inspect(tx)


def test_D4_the_bad_row_of_another_in_a_file_named_after_the_person_stays(haunted: Path) -> None:
    erase(haunted)
    rows = [
        row for path in (haunted / "lake" / "quarantine").rglob("*.parquet") for row in pq.read_table(path).to_pylist()
    ]
    assert [row["raw"].startswith(b"17850,999998") for row in rows if row["source"] == "till"] == [True]


def test_D4_an_amended_run_still_replays_and_counts_whom_it_skips(haunted: Path) -> None:
    erase(haunted)
    with opened(haunted) as space:
        found = replay(space, find_run(space, None))
    assert found.same, found.differences[:3]
    assert found.erased == 1
    assert "erased by request" in found.sentence


def test_D4_an_erasure_killed_between_its_steps_is_finished_by_the_next(haunted: Path) -> None:
    """Killed at any rename or removal, the person is either still there to be erased or not there at all."""
    from flow.doomed import ended, forget_dying_at

    for number in (1, 3, 12):
        code = ended(forget_dying_at, haunted, WHO, number)
        if code == 0:
            break
    try:
        erase(haunted)
    except Misuse:
        run_once(haunted)
    assert not {path for paths in traces(haunted).values() for path in paths}


def test_D5_the_erased_do_not_come_back_by_a_file(haunted: Path) -> None:
    erase(haunted)
    add_rows(haunted / "data" / "contacts.csv", {"customer_id": "99901", "given_name": "New", "language": "en"})
    late = {"customer_id": WHO, "purpose": "marketing", "channel": "email", "state": "granted"}
    add_rows(haunted / "data" / "consents.csv", {**late, "happened_at": "2011-12-08T10:00:00"})
    with (haunted / "data" / TILL).open("a", encoding="utf-8") as file:
        file.write(f"{WHO},999997,22423,1,2.95,2011-12-08T10:00:00\n")
        file.write(f"{WHO},999996,22423,lots,2.95,2011-12-08T10:00:00\n")
    with opened(haunted) as space:
        for account in load(space, progress=Silent()):
            assert account.rows_read == account.accepted + account.quarantined + account.duplicate, account
    found = traces(haunted)
    assert set(found) <= {WHO, GIVEN, FAMILY, LANE}  # the file's own name, and a bad row with a name: new to us
    assert all("lake/quarantine" in place for word in {*found} - {WHO} for place in found[word])
    assert not [p for p in traces(haunted).get(WHO, []) if "lake" in p]
    run_once(haunted)
    assert WHO not in table_of(haunted, "profiles")["customer_id"].to_pylist()


def test_F62_the_erased_do_not_come_back_from_quarantine(haunted: Path) -> None:
    erase(haunted)
    edit(haunted / "sources" / "till.yaml", {"pieces, type: integer": "pieces, type: integer, may_be_empty: true"})
    with opened(haunted) as space:
        replay_quarantine(space, progress=Silent())
    assert traces(haunted) == {}


def test_D7_the_export_holds_everything_a_search_finds(haunted: Path) -> None:
    """Every row, of every table, in which a byte search finds the person is in the export as well."""
    folder = haunted / "out" / "exports" / WHO
    exported = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    with opened(haunted) as space:
        counts = export(space, WHO, folder=folder)
    assert {name: len(rows) for name, rows in exported.items()} == counts
    whole = "".join(path.read_text("utf-8") for path in folder.glob("*.json"))
    for canary in (WHO, GIVEN, FAMILY, MAIL, PHONE):
        assert canary in whole
    held: dict[str, int] = {}
    for path in (haunted / "lake").rglob("*.parquet"):
        rows = [r for r in pq.read_table(path).to_pylist() if any(c in repr(r) for c in (WHO, MAIL, PHONE, FAMILY))]
        name = path.relative_to(haunted / "lake").parts[0]
        held[name] = held.get(name, 0) + len(rows)
    for name, number in held.items():
        if number and name != "quarantine":
            assert counts.get(name, 0) >= number, name
    assert counts["quarantine"] == 2
    assert STREET in (folder / "quarantine.json").read_text("utf-8")
    assert "README.md" in {path.name for path in folder.iterdir()}


def test_D4_a_bad_row_with_nothing_but_their_full_name_goes_and_is_in_no_copy(haunted: Path) -> None:
    """It may be a namesake's: so it is erased, being kept only to be mended, and never given out."""
    exports = (haunted / "out" / "exports" / WHO).glob("*.json")
    assert not any(LANE in path.read_text("utf-8") for path in exports)
    assert LANE in traces(haunted)
    assert erase(haunted).removed["quarantine"] == 3
    assert LANE not in traces(haunted)


def test_an_erased_customer_is_unknown_and_a_stranger_was_never_known(haunted: Path) -> None:
    erase(haunted)
    for name in (WHO, "nobody"):
        with open_workspace(haunted) as space, pytest.raises(Misuse, match="nothing is kept about such a customer"):
            forget(space, name)


def test_without_yes_nothing_is_erased(haunted: Path) -> None:
    before = traces(haunted)
    done = tactful("forget", WHO, "--project", haunted)
    assert done.returncode == 0
    assert "Nothing was erased" in done.stdout
    assert traces(haunted) == before


def test_a_customer_is_erased_without_touching_whose_id_contains_theirs(haunted: Path) -> None:
    """Customer 1785 is not customer 17850."""
    with open_workspace(haunted) as space:
        decisions = table_of(haunted, "decisions")["customer_id"].to_pylist()
        victim = sorted(c for c in decisions if c != WHO)[0]
        forget(space, victim)
    assert len(table_of(haunted, "decisions")) == len(decisions) - 1
    assert WHO in table_of(haunted, "decisions")["customer_id"].to_pylist()
