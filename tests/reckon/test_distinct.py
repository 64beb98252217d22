"""Numbers in order, each once, are what a set says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.reckon.distinct import distinct

LOW, HIGH = -(2**63), 2**63 - 1


@given(numbers=st.lists(st.one_of(st.integers(-3, 3), st.integers(LOW, HIGH))))
def test_each_number_once_and_in_order(numbers: list[int]) -> None:
    assert distinct(np.array(numbers, np.int64)).tolist() == sorted(set(numbers))


@pytest.mark.parametrize("kind", [np.int64, np.uint64])
def test_the_kind_of_number_and_what_was_given_stay(kind: type) -> None:
    given_ = np.array([5, 2, 5], kind)
    assert distinct(given_).dtype == kind
    assert given_.tolist() == [5, 2, 5]
