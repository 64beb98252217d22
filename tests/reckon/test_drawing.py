"""Drawing: the plain reference's bits by NumPy and by compiled loops, in any block, on any number of cores."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.reckon import compiled, drawing, weighting
from tactful.reckon.board import Answer, Board, People, flags_of, words_of
from tactful.reckon.chance import WHOLE, draws
from tactful.words.errors import Misuse

PATHS = [False, pytest.param(True, marks=pytest.mark.skipif(not compiled.is_there(), reason="needs the extra `fast`"))]


def world(seed: int, *, rows: int = 300, arms: int = 5, width: int = 3, **rule) -> tuple[Board, People]:
    """Arms and people of every kind, the awkward ones too."""
    rng = np.random.default_rng(seed)
    reach = int(rng.choice([1 << 8, 1 << 18, 1 << 40]))
    told = {
        "gamma": int(rng.choice([0, 1, 20 << 10, 1 << 30])),
        "epsilon": int(rng.choice([0, 1, WHOLE // 10, WHOLE // 2, WHOLE])),
        "caps": np.where(rng.random(arms) < 0.7, WHOLE, rng.integers(0, WHOLE // 50, arms)),
        "scale": rng.choice([1, 7, 217_945, 1 << 32], size=arms),
    } | rule
    board = Board(
        base=rng.integers(-reach, reach, (arms, 4)), grain=rng.integers(-1, 2, arms),
        coefficients=rng.integers(-(1 << 20), 1 << 20, (arms, width)).astype(np.float64),
        shift=rng.integers(10, 53, arms), **told,
    )  # fmt: skip
    may = rng.random((rows, arms)) < rng.choice([0.05, 0.6, 1.0])
    may[:, 0] = True
    chance = draws(rng.integers(-(1 << 63), (1 << 63) - 1, rows), point="p", purpose="arm", salt="s")
    people = People(
        features=rng.integers(-(1 << 20), (1 << 20) + 1, (rows, width)).astype(np.int32),
        cells=rng.integers(0, 4, (2, rows)), may=words_of(may), chance=chance,
    )  # fmt: skip
    return board, people


def same(one: Answer, other: Answer) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(Answer))


def reference(board: Board, people: People) -> Answer:
    """By Python integers for scores, and `weighting` for the rest."""
    score = np.array(
        [
            [
                int(board.base[a, people.cells[board.grain[a], i] if board.grain[a] >= 0 else 0])
                + (sum(int(c) * int(v) for c, v in zip(board.coefficients[a], x, strict=True)) >> int(board.shift[a]))
                for a in range(board.arms)
            ]
            for i, x in enumerate(people.features)
        ]
    )
    wide, probability = drawing.weighed(board, people)
    assert np.array_equal(score, wide)
    arm, rows = weighting.draw(probability, people.chance), np.arange(len(people))
    may = flags_of(people.may, arms=board.arms).T
    best = np.where(may, score, -(1 << 60)).argmax(axis=1)
    return Answer(arm=arm, best=best, score=score[rows, arm], propensity=probability[rows, arm])


@pytest.mark.parametrize("fast", PATHS)
@pytest.mark.parametrize("arms", [1, 2, 5, 64, 65, 130])
def test_the_answer_is_the_plain_references(fast, arms):
    for seed in range(6):
        board, people = world(seed * 1000 + arms, rows=40, arms=arms, width=seed)
        assert same(drawing.draw(board, people, fast=fast), reference(board, people)), seed


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1 << 30), arms=st.integers(1, 12), width=st.integers(0, 5))
def test_numpy_and_the_plain_reference_agree_on_any_world(seed, arms, width):
    board, people = world(seed, rows=40, arms=arms, width=width)
    assert same(drawing.draw(board, people, fast=False), reference(board, people))


@pytest.mark.skipif(not compiled.is_there(), reason="needs the extra `fast`")
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1 << 30), arms=st.integers(1, 12), width=st.integers(0, 5))
def test_compiled_loops_and_numpy_agree_on_any_world(seed, arms, width):
    board, people = world(seed, rows=400, arms=arms, width=width)
    assert same(drawing.draw(board, people, fast=True), drawing.draw(board, people, fast=False))


@pytest.mark.parametrize("fast", PATHS)
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_blocks_of_any_size_and_any_number_of_threads_give_the_same_bits(fast, size):
    rows = 40_000 if size > 100 else 500
    board, people = world(8, rows=rows, arms=20, width=8, gamma=20 << 10, epsilon=WHOLE // 10)
    whole = drawing.draw(board, people, fast=fast, threads=2)
    assert same(whole, drawing.draw(board, people, fast=fast, threads=1))
    for start in range(0, rows, size):
        stop = min(start + size, rows)
        part = drawing.draw(board, people.slice(start, stop), fast=fast)
        assert np.array_equal(part.arm, whole.arm[start:stop])
        assert np.array_equal(part.propensity, whole.propensity[start:stop])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1 << 30), arms=st.integers(2, 9))
def test_no_forbidden_arm_has_a_chance_and_chances_sum_to_one(seed, arms):
    board, people = world(seed, rows=60, arms=arms)
    score, probability = drawing.weighed(board, people)
    may = flags_of(people.may, arms=arms).T
    best = np.where(may, score, -(1 << 60)).argmax(axis=1)
    rest = probability.copy()
    rest[np.arange(60), best] = 0
    assert (probability[~may] == 0).all()
    assert (probability >= 0).all()
    assert (probability.sum(axis=1) == WHOLE).all()
    assert (rest.sum(axis=1) <= board.epsilon).all()
    assert (rest <= board.caps).all()
    found = drawing.draw(board, people, fast=False)
    assert may[np.arange(60), found.arm].all()
    assert (found.propensity > 0).all()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1 << 30))
def test_an_arm_that_nobody_may_have_changes_nothing(seed):
    board, people = world(seed, rows=60, arms=4)
    more = dataclasses.replace(
        board,
        base=np.vstack([board.base, board.base[-1:] + 1000]),
        **{n: np.append(getattr(board, n), getattr(board, n)[-1]) for n in ("grain", "shift", "scale", "caps")},
        coefficients=np.vstack([board.coefficients, board.coefficients[:1]]),
    )
    assert same(drawing.draw(board, people, fast=False), drawing.draw(more, people, fast=False))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1 << 30), lift=st.integers(1, 1 << 20))
def test_a_better_score_never_lowers_the_arms_probability(seed, lift):
    board, people = world(seed, rows=40, arms=5, scale=np.full(5, 217_945), caps=np.full(5, WHOLE), epsilon=WHOLE)
    higher = board.base.copy()
    higher[2] += lift
    _, before = drawing.weighed(board, people)
    _, after = drawing.weighed(dataclasses.replace(board, base=higher), people)
    assert (after[:, 2] >= before[:, 2]).all()


DIGEST = """
import hashlib, sys
from reckon.test_drawing import world
from tactful.reckon import drawing
from tactful.reckon.chance import WHOLE
board, people = world(3, rows=20_000, arms=50, width=32, gamma=20 << 10, epsilon=WHOLE // 10)
found = drawing.draw(board, people, fast=sys.argv[1] == "fast", threads=2)
print(hashlib.sha256(b"".join(p.tobytes() for p in (found.arm, found.score, found.propensity))).hexdigest())
"""


def test_the_bits_do_not_depend_on_the_processor_or_the_threads_of_the_blas():
    settings = [("plain", "1", "Haswell"), ("plain", "2", "SandyBridge")]
    settings += [("fast", "2", "Haswell"), ("fast", "1", "SandyBridge")] if compiled.is_there() else []
    tests = str(Path(__file__).parents[1])
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST, how],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "OPENBLAS_CORETYPE": core, "PYTHONPATH": tests},
            capture_output=True, text=True, check=True,
        ).stdout
        for how, threads, core in settings
    }  # fmt: skip
    assert len(digests) == 1


def test_what_does_not_fit_is_refused():
    board, people = world(1)
    with pytest.raises(Misuse, match="features"):
        drawing.draw(board, dataclasses.replace(people, features=people.features[:, :2]))
    with pytest.raises(Misuse, match="no eligible arm"):
        drawing.draw(board, dataclasses.replace(people, may=np.zeros_like(people.may)))
    with pytest.raises(Misuse, match="2\\^20"):
        drawing.draw(board, dataclasses.replace(people, features=people.features * 3))
    with pytest.raises(Misuse, match="chance"):
        drawing.draw(board, dataclasses.replace(people, chance=people.chance + WHOLE))
    with pytest.raises(Misuse, match="one per row"):
        drawing.draw(board, dataclasses.replace(people, cells=people.cells[:, 1:]))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"base": np.full((5, 1), 1 << 51)}, "2\\^51"),
        ({"coefficients": np.full((5, 3), 0.5)}, "not whole"),
        ({"coefficients": np.full((5, 600), 2.0**24)}, "2\\^53"),
        ({"shift": np.full(5, 53)}, "shift"),
        ({"scale": np.zeros(5, np.int64)}, "scale"),
        ({"caps": np.full(5, WHOLE + 1)}, "cap"),
        ({"gamma": -1}, "gamma"),
        ({"epsilon": WHOLE + 1}, "epsilon"),
        ({"grain": np.zeros(4, np.int64)}, "each arm"),
    ],
)
def test_a_board_out_of_range_is_refused(change, why):
    board, _ = world(1)
    with pytest.raises(ValueError, match=why):
        dataclasses.replace(board, **change)
