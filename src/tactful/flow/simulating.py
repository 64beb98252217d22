"""Simulates policies of contacts in a world whose truth is known: what each brings, and what it costs, day by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tactful.reckon.policies import capped, engine, nothing, one_for_all
from tactful.reckon.wearing import WORLDS, Diary, Policy, WearingWorld
from tactful.words.errors import Misuse

_NOTES: Final = (
    """A made-up world: its customers, their tastes and how they tire are known, so that every number below is true
    of it. It shows how policies compare, not what your shop would earn.""",
    """Value is what contacts brought, less what they cost, less the remaining value of customers who opted out. The
    same chance falls for every policy.""",
)
CAPS: Final = (1, 2, 3, 5)
"""Contacts a week of the fixed caps that are tried where none are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One number by day. Stability: caller.

    Attributes:
        name: what it is, with its unit.
        days: one number per day of the simulation.
        sums: whether days add up to a total; what stands at the end of a day does not.
    """

    name: str
    days: tuple[float, ...]
    sums: bool = True

    @property
    def total(self) -> float:
        """The sum of the days, or the last one."""
        return sum(self.days) if self.sums else (self.days[-1] if self.days else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What came of one policy. Stability: caller.

    Attributes:
        policy: its name.
        says: what it does, in a sentence.
        series: the same for every policy, in the same order.
        note: what must be known of its numbers; empty where there is nothing.
    """

    policy: str
    says: str
    series: tuple[Series, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """Policies side by side. Stability: caller.

    Attributes:
        title: what was simulated.
        notes: what one must know to read it.
        labels: name of each day.
        people: how many customers there are.
        lived: the policies; the engine's first.
    """

    title: str
    notes: tuple[str, ...]
    labels: tuple[str, ...]
    people: int
    lived: tuple[Lived, ...]

    def facts(self) -> dict[str, Any]:  # Any: mixed values
        """The same for programs."""
        return {
            "title": self.title,
            "notes": list(self.notes),
            "people": self.people,
            "days": list(self.labels),
            "policies": [
                {
                    "policy": one.policy,
                    "says": one.says,
                    "note": one.note,
                    "totals": {series.name: series.total for series in one.series},
                    "by_day": {series.name: list(series.days) for series in one.series},
                }
                for one in self.lived
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to simulate. Stability: caller.

    Attributes:
        world: a name of `WORLDS`.
        people: how many customers.
        days: how long.
        seed: the same seed lives the same life.
        caps: contacts a week of the fixed caps.
    """

    world: str = "shop"
    people: int = 2_000
    days: int = 365
    seed: int = 1
    caps: tuple[int, ...] = CAPS

    def __post_init__(self) -> None:
        if self.world not in WORLDS:
            names = ", ".join(WORLDS)
            raise Misuse.say(where="simulate", what=f"there is no world {self.world!r}", do=f"name one of {names}")
        if not (1 <= self.people <= 200_000 and 1 <= self.days <= 3_660) or any(cap < 1 for cap in self.caps):
            what = f"{self.people} people, {self.days} days or caps {self.caps} are out of range"
            raise Misuse.say(
                where="simulate", what=what, do="ask for 1 to 200,000 people, 1 to 3,660 days, caps from 1"
            )


def simulate(wanted: Wanted) -> Simulated:
    """Every policy in the same world, with the same chance; the same seed gives the same numbers.

    >>> found = simulate(Wanted(people=20, days=10, caps=(1,)))
    >>> [one.policy for one in found.lived]
    ['engine', 'at most 1 a week', 'one for all', 'nothing']
    """
    world = WORLDS[wanted.world]
    lived = tuple(
        _told(world.lived(policy, people=wanted.people, days=wanted.days, seed=wanted.seed), policy=name, says=says)
        for name, (says, policy) in _policies(world, wanted=wanted).items()
    )
    notes = tuple(" ".join(note.split()) for note in _NOTES)
    return Simulated(
        title=f"A simulated world: {wanted.world}, {wanted.people:,} customers, {wanted.days:,} days",
        notes=notes if world.budget is None else (*notes, f"At most {world.budget:,.2f} may be spent in a day."),
        labels=tuple(f"day {number}" for number in range(1, wanted.days + 1)),
        people=wanted.people,
        lived=lived,
    )


def _policies(world: WearingWorld, *, wanted: Wanted) -> Mapping[str, tuple[str, Policy]]:
    crowd = world.crowd(wanted.people, seed=wanted.seed)
    return {
        "engine": (
            "the best message of the day, where it brings more than its cost and the price of one more contact",
            engine(world, crowd=crowd),
        ),
        **{
            f"at most {cap} a week": (
                f"the best message of the day, up to {cap} in seven days, where it brings its cost",
                capped(world, most=cap),
            )
            for cap in wanted.caps
        },
        "one for all": ("the message that is best on average, for everybody, every seven days", one_for_all(world)),
        "nothing": ("silence", nothing),
    }


def _told(diary: Diary, *, policy: str, says: str) -> Lived:
    columns: Sequence[tuple[str, Any, bool]] = (  # Any: arrays of whole or real numbers
        ("value", diary.value, True),
        ("contacts", diary.contacts, True),
        ("opt-outs", diary.opt_outs, True),
        ("complaints", diary.complaints, True),
        ("spend", diary.spend, True),
        ("reachable", diary.reachable, False),
    )
    series = tuple(
        Series(name=name, days=tuple(float(v) for v in numbers), sums=sums) for name, numbers, sums in columns
    )
    return Lived(policy=policy, says=says, series=series)
