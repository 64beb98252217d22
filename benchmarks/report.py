"""What a benchmark says: figures, ratios, the goals they are held against, and what was missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One promise, and whether it is kept.

    Args:
        name: what is promised, with its unit.
        value: what was measured; None where it could not be, and then the goal does not hold.
        at_least: the least that keeps it.
        at_most: the most that keeps it.

    >>> Goal(name="rows per second", value=2_000_000, at_least=1_000_000).holds
    True
    >>> Goal(name="seconds", value=None, at_most=30).holds
    False
    """

    name: str
    value: float | None
    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise ValueError(f"goal {self.name!r} promises nothing: give it at_least or at_most")

    @property
    def holds(self) -> bool:
        """Whether what was measured keeps the promise."""
        if self.value is None:
            return False
        enough = self.at_least is None or self.value >= self.at_least
        return enough and (self.at_most is None or self.value <= self.at_most)

    def as_json(self) -> dict[str, object]:
        """The goal as it is printed and kept."""
        bounds = {"at_least": self.at_least, "at_most": self.at_most}
        said = {bound: value for bound, value in bounds.items() if value is not None}
        return {"name": self.name, "value": self.value, **said, "holds": self.holds}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of one benchmark.

    Args:
        figures: what was measured, the unit in the name (`load_seconds`, `peak_bytes`); nested for stages or sizes.
        ratios: what does not depend on the machine: ours to a peer's, a size to another's.
        goals: the promises these are held against.
        missing: peers that could not be asked, by name; a report that misses one does not hold.
        kept_as: what tells its file from that of the whole benchmark; empty for the whole.
    """

    figures: Mapping[str, object]
    ratios: Mapping[str, float | None] = field(default_factory=dict)
    goals: tuple[Goal, ...] = ()
    missing: tuple[str, ...] = ()
    kept_as: str = ""

    @property
    def holds(self) -> bool:
        """Whether every promise is kept and nothing was missing."""
        return not self.missing and all(goal.holds for goal in self.goals)

    def as_json(self) -> dict[str, object]:
        """The report as it is printed and kept."""
        return {
            "figures": dict(self.figures),
            "ratios": dict(self.ratios),
            "goals": [goal.as_json() for goal in self.goals],
            "missing": list(self.missing),
            "holds": self.holds,
        }
