"""From columns of text to typed columns: every cell either has its declared type, is absent, or is named as failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.load.chunk import BadRow, Chunk, Integers, bad_rows
from tactful.load.instants import read_days, read_instants
from tactful.load.kinds import Boolean, Choice, Column, Day, Decimal, Email, Identifier, Instant, Integer, Text
from tactful.load.numbers import Flags, marked, read_decimals, read_integers, text_bytes
from tactful.load.rules import Rule

# What a spreadsheet makes of a long number: 1.23457E+12. A plain 12E5 may be a real code, so it stays.
ROUNDED = r"[+-]?(?:\d+[.,]\d+[eE]\+?\d+|\d+[eE]\+\d+)"
ATOM = r"[^\s@.,:;<>()\[\]\\\"\x00-\x1f]+"
LABEL = r"[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?"
ADDRESS = rf"{ATOM}(?:\.{ATOM})*@(?:{LABEL}\.)+(?:[\p{{L}}\p{{M}}]{{2,63}}|xn--[a-zA-Z0-9-]{{2,59}})"
LONGEST_ADDRESS, LONGEST_LOCAL_PART = 254, 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Failures:
    """Cells of one column that break one rule. Stability: caller.

    Attributes:
        rows: their rows, ascending.
        field: the column.
        rule: what they break.
    """

    rows: Integers
    field: str
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Typed:
    """A chunk after its columns were read. Stability: caller.

    Attributes:
        columns: the rows that passed, one typed column per declared column, in declared order.
        rows: their positions in the chunk.
        bad: the rows that did not pass, as columns; each row once, under the first field that failed.
        failures: every failed cell, column by column.
    """

    columns: pa.RecordBatch
    rows: Integers
    bad: pa.RecordBatch
    failures: tuple[Failures, ...]


def read_typed(chunk: Chunk, *, columns: tuple[Column, ...]) -> Typed:
    """Read the declared columns of a chunk; columns nobody declared are left out.

    Args:
        chunk: columns of text; every declared name must be among them.
        columns: what each column must hold.

    Raises:
        KeyError: a declared column is not in the chunk.
    """
    values, failures = [], []
    for column in columns:
        found, failed = read_column(chunk.columns.column(column.name), column=column)
        values.append(found)
        failures.extend(failed)
    batch = pa.record_batch(values, names=[column.name for column in columns])
    if not failures:
        rows = np.arange(chunk.columns.num_rows)
        return Typed(columns=batch, rows=rows, bad=bad_rows(()), failures=())
    passed = np.ones(chunk.columns.num_rows, np.bool_)
    for failed_cells in failures:
        passed[failed_cells.rows] = False
    return Typed(
        columns=batch.filter(pa.array(passed)),
        rows=np.flatnonzero(passed),
        bad=failed_rows(chunk, failures=failures),
        failures=tuple(failures),
    )


def failed_rows(chunk: Chunk, *, failures: list[Failures]) -> pa.RecordBatch:
    """Each failed row once; its reason names every field that failed, and never repeats a value."""
    cells: dict[int, list[tuple[str, Rule]]] = {}
    for failed in failures:
        for row in failed.rows.tolist():
            cells.setdefault(row, []).append((failed.field, failed.rule))
    return bad_rows(
        BadRow(
            line=int(chunk.lines[row]),
            byte_offset=None if chunk.offsets is None else int(chunk.offsets[row]),
            raw=chunk.raw(row),
            field=named[0][0],
            rule=named[0][1],
            reason="; ".join(f"{field}: {rule.sentence}" for field, rule in named),
        )
        for row, named in sorted(cells.items())
    )


def read_column(text: pa.Array, *, column: Column) -> tuple[pa.Array, list[Failures]]:
    """One column of text as its declared kind, and the cells that failed; failed and absent cells are null.

    >>> values, failed = read_column(pa.array(["007", "", "1.23457E+12"]), column=Column(name="id", kind=Identifier()))
    >>> values.to_pylist(), [(f.rows.tolist(), f.rule.value) for f in failed]
    (['007', None, None], [([2], 'spreadsheet_damage')])
    """
    present = with_nulls(text, null_words=column.null_words)
    values, checks = read_kind(present, column=column)
    there = np.asarray(present.is_valid())
    failures, left = [], there
    if column.required and not there.all():
        failures.append(Failures(rows=np.flatnonzero(~there), field=column.name, rule=Rule.MISSING))
    for rule, good in checks:
        wrong = np.flatnonzero(left & ~good)
        if len(wrong):
            failures.append(Failures(rows=wrong, field=column.name, rule=rule))
            left = left & good
    if left is not there:
        values = pc.if_else(pa.array(left), values, pa.scalar(None, values.type))
    return values, failures


def with_nulls(text: pa.Array, *, null_words: tuple[str, ...]) -> pa.Array:
    """The column with null for the empty text and the declared null words, exactly as declared."""
    if not null_words and not has_empty(text):
        return text
    empty = pc.equal(pc.binary_length(text), 0)
    if null_words:
        empty = pc.or_kleene(empty, pc.is_in(text, pa.array(null_words, pa.string())))
    if not pc.any(empty).as_py():
        return text
    return pc.if_else(empty, pa.scalar(None, pa.string()), text)


def has_empty(text: pa.Array) -> bool:
    """Whether a text is empty or absent."""
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset : text.offset + len(text) + 1]
    return bool((offsets[1:] == offsets[:-1]).any())


Checks = list[tuple[Rule, Flags]]


def read_kind(text: pa.Array, *, column: Column) -> tuple[pa.Array, Checks]:
    """The typed values of a column, and for each rule which cells keep it."""
    kind = column.kind
    match kind:
        case Text():
            return (pc.utf8_trim_whitespace(text) if kind.trim else text), []
        case Identifier():
            return text, check_ids(text, kind=kind)
        case Email():
            return text, [(Rule.NOT_AN_EMAIL, by_distinct(text, test=are_addresses))]
        case Choice():
            return text, [(Rule.NOT_IN_LIST, among(text, words=kind.words))]
        case Boolean():
            yes, no = among(text, words=kind.yes), among(text, words=kind.no)
            return pa.array(yes, mask=~(yes | no)), [(Rule.NOT_A_BOOLEAN, yes | no)]
        case Integer():
            whole, good = read_integers(text, kind=kind)
            return whole, [(Rule.NOT_AN_INTEGER, good), *within(whole, low=kind.low, high=kind.high)]
        case Decimal():
            exact, good = read_decimals(text, kind=kind)
            return exact, [(Rule.NOT_A_DECIMAL, good), *within(exact, low=kind.low, high=kind.high)]
        case Day():
            days, good = read_days(text, kind=kind)
            return days, [(Rule.NOT_A_DATE, good)]
        case Instant():
            moments, good = read_instants(text, kind=kind)
            return moments, [(Rule.NOT_AN_INSTANT, good)]
        case _:
            assert_never(kind)


def among(text: pa.Array, *, words: tuple[str, ...]) -> Flags:
    """Which texts are one of the words."""
    return np.asarray(pc.is_in(text, pa.array(words, pa.string())))


def within(values: pa.Array, *, low: int | str | None, high: int | str | None) -> Checks:
    """The check against a declared range; none where none is declared."""
    inside = np.ones(len(values), np.bool_)
    for bound, compare in ((low, pc.greater_equal), (high, pc.less_equal)):
        if bound is not None:
            edge = pc.cast(pa.scalar(str(bound)), values.type)
            inside &= np.asarray(pc.fill_null(compare(values, edge), fill_value=False))
    return [] if low is None and high is None else [(Rule.OUT_OF_RANGE, inside)]


def check_ids(text: pa.Array, *, kind: Identifier) -> Checks:
    """The checks on ids: not rounded by a spreadsheet, and of the declared pattern."""
    checks: Checks = []
    data = text_bytes(text).tobytes()
    if (b"E" in data or b"e" in data) and (b"+" in data or b"." in data or b"," in data):
        checks.append((Rule.SPREADSHEET_DAMAGE, ~by_distinct(text, test=lambda some: marked(some, pattern=ROUNDED))))
    if pattern := kind.pattern:
        checks.append((Rule.NOT_AN_ID, by_distinct(text, test=lambda some: marked(some, pattern=pattern))))
    return checks


def by_distinct(text: pa.Array, *, test: Callable[[pa.Array], Flags]) -> Flags:
    """A test of each text, run once per distinct text where many repeat; absent texts fail it."""
    encoded = pc.dictionary_encode(text)
    if len(encoded.dictionary) * 2 > len(text):
        return test(text)
    answers = pa.array(test(encoded.dictionary))
    return np.asarray(pc.fill_null(answers.take(encoded.indices), fill_value=False))


def are_addresses(text: pa.Array) -> Flags:
    """Which texts are e-mail addresses by their syntax."""
    shaped = marked(text, pattern=ADDRESS)
    length = np.asarray(pc.fill_null(pc.binary_length(text), 0))
    local = np.asarray(pc.fill_null(pc.find_substring(text, "@"), 0))
    return shaped & (length <= LONGEST_ADDRESS) & (local <= LONGEST_LOCAL_PART)
