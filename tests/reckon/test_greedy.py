"""The greedy pass: by hand, compiled as plain, ties to the first, nothing where nothing is above 0."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.reckon import compiled, greedy, hard_pass
from tactful.reckon.worth import Worth


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
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1 << 30), arms=st.integers(1, 40))
def test_the_plain_way_gives_the_same(seed, arms):
    rng = np.random.default_rng(seed)
    blocks = rng.integers(-(1 << 29), 1 << 29, (3, arms, 70)).astype(np.int32)
    blocks[rng.random(blocks.shape) < 0.3] = greedy.CLOSED
    blocks[1] >>= 27
    price = rng.integers(-(1 << 28), 1 << 28, arms) * rng.integers(0, 2, arms)
    with compiled.taking(loops=False):
        plain = greedy.best(blocks, price=price)
    with compiled.taking(loops=True):
        assert np.array_equal(plain, greedy.best(blocks, price=price))


def test_it_chooses_what_the_pass_with_margins_chooses():
    rng = np.random.default_rng(7)
    worth = Worth.of(rng.integers(-50, 90, (3_000, 9)), eligible=rng.random((3_000, 9)) < 0.6)
    price = rng.integers(0, 1 << 26, 9)
    chosen = hard_pass.choose(worth, price=price, own=np.zeros(0, np.int64))
    assert np.array_equal(greedy.best(worth.blocks, price=price).ravel()[: worth.rows], chosen.arm)


def test_a_price_out_of_range_is_refused():
    with pytest.raises(ValueError, match="2\\^30"):
        greedy.best(np.zeros((1, 2, 4), np.int32), price=np.array([1, 1 << 30]))
