"""The starter's data: rebuilt to the byte, counted, labelled, and nobody real in it."""

import csv
import hashlib
import re
from collections import Counter
from functools import cache
from pathlib import Path

import duckdb
import pytest

from datasets import dataset
from tools.build_starter import STARTER, build
from tools.starter_catalogue import GOODS, cased
from tools.starter_people import FAMILY, GIVEN, ZONES

DATA = STARTER / "data"
PUBLISHED = "51ab956e4d081a398dcbf3c9eeb52ead3a40eeea28093b6a444a6d1e0250bc20"
SENSITIVE = {"children", "religion", "alcohol", "tobacco", "health", "family"}


@cache
def rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def state_now(purpose: str) -> Counter[str]:
    return Counter({row["customer_id"]: row["state"] for row in rows("consents") if row["purpose"] == purpose}.values())


def test_the_published_file_is_untouched() -> None:
    assert hashlib.sha256((DATA / "online_retail.parquet").read_bytes()).hexdigest() == PUBLISHED


def test_every_derived_file_is_what_the_script_makes_of_the_others_byte_for_byte() -> None:
    for name, content in build(DATA).items():
        assert (STARTER / name).read_bytes() == content, name


def test_the_starter_is_small_enough_to_ship() -> None:
    assert sum(path.stat().st_size for path in STARTER.rglob("*") if path.is_file()) < 8_000_000


def test_licence_attribution_and_labels_stand_beside_the_data() -> None:
    attribution, labels = (DATA / "ATTRIBUTION.md").read_text("utf-8"), (DATA / "README.md").read_text("utf-8")
    assert "CC BY 4.0" in attribution
    assert "10.24432/C5BW33" in attribution
    for path in DATA.iterdir():
        if path.suffix in {".csv", ".parquet"}:
            assert f"`{path.name}`" in labels, f"{path.name} is not labelled"


def test_every_title_written_by_hand_is_unique_and_belongs_to_an_item() -> None:
    titles = [row["title"] for row in rows("titles")]
    assert len(titles) >= 300
    assert len(set(titles)) == len(titles)
    assert len({row["item_id"] for row in rows("titles")}) == len(titles)
    catalogue = {row["item_id"]: row["title"] for row in rows("catalogue")}
    assert all(catalogue[row["item_id"]] == row["title"] for row in rows("titles"))


def test_no_title_of_a_sellable_item_shouts() -> None:
    shouting = [row["title"] for row in rows("catalogue") if row["sellable"] == "true" and row["title"].isupper()]
    assert shouting == []
    assert cased("WHITE HANGING HEART T-LIGHT HOLDER") == "White hanging heart T-light holder"
    assert cased("SET/6 RED SPOTTY PAPER CUPS") == "Set of 6 red spotty paper cups"
    assert cased("POPPY'S PLAYHOUSE KITCHEN") == "Poppy's Playhouse kitchen"


@pytest.mark.parametrize("code", ["POST", "DOT", "M", "D", "C2", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS", "S", "B"])
def test_what_is_no_thing_is_not_sellable(code: str) -> None:
    (row,) = (row for row in rows("catalogue") if row["item_id"] == code)
    assert (row["sellable"], row["list_price"], row["url"], row["stock"]) == ("false", "", "", "0")


def test_vouchers_and_charges_behind_ordinary_codes_are_not_sellable() -> None:
    by_code = {row["item_id"]: row for row in rows("catalogue")}
    assert all(by_code[f"GIFT_0001_{worth}"]["sellable"] == "false" for worth in (10, 20, 30, 40, 50))
    assert {by_code[code]["sellable"] for code in ("23444", "23574", "22016")} == {"false"}
    assert by_code["85123A"]["sellable"] == "true"


def test_a_sellable_item_has_all_that_may_be_printed_of_it() -> None:
    for row in rows("catalogue"):
        if row["sellable"] == "true":
            assert GOODS.fullmatch(row["item_id"])
            assert float(row["list_price"]) > 0
            assert row["price_includes_vat"] == "true"
            assert row["url"] == f"https://shop.example/p/{row['item_id']}"


def test_codes_that_differ_by_case_are_one_item() -> None:
    codes = [row["item_id"] for row in rows("catalogue")]
    assert len(codes) == 3958
    assert len({code.upper() for code in codes}) == 3958


def test_the_heart_holder_has_one_declared_price_among_its_many() -> None:
    (row,) = (row for row in rows("catalogue") if row["item_id"] == "85123A")
    assert row["list_price"] == "2.95"


def test_sensitive_items_have_no_range() -> None:
    sensitive = [row for row in rows("catalogue") if row["sensitive_topic"]]
    assert {row["sensitive_topic"] for row in sensitive} == SENSITIVE
    assert all(row["range"] == "" for row in sensitive)


@pytest.mark.parametrize(
    ("code", "topic"),
    [("22749", "children"), ("84347", "religion"), ("21175", "alcohol"), ("22557", "health"), ("85123A", "")],
)
def test_known_items_have_their_topic(code: str, topic: str) -> None:
    (row,) = (row for row in rows("catalogue") if row["item_id"] == code)
    assert row["sensitive_topic"] == topic


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("22423", "baking and tea"),
        ("85123A", "candles and lights"),
        ("20725", "bags and lunch"),
        ("22457", "home and hearts"),
        ("23301", "garden and outdoors"),
        ("22900", "kitchen and dining"),
        ("22077", "stationery and cards"),
        ("22086", "Christmas decorations"),
        ("22112", "winter warmers"),
        ("21181", "home and hearts"),
    ],
)
def test_known_items_have_their_range(code: str, kind: str) -> None:
    (row,) = (row for row in rows("catalogue") if row["item_id"] == code)
    assert row["range"] == kind


def test_every_range_has_a_care_note_and_enough_noted_items_in_stock() -> None:
    noted = Counter(
        row["range"] for row in rows("catalogue") if row["note"] and row["stock"] != "0" and not row["active_to"]
    )
    ranges = {row["range"] for row in rows("catalogue")} - {""}
    assert ranges == {row["key"] for row in rows("care_notes") if row["scope"] == "range"}
    assert all(noted[kind] >= 20 for kind in ranges), noted
    assert sum(row["scope"] == "item" for row in rows("care_notes")) >= 40


def test_every_customer_has_one_row_and_addresses_are_at_example_domains() -> None:
    contacts = rows("contacts")
    assert len({row["customer_id"] for row in contacts}) == len(contacts) == 4372
    for row in contacts:
        assert not row["email"] or re.search(r"example\.? ?(com|org|net)\s*$", row["email"].lower()), row["email"]
        assert not row["phone"] or row["phone"].startswith("07700 900")
    assert all(re.search(r"@example\.(com|org|net)$", row["address"]) for row in rows("suppressions"))


def test_the_dirt_of_real_lists_is_there() -> None:
    contacts = rows("contacts")
    given, family = {row["given_name"] for row in contacts}, {row["family_name"] for row in contacts}
    assert {"NULL", "asdf", "MR J SMITH LTD"} <= given
    assert {"Null", "Test", "True"} <= family
    assert 0.13 < sum(not row["given_name"] for row in contacts) / 4372 < 0.18
    assert 0.05 < sum(not row["email"] for row in contacts) / 4372 < 0.07
    assert sum("Ã" in row["family_name"] for row in contacts) >= 3
    assert sum(row["birth_date"] == "1900-01-01" for row in contacts) >= 10
    shared = Counter(row["email"] for row in contacts if row["email"])
    assert 3 <= sum(count > 1 for count in shared.values()) <= 10
    assert any("@@" in row["email"] or "(at)" in row["email"] for row in contacts)


def test_german_and_french_customers_have_names_language_and_zone_of_their_country() -> None:
    german = [row for row in rows("contacts") if row["country"] == "Germany"]
    assert len(german) >= 90
    assert {row["zone"] for row in german} == {"Europe/Berlin"}
    assert Counter(row["language"] for row in german).most_common(1)[0][0] == "de"
    assert {row["zone"] for row in rows("contacts")} <= {*ZONES.values(), ""}


def test_given_names_are_of_the_public_domain_statistics() -> None:
    import gzip

    totals = gzip.decompress((dataset("us_baby_names") / "ssa_names_totals.csv.gz").read_bytes()).decode()
    known = {line.split(",", 1)[0] for line in totals.splitlines()}
    assert {name for names in GIVEN.values() for name in names} <= known
    assert all(len(set(names)) == len(names) for names in (*GIVEN.values(), *FAMILY.values()))


def test_consents_hold_refusals_withdrawals_and_silence() -> None:
    marketing, personal = state_now("marketing"), state_now("personalization")
    assert 0.75 < marketing["granted"] / 4372 < 0.81
    assert 0.67 < personal["granted"] / 4372 < 0.73
    for counts in (marketing, personal):
        assert counts["denied"] > 100
        assert counts["withdrawn"] > 100
        assert sum(counts.values()) < 4372 - 300  # the others never said anything


def test_nothing_was_said_or_sent_after_the_clock() -> None:
    for name, column in (("consents", "happened_at"), ("preferences", "happened_at"), ("past_sends", "happened_at")):
        assert max(row[column] for row in rows(name)) < "2011-12-09T12:50:00"
    assert all(row["wording"] and row["basis"] and row["source"] for row in rows("consents"))


def test_every_sellable_item_has_a_checked_link_and_one_dead_page_is_known() -> None:
    status = {row["url"]: row["status"] for row in rows("links")}
    assert all(status[row["url"]] == "ok" for row in rows("catalogue") if row["sellable"] == "true")
    assert [url for url, found in status.items() if found == "dead"] == ["https://shop.example/summer-2010"]


def test_csv_files_begin_with_their_header_and_end_lines_plainly() -> None:
    for path in DATA.glob("*.csv"):
        content = Path(path).read_bytes()
        assert re.match(rb"[a-z_]+,", content), path.name
        assert b"\r" not in content


def test_what_is_ordered_most_in_each_range_has_an_idea_to_go_with_it() -> None:
    with duckdb.connect() as engine:
        counted = engine.execute(
            f"""SELECT upper(StockCode), count(DISTINCT InvoiceNo) FROM read_parquet('{DATA / "online_retail.parquet"}')
            WHERE Quantity > 0 AND InvoiceDate >= TIMESTAMP '2011-06-01' GROUP BY 1"""
        ).fetchall()
    orders, there = dict(counted), [row for row in rows("catalogue") if not row["active_to"] and row["stock"] != "0"]
    for kind in {row["range"] for row in there} - {""}:
        most = sorted((r for r in there if r["range"] == kind), key=lambda r: -orders.get(r["item_id"], 0))[:8]
        assert all(row["note"] for row in most), (kind, [row["title"] for row in most if not row["note"]])
