"""Replay: the decisions of a run derived again from what was sealed, and compared bit for bit."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.decide.arms import Arms
from tactful.decide.choice import decided
from tactful.decide.codes import CODE, ELIGIBLE
from tactful.decide.decided import DRAWN
from tactful.decide.members import Inputs
from tactful.decide.repairs import Repairs
from tactful.store import lake
from tactful.words.clock import Clock
from tactful.words.outcome import DrawnBy, OutcomeKind, Reason


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
    arms = Arms.of(lake.read(inputs["arms"]))
    repairs = stored_repairs(stored, arms=arms) if erased else None
    start = 0
    for block in decided(inputs, salt=salt, clock=clock, repairs=repairs):
        derived = block.decisions
        theirs = stored.slice(start, derived.num_rows)
        start += derived.num_rows
        yield from _compare(theirs, derived)
    for row in stored.slice(start).to_pylist() if start < stored.num_rows else ():
        yield Difference(decision_id=row["decision_id"], column="row", stored="there", derived="not there")


def stored_repairs(stored: pa.Table | pa.RecordBatch, *, arms: Arms) -> Repairs:
    """What limits changed about each stored row.

    Args:
        stored: `decisions` rows.
        arms: what there was to say.
    """
    by = np.array([DRAWN.index(DrawnBy(how)) for how in stored["drawn_by"].to_pylist()], dtype=np.int8)
    place = {arm_id: arm for arm, arm_id in enumerate(arms.batch["arm_id"].to_pylist())}
    found = Repairs.none(np.array([place[arm_id] for arm_id in stored["arm_id"].to_pylist()], dtype=np.int64), by=0)
    ghost = np.array([place.get(arm_id, -1) for arm_id in stored["ghost_arm_id"].to_pylist()], dtype=np.int64)
    capped = np.array([kind == OutcomeKind.CAPPED.value for kind in stored["outcome_kind"].to_pylist()])
    changed = (by != DRAWN.index(DrawnBy.DRAW)) | capped
    codes = np.array([CODE[Reason(why[0])] for why in stored["reasons"].to_pylist()], dtype=np.int64)
    propensity = stored["propensity"].to_numpy()
    return dataclasses.replace(
        found, why=np.where(changed, codes, ELIGIBLE), by=by, ghost=np.where(changed, ghost, -1),
        propensity=np.where(changed, propensity, -1),
    )  # fmt: skip


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
