"""The greedy pass: by hand, compiled as plain, ties to the first, nothing where nothing is above 0."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.reckon import compiled, greedy


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1 << 30), arms=st.integers(1, 20), workers=st.integers(1, 3))
def test_the_best_is_the_first_of_the_highest_above_nothing(seed, arms, workers):
    rng = np.random.default_rng(seed)
    blocks = rng.integers(-5, 9, (4, arms, 16)).astype(np.int32)
    blocks[rng.random(blocks.shape) < 0.4] = greedy.CLOSED
    price = rng.integers(-3, 4, arms)
    found = greedy.best(blocks, price=price, workers=workers)
    for block in range(4):
        for row in range(16):
            gains = [0, *(int(v) - int(p) for v, p in zip(blocks[block, :, row], price, strict=True))]
            assert found[block, row] == gains.index(max(gains))


@pytest.mark.skipif(not compiled.is_there(), reason="needs the extra `fast`")
def test_the_plain_way_gives_the_same():
    rng = np.random.default_rng(2)
    blocks, price = rng.integers(-(1 << 29), 1 << 29, (3, 27, 64)).astype(np.int32), rng.integers(0, 1 << 28, 27)
    plain = np.empty((3, 64), dtype=np.int16)
    greedy._plain(blocks, price.astype(np.int32), plain, 0, 3)
    assert np.array_equal(plain, greedy.best(blocks, price=price))


def test_a_price_out_of_range_is_refused():
    with pytest.raises(ValueError, match="2\\^30"):
        greedy.best(np.zeros((1, 2, 4), np.int32), price=np.array([1, 1 << 30]))
