"""One row at a time, for the few rows whose quotes a whole-chunk pass cannot settle: stray quotes, quoted line ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

# Possessive (*+): a quote that is never closed must fail at once, not by trying every shorter reading.
QUOTED = re.compile(rb'"[^"]*+(?:""[^"]*+)*+"')
QUOTE, CR, LF = 0x22, 0x0D, 0x0A


class Ending(Enum):
    """How the reading of one row ended. Stability: internal."""

    ROW = "row"
    END_OF_BYTES = "end of bytes"
    OPEN_QUOTE = "open quote"
    TEXT_AFTER_QUOTE = "text after quote"


@dataclass(frozen=True, slots=True)
class Scanned:
    """One row as read field by field. Stability: internal.

    Attributes:
        ending: how it ended.
        end: where its last field ends, before the line end.
        fields: number of fields.
        longest: bytes of the longest field, quotes included.
    """

    ending: Ending
    end: int
    fields: int
    longest: int


@lru_cache
def plain_field(delimiter: bytes) -> re.Pattern[bytes]:
    """An unquoted field: everything up to a delimiter or a line end; quotes inside are text."""
    return re.compile(rb"[^" + re.escape(delimiter) + rb"\r\n]*+")


def scan_row(text: bytes, *, start: int, stop: int, delimiter: bytes) -> Scanned:
    """Read one row by RFC 4180: a quote opens only at the start of a field, a doubled quote inside is one quote.

    Args:
        text: UTF-8.
        start: where the row starts.
        stop: no byte at or after it is looked at.
        delimiter: one byte.

    >>> scan_row(b'a,"b,\\nc",d"e\\n', start=0, stop=13, delimiter=b",")
    Scanned(ending=<Ending.ROW: 'row'>, end=12, fields=3, longest=6)
    """
    plain, between = plain_field(delimiter), delimiter[0]
    at, fields, longest = start, 1, 0
    while True:
        begun = at
        if at < stop and text[at] == QUOTE:
            match = QUOTED.match(text, at, stop)
            if match is None:
                return Scanned(Ending.OPEN_QUOTE, stop, fields, max(longest, stop - begun))
            at = match.end()
        elif match := plain.match(text, at, stop):
            at = match.end()
        longest = max(longest, at - begun)
        if at >= stop:
            return Scanned(Ending.END_OF_BYTES, stop, fields, longest)
        if text[at] == between:
            fields, at = fields + 1, at + 1
        elif text[at] in (CR, LF):
            return Scanned(Ending.ROW, at, fields, longest)
        else:
            return Scanned(Ending.TEXT_AFTER_QUOTE, at, fields, longest)
