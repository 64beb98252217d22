"""Which variants pay for themselves: hand-worked shops, what a closed one says, and what stood before."""

import pyarrow as pa
import pytest

from tactful.decide import portfolio
from tactful.decide.arms import Arms
from tactful.learn import beliefs
from tactful.words.level import Level
from tests.decide.worlds import CLOCK, PROGRAM, prepared, shop, table, why_not, world

NO_WEB = PROGRAM | {"touchpoints": ["email"], "offers": ["none"]}
KIND = {"familiarity": 1 << 20, "knowledge": 1 << 20, "consents": ["marketing:email", "personalization:any"]}
# A message at all brings 3 % of 20 GBP less 1p: 59p; at many 1.2 times 60p less 1p: 71p; at few 78p less 3p: 75p.


def people(**sizes: int) -> dict[str, dict[str, object]]:
    """Customers by favourite range."""
    return {f"{name}{n}": KIND | {"favourite_range": name} for name, size in sizes.items() for n in range(size)}


def weighed(policy, *, known, programs=(NO_WEB,), past=None):
    """A world whose portfolio was weighed, with its project."""
    project = shop(programs=programs, policy=policy)
    inputs = world(shop(programs=programs), known)
    inputs |= {"beliefs": pa.Table.from_batches([beliefs.prior(project, inputs["arms"], clock=CLOCK)])}
    if past is not None:
        inputs["past_portfolio"] = past
    inputs["portfolio"] = table(portfolio.build(inputs, project=project), "portfolio")
    return project, inputs


def seen(inputs) -> dict[tuple[str, str], dict]:
    """Portfolio rows by level and cell."""
    return {(row["level"], row["cell"]): row for row in inputs["portfolio"].to_pylist()}


LEVELS = {"all": PROGRAM["levels"]["all"], "many": PROGRAM["levels"]["many"]}
TWO = NO_WEB | {"levels": LEVELS}


def test_without_a_stated_cost_everything_with_people_enough_is_open_and_nothing_is_weighed():
    inputs = world(shop(), people(tea=4, cakes=1))
    rows = seen(inputs)
    assert rows["many", '{"favourite_range":"tea"}']["open"]
    small = rows["many", '{"favourite_range":"cakes"}']
    assert (small["open"], small["why_closed"]) == (False, "ceiling_small_cell")
    assert {row["worth"] for row in rows.values()} == {None}
    assert {row["bound"] for row in rows.values()} == {None}


def test_a_variant_of_their_own_opens_where_it_adds_more_than_it_costs():
    # Beside one for all, a range's own words add 71 - 59 = 12p for each of its people: 10 are worth 1.20, 4 are 0.48.
    policy = {"variants": {"cost": {"many": "1 GBP"}}}
    _, inputs = weighed(policy, known=people(tea=10, cakes=4), programs=(TWO,))
    rows = seen(inputs)
    tea, cakes = (rows["many", f'{{"favourite_range":"{name}"}}'] for name in ("tea", "cakes"))
    assert (tea["open"], tea["worth"], tea["cost"]) == (True, 120_000, 100_000)
    assert (cakes["open"], cakes["worth"], cakes["why_closed"]) == (False, 48_000, "variant_closed")
    # 10 × 71p + 4 × 59p - 1 GBP, which nothing passes.
    assert tea["value"] == tea["bound"] == 710_000 + 236_000 - 100_000


def test_runs_share_the_cost_rounded_up():
    policy = {"variants": {"cost": {"many": "1 GBP"}, "runs": 3}}
    _, inputs = weighed(policy, known=people(tea=10, cakes=4), programs=(TWO,))
    rows = seen(inputs)
    assert rows["many", '{"favourite_range":"cakes"}']["cost"] == 33_334
    assert rows["many", '{"favourite_range":"cakes"}']["open"]


def test_who_may_not_be_told_counts_for_nothing():
    known = people(tea=10, cakes=4)
    for number in range(3):
        known[f"tea{number}"] |= {"consents": []}
    _, inputs = weighed({"variants": {"cost": {"many": "1 GBP"}}}, known=known, programs=(TWO,))
    tea = seen(inputs)["many", '{"favourite_range":"tea"}']
    assert (tea["open"], tea["worth"], tea["people"]) == (False, 84_000, 10)


def test_a_closed_variant_is_said_to_nobody_and_the_desk_hears_why():
    project, inputs = weighed({"variants": {"cost": {"many": "1 GBP"}}}, known=people(tea=10, cakes=4), programs=(TWO,))
    inputs["inputs"] = prepared(project, inputs)
    assert why_not(project, inputs, "cakes1", level=Level.MANY) == {"variant_closed"}
    assert why_not(project, inputs, "cakes1", level=Level.ALL) == {None}
    assert why_not(project, inputs, "tea1", level=Level.MANY) == {None}


def test_where_even_one_for_all_does_not_pay_nothing_is_said():
    project, inputs = weighed({"variants": {"cost": {"all": "90 GBP", "many": "90 GBP"}}},
                              known=people(tea=10), programs=(TWO,))  # fmt: skip
    inputs["inputs"] = prepared(project, inputs)
    assert {row["open"] for row in inputs["portfolio"].to_pylist()} == {False}
    assert why_not(project, inputs, "tea1") == {"variant_closed"}


@pytest.mark.parametrize(("cost", "is_open"), [("1.05 GBP", True), ("1.25 GBP", True), ("1.40 GBP", False)])
def test_what_was_open_stays_until_closing_gains_more_than_the_hold(cost, is_open):
    _, before = weighed({"variants": {"cost": {"many": "1 GBP"}}}, known=people(tea=10, cakes=4), programs=(TWO,))
    policy = {"variants": {"cost": {"many": cost}, "hold": "10%"}}
    _, after = weighed(policy, known=people(tea=10, cakes=4), programs=(TWO,), past=before["portfolio"])
    assert seen(after)["many", '{"favourite_range":"tea"}']["open"] is is_open
    assert not seen(after)["many", '{"favourite_range":"cakes"}']["open"]


def test_what_was_closed_stays_closed_until_opening_gains_more_than_the_hold():
    known = people(tea=10, cakes=4)
    _, before = weighed({"variants": {"cost": {"many": "2 GBP"}}}, known=known, programs=(TWO,))
    for cost, is_open in (("1.15 GBP", False), ("1.05 GBP", True)):
        policy = {"variants": {"cost": {"many": cost}}}
        _, after = weighed(policy, known=known, programs=(TWO,), past=before["portfolio"])
        assert seen(after)["many", '{"favourite_range":"tea"}']["open"] is is_open


def test_a_site_shows_what_mails_do_not_pay_for():
    project, inputs = weighed(
        {"variants": {"cost": {"all": "90 GBP", "many": "90 GBP"}}},
        known=people(tea=10), programs=(TWO | {"touchpoints": ["email", "web.home_hero"]},),
    )  # fmt: skip
    inputs["inputs"] = prepared(project, inputs)
    assert why_not(project, inputs, "tea1") == {"variant_closed"}
    assert None in why_not(project, inputs, "tea1", touchpoint="web.home_hero")
    assert Arms.of(inputs["arms"]).pull_touchpoints == ("web.home_hero",)
