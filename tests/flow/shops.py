"""A small shop for tests of flow: the starter with some hundred customers, planted once, copied for each test."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tactful.flow.approving import approve
from tactful.flow.journey import Done, run_journey
from tactful.flow.manifest import Run, find_run, sealed_in
from tactful.flow.progress import Silent
from tactful.flow.sending import Sent, send
from tactful.flow.workspace import Workspace, alone, open_workspace
from tactful.project.secrets import ensure_key
from tactful.project.starters import plant
from tactful.store import lake, ledger
from tactful.store.sql import Query

OCCASION = "2011-12-09"
LATER = "2011-12-16"
SHARE = 26
"""Of 256: how many customers stay, by a hash of their id."""

_SMALL = {
    "policy.yaml": {
        "k_words: 20": "k_words: 4",
        "k_facts: 50": "k_facts: 6",
        "k_report: 10": "k_report: 2",
        "customer: 5%": "customer: 50%",
    },
    "programs/again-and-new.yaml": {"least: 1000": "least: 1"},
    "programs/win-back.yaml": {"least: 1000": "least: 1"},
    "programs/thank-you.yaml": {"least: 50": "least: 1"},
}
"""What a small shop declares otherwise: its cells and audiences are small."""


def stays(customer_id: str) -> bool:
    """Whether a customer of the starter is one of the small shop's."""
    return hashlib.sha256(customer_id.encode()).digest()[0] < SHARE


def plant_small(root: Path) -> Path:
    """The starter with about a tenth of its customers and of the lines without one."""
    plant("retail", root)
    for path in sorted((root / "data").glob("*.csv")):
        _keep_rows(path)
    lines = root / "data" / "online_retail.parquet"
    table = pq.read_table(lines)
    ids = table["CustomerID"].cast(pa.string())
    kept = pa.array([i for i in pc.unique(ids).to_pylist() if i is not None and stays(i)], pa.string())
    anonymous = pc.and_(pc.is_null(ids), pc.equal(pc.utf8_slice_codeunits(table["InvoiceNo"], -1), "7"))
    pq.write_table(table.filter(pc.or_(pc.is_in(ids, value_set=kept), anonymous)), lines)
    for name, changes in _SMALL.items():
        edit(root / name, changes)
    ensure_key("file:keys/token.key", root=root)
    return root


def _keep_rows(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    if "customer_id" in header:
        place = header.index("customer_id")
        rows = [row for row in rows if stays(row[place])]
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])


def edit(path: Path, changes: Mapping[str, str]) -> None:
    """Replaces words in a file of a project; each must be there."""
    text = path.read_text("utf-8")
    for old, new in changes.items():
        assert old in text, f"{old!r} is not in {path}"
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def reword(root: Path, *, only: str = "*/*.mjml") -> None:
    """Another word in the subject of every letter, or of one."""
    for path in sorted((root / "content").glob(only)):
        text = path.read_text("utf-8")
        subject = next((line for line in text.splitlines() if line.startswith("subject: ")), None)
        if subject is not None:
            words = subject.removeprefix("subject: ")
            edit(path, {subject: f'subject: "Well, {words[1:]}' if words[0] == '"' else f"subject: Well, {words}"})


def copied(shop: Path, to: Path) -> Path:
    """The same shop, with its ledger and lake, in a folder of its own."""
    shutil.copytree(shop, to)
    return to


def add_rows(path: Path, *rows: Mapping[str, object]) -> None:
    """Appends rows to a CSV file, each column by its name."""
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, header, restval="", lineterminator="\n").writerows(rows)


@contextmanager
def opened(root: Path) -> Iterator[Workspace]:
    """The shop opened, and nobody else at work on it."""
    with open_workspace(root) as space, alone(space):
        yield space


def run_once(root: Path, *, occasion: str | None = OCCASION) -> Done:
    """One run, to its end."""
    with opened(root) as space:
        return run_journey(space, occasion=occasion, progress=Silent())


def approve_and_send(root: Path, *, name: str | None = None) -> Sent:
    """Approves a run, twice where a second person is wanted, and sends it."""
    with opened(root) as space:
        run = find_run(space, name)
        approved = approve(space, run, by="Ada")
        if approved.waits_for:
            approve(space, run, by="Grace")
        return send(space, run, progress=Silent())


def last_run(root: Path, name: str | None = None) -> Run:
    with open_workspace(root) as space:
        return find_run(space, name)


def table_of(root: Path, table: str, *, name: str | None = None) -> pa.Table:
    """A table that a run sealed."""
    with open_workspace(root) as space:
        run = find_run(space, name)
        with space.ledger.reading() as tx:
            sealed = sealed_in(tx, run.run_id, root=space.lake)
        return lake.read(sealed[table])


def rows_of(root: Path, table: str, where: str = "1 = 1") -> list[dict[str, object]]:
    """Rows of the ledger, for a test to look at."""
    with open_workspace(root) as space, space.ledger.reading() as tx:
        return ledger.ask(tx, Query("test.look", f"SELECT * FROM {table} WHERE {where}"))


def members(root: Path) -> list[str]:
    """Customers in the audience of the program that has a place on the web."""
    rows = table_of(root, "placements").to_pylist()
    return [row["customer_id"] for row in rows if row["content_id"] is not None]


def mails(root: Path) -> list[Path]:
    return sorted((root / "out" / "mail" / "new").glob("*.eml"))


def change_ledger(root: Path, statement: str, **values: object) -> int:
    """What no command does: a row of the ledger changed behind the program's back."""
    with open_workspace(root) as space, space.ledger.transaction() as tx:
        return ledger.act(tx, Query("test.change", statement), values)


def tactful(*words: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tactful", *map(str, words)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
