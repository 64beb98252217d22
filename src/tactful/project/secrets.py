"""Secrets come by reference only (`env:NAME`, `file:path`), are read when needed, and are never printed."""

from __future__ import annotations

import os
import re
import secrets as chance
from dataclasses import dataclass
from pathlib import Path

from tactful.project.files import leaves_project
from tactful.words.errors import Misuse

_REFERENCE = re.compile(r"(?P<kind>env|file):(?P<name>.+)")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
KEY_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A secret's bytes; printing it, or an error that holds it, shows nothing. Stability: full.

    >>> Secret(b"hunter2"), f"{Secret(b'hunter2')}"
    (Secret(hidden), 'Secret(hidden)')
    """

    value: bytes

    def __repr__(self) -> str:
        return "Secret(hidden)"

    __str__ = __repr__


def reference_fault(written: str) -> tuple[str, str] | None:
    """What is wrong with a reference, and the fix; the text itself is never repeated.

    >>> reference_fault("env:SHOP_KEY"), reference_fault("hunter2")[0]
    (None, 'this is no reference but perhaps the secret itself')
    """
    match = _REFERENCE.fullmatch(written)
    if not match:
        return "this is no reference but perhaps the secret itself", "write env:NAME or file:keys/name.key"
    if match["kind"] == "env" and not _VARIABLE.fullmatch(match["name"]):
        return "this is no name of an environment variable", "write letters, digits and _ after env:"
    if match["kind"] == "file" and (why := leaves_project(match["name"])):
        return f"this path may not be used: {why}", "write a path within the project, such as file:keys/token.key"
    return None


def resolve(reference: str, *, root: Path) -> Secret:
    """The secret behind a reference.

    Args:
        reference: `env:NAME` or `file:path`, the path from the project's root.
        root: the project's folder.

    Raises:
        Misuse: it is no reference, leads out of the project, or nothing is there.
    """
    kind, name = _parts(reference)
    if kind == "env":
        if not (said := os.environ.get(name, "")):
            raise Misuse.say(
                where=reference, what="the environment has no such variable", do=f"set {name} and try again"
            )
        return Secret(said.encode())
    path = _path(name, root=root)
    if not path.is_file():
        raise Misuse.say(
            where=reference, what="there is no such file", do="run the command that creates it, or restore it"
        )
    value = path.read_bytes().rstrip(b"\r\n")
    if not value:
        raise Misuse.say(where=reference, what="the file is empty", do="restore the key, or remove the file")
    return Secret(value)


def ensure_key(reference: str, *, root: Path) -> Secret:
    """The key behind a reference; a `file:` key that does not exist yet is created, readable by its owner only.

    Args:
        reference: `env:NAME` or `file:path`.
        root: the project's folder.

    Raises:
        Misuse: as in `resolve`.
    """
    kind, name = _parts(reference)
    if kind == "file" and not (path := _path(name, root=root)).exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = chance.token_hex(KEY_BYTES).encode()
        part = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return resolve(reference, root=root)


def _parts(reference: str) -> tuple[str, str]:
    if fault := reference_fault(reference):
        raise Misuse.say(where="a secret's reference", what=fault[0], do=fault[1])
    kind, _, name = reference.partition(":")
    return kind, name


def _path(name: str, *, root: Path) -> Path:
    path = root / name
    if not path.resolve().is_relative_to(root.resolve()):
        raise Misuse.say(
            where=f"file:{name}", what="this leads out of the project", do="keep the key inside the project"
        )
    return path
