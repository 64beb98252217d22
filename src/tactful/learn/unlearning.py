"""Takes one person out of what was learned: their own rows, made again and subtracted from exact sums."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from tactful.learn import opt_outs, windows
from tactful.learn.matching import Source
from tactful.learn.outcomes import Came, Deployed, kept, matched, summed
from tactful.learn.value_sums import Kind, erased
from tactful.store import contracts, lake


def without(
    sums: pa.Table, outcomes: pa.Table, *, deployed: Sequence[Deployed], zone: str, today: date
) -> tuple[pa.Table, int]:
    """The sums as if a person's decisions had never been learned from, and how many were taken out.

    Args:
        sums: the `learn_sums` rows that one run sealed.
        outcomes: the person's `outcomes` rows that the same run sealed.
        deployed: every run that was sent, with the decisions of nobody but this person.
        zone: of the project's days.
        today: days older than 35 are put to their month.

    Raises:
        Misuse: the rows were never added to these sums.
    """
    kinds = [Kind.of(name) for name in sums["sum"].to_pylist()]
    values = pa.array([kind is not None for kind in kinds], pa.bool_())
    metrics = sorted({kind.metric for kind in kinds if kind is not None})
    rest = _subtracted(sums.filter(pc.invert(values)), opt_outs.counted(outcomes, zone=zone))
    whole, taken = sums.filter(values), 0
    for of in deployed:
        for metric in metrics if of.map_id else ():
            came = kept(outcomes, of=of, metric=metric)
            if not _spoken(came, of=of):
                continue
            gone = summed(matched(came, of=of, zone=zone, ripe=True), metric=metric, map_id=of.map_id, workers=1)
            whole, taken = erased(whole, gone, today=today), taken + _spoken(came, of=of)
    schema = contracts.table("learn_sums").schema
    keys = [("sum", "ascending"), ("cell", "ascending"), ("day", "ascending")]
    return pa.concat_tables([whole.cast(schema), rest.cast(schema)]).sort_by(keys), taken


def _spoken(came: Came, *, of: Deployed) -> int:
    """How many decisions are in the sums: those that chose silence are not."""
    return int((of.kind[came.rows] != windows.SILENT).sum())


def _subtracted(counts: pa.Table, gone: pa.Table) -> pa.Table:
    """Plain counts without some of them; what is left of nothing is gone."""
    less = {(row["sum"], row["cell"], row["day"]): row for row in gone.to_pylist()}
    rows = []
    for row in counts.to_pylist():
        own = less.get((row["sum"], row["cell"], row["day"]), {"count": 0, "total": 0})
        left = row | {"count": row["count"] - own["count"], "total": row["total"] - own["total"]}
        if left["count"] or not own["count"]:
            rows.append(left)
    return pa.Table.from_pylist(rows, schema=contracts.table("learn_sums").schema)


def of_person(source: Source, customer_id: str) -> pa.Table:
    """A person's rows of a table.

    Args:
        source: rows with customer_id.
        customer_id: whose.
    """
    table = lake.read(source)
    return table.filter(pc.equal(table["customer_id"], customer_id))
