"""The algebra of facts: night and live agree, order says nothing, windows and ties are exact."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.know.aggregates import Aggregate, Reading
from tactful.project.facts import Fact
from tactful.testing import fact_checks
from tactful.words.clock import Clock
from tactful.words.errors import Misuse
from tactful.words.estimate import Undefined

CLOCK = Clock.at("2011-07-10T12:50:00", zone="Europe/London")


def fact(keep: str, /, **more: object) -> Fact:
    return Fact.model_validate({"from": "transactions", "keep": keep} | more)


FACTS = {
    "lines": fact("count()"),
    "sold": fact("count()", where="kind = 'sale'", needs_count=2),
    "orders": fact("count_distinct(order_id)", where="kind = 'sale' and not category in ('post')"),
    "pieces": fact("sum(quantity)", window=30),
    "spent": fact("sum(revenue)", where="kind != 'cancel'"),
    "dearest": fact("max(unit_price)", window=60),
    "smallest": fact("min(quantity)"),
    "first_item": fact("first(item_id)"),
    "last_item": fact("last(item_id)", window=20),
    "last_category": fact("last(category)"),
    "since": fact("days_since()", where="revenue > 0"),
    "favourite": fact("top(category, by: quantity)"),
    "favourite_lately": fact("top(category, by: revenue)", window=40, half_life=7),
    "often": fact("top(item_id)", half_life=3),
    "weighed_lines": fact("count()", half_life=5),
    "weighed_fine": fact("count()", half_life=5, type="decimal"),
    "weighed_spent": fact("sum(revenue)", half_life=9, window=45),
    "weighed_pieces": fact("sum(quantity)", half_life=9),
    "is_regular": fact("count_distinct(order_id)", type="flag", at_least=3),
    "stale": fact("last(item_id)", stale_after=10),
    "earliest": fact("min(happened_at)"),
    "visits": Fact.model_validate({"from": "events", "keep": "count()", "where": "name = 'visit'"}),
    "device": Fact.model_validate({"from": "events", "keep": "last(device)", "window": 15}),
    "seen_first": Fact.model_validate({"from": "events", "keep": "first(name)"}),
}
ITEMS = [
    {"item_id": "a", "title": "A", "category": "tea", "sellable": True},
    {"item_id": "b", "title": "B", "category": "candles", "sellable": True},
    {"item_id": "c", "title": "C", "category": "post", "sellable": False},
    {"item_id": "d", "title": "D", "category": None, "sellable": True},
]
INSTANTS = st.one_of(
    # Any minute of the last months, and the edges of project days in summer time (23:00 UTC is midnight in London).
    st.integers(0, 100 * 24 * 60).map(lambda minutes: CLOCK.now - timedelta(minutes=minutes)),
    st.integers(0, 70).map(CLOCK.days_before),
    st.integers(0, 70).map(lambda days: CLOCK.days_before(days) - timedelta(microseconds=1)),
)
LINES = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(["1", "2"]),
        "order_id": st.sampled_from(["o1", "o2", "o3", "o4"]),
        "line": st.integers(0, 3),
        "item_id": st.sampled_from(["a", "b", "c", "d", "gone"]),
        "quantity": st.integers(-3, 12),
        "unit_price": st.sampled_from([Decimal("2.95"), Decimal("0.0001"), Decimal("850")]),
        "happened_at": INSTANTS,
        "kind": st.sampled_from(["sale", "return", "cancel"]),
    }
)
EVENTS = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(["1", "2", "3"]),
        "event_id": st.text("xyz", min_size=1, max_size=6),
        "name": st.sampled_from(["visit", "reply"]),
        "happened_at": INSTANTS,
        "device": st.sampled_from(["phone", "desktop", None]),
    }
)


@settings(max_examples=20)
@given(lines=st.lists(LINES, min_size=1, max_size=40), events=st.lists(EVENTS, max_size=15))
def test_night_equals_live(lines: list[dict], events: list[dict]) -> None:
    tables = {"transactions": lines, "events": events, "items": ITEMS}
    fact_checks.check_night_equals_live(FACTS, tables, clock=CLOCK)


def joined(rows: list[dict]) -> list[dict]:
    items = {item["item_id"]: item for item in ITEMS}
    return [{**items.get(row["item_id"], {}), **row} for row in rows]


@settings(max_examples=25)
@given(lines=st.lists(LINES, max_size=12))
def test_states_merge_in_any_grouping(lines: list[dict]) -> None:
    for name, one in FACTS.items():
        if one.from_ == "transactions":
            fact_checks.check_merging_halves_is_folding_all(name, one, rows=joined(lines), clock=CLOCK)


def many(number: int) -> list[dict]:
    return [
        {
            "customer_id": "1",
            "order_id": f"o{i % 37}",
            "line": i % 5,
            "item_id": "abcd"[i % 4],
            "quantity": i % 11 - 2,
            "unit_price": Decimal(i % 23) / 4,
            "happened_at": CLOCK.now - timedelta(hours=7 * i % 2000, microseconds=i // 50),
            "kind": ("sale", "sale", "return")[i % 3],
        }
        for i in range(number)
    ]


@pytest.mark.parametrize("name", ["orders", "favourite_lately", "last_item", "weighed_spent", "first_item"])
def test_A12_the_order_of_arrival_does_not_matter(name: str) -> None:
    rows = joined(many(500))
    fact_checks.check_order_does_not_matter(name, FACTS[name], rows=rows, clock=CLOCK, times=40)


def test_A12_two_hundred_orders_of_five_hundred_events() -> None:
    rows = joined(many(500))
    fact_checks.check_order_does_not_matter("favourite", FACTS["favourite"], rows=rows, clock=CLOCK, times=200)


def read(one: Fact, *rows: dict, clock: Clock = CLOCK) -> object:
    aggregate = Aggregate.of("it", fact=one, zone=clock.zone)
    found = aggregate.read(aggregate.fold(rows), clock=clock)
    return found.value if isinstance(found, Reading) else found


def line(happened_at: datetime, **more: object) -> dict:
    plain = {"order_id": "o", "line": 0, "item_id": "a", "quantity": 1, "unit_price": Decimal(2), "kind": "sale"}
    return plain | {"customer_id": "1", "happened_at": happened_at} | more


def test_windows_end_at_midnight_in_project_time() -> None:
    # In July midnight in London is 23:00 UTC. A window of 2 days as of the 10th holds the 8th and the 9th.
    two_days = fact("count()", window=2)
    inside = [datetime(2011, 7, 7, 23, 0, tzinfo=UTC), datetime(2011, 7, 9, 22, 59, 59, 999999, tzinfo=UTC)]
    outside = [datetime(2011, 7, 7, 22, 59, 59, 999999, tzinfo=UTC), datetime(2011, 7, 9, 23, 0, tzinfo=UTC)]
    assert read(two_days, *map(line, inside)) == 2
    assert isinstance(read(two_days, *map(line, outside)), Undefined)
    assert read(fact("count()"), *map(line, outside)) == 2


def test_decay_is_an_integer_table() -> None:
    # Half-life one day: today weighs 1, yesterday 1/2, the day before 1/4; 10 + 6/2 + 4/4 = 14.
    decayed = fact("sum(quantity)", half_life=1)
    rows = [line(CLOCK.now - timedelta(days=d), quantity=q) for d, q in ((0, 10), (1, 6), (2, 4))]
    assert read(decayed, *rows) == 14
    # 1/2 alone: halves go away from 0.
    assert read(decayed, line(CLOCK.now - timedelta(days=1), quantity=1)) == 1
    assert read(decayed, line(CLOCK.now - timedelta(days=1), quantity=-1)) == -1
    assert read(fact("sum(revenue)", half_life=1), line(CLOCK.now - timedelta(days=1))) == Decimal("1.0000")


def test_ties_go_to_the_smaller_name_and_nothing_below_zero_is_a_favourite() -> None:
    top = fact("top(item_id, by: quantity)")
    assert read(top, line(CLOCK.now, item_id="b"), line(CLOCK.now, item_id="a")) == "a"
    gone = read(top, line(CLOCK.now, quantity=2), line(CLOCK.now, quantity=-2, kind="return"))
    assert gone == Undefined("nothing is left of it")


def test_above_the_bound_a_count_stops_and_a_favourite_is_unknown() -> None:
    rows = [line(CLOCK.now - timedelta(days=i % 3), item_id=f"i{i:05}") for i in range(4_200)]
    assert read(fact("count_distinct(item_id)"), *rows) == 4096
    assert read(fact("top(item_id)"), *rows) == Undefined("more than 4096 different values")
    facts = {"different": fact("count_distinct(item_id)"), "most": fact("top(item_id)")}
    fact_checks.check_night_equals_live(facts, {"transactions": rows}, clock=CLOCK)


@pytest.mark.parametrize(
    ("keep", "more", "what"),
    [
        ("sum(category)", {}, "holds no numbers"),
        ("sum(colour)", {}, "no column of transactions"),
        ("top(category)", {"at_least": 2}, "has no threshold"),
        ("max(quantity)", {"half_life": 9}, "does not decay"),
        ("last()", {}, "of which column"),
    ],
)
def test_a_fact_that_makes_no_sense_is_refused_by_name(keep: str, more: dict, what: str) -> None:
    with pytest.raises(Misuse, match=what):
        Aggregate.of("odd", fact=fact(keep, **more), zone="UTC")


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "UTC"])
def test_the_engine_counts_days_as_the_clock_does(zone: str) -> None:
    clock = Clock(now=datetime(2012, 4, 2, 9, 0, tzinfo=UTC), zone=zone)
    rows = [
        line(datetime(2011, 3, 27, tzinfo=UTC) + timedelta(minutes=187 * i), order_id=f"o{i}", customer_id=str(i % 300))
        for i in range(2_000)
    ]
    facts = {"since": fact("days_since()"), "weighed": fact("sum(quantity)", half_life=30, type="decimal")}
    fact_checks.check_night_equals_live(facts, {"transactions": rows}, clock=clock)


def test_told_facts_are_read_and_acquired_ones_never_used() -> None:
    now = CLOCK.now
    told = [
        ("1", "likes", "tea", "declared", now - timedelta(days=3)),
        ("1", "likes", "candles", "declared", now - timedelta(days=1)),
        ("1", "likes", "gin", "acquired", now),
        ("2", "likes", "gin", "acquired", now),
        ("2", "other", "x", "declared", now),
        ("1", "likes", "tomorrow", "declared", now + timedelta(days=1)),
    ]
    rows = [
        {"customer_id": c, "fact": f, "value_text": v, "provenance": p, "observed_at": at, "source": "desk"}
        for c, f, v, p, at in told
    ]
    known = {"likes": Fact.model_validate({"from": "facts"})}
    lines = [line(now, customer_id="1"), line(now, customer_id="2", order_id="p")]
    found = fact_checks.by_night(known, {"facts": rows, "transactions": lines}, clock=CLOCK)
    assert found == {"1": {"likes": "candles"}, "2": {"likes": None}}
