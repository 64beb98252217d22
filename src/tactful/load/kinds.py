"""What a column of text may be declared to hold, and by which words, marks and formats it is read."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Any text, as it stands. Stability: full."""

    trim: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """An id: text, so leading zeros stay; a number rounded by a spreadsheet (1.23457E+12) is refused. Stability: full.

    Attributes:
        pattern: RE2 pattern the whole id must match; None for any.
    """

    pattern: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """An e-mail address by its syntax: a local part, one @, a domain with a dot; not looked up. Stability: full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of a closed list of words, exactly as declared. Stability: full."""

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.words or len(set(self.words)) < len(self.words):
            raise ValueError("a choice needs words, each once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Boolean:
    """Yes or no by declared words only, exactly as declared: no trimming, no folding, no guess. Stability: full."""

    yes: tuple[str, ...] = ("true",)
    no: tuple[str, ...] = ("false",)

    def __post_init__(self) -> None:
        if not self.yes or not self.no or set(self.yes) & set(self.no):
            raise ValueError("a boolean needs words for yes and for no, and no word for both")


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer:
    """A whole number of at most 18 digits. Stability: full.

    Attributes:
        low: smallest allowed.
        high: largest allowed.
        group: mark between thousands, as in 1,234; None where there is none.
    """

    low: int | None = None
    high: int | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decimal:
    """An exact decimal number in a declared notation. Stability: full.

    Attributes:
        mark: the decimal mark: "." in 1,234.50 and "," in 1.234,50.
        group: mark between thousands; None where there is none.
        places: digits kept behind the mark; a number with more is refused, never rounded.
        low: smallest allowed, as text.
        high: largest allowed, as text.
    """

    mark: str = "."
    group: str | None = None
    places: int = 4
    low: str | None = None
    high: str | None = None

    def __post_init__(self) -> None:
        if self.mark not in {".", ","} or self.mark == self.group:
            raise ValueError(f"decimal mark {self.mark!r} and group mark {self.group!r} do not go together")
        if not 0 <= self.places <= 17:
            raise ValueError(f"places is {self.places}; 0 to 17 are possible")


FORMAT_PARTS = {"%Y": 4, "%m": 2, "%d": 2, "%H": 2, "%M": 2, "%S": 2, "%f": 6}


def parts_of(written: str) -> list[str]:
    """A format as its parts and the text between them.

    >>> parts_of("%d.%m.%Y %H:%M")
    ['%d', '.', '%m', '.', '%Y', ' ', '%H', ':', '%M']
    """
    return [part for part in re.split(r"(%.)", written) if part]


def check_formats(formats: tuple[str, ...], *, needed: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    """Refuse a format that is not made of known parts, each once, with text between them."""
    if not formats:
        raise ValueError("name at least one format")
    for written in formats:
        parts = parts_of(written)
        fields = [part for part in parts if part.startswith("%")]
        touching = any(a.startswith("%") and b.startswith("%") for a, b in itertools.pairwise(parts))
        if len(set(fields)) < len(fields) or not set(needed) <= set(fields) <= set(allowed) or touching:
            raise ValueError(
                f"the format {written!r} must hold {', '.join(needed)} once each, apart, and no unknown part"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A calendar date in a declared format. Stability: full."""

    formats: tuple[str, ...] = ("%Y-%m-%d",)

    def __post_init__(self) -> None:
        check_formats(self.formats, needed=("%Y", "%m", "%d"), allowed=("%Y", "%m", "%d"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """A moment in a declared format and zone; becomes UTC in microseconds. Stability: full.

    A local time the clocks skipped is the first moment after the gap; one they showed twice is its first showing.

    Attributes:
        formats: tried in order; %Y %m %d %H %M %S %f, each once, with text between them. A format without hours is
            midnight. "iso" stands for ISO 8601 with seconds; a text with Z or an offset is then read by it.
        zone: IANA name of the zone the text is written in where it says none itself.
    """

    formats: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S",)
    zone: str = "UTC"

    def __post_init__(self) -> None:
        written = tuple(name for name in self.formats if name != "iso")
        if written or not self.formats:
            check_formats(written, needed=("%Y", "%m", "%d"), allowed=tuple(FORMAT_PARTS))
        ZoneInfo(self.zone)


Kind = Text | Identifier | Email | Choice | Boolean | Integer | Decimal | Day | Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a source and what it must hold. Stability: full.

    Attributes:
        name: as the chunk names it.
        kind: what it holds.
        required: an absent value puts the row into quarantine.
        null_words: texts that mean "absent", exactly as declared; the empty text always does.
    """

    name: str
    kind: Kind
    required: bool = False
    null_words: tuple[str, ...] = ()
