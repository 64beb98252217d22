"""Starters: projects that ship inside the package and can be planted in an empty folder."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from tactful.project.guesses import nearest
from tactful.project.schemas import header, write_schemas
from tactful.words.errors import Misuse

_LEFT_OUT = ("__pycache__", ".DS_Store")
IGNORED = "# What Tactful makes; the files beside this one are yours.\n.tactful/\nkeys/\nlake/\nout/\nledger.db*\n"


def starters() -> tuple[str, ...]:
    """Names of the starters that ship with the package.

    >>> "retail" in starters()
    True
    """
    return tuple(sorted(entry.name for entry in _folder().iterdir() if entry.is_dir() and entry.name[0] not in "._"))


def plant(name: str, target: Path) -> tuple[Path, ...]:
    """Copies a starter into a folder that is new or empty, with schemas for editors beside it.

    Args:
        name: one of `starters()`.
        target: the folder to plant in.

    Returns:
        The files planted, schemas not counted.

    Raises:
        Misuse: no such starter, or something is in the folder already.
    """
    if name not in starters():
        meant = f"'{near}'" if (near := nearest(name, among=starters())) else ""
        do = f"there is {', '.join(starters())}"
        raise Misuse.say(where="tactful init", what=f"there is no starter {name!r}", meant=meant, do=do)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        do = "name a new or an empty folder; nothing is ever written over"
        raise Misuse.say(where=str(target), what="something is here already", do=do)
    above = next((folder for folder in target.absolute().parents if (folder / "tactful.yaml").is_file()), None)
    if above is not None:
        do = "go out of it first; one project does not stand in another"
        raise Misuse.say(where=str(target), what=f"{above} is a project already", do=do)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"no folder can be made here ({error.strerror})"
        raise Misuse.say(where=str(target), what=what, do="name one that can be written to") from error
    planted = _copy(_folder() / name, target, inner="")
    ignore = target / ".gitignore"
    if not ignore.exists():
        ignore.write_text(IGNORED, "utf-8")
    write_schemas(target)
    return tuple(planted)


def _folder() -> Traversable:
    return files("tactful.project") / "starters"


def _copy(source: Traversable, target: Path, *, inner: str) -> list[Path]:
    planted = []
    for entry in sorted(source.iterdir(), key=lambda one: one.name):
        if entry.name in _LEFT_OUT:
            continue
        file, path = f"{inner}{entry.name}", target / entry.name
        if entry.is_dir():
            path.mkdir()
            planted += _copy(entry, path, inner=f"{file}/")
            continue
        content = entry.read_bytes()
        line = header(file).encode()
        if line and b"yaml-language-server" not in content[:300]:
            content = line + b"\n" + content
        path.write_bytes(content)
        planted.append(path)
    return planted
