"""Proofs are a real cover: every branch is shown where that can be, none is needless, what is missing is said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.check.proof_cover import WEIGHTS, Cover, Feature, cover

KINDS = [kind for kind in WEIGHTS if kind != "branch"]


@st.composite
def runs(draw: st.DrawFn) -> dict[Feature, np.ndarray]:
    """Messages of some branches, with features of other kinds strewn over them."""
    branches = draw(st.lists(st.integers(0, 11), min_size=1, max_size=60))
    rows = st.lists(st.integers(0, len(branches) - 1), max_size=8, unique=True)
    found = {
        Feature(kind="branch", words=str(one)): np.flatnonzero(np.array(branches) == one)
        for one in sorted(set(branches))
    }
    for number, (kind, some) in enumerate(draw(st.lists(st.tuples(st.sampled_from(KINDS), rows), max_size=30))):
        found[Feature(kind=kind, words=f"w{number}")] = np.array(sorted(some), dtype=np.int64)
    return found


def made(features: dict[Feature, np.ndarray], *, most: int) -> Cover:
    size = 1 + max(int(rows.max()) for rows in features.values() if rows.size)
    return cover(features, rank=np.arange(size)[::-1].copy(), most=most)


@settings(max_examples=300, deadline=None)
@given(features=runs(), most=st.integers(1, 14))
def test_every_branch_is_shown_where_there_are_no_more_than_proofs(
    features: dict[Feature, np.ndarray], most: int
) -> None:
    done = made(features, most=most)
    branches = {feature for feature in features if feature.kind == "branch"}
    missing = branches & set(done.uncovered)
    assert len(done.chosen) <= most
    assert len(missing) == max(0, len(branches) - most)


@settings(max_examples=300, deadline=None)
@given(features=runs(), most=st.integers(1, 14))
def test_what_is_said_to_be_shown_is_shown_and_what_is_missing_is_said(
    features: dict[Feature, np.ndarray], most: int
) -> None:
    done = made(features, most=most)
    there = {feature for feature, rows in features.items() if rows.size}
    told = [feature for _, shown in done.chosen for feature in shown]
    assert len(told) == len(set(told))
    assert set(told) | set(done.uncovered) == there
    assert not set(told) & set(done.uncovered)
    assert all(row in features[feature] for row, shown in done.chosen for feature in shown)
    chosen = [row for row, _ in done.chosen]
    assert all(not set(chosen) & set(features[feature].tolist()) for feature in done.uncovered)
    for row in chosen:
        others = set(chosen) - {row}
        assert any(row in rows and not others & set(rows.tolist()) for rows in features.values()), "a needless proof"
    if done.uncovered:
        assert len(chosen) == most


@settings(max_examples=100, deadline=None)
@given(features=runs(), most=st.integers(1, 14), seed=st.randoms(use_true_random=False))
def test_the_order_of_rows_and_features_does_not_matter(
    features: dict[Feature, np.ndarray], most: int, seed: object
) -> None:
    size = 1 + max(int(rows.max()) for rows in features.values() if rows.size)
    turned = np.array(seed.sample(range(size), size), dtype=np.int64)  # type: ignore[attr-defined] # hypothesis' Random
    moved = {f: np.sort(turned[rows]) for f, rows in sorted(features.items(), reverse=True) if rows.size}
    rank = np.empty(size, dtype=np.int64)
    rank[turned] = np.arange(size)
    here = cover(features, rank=np.arange(size), most=most)
    there = cover(moved, rank=rank, most=most)
    assert [(int(turned[row]), shown) for row, shown in here.chosen] == list(there.chosen)
    assert here.uncovered == there.uncovered


def test_branches_come_before_all_else_when_room_is_short() -> None:
    """Three branches, three proofs; the heavy risks all sit in one branch, worked out by hand."""
    features = {
        Feature(kind="branch", words="a"): np.array([0, 1, 2]),
        Feature(kind="branch", words="b"): np.array([3]),
        Feature(kind="branch", words="c"): np.array([4]),
        Feature(kind="risk", words="x"): np.array([0]),
        Feature(kind="risk", words="y"): np.array([1]),
        Feature(kind="level", words="z"): np.array([2]),
    }
    done = cover(features, rank=np.arange(5), most=3)
    assert [row for row, _ in done.chosen] == [2, 3, 4]
    assert [feature.words for feature in done.uncovered] == ["x", "y"]
    assert [row for row, _ in cover(features, rank=np.arange(5), most=5).chosen] == [2, 0, 1, 3, 4]


def test_a_kind_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'mood' is no kind of feature"):
        Feature(kind="mood", words="x")
