"""Work on what comes next while the last of it is being used: in order, and never more than a few ahead."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")
MOST_WORKERS = 4
"""More would wait for each other: a good part of the work is Python's own."""
_ONE_EACH: Final[list[bool]] = []


def cores() -> int:
    """How many threads are worth having: the cores that are ours; one in a process that is itself one of several."""
    return 1 if _ONE_EACH else min(MOST_WORKERS, len(os.sched_getaffinity(0)))


@contextmanager
def alone() -> Iterator[None]:
    """Within it this process works in one thread: it is one of several that share the cores."""
    _ONE_EACH.append(True)
    try:
        yield
    finally:
        _ONE_EACH.pop()


def ahead(act: Callable[[Given], Made], items: Iterable[Given], *, workers: int | None = None) -> Iterator[Made]:
    """The results of an act on each item, in the order of the items.

    At most `workers` + 1 results are under way at once, so memory stays bounded. A single item, or a single worker,
    needs no thread. Where the reader stops early, or the act raises, what is under way is finished and nothing new is
    begun.

    Args:
        act: lets other threads run for most of its time, as Arrow, NumPy and hashing do.
        items: drawn on the caller's thread, one after the other.
        workers: threads; as many as `cores` says, where left out.

    >>> list(ahead(lambda number: number * number, range(5)))
    [0, 1, 4, 9, 16]
    """
    count = workers or cores()
    if count == 1 or (isinstance(items, Sized) and len(items) < 2):
        yield from map(act, items)
        return
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(count, thread_name_prefix="ahead") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(act, item))
                if len(waiting) > count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for late in waiting:
                late.cancel()
