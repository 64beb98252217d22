"""What may leave in an hour holds to the unit, over all runs; the rest waits for the next and counts there."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from deliver.test_apart import rows
from tactful.deliver import apart, outbox
from tactful.deliver.hourly import Hour
from tactful.deliver.outbox import Barred
from tactful.project.policy import Policy
from tactful.store import ledger
from tactful.store.ledger import Ledger
from tactful.store.sql import Query
from tactful.words.clock import Clock

NOON = dt.datetime(2011, 12, 9, 12, 50, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
ONE, TWO = b"1" * 16, b"2" * 16
BARRED = Barred(refused=lambda *_: None, waits=lambda _: None, suppressed=frozenset(), hash_of=lambda _: b"")


def policy(*sends: dict[str, object]) -> Policy:
    least = {"familiarity": {}, "knowledge": {}}
    return Policy.model_validate({"ceiling": least, "caps": [], "contact_cost": {}, "capacity": {"sends": list(sends)}})


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.db") as opened:
        yield opened


def queue(book: Ledger, *, run_id: bytes, first: int, count: int, allowed: Policy | None = None) -> None:
    names = [f"c{number}" for number in range(first, first + count)]
    clock = Clock(now=NOON, zone="Europe/London")
    with book.transaction() as tx:
        given = rows(names, program="p", occasion=run_id.decode(), run_id=run_id, at=NOON)
        outbox.enqueue(tx, given, caps=(), run_id=run_id, occasion=run_id.decode(), clock=clock)
        if allowed is not None:
            apart.hold_channels(tx, allowed, run_id=run_id, clock=clock)


def send(book: Ledger, *, run_id: bytes, at: dt.datetime, most: int, batch: int = 4) -> int:
    """As `flow` drains: claims until nothing is due."""
    left = 0
    while True:
        with book.transaction() as tx:
            hour = Hour.of(policy({"channel": "email", "most": most, "per": "hour"}), channel="email", now=at)
            assert hour is not None
            room = min(batch, hour.left(tx))
            if not room:
                hour.put_off(tx, run_id=run_id)
            lease = outbox.claim(tx, run_id=run_id, most=max(1, room), barred=BARRED, due=at, now=at)
            hour.count(tx, rows=lease.rows)
            done = [outbox.Result(decision_id=row["decision_id"], state="accepted") for row in lease.rows]
            outbox.settle(tx, lease=lease, results=done, now=at)
        if not lease.rows:
            return left
        left += len(lease.rows)


def contacts(book: Ledger) -> Counter[int]:
    with book.reading() as tx:
        found = ledger.ask(tx, Query("test.contacts", "SELECT happened_at FROM contact"))
    return Counter(row["happened_at"].hour for row in found)


def test_no_more_leave_in_an_hour_than_the_channel_can_carry_and_the_rest_waits(book: Ledger) -> None:
    queue(book, run_id=ONE, first=0, count=25)
    assert send(book, run_id=ONE, at=NOON, most=10) == 10
    assert send(book, run_id=ONE, at=NOON, most=10) == 0
    assert contacts(book) == {12: 10, 13: 15}
    assert send(book, run_id=ONE, at=NOON + HOUR, most=10) == 10
    assert send(book, run_id=ONE, at=NOON + 2 * HOUR, most=10) == 5
    assert contacts(book) == {12: 10, 13: 10, 14: 5}


def test_two_runs_share_the_hour(book: Ledger) -> None:
    queue(book, run_id=ONE, first=0, count=7)
    queue(book, run_id=TWO, first=100, count=7)
    assert send(book, run_id=ONE, at=NOON, most=10) == 7  # what only waits in another run takes nothing yet
    assert send(book, run_id=TWO, at=NOON, most=10) == 3


def test_what_was_due_before_counts_in_the_hour_in_which_it_leaves(book: Ledger) -> None:
    queue(book, run_id=ONE, first=0, count=7)
    queue(book, run_id=TWO, first=100, count=7)
    assert send(book, run_id=ONE, at=NOON + HOUR, most=10) == 7
    assert send(book, run_id=TWO, at=NOON + HOUR, most=10) == 3


def test_without_a_capacity_by_the_hour_there_is_none() -> None:
    said = policy({"channel": "email", "most": 5}, {"channel": "web", "most": 2, "per": "hour"})
    assert Hour.of(said, channel="email", now=NOON) is None


def test_F48_two_runs_of_a_day_that_were_decided_before_either_was_sent_keep_the_channel_s_day(book: Ledger) -> None:
    allowed = policy({"channel": "email", "most": 10}, {"channel": "email", "most": 99, "per": "hour"})
    queue(book, run_id=ONE, first=0, count=8, allowed=allowed)
    queue(book, run_id=TWO, first=100, count=8, allowed=allowed)
    with book.reading() as tx:
        found = ledger.ask(tx, Query("test.outbox", "SELECT run_id, state, why FROM outbox"))
    states = Counter((row["run_id"], row["state"], row["why"]) for row in found)
    assert states == {(ONE, "queued", ""): 8, (TWO, "queued", ""): 2, (TWO, "cancelled", "capacity"): 6}
    assert contacts(book) == {12: 10}
