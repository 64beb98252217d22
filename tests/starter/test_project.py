"""The starter as a project: it loads, says what the design says, and its numbers let silence win sometimes."""

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import yaml

from tactful.project.reading import read_project
from tactful.project.starters import plant
from tactful.words.fact import Purpose, Speak
from tactful.words.level import Level
from tools.build_starter import STARTER

PROJECT = read_project(STARTER)
LINES = f"read_parquet('{STARTER / 'data' / 'online_retail.parquet'}')"


def count(sql: str) -> int:
    with duckdb.connect() as engine:
        return int(engine.execute(sql).fetchall()[0][0])


def test_the_clock_stands_at_the_last_invoice() -> None:
    assert PROJECT.settings.clock == "2011-12-09T12:50:00+00:00"
    assert count(f"SELECT epoch(max(InvoiceDate))::BIGINT FROM {LINES}") == 1323435000


def test_every_program_has_all_four_levels_and_the_three_offers_exist() -> None:
    assert set(PROJECT.programs) == {"win-back", "again-and-new", "thank-you"}
    assert set(PROJECT.offers) == {"none", "free-delivery", "ten-off"}
    for program in PROJECT.programs.values():
        assert set(program.levels) == {Level.ALL, Level.MANY, Level.FEW, Level.ONE}


def test_only_the_service_letter_escapes_the_holdout_and_it_offers_nothing() -> None:
    assert PROJECT.programs["thank-you"].purpose is Purpose.SERVICE
    assert PROJECT.programs["thank-you"].offers == ("none",)
    assert PROJECT.policy.universal_holdout == Decimal("0.05")
    assert not PROJECT.programs["thank-you"].purpose.may_hold_out


def test_patterns_select_and_are_never_spoken() -> None:
    for name in ("several_orders", "orders_often", "order_count", "days_since_order"):
        assert PROJECT.facts[name].speak is Speak.NEVER
    assert PROJECT.facts["favourite_range"].speak is Speak.SEGMENT


def test_few_differs_from_many_by_a_pattern() -> None:
    for program in PROJECT.programs.values():
        many, few = program.levels[Level.MANY], program.levels[Level.FEW]
        assert set(many.by) < set(few.by)
        (pattern,) = set(few.by) - set(many.by)
        assert PROJECT.facts[pattern].type == "flag"


def test_the_offers_say_the_words_of_the_brief() -> None:
    assert PROJECT.offers["free-delivery"].words == "Delivery on your next order is free until {date}"
    assert PROJECT.offers["ten-off"].words == "10% off until {date}"


def value(program: str, level: Level, *, offer: str = "none") -> Decimal:
    """Expected value of one letter by the stated expectation, in pounds: margin less contact, level and offer."""
    plan, policy = PROJECT.programs[program].expect, PROJECT.policy
    gain = plan.response * plan.margin.amount * plan.levels[level] * plan.offers.get(offer, Decimal(1))
    given = PROJECT.offers[offer]
    cost = given.cost.amount * given.used if given.cost is not None else Decimal(0)
    return gain - policy.contact_cost["email"].amount - policy.level_cost[level].amount - cost


def test_silence_wins_where_a_monthly_letter_cannot_be_relevant() -> None:
    assert value("again-and-new", Level.ALL) < 0
    assert all(value("again-and-new", level) > 0 for level in (Level.MANY, Level.FEW, Level.ONE))
    assert all(value("win-back", level) > 0 for level in PROJECT.programs["win-back"].levels)


def test_an_offer_pays_at_one_level_and_not_at_another() -> None:
    gains = [
        value("win-back", level, offer="free-delivery") - value("win-back", level) for level in (Level.ALL, Level.ONE)
    ]
    assert gains[0] < 0 < gains[1]


def test_lapsing_and_recent_customers_are_counted() -> None:
    goods = (
        "CustomerID IS NOT NULL AND Quantity > 0 AND InvoiceNo < 'A' AND regexp_matches(upper(StockCode), '^[0-9]{5}')"
    )
    last = f"(SELECT max(InvoiceDate) AS last_sale FROM {LINES} WHERE {goods} GROUP BY CustomerID)"
    lapsing = count(f"SELECT count(*) FROM {last} WHERE last_sale < TIMESTAMP '2011-12-09 12:50' - INTERVAL 90 DAY")
    recent = count(f"SELECT count(*) FROM {last} WHERE last_sale::DATE >= DATE '2011-12-03'")
    program = PROJECT.programs["win-back"].expect_audience
    assert lapsing == 1449
    assert program.most is not None
    assert program.least <= lapsing <= program.most
    assert recent == 463


def test_the_traps_of_the_invoice_file_are_as_its_source_says() -> None:
    assert count(f"SELECT count(*) FROM {LINES}") == 541_909
    assert count(f"SELECT count(*) FROM {LINES} WHERE CustomerID IS NULL") == 135_080
    assert count(f"SELECT count(*) FROM {LINES} WHERE InvoiceNo >= 'C' AND InvoiceNo < 'D'") == 9_288
    assert count(f"SELECT count(*) FROM {LINES} WHERE InvoiceNo < 'A' AND Quantity < 0") == 1_336
    assert count(f"SELECT count(*) FROM {LINES} WHERE InvoiceNo < 'A' AND Quantity < 0 AND UnitPrice <> 0") == 0
    assert count(f"SELECT count(*) FROM {LINES} WHERE UnitPrice < 0") == 2
    assert count(f"SELECT count(*) FROM {LINES} WHERE UnitPrice = 0 AND Quantity > 0") == 1_179
    assert count(f"SELECT count(*) FROM {LINES} WHERE NOT regexp_full_match(InvoiceNo, '[AC]?[0-9]{{6}}')") == 0


def test_every_invented_file_says_so_in_its_source() -> None:
    for name in ("contacts", "consents", "preferences", "suppressions", "past_sends", "links"):
        declared = yaml.safe_load((STARTER / "sources" / f"{name}.yaml").read_text("utf-8"))
        assert "invented" in declared["title"].lower(), name
    assert PROJECT.sources["online_retail"].licence == "CC BY 4.0"


def test_the_readme_names_every_file_and_folder() -> None:
    words = (STARTER / "README.md").read_text("utf-8")
    for path in STARTER.iterdir():
        if path.name != "README.md":
            assert f"`{path.name}{'/' if path.is_dir() else ''}`" in words, path.name


def test_topics_that_customers_turned_off_are_topics_of_letters() -> None:
    spoken = {topic for content in PROJECT.contents.values() for topic in content.topics}
    with (STARTER / "data" / "preferences.csv").open(encoding="utf-8", newline="") as file:
        turned_off = {topic for row in csv.DictReader(file) for topic in row["topics_off"].split("; ")} - {""}
    assert turned_off == spoken == {"ideas", "new things"}


def test_the_starter_can_be_planted_and_read_where_it_stands(tmp_path: Path) -> None:
    plant("retail", tmp_path / "shop")
    assert set(read_project(tmp_path / "shop").programs) == set(PROJECT.programs)
