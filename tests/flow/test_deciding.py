"""`tactful decide`: one customer now, kept in the ledger, held to what they say at this moment and to what is left."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from flow.shops import edit, members, opened, rows_of, run_once, table_of
from tactful.cli import main
from tactful.flow.deciding import decide_now
from tactful.flow.manifest import find_run
from tactful.store import ledger
from tactful.words.errors import Misuse

PLACE = "web.home_hero"


def shown(root: Path, customer: str, *, touchpoint: str = PLACE):
    with opened(root) as space:
        (found,) = decide_now(space, find_run(space, None), customer_id=customer, touchpoint=touchpoint)
    return found


def test_who_comes_is_decided_once_a_day_and_kept(waiting: Path) -> None:
    customer = members(waiting)[0]
    first, again = shown(waiting, customer), shown(waiting, customer, touchpoint="web")
    assert (first.is_new, again.is_new) == (True, False)
    assert (first.arm, first.sentences) == (again.arm, again.sentences)
    (row,) = rows_of(waiting, "live_decision")
    assert (row["customer_id"], row["touchpoint"], row["channel"]) == (customer, PLACE, "web")
    body = json.loads(row["body"])
    assert body["propensity"] == first.facts["propensity"]
    assert bytes.fromhex(body["arm_id"]) == first.facts["arm_id"]
    answer = CliRunner().invoke(main, ["decide", customer, "--project", str(waiting), "--json"])
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output)["places"][0]["arm"] == first.arm


def test_a_no_said_a_minute_ago_counts(waiting: Path) -> None:
    customers = [name for name in members(waiting)[:12] if shown(waiting, name).arm != "nothing"]
    assert customers
    said = dt.datetime(2011, 12, 9, 9, 0, tzinfo=dt.UTC)
    with opened(waiting) as space, space.ledger.transaction() as tx:
        ledger.write(tx, "consent", [
            {"customer_id": customers[0], "purpose": "marketing", "channel": "any", "state": "withdrawn",
             "happened_at": said, "recorded_at": said, "source": "test", "wording_hash": None}
        ])  # fmt: skip
    after = shown(waiting, customers[0])
    assert (after.arm, after.is_new) == ("nothing", False)
    assert after.sentences == ("What was shown earlier today may not be shown any more.",)


def test_no_more_is_shown_than_the_channel_can(planted: Path) -> None:
    policy = planted / "policy.yaml"
    edit(policy, {"contact_cost:": "capacity:\n  sends: [{channel: web, most: 3, visits: 0.1%}]\ncontact_cost:"})
    run_once(planted)
    rows = {row["resource"]: row for row in table_of(planted, "prices").to_pylist()}
    assert len(rows["channel:web"]["path"]) == 24
    found = [shown(planted, name) for name in members(planted)[:12]]
    assert sum(one.arm != "nothing" for one in found) == 3
    last = found[-1]
    assert last.sentences[0] == "There is no capacity left to send it."


def test_places_nobody_speaks_at_and_people_nobody_knows_are_said(waiting: Path) -> None:
    with pytest.raises(Misuse, match="no program speaks there when asked"):
        shown(waiting, members(waiting)[0], touchpoint="email")
    with pytest.raises(Misuse, match="there is no customer 'nobody'"):
        shown(waiting, "nobody")
