"""A small shop of which everything is known: planted on disk, filled with rows, and run through the real stages.

Rows are sealed as if load had read them, so that a story can begin with values no file of ours would let in; stories
about files begin in `test_files.py` with bytes.
"""

from __future__ import annotations

import email
import email.policy
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from tactful.check import verdict
from tactful.deliver import contacts, suppression
from tactful.flow.approving import approve
from tactful.flow.concluding import conclude
from tactful.flow.letters import Letters
from tactful.flow.manifest import Run, begin_run, end_run, find_run, loaded, note_stage, sealed_in
from tactful.flow.progress import Silent
from tactful.flow.running import execute, seal_rows
from tactful.flow.sending import Sent, ready, send
from tactful.flow.stages import STAGES
from tactful.flow.workspace import Workspace, open_workspace
from tactful.know import consents
from tactful.project.reading import inspect_project
from tactful.store import contracts, lake
from tactful.words.finding import Finding
from tactful.words.ids import customer_key
from tactful.words.message import Part

NOW = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
OCCASION = "2011-12-09"
SHOP = Path(__file__).parent / "shop"
RESIDUE = re.compile(r"\{\{|\}\}|\{%|%\}|\{\w+=\w+\}|%%\w+%%|\*\|\w+\|\*|\[First ?Name\]|<%=|\$\{")
"""Marks of every dialect of templates we know."""


def ago(days: float) -> datetime:
    """An instant before the shop's now."""
    return NOW - timedelta(days=days)


def person(name: str, **said: object) -> dict[str, object]:
    """A customer; what is not said is plain."""
    plain = {"customer_id": name, "customer_key": customer_key(name), "email": f"{name}@mail.example",
             "given_name": None, "language": "en", "source": "people", "loaded_at": ago(1)}  # fmt: skip
    return plain | said


def item(name: str, **said: object) -> dict[str, object]:
    """Something the shop sells."""
    plain = {"item_id": name, "title": f"Thing {name}", "category": "cups and bowls", "list_price": Decimal("2.95"),
             "currency": "GBP", "price_includes_vat": True, "url": f"https://shop.example/{name}", "sellable": True,
             "stock": 100, "note": "Wipe it with a cloth.", "source": "catalogue", "loaded_at": ago(1)}  # fmt: skip
    return plain | said


def sale(name: str, bought: str, **said: object) -> dict[str, object]:
    """One line of an order."""
    plain = {"customer_id": name, "customer_key": customer_key(name), "order_id": f"o-{name}-{bought}", "line": 0,
             "item_id": bought, "quantity": 1, "unit_price": Decimal("2.95"), "currency": "GBP",
             "happened_at": ago(40), "kind": "sale", "source": "orders"}  # fmt: skip
    return plain | said


def consent(name: str, state: str = "granted", **said: object) -> list[dict[str, object]]:
    """Their word about letters and about being known."""
    plain = {"customer_id": name, "state": state, "happened_at": ago(30), "source": "form", "wording": "Yes please"}
    return [
        plain | {"purpose": "marketing", "channel": "email"} | said,
        plain | {"purpose": "personalization", "channel": "any"} | said,
    ]


def agreed(people: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """Everybody's yes."""
    return [row for one in people for row in consent(str(one["customer_id"]))]


def link(name: str) -> dict[str, object]:
    """A link that was checked and answers."""
    return {"url": f"https://shop.example/{name}", "status": "ok", "checked_at": ago(1), "source": "links"}


@dataclass(frozen=True, kw_only=True)
class Shop:
    """The shop's folder, which a story may change before anything happens."""

    root: Path

    def change(self, file: str, old: str, new: str) -> None:
        """Puts `new` where `old` stands, once; `old` empty means the whole file."""
        path = self.root / file
        text = path.read_text("utf-8") if path.exists() else ""
        assert old in text, f"{old!r} does not stand in {file}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(old, new, 1) if old else new, "utf-8")

    def findings(self, environment: str | None = None) -> list[str]:
        """The rules that the project's files break."""
        return [finding.rule for finding in self.found(environment)]

    def found(self, environment: str | None = None) -> tuple[Finding, ...]:
        """What the loader says of the project's files."""
        return inspect_project(self.root, environment=environment)[1]

    @contextmanager
    def opened(self, environment: str | None = None, **rows: list[dict[str, object]]) -> Iterator[Workspace]:
        """The shop at work, with these rows loaded into the tables of these names."""
        with open_workspace(self.root, environment=environment) as space:
            fill(space, **rows)
            yield space

    def told(self, environment: str | None = None, **rows: list[dict[str, object]]) -> Told:
        """One occasion, from rows to checked letters; nothing is sent."""
        with self.opened(environment, **rows) as space:
            return told(space)


def plant(folder: Path) -> Shop:
    """A copy of the shop, free to be changed."""
    return Shop(root=Path(shutil.copytree(SHOP, folder / "shop")))


def fill(space: Workspace, **rows: list[dict[str, object]]) -> None:
    """Seals rows as a load, and records what of them goes into the ledger."""
    batches = []
    for name, made in rows.items():
        schema = contracts.table(name).schema
        batches += pa.Table.from_pylist(made, schema=schema).to_batches()
    run = begin_run(space, kind="load", occasion=f"story {len(list(space.lake.rglob('*.parquet')))}")
    parts = seal_rows(space, batches, tables=tuple(rows), run_id=run.run_id)
    with space.ledger.transaction() as tx:
        note_stage(tx, space, run_id=run.run_id, stage="load", parts=parts, seconds=0)
        end_run(tx, run, state="loaded", summary={}, at=space.wall.now)
        names = ("consents", "preferences", "suppressions", "past_sends")
        inputs = {name: loaded(tx, name, root=space.lake) for name in names}
        consents.record(inputs, project=space.project, clock=space.clock, tx=tx)
        suppression.record(inputs, key=space.key, tx=tx)
        contacts.record(inputs, tx=tx)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one occasion came to.

    Attributes:
        decisions: rows by customer.
        held: rules that hold each customer's letter back.
        warned: rules that only warn, by customer.
        words: the parts of every letter that was written, by customer.
        unwritten: why there is no letter, by customer.
        run_rules: what the gate says of the run as a whole.
    """

    run: Run
    tables: dict[str, pa.Table]
    decisions: dict[str, dict[str, object]]
    held: dict[str, set[str]]
    warned: dict[str, set[str]]
    words: dict[str, dict[Part, str]]
    languages: dict[str, str]
    unwritten: dict[str, str]
    run_rules: set[str]
    why_stop: tuple[str, ...]

    def whole(self, name: str) -> str:
        """Every part of a customer's letter, one after the other."""
        return "\n".join(self.words[name].values())

    @property
    def leaving(self) -> set[str]:
        """Whose letters may leave."""
        return set(self.words) - set(self.held)


def told(space: Workspace, occasion: str = OCCASION) -> Told:
    """Performs every stage of an occasion, and reads what came of it."""
    run = begin_run(space, kind="run", occasion=occasion)
    execute(space, STAGES, run=run, progress=Silent())
    with space.ledger.reading() as tx:
        sealed = sealed_in(tx, run.run_id, root=space.lake)
    tables = {name: lake.read(handle) for name, handle in sealed.items()}
    for name in ("decisions", "messages", "findings", "unwritten", "skeletons"):
        tables.setdefault(name, contracts.table(name).schema.empty_table())
    judged = verdict.judge(tables["findings"], messages=tables["messages"], policy=space.project.policy)
    letters = ready(sealed, policy=space.project.policy).num_rows if "decisions" in sealed else 0
    with space.ledger.transaction() as tx:
        end_run(tx, run, state="waiting", summary={"ready": letters}, at=space.wall.now)
    return _read(space, run, tables=tables, why_stop=judged.why_stop)


def _read(space: Workspace, run: Run, *, tables: dict[str, pa.Table], why_stop: tuple[str, ...]) -> Told:
    decisions = {row["customer_id"]: row for row in tables["decisions"].to_pylist()}
    of_decision = {row["decision_id"]: name for name, row in decisions.items()}
    messages = tables["messages"].select(["message_id", "decision_id", "skeleton_id", "language"]).to_pylist()
    subjects: dict[str, set[str]] = {}
    for row in messages:
        for subject in (row["message_id"].hex(), f"skeleton:{row['skeleton_id'].hex()}"):
            subjects.setdefault(subject, set()).add(of_decision[row["decision_id"]])
    held: dict[str, set[str]] = {}
    warned: dict[str, set[str]] = {}
    for finding in tables["findings"].to_pylist():
        for name in subjects.get(finding["subject"], ()):
            (held if finding["severity"] == "error" else warned).setdefault(name, set()).add(finding["rule"])
    joined = Letters.of(space, run).joined([row["decision_id"] for row in messages])
    return Told(
        run=run,
        tables=tables,
        decisions=decisions,
        held=held,
        warned=warned,
        words={of_decision[one.decision_id]: dict(one.parts) for one in joined},
        languages={of_decision[row["decision_id"]]: row["language"] for row in messages},
        unwritten={of_decision[row["decision_id"]]: row["text"] for row in tables["unwritten"].to_pylist()},
        run_rules={row["rule"] for row in tables["findings"].to_pylist() if row["subject"] == "run"},
        why_stop=why_stop,
    )


def approved(space: Workspace, run: Run) -> Run:
    """A run that waits, its page drawn, with one person's yes."""
    conclude(space, find_run(space, run.run_id.hex()))
    waiting = find_run(space, run.run_id.hex())
    approve(space, waiting, by="Ada")
    return waiting


def sent(space: Workspace, run: Run) -> Sent:
    """Approves a run that waits, and sends it."""
    return send(space, approved(space, run), progress=Silent())


def mails(root: Path, folder: str = "mail") -> list[bytes]:
    """The bytes of every mail in the output, as a sink would keep them."""
    return [path.read_bytes() for path in sorted((root / "out" / folder).rglob("*")) if path.is_file()]


def read_mail(payload: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """Headers, and the decoded text of each part by content type, by the standard library."""
    message = email.message_from_bytes(payload, policy=email.policy.default)
    parts = {p.get_content_type(): p.get_content() for p in message.walk() if not p.is_multipart()}
    return {name: str(value) for name, value in message.items()}, parts
