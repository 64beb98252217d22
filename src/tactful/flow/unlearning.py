"""What was learned from one person, taken out of sealed sums; the files are written anew and named by the erasure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tactful.flow.learning import deployed_runs
from tactful.flow.workspace import Workspace
from tactful.learn.outcomes import Deployed
from tactful.learn.unlearning import without
from tactful.store import contracts, ledger
from tactful.store.erasure import Rewritten, rewritten
from tactful.store.sql import named
from tactful.words.sealed import Sealed


def unlearn(space: Workspace, customer_id: str, *, mark: str) -> Iterator[tuple[Path, str, Rewritten]]:
    """A copy of every file of sums that the person is part of, without them.

    Young sums are emptied whole: they hold for the run that made them, which has read them.

    Args:
        space: whose lake.
        customer_id: whose part.
        mark: what names of new files end with.

    Yields:
        The old path, the table, and what was written.
    """
    files = _files(space, "learn_sums")
    outcomes = {run_id: _theirs(paths, customer_id) for run_id, paths in _files(space, "outcomes").items()}
    touched = {run_id: rows for run_id, rows in outcomes.items() if rows.num_rows and run_id in files}
    if touched:
        deployed = tuple(_of_person(space, customer_id, sums=_read([path for some in files.values() for path in some])))
        for run_id, rows in touched.items():
            first, *rest = files[run_id]
            left, taken = without(
                _read(files[run_id]), rows, deployed=deployed, zone=space.project.settings.zone, today=space.clock.today
            )
            yield first, "learn_sums", rewritten(left, first, mark=mark, removed=taken)
            for path in rest:
                yield path, "learn_sums", rewritten(left.slice(0, 0), path, mark=mark, removed=0)
    for paths in _files(space, "young_sums").values():
        for path in paths:
            if count := pq.ParquetFile(path).metadata.num_rows:
                none = contracts.table("young_sums").schema.empty_table()
                yield path, "young_sums", rewritten(none, path, mark=mark, removed=count)


def _files(space: Workspace, table: str) -> dict[bytes, list[Path]]:
    """Sealed files of a table by run."""
    found: dict[bytes, list[Path]] = {}
    with space.ledger.reading() as tx:
        for row in ledger.ask(tx, named("ledger.flow.parts_of_table"), {"table_name": table}):
            found.setdefault(row["run_id"], []).append(space.lake / row["path"])
    return found


def _read(paths: list[Path]) -> pa.Table:
    return pa.concat_tables([pq.ParquetFile(path).read() for path in paths])


def _theirs(paths: list[Path], customer_id: str) -> pa.Table:
    return pa.concat_tables([pq.read_table(path, filters=[("customer_id", "=", customer_id)]) for path in paths])


def _of_person(space: Workspace, customer_id: str, *, sums: pa.Table) -> Iterator[Deployed]:
    """Every run that was sent, with the decisions and inputs of nobody else."""
    with space.ledger.reading() as tx:
        runs = list(deployed_runs(tx, space, sums=sums))
    for of in runs:
        mine = of.decisions.filter(pc.equal(of.decisions["customer_id"], customer_id))
        if mine.num_rows and isinstance(of.inputs, Sealed):
            inputs = _theirs([Path(path) for path in of.inputs.paths], customer_id)
            yield dataclasses.replace(of, decisions=mine, inputs=inputs)
