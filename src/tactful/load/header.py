"""The names in a file's first row, and how they meet the names a source file asks for: by name only, never by place."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tactful.load.unpacking import held

OTHERWISE = "give each column its own name, or skip the header (skip: 1) and name the columns under header:"
INVISIBLE = dict.fromkeys([0xFEFF, 0x200B, 0x2060, 0x00AD])


def tidy(name: str) -> str:
    """A header name as we show and match it: NFC, without invisible characters, spaces at the ends and line ends.

    >>> tidy("\\ufeff  Customer\\nID ")
    'Customer ID'
    """
    return " ".join(unicodedata.normalize("NFC", name.translate(INVISIBLE)).split())


def key_of(name: str) -> str:
    """What two header names must share to be the same name: `tidy`, without regard to case.

    >>> key_of("E-Mail ") == key_of("e-mail")
    True
    """
    return tidy(name).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The columns a file says it has. Stability: caller.

    Attributes:
        names: one tidy name per column, in file order; empty for a column without a name, which is not loaded.
    """

    names: tuple[str, ...]

    @property
    def loaded(self) -> tuple[str, ...]:
        """The names of the columns that are loaded."""
        return tuple(name for name in self.names if name)

    @property
    def nameless(self) -> tuple[int, ...]:
        """Positions, from 1, of the columns without a name."""
        return tuple(place for place, name in enumerate(self.names, start=1) if not name)


def read_header(written: Iterable[str], *, path: Path) -> Header:
    """The header from its names as written.

    Raises:
        SourceHeld: one name stands twice (which is meant?), or none stands at all.
    """
    names = tuple(tidy(name) for name in written)
    if not any(names):
        raise held(path, "its first row names no column", do="add a header row, or declare the names")
    seen: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        if name and (before := seen.setdefault(key_of(name), place)) != place:
            what = f"the header names {name!r} twice, in columns {before} and {place}"
            raise held(path, what, do=OTHERWISE)
    return Header(names=names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How a header meets the names asked for. Stability: caller.

    Attributes:
        found: asked name → name in the file.
        missing: asked names the file does not have.
        unknown: names in the file nobody asked for.
    """

    found: dict[str, str]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


def match_header(header: Header, *, asked: Iterable[str]) -> Match:
    """Meet asked names with the file's, without regard to order, case, invisible characters and spaces at the ends.

    Raises:
        ValueError: two asked names are the same name.

    >>> match_header(Header(names=("E-mail", "Id", "Notes")), asked=["id", "e-mail", "city"])
    Match(found={'id': 'Id', 'e-mail': 'E-mail'}, missing=('city',), unknown=('Notes',))
    """
    wanted = list(asked)
    keys = [key_of(name) for name in wanted]
    if len(set(keys)) < len(keys):
        twice = next(name for name, key in zip(wanted, keys, strict=True) if keys.count(key) > 1)
        raise ValueError(f"the name {twice!r} is asked for twice")
    there = {key_of(name): name for name in header.loaded}
    return Match(
        found={name: there[key] for name, key in zip(wanted, keys, strict=True) if key in there},
        missing=tuple(name for name, key in zip(wanted, keys, strict=True) if key not in there),
        unknown=tuple(name for key, name in there.items() if key not in set(keys)),
    )
