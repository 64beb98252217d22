"""How long work tells where it is: a door shows it, flow only reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Progress(Protocol):
    """What a door gives to flow. Stability: caller."""

    def step(self, name: str, *, says: str, total: int | None) -> AbstractContextManager[Callable[[int], None]]:
        """Begins a step of `total` rows, where known; the block takes how many rows were just done."""
        ...

    def skipped(self, name: str, *, says: str) -> None:
        """A step that was done before and is not repeated."""
        ...


class Silent:
    """Reports nothing. Stability: caller."""

    @contextmanager
    def step(self, name: str, *, says: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """Does nothing."""
        del name, says, total
        yield lambda _rows: None

    def skipped(self, name: str, *, says: str) -> None:
        """Does nothing."""
        del name, says
