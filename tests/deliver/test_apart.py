"""What the outbox holds programs to where contacts are reserved, also with several senders at the same moment."""

import datetime as dt
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from tactful.deliver import apart, outbox
from tactful.project.policy import Cap
from tactful.project.programs import Program
from tactful.store import contracts, ledger
from tactful.store.ledger import Ledger
from tactful.store.sql import named
from tactful.words.clock import Clock
from tactful.words.ids import DecisionPoint

NOW = dt.datetime(2011, 12, 9, 12, 50, tzinfo=dt.UTC)
CLOCK = Clock(now=NOW, zone="Europe/London")
PLAIN = {
    "purpose": "marketing", "why": "because it is worth it", "audience": "all", "touchpoints": ["email"],
    "levels": {"all": {"content": "x/y"}}, "expect": {"response": "1%", "margin": "10 GBP"},
}  # fmt: skip


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.db") as opened:
        yield opened


def programs(**said: dict) -> dict[str, Program]:
    return {name: Program.model_validate({"program": name} | PLAIN | more) for name, more in said.items()}


def rows(customers: list[str], *, program: str, occasion: str, run_id: bytes, at: dt.datetime = NOW) -> pa.Table:
    made = []
    for customer in customers:
        point = DecisionPoint(occasion=occasion, customer_id=customer, touchpoint="push")
        made.append(
            {"decision_id": point.decision_id, "message_id": point.message_id, "run_id": run_id, "program": program,
             "customer_id": customer, "channel": "email", "purpose": "marketing", "recipient": f"{customer}@a.example",
             "planned_at": at, "due_at": at, "bytes_hash": b"h" * 16}
        )  # fmt: skip
    schema = contracts.table("outbox").schema
    return pa.Table.from_pylist(made, schema=pa.schema([schema.field(name) for name in made[0]]))


def send(book: Ledger, customers: list[str], known: dict[str, Program], **more) -> dict[str, str]:
    """Queues one run whose occasion is its own; returns each customer's state or reason."""
    program, number, when = more["program"], more["number"], more.get("at", NOW)
    run_id, occasion = bytes([number]) * 16, f"occasion {number}"
    with book.transaction() as tx:
        given = rows(customers, program=program, occasion=occasion, run_id=run_id, at=when)
        outbox.enqueue(
            tx, given, caps=more.get("caps", ()), run_id=run_id, occasion=occasion, clock=Clock(now=when, zone="UTC")
        )
        apart.hold(tx, known, run_id=run_id, clock=Clock(now=when, zone="UTC"))
    with book.reading() as tx:
        found = [row for c in customers for row in ledger.ask(tx, named("ledger.flow.outbox_of_customer"),
                                                                {"customer_id": c})]  # fmt: skip
    mine = [row for row in found if row["decision_id"] in given["decision_id"].to_pylist()]
    return {row["customer_id"]: row["why"] or row["state"] for row in mine}


def contacts(book: Ledger) -> Counter[str]:
    with book.reading() as tx:
        return Counter(
            ledger.table(tx, named("ledger.flow.contacts"), {"since": NOW - dt.timedelta(days=99)})[
                "customer_id"
            ].to_pylist()
        )


def test_a_program_rests_whatever_was_decided_at_the_same_time(book: Ledger) -> None:
    known = programs(a={"every": "7 days"})
    assert send(book, ["x", "y"], known, program="a", number=1) == {"x": "queued", "y": "queued"}
    assert send(book, ["x", "z"], known, program="a", number=2) == {"x": "resting", "z": "queued"}
    later = NOW + dt.timedelta(days=7)
    assert send(book, ["x"], known, program="a", number=3, at=later) == {"x": "queued"}
    assert contacts(book) == {"x": 2, "y": 1, "z": 1}


@pytest.mark.parametrize("who_says", ["a", "b"])
def test_programs_that_exclude_each_other_keep_apart_for_the_day(book: Ledger, who_says: str) -> None:
    known = programs(a={"excludes": ["b"] if who_says == "a" else []}, b={"excludes": ["a"] if who_says == "b" else []})
    assert send(book, ["x"], known, program="a", number=1) == {"x": "queued"}
    assert send(book, ["x"], known, program="b", number=2) == {"x": "excluded_by"}
    assert send(book, ["x"], known, program="b", number=3, at=NOW + dt.timedelta(days=1)) == {"x": "queued"}


def test_a_step_goes_once_for_each_message_of_the_step_before(book: Ledger) -> None:
    known = programs(one={}, two={"follows": {"program": "one", "days": 3, "within": 10}})
    day = dt.timedelta(days=1)
    assert send(book, ["x"], known, program="two", number=1) == {"x": "out_of_sequence"}
    assert send(book, ["x"], known, program="one", number=2) == {"x": "queued"}
    assert send(book, ["x"], known, program="two", number=3, at=NOW + 2 * day) == {"x": "out_of_sequence"}
    assert send(book, ["x"], known, program="two", number=4, at=NOW + 3 * day) == {"x": "queued"}
    assert send(book, ["x"], known, program="two", number=5, at=NOW + 3 * day) == {"x": "out_of_sequence"}
    assert send(book, ["x"], known, program="one", number=6, at=NOW + 5 * day) == {"x": "queued"}
    assert send(book, ["x"], known, program="two", number=7, at=NOW + 16 * day) == {"x": "out_of_sequence"}


def test_sends_a_day_hold_over_runs(book: Ledger) -> None:
    known = programs(a={"limits": {"sends_per_day": 5}})
    people = [f"c{n}" for n in range(4)]
    assert Counter(send(book, people, known, program="a", number=1).values()) == {"queued": 4}
    others = [f"d{n}" for n in range(4)]
    assert Counter(send(book, others, known, program="a", number=2).values()) == {"queued": 1, "capacity": 3}
    later = NOW + dt.timedelta(days=1)
    assert Counter(send(book, others, known, program="a", number=3, at=later).values()) == {"queued": 4}


def test_a_cap_over_any_channel_counts_them_all(book: Ledger) -> None:
    caps, known = [Cap(channel="any", most=1, days=7)], programs(a={})
    assert send(book, ["x"], known, program="a", number=1, caps=caps) == {"x": "queued"}
    assert send(book, ["x"], known, program="a", number=2, caps=caps) == {"x": "over_cap"}


def test_F47_a_sequence_goes_round_as_often_as_its_first_step_and_no_more(book: Ledger) -> None:
    """Ninety days on which every program tries every day, its own sends before it: nothing re-enters by itself."""
    known = programs(
        one={"every": "30 days"}, two={"follows": {"program": "one", "days": 2}},
        three={"follows": {"program": "two", "days": 5}},
    )  # fmt: skip
    sent: Counter[str] = Counter()
    for day in range(90):
        for place, name in enumerate(known):
            at = NOW + dt.timedelta(days=day)
            run_id, occasion = bytes([day, place]) * 8, f"day {day} {name}"
            with book.transaction() as tx:
                given = rows(["x"], program=name, occasion=occasion, run_id=run_id, at=at)
                clock = Clock(now=at, zone="UTC")
                outbox.enqueue(tx, given, caps=(), run_id=run_id, occasion=occasion, clock=clock)
                cancelled = apart.hold(tx, known, run_id=run_id, clock=clock)
            sent[name] += not cancelled
    assert sent == {"one": 3, "two": 3, "three": 3}


SENDER = """
import sys
from pathlib import Path
from deliver.test_apart import CLOCK, programs, rows
from tactful.deliver import apart, outbox
from tactful.project.policy import Cap
from tactful.store.ledger import Ledger

path, worker = Path(sys.argv[1]), int(sys.argv[2])
known = programs(a={"every": "1 day"}, b={"every": "1 day"}, c={"every": "1 day", "excludes": ["a"]})
print("ready", flush=True)
sys.stdin.readline()
with Ledger.open(path) as book:
    for turn in range(6):
        run_id, occasion = bytes([worker * 16 + turn]) * 16, f"{worker} {turn}"
        given = rows([f"c{n}" for n in range(300)], program="abc"[turn % 3], occasion=occasion, run_id=run_id)
        with book.transaction() as tx:
            cap = Cap(channel="email", most=2, days=7)
            outbox.enqueue(tx, given, caps=[cap], run_id=run_id, occasion=occasion, clock=CLOCK)
            apart.hold(tx, known, run_id=run_id, clock=CLOCK)
"""


def test_F48_two_processes_at_once_break_no_limit(tmp_path: Path) -> None:
    """Both queue six runs for the same people at the same moment: caps, rest and exclusion hold for everybody."""
    path = tmp_path / "ledger.db"
    with Ledger.open(path):
        pass
    tests = str(Path(__file__).resolve().parents[1])
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {tests!r})\n{SENDER}", str(path)]
    senders = [
        subprocess.Popen([*command, str(worker)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for worker in (1, 2)
    ]
    for sender in senders:
        assert sender.stdout is not None
        assert sender.stdout.readline() == "ready\n"
    for sender in senders:
        assert sender.stdin is not None
        sender.stdin.write("go\n")
        sender.stdin.flush()
    assert [sender.communicate(timeout=60) and sender.returncode for sender in senders] == [0, 0]
    with Ledger.open(path) as book, book.reading() as tx:
        found = ledger.table(tx, named("ledger.flow.contacts"), {"since": NOW - dt.timedelta(days=99)}).to_pylist()
    by_customer: dict[str, list[str]] = {}
    for row in found:
        by_customer.setdefault(row["customer_id"], []).append(row["program"])
    assert len(by_customer) == 300
    for heard in by_customer.values():
        assert len(heard) == 2
        assert len(set(heard)) == 2  # nobody twice from one program
        assert set(heard) != {"a", "c"}  # nor from two that exclude each other
