"""F70, F73–F76: an offer is alive when it is read, there for everybody it was promised to, allowed, and priced right."""

# ruff: noqa: E501  # a template is read on one line

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from scenarios.test_moment import bought, crowd, rules_of
from scenarios.town import Shop, Told, ago, agreed, approved, item, link, mails, person, read_mail, sale, sent, told
from tactful.flow.loading import load
from tactful.flow.manifest import loaded
from tactful.flow.progress import Silent
from tactful.flow.sending import send
from tactful.flow.workspace import open_workspace
from tactful.store import lake, ledger
from tactful.store.sql import Query
from tactful.words.clock import Clock
from tactful.words.message import Part

GREEDY = "offers: [none, ten-off]\nexpect: {response: 10%, margin: 20 GBP, levels: {one: 1.5}, offers: {ten-off: 2}}"


def offering(shop: Shop, terms: str = "") -> Shop:
    """The letter makes the offer wherever it may; `terms` are more lines of the offer."""
    shop.change("programs/letter.yaml", "expect: {response: 10%, margin: 20 GBP, levels: {one: 1.5}}", GREEDY)
    shop.change("offers/ten-off.yaml", "cost: 3 GBP", "cost: 0.10 GBP\n" + terms)
    shop.change(
        "content/letter/everyone.mjml",
        "{% include",
        "{% if offer %}<mj-text>{{ offer.words }}. {{ offer.terms }}</mj-text>{% endif %}\n{% include",
    )
    shop.change(
        "content/letter/yours.mjml",
        "{% include",
        "{% if offer %}<mj-text>{{ offer.words }}. {{ offer.terms }}</mj-text>{% endif %}\n{% include",
    )
    return shop


def offered(found: Told) -> set[str]:
    """Whose letters make the offer."""
    return {name for name in found.words if "10% off" in found.words[name][Part.TEXT]}


@pytest.mark.parametrize(
    ("ends", "is_made"),
    [
        ("2011-12-08", False),
        ("2011-12-09", False),
        ("2011-12-10T12:49:59", False),
        ("2011-12-10T12:50:00", True),
        ("2011-12-11", True),
    ],
)
def test_F70_an_offer_is_made_only_if_it_is_alive_when_the_letter_is_opened(
    shop: Shop, ends: str, is_made: bool
) -> None:
    found = offering(shop, f"ends: {ends}").told(**bought(crowd(3)))
    assert len(found.words) == 3, "another offer, or none; the letter goes"
    assert offered(found) == (set(found.words) if is_made else set())
    assert found.held == {}
    if is_made:
        last = date.fromisoformat(ends[:10])
        assert all(f"{last.day} December 2011" in found.words[name][Part.TEXT] for name in found.words)


def test_F70_a_letter_whose_offer_ended_while_it_waited_does_not_leave(shop: Shop) -> None:
    """Approved in time and sent too late: the promise is looked at once more at the claim."""
    offering(shop, "ends: 2011-12-11")
    rows = bought(crowd(3))
    with shop.opened(**rows) as space:
        found = told(space)
        assert offered(found) == {"c0", "c1", "c2"}
        run = approved(space, found.run)
        late = replace(space, clock=Clock.at("2011-12-12T10:00:00", zone="Europe/London"))
        done = send(late, run, progress=Silent())
    assert done.accepted == 0, done.states
    assert mails(shop.root) == []


def test_F73_no_more_is_promised_than_there_is_stock_and_the_next_run_knows(shop: Shop) -> None:
    offering(shop, "stock: 50")
    shop.change("policy.yaml", "most: 2, days", "most: 9, days")
    with shop.opened(**bought(crowd(400))) as space:
        found = told(space)
        assert len(offered(found)) == 50
        assert len(found.words) >= 50
        sent(space, found.run)
        with space.ledger.reading() as tx:
            held = ledger.ask(tx, Query("test.promises", "SELECT count(*) AS promises FROM incentive"))
        assert held[0]["promises"] == 50
        again = told(space, occasion="2011-12-10")
        assert offered(again) == set()
    texts = [read_mail(payload)[1]["text/plain"] for payload in mails(shop.root)]
    assert sum("10% off" in text for text in texts) == 50


def priced(shop: Shop, *items: dict[str, object]) -> Told:
    """One customer for each item, who ordered it before."""
    people = crowd(len(items))
    return shop.told(
        customers=people, items=[item(f"i{n}", **said) for n, said in enumerate(items)], consents=agreed(people),
        links=[link(f"i{n}") for n in range(len(items))], transactions=[sale(f"c{n}", f"i{n}") for n in range(len(items))],
    )  # fmt: skip


def test_F74_a_price_of_nothing_is_in_no_letter(shop: Shop) -> None:
    found = priced(shop, {"list_price": Decimal(0)}, {"list_price": Decimal(-5)}, {"list_price": None}, {})
    assert set(found.words) == {"c0", "c1", "c2", "c3"}
    assert {name for name in found.leaving if "£" in found.words[name][Part.TEXT]} == {"c3"}
    assert {name for name in found.leaving if "It costs" in found.words[name][Part.TEXT]} == {"c3"}


@pytest.mark.parametrize("value", ["110%", "-5%", "0%", "NaN"])
def test_F74_a_discount_that_cannot_be_does_not_compile(shop: Shop, value: str) -> None:
    shop.change("offers/ten-off.yaml", "value: 10%", f"value: {value}")
    assert "value" in rules_of(shop)


def test_F74_a_catalogue_whose_prices_turned_to_nothing_is_held_and_the_old_one_stays(shop: Shop) -> None:
    """The alert: more than one in a thousand prices of 0, below it, not a number or missing."""
    shop.change(
        "sources/catalogue.yaml", "",
        "source: catalogue\nfiles: data/catalogue*.csv\nlimits: {quarantined: 0.1%}\ntables:\n  items:\n    columns:\n"
        "      item_id: {from: id}\n      title: {from: title}\n      list_price: {from: price, type: decimal, least: '0.01'}\n"
        "      currency: {value: GBP}\n      sellable: {value: 'true', type: flag}\n",
    )  # fmt: skip
    good = "id,title,price\n" + "".join(f"i{n},Bowl {n},2.95\n" for n in range(1_000))
    (shop.root / "data" / "catalogue.csv").write_text(good)
    with open_workspace(shop.root) as space:
        load(space, progress=Silent())
    for number, price in enumerate(("0", "-5", "NaN", "", "110 %")):
        bad = good.replace("i7,Bowl 7,2.95", f"i7,Bowl 7,{price}").replace("i8,Bowl 8,2.95", f"i8,Bowl 8,{price}")
        (shop.root / "data" / f"catalogue-{number}.csv").write_text(bad)
        with open_workspace(shop.root) as space:
            accounts = load(space, progress=Silent())
            (held,) = [account for account in accounts if account.file.endswith(f"catalogue-{number}.csv")]
            assert held.state == "held", price
            with space.ledger.reading() as tx:
                items = lake.read(loaded(tx, "items", root=space.lake))
        assert set(items["list_price"].to_pylist()) == {Decimal("2.9500")}


def test_F75_a_price_in_other_money_never_leaves(shop: Shop) -> None:
    found = priced(
        shop, {"currency": "EUR"}, {"currency": "USD"}, {"currency": "JPY", "list_price": Decimal("295.50")}, {}
    )
    assert "price-currency" in found.held["c0"] & found.held["c1"]
    assert "c2" not in found.leaving or "295" not in found.whole("c2")
    assert "c3" in found.leaving


@pytest.mark.parametrize(
    ("style", "text", "value"),
    [
        ("1.234,50", "1.234,50", Decimal("1234.5000")), ("1,234.50", "1,234.50", Decimal("1234.5000")),
        ("1.234,50", "1,234.50", None), ("1,234.50", "1.234,50", None), ("1234.50", "1,234.50", None), ("1234.50", "1234.50", Decimal("1234.5000")),
    ],
)  # fmt: skip
def test_F75_a_price_is_read_in_the_declared_notation_or_not_at_all(
    shop: Shop, style: str, text: str, value: Decimal | None
) -> None:
    shop.change(
        "sources/catalogue.yaml", "",
        "source: catalogue\nfiles: data/catalogue.csv\nlimits: {quarantined: 100%}\ntables:\n  items:\n    columns:\n"
        f"      item_id: {{from: id}}\n      title: {{from: title}}\n      list_price: {{from: price, type: decimal, decimal: '{style}'}}\n"
        "      currency: {value: GBP}\n      sellable: {value: 'true', type: flag}\n",
    )  # fmt: skip
    (shop.root / "data" / "catalogue.csv").write_text(f'id,title,price\ni1,Bowl,"{text}"\n')
    with open_workspace(shop.root) as space:
        load(space, progress=Silent())
        with space.ledger.reading() as tx:
            items = lake.read(loaded(tx, "items", root=space.lake))
    assert items["list_price"].to_pylist() == ([value] if value is not None else [])


@pytest.mark.parametrize("old", ["cost: 0.10 GBP", "margin: 20 GBP", "{email: 0.01 GBP}"])
def test_F75_an_amount_in_other_money_does_not_compile(shop: Shop, old: str) -> None:
    offering(shop)
    file = {"c": "offers/ten-off.yaml", "m": "programs/letter.yaml", "{": "policy.yaml"}[old[0]]
    shop.change(file, old, old.replace("GBP", "EUR"))
    assert rules_of(shop) == {"currency"}


@pytest.mark.parametrize(
    ("terms", "allowed", "reason"),
    [
        ("countries: [United Kingdom]", {"home", "child"}, "offer_not_here"), ("channels: [web]", set(), "offer_not_here"),
        ("least_age: 18", {"home"}, "too_young"), ("who: orders > 5", set(), "offer_not_here"), ("starts: 2011-12-12", set(), "offer_not_here"),
    ],
)  # fmt: skip
def test_F76_an_offer_that_is_not_for_them_is_out_before_ranking_and_the_log_says_why(
    shop: Shop, terms: str, allowed: set[str], reason: str
) -> None:
    offering(shop, terms)
    people = [
        person("home", country="United Kingdom", birth_date=date(1980, 2, 3)), person("away", country="France"),
        person("child", country="United Kingdom", birth_date=date(2000, 1, 1)), person("nowhere"),
    ]  # fmt: skip
    found = shop.told(**bought(people))
    assert set(found.words) == {"home", "away", "child", "nowhere"}, "the letter goes without the offer"
    assert offered(found) == allowed
    arms = {row["arm_id"] for row in found.tables["arms"].to_pylist() if row["offer_id"] == "ten-off"}
    owner = {row["decision_id"]: name for name, row in found.decisions.items()}
    said: dict[str, set[object]] = {}
    for row in found.tables["candidates"].to_pylist():
        if row["arm_id"] in arms:
            said.setdefault(owner[row["decision_id"]], set()).add(row["reason"])
            assert row["propensity"] == 0 or owner[row["decision_id"]] in allowed
    assert all(said[name] == {None} for name in allowed)
    assert any(reason in said[name] for name in set(said) - allowed)
    assert all(None not in said[name] for name in set(said) - allowed)


def test_the_shop_makes_its_offer_in_the_first_place(shop: Shop) -> None:
    people = [person("c1")]
    found = offering(shop).told(
        customers=people, items=[item("i1")], links=[link("i1")], consents=agreed(people),
        transactions=[sale("c1", "i1", happened_at=ago(3))],
    )  # fmt: skip
    assert offered(found) == {"c1"}
