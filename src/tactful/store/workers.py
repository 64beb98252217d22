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
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
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
    """What an act makes of each item, in the order of the items, worked out in several processes.

    A few results are under way at once, so memory stays bounded. Where the reader stops early, or the act raises, every
    worker is ended.

    Args:
        make: called once in each process; gives the act. A function of a module, so that it can be named there.
        items: drawn on the caller's thread, one after the other.
        given: what `make` is called with.
        workers: how many processes.
        is_here: whether this process is one of them: a thread of it works while the caller's waits.

    Raises:
        StoreFaulty: a worker died. Whatever the act raises is raised here.
    """
    hands: list[_Here | _Hand] = [_Here(make, given)] if is_here else []
    hands += [_Hand(make, given) for _ in range(workers - len(hands))]
    idle: SimpleQueue[_Here | _Hand] = SimpleQueue()
    for hand in hands:
        idle.put(hand)

    def ask(item: Item) -> Made:
        hand = idle.get()
        try:
            return hand.ask(item)  # type: ignore[no-any-return]  # what the act makes
        finally:
            idle.put(hand)

    waiting: deque[Future[Made]] = deque()
    with alone(), ThreadPoolExecutor(workers, thread_name_prefix="worker") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(ask, item))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
            for hand in hands:
                hand.dismiss()
        finally:
            for late in waiting:
                late.cancel()
            for hand in hands:
                hand.end()


class _Here:
    """This process, as one of those that work."""

    def __init__(self, make: Callable[[Any], Callable[[Any], Any]], given: object) -> None:  # Any: as the caller says
        self.make, self.given = make, given
        self.act: Callable[[Any], Any] | None = None

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
        self.given: object | None = (make, given)
        inbox, ours_out = os.pipe()
        ours_in, outbox = os.pipe()
        path = [one for one in sys.path if one != ""]
        self.process = subprocess.Popen(
            [sys.executable, "-c", _BEGIN.format(path=path, inbox=inbox, outbox=outbox)],
            pass_fds=(inbox, outbox),
            stdin=subprocess.DEVNULL,
        )
        os.close(inbox)
        os.close(outbox)
        self.to: BinaryIO = os.fdopen(ours_out, "wb", _BUFFER)
        self.back: BinaryIO = os.fdopen(ours_in, "rb", _BUFFER)

    def tell(self, what: object) -> None:
        """Says something, and waits for no answer."""
        with suppress(BrokenPipeError):  # it died: whoever waits for an answer says so
            _send(self.to, what)

    def ask(self, what: object) -> Any:  # Any: what the act makes
        """Says something, and gives the answer, or raises it."""
        if self.given:
            self.tell(self.given)
            self.given = None
        self.tell(what)
        try:
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
        make, given = _receive(read)
        while True:
            item = _receive(read)
            try:
                act = act or make(given)
                answer = (True, act(item))
            except Exception as fault:
                answer = (False, _sendable(fault))
            item = None
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
