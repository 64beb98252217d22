"""The formats in which files write dates and times: strptime's parts, each once, and `unix` for counted seconds."""

from __future__ import annotations

import itertools
import re
from typing import Final

WIDTHS: Final = {"%Y": 4, "%y": 2, "%m": 2, "%d": 2, "%H": 2, "%I": 2, "%M": 2, "%S": 2, "%f": 6}
"""The parts that are numbers, and their digits at most."""
MONTHS: Final = tuple("january february march april may june july august september october november december".split())
WORDS: Final = {"%B": MONTHS, "%b": tuple(month[:3] for month in MONTHS), "%p": ("am", "pm")}
"""The parts that are English words, in any case."""
COUNTED: Final = {"unix": 1_000_000, "unix_ms": 1_000}
"""Time counted since 1970 in UTC, and how many microseconds one of it is."""
ISO: Final = "iso"
_DATE: Final = (("%Y", "%y"), ("%m", "%b", "%B"), ("%d",))
_OF_DATES: Final = frozenset(part for parts in _DATE for part in parts)


def parts_of(written: str) -> list[str]:
    """A format as its parts and the text between them.

    >>> parts_of("%d.%m.%Y %H:%M")
    ['%d', '.', '%m', '.', '%Y', ' ', '%H', ':', '%M']
    """
    return [part for part in re.split(r"(%.)", written) if part]


def fault_of(written: str, *, is_day: bool) -> str | None:
    """What is wrong with a format; None where nothing is.

    Args:
        written: such as `%d.%m.%Y %H:%M`, or `iso`, `unix`, `unix_ms` where a moment is meant.
        is_day: it is of days, without a time.

    >>> fault_of("%d.%m.%Y", is_day=True) is fault_of("%m/%d/%Y %I:%M %p", is_day=False) is None
    True
    >>> fault_of("dd.mm.yyyy hh:mm", is_day=False)
    "the format 'dd.mm.yyyy hh:mm' names no year (%Y or %y)"
    """
    if written == ISO or written in COUNTED:
        return None if not is_day else f"the format {written!r} is one of moments, not of days"
    fields = [part for part in parts_of(written) if part.startswith("%")]
    known = WIDTHS.keys() | WORDS.keys()
    if unknown := [part for part in fields if part not in known]:
        return f"the format {written!r} has a part {unknown[0]!r}; the parts are {' '.join(sorted(known))}"
    for named, parts in zip(("year", "month", "day"), _DATE, strict=True):
        if sum(part in parts for part in fields) != 1:
            how = "no" if not set(parts) & set(fields) else "more than one"
            return f"the format {written!r} names {how} {named} ({' or '.join(parts)})"
    if len(set(fields)) < len(fields):
        return f"the format {written!r} names a part twice"
    if is_day and not set(fields) <= _OF_DATES:
        return f"the format {written!r} names a time of day, and the column holds days"
    return _fault_of_hours(written, fields=fields)


def _fault_of_hours(written: str, *, fields: list[str]) -> str | None:
    if ("%I" in fields) != ("%p" in fields) or {"%I", "%H"} <= set(fields):
        return f"the format {written!r} must name hours by %H, or by %I with %p"
    loose = [pair for pair in itertools.pairwise(parts_of(written)) if pair[0] == "%f" and pair[1].startswith("%")]
    return f"the format {written!r} has a part right behind %f" if loose else None
