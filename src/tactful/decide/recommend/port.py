"""The port of recommenders: what learns from a history, and what then gives every item a score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, TypeAlias

from tactful.decide.recommend.history import Bench, History, Scores


class Scorer(Protocol):
    """What was learned. Stability: full."""

    def scores(self, visits: History) -> Scores:
        """How much each item is recommended to each customer; only the order within a customer means something.

        Args:
            visits: what the customers chose so far; any customers, the items that were learned. Its size is the
                caller's: memory is customers x items x 4 bytes, a few times over.

        Returns:
            float32, finite, shape (customers, items); the same for a customer whoever stands beside them, up to the
            rounding of floating-point sums.
        """
        ...


class Recommender(Protocol):
    """A model and its settings, before it has learned anything: a frozen dataclass. Stability: full."""

    name: ClassVar[str]

    def fit(self, bench: Bench) -> Scorer:
        """Learns from the bench's history."""
        ...

    def choices(self, history: History) -> Mapping[str, Sequence[Any]]:  # Any: values of its own fields
        """The values of its settings that are worth trying on such a history, by the name of the field."""
        ...


Judge: TypeAlias = Callable[[Scorer], float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tried:
    """A model with the settings that did best, what it learned, and how well it did. Stability: caller."""

    recommender: Recommender
    scorer: Scorer
    score: float


def tuned(start: Recommender, bench: Bench, *, judge: Judge) -> Tried:
    """The best settings found by changing one of them after the other.

    Args:
        start: the model with its first settings.
        bench: what it learns from.
        judge: how good what it learned is; more is better.
    """
    scorer = start.fit(bench)
    found = Tried(recommender=start, scorer=scorer, score=judge(scorer))
    for name, values in start.choices(bench.history).items():
        for value in values:
            if value == getattr(found.recommender, name):
                continue
            other: Any = replace(found.recommender, **{name: value})  # type: ignore[type-var]  # they are dataclasses
            scorer = other.fit(bench)
            if (score := judge(scorer)) > found.score:
                found = Tried(recommender=other, scorer=scorer, score=score)
    return found
