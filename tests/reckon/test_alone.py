"""One row in whole numbers of Python: a worked example, and the plain reference's bits in any world."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reckon.test_drawing import reference, same, world
from tactful.reckon import alone, drawing
from tactful.reckon.board import Answer, Board, People, words_of
from tactful.reckon.chance import WHOLE
from tactful.words.errors import Misuse


def ask(board: Board, people: People) -> Answer:
    found = Answer.empty(len(people))
    alone.decide(board, people, answer=found)
    return found


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1 << 30), arms=st.sampled_from([1, 2, 5, 64, 65, 130]), width=st.integers(0, 5))
def test_rows_alone_have_the_bits_of_the_plain_reference_in_any_world(seed, arms, width):
    board, people = world(seed, rows=20, arms=arms, width=width)
    assert same(ask(board, people), reference(board, people))


def test_few_rows_have_the_bits_they_have_among_many():
    board, people = world(11, rows=200, arms=20, width=8, gamma=20 << 10, epsilon=WHOLE // 10)
    whole = drawing.draw(board, people, fast=False)
    for start in range(0, 200, 2):
        assert same(drawing.draw(board, people.slice(start, start + 2), fast=False), whole.slice(start, start + 2))


def test_a_worked_row():
    board = Board(
        base=np.array([[100], [50], [0], [900]]), grain=np.full(4, -1), coefficients=np.zeros((4, 0)),
        shift=np.zeros(4, np.int64), scale=np.full(4, 100), caps=np.full(4, WHOLE), gamma=4 << 10, epsilon=WHOLE,
    )  # fmt: skip
    # three may be chosen: 3 + 4 * 0.5 and 3 + 4 * 1, so a fifth, a seventh, and the rest for the best
    fifth, seventh = WHOLE // 5, WHOLE // 7
    edges = [0, WHOLE - fifth - seventh - 1, WHOLE - fifth - seventh, WHOLE - seventh - 1, WHOLE - seventh, WHOLE - 1]
    people = People(
        features=np.zeros((6, 0), np.int64), cells=np.zeros((0, 6), np.int64),
        may=words_of(np.array([[True, True, True, False]] * 6)), chance=np.array(edges),
    )  # fmt: skip
    found = ask(board, people)
    assert found.arm.tolist() == [0, 0, 1, 1, 2, 2]
    assert found.propensity.tolist() == [WHOLE - fifth - seventh] * 2 + [fifth] * 2 + [seventh] * 2
    assert found.score.tolist() == [100, 100, 50, 50, 0, 0]
    assert found.best.tolist() == [0] * 6


def test_what_cannot_be_asked_is_refused_alone_as_among_many():
    board, people = world(1, rows=1)
    more = {name: getattr(people, name) for name in ("features", "cells", "may", "chance")}
    for name, wrong, why in (
        ("may", np.zeros_like(people.may), "no eligible arm"),
        ("features", people.features * 0 + (1 << 20) + 1, "2\\^20"),
        ("chance", people.chance + WHOLE, "chance"),
        ("features", people.features[:, :2], "features"),
    ):
        with pytest.raises(Misuse, match=why):
            drawing.draw(board, People(**(more | {name: wrong})), fast=False)
