"""What a column of text may be declared to hold, and by which words, marks and formats it is read."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from tactful.words.time_format import fault_of


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


def check_formats(formats: tuple[str, ...], *, is_day: bool) -> None:
    """Refuse a format that cannot be read."""
    if not formats:
        raise ValueError("name at least one format")
    for written in formats:
        if fault := fault_of(written, is_day=is_day):
            raise ValueError(fault)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A calendar date in a declared format. Stability: full."""

    formats: tuple[str, ...] = ("%Y-%m-%d",)

    def __post_init__(self) -> None:
        check_formats(self.formats, is_day=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """A moment in a declared format and zone; becomes UTC in microseconds. Stability: full.

    A local time the clocks skipped is the first moment after the gap; one they showed twice is its first showing.

    Attributes:
        formats: tried in order; strptime's parts of `words.time_format`, each once. A format without hours is midnight.
            "iso" stands for ISO 8601 with seconds; a text with Z, UTC or an offset is then read by it. "unix" and
            "unix_ms" are seconds and thousandths since 1970.
        zone: IANA name of the zone the text is written in where it says none itself.
    """

    formats: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S",)
    zone: str = "UTC"

    def __post_init__(self) -> None:
        check_formats(self.formats, is_day=False)
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
