"""Work on the next stretches of a file while the last one is being used: in order, and never more than a few ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


def ahead(work: Callable[[Given], Made], items: Iterable[Given], *, workers: int = 2) -> Iterator[Made]:
    """The results of a pure function on each item, in the order of the items.

    At most `workers` + 1 results are under way at once, so memory stays bounded. Where the reader stops early, or the
    function raises, what is under way is finished and nothing new is begun.

    Args:
        work: pure; most of its time should be in NumPy or Arrow, which let other threads run.
        items: drawn on the caller's thread.
        workers: threads.

    >>> list(ahead(lambda number: number * number, range(5)))
    [0, 1, 4, 9, 16]
    """
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="load") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for late in waiting:
                late.cancel()
