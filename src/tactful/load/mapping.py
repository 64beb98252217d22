"""What a declaration asks of a file with a certain header: every column, condition and rule, ready to use."""

from __future__ import annotations

import difflib
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from typing import cast

import pyarrow as pa

from tactful.load.completing import MAY_BE_LEFT_OUT
from tactful.load.conditions import fits
from tactful.load.filling import Filling, fill, filling_of
from tactful.load.header import Header, Match, key_of, match_header
from tactful.project.sources import Mapping, Source
from tactful.store import contracts
from tactful.words.condition import Compare, Condition, read_condition
from tactful.words.errors import SourceHeld

KEPT_ONE_PER = {"customers": ("customer_id",), "items": ("item_id",)}
"""Tables with one row per key: the last non-empty value of each column stands, unless `one_per` says otherwise."""
USUAL_KINDS: tuple[tuple[str, Condition | None], ...] = (("return", Compare("quantity", "<", 0)), ("sale", None))
"""What a line is where a source does not say: returned where the quantity is negative, else sold."""
LOADED = frozenset(
    "customers transactions events items stock consents preferences suppressions past_sends links".split()
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TableMapping:
    """How rows of a file become rows of one table. Stability: internal.

    Attributes:
        table: its name.
        fillings: columns from the file.
        constants: columns that hold the same in every row, by name.
        required: columns that must say something.
        only_when: rows for which it does not hold feed other tables only.
        refuse_when: rule and condition; such rows are quarantined.
        kinds: kind and condition, the first that fits; None fits all. Empty where the file says the kind itself.
        one_per: keep one row per these columns; empty to keep all.
    """

    table: str
    fillings: tuple[Filling, ...]
    constants: dict[str, pa.Scalar]
    required: frozenset[str]
    only_when: Condition | None
    refuse_when: tuple[tuple[str, Condition], ...]
    kinds: tuple[tuple[str, Condition | None], ...]
    one_per: tuple[str, ...]

    @property
    def schema(self) -> pa.Schema:
        """The schema of the canonical table."""
        return contracts.table(self.table).schema


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """What is done with every row of one file. Stability: internal.

    Attributes:
        tables: one mapping per table.
        headers: the file's columns that are read.
        missing_unused: columns declared unused that the file does not have.
        new: columns of the file that the declaration does not know.
        zone: in which times without one are read.
    """

    tables: tuple[TableMapping, ...]
    headers: tuple[str, ...]
    missing_unused: tuple[str, ...]
    new: tuple[str, ...]
    zone: str


def asked_headers(source: Source) -> tuple[str, ...]:
    """The names a declaration asks for, each once."""
    asked: dict[str, str] = {}
    for mapping in source.tables.values():
        for column in mapping.columns.values():
            if column.from_ is not None:
                asked.setdefault(key_of(column.from_), column.from_)
    return tuple(asked.values())


def plan_of(source: Source, header: Header, *, zone: str) -> Plan:
    """Meet a declaration with the header of a file.

    Raises:
        SourceHeld: a column is missing or new where that is not allowed, or the declaration cannot be followed.
    """
    match = match_header(header, asked=asked_headers(source))
    known = {key_of(name) for name in source.unused}
    new = tuple(name for name in match.unknown if key_of(name) not in known)
    refuse_missing(source, match, new=new)
    if new and source.new_columns == "hold":
        raise declaration_fault(
            source, what=f"the file has new columns: {', '.join(new)}", do="map them, or list them under `unused`"
        )
    found = {key_of(asked): name for asked, name in match.found.items()}
    there = {key_of(name) for name in header.loaded}
    return Plan(
        tables=tuple(mapping_of(source, table, found=found, zone=zone) for table in source.tables),
        headers=tuple(dict.fromkeys(match.found.values())),
        missing_unused=tuple(name for name in source.unused if key_of(name) not in there),
        new=new,
        zone=zone,
    )


def refuse_missing(source: Source, match: Match, *, new: tuple[str, ...]) -> None:
    """Hold a file that lacks a mapped column, naming the header that is nearest."""
    if not match.missing:
        return
    guesses = []
    for name in match.missing:
        near = difflib.get_close_matches(key_of(name), [key_of(other) for other in new], n=1, cutoff=0.5)
        guesses += [other for other in new if near and key_of(other) == near[0]]
    names = ", ".join(repr(name) for name in match.missing)
    there = f"; columns nobody asked for: {', '.join(new)}" if new else ""
    do = "mend `from` in the source, or ask for the file as it was"
    if not match.found and not source.header and source.format != "parquet":
        # A first row that names nothing may be somebody's data, which no message and no ledger repeats.
        there = f"; its first row has {len(match.unknown)} cells and names none of them"
        do += "; where lines stand before the header, write skip: N; where there is none, name the columns by header:"
    raise cast(
        "SourceHeld",
        SourceHeld.say(
            where=f"sources/{source.source}.yaml",
            what=f"the file has no column {names}{there}",
            meant=" and ".join(repr(guess) for guess in dict.fromkeys(guesses)),
            do=do,
        ),
    )


def declaration_fault(source: Source, *, what: str, do: str) -> SourceHeld:
    """The error that holds every file of a source whose declaration cannot be followed."""
    return cast("SourceHeld", SourceHeld.say(where=f"sources/{source.source}.yaml", what=what, do=do))


def mapping_of(source: Source, table: str, *, found: MappingOf[str, str], zone: str) -> TableMapping:
    """One table's mapping, tried once on no rows, so that what cannot work is said before anything is read."""
    declared = source.tables[table]
    where = f"tables.{table}"
    if table not in LOADED:
        raise declaration_fault(
            source, what=f"{where}: no file fills this table", do=f"use {', '.join(sorted(LOADED))}"
        )
    schema, name = contracts.table(table).schema, ""
    fillings, constants = [], {}
    try:
        for name, column in declared.columns.items():
            header = None if column.from_ is None else found[key_of(column.from_)]
            filling = filling_of(name, column, header=header, target=schema.field(name).type, zone=zone)
            if header is None:
                constants[name] = constant_of(filling)
            else:
                fillings.append(filling)
        name = "conditions"
        mapping = TableMapping(
            table=table,
            fillings=tuple(fillings),
            constants=constants,
            required=required_of(table, declared),
            only_when=None if declared.only_when is None else read_condition(declared.only_when),
            refuse_when=tuple((rule, read_condition(text)) for rule, text in declared.refuse_when.items()),
            kinds=kinds_of(table, declared),
            one_per=declared.one_per or KEPT_ONE_PER.get(table, ()),
        )
        try_conditions(mapping, zone=zone)
    except (ValueError, KeyError) as error:
        raise declaration_fault(source, what=f"{where}.{name}: {error}", do="mend the declaration") from error
    return mapping


def required_of(table: str, declared: Mapping) -> frozenset[str]:
    """Columns of which a row must say something: by the declaration, and by what the table cannot do without."""
    must = {column.name for column in contracts.table(table).columns if not column.null}
    must -= MAY_BE_LEFT_OUT.get(table, frozenset())
    return frozenset(name for name, column in declared.columns.items() if name in must or not column.may_be_empty)


def kinds_of(table: str, declared: Mapping) -> tuple[tuple[str, Condition | None], ...]:
    """The rules of kinds; the usual ones where neither a rule nor a column says the kind of a transaction."""
    if table != "transactions" or "kind" in declared.columns:
        return ()
    written = tuple((rule.kind, rule.when) for rule in declared.kinds)
    rules = tuple((kind, None if when.strip() == "otherwise" else read_condition(when)) for kind, when in written)
    return rules or USUAL_KINDS


def constant_of(filling: Filling) -> pa.Scalar:
    """The value of a constant column.

    Raises:
        ValueError: the text is not what the column holds.
    """
    filled = fill(pa.array([filling.declared.value or ""], pa.string()), how=filling)
    if filled.broken:
        raise ValueError(f"the value {filling.declared.value!r} does not fit: {filled.broken[0][0].sentence}")
    return filled.values[0]


def try_conditions(mapping: TableMapping, *, zone: str) -> None:
    """Ask every condition of no rows at all."""
    columns = {filling.name: pa.array([], filling.target) for filling in mapping.fillings}
    columns |= {name: pa.array([], scalar.type) for name, scalar in mapping.constants.items()}
    for condition in (condition for _, condition in mapping.kinds if condition is not None):
        fits(condition, columns, rows=0, zone=zone)
    if mapping.kinds:
        columns["kind"] = pa.array([], pa.string())
    others = [mapping.only_when] if mapping.only_when is not None else []
    for condition in (*others, *(condition for _, condition in mapping.refuse_when)):
        fits(condition, columns, rows=0, zone=zone)
    for name in mapping.one_per:
        if name not in columns:
            raise ValueError(f"one_per names {name!r}, which is not filled here")
