"""The model of the places of a letter, with the settings and probabilities that a shop's own latest orders bear out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tactful.decide.recommend.blend import Calibration, logits
from tactful.decide.recommend.history import Bench, History, Ints
from tactful.decide.recommend.judging import LONGEST, Task, allowed, gain, task
from tactful.decide.recommend.port import tuned
from tactful.decide.recommend.slots import Slots, SlotScorer, latest
from tactful.decide.recommend.splits import Split, after, age_of_share
from tactful.reckon import calibration, ranking
from tactful.reckon.calibration import Floats

SHARE: Final = 0.12
"""About this share of all choices, the latest, is what settings are judged by."""
FEWEST_DAYS: Final = 7
MOST_DAYS: Final = 56
JUDGED: Final = 600
"""At most so many customers judge."""
ENOUGH: Final = 60
"""With fewer customers nothing is chosen by them, and nothing is called a probability."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Taught:
    """The settings that did best, and what their scores mean. Stability: caller.

    Attributes:
        model: to be fitted on everything.
        calibration: from scores to the chance that a customer who orders within `days` orders the item; None where too
            few did.
        days: how many days were held out; 0 where none could be.
        judged: customers who judged.
        score: NDCG at 20 on what they ordered then.
    """

    model: Slots
    calibration: Calibration | None
    days: int
    judged: int
    score: float


def taught(history: History) -> Taught:
    """Chooses settings by the latest orders, which the model does not see then.

    Args:
        history: with ages in days.
    """
    if history.age is None or not history.item.size:
        return _untaught()
    days = min(max(age_of_share(history, share=SHARE), FEWEST_DAYS), MOST_DAYS)
    split = after(history, age=days)
    return by(split, days=days) if split.train.item.size and split.truth.nnz else _untaught()


def by(split: Split, *, days: int) -> Taught:
    """Chooses settings by a split: what is known, and what was chosen in the days after it."""
    asked = task(split, excludes=True, most=JUDGED)
    if asked.visits.customers < ENOUGH:
        return _untaught()
    found = tuned(Slots(), Bench(history=split.train), judge=lambda scorer: gain(scorer, asked))
    scorer, model = found.scorer, found.recommender
    assert isinstance(scorer, SlotScorer)
    assert isinstance(model, Slots)
    return Taught(model=model, calibration=_calibrated(scorer, asked), days=days,
                  judged=asked.visits.customers, score=found.score)  # fmt: skip


def _untaught() -> Taught:
    return Taught(model=Slots(), calibration=None, days=0, judged=0, score=0.0)


def about(most: Floats, *, count: Ints) -> Floats:
    """What is to be known of customers beside the score: how much they have, and their best score; shape (n, 2)."""
    return np.stack([np.log1p(count), np.log1p(most)], axis=1)


def chances(scores: Any, *, most: Floats, count: Ints, calibration: Calibration) -> Floats:  # Any: of any float type
    """Probabilities of scores as `SlotScorer.scores` gives them.

    Args:
        scores: shape (customers, k).
        most: each customer's best score; shape (customers,).
        count: of how many modelled items each has; shape (customers,).
        calibration: what was learned.
    """
    return calibration.chances(np.log1p(np.maximum(scores, 0).astype(np.float64)), about=about(most, count=count))


def _calibrated(scorer: SlotScorer, asked: Task) -> Calibration:
    """What share of listed items was ordered, by score, on customers held out."""
    scores, abouts, outcomes = [], [], []
    for first, visits in asked.blocks():
        made = scorer.scores(visits)
        who, item, _ = latest(visits)
        count = np.bincount(who[scorer.places(item) >= 0], minlength=visits.customers)
        open_ones = allowed(made, visits, excludes=True)
        lists = ranking.best(open_ones, count=LONGEST)
        listed = np.take_along_axis(open_ones, np.maximum(lists, 0), axis=1)
        scores.append(np.log1p(np.where(lists < 0, 0, np.maximum(listed, 0)).astype(np.float64)))
        abouts.append(about(np.maximum(listed[:, 0], 0).astype(np.float64), count=count))
        outcomes.append(asked.hits(lists, first=first))
    score, beside, outcome = np.concatenate(scores), np.concatenate(abouts), np.concatenate(outcomes).ravel()
    features = np.column_stack([np.ones(score.size), score.ravel(), np.repeat(beside, score.shape[1], axis=0)])
    found = calibration.logistic(features, outcome)
    if found[1] <= 0:
        found = np.array([0.0, 1.0, 0.0, 0.0])
    steps = calibration.counted(logits(score, about=beside, coefficients=found).ravel(), outcome)
    return Calibration(coefficients=found, steps=steps)
