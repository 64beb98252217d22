"""Rules of sources: files inside the project, canonical tables and columns, conditions that can be read."""

from __future__ import annotations

import codecs
import re

from tactful.project.columns import NEEDED, SYNONYMS, TABLES, TEXT, TYPED
from tactful.project.document import Document, Path
from tactful.project.draft import Draft
from tactful.project.guesses import guess, nearest
from tactful.project.kinds import check_literals, kind_of_column
from tactful.project.rules_of_facts import check_column
from tactful.project.rules_of_settings import check_path, instant_fault, zone_fault
from tactful.project.sources import Mapping, SourceColumn
from tactful.words.condition import names_in, read_condition
from tactful.words.time_format import fault_of

FORMAT = 'write for example "%d.%m.%Y %H:%M", or leave it out for ISO'


def check_sources(draft: Draft) -> None:
    """Findings within each source."""
    for name, source in draft.sources.items():
        document = draft.documents[f"sources/{name}.yaml"]
        if not source.files:
            document.fault(
                ("files",), rule="empty-value", what="a source has files", fix="write files: data/orders.csv"
            )
        for number, written in enumerate(source.files):
            check_path(document, document.one(("files",), number), written=written)
        if source.zone is not None and (fault := zone_fault(source.zone)):
            document.fault(("zone",), rule="unknown-zone", what=fault[0], fix=fault[1])
        if source.encoding is not None and not _is_encoding(source.encoding):
            what = f"there is no encoding {source.encoding!r}"
            fix = guess(source.encoding, among=("utf-8", "utf-16", "windows-1252", "iso-8859-1", "iso-8859-15"))
            document.fault(("encoding",), rule="encoding", what=what, fix=fix)
        for table, mapping in source.tables.items():
            path: Path = ("tables", table)
            if table not in TABLES:
                what, fix = f"there is no table {table!r} to load into", guess(table, among=TABLES)
                document.fault(path, rule="unknown-table", what=what, fix=fix, of_key=True)
                continue
            _check_mapping(document, path, table=table, mapping=mapping)


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def _check_mapping(document: Document, path: Path, *, table: str, mapping: Mapping) -> None:
    columns = TABLES[table]
    meant = {nearest(name, among=columns) for name in mapping.columns.keys() - columns}
    meant |= {SYNONYMS.get(name) for name in mapping.columns.keys() - columns}
    for name, column in mapping.columns.items():
        at = (*path, "columns", name)
        if name not in columns:
            synonym = SYNONYMS.get(name)
            fix = f"did you mean {synonym!r}?" if synonym in columns else guess(name, among=columns)
            document.fault(at, rule="unknown-column", what=f"{table} has no column {name!r}", fix=fix, of_key=True)
            continue
        _check_source_column(document, at, column=column)
        _check_type(document, at, name=name, column=column)
    for name in sorted(NEEDED[table] - mapping.columns.keys() - meant):
        what = f"{table} cannot do without {name!r}"
        document.fault((*path, "columns"), rule="missing-column", what=what, fix=f"map {name} here")
    for number, name in enumerate(mapping.one_per):
        check_column(document, document.one((*path, "one_per"), number), name=name, among=columns, table=table)
    if mapping.only_when is not None:
        _check_when(document, (*path, "only_when"), text=mapping.only_when, table=table)
    for rule, text in mapping.refuse_when.items():
        _check_when(document, (*path, "refuse_when", rule), text=text, table=table)
    for number, kind in enumerate(mapping.kinds):
        if kind.when != "otherwise":
            _check_when(document, (*path, "kinds", number, "when"), text=kind.when, table=table)


def _check_type(document: Document, path: Path, *, name: str, column: SourceColumn) -> None:
    """What a column of the file is read as must be what the table holds; otherwise the file would be held whole."""
    fitting = TYPED.get(name, TEXT)
    if column.type not in fitting:
        at = (*path, "type") if "type" in column.model_fields_set else path
        what = f"{name} does not hold {column.type}"
        document.fault(at, rule="column-type", what=what, fix=f"write type: {' or '.join(fitting)}")


def _check_source_column(document: Document, path: Path, *, column: SourceColumn) -> None:
    if (column.from_ is None) == (column.value is None):
        what = "a column is filled by `from` or by `value`, one of them"
        document.fault(path, rule="value", what=what, fix="write from: the file's header")
    if column.pattern is not None:
        try:
            re.compile(column.pattern)
        except re.error as error:
            document.fault((*path, "pattern"), rule="pattern", what=f"this is no regular expression: {error}")
    for number, written in enumerate(column.format):
        if fault_ := fault_of(written, is_day=column.type == "day"):
            document.fault(document.one((*path, "format"), number), rule="format", what=fault_, fix=FORMAT)
    if column.earliest is not None and (fault := instant_fault(column.earliest)):
        document.fault((*path, "earliest"), rule="instant", what=fault[0], fix=fault[1])
    if column.least is not None and column.most is not None and column.least > column.most:
        document.fault((*path, "least"), rule="value", what="the least is more than the most", fix="swap them")


def _check_when(document: Document, path: Path, *, text: str, table: str) -> None:
    try:
        condition = read_condition(text)
    except ValueError as error:
        document.fault(path, rule="condition", what=str(error))
        return
    for name in sorted(names_in(condition)):
        check_column(document, path, name=name, among=TABLES[table], table=table)
    check_literals(document, path, condition=condition, kind=kind_of_column)
