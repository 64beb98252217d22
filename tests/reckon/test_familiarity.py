"""Familiarity stays in [0, 1], rises with both parts, and finds the customers who stay."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.reckon import relationship
from tactful.reckon.familiarity import familiarity
from tactful.reckon.relationship import Relationship
from tactful.reckon.worlds import RetailWorld
from tactful.words.errors import Misuse


@given(st.floats(0, 1e6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_it_lies_in_0_1_and_rises_with_both_parts(expected: float, answered: int, contacts: int) -> None:
    here = familiarity([expected], answered=[answered], contacts=[contacts])
    assert 0 <= here.value[0] <= 1
    assert here.value[0] == here.relationship[0] * here.reciprocity[0]
    assert familiarity([expected + 1], answered=[answered], contacts=[contacts]).value[0] >= here.value[0]
    assert familiarity([expected], answered=[answered + 1], contacts=[contacts]).value[0] >= here.value[0]
    assert familiarity([expected], answered=[answered], contacts=[contacts + 1]).value[0] <= here.value[0]


def test_planted_familiarity_is_found() -> None:
    seen = RetailWorld().customers(5000, seed=11)
    known = relationship.fit(seen.frequency, seen.recency, age=seen.age)
    assert isinstance(known, Relationship)
    history = {"frequency": seen.frequency, "recency": seen.recency, "age": seen.age}
    coming = relationship.expected_transactions(known, **history, t=52)
    found = familiarity(coming, answered=seen.frequency, contacts=np.full(5000, 12)).value
    top, bottom = np.argsort(-found)[:500], np.argsort(found)[:500]
    assert seen.coming[top].mean() > 5 * max(seen.coming[bottom].mean(), 0.1)


def test_missing_counts_are_refused() -> None:
    wrong = [
        ([-1.0], [0], "negative"),
        ([1.0], [-1], "negative"),
        ([1.0], [0, 1], "length"),
        ([np.nan], [0], "missing"),
    ]
    for expected, answered, why in wrong:
        with pytest.raises(Misuse, match=why):
            familiarity(expected, answered=answered, contacts=[0])
    with pytest.raises(Misuse, match="prior"):
        familiarity([1.0], answered=[0], contacts=[0], alpha=0)
