"""Where each row of a delimited text begins and ends and how many fields it has, a whole chunk at a time.

A row always begins where a physical line begins. Most lines are rows by themselves: their quotes come in pairs that
open after a delimiter and close before one. NumPy settles all of these at once; the few others (a stray quote, a line
end inside quotes) are read one by one by `scan_row`, and reading goes on at the physical line after them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tactful.load.chunk import Integers
from tactful.load.encodings import is_utf8
from tactful.load.limits import Limits
from tactful.load.quoting import CR, LF, QUOTE, Ending, scan_row
from tactful.load.rules import Rule

FAULTS: tuple[Rule | None, ...] = (
    None,
    Rule.ROW_TOO_LONG,
    Rule.QUOTE_NOT_CLOSED,
    Rule.TEXT_AFTER_QUOTE,
    Rule.NOT_TEXT,
    Rule.NUL_BYTE,
    Rule.TOO_FEW_FIELDS,
    Rule.TOO_MANY_FIELDS,
    Rule.CELL_TOO_LONG,
)
CODE = {rule: number for number, rule in enumerate(FAULTS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the rows of a file should look like. Stability: internal.

    Attributes:
        delimiter: one byte.
        fields: fields in each row; None while the header is being read.
        limits: the bounds of reading.
        quoted: whether quotes can hide delimiters and line ends.
    """

    delimiter: bytes
    fields: int | None
    limits: Limits
    quoted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """The rows found in a stretch of text. Stability: internal.

    Attributes:
        starts: where each row starts; shape (rows,).
        ends: where its content ends, before the line end.
        nexts: where the next row starts.
        lines: physical line of its start, from 0 within this text.
        fields: number of fields.
        faults: index into `FAULTS`, 0 for a good row.
        blank: number of empty lines; they are no rows.
        blanks: where the empty lines start.
        consumed: bytes settled; what follows waits for more text.
        physical: physical lines settled.
    """

    starts: Integers
    ends: Integers
    nexts: Integers
    lines: Integers
    fields: Integers
    faults: NDArray[np.int8]
    blanks: Integers
    consumed: int
    physical: int

    @property
    def blank(self) -> int:
        """Number of empty lines; they are no rows."""
        return len(self.blanks)


@dataclass(slots=True, kw_only=True, eq=False)
class Lines:
    """The physical lines of a text; while rows are settled, the ones that begin no row are struck out."""

    starts: Integers
    ends: Integers
    nexts: Integers
    fields: Integers
    faults: NDArray[np.int8]
    begins: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signs:
    """What tells lines and fields apart in a text, up to the end of its last complete line. Stability: internal.

    Attributes:
        at: positions of delimiters, quotes and line ends, ascending.
        byte: what stands at each; LF for every line end.
        stops: which of them are line ends.
        quoted: whether there are quotes that can hide the others.
    """

    at: Integers
    byte: NDArray[np.uint8]
    stops: Integers
    quoted: bool


def find_rows(text: bytes, *, shape: Shape, final: bool) -> Rows:
    """Settle as many rows as the text allows.

    Args:
        text: UTF-8 that starts where a row starts.
        shape: delimiter, fields and limits.
        final: nothing follows this text.

    >>> rows = find_rows(b'a,b\\n"x\\ny",2\\n3\\n', shape=Shape(delimiter=b",", fields=2, limits=Limits()), final=True)
    >>> rows.lines.tolist(), rows.fields.tolist(), [FAULTS[code] for code in rows.faults]
    ([0, 1, 3], [2, 2, 1], [None, None, <Rule.TOO_FEW_FIELDS: 'too_few_fields'>])
    """
    held = np.frombuffer(text, np.uint8)
    lines, signs = physical_lines(text, held=held, shape=shape, final=final)
    settled = len(lines.starts)
    if settled:
        odd = count_fields(held, signs=signs, lines=lines, shape=shape)
        settled = settle_odd_lines(text, odd=odd, lines=lines, shape=shape, final=final)
        mark_faults(text, lines=lines, settled=settled, shape=shape)
    kept = lines.begins[:settled]
    empty = kept & (lines.ends[:settled] == lines.starts[:settled])
    chosen = np.flatnonzero(kept & ~empty)
    return Rows(
        starts=lines.starts[chosen],
        ends=lines.ends[chosen],
        nexts=lines.nexts[chosen],
        lines=chosen.astype(np.int64, copy=False),
        fields=lines.fields[chosen],
        faults=lines.faults[chosen],
        blanks=lines.starts[:settled][empty],
        consumed=last_next(lines, settled=settled),
        physical=settled,
    )


def last_next(lines: Lines, *, settled: int) -> int:
    """Where the first line that is not settled starts: the end of a row of several lines is kept on its first."""
    if settled == 0:
        return 0
    first_of_last_row = int(np.flatnonzero(lines.begins[:settled])[-1])
    return int(lines.nexts[first_of_last_row])


def physical_lines(text: bytes, *, held: NDArray[np.uint8], shape: Shape, final: bool) -> tuple[Lines, Signs]:
    """Every physical line that is complete, and what stands in them: CR, LF and CR LF each end one; a CR at the very
    end waits for an LF.
    """
    quoted = shape.quoted and b'"' in text
    marks = held == shape.delimiter[0]
    if quoted:
        marks |= held == QUOTE
    if b"\r" in text:
        lines = lines_of(*mixed_line_ends(held, final=final), size=len(text), final=final)
        marks[lines.ends[lines.ends < len(text)]] = True
        at = np.flatnonzero(marks)
        stops = np.searchsorted(at, lines.ends)
    else:
        marks |= held == LF
        at = np.flatnonzero(marks)
        stops = np.flatnonzero(held[at] == LF)
        lines = lines_of(at[stops], at[stops] + 1, size=len(text), final=final)
        if len(lines.ends) > len(stops):
            stops = np.append(stops, len(at))
    if len(stops) and stops[-1] == len(at):
        at = np.append(at, len(text))
    at = at[: stops[-1] + 1] if len(stops) else at[:0]
    byte = held[np.minimum(at, max(0, len(held) - 1))]
    byte[stops] = LF
    return lines, Signs(at=at, byte=byte, stops=stops, quoted=quoted)


def lines_of(ends: Integers, nexts: Integers, *, size: int, final: bool) -> Lines:
    """Lines that end and go on at some places of a text; what follows the last one is a line too if nothing follows."""
    done = int(nexts[-1]) if len(nexts) else 0
    if final and done < size:
        ends, nexts = np.append(ends, size), np.append(nexts, size)
    starts = np.empty_like(nexts)
    starts[:1], starts[1:] = 0, nexts[:-1]
    count = len(starts)
    return Lines(
        starts=starts,
        ends=ends,
        nexts=nexts,
        fields=np.empty(0, np.int64),
        faults=np.zeros(count, np.int8),
        begins=np.ones(count, np.bool_),
    )


def mixed_line_ends(held: NDArray[np.uint8], *, final: bool) -> tuple[Integers, Integers]:
    """Line ends where carriage returns occur: where content ends and where the next line starts."""
    returns = np.flatnonzero(held == CR)
    if not final and len(returns) and returns[-1] == len(held) - 1:
        returns = returns[:-1]
    feeds = np.flatnonzero(held == LF)
    follows = held[np.minimum(returns + 1, len(held) - 1)] == LF
    lone = feeds[(feeds == 0) | (held[feeds - 1] != CR)]
    if len(lone) == 0:
        return returns, returns + 1 + follows
    ends = np.concatenate([returns, lone])
    nexts = np.concatenate([returns + 1 + follows, lone + 1])
    order = np.argsort(ends, kind="stable")
    return ends[order], nexts[order]


def count_fields(held: NDArray[np.uint8], *, signs: Signs, lines: Lines, shape: Shape) -> Integers:
    """Fill in the fields of each physical line read by itself; return the lines that cannot be."""
    if signs.quoted:
        return count_quoted(held, signs=signs, lines=lines, delimiter=shape.delimiter[0])
    lines.fields = np.diff(signs.stops, prepend=-1)
    return np.empty(0, np.int64)


def count_quoted(held: NDArray[np.uint8], *, signs: Signs, lines: Lines, delimiter: int) -> Integers:
    """Fill in the fields of lines with quotes; return the lines whose quotes do not come in clean pairs."""
    byte, stop_at = signs.byte, signs.stops
    is_quote = byte == QUOTE
    so_far = np.cumsum(is_quote, dtype=np.int32)
    before_line = np.concatenate([[0], so_far[stop_at[:-1]]]).astype(np.int32)
    # How many quotes of its own line stand up to and with each event: odd means inside quotes.
    nth = so_far - np.repeat(before_line, np.diff(stop_at, prepend=-1))
    outside = np.cumsum((byte == delimiter) & ((nth & 1) == 0), dtype=np.int32)
    lines.fields = np.diff(outside[stop_at], prepend=0).astype(np.int64) + 1
    quotes = np.flatnonzero(is_quote)
    unclean = unclean_quotes(held, quotes=signs.at[quotes], nth=nth[quotes], lines=lines, delimiter=delimiter)
    return np.unique(np.concatenate([unclean, np.flatnonzero(nth[stop_at] & 1)]))


def unclean_quotes(
    held: NDArray[np.uint8], *, quotes: Integers, nth: NDArray[np.int32], lines: Lines, delimiter: int
) -> Integers:
    """Lines with a quote that opens elsewhere than at a field's start, or closes elsewhere than at its end."""
    opening = (nth & 1) == 1
    neighbour = held[np.where(opening, quotes - 1, np.minimum(quotes + 1, len(held) - 1))]
    # Beside a quote: a doubled one, as its partner is on the same line; the first quote of a line has none before it.
    clean = (neighbour == delimiter) | ((neighbour == QUOTE) & (nth > 1))
    doubtful = np.flatnonzero(~clean)
    line: Integers = np.searchsorted(lines.starts, quotes[doubtful], side="right") - 1
    edge = np.where(opening[doubtful], lines.starts[line], lines.ends[line] - 1)
    broken: Integers = line[quotes[doubtful] != edge]
    return broken


def settle_odd_lines(text: bytes, *, odd: Integers, lines: Lines, shape: Shape, final: bool) -> int:
    """Read rows with stray quotes or quoted line ends one by one; return how many physical lines are settled."""
    count, row_bytes = len(lines.starts), shape.limits.row_bytes
    following = 0
    for number in odd.tolist():
        if number < following:
            continue
        start = int(lines.starts[number])
        if lines.ends[number] - start > row_bytes:
            continue
        stop = min(len(text), start + row_bytes + 1)
        capped = stop == start + row_bytes + 1
        row = scan_row(text, start=start, stop=stop, delimiter=shape.delimiter)
        if row.ending is Ending.TEXT_AFTER_QUOTE:
            lines.faults[number] = CODE[Rule.TEXT_AFTER_QUOTE]
            continue
        whole = row.ending is Ending.ROW or (row.ending is Ending.END_OF_BYTES and final and not capped)
        last = int(np.searchsorted(lines.ends, row.end)) if whole else count
        if last < count and lines.ends[last] == row.end:
            lines.ends[number], lines.nexts[number] = lines.ends[last], lines.nexts[last]
            lines.fields[number] = row.fields
            lines.begins[number + 1 : last + 1] = False
            following = last + 1
        elif final or capped:
            lines.faults[number] = CODE[Rule.QUOTE_NOT_CLOSED]
        else:
            return int(number)
    return count


def mark_faults(text: bytes, *, lines: Lines, settled: int, shape: Shape) -> None:
    """Name the first rule each settled row breaks, the gravest first."""
    lengths = lines.ends - lines.starts
    faults = lines.faults

    def mark(rows: NDArray[np.bool_] | Integers, *, rule: Rule) -> None:
        chosen = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        faults[chosen[faults[chosen] == 0]] = CODE[rule]

    too_long = np.flatnonzero(lengths > shape.limits.row_bytes)
    faults[too_long] = CODE[Rule.ROW_TOO_LONG]
    if not text.isascii() and not is_utf8(text, length=last_next(lines, settled=settled)):
        mark(undecodable_rows(text, lines=lines, settled=settled), rule=Rule.NOT_TEXT)
    if b"\0" in text:
        nuls = np.flatnonzero(np.frombuffer(text, np.uint8) == 0)
        mark(rows_holding(nuls, lines=lines, settled=settled), rule=Rule.NUL_BYTE)
    if shape.fields is not None:
        mark(lines.fields < shape.fields, rule=Rule.TOO_FEW_FIELDS)
        mark(lines.fields > shape.fields, rule=Rule.TOO_MANY_FIELDS)
    long_rows = np.flatnonzero((lengths > shape.limits.cell_bytes) & (faults == 0))
    for number in long_rows.tolist() if shape.quoted else []:
        end = int(lines.ends[number])
        row = scan_row(text, start=int(lines.starts[number]), stop=end, delimiter=shape.delimiter)
        if row.longest > shape.limits.cell_bytes:
            faults[number] = CODE[Rule.CELL_TOO_LONG]


def rows_holding(positions: Integers, *, lines: Lines, settled: int) -> Integers:
    """The first lines of the rows in which the positions lie, each once."""
    first_lines = np.flatnonzero(lines.begins[:settled])
    if len(first_lines) == 0:
        return first_lines
    positions = positions[positions < lines.nexts[first_lines[-1]]]
    which = np.searchsorted(lines.starts[first_lines], positions, side="right") - 1
    return first_lines[np.unique(which)]


def undecodable_rows(text: bytes, *, lines: Lines, settled: int) -> Integers:
    """The rows whose bytes are no UTF-8."""
    wide = np.flatnonzero(np.frombuffer(text, np.uint8) >= 0x80)
    found = []
    for number in rows_holding(wide, lines=lines, settled=settled).tolist():
        try:
            text[int(lines.starts[number]) : int(lines.ends[number])].decode()
        except UnicodeDecodeError:
            found.append(number)
    return np.array(found, np.int64)
