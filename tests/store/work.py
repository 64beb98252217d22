"""Acts that worker processes are given in tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pyarrow as pa

from tactful.store.ahead import cores
from tactful.words.errors import Misuse


def adder(more: int) -> Callable[[int], tuple[int, int]]:
    return lambda one: (one + more, os.getpid())


def doubled(_: None) -> Callable[[pa.Table], pa.Table]:
    return lambda table: pa.concat_tables([table, table]).combine_chunks()


def cut(rows: int) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.slice(1, rows)


def failing(at: int) -> Callable[[int], int]:
    def act(one: int) -> int:
        if one == at:
            raise Misuse.say(where="here", what="no more")
        return one

    return act


def unmade(_: None) -> Callable[[int], int]:
    raise Misuse.say(where="there", what="cannot begin")


def odd(_: None) -> Callable[[int], int]:
    class Odd(Exception):
        pass

    def act(one: int) -> int:
        raise Odd("local")

    return act


def dying(at: int) -> Callable[[int], int]:
    def act(one: int) -> int:
        if one == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return one

    return act


def threads(_: None) -> Callable[[int], int]:
    return lambda _one: cores()
