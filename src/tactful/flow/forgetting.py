"""Erasure and export of one person: ledger, lake, output; sealed runs are amended, never silently changed."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tactful.flow.manifest import forget_in_summaries
from tactful.flow.running import sweep
from tactful.flow.unlearning import unlearn
from tactful.flow.workspace import Workspace, alone
from tactful.know import chain
from tactful.load import loaded_files
from tactful.store import ledger
from tactful.store.erasure import Person, Rewritten, erase_from_ledger, of_person, rewrite
from tactful.store.sql import named
from tactful.words.errors import Misuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What an erasure did. Stability: full.

    Attributes:
        erasure_id: hex.
        removed: rows removed by table.
        amended: sealed files that were rewritten.
        files: files of the output that were removed.
        kept: what is kept, and why.
        sources: the project's own source files that still hold the person and are not ours to change.
    """

    erasure_id: str
    removed: dict[str, int]
    amended: int
    files: int
    kept: tuple[str, ...]
    sources: tuple[str, ...]


_RAW = ("raw", "payload")
"""Columns in which bytes stand as they came."""


def customer_hash(customer_id: str, *, key: bytes) -> bytes:
    """The keyed hash by which an erased customer is recognised should a file bring them again."""
    return hmac.new(key, b"erased\x00" + customer_id.encode("utf-8"), hashlib.sha256).digest()[:16]


def forget(space: Workspace, customer_id: str) -> Receipt:
    """Erases one person and returns the receipt.

    Raises:
        Misuse: nothing is kept about such a customer.
    """
    with alone(space):
        sweep(space)
        person = find_person(space, customer_id)
        erasure_id = os.urandom(16)
        mark = erasure_id.hex()[:12]
        unlearned = list(unlearn(space, customer_id, mark=mark))  # their rows are still there to be subtracted
        rewritten = [*unlearned, *_rewrite_lake(space, person, mark=mark)]
        key = space.key
        receipt = _record(space, person, rewritten=rewritten, erasure_id=erasure_id, key=key)
        for old, _, _ in rewritten:
            old.unlink(missing_ok=True)
        space.ledger.compact()
    return receipt


def export(space: Workspace, customer_id: str, *, folder: Path) -> dict[str, int]:
    """Writes everything kept about one person: one JSON file by table, and a page a person can read.

    Returns:
        Rows by table.
    """
    person = find_person(space, customer_id)
    folder.mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = {}
    files = _lake_files(space)
    with space.ledger.reading() as tx:
        for name, rows in of_person(tx, person, lake_files=files):
            counts[name] = len(rows)
            readable = [{key: _words(value) if key in _RAW else value for key, value in row.items()} for row in rows]
            text = json.dumps(readable, ensure_ascii=False, indent=2, default=_plain)
            (folder / f"{name}.json").write_text(text, "utf-8")
    lines = [f"What {space.project.brand.brand} keeps about customer {customer_id}", ""]
    lines += [f"- {name}.json: {count:,} row{'' if count == 1 else 's'}" for name, count in counts.items()]
    (folder / "README.md").write_text("\n".join(lines) + "\n", "utf-8")
    return counts


def find_person(space: Workspace, customer_id: str) -> Person:
    """How one person is recognised in everything that is kept.

    Raises:
        Misuse: nothing is kept about such a customer.
    """
    files = _lake_files(space)
    contact = _rows(files.get("customers", []), customer_id, columns=("email", "phone", "given_name", "family_name"))
    decisions = _rows(files.get("decisions", []), customer_id, columns=("decision_id",))
    decided = frozenset(row["decision_id"] for row in decisions)
    with space.ledger.reading() as tx:
        sent = ledger.ask(tx, named("ledger.flow.outbox_of_customer"), {"customer_id": customer_id})
    messages = {row["message_id"] for row in sent} | set(_messages(files.get("messages", []), decided))
    recipients = {row["recipient"] for row in sent}
    addresses = frozenset({str(row["email"]) for row in contact if row["email"]} | recipients)
    phones = {str(row["phone"]) for row in contact if row["phone"]}
    if (
        not contact
        and not decided
        and not sent
        and not _rows(files.get("transactions", []), customer_id, columns=("order_id",))
    ):
        raise Misuse.say(where=customer_id, what="nothing is kept about such a customer", do="check the customer's id")
    return Person(
        customer_id=customer_id,
        identifiers=frozenset({customer_id} | addresses | phones),
        addresses=addresses,
        decisions=decided,
        messages=frozenset(messages),
        full_names=frozenset(
            (row["given_name"].strip(), row["family_name"].strip())
            for row in contact
            if (row["given_name"] or "").strip() and (row["family_name"] or "").strip()
        ),
    )


def _lake_files(space: Workspace) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    with space.ledger.reading() as tx:
        for row in ledger.ask(tx, named("ledger.flow.all_parts")):
            found.setdefault(row["table_name"], []).append(space.lake / row["path"])
    return found


def _rows(paths: list[Path], customer_id: str, *, columns: tuple[str, ...]) -> list[dict[str, Any]]:  # Any: rows
    rows: list[dict[str, Any]] = []  # Any: as above
    for path in paths:
        found = pq.read_table(path, columns=["customer_id", *columns], filters=[("customer_id", "=", customer_id)])
        rows += found.to_pylist()
    return rows


def _messages(paths: list[Path], decided: frozenset[bytes]) -> Iterator[bytes]:
    for path in paths:
        table = pq.read_table(path, columns=["message_id", "decision_id"])
        for row in table.to_pylist():
            if row["decision_id"] in decided:
                yield row["message_id"]


def _rewrite_lake(space: Workspace, person: Person, *, mark: str) -> Iterator[tuple[Path, str, Rewritten]]:
    for name, paths in _lake_files(space).items():
        for path in paths:
            done = rewrite(person, path, table_name=name, mark=mark)
            if done is not None:
                yield path, name, done


def _record(
    space: Workspace, person: Person, *, rewritten: list[tuple[Path, str, Rewritten]], erasure_id: bytes, key: bytes
) -> Receipt:
    """One transaction: the manifest names the new files, the ledger loses the rows, the erasure is on record."""
    now = space.wall.now
    removed: dict[str, int] = {}
    with space.ledger.transaction() as tx:
        for path, table, done in rewritten:
            removed[table] = removed.get(table, 0) + done.removed
            _amend(tx, space, path=path, table=table, done=done, erasure_id=erasure_id)
        chain.erase(tx, customer_id=person.customer_id, now=now)
        for table, count in erase_from_ledger(tx, person).items():
            removed[table] = removed.get(table, 0) + count
        loaded_files.forget_names(tx, pattern=person.pattern)
        forget_in_summaries(tx, pattern=person.pattern)
        files = _remove_output(space, person)
        receipt = Receipt(
            erasure_id=erasure_id.hex(),
            removed=dict(sorted(removed.items())),
            amended=len(rewritten),
            files=files,
            kept=(
                "a keyed hash of the customer id, so that a later file does not bring them back",
                "a keyed hash of a suppressed address, where there is one, so that the no outlives the data",
                "counts in which the person cannot be told from others",
            ),
            sources=tuple(_sources_with(space, person)),
        )
        text = json.dumps(
            {"removed": receipt.removed, "amended": receipt.amended, "files": receipt.files, "kept": receipt.kept}
        )
        row = {"erasure_id": erasure_id, "customer_hash": customer_hash(person.customer_id, key=key), "erased_at": now}
        ledger.write(tx, "erasure", [{**row, "receipt": text}])
    return receipt


def _amend(
    tx: ledger.Transaction, space: Workspace, *, path: Path, table: str, done: Rewritten, erasure_id: bytes
) -> None:
    old = str(path.relative_to(space.lake))
    part = next(
        r for r in ledger.ask(tx, named("ledger.flow.parts_of_table"), {"table_name": table}) if r["path"] == old
    )
    new = str(Path(done.new_path).relative_to(space.lake))
    values = {"old_path": old, "new_path": new, "new_hash": done.new_hash, "rows": done.rows, "bytes": done.bytes}
    ledger.act(tx, named("ledger.flow.amend_part"), values)
    amendment = {
        "erasure_id": erasure_id,
        "run_id": part["run_id"],
        "table_name": table,
        "path": new,
        "old_hash": part["content_hash"],
        "new_hash": done.new_hash,
        "rows_removed": done.removed,
        "amended_at": space.wall.now,
    }
    ledger.write(tx, "amendment", [amendment])


def _remove_output(space: Workspace, person: Person) -> int:
    """Removes every file of the output that names the person, in it or by its path: mails, exports, pages."""
    removed = 0
    names = {message.hex() for message in person.messages}
    for path in sorted(space.out.rglob("*")) if space.out.is_dir() else ():
        named = person.pattern.search(str(path.relative_to(space.out)).encode())
        if path.is_file() and (named or path.stem in names or _names(path, person, messages=names)):
            path.unlink()
            removed += 1
            _remove_empty(path.parent, top=space.out)
    return removed


def _remove_empty(folder: Path, *, top: Path) -> None:
    """Removes a folder with nothing left in it: its name may name the person."""
    while folder != top and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _names(path: Path, person: Person, *, messages: set[str]) -> bool:
    data = path.read_bytes()
    return bool(person.pattern.search(data)) or any(message.encode() in data for message in messages)


def _sources_with(space: Workspace, person: Person) -> Iterator[str]:
    """The project's own text files that name the person; Parquet columns named customer_id are looked at too."""
    root = space.project.root
    for source in space.project.sources.values():
        for pattern in source.files:
            for path in sorted(root.glob(pattern)):
                if path.is_file() and _source_names(path, person):
                    yield str(path.relative_to(root))


def _source_names(path: Path, person: Person) -> bool:
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        values = [pc.cast(column, "string") for column in table.columns if re.match("int|string", str(column.type))]
        wanted = pa.array(sorted(person.identifiers), pa.string())
        return any(pc.any(pc.is_in(column, value_set=wanted)).as_py() for column in values)
    return bool(person.pattern.search(path.read_bytes()))


def _words(value: bytes) -> str:
    """Bytes as a person can read them; what is no text is escaped."""
    return value.replace(b"\x00", b"").decode("utf-8", "backslashreplace")


def _plain(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else str(value)
