"""Replay: the decisions of a run derived again from what was sealed, and compared bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.decide.choice import decided
from tactful.decide.codes import CODE, ELIGIBLE
from tactful.decide.members import Inputs
from tactful.store import lake
from tactful.words.clock import Clock
from tactful.words.outcome import DrawnBy, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One decision that does not come out as it was stored. Stability: caller.

    Attributes:
        decision_id: 16 bytes.
        column: which column differs; `row` where one side has no such decision.
        stored: the stored value.
        derived: the value derived again.
    """

    decision_id: bytes
    column: str
    stored: str
    derived: str


def replay(inputs: Inputs, *, salt: str, clock: Clock, erased: bool = False) -> Iterator[Difference]:
    """Every difference between the stored decisions and those derived again; none where all bits are the same.

    Every column that the kernel decides is compared, `input_id` included, so that a changed bit of a sealed row shows
    even where it changes no choice. Rows that an erasure took from both tables are simply not there; since what limits
    cut depended on them too, the stored repairs are then taken as they are.

    Args:
        inputs: `inputs`, `arms`, `beliefs`, `prices`, `decisions`.
        salt: of the run's project.
        clock: the run's.
        erased: whether a recorded erasure took rows of this run.
    """
    stored = lake.read(inputs["decisions"])
    start = 0
    for block in decided(inputs, salt=salt, clock=clock, repairs=_stored_repairs(stored) if erased else None):
        derived = block.decisions
        theirs = stored.slice(start, derived.num_rows)
        start += derived.num_rows
        yield from _compare(theirs, derived)
    for row in stored.slice(start).to_pylist() if start < stored.num_rows else ():
        yield Difference(decision_id=row["decision_id"], column="row", stored="there", derived="not there")


def _stored_repairs(stored: pa.Table) -> NDArray[np.int64]:
    """Code of the repair of each stored row, 0 where there was none."""
    by, reasons = stored["drawn_by"].to_pylist(), stored["reasons"].to_pylist()
    repaired = DrawnBy.REPAIR.value
    codes = [CODE[Reason(why[0])] if how == repaired else ELIGIBLE for how, why in zip(by, reasons, strict=True)]
    return np.array(codes, dtype=np.int64)


def _compare(stored: pa.Table, derived: pa.RecordBatch) -> Iterator[Difference]:
    """The differences of rows that stand at the same place."""
    ids = derived["decision_id"]
    for place in range(stored.num_rows, derived.num_rows):
        yield Difference(decision_id=ids[place].as_py(), column="row", stored="not there", derived="there")
    for name in derived.schema.names:
        theirs, mine = stored[name].combine_chunks(), derived[name].slice(0, stored.num_rows)
        if theirs.equals(mine):
            continue
        for place in _unequal(theirs, mine):
            yield Difference(
                decision_id=ids[int(place)].as_py(),
                column=name,
                stored=str(theirs[int(place)].as_py()),
                derived=str(mine[int(place)].as_py()),
            )


def _unequal(stored: pa.Array, derived: pa.Array) -> list[int]:
    """The places at which two columns of one length differ."""
    if pa.types.is_list(stored.type):
        pairs = zip(stored.to_pylist(), derived.to_pylist(), strict=True)
        return [place for place, (one, other) in enumerate(pairs) if one != other]
    same = pc.fill_null(pc.equal(stored, derived), False)
    both_empty = pc.and_(stored.is_null(), derived.is_null())
    found: list[int] = np.flatnonzero(~pc.or_(same, both_empty).to_numpy(zero_copy_only=False)).tolist()
    return found
