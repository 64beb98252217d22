"""The outbox: at most once, caps exact, opt-outs win, crashes lose and repeat nothing."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import apsw
import pyarrow as pa
import pytest

from tactful.deliver import contacts, outbox, suppression
from tactful.deliver.channels.file import FileChannel
from tactful.project.policy import Cap
from tactful.store import contracts, ledger
from tactful.store.ledger import Ledger
from tactful.store.sql import named
from tactful.words.clock import Clock
from tactful.words.ids import DecisionPoint
from tactful.words.outcome import Reason
from tactful.words.ports import Parcel

NOW = dt.datetime(2011, 12, 9, 12, 50, tzinfo=dt.UTC)
RUN, OTHER = b"r" * 16, b"o" * 16
WEEKLY = Cap(channel="email", purpose="marketing", most=2, days=7)
KEY = b"k" * 32
CLOCK = Clock(now=NOW, zone="Europe/London")
BOUND = ("run_id", "token", "until", "due", "attempts", "most", "decision_id", "due_at")


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.db") as opened:
        yield opened


def rows(*customers: str, occasion: str = "2011-12-09", run_id: bytes = RUN) -> pa.Table:
    points = [DecisionPoint(occasion=occasion, customer_id=c, touchpoint="push") for c in customers]
    names = [
        "decision_id",
        "message_id",
        "run_id",
        "customer_id",
        "channel",
        "purpose",
        "recipient",
        "planned_at",
        "due_at",
        "bytes_hash",
    ]
    schema = contracts.table("outbox").schema
    return pa.Table.from_pylist(
        [
            dict(
                zip(
                    names,
                    (
                        p.decision_id,
                        p.message_id,
                        run_id,
                        p.customer_id,
                        "email",
                        "marketing",
                        f"{p.customer_id}@example.org",
                        NOW,
                        NOW,
                        b"h" * 16,
                    ),
                    strict=True,
                )
            )
            for p in points
        ],
        schema=pa.schema([schema.field(n) for n in names]),
    )


def states(book: Ledger, run_id: bytes = RUN) -> dict[tuple[str, str], int]:
    with book.reading() as tx:
        return {(r["state"], r["why"]): r["rows"] for r in outbox.counts(tx, run_id=run_id)}


def take(
    book: Ledger,
    *,
    refused: dict[tuple[str, str], Reason] | None = None,
    suppressed: frozenset[bytes] = frozenset(),
    waits: dict[str, dt.datetime] | None = None,
    at: dt.datetime = NOW,
) -> outbox.Lease:
    barred = outbox.Barred(
        refused=lambda customer, purpose: (refused or {}).get((customer, purpose)),
        waits=lambda row: (waits or {}).get(row["customer_id"]),
        suppressed=suppressed,
        hash_of=lambda address: suppression.address_hash(address, key=KEY),
    )
    with book.transaction() as tx:
        return outbox.claim(tx, run_id=RUN, most=100, barred=barred, due=at, now=at)


def test_the_same_occasion_twice_queues_no_second_message(book: Ledger) -> None:
    with book.transaction() as tx:
        assert outbox.enqueue(tx, rows("a", "b"), caps=[WEEKLY], run_id=RUN, occasion="2011-12-09", clock=CLOCK) == 2
        assert (
            outbox.enqueue(
                tx, rows("a", "b", run_id=OTHER), caps=[WEEKLY], run_id=OTHER, occasion="2011-12-09", clock=CLOCK
            )
            == 0
        )
    assert states(book) == {("queued", ""): 2}
    assert states(book, OTHER) == {}


def test_a_cap_holds_exactly_whatever_the_decision_said(book: Ledger) -> None:
    for number in range(4):
        with book.transaction() as tx:
            outbox.enqueue(
                tx,
                rows("a", occasion=f"day {number}", run_id=bytes([number]) * 16),
                caps=[WEEKLY],
                run_id=bytes([number]) * 16,
                occasion=f"day {number}",
                clock=CLOCK,
            )
    assert [states(book, bytes([n]) * 16) for n in range(4)] == [
        {("queued", ""): 1},
        {("queued", ""): 1},
        {("cancelled", "over_cap"): 1},
        {("cancelled", "over_cap"): 1},
    ]


def test_imported_past_sends_count_from_the_first_day(book: Ledger) -> None:
    past = pa.table(
        {
            "customer_id": ["a", "a"],
            "channel": ["email"] * 2,
            "purpose": ["marketing"] * 2,
            "happened_at": pa.array([NOW - dt.timedelta(days=d) for d in (1, 2)], pa.timestamp("us", tz="UTC")),
            "source": ["import"] * 2,
        }
    )
    with book.transaction() as tx:
        assert contacts.record({"past_sends": past}, tx=tx) == 2
        assert contacts.record({"past_sends": past}, tx=tx) == 0
        outbox.enqueue(tx, rows("a", "b"), caps=[WEEKLY], run_id=RUN, occasion="o", clock=CLOCK)
    assert states(book) == {("cancelled", "over_cap"): 1, ("queued", ""): 1}


def test_an_opt_out_between_queue_and_claim_wins_and_gives_its_reservation_back(book: Ledger) -> None:
    with book.transaction() as tx:
        outbox.enqueue(tx, rows("a", "b"), caps=[], run_id=RUN, occasion="o", clock=CLOCK)
    lease = take(book, refused={("a", "marketing"): Reason.WITHDRAWN})
    assert [row["customer_id"] for row in lease.rows] == ["b"]
    assert lease.cancelled == 1
    with book.transaction() as tx:
        outbox.settle(tx, lease=lease, results=[], now=NOW)
        left = ledger.ask(tx, named("ledger.flow.contacts"), {"since": NOW})
    assert [row["customer_id"] for row in left] == ["b"]


def test_a_no_to_marketing_does_not_stop_service(book: Ledger) -> None:
    with book.transaction() as tx:
        service = rows("a").set_column(5, "purpose", pa.array(["service"]))
        outbox.enqueue(tx, service, caps=[], run_id=RUN, occasion="o", clock=CLOCK)
    assert len(take(book, refused={("a", "marketing"): Reason.NO_CONSENT}).rows) == 1


def test_an_address_suppressed_after_queueing_gets_nothing(book: Ledger) -> None:
    with book.transaction() as tx:
        outbox.enqueue(tx, rows("a", "b"), caps=[], run_id=RUN, occasion="o", clock=CLOCK)
    lease = take(book, suppressed=frozenset({suppression.address_hash("A@example.org ", key=KEY)}))
    assert [row["customer_id"] for row in lease.rows] == ["b"]
    assert ("cancelled", "suppressed") in states(book)


def test_a_sender_that_lost_its_lease_writes_nothing(book: Ledger) -> None:
    with book.transaction() as tx:
        outbox.enqueue(tx, rows("a"), caps=[], run_id=RUN, occasion="o", clock=CLOCK)
    frozen = take(book)
    with book.transaction() as tx:
        assert outbox.recover(tx, run_id=RUN, repeats_safely=True) == 1
    awake = take(book)
    result = [outbox.Result(decision_id=frozen.rows[0]["decision_id"], state="accepted")]
    with book.transaction() as tx:
        assert outbox.settle(tx, lease=frozen, results=result, now=NOW) == 0
        assert outbox.settle(tx, lease=awake, results=result, now=NOW) == 1
    assert states(book) == {("accepted", ""): 1}


def test_a_crash_on_a_channel_that_would_send_twice_leaves_the_message_in_doubt(book: Ledger) -> None:
    with book.transaction() as tx:
        outbox.enqueue(tx, rows("a"), caps=[], run_id=RUN, occasion="o", clock=CLOCK)
    take(book)
    with book.transaction() as tx:
        assert outbox.recover(tx, run_id=RUN, repeats_safely=False) == 0
    assert [state for state, _ in states(book)] == ["in_doubt"]


def test_a_message_that_is_not_due_waits(book: Ledger) -> None:
    later = rows("a").set_column(8, "due_at", pa.array([NOW + dt.timedelta(hours=3)], pa.timestamp("us", tz="UTC")))
    with book.transaction() as tx:
        outbox.enqueue(tx, later, caps=[], run_id=RUN, occasion="o", clock=CLOCK)
    assert take(book).rows == ()
    assert states(book) == {("queued", ""): 1}


def test_K6_what_would_arrive_by_night_waits_and_its_reservation_counts_on_the_morning(book: Ledger) -> None:
    with book.transaction() as tx:
        outbox.enqueue(tx, rows("a", "b", "c"), caps=[], run_id=RUN, occasion="o", clock=CLOCK)
    morning = NOW + dt.timedelta(hours=19)
    lease = take(book, waits={"a": morning, "b": morning}, refused={("b", "marketing"): Reason.CEILING_DIAL})
    assert ([row["customer_id"] for row in lease.rows], lease.cancelled, lease.postponed) == (["c"], 1, 1)
    assert states(book) == {("queued", ""): 1, ("cancelled", "ceiling_dial"): 1, ("attempting", ""): 1}
    with book.reading() as tx:
        kept = ledger.ask(tx, named("ledger.flow.contacts"), {"since": NOW})
    assert [(row["customer_id"], row["happened_at"]) for row in kept] == [("a", morning), ("c", NOW)]
    assert take(book).rows == ()
    with book.transaction() as tx:
        outbox.enqueue(tx, rows("a", "b", "c"), caps=[], run_id=RUN, occasion="o", clock=CLOCK)
        assert len(ledger.ask(tx, named("ledger.flow.contacts"), {"since": NOW})) == 2
    (row,) = take(book, at=morning).rows
    assert (row["customer_id"], row["attempts"], row["due_at"]) == ("a", 1, morning)


def test_a_cancelled_messages_reservation_is_free_before_anything_else_is_claimed(book: Ledger) -> None:
    with book.transaction() as tx:
        outbox.enqueue(tx, rows("a"), caps=[WEEKLY], run_id=RUN, occasion="o", clock=CLOCK)
    take(book, refused={("a", "marketing"): Reason.TOPIC_OFF})
    with book.reading() as tx:
        assert ledger.ask(tx, named("ledger.flow.contacts"), {"since": NOW}) == []


def test_claiming_asks_by_indexes_and_never_walks_the_outbox(book: Ledger) -> None:
    asked = {"fewest_attempts": "outbox_by_run_id", "claim": "outbox_by_run_id", "attempt": "outbox_by_run_id",
             "claimed": "outbox_by_run_id", "release_contact": "contact_by", "move_contact": "contact_by"}  # fmt: skip
    plain = apsw.Connection(str(book.path))
    for name, index in asked.items():
        query = named(f"ledger.deliver.{name}").text
        plan = [row[3] for row in plain.execute(f"EXPLAIN QUERY PLAN {query}", dict.fromkeys(BOUND, 0))]
        assert any(index in step for step in plan), plan
        assert not any(step.startswith("SCAN") for step in plan), plan


def test_F50_a_row_that_kills_its_sender_again_and_again_is_set_aside(book: Ledger) -> None:
    with book.transaction() as tx:
        outbox.enqueue(tx, rows("a"), caps=[], run_id=RUN, occasion="o", clock=CLOCK)
    for _ in range(outbox.MOST_CRASHES):
        assert len(take(book).rows) == 1
        with book.transaction() as tx:
            outbox.recover(tx, run_id=RUN, repeats_safely=True)
    assert [state for state, _ in states(book)] == ["poison"]


def test_F50_the_neighbours_of_a_row_that_kills_its_sender_are_sent(book: Ledger) -> None:
    """Thirty rows in hand at the first crash, one of them at fault: it alone is set aside, after the others left."""
    names = [f"c{number:02}" for number in range(30)]
    with book.transaction() as tx:
        outbox.enqueue(tx, rows(*names), caps=[], run_id=RUN, occasion="o", clock=CLOCK)
    left: list[str] = []
    for _ in range(100):
        lease = take(book)
        with book.transaction() as tx:
            if any(row["customer_id"] == "c17" for row in lease.rows):
                outbox.recover(tx, run_id=RUN, repeats_safely=True)
                continue
            done = [outbox.Result(decision_id=row["decision_id"], state="accepted") for row in lease.rows]
            outbox.settle(tx, lease=lease, results=done, now=NOW)
        left += [row["customer_id"] for row in lease.rows]
    assert sorted(left) == [name for name in names if name != "c17"]
    assert states(book) == {("accepted", ""): 29, ("poison", "its sender crashed again and again"): 1}


def test_being_asked_to_wait_is_no_crash(book: Ledger) -> None:
    with book.transaction() as tx:
        outbox.enqueue(tx, rows("a"), caps=[], run_id=RUN, occasion="o", clock=CLOCK)
    for _ in range(2 * outbox.MOST_CRASHES):
        lease = take(book)
        wait = [outbox.Result(decision_id=lease.rows[0]["decision_id"], state="deferred", why="busy")]
        with book.transaction() as tx:
            outbox.settle(tx, lease=lease, results=wait, now=NOW)
            outbox.recover(tx, run_id=RUN, repeats_safely=True)
    assert [state for state, _ in states(book)] == ["queued"]


def test_the_file_channel_writes_one_complete_file_however_often(tmp_path: Path) -> None:
    channel = FileChannel(folder=tmp_path / "mail")
    parcel = Parcel(message_id=b"m" * 16, recipient="a@example.org", payload=b"Subject: hi\r\n\r\nhello\r\n")
    assert channel.hand_over(parcel) == channel.hand_over(parcel)
    assert not list((tmp_path / "mail" / "new").iterdir())
    channel.flush()
    channel.flush()
    assert channel.hand_over(parcel).reference == f"new/{'6d' * 16}.eml"
    channel.flush()
    files = [p for p in (tmp_path / "mail").rglob("*") if p.is_file()]
    assert [p.read_bytes() for p in files] == [parcel.payload]


def test_suppressed_customers_are_found_whatever_the_case_of_their_address(book: Ledger) -> None:
    listed = pa.table(
        {
            "address": ["ANNA@example.org"],
            "channel": ["email"],
            "why": ["complaint"],
            "since": pa.array([NOW], pa.timestamp("us", tz="UTC")),
            "source": ["import"],
        }
    )
    profiles = pa.table({"customer_id": ["1", "2", "3"], "email": ["anna@Example.org", "ben@example.org", None]})
    with book.transaction() as tx:
        assert suppression.record({"suppressions": listed}, key=KEY, tx=tx) == 1
        kept = ledger.table(tx, named("ledger.flow.suppressions"))
    assert b"anna" not in book.path.read_bytes().lower()
    found = suppression.suppressed({"profiles": profiles, "suppression": kept}, key=KEY)
    assert found["customer_id"].to_pylist() == ["1"]
