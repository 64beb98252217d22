"""Named SQL: every statement stands in a file, with one line of meaning; values are bound, never formatted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import LiteralString

_HEAD = re.compile(r"^-- (\w+) --\n(.*?)(?=^-- \w+ --\n|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Query:
    """A statement with its name. Stability: caller."""

    name: str
    text: str


@cache
def named(name: LiteralString) -> Query:
    """The statement of this name: `know.orders` from `know.sql`, `ledger.deliver.claim` from `ledger/deliver.sql`.

    Raises:
        KeyError: no such statement; the message lists those of the file.

    >>> named("ledger.flow.runs").name
    'ledger.flow.runs'
    """
    *folders, file, statement = name.split(".")
    found = _statements("/".join([*folders, f"{file}.sql"]))
    if statement not in found:
        raise KeyError(f"no statement {statement!r} in {file}.sql; there are {', '.join(sorted(found))}")
    return Query(name, found[statement])


@cache
def _statements(path: str) -> dict[str, str]:
    text = resources.files(__package__).joinpath(path).read_text("utf-8")
    return {name: body.strip() for name, body in _HEAD.findall(text)}
