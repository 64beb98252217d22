"""Decided when asked: the same bits as in a batch, along a planned path, never beyond what a channel can show."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from decide.worlds import CLOCK, TEN_OFF, crowd, prepared, profiles, shop, world
from tactful.decide import asked, paced, portfolio, prices
from tactful.decide.arms import Arms
from tactful.decide.choice import Sealed
from tactful.decide.filling import Filling
from tactful.decide.promised import Promise, kept
from tactful.store import contracts, ledger
from tactful.store.ledger import Ledger
from tactful.store.sql import named
from tactful.words.clock import Clock
from tactful.words.outcome import OutcomeKind
from tactful.words.touchpoint import Channel

PLACE = "web.home_hero"


def gathered(size=300, *, most=40, seed=3, clock=CLOCK):
    """A crowd's rows at a place on the web, priced for the day."""
    capacity = {"capacity": {"sends": [{"channel": "web", "most": most, "visits": "50%"}]}}
    project = shop(offers=[TEN_OFF], policy=capacity | {"contact_cost": {"email": "0.01 GBP", "web": "0.02 GBP"}})
    known = profiles(size) if seed is None else crowd(size, seed=seed)
    inputs = world(project, 1)
    inputs["profiles"] = known
    rows = {"segment": ["lapsing"] * size, "customer_id": known["customer_id"], "customer_key": known["customer_key"],
            "as_of": [CLOCK.now] * size}  # fmt: skip
    inputs["segments"] = pa.table(rows, schema=contracts.table("segments").schema)
    inputs["portfolio"] = pa.Table.from_batches(
        list(portfolio.build(inputs, project=project)), schema=contracts.table("portfolio").schema
    )
    inputs["inputs"] = prepared(project, inputs, clock=clock)
    free = prices.table(project, Arms.of(inputs["arms"]), people=size)
    inputs["prices"] = pa.Table.from_batches([paced.planned(free, inputs=inputs, project=project, clock=clock)])
    return project, inputs


def web_row(inputs):
    return next(row for row in inputs["prices"].to_pylist() if row["resource"] == "channel:web")


def one(project, inputs, customer, *, clock=CLOCK):
    """What is prepared of one customer alone, as when they come."""
    mine = {"profiles", "segments", "incentive"}
    alone = {
        name: table.filter(pc.equal(table["customer_id"], customer)) if name in mine else table
        for name, table in inputs.items()
        if name not in ("inputs", "decisions", "candidates", "placements")
    }
    return prepared(project, alone, clock=clock, touchpoint=PLACE).combine_chunks().to_batches()[0]


def test_who_comes_alone_gets_the_same_bits_as_everybody_at_once():
    project, inputs = gathered(40, most=8)
    assert web_row(inputs)["price"] > 0
    sealed = Sealed.of(inputs)
    everybody = prepared(project, inputs, touchpoint=PLACE)
    (batch,) = everybody.combine_chunks().to_batches()
    batch_found = [
        asked.answer(batch.slice(n, 1), sealed=sealed, promises=[], salt="salt", clock=CLOCK).decisions
        for n in range(batch.num_rows)
    ]
    at_once = sealed.decide(_kept(batch, sealed), salt="salt", clock=CLOCK).decisions
    for place, customer in enumerate(batch["customer_id"].to_pylist()):
        alone = asked.answer(
            one(project, inputs, customer), sealed=sealed, promises=[], salt="salt", clock=CLOCK
        ).decisions
        assert alone.equals(batch_found[place])
        assert alone.equals(at_once.slice(place, 1))
    assert len(set(at_once["arm_id"].to_pylist())) > 3


def _kept(batch, sealed):
    """All rows of a batch held to no promise."""
    rows = [kept(batch.slice(n, 1), arms=sealed.arms, promises=[]) for n in range(batch.num_rows)]
    return pa.Table.from_batches(rows).combine_chunks().to_batches()[0]


def test_a_promise_is_shown_for_certain_unless_the_channel_is_full():
    project, inputs = gathered(40, most=10_000, seed=None)  # a crowd's keys are not those of its ids
    sealed = Sealed.of(inputs)
    promise = Promise(offer="ten-off", program="win-back", terms={}, valid_until=CLOCK.now + timedelta(days=3))
    people = inputs["inputs"]["customer_id"].to_pylist()
    made = [
        {"offer_id": "ten-off", "decision_id": bytes([n]) * 16, "state": "issued", "promise": "{}", "cost_minor": 10,
         "issued_at": CLOCK.now, "valid_until": promise.valid_until, "customer_id": name}
        for n, name in enumerate(people)
    ]  # fmt: skip
    inputs["incentive"] = pa.Table.from_pylist(made, schema=contracts.table("incentive").schema)
    shown = 0
    for customer in people:
        row = one(project, inputs, customer)
        found = asked.answer(row, sealed=sealed, promises=[promise], salt="salt", clock=CLOCK)
        decision = found.decisions.to_pylist()[0]
        if decision["reasons"][0] == "keeps_promise":
            shown += 1
            assert (decision["offer_id"], decision["propensity"]) == ("ten-off", 2**52)
            assert decision["drawn_by"] == "exact"
        again = asked.answer(row, sealed=sealed, promises=[promise], salt="salt", clock=CLOCK, full=["channel:web"])
        assert again.decisions["outcome_kind"][0].as_py() != OutcomeKind.CHOSEN.value
        assert int(again.drawn.probabilities[0, 0]) == 2**52
    assert shown > 10


def test_the_plan_has_a_price_where_more_are_expected_than_can_be_shown():
    _, short = gathered(most=40)
    _, wide = gathered(most=10_000)
    row = web_row(short)
    assert row["price"] > 0
    assert web_row(wide)["price"] == 0
    path = row["path"]
    hour = paced.hour_of(CLOCK.now, zone=CLOCK.zone)
    assert path[:hour] == [0] * hour  # made at ten to one in the afternoon
    assert path == sorted(path)
    assert path[-1] == pytest.approx(40_000, rel=0.1)


@pytest.mark.parametrize("hour", [14, 20])
def test_the_price_follows_what_was_really_shown_and_is_conservative_when_stale(hour):
    _, inputs = gathered()
    row, rows = web_row(inputs), inputs["prices"]
    clock = Clock.at(f"2011-12-09T{hour}:30:00", zone=CLOCK.zone)
    planned = row["path"][hour - 1] // paced.PARTS

    def price(used, *, now=clock):
        found = paced.corrected(rows, used=used, made=CLOCK.now, clock=now).to_pylist()
        return next(one["price"] for one in found if one["resource"] == "channel:web")

    assert price({"channel:web": planned}) == pytest.approx(row["price"], rel=0.13)  # a whole placement off
    assert price({"channel:web": planned + 10}) > row["price"] > price({"channel:web": max(0, planned - 10)})
    assert price(None) == round(row["price"] * 1.2)
    tomorrow = Clock.at(f"2011-12-10T{hour}:30:00", zone=CLOCK.zone)
    assert price({"channel:web": 0}, now=tomorrow) == round(row["price"] * 1.2)


def test_a_day_of_visits_is_paced_and_no_placement_is_shown_too_many(tmp_path: Path) -> None:
    """Half the crowd come at random hours: placements last the day, the channel's limit holds, each is decided once."""
    night = Clock.at("2011-12-09T00:10:00", zone=CLOCK.zone)
    project, inputs = gathered(240, most=24, clock=night)
    rng = np.random.default_rng(1)
    people = rng.permutation(inputs["inputs"]["customer_id"].to_pylist())[:120]
    hours = np.sort(rng.integers(0, 24, people.size))
    shown_by = dict.fromkeys(range(24), 0)
    filling = Filling.of(inputs, project=project, arms=Arms.of(inputs["arms"]))
    with Ledger.open(tmp_path / "ledger.db") as book:
        for customer, hour in zip(people.tolist(), hours.tolist(), strict=True):
            clock = Clock.at(f"2011-12-09T{hour:02}:30:00", zone=CLOCK.zone)
            shown = sum(shown_by.values())
            now = paced.corrected(inputs["prices"], used={"channel:web": shown}, made=night.now, clock=clock)
            full = ["channel:web"] if shown >= 24 else []
            found = asked.answer(
                one(project, inputs, customer, clock=clock), sealed=Sealed.of(inputs | {"prices": now}), promises=[],
                salt="salt", clock=clock, full=full,
            )  # fmt: skip
            with book.transaction() as tx:
                row = asked.row_of(found, filling=filling, project=project, run_id=bytes(16))
                assert asked.keep(row, found, prices=now, most=24, clock=clock, tx=tx)
                assert not asked.keep(row, found, prices=now, most=24, clock=clock, tx=tx)
            shown_by[hour] += int(found.drawn.arm[0] != 0)
    total = sum(shown_by.values())
    assert 18 <= total <= 24
    assert sum(shown_by[hour] for hour in range(18, 24)) >= 3  # something is left for the evening


RESERVER = """
import sys
from pathlib import Path
from tactful.store import ledger, sql
from tactful.store.ledger import Ledger
import datetime as dt
path, worker = Path(sys.argv[1]), int(sys.argv[2])
now = dt.datetime(2011, 12, 9, 12, 0, tzinfo=dt.UTC)
print("ready", flush=True)
sys.stdin.readline()
with Ledger.open(path) as book:
    for turn in range(60):
        with book.transaction() as tx:
            ledger.act(tx, sql.named("ledger.decide.keep_live"), {
                "decision_id": (worker * 1000 + turn).to_bytes(16, "big"), "occasion": "o", "customer_id": "c",
                "touchpoint": "web.a", "channel": "web", "program": "p", "outcome_kind": "chosen", "decided_at": now,
                "run_id": bytes(16), "body": "{}", "since": now - dt.timedelta(hours=1), "most": 100,
            })
"""


def test_F48_four_processes_that_ask_at_once_never_show_too_many(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path):
        pass
    command = [sys.executable, "-c", RESERVER, str(path)]
    workers = [
        subprocess.Popen([*command, str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for n in range(4)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    assert [worker.communicate(timeout=60) and worker.returncode for worker in workers] == [0] * 4
    with Ledger.open(path) as book, book.reading() as tx:
        values = {"channel": "web", "since": CLOCK.midnight}
        assert ledger.ask(tx, named("ledger.decide.live_shown"), values)[0]["shown"] == 100


def test_places_that_people_come_to_are_told_from_what_is_sent():
    assert [one.value for one in Channel if paced.is_paced(f"channel:{one.value}")] == ["web", "app", "desk"]
