"""Work in processes beside this one: each item goes to whoever is idle, and the results come back in order.

Threads share what Python does itself; processes do not. This process works too, from the first moment on; each of the
others begins as a fresh interpreter, so that whatever is held open here (the ledger, threads of a library) is not
copied into it. Items and results are pickled, and the bytes of their Arrow columns pass through the pipe as they are.
A worker ends when its pipe ends: none outlives this process, however it dies.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from traceback import format_exception
from typing import Any, BinaryIO, Final, TypeVar

import pyarrow as pa

from tactful.store.ahead import alone
from tactful.words.errors import StoreFaulty

Given = TypeVar("Given")
Item = TypeVar("Item")
Made = TypeVar("Made")
_BUFFER: Final = 1 << 20
_ALIGNED: Final = 64
_PATIENCE: Final = 10
"""Seconds in which a worker that was told to end does so."""
_BEGIN: Final = "import sys; sys.path[:] = {path!r}; from tactful.store.workers import serve; serve({inbox}, {outbox})"


def spread(
    make: Callable[[Given], Callable[[Item], Made]],
    items: Iterable[Item],
    *,
    given: Given,
    workers: int,
    is_here: bool = True,
) -> Generator[Made]:
    """What an act makes of each item, in the order of the items: as `at_work` has it, for one row of items."""
    with at_work(make, given, workers=workers, is_here=is_here) as over:
        yield from over(items)


@contextmanager
def at_work(
    make: Callable[[Given], Callable[[Item], Made]], given: Given, *, workers: int, is_here: bool = True
) -> Iterator[Callable[[Iterable[Item]], Iterator[Made]]]:
    """Processes that begin at once, and a function that gives what an act makes of each item, in their order.

    A few results are under way at once, so memory stays bounded. Where the reader stops early, or the act raises, every
    worker is ended. Where no other process is asked for, or the system lets none begin, this one works alone,
    without a thread.

    Args:
        make: called once in each process; gives the act. A function of a module, so that it can be named there.
        given: what `make` is called with.
        workers: how many processes.
        is_here: whether this process is one of them: a thread of it works while the caller's waits.

    Raises:
        StoreFaulty: a worker died. Whatever the act raises is raised here.
    """
    beside = _begun(make, given, count=workers - is_here)
    if not beside:
        yield lambda items: map(make(given), items)
        return
    hands: list[_Here | _Hand] = [_Here(make, given), *beside] if is_here else [*beside]
    line = _Line(hands)
    with alone(), ThreadPoolExecutor(workers, thread_name_prefix="worker") as pool:
        try:
            for hand in hands:
                pool.submit(line.begin, hand)
            yield lambda items: line.over(items, pool=pool)
            for hand in hands:
                if hand.is_ready:
                    hand.dismiss()
        finally:
            for hand in hands:
                hand.end()


def _begun(make: Callable[[Any], Callable[[Any], Any]], given: object, *, count: int) -> list[_Hand]:  # Any: as above
    """So many workers, or as many as the system lets begin."""
    hands: list[_Hand] = []
    with suppress(OSError):
        while len(hands) < count and sys.executable:
            hands.append(_Hand(make, given))
    return hands


class _Line:
    """Who is idle, in the order in which they became so."""

    def __init__(self, hands: Sequence[_Here | _Hand]) -> None:
        self.idle: SimpleQueue[_Here | _Hand] = SimpleQueue()
        self.most = 2 * len(hands)

    def begin(self, hand: _Here | _Hand) -> None:
        """Lets one begin; it is idle when it is ready, or dead, which it says when it is asked."""
        hand.begin()
        self.idle.put(hand)

    def over(self, items: Iterable[Any], *, pool: ThreadPoolExecutor) -> Iterator[Any]:  # Any: as the act has them
        """What is made of each item; they are drawn here, one after the other."""
        waiting: deque[Future[Any]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(self._ask, item))
                if len(waiting) > self.most:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for late in waiting:
                late.cancel()

    def _ask(self, item: object) -> Any:  # Any: what the act makes
        hand = self.idle.get()
        try:
            return hand.ask(item)
        finally:
            self.idle.put(hand)


class _Here:
    """This process, as one of those that work."""

    is_ready = True

    def __init__(self, make: Callable[[Any], Callable[[Any], Any]], given: object) -> None:  # Any: as the caller says
        self.make, self.given = make, given
        self.act: Callable[[Any], Any] | None = None

    def begin(self) -> None:
        """Nothing to do: it is here."""

    def ask(self, what: object) -> Any:  # Any: what the act makes
        """Does it."""
        self.act = self.act or self.make(self.given)
        return self.act(what)

    def dismiss(self) -> None:
        """Nothing to do: what it does is done."""

    def end(self) -> None:
        """Nothing to do: it ends when what it does is done."""


class _Hand:
    """One worker, and the pipes to it and from it."""

    def __init__(self, make: Callable[[Any], Callable[[Any], Any]], given: object) -> None:  # Any: as the caller says
        self.given = make, given
        self.fault: Exception | None = None
        self.is_ready = False
        inbox, ours_out = os.pipe()
        ours_in, outbox = os.pipe()
        path = [one for one in sys.path if one != ""]
        self.to: BinaryIO = os.fdopen(ours_out, "wb", _BUFFER)
        self.back: BinaryIO = os.fdopen(ours_in, "rb", _BUFFER)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _BEGIN.format(path=path, inbox=inbox, outbox=outbox)],
                pass_fds=(inbox, outbox),
                stdin=subprocess.DEVNULL,
            )
        except OSError:
            self.to.close()
            self.back.close()
            raise
        finally:
            os.close(inbox)
            os.close(outbox)

    def begin(self) -> None:
        """Tells it what it is given, and waits until it is ready; a fault is kept for who asks it first."""
        try:
            self._answer(self.given)
            self.is_ready = True
        except Exception as fault:
            self.fault = fault

    def ask(self, what: object) -> Any:  # Any: what the act makes
        """Says something, and gives the answer, or raises it."""
        if self.fault:
            raise self.fault
        return self._answer(what)

    def _answer(self, what: object) -> Any:  # Any: as above
        try:
            with suppress(BrokenPipeError):  # it died: there will be no answer
                _send(self.to, what)
            is_made, answer = _receive(self.back)
        except EOFError as fault:
            raise self._died() from fault
        if not is_made:
            raise answer
        return answer

    def dismiss(self) -> None:
        """Lets an idle worker end by itself."""
        with suppress(BrokenPipeError):
            self.to.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_PATIENCE)

    def end(self) -> None:
        """Ends it whatever it does, and closes the pipes."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.to, self.back):
            with suppress(OSError):
                pipe.close()

    def _died(self) -> Exception:
        code = self.process.wait()
        how = f"signal {-code}" if code < 0 else f"code {code}"
        why = "; where the system ends a process by signal 9, there was too little memory" if code == -9 else ""
        return StoreFaulty.say(
            where="a worker process",
            what=f"ended with {how} in the middle of its work{why}",
            do="run again: what was sealed stays, and nothing else of this stage counts",
        )


def serve(inbox: int, outbox: int) -> None:
    """What a worker does: it is told how to make the act, then answers one item after the other until its pipe ends.

    Args:
        inbox: descriptor it reads from.
        outbox: descriptor it writes to.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it ends it
    pa.set_cpu_count(1)
    with (
        alone(),
        suppress(EOFError, BrokenPipeError),
        os.fdopen(inbox, "rb", _BUFFER) as read,
        os.fdopen(outbox, "wb", _BUFFER) as write,
    ):
        act: Callable[[Any], Any] | None = None  # Any: items and what is made of them
        while True:
            what = _receive(read)
            try:
                if act is None:
                    make, given = what
                    act, made = make(given), None
                else:
                    made = act(what)
                answer = (True, made)
            except Exception as fault:
                answer = (False, _sendable(fault))
            what = made = None
            _send(write, answer)


def _sendable(fault: Exception) -> Exception:
    """A fault that can be read on the other side as what it is, with where it happened."""
    fault.add_note("In a worker process:\n" + "".join(format_exception(fault)))
    try:
        pickle.loads(pickle.dumps(fault))  # noqa: S301  # our own
    except Exception:
        return RuntimeError("".join(format_exception(fault)))
    return fault


def _send(pipe: BinaryIO, what: object) -> None:
    """Writes a value: how many parts, the size of each, the pickle, and the buffers it refers to."""
    held: list[pickle.PickleBuffer] = []
    head = pickle.dumps(what, protocol=5, buffer_callback=held.append)
    parts = [memoryview(head), *(one.raw() for one in held)]
    pipe.write(struct.pack(f"<Q{len(parts)}Q", len(parts), *(part.nbytes for part in parts)))
    for part in parts:
        pipe.write(part)
    pipe.flush()


def _receive(pipe: BinaryIO) -> Any:  # Any: whatever was sent
    """Reads a value; its buffers stand in one piece of memory.

    Raises:
        EOFError: the other side ended.
    """
    (count,) = struct.unpack("<Q", _exactly(pipe, memoryview(bytearray(8))))
    sizes = struct.unpack(f"<{count}Q", _exactly(pipe, memoryview(bytearray(8 * count))))
    head = _exactly(pipe, memoryview(bytearray(sizes[0])))
    rooms = [-(-size // _ALIGNED) * _ALIGNED for size in sizes[1:]]
    whole = pa.allocate_buffer(sum(rooms))
    view, place, buffers = memoryview(whole).cast("B"), 0, []
    for size, room in zip(sizes[1:], rooms, strict=True):
        _exactly(pipe, view[place : place + size])
        buffers.append(whole.slice(place, size))
        place += room
    return pickle.loads(head, buffers=buffers)  # noqa: S301  # from our own process


def _exactly(pipe: BinaryIO, room: memoryview) -> memoryview:
    """Fills a room."""
    done = 0
    while done < len(room):
        got = pipe.readinto(room[done:])  # type: ignore[attr-defined]  # a buffered reader has it
        if not got:
            raise EOFError
        done += got
    return room
