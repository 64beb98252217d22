"""The arithmetic of recommending, against numbers worked by hand and against the definitions written out."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from tactful.reckon import calibration, ranking, spectrum, title_words
from tactful.reckon.following import followed
from tactful.reckon.item_regression import regression
from tactful.reckon.pair_counts import gram, likeness, strongest
from tactful.words.errors import Misuse

small = st.integers(0, 3).map(float)


@given(arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 70)), elements=small), st.integers(1, 25))
def test_the_best_are_those_of_a_full_sort_with_ties_by_number(scores: np.ndarray, count: int) -> None:
    columns = np.arange(scores.shape[1])
    expected = [np.lexsort((columns, -row))[:count].tolist() for row in scores]
    assert ranking.best(scores, count=count).tolist() == expected


def test_what_may_not_be_shown_is_never_among_the_best() -> None:
    scores = np.array([[-np.inf, 1.0, -np.inf], [-np.inf] * 3], np.float32)
    assert ranking.best(scores, count=2).tolist() == [[1, -1], [-1, -1]]


def test_measures_of_one_list_by_hand() -> None:
    hit = np.array([[False, True, False, True, False]])
    sizes = np.array([3])
    ideal = 1 + 1 / math.log2(3) + 1 / 2
    assert ranking.recall(hit, sizes=sizes)[0] == pytest.approx(2 / 3)
    assert ranking.gain(hit, sizes=sizes)[0] == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)
    assert ranking.precision(hit, sizes=sizes)[0] == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert ranking.reciprocal_rank(hit)[0] == 0.5


def test_no_truth_is_no_hit() -> None:
    assert not ranking.hits(np.array([[0, 1]]), truth_keys=np.zeros(0, int), rows=np.array([0]), columns=2).any()


def test_grams_of_parts_add_up_to_the_gram_of_all() -> None:
    rows = sparse.csr_array(np.random.default_rng(0).integers(0, 2, (30, 6)))
    assert (gram(rows[:11]) + gram(rows[11:]) - gram(rows)).nnz == 0


def test_the_regression_is_the_published_closed_form() -> None:
    rows = np.random.default_rng(1).integers(0, 2, (50, 8))
    words = np.random.default_rng(2).random((8, 3))
    inverse = np.linalg.inv(rows.T @ rows + 0.7 * words @ words.T + 3 * np.eye(8))
    expected = np.eye(8) - inverse / np.diag(inverse)
    found = regression(rows.T @ rows, ridge=3, content=words @ words.T, content_weight=0.7)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert (np.diag(found) == 0).all()
    with pytest.raises(Misuse, match="ridge"):
        regression(rows.T @ rows, ridge=0)


def test_likeness_is_its_definition_however_it_is_cut_into_blocks() -> None:
    rows = sparse.csr_array(np.random.default_rng(3).integers(0, 2, (40, 9)))
    dense = rows.toarray()
    count, size = dense.sum(axis=0), np.maximum(dense.sum(axis=1), 1)
    pairs = (dense / size[:, None] ** 0.5).T @ dense
    expected = pairs / np.outer((count + 2) ** 0.7, (count + 2) ** 0.3)
    np.fill_diagonal(expected, 0)
    found = likeness(rows, powers=(0.7, 0.3, 0.5), shrinkage=2, keep=9)
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-4)
    cut = likeness(rows, powers=(0.7, 0.3, 0.5), shrinkage=2, keep=9, at_once=50)
    assert (cut - found).nnz == 0


def test_an_item_that_nobody_chose_has_no_neighbours_and_breaks_nothing() -> None:
    rows = sparse.csr_array(np.array([[0, 1, 0, 1, 0], [0, 1, 0, 1, 0]]))
    found = likeness(rows, powers=(0.5, 0.5, 0), shrinkage=0, keep=3).toarray()
    assert found[1, 3] == pytest.approx(1)
    assert np.count_nonzero(found) == 2


def test_the_strongest_of_each_row_stay_whatever_their_number() -> None:
    made = strongest(sparse.csr_array(np.array([[1.0, 2.0, 3.0], [0.0, 5.0, 0.0]])), keep=2)
    assert made.toarray().tolist() == [[0, 2, 3], [0, 5, 0]]


def test_what_follows_counts_both_ways_within_one_occasion() -> None:
    made = followed(np.array([0, 4]), np.array([0, 1, 2, 0]), steps=np.array([0, 0, 1, 2]), kinds=3, decay=0.5, back=0)
    unit = 65_536 / 2  # over the root of four
    assert made.toarray().tolist() == [[0, unit, unit], [unit + unit / 2, 0, unit], [unit, 0, 0]]


def test_directions_are_those_of_the_full_decomposition() -> None:
    table = np.random.default_rng(4).random((60, 40)).astype(np.float32)
    values, vectors = spectrum.directions(sparse.csr_array(table), rank=5)
    exact, space = np.linalg.eigh(table.T @ table)
    np.testing.assert_allclose(values, exact[::-1][:5], rtol=1e-3)
    project = space[:, ::-1][:, :5]
    np.testing.assert_allclose(np.abs(vectors.T @ project), np.eye(5), atol=0.02)


def test_directions_of_a_table_without_so_many_are_zero_beyond() -> None:
    values, _ = spectrum.directions(sparse.csr_array(np.ones((5, 4), np.float32)), rank=3)
    assert values[0] == pytest.approx(20, rel=1e-4)
    assert np.abs(values[1:]).max() < 1e-3


def test_words_that_all_or_one_alone_have_say_nothing() -> None:
    made = title_words.weights([["set", "red"], ["set", "red"], ["set", "only"], []])
    assert made.shape == (4, 1)
    assert made.toarray().tolist() == [[1], [1], [0], [0]]


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(0, 20)), min_size=1, max_size=30))
def test_pooled_rates_rise_and_keep_the_sum(counts: list[tuple[int, int]]) -> None:
    seen = np.array([n for n, _ in counts])
    happened = np.array([min(n, k) for n, k in counts])
    rates = calibration.pooled(seen, happened)
    assert (np.diff(rates) >= -1e-12).all()
    assert float(rates @ seen) == pytest.approx(float(happened.sum()))


def test_calibration_learns_a_known_truth() -> None:
    rng = np.random.default_rng(5)
    score = rng.random(40_000)
    outcome = rng.random(40_000) < score**2
    steps = calibration.counted(score, outcome)
    assert np.abs(steps.chances(score) - score**2).mean() < 0.02
    assert calibration.error(steps.chances(score), outcome) < 0.01
    assert calibration.error(score, outcome) > 0.1
    twice = steps.merged(steps)
    assert np.array_equal(twice.seen, 2 * steps.seen)
    with pytest.raises(Misuse, match="bins differ"):
        steps.merged(calibration.counted(score[:100], outcome[:100]))


def test_the_logistic_finds_the_coefficients_it_was_drawn_from() -> None:
    rng = np.random.default_rng(6)
    x = np.column_stack([np.ones(50_000), rng.standard_normal(50_000)])
    outcome = rng.random(50_000) < 1 / (1 + np.exp(-(x @ [-1, 0.5])))
    np.testing.assert_allclose(calibration.logistic(x, outcome), [-1, 0.5], atol=0.05)
