"""Explain, show, report: what was decided, said and known, in plain words and for programs."""

import json
from pathlib import Path

import pyarrow.compute as pc
import pytest

from flow.shops import last_run, mails, reword, rows_of, table_of
from tactful.flow.explaining import explain, explain_visit
from tactful.flow.manifest import find_run
from tactful.flow.reporting import completeness
from tactful.flow.showing import show
from tactful.flow.workspace import open_workspace
from tactful.words.errors import Misuse


def decided(root: Path, kind: str) -> dict[str, object]:
    decisions = table_of(root, "decisions")
    return decisions.filter(pc.equal(decisions["outcome_kind"], kind)).to_pylist()[0]


def test_everybody_of_a_run_can_be_explained(waiting_shop: Path) -> None:
    kinds = set(table_of(waiting_shop, "decisions")["outcome_kind"].to_pylist())
    assert {"chosen", "held_out", "ineligible"} <= kinds
    with open_workspace(waiting_shop) as space:
        run = find_run(space, None)
        for kind in sorted(kinds):
            row = decided(waiting_shop, kind)
            told = explain(space, run, customer_id=str(row["customer_id"]))
            assert told.lines[0] == f"Customer {row['customer_id']}, run {run.name}"
            assert told.facts["decision"]["decision_id"] == row["decision_id"]
            assert told.facts["reasons"], kind
            assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in told.facts["reasons"])
            for words in ("familiarity", "knowledge"):
                assert words in told.facts["known"]


def test_which_model_filled_the_places_is_told(waiting_shop: Path) -> None:
    (model,) = table_of(waiting_shop, "slot_model").to_pylist()
    someone = str(table_of(waiting_shop, "suggestions")["customer_id"][0])
    with open_workspace(waiting_shop) as space:
        told = explain(space, find_run(space, None), customer_id=someone)
    assert told.facts["slot_model"] == [{**model, "fingerprint": model["fingerprint"].hex()}]
    assert any(line.startswith(f"  filled by slots {model['fingerprint'].hex()[:8]}: ") for line in told.lines)


def test_the_chances_told_are_those_of_the_decision(waiting_shop: Path) -> None:
    row = decided(waiting_shop, "chosen")
    with open_workspace(waiting_shop) as space:
        told = explain(space, find_run(space, None), customer_id=str(row["customer_id"]))
    able = [arm for arm in told.facts["arms"] if arm["eligible"]]
    assert sum(arm["chance"] for arm in able) == pytest.approx(1, abs=1e-9)
    chosen = next(arm for arm in able if arm["name"] == told.facts["arm"])
    assert chosen["chance"] == pytest.approx(int(str(row["propensity"])) / 2**52)
    assert chosen["score"] == row["score"]


def test_every_number_told_adds_up_to_the_score(waiting_shop: Path) -> None:
    row = decided(waiting_shop, "chosen")
    with open_workspace(waiting_shop) as space:
        told = explain(space, find_run(space, None), customer_id=str(row["customer_id"]))
    numbers = {one["name"]: one for one in told.facts["numbers"]}
    assert set(numbers) == {arm["name"] for arm in told.facts["arms"] if arm["eligible"]}
    for one in numbers.values():
        assert sum(part["amount"] for part in one["parts"]) == one["score"]
    mine = numbers[told.facts["arm"]]
    assert (mine["score"], mine["propensity"]) == (row["score"], row["propensity"])
    assert mine["pulls"][0]["of"] == row["program"]
    assert f"  How {told.facts['arm']} adds up" in told.lines


def test_the_site_keeps_what_the_mail_promised(sent_shop: Path) -> None:
    """Whoever was mailed an offer sees it on the site while it holds; whoever was not sees none."""
    promises = {str(row["decision_id"]): row for row in rows_of(sent_shop, "incentive", "state = 'issued'")}
    mails = rows_of(sent_shop, "outbox", "state = 'accepted' AND program IN ('win-back', 'again-and-new')")
    with_offer = next(row for row in mails if str(row["decision_id"]) in promises)
    without = next(row for row in mails if str(row["decision_id"]) not in promises)
    promise = promises[str(with_offer["decision_id"])]
    with open_workspace(sent_shop) as space:
        run = find_run(space, None)
        told = explain_visit(space, run, customer_id=str(with_offer["customer_id"]))
        place = told.facts["places"]["web.home_hero"]
        assert place["arm"].startswith(f"{with_offer['program']} by web.home_hero")
        assert place["arm"].endswith(f"with {promise['offer_id']}")
        assert (place["promised"], place["kept"]) == ([promise["offer_id"]], [promise["offer_id"]])
        assert any(line.startswith(f"  promised by {with_offer['program']}") for line in told.lines)
        chances = {one["name"]: one["propensity"] for one in place["numbers"]}
        assert chances[place["arm"]] == 2**52 == sum(chances.values()), "what is shown for certain is told so"
        plain = explain_visit(space, run, customer_id=str(without["customer_id"])).facts["places"]["web.home_hero"]
        assert plain["promised"] == []
        assert not any(" with " in one["name"] for one in plain["numbers"])
        for one in (*place["numbers"], *plain["numbers"]):
            assert sum(part["amount"] for part in one["parts"]) == one["score"]


def test_who_was_sent_something_is_told_what(sent_shop: Path) -> None:
    row = rows_of(sent_shop, "outbox", "state = 'accepted'")[0]
    with open_workspace(sent_shop) as space:
        told = explain(space, find_run(space, None), customer_id=str(row["customer_id"]))
    assert "What was sent" in told.lines
    assert any(row["message_id"].hex() in line for line in told.lines)
    assert told.lines[-1].startswith("  Ada on"), "and who had approved it"


def test_nobody_of_that_name(waiting_shop: Path) -> None:
    with open_workspace(waiting_shop) as space, pytest.raises(Misuse, match="there is no customer 'nobody'"):
        explain(space, find_run(space, None), customer_id="nobody")


def test_nobody_in_an_audience_is_not_decided_for(waiting_shop: Path) -> None:
    profiles, inputs = table_of(waiting_shop, "profiles"), table_of(waiting_shop, "inputs")
    outside = sorted(set(profiles["customer_id"].to_pylist()) - set(inputs["customer_id"].to_pylist()))
    with open_workspace(waiting_shop) as space:
        run = find_run(space, None)
        told = explain(space, run, customer_id=outside[0])
        assert "  Nothing: they are in no program's audience." in told.lines
        with pytest.raises(Misuse, match="is in no audience of this run"):
            explain_visit(space, run, customer_id=outside[0])


def test_a_visit_is_one_row_through_the_same_kernel(waiting_shop: Path) -> None:
    """What a visit shows is what the run previewed for the same place, where chance does not choose otherwise."""
    previews = table_of(waiting_shop, "placements").filter(
        pc.equal(table_of(waiting_shop, "placements")["touchpoint"], "web.home_hero")
    )
    arms = {row["content_id"] for row in table_of(waiting_shop, "arms").to_pylist()}
    with open_workspace(waiting_shop) as space:
        run = find_run(space, None)
        for row in previews.to_pylist()[:25]:
            told = explain_visit(space, run, customer_id=row["customer_id"]).facts["places"]["web.home_hero"]
            assert told["reasons"]
            by_chance = any(sentence.startswith("Chosen by chance") for sentence in told["reasons"])
            if row["content_id"] is not None and not by_chance:
                assert row["content_id"] in arms
                assert row["program"] in told["arm"], (row, told)
    assert rows_of(waiting_shop, "live_decision") == []


def test_a_message_is_shown_by_its_id_its_beginning_and_its_customer(sent_shop: Path) -> None:
    row = rows_of(sent_shop, "outbox", "state = 'accepted'")[0]
    mail = next(path for path in mails(sent_shop) if path.stem == row["message_id"].hex()).read_text("utf-8")
    with open_workspace(sent_shop) as space:
        one = show(space, row["message_id"].hex())
        assert show(space, row["message_id"].hex()[:12]) == one == show(space, str(row["customer_id"]))
        with pytest.raises(Misuse, match="the message has no part 'smell'"):
            one.words("smell")
        with pytest.raises(Misuse, match="no message 'nobody'"):
            show(space, "nobody")
    assert set(one.parts) >= {"subject", "preheader", "html", "text"}
    assert one.words("subject").isascii() is False or one.words("subject") in mail.replace("\r\n ", " ")


def test_what_was_said_is_shown_the_same_after_the_template_changed(sent: Path) -> None:
    customer = str(rows_of(sent, "outbox", "state = 'accepted'")[0]["customer_id"])
    with open_workspace(sent) as space:
        before = show(space, customer)
    reword(sent)
    with open_workspace(sent) as space:
        assert show(space, customer) == before


def test_a_report_says_how_complete_each_fact_is(waiting_shop: Path) -> None:
    with open_workspace(waiting_shop) as space:
        rows = completeness(space).table.to_pylist()
        names = set(space.project.facts)
    assert {row["fact"] for row in rows} >= names
    json.dumps(rows, default=str)


def test_a_run_is_found_by_name_id_or_its_beginning(waiting_shop: Path) -> None:
    run = last_run(waiting_shop)
    with open_workspace(waiting_shop) as space:
        assert find_run(space, run.run_id.hex()).run_id == run.run_id == find_run(space, run.run_id.hex()[:8]).run_id
        with pytest.raises(Misuse, match="there is no run '1999'"):
            find_run(space, "1999")


def test_before_any_run_there_is_nothing_to_find(planted: Path) -> None:
    with open_workspace(planted) as space, pytest.raises(Misuse, match="nothing was run yet"):
        find_run(space, None)
