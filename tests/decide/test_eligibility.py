"""Eligibility: every no has its reason, and the ceiling follows consent, dial, familiarity and knowledge."""

from datetime import UTC, date, datetime
from itertools import product

import pyarrow as pa
import pytest

from decide.worlds import (
    CLOCK,
    OCCASION,
    PROGRAM,
    TEN_OFF,
    contact,
    outcomes,
    prepared,
    run,
    segment,
    shop,
    why_not,
    world,
)
from tactful.decide import choice
from tactful.decide.codes import PUBLISHED
from tactful.decide.people import years_before
from tactful.project.facts import Fact
from tactful.store import contracts
from tactful.words.clock import Clock
from tactful.words.ids import DecisionPoint, customer_key
from tactful.words.level import Level
from tactful.words.outcome import Reason

ALL, MANY, ONE = Level.ALL, Level.MANY, Level.ONE
RANK = {level.value: level.rank for level in Level}


def told(people, *, project=None, **more):
    """Reasons at level all without an offer, by customer."""
    project = project or shop()
    inputs = world(project, people, **more)
    inputs["inputs"] = prepared(project, inputs)
    return {name: why_not(project, inputs, name, level=ALL, offer=None).pop() for name in people}


def test_consent_missing_is_no_and_a_no_anywhere_stops():
    assert told(
        {
            "yes": {}, "any": {"consents": ["marketing:any"]}, "missing": {"consents": []}, "none": {"consents": None},
            "other": {"consents": ["service:email", "marketing:web"]}, "back": {"withdrawn": ["marketing:email"]},
            "everywhere": {"withdrawn": ["marketing:any"]}, "elsewhere": {"withdrawn": ["marketing:web"]},
        }
    ) == {
        "yes": None, "any": None, "missing": "no_consent", "none": "no_consent", "other": "no_consent",
        "back": "withdrawn", "everywhere": "withdrawn", "elsewhere": None,
    }  # fmt: skip


@pytest.mark.parametrize(("purpose", "quiet"), [("service", "no_consent"), ("transactional", None)])
def test_service_needs_its_own_yes_an_order_none_and_neither_is_held_out(purpose, quiet):
    project = shop(programs=[PROGRAM | {"purpose": purpose, "holdout": "100%"}], policy={"universal_holdout": "100%"})
    people = {"yes": {"consents": [f"{purpose}:email"]}, "quiet": {}, "no": {"withdrawn": [f"{purpose}:email"]}}
    assert told(people, project=project) == {"yes": None, "quiet": quiet, "no": "withdrawn"}


def test_addresses_suppression_and_the_deceased():
    gone = pa.table({"customer_id": ["listed", "all"], "channel": ["email", "any"]})
    found = told(
        {"good": {}, "bad": {"email_usable": False}, "none": {"email": None}, "listed": {}, "all": {},
         "dead": {"deceased": True}},
        suppressed=gone,
    )  # fmt: skip
    assert found == {
        "good": None, "bad": "no_address", "none": "no_address", "listed": "suppressed", "all": "suppressed",
        "dead": "suppressed",
    }  # fmt: skip


def test_F20_one_of_a_shared_address_is_written_to_and_one_no_is_everybodys():
    shared = {"email": " Family@Example.org "}
    found = told({"a": shared, "b": {"email": "family@example.org"}, "c": {}})
    assert sorted(map(str, found.values())) == ["None", "None", "shared_address"]
    found = told({"a": shared, "b": {"email": "family@example.org", "withdrawn": ["marketing:email"]}, "c": {}})
    assert found == {"a": "withdrawn", "b": "withdrawn", "c": None}
    found = told({"a": shared | {"consents": []}, "b": {"email": "family@example.org"}})
    assert found == {"a": "no_consent", "b": None}


def test_F20_a_neutral_shared_address_gets_nothing_above_one_for_all():
    project = shop(policy={"shared_address": "neutral"})
    people = {name: {"email": "family@example.org"} for name in ("a", "b")}
    inputs = world(project, people)
    chosen = next(name for name in people if why_not(project, inputs, name, level=ALL, offer=None) == {None})
    assert why_not(project, inputs, chosen, level=MANY, offer=None) == {"shared_address"}


def test_F35_teenagers_and_unknown_ages_where_age_matters():
    project = shop(policy={"least_age": 18})
    born = {
        "unknown": None, "default": date(1970, 1, 1), "century": date(1900, 1, 1), "fifteen": date(1996, 5, 1),
        "tomorrow": date(1993, 12, 10), "today": date(1993, 12, 9), "old": date(1930, 1, 1),
    }  # fmt: skip
    assert told({name: {"birth_date": day} for name, day in born.items()}, project=project) == {
        "unknown": "unknown_age", "default": "unknown_age", "century": "unknown_age", "fifteen": "too_young",
        "tomorrow": "too_young", "today": None, "old": None,
    }  # fmt: skip
    assert years_before(date(2012, 2, 29), years=18) == date(1994, 2, 28)


def test_caps_count_project_days_and_leave_this_occasion_out():
    rows = [("two", "2011-12-05T09:00:00"), ("two", "2011-12-08T09:00:00"), ("old", "2011-12-02T23:59:59")]
    rows += [("old", "2011-12-08T09:00:00"), ("edge", "2011-12-03T00:00:00"), ("edge", "2011-12-08T09:00:00")]
    own = contact(("own", "2011-12-09T12:50:00"), ("own", "2011-12-09T12:51:00"), occasion=OCCASION)
    contacts = pa.concat_tables([contact(*rows), own])
    assert told({n: {} for n in ("two", "old", "edge", "own")}, contact=contacts) == {
        "two": "over_cap", "old": None, "edge": "over_cap", "own": None,
    }  # fmt: skip


def test_a_customers_own_wish_counts_like_a_cap():
    contacts = contact(*((name, "2011-11-29T09:00:00") for name in ("month", "week", "odd", "none")))
    people = {"month": {"frequency": "monthly"}, "week": {"frequency": "weekly"}, "odd": {"frequency": "hardly ever"}}
    assert told(people | {"none": {}}, contact=contacts) == {
        "month": "over_cap", "week": None, "odd": "over_cap", "none": None,
    }  # fmt: skip


def order(name, at):
    row = {"customer_id": name, "customer_key": customer_key(name), "order_id": "1", "line": 0, "item_id": "i",
           "quantity": 1, "unit_price": 1, "currency": "GBP", "kind": "sale", "source": "t",
           "happened_at": datetime.fromisoformat(at).replace(tzinfo=UTC)}  # fmt: skip
    return pa.Table.from_pylist([row], schema=contracts.table("transactions").schema)


def test_a_program_rests_between_messages_and_after_unanswered_ones_until_they_order():
    project = shop(programs=[PROGRAM | {"every": 30, "rest_after": 2}], policy={"caps": []})
    contacts = contact(
        ("soon", "2011-11-20T09:00:00"), ("late", "2011-11-09T09:00:00"),
        *((name, day) for name in ("tired", "ordered") for day in ("2011-08-01T09:00:00", "2011-10-01T09:00:00")),
    )  # fmt: skip
    people = {name: {} for name in ("soon", "late", "tired", "ordered")}
    assert told(people, project=project, contact=contacts, transactions=order("ordered", "2011-09-01T10:00:00")) == {
        "soon": "resting", "late": None, "tired": "resting", "ordered": None,
    }  # fmt: skip


def test_programs_exclude_each_other_and_priority_goes_first():
    two = [PROGRAM, PROGRAM | {"program": "again", "audience": "regular", "excludes": ["win-back"]}]
    both = pa.concat_tables([segment(["a", "b"]), segment(["b", "c"], segment="regular")])
    inputs = world(shop(programs=two), {"a": {}, "b": {}, "c": {}}, segments=both)
    project = shop(programs=two)
    assert why_not(project, inputs, "a", program="win-back", level=ALL, offer=None) == {None}
    assert why_not(project, inputs, "b", program="win-back", level=ALL, offer=None) == {"excluded_by"}
    assert why_not(project, inputs, "c", program="win-back", level=ALL, offer=None) == {"not_in_audience"}
    blocked = {r["customer_id"]: r["blocked_by"] for r in prepared(project, inputs).to_pylist()}
    assert blocked == {"a": None, "b": "again", "c": None}
    first = shop(programs=[PROGRAM | {"priority": 1}, two[1] | {"excludes": []}])
    inputs = world(first, {"b": {}}, segments=both)
    assert why_not(first, inputs, "b", program="again", level=ALL, offer=None) == {"excluded_by"}


def test_F46_a_customer_in_two_audiences_gets_one_decision():
    two = [PROGRAM, PROGRAM | {"program": "again", "audience": "regular"}]
    both = pa.concat_tables([segment(["a"]), segment(["a"], segment="regular")])
    assert run(shop(programs=two), {"a": {}}, segments=both)["decisions"].num_rows == 1


def test_F24_sensitive_topics_and_facts_need_a_yes_of_their_own_and_a_topic_turned_off_is_off():
    topics = {"win-back/everyone": ["baby"], "win-back/range": ["garden"]}
    pregnant = Fact.model_validate({"from": "customers", "sensitivity": "sensitive", "column": "x"})
    project = shop(topics=topics, policy={"sensitive_topics": ["baby"]}, facts={"favourite_range": pregnant})
    people = {"a": {}, "asked": {"consents": ["marketing:email", "personalization:any", "baby:any"]}}
    people["off"] = {"topics_off": ["garden"]}
    inputs = world(project, people)
    assert why_not(project, inputs, "a", level=ALL) == {"sensitive_topic"}
    assert None in why_not(project, inputs, "asked", level=ALL)
    assert why_not(project, inputs, "a", level=MANY, offer=None) == {"sensitive_topic"}
    assert why_not(project, inputs, "off", level=MANY, offer=None) == {"topic_off"}


@pytest.mark.parametrize(
    ("fact", "said", "reason"),
    [
        ({"provenance": "inferred"}, {}, "inferred_not_spoken"),
        ({"provenance": "inferred", "may_select": True}, {}, None),
        ({"provenance": "acquired"}, {}, "inferred_not_spoken"),
        ({}, {"favourite_range": None}, "missing_fact"),
        ({"stale_after": 30}, {"favourite_range__as_of": datetime(2011, 10, 1, tzinfo=UTC)}, "stale_fact"),
        ({"stale_after": 90}, {"favourite_range__as_of": datetime(2011, 10, 1, tzinfo=UTC)}, None),
    ],
)
def test_facts_that_may_not_carry_a_level_move_the_message_down(fact, said, reason):
    project = shop(facts={"favourite_range": Fact.model_validate({"from": "customers", "column": "x"} | fact)})
    inputs = world(project, {"a": said, "b": {}, "c": {}})
    assert why_not(project, inputs, "a", level=ONE, offer=None) == {reason}
    assert why_not(project, inputs, "a", level=ALL, offer=None) == {None}


def test_F33_words_and_facts_that_too_few_share_are_not_used():
    people = {f"b{n}": {} for n in range(3)} | {f"c{n}": {"favourite_range": "candles"} for n in range(2)}
    people["lone"] = {"stage": "active"}
    inputs = world(shop(), people)  # k_words 2, k_facts 3
    assert why_not(shop(), inputs, "b0", level=MANY, offer=None) == {None}
    assert why_not(shop(), inputs, "c0", level=MANY, offer=None) == {"ceiling_small_cell"}  # two share the fact
    assert why_not(shop(), inputs, "lone", level=MANY, offer=None) == {None}  # four share it
    assert why_not(shop(), inputs, "lone", level=Level.FEW, offer=None) == {"ceiling_small_cell"}  # words for one


LADDER = {"many": 0.1, "few": 0.3, "one": 0.5}, {"many": 0.1, "few": 0.2, "one": 0.4}


def allowed(value, thresholds):
    return "many" if value is None else max(
        (level for level in ("all", "many", "few", "one") if thresholds.get(level, 0) <= value), key=RANK.get
    )  # fmt: skip


def test_the_ceiling_is_the_least_of_consent_dial_familiarity_and_knowledge():
    said = {"yes": ["marketing:email", "personalization:any"], "no": ["marketing:email"]}
    cases = list(
        product(said, (None, "none", "all", "many", "few", "one"), (None, 0, 0.1, 0.3, 0.9), (None, 0.05, 0.2, 1))
    )
    people = {
        f"c{n}": {"consents": said[c], "dial": d, "familiarity": None if f is None else round(f * (1 << 20) + 0.5),
                  "knowledge": None if k is None else round(k * (1 << 20) + 0.5) - (k == 1)}
        for n, (c, d, f, k) in enumerate(cases)
    }  # fmt: skip
    inputs = world(shop(), people)
    rows = {row["customer_id"]: row for row in prepared(shop(), inputs).to_pylist()}
    for n, (consent, dial, familiarity, knowledge) in enumerate(cases):
        parts = {
            "ceiling_consent": "one" if consent == "yes" else "all", "ceiling_dial": dial or "one",
            "ceiling_familiarity": allowed(familiarity, LADDER[0]), "ceiling_knowledge": allowed(knowledge, LADDER[1]),
        }  # fmt: skip
        least = min(parts.values(), key=RANK.get)
        row = rows[f"c{n}"]
        assert row["ceiling"] == least
        binding = [name for name, level in parts.items() if level == least and least != "one"]
        assert [why for why in row["ceiling_why"] if why != "default_experience"] == binding
        for level in (ALL, MANY, Level.FEW, ONE):
            reason = why_not(shop(), inputs | {"inputs": _only(row, inputs)}, f"c{n}", level=level, offer=None).pop()
            barred = [name for name, most in parts.items() if RANK[most] < level.rank]
            assert reason == (barred[0] if barred else None)


def _only(row, inputs):
    return pa.Table.from_pylist([row], schema=contracts.table("inputs").schema)


def test_who_we_know_little_about_gets_the_default_experience():
    rows = {row["customer_id"]: row for row in prepared(shop(), world(shop(), {"a": {"knowledge": None}})).to_pylist()}
    assert rows["a"]["ceiling_why"] == ["ceiling_knowledge", "default_experience"]


def offer_told(project, people, **more):
    inputs = world(project, people, **more)
    inputs["inputs"] = prepared(project, inputs)
    return {name: why_not(project, inputs, name, level=ALL, offer="ten-off").pop() for name in people}


def test_F76_an_offer_barred_by_country_age_channel_condition_or_date():
    for barred, people, expected in (
        ({"countries": ["EIRE"]}, {"a": {}, "b": {"country": "EIRE"}, "c": {"country": None}},
         {"a": "offer_not_here", "b": None, "c": "offer_not_here"}),
        ({"channels": ["web"]}, {"a": {}}, {"a": "offer_not_here"}),
        ({"least_age": 18}, {"a": {}, "b": {"birth_date": date(2000, 1, 1)}, "c": {"birth_date": date(1980, 1, 1)}},
         {"a": "unknown_age", "b": "too_young", "c": None}),
        ({"who": "stage = 'active' and favourite_range is known"}, {"a": {}, "b": {"stage": "active"}},
         {"a": "offer_not_here", "b": None}),
        ({"starts": "2011-12-10"}, {"a": {}}, {"a": "offer_not_here"}),
        ({"stock": 0}, {"a": {}}, {"a": "out_of_stock"}),
    ):  # fmt: skip
        assert offer_told(shop(offers=[TEN_OFF | barred]), people) == expected


def test_F70_an_offer_that_ends_before_the_mail_may_be_opened_is_not_promised():
    for ends, expected in (
        ("2011-12-10T12:49:59", "offer_expired"), ("2011-12-10T12:50:00", None), ("2011-12-10", None),
        ("2011-12-09", "offer_expired"),
    ):  # fmt: skip
        assert offer_told(shop(offers=[TEN_OFF | {"ends": ends}]), {"a": {}}) == {"a": expected}


def test_an_offer_used_up_by_this_customer_is_not_promised_again_but_for_this_very_decision():
    def promise(name, *, state="issued", decision=b"x" * 16):
        return {"offer_id": "ten-off", "customer_id": name, "decision_id": decision, "state": state, "promise": "{}",
                "cost_minor": 0, "issued_at": CLOCK.now, "valid_until": datetime(2012, 1, 1, tzinfo=UTC)}  # fmt: skip

    own = DecisionPoint(occasion=OCCASION, customer_id="own", touchpoint="push").decision_id
    rows = [promise("had"), promise("used", state="redeemed"), promise("over", state="expired")]
    rows.append(promise("own", decision=own))
    table = pa.Table.from_pylist(rows, schema=contracts.table("incentive").schema)
    people = {name: {} for name in ("had", "used", "over", "own", "new")}
    assert offer_told(shop(), people, incentive=table) == {
        "had": "offer_used", "used": "offer_used", "over": None, "own": None, "new": None,
    }  # fmt: skip


def test_the_site_shows_no_offer_that_was_not_promised():
    project = shop(policy={"exploration": {"most": "0%"}})
    inputs = run(project, {"a": {}, "b": {"withdrawn": ["marketing:email"]}})
    shown = {row["customer_id"]: row for row in inputs["placements"].to_pylist()}
    decided = outcomes(inputs)
    for name, row in shown.items():
        assert row["offer_id"] in (None, decided[name]["offer_id"])
    visit = prepared(project, inputs, touchpoint="web.home_hero")
    assert {r["touchpoint"] for r in visit.to_pylist()} == {"web.home_hero"}
    asked = why_not(project, inputs | {"inputs": visit}, "a", touchpoint="web.home_hero", level=ALL, offer="ten-off")
    assert asked == {"offer_not_here"}


def test_running_an_occasion_twice_prepares_the_same_rows():
    project, people = shop(), {f"c{n}": {} for n in range(50)}
    before = world(project, people)
    reserved = [(f"c{n}", "2011-12-09T12:50:00") for n in range(50)] * 2
    after = before | {"contact": contact(*reserved, occasion=OCCASION)}
    assert prepared(project, before).equals(prepared(project, after))


def test_nobody_outside_every_audience_has_a_row():
    assert prepared(shop(), world(shop(), {"a": {}, "b": {}}, segments=segment(["a"]))).num_rows == 1


def test_a_rehearsal_reaches_seed_addresses_only():
    project = shop(programs=[PROGRAM | {"test": True}], seeds=["A@example.org"])
    assert told({"a": {}, "b": {}}, project=project) == {"a": None, "b": "not_in_audience"}


def test_a_visit_is_decided_by_the_same_kernel_and_promises_nothing_new():
    project = shop(policy={"exploration": {"most": "0%"}})
    inputs = world(project, {"a": {}, "b": {"consents": []}})
    inputs["inputs"] = prepared(project, inputs, touchpoint="web.home_hero")
    (found,) = choice.decisions(inputs, project=project, clock=CLOCK, run_id=bytes(16))
    rows = {row["customer_id"]: row for row in found.decisions.to_pylist()}
    assert {row["touchpoint"] for row in rows.values()} == {"web.home_hero"}
    assert [(rows[n]["level"], rows[n]["offer_id"], rows[n]["due_at"]) for n in ("a", "b")] == [
        ("one", None, None), ("all", None, None),
    ]  # fmt: skip


def test_a_later_day_is_another_window():
    contacts = contact(("a", "2011-12-05T09:00:00"), ("a", "2011-12-06T09:00:00"))
    inputs = world(shop(), {"a": {}}, contact=contacts)
    later = prepared(shop(), inputs, clock=Clock.at("2011-12-13T12:50:00", zone="Europe/London"))
    assert why_not(shop(), inputs | {"inputs": later}, "a", level=ALL, offer=None) == {None}


def test_published_codes_never_move():
    assert [reason.value for reason in PUBLISHED][:5] == [
        "no_consent", "withdrawn", "suppressed", "no_address", "shared_address",
    ]  # fmt: skip
    assert (PUBLISHED.index(Reason.HELD_OUT) + 1, PUBLISHED.index(Reason.TOO_YOUNG) + 1) == (9, 37)
    assert set(PUBLISHED) == set(Reason)
