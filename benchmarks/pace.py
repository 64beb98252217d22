"""How fast the machine is while something runs on it: a small fixed piece of work, timed beside it again and again.

A machine that others share runs the same work in 0.28 s now and in 0.46 a minute later. What is compared over minutes
is therefore told as it was measured, and once more in the seconds of the same pace.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

EVERY_SECONDS = 0.5
_WORK = """
import json, random, sys, threading, time
table = list(range(1 << 18))
random.Random(7).shuffle(table)
told, ended = [], threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
while not ended.wait(float(sys.argv[1])):
    begun, at, total = time.thread_time(), 0, 0
    for number in range(60_000):
        at = table[(at + number) & 262143]
        total += number
    told.append(time.thread_time() - begun)
print(json.dumps(told))
"""


@dataclass(slots=True)
class Pace:
    """What the fixed work took while something else ran.

    Attributes:
        seconds: of processor for one piece of it, in the mean; 0 until it has ended.
        pieces: how many were done.
    """

    seconds: float = 0.0
    pieces: int = 0


@contextmanager
def paced() -> Iterator[Pace]:
    """Times the fixed work beside what runs within, some 6 ms of a processor every half second."""
    found = Pace()
    command = [sys.executable, "-I", "-S", "-c", _WORK, str(EVERY_SECONDS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as beside:
        try:
            yield found
        finally:
            told = json.loads(beside.communicate()[0] or "[]")
            found.pieces = len(told)
            found.seconds = sum(told) / len(told) if told else 0.0
