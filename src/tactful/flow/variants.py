"""Which variants the next run would open, weighed by the people of the last one and the project as it stands now."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from tactful.decide import arms, portfolio
from tactful.flow.manifest import runs, sealed_in
from tactful.flow.workspace import Workspace
from tactful.learn import beliefs
from tactful.store import lake
from tactful.words.outcome import Reason
from tactful.words.score import UNITS_PER_MINOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One variant of a plan. Stability: caller.

    Attributes:
        people: who is in its cell.
        worth: minor units of the currency that it adds to the others, or would take away; None where nothing costs.
        cost: minor units that it costs in a run; None likewise.
        is_open: whether it would be used.
        is_site: whether a site shows it and nothing pushes it: then nothing is asked of it.
        why: why not, in plain words; empty where it is open.
        code: the same as a reason's name.
    """

    program: str
    level: str
    cell: str
    people: int
    worth: float | None
    cost: float | None
    is_open: bool
    is_site: bool
    why: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The portfolio of a plan. Stability: caller.

    Attributes:
        of: name of the run whose people were counted.
        currency: of all amounts.
        value, bound: minor units that the open variants bring in a run, and that no others could pass; None where
            nothing costs.
    """

    of: str
    currency: str
    variants: tuple[Variant, ...]
    value: float | None
    bound: float | None


def weighed(space: Workspace) -> Weighed | None:
    """The variants as they would be opened; None before the first run, or where new facts have not been built yet."""
    for run in runs(space, kind="run"):
        with space.ledger.reading() as tx:
            sealed = sealed_in(tx, run.run_id, root=space.lake)
        if "profiles" in sealed and "segments" in sealed:
            break
    else:
        return None
    spoken = arms.table(space.project)
    first = next(iter(lake.batches(sealed["profiles"], rows=1)), None)
    needed = {name for row in spoken.to_pylist() for name in row["cell_by"]}
    if first is None or not needed <= set(first.schema.names):
        return None
    believed = beliefs.prior(space.project, spoken, clock=space.clock)
    tables = {"arms": pa.Table.from_batches([spoken]), "beliefs": pa.Table.from_batches([believed])}
    given = {"profiles": sealed["profiles"], "segments": sealed["segments"], **tables}
    if "portfolio" in sealed:
        given["past_portfolio"] = sealed["portfolio"]
    rows = [row for batch in portfolio.build(given, project=space.project) for row in batch.to_pylist()]
    pushed = _pushed(spoken)
    whole = next((row for row in rows if row["value"] is not None), None)
    return Weighed(
        of=run.name,
        currency=space.project.settings.currency,
        variants=tuple(
            Variant(
                program=row["program"], level=row["level"], cell=row["cell"], people=row["people"],
                worth=_minor(row["worth"]), cost=_minor(row["cost"]), is_open=row["open"],
                is_site=not any(
                    (program, level) == (row["program"], row["level"])
                    and portfolio.variant_id(content, row["cell"]) == row["variant_id"]
                    for program, level, content in pushed
                ),
                why=Reason(row["why_closed"]).sentence if row["why_closed"] else "", code=row["why_closed"] or "",
            )
            for row in sorted(rows, key=lambda row: (row["program"], row["level"], -row["people"], row["cell"]))
        ),
        value=_minor(whole["value"]) if whole else None,
        bound=_minor(whole["bound"]) if whole else None,
    )  # fmt: skip


def _pushed(spoken: pa.RecordBatch) -> tuple[tuple[str, str, bytes], ...]:
    """Program, level and content of everything that is pushed."""
    rows = (row for row in spoken.to_pylist() if row["program"] and not row["preview_only"])
    return tuple(sorted({(row["program"], row["level"], row["content_hash"]) for row in rows}))


def _minor(units: int | None) -> float | None:
    return None if units is None else units / UNITS_PER_MINOR
