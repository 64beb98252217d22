"""Erasure and export of one person, derived from the table contracts: every row that is theirs, wherever it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tactful.store import contracts, lake, ledger
from tactful.store.contracts_of_ledger import LEDGER
from tactful.store.sql import Query
from tactful.store.table import Table

ERASED = b"(erased)"
"""What stands where a person's name stood in something that is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """How one person can be recognised in what is kept. Stability: caller.

    Attributes:
        customer_id: as the user gave it.
        identifiers: words that name them in raw bytes and file names: the id, addresses, phone numbers.
        addresses: their e-mail addresses, for tables about addresses.
        decisions: ids of the decisions made for them.
        messages: ids of the messages made for them.
        full_names: given and family names they were known by. Others may have the same: they count only where bytes
            are erased, never where a copy is given out.
    """

    customer_id: str
    identifiers: frozenset[str]
    addresses: frozenset[str] = frozenset()
    decisions: frozenset[bytes] = frozenset()
    messages: frozenset[bytes] = frozenset()
    full_names: frozenset[tuple[str, str]] = frozenset()

    @property
    def pattern(self) -> re.Pattern[bytes]:
        """Matches bytes in which one of the identifiers stands as a whole word, in any common encoding and any case."""
        return _whole_words(self.identifiers)

    def recogniser(self, *, by_name: bool) -> Callable[[bytes], bool]:
        """Whether bytes name the person: by an identifier, or by a given and a family name of theirs together.

        >>> ann = Person(customer_id="17", identifiers=frozenset({"17"}), full_names=frozenset({("Ann", "O'Neil")}))
        >>> names, copies = ann.recogniser(by_name=True), ann.recogniser(by_name=False)
        >>> names(b"?;O'NEIL;ann;x"), names(b"?;O'Neil;Joann;x"), names(b"?;O'Neil;;x"), copies(b"?;O'Neil;Ann;x")
        (True, False, False, False)
        """
        own, pairs = self.pattern, self.full_names if by_name else ()
        both = [(_whole_words({given}), _whole_words({family})) for given, family in sorted(pairs)]

        def names(data: bytes) -> bool:
            return bool(own.search(data)) or any(given.search(data) and family.search(data) for given, family in both)

        return names


def _whole_words(texts: Iterable[str]) -> re.Pattern[bytes]:
    """Matches bytes in which one of these stands as a whole word, in any common encoding and any case."""
    words = sorted({form for text in texts if text for form in (text, text.upper(), text.lower())})
    narrow = {form for word in words for form in (word.encode("utf-8"), word.encode("cp1252", "ignore")) if form}
    choices = rb"(?<![0-9A-Za-z])(?:%s)(?![0-9A-Za-z])" % _any(narrow)
    for code, before, after in _WIDE:
        choices += rb"|(?<!%s)(?:%s)(?!%s)" % (before, _any({word.encode(code) for word in words}), after)
    return re.compile(choices, re.IGNORECASE)


_WIDE = (
    ("utf-16-le", rb"[0-9A-Za-z]\x00", rb"[0-9A-Za-z]\x00"),
    ("utf-16-be", rb"\x00[0-9A-Za-z]", rb"\x00[0-9A-Za-z]"),
)
"""Encodings of two bytes a letter, and what a letter or digit beside a word looks like in them."""


def _any(words: set[bytes]) -> bytes:
    """A pattern of one of these words, the longest first."""
    return b"|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """One lake file rewritten without a person's rows. Stability: caller."""

    old_path: str
    new_path: str
    new_hash: bytes
    rows: int
    bytes: int
    removed: int


def rows_of(person: Person, table: pa.Table, *, contract: Table, by_name: bool = False) -> pa.Array | pa.ChunkedArray:
    """Which rows of a table are this person's: a mask of the table's length, never null.

    Args:
        by_name: raw bytes that hold their full name count as theirs too, for an erasure.
    """
    if contract.person:
        wanted = person.addresses if contract.person == "address" else {person.customer_id}
        return pc.is_in(table[contract.person], value_set=pa.array(sorted(wanted), pa.string()))
    match contract.through:
        case "decision_id":
            return pc.is_in(table["decision_id"], value_set=pa.array(sorted(person.decisions), pa.binary(16)))
        case "message_id" if "message_id" in table.column_names:
            return pc.is_in(table["message_id"], value_set=pa.array(sorted(person.messages), pa.binary(16)))
        case "message_id":
            subjects = pa.array(sorted(m.hex() for m in person.messages), pa.string())
            return pc.is_in(table["subject"], value_set=subjects)
        case "raw":
            column = "raw" if "raw" in table.column_names else "payload"
            names = person.recogniser(by_name=by_name)
            return pa.array([names(raw or b"") for raw in table[column].to_pylist()], pa.bool_())
    return pa.array([False] * table.num_rows, pa.bool_())


def rewrite(person: Person, path: Path, *, table_name: str, mark: str) -> Rewritten | None:
    """A copy of one sealed file without the person's rows, beside it, durable; None where nothing names them.

    A row of somebody else that came in a file named after the person stays, and the file's name is left out of it.

    The old file is left for the caller to remove once the ledger names the new one.

    Args:
        mark: what the new file's name ends with, such as the erasure's id.
    """
    contract = contracts.table(table_name)
    whole = pq.ParquetFile(path).read()
    theirs = rows_of(person, whole, contract=contract, by_name=True)
    removed = pc.sum(theirs).as_py() or 0
    kept = _unnamed(person, whole.filter(pc.invert(theirs)))
    if not removed and kept is None:
        return None
    return rewritten(kept or whole.filter(pc.invert(theirs)), path, mark=mark, removed=removed)


def rewritten(kept: pa.Table, path: Path, *, mark: str, removed: int) -> Rewritten:
    """The rows that are kept of a sealed file, in a new file beside it, durable.

    Args:
        kept: the rows.
        path: the sealed file.
        mark: what the new file's name ends with, such as the erasure's id.
        removed: how many rows, or parts of sums, are gone.
    """
    target = path.with_name(f"{path.name.split('.')[0]}.{mark}.parquet")
    rows = min(lake.ROW_GROUP_ROWS, pq.ParquetFile(path).metadata.row_group(0).num_rows) if kept.num_rows else 1
    pq.write_table(kept, target, compression="zstd", row_group_size=max(1, rows))
    lake.make_durable(target)
    return Rewritten(
        old_path=str(path),
        new_path=str(target),
        new_hash=lake.file_hash(target),
        rows=kept.num_rows,
        bytes=target.stat().st_size,
        removed=removed,
    )


def _unnamed(person: Person, kept: pa.Table) -> pa.Table | None:
    """Rows whose file names lost the person; None where no name of a file has them."""
    if "file" not in kept.column_names:
        return None
    place, pattern = kept.column_names.index("file"), person.pattern
    names = [pattern.sub(ERASED, name.encode()).decode() for name in kept["file"].to_pylist()]
    if names == kept["file"].to_pylist():
        return None
    return kept.set_column(place, kept.schema.field("file"), pa.array(names, pa.string()))


def erase_from_ledger(tx: ledger.Transaction, person: Person) -> dict[str, int]:
    """Deletes every row of the ledger that is theirs; returns how many by table."""
    removed = {}
    for contract in LEDGER:
        if contract.person:
            query = Query(f"erase.{contract.name}", f"DELETE FROM {contract.name} WHERE {contract.person} = :customer")  # noqa: S608  # names of the contracts
            removed[contract.name] = ledger.act(tx, query, {"customer": person.customer_id})
        elif contract.through == "raw":
            removed[contract.name] = _erase_raw(tx, person, contract=contract)
    return {name: count for name, count in removed.items() if count}


def _erase_raw(tx: ledger.Transaction, person: Person, *, contract: Table) -> int:
    """Deletes rows whose raw bytes name the person, by their full name too."""
    keys, count, names = contract.key[0], 0, person.recogniser(by_name=True)
    rows = ledger.ask(tx, Query("erase.raw", f"SELECT {keys}, payload FROM {contract.name}"))  # noqa: S608  # names of the contracts
    for row in rows:
        if names(row["payload"] or b""):
            query = Query("erase.one", f"DELETE FROM {contract.name} WHERE {keys} = :key")  # noqa: S608  # names of the contracts
            count += ledger.act(tx, query, {"key": row[keys]})
    return count


def of_person(
    tx: ledger.Transaction, person: Person, *, lake_files: Mapping[str, list[Path]]
) -> Iterator[tuple[str, list[dict[str, Any]]]]:  # Any: rows as kept
    """Everything kept about one person, table by table: rows of the lake first, then of the ledger.

    Args:
        lake_files: sealed files by table name.
    """
    for name, paths in sorted(lake_files.items()):
        contract = contracts.table(name)
        if not contract.person_columns and not contract.through:
            continue
        rows: list[dict[str, Any]] = []
        for path in paths:
            whole = pq.ParquetFile(path).read()
            rows += whole.filter(rows_of(person, whole, contract=contract)).to_pylist()
        if rows:
            yield name, rows
    for contract in LEDGER:
        if contract.person:
            query = Query(
                f"export.{contract.name}",
                f"SELECT * FROM {contract.name} WHERE {contract.person} = :customer",  # noqa: S608  # names of the contracts
            )
            found = ledger.ask(tx, query, {"customer": person.customer_id})
            if found:
                yield contract.name, found
