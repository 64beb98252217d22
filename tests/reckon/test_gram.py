"""Sums are the same in any order and split, and erasing a person leaves no trace."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.reckon import gram
from tactful.words.errors import Misuse


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 60), st.integers(1, 6), st.integers(0, 2**32), st.data())
def test_any_order_and_split_gives_the_same_bits_and_python_agrees(
    n: int, d: int, seed: int, data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.integers(-(1 << 20), (1 << 20) + 1, (n, d)), rng.integers(-(1 << 24), (1 << 24) + 1, n)
    whole = gram.lift(x, y)
    order = rng.permutation(n)
    cut = data.draw(st.integers(0, n))
    parts = [gram.lift(x[order[:cut]], y[order[:cut]]), gram.lift(x[order[cut:]], y[order[cut:]])]
    assert gram.merge(*parts) == gram.merge(*parts[::-1]) == whole
    assert hash(gram.merge(*parts)) == hash(whole)
    assert gram.erase(whole, parts[0]) == parts[1]
    rows = [([int(v) for v in r], int(t)) for r, t in zip(x, y, strict=True)]
    assert whole.xx.tolist() == [[sum(r[i] * r[j] for r, _ in rows) for j in range(d)] for i in range(d)]
    assert whole.xy.tolist() == [sum(r[i] * t for r, t in rows) for i in range(d)]
    assert (whole.count, whole.y, whole.yy) == (n, sum(t for _, t in rows), sum(t * t for _, t in rows))


def test_blocks_of_extremes_stay_exact() -> None:
    x, y = np.full((10_000, 1), 1 << 20), np.full(10_000, -(1 << 24))
    found = gram.lift(x, y)
    assert (found.xx[0, 0], found.xy[0], found.yy) == (10_000 << 40, -(10_000 << 44), 10_000 << 48)
    assert gram.erase(found, found) == gram.Gram.empty(1)


def test_overflow_and_erasing_what_was_never_added_are_refused() -> None:
    big = gram.lift(np.full((4000, 1), 1 << 20), np.zeros(4000))
    with pytest.raises(Misuse, match="passes int64"):
        for _ in range(60):
            big = gram.merge(big, big)
    with pytest.raises(Misuse, match="rows to erase"):
        gram.erase(gram.lift([[1]], [1]), gram.lift([[1], [1]], [1, 1]))
    with pytest.raises(Misuse, match="had not been added"):
        gram.erase(gram.lift([[1]], [1]), gram.lift([[5]], [1]))


def test_numbers_beyond_their_limit_are_refused() -> None:
    with pytest.raises(Misuse, match="features"):
        gram.lift([[(1 << 20) + 1]], [0])
    with pytest.raises(Misuse, match="outcomes"):
        gram.lift([[1]], [0.5])
    with pytest.raises(Misuse, match="do not meet"):
        gram.lift([[1]], [0, 1])
    with pytest.raises(Misuse, match="widths"):
        gram.merge(gram.Gram.empty(1), gram.Gram.empty(2))
