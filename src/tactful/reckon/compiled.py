"""Loops compiled by numba of the extra `fast`, the first time they are called. The only file that uses it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Final

_MADE: Final[dict[Callable[..., Any], Callable[..., Any]]] = {}  # Any: loops over arrays of any kind


def is_there() -> bool:
    """Whether the extra is installed; without it callers take their NumPy path, whose answers are the same bits."""
    return find_spec("numba") is not None


def loop(function: Callable[..., Any]) -> Callable[..., Any]:
    """The compiled form of a plain loop over arrays, kept for the process and, as machine code, between processes.

    It releases the interpreter's lock, so that blocks of rows can be worked on by several threads. It never reorders
    or fuses floating-point operations: what it answers is what the loop says, bit for bit.

    Args:
        function: of numbers and NumPy arrays, in the part of Python that numba compiles.

    Raises:
        ModuleNotFoundError: the extra is not installed; ask `is_there` first.
    """
    if function not in _MADE:
        import numba

        _MADE[function] = numba.njit(cache=True, nogil=True, fastmath=False, error_model="numpy")(function)
    return _MADE[function]
