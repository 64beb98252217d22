"""Worker processes: results in order, Arrow columns as they were, faults told as they are, and nobody left behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from store import work
from tactful.store.ahead import cores
from tactful.store.workers import spread
from tactful.words.errors import Misuse, StoreFaulty


def alive(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    try:
        return stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(("workers", "is_here"), [(1, True), (1, False), (3, True), (2, False)])
def test_results_come_in_order_from_processes_which_end(workers: int, *, is_here: bool) -> None:
    made = list(spread(work.adder, iter(range(40)), given=100, workers=workers, is_here=is_here))
    assert [one for one, _ in made] == list(range(100, 140))
    processes = {process for _, process in made}
    assert len(processes) <= workers
    assert is_here or os.getpid() not in processes
    assert not any(alive(one) for one in processes - {os.getpid()})


def test_tables_pass_as_they_are_also_slices_and_what_is_empty() -> None:
    words = pa.array([f"word {n}" for n in range(3_000)]).dictionary_encode()
    table = pa.table({"a": np.arange(3_000), "b": words, "c": pa.nulls(3_000), "d": [[n] for n in range(3_000)]})
    given = [table, table.slice(7, 11), table.slice(0, 0), table]
    made = list(spread(work.doubled, given, given=None, workers=1, is_here=False))
    assert [one.equals(pa.concat_tables([a, a]).combine_chunks()) for one, a in zip(made, given, strict=True)] == [
        True
    ] * 4
    assert next(spread(work.cut, [table], given=5, workers=1, is_here=False)).equals(table.slice(1, 5))


def test_what_an_act_raises_is_raised_here_and_ends_the_work() -> None:
    made = spread(work.failing, range(1_000), given=3, workers=2, is_here=False)
    assert [next(made) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(Misuse, match="no more"):
        next(made)
    with pytest.raises(Misuse, match="cannot begin"):
        list(spread(work.unmade, range(3), given=None, workers=1, is_here=False))


def test_a_fault_that_cannot_be_sent_is_told_in_words() -> None:
    with pytest.raises(RuntimeError, match="Odd: local"):
        list(spread(work.odd, range(3), given=None, workers=1, is_here=False))


def test_a_worker_that_dies_is_told_with_its_signal() -> None:
    with pytest.raises(StoreFaulty, match=r"worker process: ended with signal 9 .* too little memory"):
        list(spread(work.dying, range(1_000), given=5, workers=2, is_here=False))


def test_a_reader_that_stops_early_leaves_no_worker_behind() -> None:
    made = spread(work.adder, range(1_000), given=0, workers=2, is_here=False)
    _, process = next(made)
    made.close()
    assert not alive(process)


@pytest.mark.parametrize(("workers", "is_here"), [(2, True), (1, False)])
def test_a_worker_works_in_one_thread(workers: int, *, is_here: bool) -> None:
    before = cores()
    assert list(spread(work.threads, [0], given=None, workers=workers, is_here=is_here)) == [1]
    assert cores() == before


def test_where_the_system_lets_no_process_begin_this_one_works_alone() -> None:
    code = """
        import os, resource
        from store import work
        from tactful.store.workers import spread

        resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 5,) * 2)
        before = os.listdir("/proc/self/fd")
        made = list(spread(work.adder, range(5), given=1, workers=3))
        assert made == [(number + 1, os.getpid()) for number in range(5)], made
        assert os.listdir("/proc/self/fd") == before
    """
    command = [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}\n{textwrap.dedent(code)}"]
    assert subprocess.run(command, check=False).returncode == 0


def test_workers_end_when_who_started_them_is_killed() -> None:
    code = """
        import os, sys
        from store import work
        from tactful.store.workers import spread

        made = spread(work.adder, iter(int, 1), given=0, workers=1, is_here=False)
        print(*{next(made)[1] for _ in range(20)}, flush=True)
        sys.stdin.read()
    """
    command = [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}\n{textwrap.dedent(code)}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        workers = [int(one) for one in process.stdout.readline().split()]
        assert workers
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    for worker in workers:
        try:
            descriptor = os.pidfd_open(worker)
        except ProcessLookupError:
            continue
        try:
            assert select.select([descriptor], [], [], 10)[0], "a worker outlived who started it"
        finally:
            os.close(descriptor)
