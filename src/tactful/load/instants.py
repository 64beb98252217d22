"""Dates and moments from text, whole columns at a time: declared formats, real calendars, real time zones."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.load.chunk import Integers
from tactful.load.kinds import Day, Instant
from tactful.load.numbers import Flags, marked, text_bytes
from tactful.words.time_format import COUNTED, WIDTHS, WORDS, parts_of

SECOND = 1_000_000
LAST_SECOND = 253_402_300_800
"""The first second of the year 10000."""
DAY = 86_400 * SECOND
TURNS = 69
"""From this on, a year of two digits is of the last century, as in POSIX."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ISO_LOCAL = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f")
ISO = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z| ?UTC|[+-]\d{2}:?\d{2})"


def read_days(column: pa.Array, *, kind: Day) -> tuple[pa.Array, Flags]:
    """Calendar dates and which texts are one.

    >>> read_days(pa.array(["29/02/2012", "29/02/2011"]), kind=Day(formats=("%d/%m/%Y",)))[0].to_pylist()
    [datetime.date(2012, 2, 29), None]
    """
    micros, good = by_formats(column, formats=kind.formats)
    days = (micros // DAY).astype(np.int32)
    return pa.array(days, pa.int32(), mask=~good).cast(pa.date32()), good


def read_instants(column: pa.Array, *, kind: Instant) -> tuple[pa.Array, Flags]:
    """Moments in UTC to the microsecond, and which texts are one.

    >>> kind = Instant(formats=("%m/%d/%Y %H:%M",), zone="Europe/London")
    >>> read_instants(pa.array(["7/1/2011 8:26"]), kind=kind)[0].to_pylist()[0].isoformat()
    '2011-07-01T07:26:00+00:00'
    """
    encoded = pc.dictionary_encode(column)
    repeated = len(encoded.dictionary) * 2 < len(column)
    texts = encoded.dictionary if repeated else column
    micros, good = by_formats(texts, formats=local_formats(kind))
    micros = to_utc(micros, zone=kind.zone, good=good)
    if "iso" in kind.formats and not good.all():
        add_iso(texts, micros=micros, good=good)
    for counted in COUNTED.keys() & set(kind.formats):
        add_counted(texts, unit=COUNTED[counted], micros=micros, good=good)
    values = pa.array(micros, pa.timestamp("us", tz="UTC"), mask=~good)
    if repeated:
        values = values.take(encoded.indices)
        good = np.asarray(values.is_valid())
    return values, good


def local_formats(kind: Instant) -> tuple[str, ...]:
    """The formats of local time; `iso` stands for four of them, and for texts with their own offset."""
    written = (name for name in kind.formats if name not in COUNTED)
    return tuple(part for name in written for part in (ISO_LOCAL if name == "iso" else (name,)))


def add_iso(texts: pa.Array, *, micros: Integers, good: Flags) -> None:
    """Read the texts that carry their own offset from UTC."""
    for row in np.flatnonzero(marked(texts, pattern=ISO) & ~good).tolist():
        try:
            moment = datetime.fromisoformat(re.sub(" ?UTC$", "Z", texts[row].as_py()))
        except ValueError:
            continue
        micros[row], good[row] = (moment - EPOCH) // timedelta(microseconds=1), True


def add_counted(texts: pa.Array, *, unit: int, micros: Integers, good: Flags) -> None:
    """Read the texts that count time since 1970, in units of so many microseconds."""
    rows = np.flatnonzero(marked(texts, pattern=r"-?\d{1,13}(?:\.0+)?") & ~good)
    counts = pc.replace_substring_regex(texts.take(pa.array(rows)), r"\..*", "").cast(pa.int64()).to_numpy()
    fits = np.abs(counts) < LAST_SECOND * SECOND // unit
    micros[rows[fits]], good[rows[fits]] = counts[fits] * unit, True


def by_formats(column: pa.Array, *, formats: tuple[str, ...]) -> tuple[Integers, Flags]:
    """Local microseconds since 1970 and which texts match a format, the first that fits."""
    micros = np.zeros(len(column), np.int64)
    good = np.zeros(len(column), np.bool_)
    for written in formats:
        left = np.flatnonzero(~good & np.asarray(column.is_valid()))
        if len(left) == 0:
            break
        part = column if len(left) == len(column) else column.take(pa.array(left))
        micros[left], good[left] = by_format(part, written=written)
    return micros, good


def by_format(column: pa.Array, *, written: str) -> tuple[Integers, Flags]:
    """Read one format: numbers of one digit up to their width, the text between them as it stands.

    Parts that touch, as in `%Y%m%d`, have all their digits.
    """
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    data = text_bytes(column)
    at = (offsets[:-1] - offsets[0]).astype(np.int64)
    ends = (offsets[1:] - offsets[0]).astype(np.int64)
    data = np.append(data, np.uint8(0))
    good = np.ones(len(column), np.bool_)
    fields: dict[str, Integers] = {}
    parts = parts_of(written)
    for before, part, behind in zip(["", *parts], parts, [*parts[1:], ""], strict=False):
        if part in WORDS:
            fields[part], at = word_at(data, at=at, ends=ends, words=WORDS[part], good=good)
        elif part.startswith("%"):
            width = WIDTHS[part]
            is_tight = before.startswith("%") or behind.startswith("%") or part in {"%Y", "%y"}
            least = width if is_tight and part != "%f" else 1
            fields[part], at = number_at(data, at=at, ends=ends, digits=(least, width), good=good)
        else:
            for byte in part.encode():
                good &= (at < ends) & (data[np.minimum(at, len(data) - 1)] == byte)
                at = at + 1
    good &= at == ends
    return assembled(fields, good=good), good


def word_at(
    data: NDArray[np.uint8], *, at: Integers, ends: Integers, words: tuple[str, ...], good: Flags
) -> tuple[Integers, Integers]:
    """Which of some words, in any case, stands at each place, counted from 1, and where it ends."""
    value, end = np.zeros(len(at), np.int64), at
    for number, word in enumerate(words, start=1):
        fits = at + len(word) <= ends
        for place, letter in enumerate(word.encode()):
            fits = fits & (data[np.minimum(at + place, len(data) - 1)] | np.uint8(32) == letter)
        value, end = np.where(fits, number, value), np.where(fits, at + len(word), end)
    good &= value > 0
    return value, end


def number_at(
    data: NDArray[np.uint8], *, at: Integers, ends: Integers, digits: tuple[int, int], good: Flags
) -> tuple[Integers, Integers]:
    """The number that starts at each place, of so many digits at least and at most, and where it ends.

    A fraction of a second counts from the left: `.5` is 500,000 microseconds.
    """
    least, width = digits
    value = np.zeros(len(at), np.int64)
    found = np.zeros(len(at), np.int64)
    going = good.copy()
    for _ in range(width):
        digit = data[np.minimum(at, len(data) - 1)] - np.uint8(48)
        going &= (at < ends) & (digit < 10)
        value = np.where(going, value * 10 + digit, value)
        found += going
        at = at + going
    good &= found >= least
    if width == 6:
        value *= 10 ** (6 - found)
    return value, at


def assembled(fields: dict[str, Integers], *, good: Flags) -> Integers:
    """Microseconds since 1970 of calendar fields; `good` loses what no calendar and no clock shows."""
    year = fields["%Y"] if "%Y" in fields else fields["%y"] + np.where(fields["%y"] < TURNS, 2000, 1900)
    month, day = next(fields[part] for part in ("%m", "%b", "%B") if part in fields), fields["%d"]
    if "%I" in fields:
        good &= (fields["%I"] >= 1) & (fields["%I"] <= 12)
        fields["%H"] = fields["%I"] % 12 + 12 * (fields["%p"] - 1)
    good &= (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    safe = np.where(good, month, 1)
    months = ((year - 1970) * 12 + safe - 1).astype("datetime64[M]")
    length = ((months + np.timedelta64(1, "M")).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(
        np.int64
    )
    good &= day <= length
    micros = (months.astype("datetime64[D]").astype(np.int64) + day - 1) * DAY
    for part, most, unit in (("%H", 23, 3600 * SECOND), ("%M", 59, 60 * SECOND), ("%S", 59, SECOND), ("%f", 10**6, 1)):
        if part in fields:
            good &= fields[part] <= most
            micros = micros + fields[part] * unit
    return micros


def to_utc(micros: Integers, *, zone: str, good: Flags) -> Integers:
    """Local time to UTC. Offsets are looked up once per day; days on which the clocks change, value by value."""
    if zone == "UTC":
        return micros
    result = micros.copy()
    days, which = np.unique(micros[good] // DAY, return_inverse=True)
    offsets = [steady_offset(zone, int(day)) for day in days]
    steady = np.array([offset is not None for offset in offsets], np.bool_)
    shift = np.array([offset or 0 for offset in offsets], np.int64)
    rows = np.flatnonzero(good)
    result[rows] -= shift[which] if len(days) else 0
    for row in rows[~steady[which]].tolist() if len(days) else []:
        result[row] = instant_of(zone, int(micros[row]))
    return result


@lru_cache(maxsize=100_000)
def steady_offset(zone: str, day: int) -> int | None:
    """Microseconds from UTC on a local day since 1970; None where the clocks change on it or next to it."""
    noon = datetime(1970, 1, 1)  # noqa: DTZ001 (a local day has no zone until it is given one)
    try:
        around = [noon + timedelta(days=day, hours=hours) for hours in (-3, 12, 27)]
    except OverflowError:
        return None
    offsets = {moment.replace(tzinfo=ZoneInfo(zone)).utcoffset() for moment in around}
    only = offsets.pop()
    return None if offsets or only is None else only // timedelta(microseconds=1)


@lru_cache(maxsize=100_000)
def instant_of(zone: str, micros: int) -> int:
    """UTC of one local time: after a gap its first moment, of a repeated hour the first showing.

    >>> from datetime import datetime, timezone
    >>> local = int(datetime(2011, 3, 27, 1, 30, tzinfo=timezone.utc).timestamp()) * 10**6
    >>> (EPOCH + timedelta(microseconds=instant_of("Europe/London", local))).isoformat()
    '2011-03-27T01:00:00+00:00'
    """
    there = ZoneInfo(zone)
    naive = EPOCH.replace(tzinfo=None) + timedelta(microseconds=micros)
    first, second = (naive.replace(tzinfo=there, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    before, after = first // timedelta(microseconds=1), second // timedelta(microseconds=1)
    if before >= after:
        return micros - before
    # In a gap the offset grows: the change lies between the two readings.
    low, high = micros - after, micros - before
    while high - low > 1:
        middle = (low + high) // 2
        offset = (EPOCH + timedelta(microseconds=middle)).astimezone(there).utcoffset() or timedelta()
        low, high = (low, middle) if offset // timedelta(microseconds=1) >= after else (middle, high)
    return high
