"""F24, F32–F38, F63: the right person at the wrong moment, too near, too young, by night, by mistake, or without a yes."""

# ruff: noqa: E501  # a template is read on one line

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from scenarios.town import (
    Shop,
    ago,
    agreed,
    approved,
    consent,
    fill,
    item,
    link,
    mails,
    person,
    read_mail,
    sale,
    sent,
    told,
)
from tactful.flow.approving import approve
from tactful.flow.checking import check
from tactful.flow.concluding import conclude
from tactful.flow.manifest import find_run
from tactful.flow.progress import Silent
from tactful.flow.sending import send
from tactful.words.clock import Clock
from tactful.words.errors import Misuse, NotApproved

SCORE = "  likely_pregnant:\n    from: transactions\n    keep: count()\n    type: integer\n    provenance: inferred\n    sensitivity: sensitive\n"


def bought(people: list[dict[str, object]], **said: object) -> dict[str, list[dict[str, object]]]:
    """Everybody agreed and ordered one thing."""
    return {
        "customers": people, "items": [item("i1", **said)], "links": [link("i1")], "consents": agreed(people),
        "transactions": [sale(str(one["customer_id"]), "i1") for one in people],
    }  # fmt: skip


def crowd(count: int, **said: object) -> list[dict[str, object]]:
    return [person(f"c{n}", given_name="Anna", **said) for n in range(count)]


def rules_of(shop: Shop) -> set[str]:
    return {finding.rule for finding in check(shop.root).findings if finding.severity.value == "error"}


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("segments/everybody.yaml", "when: stage is known", "when: likely_pregnant > 0"),
        ("programs/letter.yaml", "needs: [favourite_range]", "needs: [likely_pregnant]"),
        ("facts.yaml", "when: orders is unknown", "when: likely_pregnant > 3"),
    ],
)
def test_F24_a_rule_on_a_sensitive_score_does_not_compile(shop: Shop, file: str, old: str, new: str) -> None:
    shop.change("facts.yaml", "stages:", SCORE + "stages:")
    assert rules_of(shop) == set()
    shop.change(file, old, new)
    assert "sensitive-fact" in rules_of(shop)


@pytest.mark.parametrize(
    "where", ["{{ facts.likely_pregnant }}", "{% if facts.likely_pregnant > 0 %}Congratulations{% endif %}"]
)
def test_F24_a_template_that_reads_the_score_does_not_compile(shop: Shop, where: str) -> None:
    shop.change("facts.yaml", "stages:", SCORE + "stages:")
    shop.change("content/letter/yours.mjml", "You ordered", f"{where} You ordered")
    assert "fact-sensitive" in rules_of(shop)


def test_F24_a_sensitive_topic_reaches_only_who_asked_for_it(shop: Shop) -> None:
    """No mail with it, no subject line, and no item of it in anybody's letter without their own yes to the topic."""
    for name in ("everyone", "everyone.de", "everyone.fr", "yours"):
        shop.change(f"content/letter/{name}.mjml", "subject:", "topics: [baby]\nsubject:")
    people = crowd(6)
    rows = bought(people)
    rows["consents"] += [
        consent("c1", purpose="baby", channel="any")[0],
        consent("c2", purpose="baby", channel="any", state="denied")[0],
    ]
    found = shop.told(**rows)
    assert set(found.words) == {"c1"}
    assert {tuple(row["reasons"]) for name, row in found.decisions.items() if name != "c1"} == {("sensitive_topic",)}  # type: ignore[arg-type]


def test_F24_an_item_of_a_sensitive_topic_is_in_nobodys_letter(shop: Shop) -> None:
    found = shop.told(**bought(crowd(3), title="Cradle", sensitive_topic="baby", category="cradles"))
    assert len(found.words) == 3
    assert not any("radle" in found.whole(name) for name in found.leaving)


@pytest.mark.parametrize("level", ["all", "many", "few"])
def test_F32_a_detail_above_the_level_does_not_compile_and_is_not_there_at_run_time(shop: Shop, level: str) -> None:
    shop.change("programs/letter.yaml", "  one: {content: letter/yours", f"  {level}: {{content: letter/yours")
    shop.change(
        "programs/letter.yaml", "levels: {one: 1.5}", f"levels: {{{level}: 1.5}}" if level != "all" else "levels: {}"
    )
    if level == "all":
        shop.change("programs/letter.yaml", "  all: {content: letter/everyone}\n", "")
        shop.change(
            "programs/letter.yaml", ", needs: [favourite_range], items: {suggest: ordered, count: 1, least: 1}", ""
        )
    else:
        shop.change("programs/letter.yaml", ", items: {suggest: ordered, count: 1, least: 1}", ", by: favourite_range")
    assert "fact-above-level" in rules_of(shop)
    shop.change(
        "content/letter/yours.mjml",
        '<mj-text><a href="{{ anchor.url }}">',
        "<mj-text>x</mj-text>\n{% comment %}<mj-text><a>",
    )
    shop.change(
        "content/letter/yours.mjml",
        "{% endif %}</mj-text>\n{% include",
        "{% endif %}</mj-text>{% endcomment %}\n{% include",
    )
    shop.change("facts.yaml", "speak: exact", "speak: never")
    found = shop.told(**bought(crowd(3)))
    assert found.words == {} or all("cups and bowls" not in found.whole(name) for name in found.words)


@pytest.mark.parametrize(("seen", "what", "rule"), [
    (10, "a bowl at 02:13", "too-precise-time"), (10, "a bowl at 2:13 pm", "too-precise-time"), (0.2, "a bowl", "visit-spoken"),
    (40, "a bowl", "visit-spoken"), (10, "a bowl", None),
])  # fmt: skip
def test_F32_neither_the_minute_of_a_visit_nor_a_visit_of_today_is_spoken(
    shop: Shop, seen: float, what: str, rule: str | None
) -> None:
    """A value that tells them they are watched is held at the gate, however it came into the letter."""
    shop.change(
        "facts.yaml",
        "stages:",
        "  last_look:\n    from: events\n    keep: last(name)\n    speak: exact\n    title: what they looked at\nstages:",
    )
    shop.change("content/letter/yours.mjml", "You ordered", "It goes with {{ facts.last_look }}. You ordered")
    shop.change("policy.yaml", "k_words", "personal_facts: 9\nk_words")
    rows = bought(crowd(1))
    rows["events"] = [
        {"event_id": "e", "customer_id": "c0", "name": what, "happened_at": ago(seen), "received_at": ago(seen)}
    ]
    found = shop.told(**rows)
    assert what in found.whole("c0")
    assert found.held.get("c0", set()) == ({rule} if rule else set())


def test_F33_three_with_words_of_their_own_get_those_of_everybody(shop: Shop) -> None:
    shop.change("policy.yaml", "k_words: 1", "k_words: 5")
    shop.change("policy.yaml", "k_facts: 1", "k_facts: 5")
    shop.change("programs/letter.yaml", "  one: {content: letter/yours, needs: [favourite_range], items: {suggest: ordered, count: 1, least: 1}}",
                "  many: {content: letter/yours, by: favourite_range}")  # fmt: skip
    shop.change("programs/letter.yaml", "levels: {one: 1.5}", "levels: {many: 1.5}")
    shop.change("facts.yaml", "speak: exact", "speak: segment")
    shop.change(
        "content/letter/yours.mjml",
        '<mj-text><a href="{{ anchor.url }}">{{ anchor.title }}</a>: {{ anchor.note }} {% if anchor.price %}It costs {{ anchor.price }} {{ anchor.price_note }}.{% endif %}</mj-text>',
        "",
    )
    people = crowd(20)
    rows = bought(people)
    rows["items"] = [item("i1", category="cups"), item("i2", category="rare lamps")]
    rows["transactions"] = [sale(f"c{n}", "i2" if n < 3 else "i1") for n in range(20)]
    found = shop.told(**rows)
    levels = {name: row["level"] for name, row in found.decisions.items()}
    assert {levels[f"c{n}"] for n in range(3)} == {"all"}
    assert {levels[f"c{n}"] for n in range(3, 20)} == {"many"}
    assert not any("rare lamps" in found.whole(f"c{n}") for n in range(20))
    cells = {
        row["cell"]: (row["people"], row["open"])
        for row in found.tables["portfolio"].to_pylist()
        if row["level"] == "many"
    }
    assert sorted(cells.values()) == [(3, False), (17, True)], "and it is reported"


def test_F34_more_variants_than_the_policy_allows_stop_the_run_and_say_the_ratio(shop: Shop) -> None:
    shop.change("policy.yaml", "variants_per_customer: 100%", "variants_per_customer: 20%")
    people = crowd(40)
    rows = bought(people)
    shop.change("programs/letter.yaml", "  one: {content: letter/yours, needs: [favourite_range], items: {suggest: ordered, count: 1, least: 1}}",
                "  few: {content: letter/yours, by: favourite_range}")  # fmt: skip
    shop.change("programs/letter.yaml", "levels: {one: 1.5}", "levels: {few: 1.5}")
    shop.change("facts.yaml", "speak: exact", "speak: segment")
    shop.change(
        "content/letter/yours.mjml",
        '<mj-text><a href="{{ anchor.url }}">{{ anchor.title }}</a>: {{ anchor.note }} {% if anchor.price %}It costs {{ anchor.price }} {{ anchor.price_note }}.{% endif %}</mj-text>',
        "",
    )
    rows["items"] = [item(f"i{n}", category=f"range {chr(97 + n % 26)}{n}") for n in range(40)]
    rows["transactions"] = [sale(f"c{n}", f"i{n}") for n in range(40)]
    with shop.opened(**rows) as space:
        found = told(space)
        assert {"too-many-variants", "more-segments-than-customers"} & found.run_rules
        assert any("40" in why for why in found.why_stop)
        conclude(space, find_run(space, found.run.run_id.hex()))
        run = find_run(space, found.run.run_id.hex())
        assert run.state == "stopped"
        with pytest.raises(NotApproved):
            approve(space, run, by="Ada")


def test_F35_the_young_and_those_of_unknown_or_default_age_get_nothing_where_age_matters(shop: Shop) -> None:
    shop.change("policy.yaml", "k_words", "least_age: 18\nk_words")
    born = {
        "c1": date(1996, 5, 1),
        "c2": None,
        "c3": date(1900, 1, 1),
        "c4": date(1970, 1, 1),
        "c5": date(1993, 12, 10),
        "c6": date(1993, 12, 9),
    }
    found = shop.told(**bought([person(name, birth_date=day) for name, day in born.items()]))
    assert set(found.words) == {"c6"}
    said = {name: row["reasons"] for name, row in found.decisions.items()}
    assert [said[f"c{n}"] for n in range(1, 6)] == [
        ["too_young"],
        ["unknown_age"],
        ["unknown_age"],
        ["unknown_age"],
        ["too_young"],
    ]


NIGHTS = ["2011-12-09T12:50:00", "2011-10-30T00:30:00"]


@pytest.mark.parametrize("now", NIGHTS)
def test_F36_nobody_is_written_to_by_night_in_any_zone_and_a_doubled_hour_sends_once(shop: Shop, now: str) -> None:
    zones = sorted(available_timezones() - {"localtime", "Factory"})
    assert len(zones) >= 400
    shop.change("tactful.yaml", "2011-12-09T12:50:00", now)
    then = Clock.at(now).now
    people = [person(f"c{n}", zone=zone, loaded_at=then) for n, zone in enumerate(zones)]
    people += [person("none", loaded_at=then), person("odd", zone="Atlantis/Main", loaded_at=then)]
    agreements = agreed(people)
    for row in agreements:
        row["happened_at"] = then - timedelta(days=30)
    with shop.opened(customers=people, consents=agreements) as space:
        found = told(space)
        sent(space, found.run)
        first = len(mails(shop.root))
        due = {name: row["due_at"] for name, row in found.decisions.items() if row["outcome_kind"] == "chosen"}
        for name, moment in due.items():
            zone = "Europe/London" if name in {"none", "odd"} else zones[int(name[1:])]
            local = moment.astimezone(ZoneInfo(zone)).time()  # type: ignore[attr-defined]
            assert time(8) <= local < time(21), (zone, moment)
        assert first == sum(moment <= then for moment in due.values())  # type: ignore[operator]
        later = replace(space, clock=Clock(now=then + timedelta(hours=24), zone="Europe/London"))
        send(later, find_run(later, found.run.run_id.hex()), progress=Silent())
        send(later, find_run(later, found.run.run_id.hex()), progress=Silent())
    addresses = [read_mail(payload)[0]["To"] for payload in mails(shop.root)]
    assert len(addresses) == len(set(addresses)) <= len(due)


def test_F37_a_rehearsal_aimed_at_people_does_not_compile(shop: Shop) -> None:
    shop.change("programs/letter.yaml", "outcome:", "test: true\noutcome:")
    assert rules_of(shop) == {"rehearsal-live"}


def test_F37_in_test_mode_only_seeds_get_anything_and_nothing_lies_where_live_mail_lies(shop: Shop) -> None:
    people = [*crowd(20), person("seed", email="proof@shop.example")]
    with shop.opened("rehearsal", **bought(people)) as space:
        done = sent(space, told(space).run)
    assert done.accepted == 1
    assert mails(shop.root) == []
    (payload,) = mails(shop.root, "rehearsal")
    assert read_mail(payload)[0]["To"] == "proof@shop.example"


def test_F37_a_rehearsed_program_reaches_seeds_only_even_if_it_is_run(shop: Shop) -> None:
    shop.change("programs/letter.yaml", "outcome:", "test: true\noutcome:")
    people = [*crowd(20), person("seed", email="proof@shop.example")]
    with shop.opened("rehearsal", **bought(people)) as space:
        found = told(space)
    assert set(found.words) == {"seed"}


def test_F38_F25_an_audience_that_grew_to_its_superset_waits_for_a_second_person(shop: Shop) -> None:
    shop.change(
        "programs/letter.yaml", "audience: everybody", "audience: everybody\nexpect_audience: {least: 1, most: 10}"
    )
    with shop.opened(**bought(crowd(300))) as space:
        found = told(space)
        lines = conclude(space, find_run(space, found.run.run_id.hex()))
        run = find_run(space, found.run.run_id.hex())
        assert any("300 people are in its audience; at most 10 were expected" in line for line in lines)
        first = approve(space, run, by="Ada")
        assert first.waits_for
        with pytest.raises(NotApproved, match="second person"):
            send(space, run, progress=Silent())
        with pytest.raises(Misuse, match="somebody else"):
            approve(space, run, by=" ada ")
        assert mails(shop.root) == []
        approve(space, run, by="Grace")
        assert send(space, run, progress=Silent()).accepted == 300


def test_F38_twice_the_last_run_waits_too_and_shows_both_sizes(shop: Shop) -> None:
    shop.change(
        "policy.yaml",
        "caps:\n  - {channel: email, most: 2, days: 7 days}",
        "caps:\n  - {channel: email, most: 9, days: 7 days}",
    )
    with shop.opened(**bought(crowd(20))) as space:
        found = told(space)
        conclude(space, find_run(space, found.run.run_id.hex()))
        sent(space, found.run)
        more = crowd(100)[20:]
        fill(
            space,
            customers=more,
            consents=agreed(more),
            transactions=[sale(str(one["customer_id"]), "i1") for one in more],
        )
        again = told(space, occasion="2011-12-10")
        conclude(space, find_run(space, again.run.run_id.hex()))
        run = find_run(space, again.run.run_id.hex())
        (guard,) = run.summary["guard"]
        assert "100 would be written to" in guard
        assert "the last run's 20" in guard
        assert approve(space, run, by="Ada").waits_for


WORDS = [None, "", "maybe", "TRUE ", "1.0", "ja", "yes", "Granted", " granted", "pending"]


def test_F63_nothing_but_a_declared_yes_is_one(shop: Shop) -> None:
    people = crowd(len(WORDS) + 1)
    rows = bought(people)
    rows["consents"] = consent(f"c{len(WORDS)}")
    for number, word in enumerate(WORDS):
        rows["consents"] += [] if word is None else consent(f"c{number}", state=word)
    with shop.opened(**rows) as space:
        found = told(space)
        assert set(found.words) == {f"c{len(WORDS)}"}
        assert [found.decisions[f"c{number}"]["reasons"] for number in range(len(WORDS))] == [["no_consent"]] * len(
            WORDS
        )
        assert send(space, approved(space, found.run), progress=Silent()).accepted == 1
