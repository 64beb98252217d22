"""Work that dies: processes that are killed, or kill themselves at a named point, as a power cut would."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from types import FrameType
from typing import Any

from flow.shops import OCCASION, opened
from tactful.check.scan import Scanner
from tactful.flow.forgetting import forget
from tactful.flow.journey import run_journey
from tactful.flow.manifest import find_run
from tactful.flow.progress import Silent
from tactful.flow.sending import send
from tactful.flow.visits import seal_visits
from tactful.flow.workspace import open_workspace


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DiesAt:
    """A progress that kills its process when the work reaches a point: the begin of a step, its first rows, its end."""

    def __init__(self, step: str, point: str) -> None:
        self.wanted, self.point = step, point

    @contextmanager
    def step(self, name: str, *, says: str, total: int | None) -> Iterator[Callable[[int], None]]:
        here = name == self.wanted
        if here and self.point == "begin":
            die()
        yield lambda _rows: die() if here and self.point == "rows" else None
        if here and self.point == "end":
            die()

    def skipped(self, name: str, *, says: str) -> None:
        pass


def run_dying_at(root: Path, step: str, point: str) -> None:
    """Runs, and dies at a point of a step."""
    with opened(root) as space:
        run_journey(space, occasion=OCCASION, progress=DiesAt(step, point))


def run_dying_at_rename(root: Path, number: int, after: bool) -> None:
    """Runs, and dies at the so-manieth rename of a file: before it, or between the rename and the seal."""
    seen = 0

    def watch(event: str, _values: tuple[Any, ...]) -> None:
        nonlocal seen
        if event == "os.rename":
            seen += 1
        if (event == "os.rename" and seen == number and not after) or (event == "open" and seen >= number):
            die()

    sys.addaudithook(watch)
    with opened(root) as space:
        run_journey(space, occasion=OCCASION, progress=Silent())


def visits_dying_at(root: Path, point: str) -> None:
    """Seals what was decided when people came, and dies at a point: of the step, at the second file, when all are
    there and none is named, or after."""
    seen = 0

    def watch(event: str, _values: tuple[Any, ...]) -> None:
        nonlocal seen
        seen += event == "os.rename"
        if event == "os.rename" and seen == {"rename": 2}.get(point, -1):
            die()

    sys.addaudithook(watch)
    with opened(root) as space:
        at = "end" if point == "named" else point
        seal_visits(space, progress=DiesAt("visits", at) if point != "end" else Silent())
    die()


def send_dying_at_rename(root: Path, number: int) -> None:
    """Sends in small batches, and dies at the so-manieth mail's rename."""
    seen = 0

    def watch(event: str, _values: tuple[Any, ...]) -> None:
        nonlocal seen
        if event == "os.rename":
            seen += 1
            if seen == number:
                die()

    sys.addaudithook(watch)
    send_in(root, 25)


def send_dying_at_write(root: Path, number: int) -> None:
    """Sends in small batches, and dies as the so-manieth mail is about to be written."""
    seen = 0

    def watch(event: str, values: tuple[Any, ...]) -> None:
        nonlocal seen
        if event == "open" and str(values[0]).endswith(".eml") and "/tmp/" in str(values[0]) and "w" in str(values[1]):
            seen += 1
            if seen == number:
                die()

    sys.addaudithook(watch)
    send_in(root, 25)


def send_dying_in_scan(root: Path, number: int) -> None:
    """Sends in small batches, and dies as the so-manieth part of its letters is searched by the last scan."""
    seen = 0

    def watch(frame: FrameType, event: str, _value: object) -> None:
        nonlocal seen
        if event == "call" and frame.f_code is Scanner.scan.__code__:
            seen += 1
            if seen == number:
                die()

    sys.setprofile(watch)
    send_in(root, 25)


def send_in(root: Path, batch: int) -> None:
    """Sends in batches."""
    with opened(root) as space:
        send(space, find_run(space, None), progress=Silent(), batch=batch)


def processes() -> ForkServerContext:
    """Processes that begin with everything imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tactful.flow.journey", "tactful.flow.sending", "scipy.special", "scipy.optimize"])
    return context


def started(work: Callable[..., None], *arguments: object) -> ForkServerProcess:
    process = processes().Process(target=work, args=arguments)
    process.start()
    return process


def ended(work: Callable[..., None], *arguments: object) -> int:
    """The exit code of a piece of work in a process of its own; -9 where it was killed."""
    process = started(work, *arguments)
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode


def forget_dying_at(root: Path, customer: str, number: int) -> None:
    """Erases, and dies at the so-manieth removal of a file."""
    seen = 0

    def watch(event: str, _values: tuple[Any, ...]) -> None:
        nonlocal seen
        if event == "os.remove":
            seen += 1
            if seen == number:
                die()

    sys.addaudithook(watch)
    with open_workspace(root) as space:
        forget(space, customer)
