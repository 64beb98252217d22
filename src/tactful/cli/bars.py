"""Progress on a terminal, with rate and time left; one plain line per step elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class Bars:
    """Shows each step of flow as it goes. Stability: internal."""

    def __init__(self) -> None:
        self.console = Console(file=sys.stderr, highlight=False)

    @contextmanager
    def step(self, name: str, *, says: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """One step: a bar on a terminal, otherwise a line when it ends."""
        began, done = time.monotonic(), 0
        if not self.console.is_terminal:
            self.console.print(f"  … {says}", soft_wrap=True)

        def count(rows: int) -> None:
            nonlocal done
            done += rows
            if self.console.is_terminal:
                bar.update(task, completed=done, total=total and max(total, done), rate=_rate(done, began))

        with self._progress() as bar:
            task = bar.add_task(says, total=total, rate="", name=name)
            yield count
        seconds = time.monotonic() - began
        rows = f"{done:,} {'row' if done == 1 else 'rows'}, " if done else ""
        self.console.print(f"  [green]✓[/] {says} [dim]({rows}{seconds:.1f} s)[/]", soft_wrap=True)

    def skipped(self, name: str, *, says: str) -> None:
        """A step that was done before."""
        del name
        self.console.print(f"  [green]✓[/] {says} [dim](done before)[/]", soft_wrap=True)

    def _progress(self) -> Progress:
        return Progress(
            TextColumn("  {task.description}"),
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )


def _rate(done: int, began: float) -> str:
    seconds = time.monotonic() - began
    return f"{done / seconds:,.0f}/s" if seconds > 0.2 else ""
