"""The files of a project on disk: found in their places, inside the project, regular, of a sane size, and text."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tactful.project.document import Document
from tactful.project.found import Findings
from tactful.project.guesses import nearest
from tactful.words.finding import Place, Severity

MOST_BYTES = 2_000_000
"""A declaration or content larger than this is refused."""
SINGLE = ("tactful.yaml", "facts.yaml", "policy.yaml", "brand.yaml", "metrics.yaml")
"""Files of which a project has one each."""
FOLDERS = ("sources", "segments", "offers", "programs", "content", "rules", "suppressions")
"""Folders of declarations."""


def leaves_project(path: str) -> str | None:
    """Why a path written in a project's file may not be used; None where it stays inside the project.

    >>> leaves_project("data/orders.csv"), leaves_project("../orders.csv")
    (None, "it climbs out of the project with '..'")
    """
    if not path.strip() or "\x00" in path or any(ord(letter) < 32 for letter in path):
        return "it is empty or holds control characters"
    if "\\" in path:
        return "it holds a backslash"
    if path.startswith(("/", "~")):
        return "it is absolute"
    if ":" in path or "%2e" in path.lower() or "%2f" in path.lower():
        return "it is no plain path"
    if ".." in PurePosixPath(path).parts:
        return "it climbs out of the project with '..'"
    return None


class Files:
    """Finds and reads the files below a root. Stability: internal."""

    def __init__(self, root: Path, *, findings: Findings) -> None:
        self.root = root
        self.real = root.resolve()
        self.findings = findings

    def single(self, name: str) -> str | None:
        """The text of a file that a project has once; a finding where it is missing."""
        path = self.root / name
        if not path.exists() and not path.is_symlink():
            fix = "a project has one of these"
            if near := nearest(name, among=[p.name for p in self.root.iterdir() if p.name not in SINGLE]):
                fix = f"did you mean to name {near} so?"
            self.findings.file(name, rule="missing-file", what="this file is missing", fix=fix)
            return None
        return self.text(path)

    def within(self, folder: str, *, suffixes: tuple[str, ...], deep: bool = False) -> Iterator[Path]:
        """Files of a folder in order of name; anything else in it is a finding."""
        top = self.root / folder
        if not top.exists() and not top.is_symlink():
            return
        if not self.is_inside(top):
            return
        if not top.is_dir():
            self.findings.file(folder, rule="not-a-folder", what=f"{folder} is no folder")
            return
        yield from self._walk(top, suffixes=suffixes, deep=deep)

    def _walk(self, folder: Path, *, suffixes: tuple[str, ...], deep: bool) -> Iterator[Path]:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        for entry in entries:
            path = folder / entry.name
            if entry.name.startswith(".") or entry.name.endswith("~") or entry.name == "README.md":
                continue
            if entry.is_symlink() and not self.is_inside(path):
                continue
            if entry.is_dir():
                if entry.is_symlink():
                    self.findings.file(
                        self.name(path), rule="link", what="a folder may not be a link", fix="copy it here"
                    )
                elif deep:
                    yield from self._walk(path, suffixes=suffixes, deep=deep)
                else:
                    self.findings.file(self.name(path), rule="stray", what="folders within this folder are not read")
            elif not entry.name.endswith(suffixes):
                self._stray(path, suffixes=suffixes)
            else:
                yield path

    def _stray(self, path: Path, *, suffixes: tuple[str, ...]) -> None:
        if path.suffix == ".yml" and ".yaml" in suffixes:
            fix = f"rename it {path.stem}.yaml"
        else:
            fix = f"files here end with {' or '.join(suffixes)}"
        self.findings.file(self.name(path), rule="stray", what="this file is not read", fix=fix)

    def is_inside(self, path: Path) -> bool:
        """Whether a path, links followed, lies within the project; a finding where it does not."""
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError):
            self.findings.file(self.name(path), rule="link", what="this link leads nowhere")
            return False
        if real.is_relative_to(self.real):
            return True
        what = "this leads out of the project"
        self.findings.file(self.name(path), rule="outside", what=what, fix="copy the file into the project")
        return False

    def text(self, path: Path) -> str | None:
        """A file's text; None and a finding where it cannot be had."""
        name = self.name(path)
        if path.is_symlink() and not self.is_inside(path):
            return None
        try:
            if not path.is_file():
                self.findings.file(name, rule="not-a-file", what="this is no regular file")
                return None
            with path.open("rb") as file:
                raw = file.read(MOST_BYTES + 1)
        except OSError as error:
            self.findings.file(name, rule="unreadable", what=f"this file cannot be read: {error.strerror}")
            return None
        if len(raw) > MOST_BYTES:
            self.findings.file(name, rule="too-large", what=f"this file is larger than {MOST_BYTES:,} bytes")
            return None
        try:
            return raw.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            before = raw[: error.start]
            line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
            place = Place(file=name, line=line, column=column)
            document = Document(file=name, text="", findings=self.findings)
            document.put(place, rule="not-utf-8", what="this is no UTF-8", fix="save it as UTF-8")
            return None

    def name(self, path: Path) -> str:
        """The path from the root, with `/`."""
        return path.relative_to(self.root).as_posix()

    def strays(self) -> None:
        """Files and folders at the root whose name is nearly one that is read: an error where that one is missing."""
        there = {entry.name for entry in self.root.iterdir()}
        for name in sorted(there - {*SINGLE, *FOLDERS}):
            is_folder = (self.root / name).is_dir()
            if name.startswith(".") or not (is_folder or name.endswith((".yaml", ".yml"))):
                continue
            near = nearest(name, among=FOLDERS if is_folder else SINGLE, closeness=0.8)
            if near is not None:
                what = f"this {'folder' if is_folder else 'file'} is not read"
                severity = Severity.WARNING if near in there else Severity.ERROR
                fix = f"did you mean {near}{'/' if is_folder else ''}?"
                self.findings.file(name, rule="stray", what=what, fix=fix, severity=severity)
