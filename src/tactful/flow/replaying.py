"""Replays a run: its decisions derived again from what was sealed, in a fresh process, compared bit for bit."""

from __future__ import annotations

from dataclasses import dataclass

from tactful.decide import replay as decide_replay
from tactful.flow.letters import verify_run
from tactful.flow.manifest import Run, empty
from tactful.flow.workspace import Workspace
from tactful.store import ledger
from tactful.store.sql import named
from tactful.words.clock import Clock

_READS = ("inputs", "arms", "beliefs", "baseline", "prices", "decisions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a replay found. Stability: caller.

    Attributes:
        decisions: how many were derived again.
        erased: rows that recorded erasures took out of this run.
        differences: one line each; empty where every bit is the same.
    """

    run: str
    decisions: int
    erased: int
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether every bit is the same."""
        return not self.differences

    @property
    def sentence(self) -> str:
        """For people."""
        erased = f" ({self.erased:,} rows were erased by request and skipped)" if self.erased else ""
        if self.same:
            return f"Run {self.run}: {self.decisions:,} decisions derived again, every bit the same{erased}."
        return f"Run {self.run}: {len(self.differences):,} differences in {self.decisions:,} decisions{erased}."


def replay(space: Workspace, run: Run) -> Replayed:
    """Derives a run's decisions again; starts from `inputs`, needs no engine and no source.

    Raises:
        StoreFaulty: a sealed file is not what was sealed.
    """
    sealed = verify_run(space, run)
    inputs = {name: sealed.get(name) or empty(name) for name in _READS}
    clock = Clock(now=run.clock, zone=run.zone)
    with space.ledger.reading() as tx:
        amended = ledger.ask(tx, named("ledger.flow.amendments"), {"run_id": run.run_id})
    found = tuple(
        f"{d.decision_id.hex()} {d.column}: stored {d.stored}, derived {d.derived}"
        for d in decide_replay.replay(inputs, salt=run.salt, clock=clock, erased=bool(amended))
    )
    return Replayed(
        run=run.name,
        decisions=sealed["decisions"].rows if "decisions" in sealed else 0,
        erased=sum(row["rows_removed"] for row in amended if row["table_name"] == "decisions"),
        differences=found,
    )
