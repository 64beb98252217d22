"""F04, F10, F78–F85, B1–B12: files as people really send them, from their bytes to whom they make us greet."""

# ruff: noqa: E501  # a file is read on one line

from __future__ import annotations

import ast
import hashlib
import json
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pyarrow as pa
import pytest

from datasets import ROOT
from scenarios.town import Shop, agreed, item, link, mails, person, sale, sent, told
from tactful.flow.forgetting import export
from tactful.flow.loading import load
from tactful.flow.manifest import loaded
from tactful.flow.progress import Silent
from tactful.flow.workspace import open_workspace
from tactful.know import profiles
from tactful.load.account import Account
from tactful.load.instants import instant_of
from tactful.store import contracts, lake

HEAD = "id,given,family,email,language,born\n"
ROWS = "".join(f"c{n},Anna,Lee,anna{n}@mail.example,en,1980-02-03\n" for n in range(1, 6))


def loaded_from(shop: Shop, **files: bytes) -> tuple[list[Account], dict[str, list[dict[str, object]]]]:
    """Loads files as they lie in the shop's folder; their accounts, and what is now in the lake."""
    (shop.root / "data" / "people.csv").unlink(missing_ok=True)
    for name, data in files.items():
        (shop.root / "data" / f"{name}.csv").write_bytes(data)
    with open_workspace(shop.root) as space:
        accounts = load(space, progress=Silent())
        with space.ledger.reading() as tx:
            names = ("customers", "events", "quarantine")
            found = {name: lake.read(loaded(tx, name, root=space.lake)).to_pylist() for name in names}
    return accounts, found


def test_F04_a_stray_comma_moves_nobodys_data_into_anothers_column(shop: Shop) -> None:
    data = HEAD + ROWS + "c7,Anna,Lee, Jr.,anna@x.example,en,1980-02-03\n" + "c8,Bo,Ek,bo@mail.example,en,\n"
    (account,), found = loaded_from(shop, people=data.encode())
    assert (account.rows_read, account.accepted, account.quarantined, account.duplicate) == (7, 6, 1, 0)
    (bad,) = found["quarantine"]
    assert (bad["line"], bad["rule"], bad["file"]) == (7, "too_many_fields", "data/people.csv")
    assert bad["raw"] == b"c7,Anna,Lee, Jr.,anna@x.example,en,1980-02-03\n"
    for row in found["customers"]:
        assert "@" not in f"{row['given_name']}{row['family_name']}{row['language']}"
        assert row["email"] is None or "@" in str(row["email"])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_F78_a_mark_at_the_beginning_hides_no_column(shop: Shop, encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    data = mark + (HEAD + ROWS.replace("Anna", "José")).encode(encoding)
    (account,), found = loaded_from(shop, people=data)
    assert (account.state, account.accepted, account.quarantined) == ("loaded", 5, 0)
    assert {row["customer_id"] for row in found["customers"]} == {f"c{n}" for n in range(1, 6)}
    assert {row["given_name"] for row in found["customers"]} == {"José"}


FULL = "c9,Bo,Ek,bo@mail.example,en,\n"
RAGGED = {
    "one field too few": (FULL + "c10,Bo,Ek,bo@mail.example,en\n" + FULL.replace("c9", "c11"), 2, 1),
    "one field too many": (FULL + "c10,Bo,Ek,bo@mail.example,en,,\n" + FULL.replace("c9", "c11"), 2, 1),
    "another delimiter in one row": (FULL + "c10;Bo;Ek;bo@mail.example;en;\n", 1, 1),
    "three delimiters": (FULL + "c10;Bo,Ek;bo@mail.example,en;\n" + "c11\tBo\tEk\tb@mail.example\ten\t\n", 1, 2),
    "a quote never closed": (FULL + 'c10,"Bo,Ek,bo@mail.example,en,\n' + FULL.replace("c9", "c11") * 1 + FULL.replace("c9", "c12"), 3, 1),
    "a quote closed by the next row": (FULL + 'c10,"Bo,Ek,b@mail.example,en,\n' + 'c11,"Al",Ek,a@mail.example,en,\n' + FULL.replace("c9", "c12"), 3, 1),
    "text after a quote": (FULL + 'c10,"Bo" x,Ek,bo@mail.example,en,\n', 1, 1),
    "a line end inside quotes": ('c9,"Bo\nMary",Ek,bo@mail.example,en,\nc10,Bo\n', 1, 1),
    "cut in the middle of the last row": (FULL + "c10,Bo,Ek,bo@ma", 1, 1),
    "a NUL": (FULL + "c10,B\0o,Ek,bo@mail.example,en,\n", 1, 1),
    "a row of blanks": (FULL + " \n", 1, 1),
    "empty lines": ("\n\n" + FULL + "\n\n" + FULL.replace("c9", "c10"), 2, 0),
}  # fmt: skip


@pytest.mark.parametrize("name", RAGGED)
def test_F79_B1_ragged_files_lose_their_bad_rows_and_nothing_else(shop: Shop, name: str) -> None:
    body, good, bad = RAGGED[name]
    shop.change("sources/people.yaml", "limits: {quarantined: 50%}", "limits: {quarantined: 100%}")
    (account,), found = loaded_from(shop, people=(HEAD + body).encode())
    assert (account.state, account.accepted, account.quarantined, account.duplicate) == ("loaded", good, bad, 0)
    assert account.rows_read == good + bad == len(found["customers"]) + len(found["quarantine"])
    data = (HEAD + body).encode()
    for row in found["quarantine"]:
        start = row["byte_offset"]
        assert isinstance(start, int)
        assert data[start:].startswith(bytes(row["raw"]))  # type: ignore[call-overload]
        assert data[:start].count(b"\n") == int(str(row["line"])) - 1


def test_F79_an_unclosed_quote_swallows_at_most_itself_in_a_large_file(shop: Shop) -> None:
    many = "".join(f"c{n},Anna,Lee,a{n}@mail.example,en,\n" for n in range(10, 150_000))
    assert len(many) > 4 << 20
    (account,), _ = loaded_from(shop, people=(HEAD + 'c1,"Anna,Lee,a@mail.example,en,\n' + many).encode())
    assert (account.accepted, account.quarantined) == (149_990, 1)


def test_F80_a_small_zip_that_would_become_four_gigabytes_is_refused_at_once(tmp_path: Path, shop: Shop) -> None:
    """4 MB of gzip, made of one packed stretch repeated: 4 GiB of zeros that are never unpacked."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = packer.compress(bytes(1 << 20)) + packer.flush()
    shop.change("sources/people.yaml", "data/people*.csv", "data/people*.csv.gz")
    (shop.root / "data" / "people.csv.gz").write_bytes(piece * 4096)
    (account,), found = loaded_from(shop)
    assert account.state == "held"
    assert "100 times" in account.why
    assert found["customers"] == []


def test_F81_a_file_cut_short_is_held_until_its_end_marker_fits(shop: Shop) -> None:
    data = (HEAD + ROWS).encode()
    shop.change("sources/people.yaml", "files:", 'end_marker: "{name}.sha256"\nfiles:')
    (account,), found = loaded_from(shop, people=data)
    assert (account.state, found["customers"]) == ("held", [])
    (shop.root / "data" / "people.csv.sha256").write_text(hashlib.sha256(data).hexdigest())
    (account,), found = loaded_from(shop, people=data[: len(data) * 63 // 100])
    assert (account.state, found["customers"]) == ("held", [])
    (account,), found = loaded_from(shop, people=data + FULL.encode())
    assert (account.state, found["customers"]) == ("held", []), "a second writer added to it"
    (account,), found = loaded_from(shop, people=data)
    assert (account.state, len(found["customers"])) == ("loaded", 5)


def test_F82_what_a_spreadsheet_did_to_ids_and_days_is_refused_and_leading_zeros_stay(shop: Shop) -> None:
    shop.change("sources/people.yaml", ', pattern: "c\\\\d+"', "")
    shop.change("sources/people.yaml", "limits: {quarantined: 50%}", "limits: {quarantined: 100%}")
    body = "1.23457E+12,A,B,a@mail.example,en,\n00042,A,B,b@mail.example,en,\n7,A,B,c@mail.example,en,43831\n"
    _, found = loaded_from(shop, people=(HEAD + body).encode())
    assert [row["customer_id"] for row in found["customers"]] == ["00042"]
    assert [(row["field"], row["rule"]) for row in found["quarantine"]] == [
        ("id", "spreadsheet_damage"),
        ("born", "not_a_date"),
    ]


@pytest.mark.parametrize("rows", [65_535])
def test_F82_a_file_of_just_as_many_rows_as_a_spreadsheet_holds_is_held(shop: Shop, rows: int) -> None:
    body = "".join(f"c{n},,,,,\n" for n in range(rows))
    (account,), found = loaded_from(shop, people=(HEAD + body).encode())
    assert (account.state, found["customers"]) == ("held", [])
    assert "65,535" in account.why or "65535" in account.why


def test_F83_orders_from_1970_are_refused_where_declared_and_those_to_come_do_not_exist_yet(shop: Shop) -> None:
    shop.change(
        "sources/orders.yaml", "",
        "source: orders\nfiles: data/orders.csv\nlimits: {quarantined: 100%}\ntables:\n  transactions:\n    columns:\n"
        "      customer_id: {from: id}\n      order_id: {from: order}\n      item_id: {from: item}\n      quantity: {value: '1', type: integer}\n"
        "      unit_price: {value: '2.95', type: decimal}\n      currency: {value: GBP}\n"
        "      happened_at: {from: time, type: instant, earliest: '2009-01-01'}\n    kinds:\n      - {kind: sale, when: otherwise}\n",
    )  # fmt: skip
    body = "id,order,item,time\nc1,o1,i1,1970-01-01T00:00:00Z\nc1,o2,i1,2099-01-01T00:00:00Z\nc1,o3,i1,2011-12-01T10:00:00Z\n"
    accounts, found = loaded_from(shop, people=(HEAD + ROWS).encode(), orders=body.encode())
    account = next(account for account in accounts if account.source == "orders")
    assert (account.accepted, account.quarantined) == (2, 1)
    assert account.report["after_now"] == 1
    assert found["quarantine"][0]["field"] == "time"
    with open_workspace(shop.root) as space:
        with space.ledger.reading() as tx:
            inputs = {
                name: loaded(tx, name, root=space.lake) for name in ("customers", "transactions", "items", "events")
            }
        inputs |= {name: contracts.table(name).schema.empty_table() for name in ("consent", "preference", "contact")}
        rows = pa.Table.from_batches(
            [b for b in profiles.build(inputs, project=space.project, clock=space.clock) if b.schema.metadata[b"table"] == b"profiles"]
        ).to_pylist()  # fmt: skip
    (mine,) = [row for row in rows if row["customer_id"] == "c1"]
    assert mine["orders"] == 1, "what happens after now does not exist yet"


@pytest.mark.parametrize(
    ("head", "state", "says"),
    [
        (HEAD.replace("email", "e-mail"), "held", "email"), (HEAD.replace("given", "family"), "held", "twice"),
        (HEAD.replace("email,", ""), "held", "email"), (HEAD.replace("email", "EMAIL "), "loaded", ""),
        (HEAD.replace("\n", ",loyalty\n"), "loaded", ""),
    ],
)  # fmt: skip
def test_F84_a_drifted_header_holds_the_file_and_a_new_column_does_not(
    shop: Shop, head: str, state: str, says: str
) -> None:
    body = "\n".join(line + (",gold" if "loyalty" in head else "") for line in ROWS.strip().split("\n"))
    (account,), found = loaded_from(shop, people=(head + body + "\n").encode())
    assert account.state == state
    assert says in account.why
    assert len(found["customers"]) == (5 if state == "loaded" else 0)


def test_F84_a_column_that_becomes_text_holds_the_file_and_what_was_loaded_stays(shop: Shop) -> None:
    _, before = loaded_from(shop, people=(HEAD + ROWS).encode())
    changed = HEAD + ROWS.replace("1980-02-03", "thirty-one")
    accounts, after = loaded_from(shop, people2=changed.encode(), people=(HEAD + ROWS).encode())
    assert [account.state for account in accounts] == ["known", "held"]
    assert "not_a_date" in accounts[1].why or "born" in accounts[1].why
    assert after["customers"] == before["customers"]


FORMULAS = ['=HYPERLINK("https://evil.example","x")', "@SUM(1+1)", "+1+cmd|' /C calc'!A0", "-2+3", "\t=1+1", "=1+1;2"]


def test_F85_B12_a_formula_in_a_name_is_kept_as_it_is_never_greeted_and_leaves_in_no_form_a_spreadsheet_runs(
    shop: Shop, tmp_path: Path
) -> None:
    people = [person(f"c{n}", given_name=text, family_name=text) for n, text in enumerate(FORMULAS)]
    rows = {"customers": people, "items": [item("i1")], "links": [link("i1")], "consents": agreed(people)}
    rows["transactions"] = [sale(f"c{n}", "i1") for n in range(len(FORMULAS))]
    with shop.opened(**rows) as space:
        done = sent(space, told(space).run)
        assert done.accepted == len(FORMULAS) == len(mails(shop.root))
        for number, text in enumerate(FORMULAS):
            export(space, f"c{number}", folder=tmp_path / f"c{number}")
            said = json.loads((tmp_path / f"c{number}" / "customers.json").read_text("utf-8"))
            assert said[0]["given_name"] == text, "the copy is exact, in a form that no spreadsheet opens as cells"
    assert not any(b"HYPERLINK" in payload or b"SUM(" in payload for payload in mails(shop.root))
    written = {path.suffix for path in (*tmp_path.rglob("*"), *(shop.root / "out").rglob("*")) if path.is_file()}
    assert not written & {".tsv", ".xls", ".xlsx", ".ods"}
    assert not list((shop.root / "out").rglob("*.csv"))


def test_F85_B12_no_code_of_ours_writes_rows_for_spreadsheets() -> None:
    """There is no text export yet. Whoever adds one escapes its cells and takes its file out of this sentence."""
    writers = {"writer", "DictWriter", "write_csv", "to_csv"}
    for path in (ROOT / "src" / "tactful").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in writers, f"{path}:{node.lineno}"


def test_B11_local_time_in_every_zone_at_its_next_two_changes() -> None:
    """In a gap the first instant that exists, in a fold the first of the two."""
    zones = sorted(available_timezones())
    assert len(zones) >= 400
    changes = 0
    for name in zones:
        zone = ZoneInfo(name)
        for before, after, at in next_changes(zone):
            changes += 1
            wall = (at + min(before, after)).replace(tzinfo=None)
            middle = wall + abs(after - before) / 2
            micros = (middle - datetime(1970, 1, 1)) // timedelta(microseconds=1)
            found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant_of(name, micros))
            expected = at if after > before else middle.replace(tzinfo=zone, fold=0).astimezone(UTC)
            assert found == expected, (name, at)
    assert changes > 300


def next_changes(zone: ZoneInfo) -> list[tuple[timedelta, timedelta, datetime]]:
    """The first two changes of a zone's offset in two years from 2011 on: offsets before and after, and when."""
    found: list[tuple[timedelta, timedelta, datetime]] = []
    day = datetime(2011, 1, 1, tzinfo=UTC)
    for _ in range(366):
        later = day + timedelta(days=2)
        before, after = day.astimezone(zone).utcoffset(), later.astimezone(zone).utcoffset()
        assert before is not None
        assert after is not None
        if before != after:
            low, high = day, later
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
            found.append((before, after, high.replace(microsecond=0)))
        if len(found) == 2:
            break
        day = later
    return found
