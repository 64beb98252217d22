"""Quarantined rows read again from their own bytes, under the contract as it is now."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from tactful.load.boundaries import FAULTS, Shape, find_rows
from tactful.load.completing import Setting
from tactful.load.contract import contract_of
from tactful.load.dialect import one_byte
from tactful.load.encodings import canonical
from tactful.load.fingerprints import Prints, fingerprints
from tactful.load.header import Header
from tactful.load.json_lines import read_object, within
from tactful.load.judging import Judged, Stretch, judge
from tactful.load.known import Known
from tactful.load.limits import Limits
from tactful.load.mapping import Plan, asked_headers, plan_of
from tactful.load.opening import Beside, Read
from tactful.load.quarantine import NEVER_AGAIN, taken_out
from tactful.load.reading import Reading, Work
from tactful.load.refused import Origin, RefusedRow
from tactful.load.rules import Rule
from tactful.project.declared import Project
from tactful.project.sources import Source
from tactful.store import contracts
from tactful.store.engines.duckdb import Engine
from tactful.store.sql import named
from tactful.words.clock import Clock
from tactful.words.errors import SourceHeld
from tactful.words.ids import derived_id
from tactful.words.sealed import Sealed

MOST_REPLAYED = 200_000
"""Rows read again at once; what is left waits for the next time."""
REPLAYED = "(quarantine) "
"""How the account of a replay begins where that of a file names it."""

Row = dict[str, Any]  # Any: a row of quarantine


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """Waiting rows of one file. Stability: internal.

    Attributes:
        rows: as they lie in quarantine.
        plan: what every row must be, under the file's header.
        written: form, encoding, delimiter and header of the file.
    """

    rows: list[Row]
    plan: Plan
    written: dict[str, Any]  # Any: JSON


def nobody(_customer: str) -> bool:
    """No customer was erased."""
    return False


def open_quarantine(
    source: Source,
    *,
    waiting: Sealed,
    project: Project,
    clock: Clock,
    seen: Mapping[str, Sealed],
    is_erased: Callable[[str], bool] = nobody,
) -> Reading | None:
    """The rows of a source that wait in quarantine and were never judged under its present contract.

    Rows that pass become rows as a correct first load would have made them; rows that do not are put in again with the
    new reason. Rows whose bytes were never kept whole are left alone.

    Args:
        source: the declaration as it is now.
        waiting: everything ever quarantined.
        project: for its zone, currency and memory.
        clock: now.
        seen: everything loaded so far, by table.
        is_erased: whether a customer was erased.

    Returns:
        None where nothing is to be read again.
    """
    contract = contract_of(source)
    zone = source.zone or project.settings.zone
    rows = waiting_rows(source, waiting, contract=contract, memory=project.settings.memory)
    groups, left = groups_of(source, rows, zone=zone)
    chosen = [row for group in groups for row in group.rows]
    if not chosen:
        return None
    places = [f"{row['digest'].hex()}:{row['line']}:{row['byte_offset']}" for row in chosen]
    origin = Origin(
        source=source.source,
        file=f"{REPLAYED}{len(chosen):,} rows",
        digest=derived_id("replay", source.source, contract, *places),
        contract=contract,
        now=clock.now,
        written_as="",
    )
    setting = Setting(source=source.source, now=clock.now, currency=project.settings.currency)
    memory = project.settings.memory

    def pieces() -> Iterator[tuple[Beside, Judged]]:
        for group in groups:
            read = read_group(group, source=source, origin=origin)
            yield read.beside, judge(read.stretch, plan=group.plan, now=clock.now, is_erased=is_erased)

    return Reading(
        Work(
            pieces=pieces,
            plan=groups[0].plan,
            judged_end=lambda _tally: "",
            told={"read_again": len(chosen)} | ({"left_waiting": left} if left else {}),
            closing=lambda: out_of(chosen, origin=origin),
        ),
        origin=origin,
        known=lambda table: Known(table, loaded=seen.get(table), source=source.source, memory=memory),
        setting=setting,
        rows_expected=len(chosen),
    )


def waiting_rows(source: Source, waiting: Sealed, *, contract: str, memory: str) -> list[Row]:
    """One row for each place in a file that waits, in the order of the files."""
    if waiting.rows == 0:
        return []
    values = {"source": source.source, "contract": contract, "never": list(NEVER_AGAIN)}
    with Engine.open(memory=memory) as engine:
        found = engine.table(named("load.waiting"), tables={"quarantine": waiting}, values=values)
    rows: list[Row] = found.drop_columns(["place"]).slice(0, MOST_REPLAYED).to_pylist()
    return rows


def groups_of(source: Source, rows: list[Row], *, zone: str) -> tuple[list[Group], dict[str, int]]:
    """The rows file by file; and how many cannot be read under the present contract, with the reason."""
    groups: list[Group] = []
    left: dict[str, int] = {}
    ordered = sorted(rows, key=lambda row: (row["digest"], row["written_as"]))
    for (_, text), some in groupby(ordered, key=lambda row: (row["digest"], row["written_as"])):
        written, those = json.loads(text), list(some)
        try:
            # A line of JSON names its own keys, so those asked for since may be there.
            names = asked_headers(source) if written["form"] == "json_lines" else tuple(written["names"])
            plan = plan_of(source, Header(names=names), zone=zone)
        except SourceHeld as error:
            left[str(error)] = left.get(str(error), 0) + len(those)
            continue
        groups.append(Group(rows=sorted(those, key=lambda row: row["line"]), plan=plan, written=written))
    return groups, left


def read_group(group: Group, *, source: Source, origin: Origin) -> Read:
    """The rows of one file as a stretch of text, and those that still cannot be cut into cells."""
    shape = shape_of(source, group.written)
    good: list[tuple[Row, dict[str, str]]] = []
    bad: list[RefusedRow] = []
    for row in group.rows:
        found = cells_of(row["raw"], shape=shape)
        if isinstance(found, Rule):
            bad.append(still_bad(row, rule=found, origin=origin))
        else:
            good.append((row, found))
    columns = {
        header: pa.array([_cell(cells, header) for _, cells in good], pa.string()) for header in group.plan.headers
    }
    rows = [row for row, _ in good]
    offsets = [row["byte_offset"] for row in rows]

    def whole() -> Prints:
        return fingerprints([pa.array([row["raw"] for row in rows], pa.binary())])

    stretch = Stretch(
        columns=pa.record_batch(list(columns.values()), names=list(columns)) if columns else empty_rows(len(rows)),
        lines=np.array([row["line"] for row in rows], np.int64),
        offsets=None if None in offsets else np.array(offsets, np.int64),
        raw=lambda number: bytes(rows[number]["raw"]),
        whole=whole,
        origins=tuple(original(row, origin=origin) for row in rows),
        occurrences=np.array([row["occurrence"] or 0 for row in rows], np.int64),
    )
    return Read(stretch=stretch, beside=Beside(bad=bad))


def empty_rows(rows: int) -> pa.RecordBatch:
    """Rows without any column that is read."""
    return pa.record_batch([pa.nulls(rows)], names=[""])


def still_bad(row: Row, *, rule: Rule, origin: Origin) -> RefusedRow:
    """A row that still cannot be cut into cells."""
    return RefusedRow(
        row=-1,
        line=row["line"],
        byte_offset=row["byte_offset"],
        raw=row["raw"],
        field=None,
        rule=rule.value,
        reason=rule.sentence,
        origin=original(row, origin=origin),
    )


def original(row: Row, *, origin: Origin) -> Origin:
    """Where a row came from first, with the contract and the time of now."""
    return Origin(
        source=origin.source,
        file=row["file"],
        digest=row["digest"],
        contract=origin.contract,
        now=origin.now,
        written_as=row["written_as"],
    )


def out_of(rows: list[Row], *, origin: Origin) -> Iterator[pa.RecordBatch]:
    """The rows that take what was read again out of quarantine."""
    schema = contracts.table("quarantine").schema
    yield pa.RecordBatch.from_pylist([taken_out(row, now=origin.now) for row in rows], schema=schema)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawShape:
    """How the bytes of a row are cut into cells. Stability: internal."""

    names: tuple[str, ...]
    encoding: str
    rows: Shape | None


def shape_of(source: Source, written: Mapping[str, Any]) -> RawShape:
    """The shape of a file's rows; what the source declares now goes before what was found then."""
    declared = canonical(source.encoding) if source.encoding else None
    names, shape = tuple(written["names"]), None
    if written["form"] == "csv":
        delimiter = one_byte(source.delimiter or written["delimiter"])
        shape = Shape(delimiter=delimiter, fields=len(names), limits=Limits())
    return RawShape(names=names, encoding=declared or written["encoding"], rows=shape)


def _cell(cells: dict[str, str], header: str) -> str:
    """The cell under a header, or at a path of JSON."""
    return cells[header] if header in cells else within(cells, path=header)


def cells_of(raw: bytes, *, shape: RawShape) -> dict[str, str] | Rule:
    """The cells of one row by header, or the rule it breaks.

    >>> shape = RawShape(names=("id", "name"), encoding="utf-8", rows=Shape(delimiter=b",", fields=2, limits=Limits()))
    >>> cells_of(b'7,"Lee, Jr."\\n', shape=shape)
    {'id': '7', 'name': 'Lee, Jr.'}
    >>> cells_of(b"7,Anna,Lee\\n", shape=shape)
    <Rule.TOO_MANY_FIELDS: 'too_many_fields'>
    """
    text = raw if shape.encoding == "utf-8" else raw.decode(shape.encoding, "replace").encode()
    if shape.rows is None:
        return read_object(text.strip())
    rows = find_rows(text, shape=shape.rows, final=True)
    if len(rows.starts) != 1:
        return Rule.QUOTE_NOT_CLOSED if len(rows.starts) else Rule.TOO_FEW_FIELDS
    fault: Rule | None = FAULTS[rows.faults[0]]
    if fault is not None:
        return fault
    line = text[int(rows.starts[0]) : int(rows.ends[0])].decode()
    delimiter = shape.rows.delimiter.decode()
    csv.field_size_limit(max(csv.field_size_limit(), shape.rows.limits.row_bytes))
    cells: list[str] = next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter))
    return {name: cell for name, cell in zip(shape.names, cells, strict=True) if name}
