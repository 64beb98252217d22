"""Several workers that reserve at the same moment: caps, a program's day, rest and exclusion hold for everybody."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections import Counter
from pathlib import Path

from deliver.test_apart import NOW
from sizes import size
from tactful.store import ledger
from tactful.store.ledger import Ledger
from tactful.store.sql import named

WORKERS, RUNS = 8, 10
SENDERS = """
import os, sys
from pathlib import Path
from deliver.test_apart import CLOCK, programs, rows
from tactful.deliver import apart, outbox
from tactful.project.policy import Cap
from tactful.store.ledger import Ledger

path, workers, people, runs, most = Path(sys.argv[1]), *map(int, sys.argv[2:])
day = {"every": "1 day", "limits": {"sends_per_day": most}}
known = programs(a=day, b=day, c=day | {"excludes": ["a"]})
wait, go = os.pipe()

def work(worker):
    os.close(go)
    os.read(wait, 1)  # all begin at once, when the last hand lets go
    with Ledger.open(path) as book:
        for turn in range(runs):
            run_id, occasion = bytes([worker, turn]) * 8, f"{worker} {turn}"
            given = rows([f"c{n}" for n in range(people)], program="abc"[turn % 3], occasion=occasion, run_id=run_id)
            with book.transaction() as tx:
                cap = Cap(channel="email", most=2, days=7)
                outbox.enqueue(tx, given, caps=[cap], run_id=run_id, occasion=occasion, clock=CLOCK)
                apart.hold(tx, known, run_id=run_id, clock=CLOCK)

children = []
for worker in range(1, workers + 1):
    if not (child := os.fork()):
        try:
            work(worker)
            os._exit(0)
        except BaseException as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(1)
    children.append(child)
os.close(go)
sys.exit(sum(os.waitpid(child, 0)[1] != 0 for child in children))
"""


def test_F48_eight_workers_with_ten_runs_each_break_no_limit(tmp_path: Path) -> None:
    """A thousand customers with TACTFUL_SIZES=whole: cap two a week, a program's most of the day, rest, exclusion."""
    people = size(40, whole=1_000)
    most, path = people * 4 // 5, tmp_path / "ledger.db"
    with Ledger.open(path):
        pass
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r})\n{SENDERS}"]
    numbers = map(str, (WORKERS, people, RUNS, most))
    done = subprocess.run([*command, str(path), *numbers], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    with Ledger.open(path) as book, book.reading() as tx:
        found = ledger.table(tx, named("ledger.flow.contacts"), {"since": NOW - dt.timedelta(days=99)}).to_pylist()
    by_customer: dict[str, list[str]] = {}
    for row in found:
        by_customer.setdefault(row["customer_id"], []).append(row["program"])
    assert max(Counter(row["program"] for row in found).values()) == most
    assert len(by_customer) == people
    for heard in by_customer.values():
        assert len(heard) <= 2
        assert len(set(heard)) == len(heard)  # nobody twice from one program
        assert set(heard) != {"a", "c"}  # nor from two that exclude each other
