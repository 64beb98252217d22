"""Profiles of small worlds worked out by hand, and of the real customers."""

import json
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tactful.know import completeness, explanation, profiles
from tactful.store import contracts
from tactful.testing.fact_checks import rows_of
from tactful.words.clock import Clock
from tactful.words.errors import Misuse
from tactful.words.ids import customer_key

CLOCK = Clock.at("2011-12-09T12:50:00", zone="Europe/London")
SALE = "kind = 'sale' and sellable = true"
ORDERS = {"from": "transactions", "keep": "count_distinct(order_id)", "where": "kind = 'sale'"}


def built(project, **tables) -> list[dict]:
    return profiles_of(project, **tables).to_pylist()


def profiles_of(project, **tables) -> pa.Table:
    batches = list(profiles.build(tables, project=project, clock=CLOCK))
    found = [batch for batch in batches if batch.schema.metadata[b"table"] == b"profiles"]
    return pa.Table.from_batches(found) if found else pa.table({})


def by_id(rows: list[dict]) -> dict[str, dict]:
    return {row["customer_id"]: row for row in rows}


def person(customer_id: str, **more: object) -> dict:
    return {"customer_id": customer_id, "source": "crm", "loaded_at": CLOCK.now - timedelta(days=9)} | more


def sale(customer_id: str, order_id: str, *, days: int = 0, item: str = "a") -> dict:
    return {
        "customer_id": customer_id,
        "order_id": order_id,
        "item_id": item,
        "quantity": 1,
        "unit_price": Decimal(2),
        "happened_at": CLOCK.now - timedelta(days=days),
        "kind": "sale",
    }


def test_each_field_is_what_the_latest_source_says(make_project) -> None:
    now = CLOCK.now
    customers = [
        person("1", email="old@example.com", given_name="ANNA", country="EIRE"),
        person("1", email=None, given_name="Anna", country="EIRE", loaded_at=now - timedelta(days=1)),
        person("1", source="shop", email="shop@example.com", country="France", loaded_at=now - timedelta(days=5)),
        person("2", given_name="MR J SMITH LTD", zone="Mars/Base", country="USA", birth_date=date(1970, 1, 1)),
        person("3", given_name="Loren", zone="Asia/Tokyo", birth_date=date(1980, 2, 29)),
    ]
    rows = by_id(built(make_project(), customers=rows_of("customers", customers)))
    # Within a source the later record replaces the earlier one, blanks included; another source fills what it leaves.
    assert rows["1"]["email"] == "shop@example.com"
    assert rows["1"]["country"] == "EIRE"
    assert rows["1"]["zone"] == "Europe/Dublin"
    assert rows["1"]["salutation_name"] == "Anna"
    assert rows["1"]["email_usable"]
    assert (rows["2"]["salutation_name"], rows["2"]["zone"], rows["2"]["email_usable"]) == (None, None, False)
    assert (rows["3"]["salutation_name"], rows["3"]["zone"]) == ("Loren", "Asia/Tokyo")


def test_a_clock_before_everything_is_a_mistake_and_an_empty_shop_is_not(make_project) -> None:
    project = make_project()
    coming = rows_of("transactions", [sale("1", "o", days=-3), sale("2", "p", days=-2)])
    with pytest.raises(Misuse, match=r"it stands at 2011-12-09 12:50, before all 2 .*of 2011-12-11.*system"):
        built(project, transactions=coming)
    nobody = profiles_of(project)
    assert nobody.num_rows == 0
    assert "orders" in nobody.schema.names


@pytest.mark.parametrize("born", [date(1900, 1, 1), date(1970, 1, 1), date(1899, 5, 5), date(2012, 1, 1)])
def test_F35_default_birth_dates_are_unknown(make_project, born: date) -> None:
    customers = [person("1", birth_date=born), person("2", birth_date=date(1996, 4, 5))]
    rows = by_id(built(make_project(), customers=rows_of("customers", customers)))
    assert (rows["1"]["birth_date"], rows["2"]["birth_date"]) == (None, date(1996, 4, 5))


def test_K8_people_without_purchases_have_their_own_stage_and_say_why(make_project) -> None:
    visit = {"event_id": "e", "customer_id": "3", "name": "visit", "happened_at": CLOCK.now}
    rows = by_id(
        built(
            make_project(),
            customers=rows_of("customers", [person("1")]),
            transactions=rows_of("transactions", [sale("2", "o")]),
            events=rows_of("events", [visit, visit | {"customer_id": None}]),
        )
    )
    assert {name: row["stage"] for name, row in rows.items()} == {"1": "prospect", "2": "customer", "3": "prospect"}
    assert all(row["customer_key"] == customer_key(name) for name, row in rows.items())
    assert rows["1"]["familiarity"] is None
    assert json.loads(rows["1"]["familiarity_parts"]) == {
        "undefined": "no order yet, so nothing to expect further ones from"
    }
    assert "at least 30 are needed" in rows["2"]["familiarity_parts"]
    assert json.loads(rows["3"]["knowledge_parts"]) == {"undefined": "nothing chosen yet"}


def test_the_first_stage_that_holds_is_the_stage(make_project) -> None:
    facts = {"orders": ORDERS, "since": {"from": "transactions", "keep": "days_since()"}}
    stages = (
        {"stage": "lapsing", "when": "orders >= 1 and since > 90"},
        {"stage": "regular", "when": "orders >= 2"},
        {"stage": "new", "when": "orders is known"},
    )
    lines = [sale("1", "a", days=91), sale("2", "b", days=1), sale("2", "c", days=90), sale("3", "d", days=90)]
    rows = by_id(
        built(
            make_project(facts, stages=stages),
            customers=rows_of("customers", [person("4")]),
            transactions=rows_of("transactions", lines),
        )
    )
    stages_found = {name: row["stage"] for name, row in rows.items()}
    assert stages_found == {"1": "lapsing", "2": "regular", "3": "new", "4": profiles.NO_STAGE}


def test_what_happens_after_the_clock_does_not_exist(make_project) -> None:
    rows = built(make_project(), transactions=rows_of("transactions", [sale("1", "o", days=-1), sale("2", "p")]))
    assert [row["customer_id"] for row in rows] == ["2"]


def test_consents_and_wishes_stand_on_the_profile(make_project) -> None:
    said = [
        ("1", "marketing", "email", "granted", 5),
        ("1", "marketing", "email", "withdrawn", 3),
        ("2", "marketing", "any", "granted", 5),
        ("2", "personalization", "any", "denied", 5),
    ]
    consent = [
        {"customer_id": c, "purpose": p, "channel": ch, "state": s, "happened_at": CLOCK.now - timedelta(days=d)}
        | {"source": "form", "recorded_at": CLOCK.now - timedelta(days=1)}
        for c, p, ch, s, d in said
    ]
    wishes = [
        {"customer_id": "1", "dial": "few", "topics_off": '["candles","tea"]', "happened_at": CLOCK.now}
        | {"recorded_at": CLOCK.now, "source": "page"},
        {"customer_id": "1", "dial": "one", "topics_off": "", "happened_at": CLOCK.now - timedelta(days=1)}
        | {"recorded_at": CLOCK.now, "source": "page", "frequency": "monthly"},
    ]
    rows = by_id(
        built(
            make_project(),
            customers=rows_of("customers", [person("1"), person("2"), person("3")]),
            consent=rows_of("consent", consent),
            preference=rows_of("preference", wishes),
        )
    )
    assert (rows["1"]["consents"], rows["1"]["withdrawn"]) == ([], ["marketing:any", "marketing:email"])
    assert "marketing:any" in rows["2"]["consents"]
    assert "marketing:email" in rows["2"]["consents"]
    assert not any(place.startswith("personalization") for place in rows["2"]["consents"])
    assert (rows["3"]["consents"], rows["3"]["withdrawn"], rows["3"]["topics_off"]) == ([], [], [])
    assert (rows["1"]["dial"], rows["1"]["topics_off"], rows["1"]["frequency"]) == (
        "few",
        ["candles", "tea"],
        "monthly",
    )


def test_F27_nobody_rises_from_the_dead_because_a_column_is_missing(make_project) -> None:
    facts = {"orders": ORDERS, "deceased": {"from": "facts", "type": "flag", "provenance": "declared"}}
    told = {"customer_id": "1", "fact": "deceased", "value_integer": 1, "provenance": "declared", "source": "letter"}
    later = person("1", loaded_at=CLOCK.now, given_name="Anna")
    rows = built(
        make_project(facts),
        customers=rows_of("customers", [later]),
        facts=rows_of("facts", [told | {"observed_at": CLOCK.now - timedelta(days=400)}]),
    )
    assert rows[0]["deceased"] is True


def test_stale_facts_fall_silent_and_say_so(make_project) -> None:
    facts = {"orders": ORDERS, "last_item": {"from": "transactions", "keep": "last(item_id)", "stale_after": 30}}
    project = make_project(facts)
    table = profiles_of(project, transactions=rows_of("transactions", [sale("1", "o", days=40)]))
    row = table.to_pylist()[0]
    assert row["last_item"] is None
    assert row["last_item__as_of"] == CLOCK.now - timedelta(days=40)
    told = {one.name: one for one in explanation.explain(row, project=project, clock=CLOCK)}
    assert told["last_item"].because[-1] == "silent: older than 30 days"
    assert told["orders"].value == "1"
    report = completeness.report({"profiles": table}, project=project, clock=CLOCK)
    found = {one["fact"]: one for one in report.to_pylist()}
    assert (found["last_item"]["known"], found["last_item"]["stale"]) == (0, 1)
    assert (found["orders"]["known"], found["orders"]["oldest_days"]) == (1, 40)
    lines = list(completeness.lines(report))
    assert len(lines) == report.num_rows
    assert all(len(line) == len(completeness.HEADINGS) for line in lines)


def test_profiles_do_not_depend_on_the_order_of_rows(make_project) -> None:
    lines = rows_of("transactions", [sale(str(i % 7), f"o{i % 40}", days=i % 90, item="ab"[i % 2]) for i in range(300)])
    items = rows_of(
        "items", [{"item_id": i, "category": i * 3, "sellable": True, "loaded_at": CLOCK.now} for i in "ab"]
    )
    project = make_project({"orders": ORDERS, "top": {"from": "transactions", "keep": "top(category)"}})
    first = built(project, transactions=lines, items=items)
    turned = lines.take(pa.array(list(reversed(range(len(lines))))))
    assert built(project, transactions=turned, items=items) == first


def test_asking_for_few_customers_at_once_changes_nothing(make_project) -> None:
    facts = {
        "orders": ORDERS,
        "top": {"from": "transactions", "keep": "top(item_id)"},
        "visits": {"from": "events", "keep": "count()", "half_life": 9},
        "device": {"from": "events", "keep": "top(device)"},
        "likes": {"from": "facts"},
        "home": {"from": "customers", "column": "country", "where": "language = 'en'"},
    }
    when = CLOCK.now - timedelta(days=3)
    event = {"name": "visit", "happened_at": when, "device": "phone"}
    tables = {
        "transactions": [sale(str(i % 23), f"o{i % 40}", days=i % 90, item="ab"[i % 2]) for i in range(300)],
        "events": [event | {"event_id": f"e{i}", "customer_id": str(i % 29)} for i in range(60)],
        "customers": [person(str(i), country="France", language="en" if i % 2 else "fr") for i in range(31)],
        "facts": [
            {"customer_id": "4", "fact": "likes", "value_text": "tea", "observed_at": when, "provenance": "declared"}
        ],
    }
    given = {name: rows_of(name, rows) for name, rows in tables.items()}
    project = make_project(facts)
    whole = list(profiles.build(given, project=project, clock=CLOCK))[-1].to_pylist()
    few = [
        row for b in list(profiles.build(given, project=project, clock=CLOCK, at_once=7))[2:] for row in b.to_pylist()
    ]
    assert len(whole) == 31
    assert few == whole
    found = by_id(whole)["4"]
    assert (found["likes"], found["home"], found["device"], found["visits"]) == ("tea", None, "phone", 2)
    assert by_id(whole)["5"]["home"] == "France"


FACTS = {
    "orders": ORDERS,
    "lines": {"from": "transactions", "keep": "count()"},
    "spent": {"from": "transactions", "keep": "sum(revenue)"},
    "since": {"from": "transactions", "keep": "days_since()", "where": SALE},
    "favourite_range": {
        "from": "transactions",
        "keep": "top(category, by: quantity)",
        "where": SALE,
        "window": "365 days",
        "half_life": "90 days",
    },
    "last_item": {"from": "transactions", "keep": "last(item_id)", "where": SALE},
    "favourite_item": {"from": "transactions", "keep": "top(item_id)", "where": SALE, "half_life": "90 days"},
}


def test_the_real_customers_are_known_within_seconds(make_project, online_retail) -> None:
    project = make_project(FACTS)
    began = time.perf_counter()
    batches = list(profiles.build(online_retail, project=project, clock=CLOCK))
    seconds = time.perf_counter() - began
    found = pa.Table.from_batches([b for b in batches if b.schema.metadata[b"table"] == b"profiles"])
    # Counted on the published file: customers, their lines, their invoices that are no cancellation, and their revenue.
    assert found.num_rows == 4_372
    assert pc.sum(found["lines"]).as_py() == 406_829
    assert pc.sum(found["orders"]).as_py() == 18_536
    assert pc.sum(found["spent"]).as_py() == Decimal("8300065.8140")
    assert pc.sum(pc.equal(found["stage"], "prospect")).as_py() == 33
    assert found["familiarity"].null_count == 33
    assert found["customer_key"].to_pylist() == sorted(found["customer_key"].to_pylist())
    assert pc.min_max(found["familiarity"]).as_py()["max"] <= 1 << 20
    assert pc.min_max(found["knowledge"]).as_py()["min"] >= 0
    schema = contracts.table("profiles").schema
    assert found.schema.names[: len(schema)] == schema.names
    row = by_id(found.to_pylist())["12347"]
    # 12347 ordered seven times, the last time two days before the end.
    assert (row["orders"], row["since"], row["spent"]) == (7, 2, Decimal("4310.0000"))
    told = explanation.explain(row, project=project, clock=CLOCK)
    assert [one.name for one in told[:3]] == ["familiarity", "knowledge", "stage"]
    assert all(one.because for one in told)
    assert seconds < 10


def test_sums_hold_every_customer(make_project, online_retail) -> None:
    batches = list(profiles.build(online_retail, project=make_project(), clock=CLOCK))
    sums = pa.Table.from_batches([b for b in batches if b.schema.metadata[b"table"] == b"know_sums"])
    of_relationship = sums.filter(pc.equal(sums["sum"], "relationship"))
    assert pc.sum(of_relationship["count"]).as_py() == 4_339
    assert set(sums["sum"].unique().to_pylist()) == {"relationship", "knowledge_gain", "knowledge_squares"}
    assert sums["day"][0].as_py() == CLOCK.today


def test_an_event_only_customer_has_the_key_that_words_gives(make_project) -> None:
    names = [f"visitor {i}" for i in range(200)]
    when = datetime(2011, 12, 1, tzinfo=UTC)
    events = [{"event_id": n, "customer_id": n, "name": "visit", "happened_at": when} for n in names]
    rows = built(make_project(), events=rows_of("events", events))
    assert {row["customer_id"]: row["customer_key"] for row in rows} == {n: customer_key(n) for n in names}
