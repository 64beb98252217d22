"""Loops compiled by numba of the extra `fast`, the first time they are called. The only file that uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import FunctionType
from typing import Any, Final

PAYS: Final = 32_000_000
"""Until so many numbers were gone over in this process, NumPy is done before a loop has been made ready."""

_DONE: Final = [0]
_TAKEN: Final[list[bool]] = []
_MADE: Final[dict[Callable[..., Any], Callable[..., Any]]] = {}  # Any: loops over arrays of any kind


def is_there() -> bool:
    """Whether the extra is installed; without it callers take their NumPy path, whose answers are the same bits."""
    return find_spec("numba") is not None


def pays(numbers: int) -> bool:
    """Whether a compiled loop is there and worth making ready, with so many numbers more to go over.

    It changes no bit: both ways have the same answers.
    """
    _DONE[0] += numbers
    return (_TAKEN[-1] if _TAKEN else _DONE[0] >= PAYS) and is_there()


@contextmanager
def taking(*, loops: bool) -> Iterator[None]:
    """Within it compiled loops that are there are always taken, or never: for comparing the two ways."""
    _TAKEN.append(loops)
    try:
        yield
    finally:
        _TAKEN.pop()


def loop(function: Callable[..., Any]) -> Callable[..., Any]:
    """The compiled form of a plain loop over arrays, kept for the process and, as machine code, between processes.

    It releases the interpreter's lock, so that blocks of rows can be worked on by several threads. It never reorders
    or fuses floating-point operations: what it answers is what the loop says, bit for bit. Plain functions of its own
    file that it calls are compiled with it.

    Args:
        function: of numbers and NumPy arrays, in the part of Python that numba compiles.

    Raises:
        ModuleNotFoundError: the extra is not installed; ask `is_there` first.
    """
    if function not in _MADE:
        import numba

        named = {name: function.__globals__.get(name) for name in function.__code__.co_names}
        own = {
            n: loop(p) for n, p in named.items() if isinstance(p, FunctionType) and p.__module__ == function.__module__
        }
        whole = FunctionType(function.__code__, {**function.__globals__, **own}, function.__name__)
        whole.__qualname__, whole.__module__ = function.__qualname__, function.__module__
        _MADE[function] = numba.njit(cache=True, nogil=True, fastmath=False, error_model="numpy")(whole)
    return _MADE[function]
