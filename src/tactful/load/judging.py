"""One stretch of rows against the contract: which rows feed which tables, and which are refused, with every reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.load.chunk import Integers
from tactful.load.conditions import fits
from tactful.load.customers import Customers, customers_of
from tactful.load.damage import mojibake_at
from tactful.load.filling import NOT_ASCII, Filled, fill
from tactful.load.fingerprints import Prints, fingerprints
from tactful.load.identities import identity_of
from tactful.load.mapping import Plan, TableMapping
from tactful.load.notations import shapes_of
from tactful.load.numbers import Flags, text_bytes
from tactful.load.refused import Origin, RefusedRow
from tactful.load.rules import Rule

WRITTEN_OTHERWISE = {Rule.NOT_A_DECIMAL, Rule.NOT_AN_INTEGER, Rule.NOT_AN_INSTANT, Rule.NOT_A_DATE}
"""Rules of which the sign that is not understood says more than the rule."""
REPLACED = b"\xef\xbf\xbd"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """Readable rows of a file and where they stood. Stability: internal.

    Attributes:
        columns: text by header; the columns a plan reads are among them.
        lines: physical line of each row, from 1; shape (rows,).
        offsets: byte offset of each row; None where there is none.
        raw: the exact bytes of a row.
        whole: fingerprints of the whole rows, columns nobody asked for included; shape (rows,).
        origins: where each row came from, where that differs from row to row.
        occurrences: occurrence numbers that were given before; 0 for none.
    """

    columns: pa.RecordBatch
    lines: Integers
    offsets: Integers | None
    raw: Callable[[int], bytes]
    whole: Callable[[], Prints]
    origins: tuple[Origin, ...] = ()
    occurrences: Integers | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fed:
    """What a stretch gives to one table. Stability: internal.

    Attributes:
        mapping: the table's mapping.
        columns: the canonical columns that the file fills, rows that passed only.
        rows: their positions in the stretch.
        prints: fingerprint of the identity of every row of the stretch.
        keyed: which rows of the stretch have an identity to speak of, refused ones included.
        whole: fingerprints of the whole rows, where exact repeats are counted.
        occurrences: occurrence numbers that were given before, 0 for none; None where rows are read for the first time.
    """

    mapping: TableMapping
    columns: dict[str, pa.Array]
    rows: Integers
    prints: Prints
    keyed: Flags
    whole: Prints | None
    occurrences: Integers | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Judged:
    """A stretch after judging. Stability: internal.

    Attributes:
        rows: number of readable rows.
        fed: by table, in the declaration's order.
        refused: the rows that did not pass, in order.
        kinds: accepted transactions by kind.
        without_customer: accepted transactions without a customer.
        blocked: rows whose customer was a word such as null or guest.
        set_aside: rows that a table left to others by `only_when`, by table.
        garbled: rows with garbled characters.
        times: the first and last instant, in microseconds; None where there is none.
        after_now: rows whose instant lies after the project's now.
    """

    rows: int
    fed: list[Fed] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    without_customer: int = 0
    blocked: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)
    garbled: int = 0
    times: tuple[datetime, datetime] | None = None
    after_now: int = 0


class Complaints:
    """What is wrong with the rows of a stretch, cell by cell."""

    def __init__(self, rows: int) -> None:
        self.bad = np.zeros(rows, np.bool_)
        self.cells: dict[int, list[tuple[str | None, str, str]]] = {}

    def add(self, rows: Integers, *, field: str | None, rule: str, sentence: str) -> None:
        """Note that these rows break a rule."""
        if len(rows) == 0:
            return
        self.bad[rows] = True
        for row in rows.tolist():
            self.cells.setdefault(row, []).append((field, rule, sentence))

    def rows(self, stretch: Stretch) -> list[RefusedRow]:
        """Each row once, under what was found first; its reason names everything, and never repeats a value."""
        found = []
        for row, cells in sorted(self.cells.items()):
            is_erased = any(rule == Rule.ERASED.value for _, rule, _ in cells)
            told = [(None, Rule.ERASED.value, Rule.ERASED.sentence)] if is_erased else list(dict.fromkeys(cells))
            found.append(
                RefusedRow(
                    row=row,
                    line=int(stretch.lines[row]),
                    byte_offset=None if stretch.offsets is None else int(stretch.offsets[row]),
                    raw=b"" if is_erased else stretch.raw(row),
                    field=told[0][0],
                    rule=told[0][1],
                    reason="; ".join(f"{column}: {said}" if column else said for column, _, said in told),
                    origin=stretch.origins[row] if stretch.origins else None,
                )
            )
        return found


@dataclass(slots=True, kw_only=True, eq=False)
class Candidate:
    """One table's columns before it is known which rows pass."""

    mapping: TableMapping
    columns: dict[str, pa.Array]
    feeds: Flags
    kinds: NDArray[np.int8]


def judge(stretch: Stretch, *, plan: Plan, now: datetime, is_erased: Callable[[str], bool]) -> Judged:
    """Judge a stretch; pure, so it may run on any thread.

    Args:
        stretch: rows as text.
        plan: what every row must be.
        now: the project's now, for counting what lies after it.
        is_erased: whether a customer was erased.
    """
    rows = stretch.columns.num_rows
    complaints, judged = Complaints(rows), Judged(rows=rows)
    judged.garbled = garbled_rows(stretch.columns, headers=plan.headers)
    candidates = [
        candidate_of(
            stretch, mapping=mapping, zone=plan.zone, complaints=complaints, judged=judged, is_erased=is_erased
        )
        for mapping in plan.tables
    ]
    for candidate in candidates:
        judged.fed.append(fed_of(candidate, stretch=stretch, bad=complaints.bad))
        count_rows(judged, judged.fed[-1], kinds=candidate.kinds, now=now)
    judged.refused = complaints.rows(stretch)
    return judged


def candidate_of(
    stretch: Stretch,
    *,
    mapping: TableMapping,
    zone: str,
    complaints: Complaints,
    judged: Judged,
    is_erased: Callable[[str], bool],
) -> Candidate:
    """Fill a table's columns, and complain of every cell and row that breaks a rule."""
    rows = stretch.columns.num_rows
    filled = {how.name: fill(stretch.columns.column(how.header), how=how) for how in mapping.fillings}
    headers = {how.name: how.header for how in mapping.fillings}
    for name, column in filled.items():
        for rule, wrong in column.broken:
            for rows_alike, sentence in sentences_of(rule, rows=wrong, text=stretch.columns.column(headers[name])):
                complaints.add(rows_alike, field=headers[name], rule=rule.value, sentence=sentence)
    columns = {name: column.values for name, column in filled.items()}
    columns |= {name: pa.repeat(scalar, rows) for name, scalar in mapping.constants.items()}
    customers = None
    if "customer_id" in columns:
        customers = customers_of(columns["customer_id"], is_erased=is_erased)
        columns |= {"customer_id": customers.ids}
        if mapping.schema.get_field_index("customer_key") >= 0:
            columns["customer_key"] = customers.keys
        judged.blocked = max(judged.blocked, int(customers.blocked.sum()))
        complaints.add(
            np.flatnonzero(customers.erased), field=None, rule=Rule.ERASED.value, sentence=Rule.ERASED.sentence
        )
    kinds = add_kinds(columns, mapping=mapping, rows=rows, zone=zone)
    feeds = np.ones(rows, np.bool_)
    if mapping.only_when is not None:
        feeds = fits(mapping.only_when, columns, rows=rows, zone=zone)
        judged.set_aside[mapping.table] = rows - int(feeds.sum())
    complain_of_missing(filled, mapping=mapping, feeds=feeds, customers=customers, complaints=complaints)
    kindless = np.flatnonzero((kinds < 0) & feeds) if mapping.kinds else np.empty(0, np.int64)
    complaints.add(kindless, field=None, rule=Rule.NO_KIND.value, sentence=Rule.NO_KIND.sentence)
    for own, condition in mapping.refuse_when:
        refused = feeds & fits(condition, columns, rows=rows, zone=zone)
        complaints.add(np.flatnonzero(refused), field=None, rule=own, sentence=f"refused by the source's rule {own}")
    return Candidate(mapping=mapping, columns=columns, feeds=feeds, kinds=kinds)


def sentences_of(rule: Rule, *, rows: Integers, text: pa.Array) -> Iterator[tuple[Integers, str]]:
    """What is said of cells that break a rule: of numbers and times also how they are written, never what they say."""
    if rule not in WRITTEN_OTHERWISE:
        yield rows, rule.sentence
        return
    shapes = shapes_of(text.take(pa.array(rows)))
    codes, drawn = np.asarray(shapes.dictionary_encode().indices), shapes.unique().to_pylist()
    for code, shape in enumerate(drawn):
        yield rows[codes == code], f"{rule.sentence}; it is written like {shape}"


def complain_of_missing(
    filled: dict[str, Filled],
    *,
    mapping: TableMapping,
    feeds: Flags,
    customers: Customers | None,
    complaints: Complaints,
) -> None:
    """Complain of rows that feed a table and do not say what it needs."""
    for how in mapping.fillings:
        if how.name not in mapping.required:
            continue
        missing = filled[how.name].absent & feeds
        if missing.any():
            rule = Rule.MISSING
            complaints.add(np.flatnonzero(missing), field=how.header, rule=rule.value, sentence=rule.sentence)
        if how.name == "customer_id" and customers is not None:
            rule = Rule.NOT_A_CUSTOMER
            nobody = np.flatnonzero(customers.blocked & feeds)
            complaints.add(nobody, field=how.header, rule=rule.value, sentence=rule.sentence)


def add_kinds(columns: dict[str, pa.Array], *, mapping: TableMapping, rows: int, zone: str) -> NDArray[np.int8]:
    """Say what kind of transaction each row is, by the first rule that fits; returns the rules' places, -1 for none."""
    codes = np.full(rows, -1, np.int8)
    if not mapping.kinds:
        return codes
    for code, (_, condition) in enumerate(mapping.kinds):
        fit = codes < 0 if condition is None else (codes < 0) & fits(condition, columns, rows=rows, zone=zone)
        codes[fit] = code
    kindless = codes < 0
    words = pa.array([kind for kind, _ in mapping.kinds], pa.string())
    columns["kind"] = words.take(pa.array(codes, mask=kindless if kindless.any() else None))
    return codes


def fed_of(candidate: Candidate, *, stretch: Stretch, bad: Flags) -> Fed:
    """The rows of a table that passed."""
    mapping, columns = candidate.mapping, candidate.columns
    passed = candidate.feeds & ~bad
    identity = [columns[name] for name in identity_of(mapping.table, one_per=mapping.one_per, columns=columns)]
    keyed = candidate.feeds
    if mapping.table == "transactions" and bad.any():
        keyed = keyed & ~np.logical_or.reduce([np.asarray(column.is_null()) for column in identity])
    prints = fingerprints(identity)
    if not passed.all():
        mask = pa.array(passed)
        columns = {name: column.filter(mask) for name, column in columns.items()}
    whole = stretch.whole() if mapping.table == "transactions" and not mapping.one_per else None
    rows = np.flatnonzero(passed)
    return Fed(
        mapping=mapping,
        columns=columns,
        rows=rows,
        prints=prints,
        keyed=keyed,
        whole=whole,
        occurrences=stretch.occurrences,
    )


def counts_of_kinds(fed: Fed, *, kinds: NDArray[np.int8]) -> Iterator[tuple[str, int]]:
    """How many rows that passed are of each kind, in the order in which kinds are met first."""
    if not fed.mapping.kinds:
        for entry in pc.value_counts(fed.columns["kind"]).to_pylist():
            yield entry["values"], entry["counts"]
        return
    mine = kinds[fed.rows]
    there, first = np.unique(mine, return_index=True)
    for place in there[np.argsort(first)].tolist():
        yield fed.mapping.kinds[place][0], int(np.count_nonzero(mine == place))


def count_rows(judged: Judged, fed: Fed, *, kinds: NDArray[np.int8], now: datetime) -> None:
    """Count what the report tells of the rows that passed."""
    columns = fed.columns
    if fed.mapping.table == "transactions":
        for kind, count in counts_of_kinds(fed, kinds=kinds):
            judged.kinds[kind] = judged.kinds.get(kind, 0) + count
        nobody = columns["customer_id"].null_count if "customer_id" in columns else len(fed.rows)
        judged.without_customer += nobody
    if "happened_at" in columns and len(fed.rows):
        edges = pc.min_max(columns["happened_at"]).as_py()
        if edges["min"] is not None:
            known = judged.times or (edges["min"], edges["max"])
            judged.times = (min(known[0], edges["min"]), max(known[1], edges["max"]))
        if edges["max"] is not None and edges["max"] > now:
            late = pc.greater(columns["happened_at"], pa.scalar(now, columns["happened_at"].type))
            judged.after_now += pc.sum(late).as_py() or 0


def garbled_rows(columns: pa.RecordBatch, *, headers: tuple[str, ...]) -> int:
    """How many rows have characters that were lost (U+FFFD) or read in the wrong encoding once before (Ã© for é)."""
    found = np.zeros(columns.num_rows, np.bool_)
    for header in headers:
        text = columns.column(header)
        held = text_bytes(text)
        if len(held) == 0 or held.max() < NOT_ASCII:
            continue
        data = held.tobytes()
        places = mojibake_at(data)
        if REPLACED in data:
            leads = np.flatnonzero(held[:-2] == REPLACED[0])
            lost = leads[(held[leads + 1] == REPLACED[1]) & (held[leads + 2] == REPLACED[2])]
            places = np.concatenate([places, lost])
        offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset : text.offset + len(text) + 1]
        found[np.searchsorted(offsets - offsets[0], places, side="right") - 1] = True
    return int(found.sum())
