"""A small shop in a folder of its own, that a test may change before it is read."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tactful.project.declared import Project
from tactful.project.reading import inspect_project, read_project
from tactful.words.finding import Finding, Place


@dataclass(frozen=True)
class Shop:
    """A project on disk."""

    root: Path

    def change(self, file: str, old: str, new: str) -> None:
        """Put `new` where `old` stands, once; `old` empty means the whole file."""
        path = self.root / file
        text = path.read_text("utf-8") if path.exists() else ""
        assert old in text, f"{old!r} does not stand in {file}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(old, new, 1) if old else new, "utf-8")

    def place(self, file: str, at: str) -> Place:
        """Where a text first stands in a file."""
        text = (self.root / file).read_text("utf-8")
        before = text[: text.index(at)]
        return Place(file=file, line=before.count("\n") + 1, column=len(before) - before.rfind("\n"))

    def findings(self, environment: str | None = None) -> tuple[Finding, ...]:
        """Everything found in it."""
        return inspect_project(self.root, environment=environment)[1]

    def project(self, environment: str | None = None) -> Project:
        """The project, which must be without errors."""
        return read_project(self.root, environment=environment)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """The small shop, without faults."""
    return Shop(shutil.copytree(Path(__file__).parent / "shop", tmp_path / "shop"))
