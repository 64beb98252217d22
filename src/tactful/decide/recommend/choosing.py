"""Which models, with which settings and weights, serve a history best: found on a part of it that is held out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tactful.decide.recommend.blend import Blend, BlendScorer, Calibration, logits, scaled
from tactful.decide.recommend.filtered import Filtered, deepest
from tactful.decide.recommend.frequent import Frequent
from tactful.decide.recommend.history import Bench, History, Ints
from tactful.decide.recommend.judging import LONGEST, Task, allowed, gain, smaller, task
from tactful.decide.recommend.linear import Linear
from tactful.decide.recommend.popular import Popular
from tactful.decide.recommend.port import Recommender, Scorer, Tried, tuned
from tactful.decide.recommend.sequel import Sequel
from tactful.decide.recommend.similar import Similar
from tactful.decide.recommend.splits import Split
from tactful.decide.recommend.worded import Worded
from tactful.reckon import calibration, ranking
from tactful.reckon.calibration import Floats

TUNED_CELLS: Final = 160_000_000
"""Scores that one setting is judged by: customers held out x items."""
FEWEST: Final = 1_000
MOST: Final = 6_000
"""Customers that settings are judged by."""
POOL: Final = 60
"""Items of each model and customer among which weights are found."""
WEIGHTS: Final = (0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5)
BETTER: Final = 1.003
"""A part is added where it gains at least so much,"""
SURELY: Final = 2.0
"""and so many times what the mean over customers is uncertain by: of many parts and weights one does well by chance."""
PARTS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """The blend that did best, and how every model did with its best settings. Stability: caller.

    Attributes:
        blend: with calibrated probabilities; to be fitted on everything.
        tried: each model's settings, and its NDCG at 20 on the part held out, the best first.
        score: the blend's, on the same.
    """

    blend: Blend
    tried: tuple[tuple[Recommender, float], ...]
    score: float


def starts(history: History, *, excludes: bool) -> list[Recommender]:
    """The models that make sense on such a history, with their first settings."""
    found: list[Recommender] = [Popular(), Similar()]
    if not excludes:
        found.append(Frequent())
    if history.ordered:
        found.append(Sequel())
    if history.content is not None:
        found.append(Worded())
    found.append(Linear())
    if deepest(history) >= Filtered().rank:
        found.append(Filtered())
    return found


def choose(split: Split, *, excludes: bool, tell: Callable[[int], None] = lambda _done: None) -> Choice:
    """Tunes each model on the split's known part, and blends those that help each other.

    Args:
        split: a part of the training data held out; nothing of the test is seen here.
        excludes: whether what a customer chose before may not be shown.
        tell: is told after each model that one more is done.
    """
    bench = Bench(history=split.train, deepest=deepest(split.train))
    wide = max(split.train.items, 1)
    asked = task(split, excludes=excludes, most=min(MOST, max(FEWEST, 2 * TUNED_CELLS // wide)))
    small = smaller(asked, most=max(FEWEST, TUNED_CELLS // wide))
    if not asked.visits.customers:
        parts: tuple[Recommender, ...] = (Similar(), Popular())
        return Choice(blend=Blend(parts=parts, weights=(1.0, 0.01), excludes=excludes), tried=(), score=0.0)
    found: list[Tried] = []
    for start in starts(split.train, excludes=excludes):
        found.append(tuned(start, bench, judge=lambda scorer: gain(scorer, small)))
        tell(1)
    found.sort(key=lambda one: -one.score)
    chosen, weights, score = _blended(found, asked)
    blend = Blend(parts=tuple(one.recommender for one in chosen), weights=weights, excludes=excludes)
    scorer = BlendScorer(
        parts=tuple(one.scorer for one in chosen), weights=weights, excludes=excludes, calibration=None
    )
    blend = replace(blend, calibration=calibrated(scorer, asked))
    tell(1)
    return Choice(blend=blend, tried=tuple((one.recommender, one.score) for one in found), score=score)


def _blended(found: list[Tried], asked: Task) -> tuple[list[Tried], tuple[float, ...], float]:
    """The best model, and others added to it, each with the weight that does best, while that gains something."""
    pool, values = _pool([one.scorer for one in found], asked)
    order = np.argsort(pool, axis=1, kind="stable")
    pool, values = np.take_along_axis(pool, order, 1), np.take_along_axis(values, order[None], 2)

    def good(weights: Floats) -> Floats:
        """What each customer gains."""
        scores = np.asarray(np.tensordot(weights.astype(np.float32), values, 1), dtype=np.float32)
        scores[pool < 0] = -np.inf
        top = ranking.best(scores, count=LONGEST)
        lists = np.where(top < 0, -1, np.take_along_axis(pool, np.maximum(top, 0), axis=1))
        return np.asarray(ranking.gain(asked.hits(lists, first=0), sizes=asked.sizes))

    weights = np.zeros(len(found))
    weights[0] = 1.0
    gains = good(weights)
    while np.count_nonzero(weights) < min(PARTS, len(found)):
        tries = [(good(_with(weights, one, weight=weight)), one, weight)
                 for one in np.flatnonzero(weights == 0).tolist() for weight in WEIGHTS]  # fmt: skip
        better, one, weight = max(tries, key=lambda tried: float(tried[0].mean()))
        if not _surely(better, gains):
            break
        weights, gains = _with(weights, one, weight=weight), better
    for one in np.flatnonzero(weights).tolist():
        for factor in (0.5, 0.75, 1.5, 2.0):
            other = _with(weights, one, weight=weights[one] * factor)
            if (better := good(other)).mean() > gains.mean():
                weights, gains = other, better
    used = np.flatnonzero(weights).tolist()
    return [found[one] for one in used], tuple(float(weights[one]) for one in used), float(gains.mean())


def _surely(better: Floats, before: Floats) -> bool:
    """Whether customers gain so much more that it is hardly chance."""
    more = better - before
    doubt = float(more.std()) / max(more.size, 1) ** 0.5
    return bool(float(more.mean()) > max((BETTER - 1) * float(before.mean()), SURELY * doubt))


def _with(weights: Floats, one: int, *, weight: float) -> Floats:
    made = weights.copy()
    made[one] = weight
    return made


def _pool(scorers: list[Scorer], asked: Task) -> tuple[Ints, Floats]:
    """For each customer the best items of any model, -1 for none, and what each model gives them, its best as one."""
    pools, values = [], []
    for _, visits in asked.blocks():
        made = [allowed(one.scores(visits), visits, excludes=asked.excludes) for one in scorers]
        tops = [ranking.best(one, count=POOL) for one in made]
        pool = np.sort(np.concatenate(tops, axis=1), axis=1)
        pool[:, 1:][pool[:, 1:] == pool[:, :-1]] = -1
        for one in made:
            scaled(one, visits=visits, excludes=asked.excludes)
        pools.append(pool)
        values.append(np.stack([np.take_along_axis(one, np.maximum(pool, 0), axis=1) for one in made]))
    return np.concatenate(pools), np.concatenate(values, axis=1)


def calibrated(scorer: BlendScorer, asked: Task) -> Calibration:
    """What share of listed items was chosen, by score, on customers held out."""
    scores, abouts, outcomes = [], [], []
    for first, visits in asked.blocks():
        blended, about = scorer.blended([part.scores(visits) for part in scorer.parts], visits=visits)
        lists = ranking.best(allowed(blended, visits, excludes=asked.excludes), count=LONGEST)
        scores.append(np.where(lists < 0, 0, np.take_along_axis(blended, np.maximum(lists, 0), axis=1)))
        abouts.append(about)
        outcomes.append(asked.hits(lists, first=first))
    score, about = np.concatenate(scores).astype(np.float64), np.concatenate(abouts)
    outcome = np.concatenate(outcomes).ravel()
    beside = np.repeat(about, score.shape[1], axis=0)
    features = np.column_stack([np.ones(score.size), score.ravel(), beside])
    found = calibration.logistic(features, outcome)
    if found[1] <= 0:
        found = np.array([0.0, 1.0, 0.0, 0.0])
    steps = calibration.counted(logits(score, about=about, coefficients=found).ravel(), outcome)
    return Calibration(coefficients=found, steps=steps)
