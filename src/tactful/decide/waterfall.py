"""The audience waterfall: how many people there are, where each one left, and how many are written to; it adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.decide.codes import ELIGIBLE, STEP, WAY
from tactful.decide.members import Inputs
from tactful.store import lake
from tactful.words.outcome import OutcomeKind
from tactful.words.touchpoint import PUSH

AFTER: Final = ("another program was chosen", "held out", "silence won", "limits")
"""Where those leave who could have been written to: the last steps before sending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the waterfall. Stability: caller.

    Attributes:
        name: such as `no consent`.
        left: how many people left here.
        remain: how many go on.
    """

    name: str
    left: int
    remain: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """Everybody, step by step, of the whole project or of one program. Stability: caller.

    Attributes:
        program: None for the whole project.
        people: how many there are in the project.
        steps: in order; people less everybody who left is who is written to.
        sending: how many are written to.
    """

    program: str | None
    people: int
    steps: tuple[Step, ...]
    sending: int

    def __post_init__(self) -> None:
        if self.people - sum(step.left for step in self.steps) != self.sending:
            raise ValueError(f"the waterfall of {self.program or 'the project'} does not add up")


def count(inputs: Inputs, *, people: int) -> tuple[Waterfall, ...]:
    """The waterfall of the project, then one for each program in order of name.

    Args:
        inputs: `inputs`, `arms`, `decisions`, rows of the same points in the same order.
        people: how many customers the project knows; those without a row are in no audience.
    """
    arms = Arms.of(lake.read(inputs["arms"]))
    push = arms.of_kind(PUSH)
    programs: list[str | None] = [None, *sorted({p for a in push.tolist() if (p := arms.program[a]) is not None})]
    left: dict[str | None, Counter[str]] = {program: Counter() for program in programs}
    sending: Counter[str | None] = Counter()
    seen = 0
    for batch, rows in _pairs(inputs):
        seen += batch.num_rows
        codes = batch["why_not"].flatten().to_numpy().reshape(batch.num_rows, len(arms))
        for program in programs:
            mine = [a for a in push.tolist() if arms.program[a] and (program is None or arms.program[a] == program)]
            found = Counter(_leaving(codes[:, mine], rows, program=program))
            sending[program] += found.pop("", 0)
            left[program].update(found)
    names = [name for name, _ in WAY if name != "held out"]
    for program in programs:
        left[program][names[0]] += people - seen
    return tuple(_waterfall(p, people=people, left=left[p], sending=sending[p], names=names) for p in programs)


def _waterfall(program: str | None, *, people: int, left: Counter[str], sending: int, names: list[str]) -> Waterfall:
    steps, remain = [], people
    for name in (*names, *AFTER):
        remain -= left[name]
        steps.append(Step(name=name, left=left[name], remain=remain))
    return Waterfall(program=program, people=people, steps=tuple(steps), sending=sending)


def _leaving(codes: NDArray[np.int64], rows: pa.Table, *, program: str | None) -> list[str]:
    """The step at which each person left; empty for who is written to."""
    steps = np.array(STEP)[codes] if codes.shape[1] else np.zeros((codes.shape[0], 1), dtype=np.int64)
    furthest = steps.max(axis=1)
    could = (codes == ELIGIBLE).any(axis=1)
    held_step = next(number for number, (name, _) in enumerate(WAY) if name == "held out")
    names = np.array([*(name for name, _ in WAY), ""], dtype=object)[furthest]
    kind, drawn = rows["outcome_kind"].to_pylist(), rows["program"].to_pylist()
    held = [bool(words) for words in rows["held_out_of"].to_pylist()]
    for row in np.flatnonzero(could | (furthest == held_step)).tolist():
        chosen = kind[row] == OutcomeKind.CHOSEN.value
        names[row] = _last_step(
            chosen=chosen and (program is None or drawn[row] == program),
            elsewhere=chosen,
            held=kind[row] == OutcomeKind.HELD_OUT.value or (held[row] and not could[row]),
            cut=kind[row] == OutcomeKind.CAPPED.value,
        )
    found: list[str] = names.tolist()
    return found


def _last_step(*, chosen: bool, elsewhere: bool, held: bool, cut: bool) -> str:
    if chosen:
        return ""
    if held:
        return "held out"
    if elsewhere:
        return "another program was chosen"
    return "limits" if cut else "silence won"


def _pairs(inputs: Inputs) -> Iterator[tuple[pa.RecordBatch, pa.Table]]:
    """Blocks of `inputs` with the decisions made from them."""
    decisions = lake.read(inputs["decisions"], columns=["decision_id", "outcome_kind", "program", "held_out_of"])
    start = 0
    for batch in lake.batches(inputs["inputs"], columns=["decision_id", "why_not"]):
        rows = decisions.slice(start, batch.num_rows)
        start += batch.num_rows
        if not pc.all(pc.equal(rows["decision_id"], batch["decision_id"])).as_py():
            raise ValueError("decisions and inputs are not of the same points in the same order")
        if batch.num_rows:
            yield batch, rows
