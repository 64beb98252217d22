"""Scores equal the product over Python integers, in any block; what cannot be exact is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.reckon import exact
from tactful.words.errors import Misuse


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 511), st.integers(1, 9), st.integers(0, 2**32), st.data())
def test_scores_equal_python_integers_in_any_block(n: int, d: int, k: int, seed: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    features = rng.integers(-(1 << 20), (1 << 20) + 1, (n, d))
    coefficients = rng.integers(-(1 << 24), (1 << 24) + 1, (k, d))
    truth = [[sum(int(a) * int(b) for a, b in zip(x, c, strict=True)) for c in coefficients] for x in features]
    assert exact.scores(features, coefficients).tolist() == truth
    cut = data.draw(st.integers(0, n))
    parts = [exact.scores(part, coefficients) for part in (features[:cut], features[cut:])]
    assert np.concatenate(parts).tolist() == truth


def test_the_extreme_of_the_limits_is_exact() -> None:
    features = np.full((3, 511), 1 << 20)
    coefficients = np.full((2, 511), 1 << 24)
    coefficients[1, ::2] *= -1
    assert exact.scores(features, coefficients)[0].tolist() == [511 << 44, -(1 << 44)]


def test_wide_but_small_coefficients_are_allowed_and_wide_large_ones_refused() -> None:
    features = np.full((1, 4096), -(1 << 20))
    assert exact.scores(features, np.ones((1, 4096))).tolist() == [[-(1 << 32)]]
    with pytest.raises(Misuse, match=r"arm 1.*may pass 2\^53"):
        exact.scores(features, np.stack([np.ones(4096), np.full(4096, 1 << 24)]))


@pytest.mark.parametrize(
    ("features", "coefficients", "why"),
    [
        ([[0.5]], [[1]], "not a whole number"),
        ([[float("nan")]], [[1]], "not a number"),
        ([[(1 << 20) + 1]], [[1]], "beyond"),
        ([[1]], [[(1 << 24) + 1]], "beyond"),
        ([[1, 2]], [[1]], "do not meet"),
    ],
)
def test_what_is_not_exact_is_refused(features: object, coefficients: object, why: str) -> None:
    with pytest.raises(Misuse, match=why):
        exact.scores(features, coefficients)  # type: ignore[arg-type]


@given(st.lists(st.floats(-1e6, 1e6), max_size=30), st.integers(1, 1 << 16))
def test_quantise_rounds_to_half_a_unit_and_counts_what_it_clips(values: list[float], scale: int) -> None:
    found = exact.quantise(values, scale=scale)
    real = np.array(values)
    inside = np.abs(np.rint(real * scale)) <= exact.FEATURE_LIMIT
    assert found.clipped == int((~inside).sum())
    assert (np.abs(found.values[inside] - real[inside] * scale) <= 0.5).all()
    assert (np.abs(found.values) <= exact.FEATURE_LIMIT).all()


def test_quantise_refuses_values_that_do_not_exist() -> None:
    with pytest.raises(Misuse, match=r"position 1.*not finite"):
        exact.quantise([1.0, float("nan")], scale=8)
    with pytest.raises(Misuse, match="scale"):
        exact.quantise([1.0], scale=0)
