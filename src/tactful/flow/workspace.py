"""A project opened for work: its files, its ledger, its lake, and one clock."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tactful.project.declared import Project
from tactful.project.reading import read_project, read_standing
from tactful.project.secrets import ensure_key
from tactful.store.ledger import Ledger
from tactful.words.clock import Clock
from tactful.words.errors import Misuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """What every command of flow works on. Stability: caller.

    Attributes:
        clock: the project's now: decisions are made as of it.
    """

    project: Project
    ledger: Ledger
    clock: Clock

    @property
    def lake(self) -> Path:
        """The lake's folder."""
        return self.project.root / self.project.settings.lake

    @property
    def out(self) -> Path:
        """Where pages and mails are written."""
        return self.project.root / self.project.settings.out

    @property
    def key(self) -> bytes:
        """The token key; made on first use where it is a file of the project."""
        return ensure_key(self.project.settings.token_key, root=self.project.root).value

    @property
    def wall(self) -> Clock:
        """The machine's own time: only for noting when something was written."""
        return Clock.from_system(zone=self.project.settings.zone)


@contextlib.contextmanager
def open_workspace(root: Path, *, environment: str | None = None) -> Iterator[Workspace]:
    """Reads the project in `root` and opens its ledger.

    Raises:
        Misuse: there is no project in `root`.
        ProjectFaulty: its files are wrong; every finding at once.
    """
    _root(root)
    with _opened(read_project(root, environment=environment)) as space:
        yield space


@contextlib.contextmanager
def open_standing(root: Path) -> Iterator[Workspace]:
    """As `open_workspace`, though files are in the middle of a change: for stopping, and for showing what was done.

    Raises:
        Misuse: there is no project in `root`.
        ProjectFaulty: a file that every project has one of cannot be read.
    """
    _root(root)
    with _opened(read_standing(root)) as space:
        yield space


def _root(root: Path) -> None:
    if not (root / "tactful.yaml").is_file():
        raise Misuse.say(
            where=str(root),
            what="there is no project here (no tactful.yaml)",
            do="run `tactful init shop --starter retail`, then `cd shop`",
        )


@contextlib.contextmanager
def _opened(project: Project) -> Iterator[Workspace]:
    clock = project_clock(project)
    with Ledger.open(project.root / project.settings.ledger) as book:
        yield Workspace(project=project, ledger=book, clock=clock)


def project_clock(project: Project) -> Clock:
    """The clock a project declares: the machine's time, or an instant at which it stands."""
    settings = project.settings
    if settings.clock == "system":
        return Clock.from_system(zone=settings.zone)
    return Clock.at(settings.clock, zone=settings.zone)


@contextlib.contextmanager
def alone(space: Workspace) -> Iterator[None]:
    """Nobody else changes this project's runs within the block.

    Raises:
        Misuse: another process is at work.
    """
    path = space.ledger.path.with_suffix(".lock")
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Misuse.say(
                where=str(path), what="another tactful command is at work on this project", do="wait until it is done"
            ) from error
        yield
