"""The table of limits says what there is, what is used, what a unit costs and what more would be worth."""

import pytest

from decide.worlds import PROGRAM, TEN_OFF, run, shop
from tactful.flow import limits

GREEDY = {"exploration": {"most": "0%"}}


def told(**limited):
    project = shop(programs=[PROGRAM | {"limits": limited}], offers=[TEN_OFF | {"stock": 50_000}], policy=GREEDY)
    inputs = run(project, 60)
    return inputs, {row["resource"]: row for row in limits.facts(inputs, currency="GBP")}


def test_a_limit_that_is_short_has_a_price_and_one_that_is_not_has_none():
    _, rows = told(sends_per_day=20)
    short, wide = rows["sends:win-back"], rows["stock:ten-off"]
    assert (short["used"], short["most"], short["binds"]) == (20, 20, True)
    assert (wide["most"], wide["binds"], wide["worth"]) == (50_000, False, "£0.00")
    assert short["price"] != "£0.00"
    lines = list(limits.lines(list(rows.values()), drawn_by={"draw": 40, "exact": 20}))
    assert lines[0].split() == ["limit", "used", "there", "is", "one", "costs"]
    assert any(line.startswith("sends:win-back is short: a thousand more a day would be worth £") for line in lines)
    assert lines[-1] == (
        "Limits had a part in 20 by exact; repair and exact, 33.3% of all decisions, are left out when policies are "
        "evaluated."
    )


def test_a_unit_is_told_in_hundredths_of_a_penny_and_the_gap_is_certified():
    inputs, rows = told(sends_per_day=20)
    assert rows["sends:win-back"]["price"].endswith("p")
    said = limits.certificate(inputs, currency="GBP")
    assert 0 <= said["gap"] < 0.01
    (line,) = [line for line in limits.lines(list(rows.values()), drawn_by={}, certified=said) if "decided" in line]
    assert line.startswith(f"What was decided is worth {said['worth']}; no other decisions within the limits")
    free, _ = told()
    assert limits.certificate(free, currency="GBP") == {}


def test_what_exploring_gives_up_is_told_beside_the_gap():
    """Three in ten are left to chance: what the certificate leaves open is that, and hardly anything else."""
    policy = {"exploration": {"most": "30%", "budget": "50 GBP"}}
    project = shop(programs=[PROGRAM | {"limits": {"sends_per_day": 300}}], offers=[TEN_OFF], policy=policy)
    inputs = run(project, 800)
    used = limits._Used.of(inputs, rows=inputs["prices"])
    rows = {row["resource"]: row for row in inputs["prices"].to_pylist()}
    bound = next(row["bound"] for row in rows.values() if row["bound"] is not None)
    assert rows["exploration:most"]["load"] == pytest.approx(bound - used.worth(), rel=0.15)
    said = limits.certificate(inputs, currency="GBP")
    lines = list(limits.lines(limits.facts(inputs, currency="GBP"), drawn_by={}, certified=said))
    assert any(line.endswith(f"; exploring was expected to give up {said['exploring']}).") for line in lines)


def test_a_budget_is_told_in_money():
    _, rows = told(budget="1 GBP")
    assert (rows["budget:win-back"]["there_is"], rows["budget:win-back"]["unit"]) == ("£1.00", "score units")
    assert rows["budget:win-back"]["is_used"] <= "£1.00"


def test_without_limits_there_is_no_table():
    inputs = run(shop(programs=[PROGRAM | {"offers": ["none"]}]), 5)
    assert limits.facts(inputs, currency="GBP") == []
    assert list(limits.lines([], drawn_by={})) == []
