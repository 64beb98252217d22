"""Several models as one: their scores brought to one scale and added, and made into probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tactful.decide.recommend.history import Bench, History, Ints, Scores
from tactful.decide.recommend.port import Recommender, Scorer
from tactful.reckon.calibration import Floats, Steps


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """From a blended score to the probability that the item is chosen. Stability: caller.

    Attributes:
        coefficients: of a constant, the score, how much the customer chose, and how sure the first part is.
        steps: rates over the sum of these, counted on customers held out; they add up over samples.
    """

    coefficients: Floats
    steps: Steps

    def chances(self, scores: Floats, *, about: Floats) -> Floats:
        """Probabilities.

        Args:
            scores: blended; shape (customers, k).
            about: what `BlendScorer.about` says of each customer; shape (customers, 2).
        """
        return self.steps.chances(logits(scores, about=about, coefficients=self.coefficients))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blend:
    """Models with weights. Stability: full.

    Attributes:
        parts: the models.
        weights: of each, positive, as many.
        excludes: whether what a customer chose before is left out of account.
        calibration: None where no customers were held out to learn it from.
    """

    name: ClassVar[str] = "blend"
    parts: tuple[Recommender, ...]
    weights: tuple[float, ...]
    excludes: bool = False
    calibration: Calibration | None = None

    def __post_init__(self) -> None:
        if not self.parts or len(self.parts) != len(self.weights) or min(self.weights) <= 0:
            raise ValueError("a blend has parts and as many positive weights")

    def fit(self, bench: Bench) -> BlendScorer:
        """Each part learns from the same bench."""
        return BlendScorer(
            parts=tuple(part.fit(bench) for part in self.parts), weights=self.weights,
            excludes=self.excludes, calibration=self.calibration,
        )  # fmt: skip

    def choices(self, history: History) -> Mapping[str, Sequence[Any]]:
        """None: weights are found by `choosing.choose`."""
        del history
        return {}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BlendScorer:
    """What the parts learned, and how they are added. Stability: caller."""

    parts: tuple[Scorer, ...]
    weights: tuple[float, ...]
    excludes: bool
    calibration: Calibration | None

    def scores(self, visits: History) -> Scores:
        """The weighted mean of the parts, each with its best item of the customer as one."""
        return self.blended([part.scores(visits) for part in self.parts], visits=visits)[0]

    def blended(self, made: list[Scores], *, visits: History) -> tuple[Scores, Floats]:
        """As `scores`, from the scores of the parts, which are changed; and what is to be known about each customer."""
        total = np.zeros_like(made[0])
        strength = np.zeros(visits.customers)
        for number, (scores, weight) in enumerate(zip(made, self.weights, strict=True)):
            most = scaled(scores, visits=visits, excludes=self.excludes)
            scores *= np.float32(weight / sum(self.weights))
            total += scores
            strength = most if number == 0 else strength
        return total, np.stack([np.log1p(np.diff(visits.bounds)), np.log1p(strength)], axis=1)

    def chances(self, scores: Scores, lists: Ints, *, about: Floats) -> Floats:
        """The probability that each listed item is chosen; 0 where a list has no more items. Shape as `lists`."""
        assert self.calibration is not None, "a blend without calibration has scores, no probabilities"
        found = np.take_along_axis(scores, np.maximum(lists, 0), axis=1).astype(np.float64)
        return np.where(lists < 0, 0.0, self.calibration.chances(found, about=about))


def scaled(scores: Scores, *, visits: History, excludes: bool) -> Floats:
    """Brings each customer's best score to one, in place, and answers what it was; negative scores stay negative."""
    if excludes:
        scores[visits.customer, visits.item] = 0
    most = scores.max(axis=1, initial=0)
    scores /= np.where(most > 0, most, 1)[:, None]
    return np.asarray(most, dtype=np.float64)


def logits(scores: Floats, *, about: Floats, coefficients: Floats) -> Floats:
    """The sum whose logistic is about the probability; shape as `scores`."""
    beside = coefficients[0] + about @ coefficients[2:]
    return np.asarray(beside[:, None] + coefficients[1] * scores)
