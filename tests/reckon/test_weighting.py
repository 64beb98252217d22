"""Probabilities add up exactly, stay within epsilon, and do not depend on block, order or luck of rounding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.reckon import chance, weighting
from tactful.reckon.chance import WHOLE
from tactful.reckon.weighting import GAMMA_UNIT, Exploration
from tactful.words.errors import Misuse


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, Exploration]:
    n, k = draw(st.integers(1, 6)), draw(st.integers(1, 8))
    top = draw(st.sampled_from([3, 1000, (1 << 53) - 1]))
    scores = np.array(draw(st.lists(st.lists(st.integers(-top, top), min_size=k, max_size=k), min_size=n, max_size=n)))
    eligible = np.array(draw(st.lists(st.lists(st.booleans(), min_size=k, max_size=k), min_size=n, max_size=n)))
    eligible[:, draw(st.integers(0, k - 1))] = True
    caps = draw(st.none() | st.lists(st.integers(0, WHOLE), min_size=k, max_size=k).map(tuple))
    exploration = Exploration(
        gamma=draw(st.integers(0, 1 << 30)),
        scale=draw(st.integers(1, 1 << 32)),
        epsilon=draw(st.integers(0, WHOLE)),
        caps=caps,
    )
    return scores, eligible, exploration


def by_hand(scores: list[int], eligible: list[bool], rule: Exploration) -> list[int]:
    """The definition in Python's own integers."""
    arms = [a for a, may in enumerate(eligible) if may]
    best = max(arms, key=lambda a: (scores[a], -a))
    share = [0] * len(scores)
    for a in arms:
        if a != best:
            punished = rule.gamma * (scores[best] - scores[a]) // rule.scale
            share[a] = (WHOLE * GAMMA_UNIT) // (len(arms) * GAMMA_UNIT + punished)
            share[a] = min(share[a], rule.caps[a]) if rule.caps else share[a]
    total = sum(share)
    if total > rule.epsilon:
        share = [p * rule.epsilon // total for p in share]
    share[best] = WHOLE - sum(share)
    return share


@settings(max_examples=200, deadline=None)
@given(problems())
def test_weights_equal_the_definition_in_python_integers(problem: tuple[np.ndarray, np.ndarray, Exploration]) -> None:
    scores, eligible, rule = problem
    found = weighting.weights(scores, eligible=eligible, exploration=rule)
    assert found.probabilities.tolist() == [
        by_hand(s, e, rule) for s, e in zip(scores.tolist(), eligible.tolist(), strict=True)
    ]


@settings(max_examples=150, deadline=None)
@given(problems())
def test_rows_are_whole_within_epsilon_and_monotone(problem: tuple[np.ndarray, np.ndarray, Exploration]) -> None:
    scores, eligible, rule = problem
    found = weighting.weights(scores, eligible=eligible, exploration=rule)
    p, rows = found.probabilities, np.arange(len(scores))
    assert (p.sum(axis=1) == WHOLE).all()
    assert (p >= 0).all()
    assert (p[~eligible] == 0).all()
    assert (WHOLE - p[rows, found.best] <= rule.epsilon).all()
    if rule.caps is None:
        for s, row, may in zip(scores, p, eligible, strict=True):
            order = np.argsort(-s[may], kind="stable")
            assert (np.diff(row[may][order]) <= 0).all()
    alone = [
        weighting.weights(s[None], eligible=e[None], exploration=rule).probabilities[0]
        for s, e in zip(scores, eligible, strict=True)
    ]
    assert np.array_equal(np.array(alone), p)


@given(st.permutations(range(5)))
def test_turning_the_arms_round_turns_the_probabilities_round(order: list[int]) -> None:
    rule = Exploration(gamma=5000, scale=7, epsilon=WHOLE // 10, caps=None)
    scores, eligible = np.array([[5, 9, -3, 8, 100]]), np.array([[True, True, True, True, False]])
    p = weighting.weights(scores, eligible=eligible, exploration=rule).probabilities
    turned = weighting.weights(scores[:, order], eligible=eligible[:, order], exploration=rule).probabilities
    assert np.array_equal(turned, p[:, order])


def test_numbers_worked_by_hand() -> None:
    """Three arms, gaps 0, 1/2 and 2 deviations, gamma 4: 1/(3+2) and 1/(3+8); the best takes 1 - 1/5 - 1/11."""
    free = Exploration(gamma=4 * GAMMA_UNIT, scale=10, epsilon=WHOLE)
    found = weighting.weights([[20, 15, 0]], eligible=[[True] * 3], exploration=free)
    assert found.probabilities.tolist() == [[WHOLE - WHOLE // 5 - WHOLE // 11, WHOLE // 5, WHOLE // 11]]
    # 16/55 is over a tenth: both are scaled by the same ratio, 1/5 to 11/160 and 1/11 to 5/160.
    tight = Exploration(gamma=4 * GAMMA_UNIT, scale=10, epsilon=chance.share_of_draws("0.1"))
    p = weighting.weights([[20, 15, 0]], eligible=[[True] * 3], exploration=tight).probabilities[0]
    assert p[1] / WHOLE == pytest.approx(11 / 160)
    assert p[2] / WHOLE == pytest.approx(5 / 160)
    assert 0 <= tight.epsilon - p[1] - p[2] < 2


def test_ties_go_to_the_lowest_index_and_caps_hold() -> None:
    rule = Exploration(gamma=0, scale=1, epsilon=WHOLE, caps=(0, 0, WHOLE))
    found = weighting.weights([[7, 7, 7]], eligible=[[False, True, True]], exploration=rule)
    assert found.best.tolist() == [1]
    assert found.probabilities.tolist() == [[0, WHOLE // 2, WHOLE // 2]]


@settings(max_examples=100, deadline=None)
@given(problems(), st.integers(0, 2**32))
def test_a_draw_never_picks_an_arm_without_probability(
    problem: tuple[np.ndarray, np.ndarray, Exploration], seed: int
) -> None:
    scores, eligible, rule = problem
    p = weighting.weights(scores, eligible=eligible, exploration=rule).probabilities
    for chances in (
        np.zeros(len(p), int),
        np.full(len(p), WHOLE - 1),
        np.random.default_rng(seed).integers(0, WHOLE, len(p)),
    ):
        assert (p[np.arange(len(p)), weighting.draw(p, chances)] > 0).all()


def test_draws_come_as_often_as_the_probabilities_say() -> None:
    rule = Exploration(gamma=2 * GAMMA_UNIT, scale=10, epsilon=WHOLE // 2)
    n = 100_000
    p = weighting.weights([[10, 5, 0]], eligible=[[True] * 3], exploration=rule).probabilities
    chances = chance.draws(np.arange(n), point="p", purpose="arm", salt="s")
    seen = np.bincount(weighting.draw(np.repeat(p, n, axis=0), chances), minlength=3) / n
    assert np.abs(seen - p[0] / WHOLE).max() < 4 * np.sqrt(0.25 / n)


def test_misuse_is_named() -> None:
    rule = Exploration(gamma=1, scale=1, epsilon=0)
    with pytest.raises(Misuse, match="row 1: 1 of 2 rows have no eligible arm"):
        weighting.weights([[1], [1]], eligible=[[True], [False]], exploration=rule)
    with pytest.raises(Misuse, match="differ"):
        weighting.weights([[1]], eligible=[[True, True]], exploration=rule)
    with pytest.raises(Misuse, match="whole number"):
        weighting.weights([[0.5]], eligible=[[True]], exploration=rule)
    with pytest.raises(Misuse, match="2 caps for 1 arms"):
        weighting.weights([[1]], eligible=[[True]], exploration=Exploration(gamma=1, scale=1, epsilon=0, caps=(1, 2)))
    with pytest.raises(Misuse, match="add up"):
        weighting.draw([[1, 2]], [0])
    with pytest.raises(Misuse, match="outside"):
        weighting.draw([[WHOLE]], [WHOLE])
    for wrong in ({"gamma": -1}, {"scale": 0}, {"epsilon": WHOLE + 1}, {"caps": (-1,)}):
        with pytest.raises(ValueError, match="outside"):
            Exploration(**{"gamma": 1, "scale": 1, "epsilon": 0, **wrong})  # type: ignore[arg-type]
