"""Sums over links and whose doing they are, against plain loops; lists that differ, against their own rules."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from tactful.reckon import attributed
from tactful.reckon.mixed_list import Mix, picked


def world(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    held = rng.integers(0, 4, size=(5, 9)) * (rng.random((5, 9)) < 0.4)
    links = rng.integers(0, 6, size=(9, 9)) * (rng.random((9, 9)) < 0.5)
    return held.astype(np.int64), links.astype(np.int64)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_sums_are_the_product_and_the_leader_adds_most(seed: int) -> None:
    held, links = world(seed)
    parts = attributed.said(sparse.csr_array(held), sparse.csr_array(links))
    assert np.array_equal(attributed.totals(parts, rows=5, things=9), held @ links)
    lists = np.tile(np.arange(9), (5, 1))
    found = attributed.leading(parts, lists, things=9)
    for row in range(5):
        amounts = held[row][:, None] * links
        for thing in range(9):
            best = int(amounts[:, thing].argmax()) if amounts[:, thing].max() > 0 else -1
            assert found[row, thing] == best


def test_nothing_held_is_nothing_said() -> None:
    _, links = world(1)
    parts = attributed.said(sparse.csr_array((3, 9), dtype=np.int64), sparse.csr_array(links))
    found = attributed.totals(parts, rows=3, things=9)
    assert (found.dtype, found.any()) == (np.float64, False)
    assert (attributed.leading(parts, np.zeros((3, 2), np.int64), things=9) == -1).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.sampled_from([None, 1, 2]), st.sampled_from([None, 1, 2]))
def test_a_list_keeps_what_it_must_and_takes_the_best_first(seed: int, count: int, reasons: int | None,
                                                            most: int | None) -> None:  # fmt: skip
    rng = np.random.default_rng(seed)
    candidates = np.stack([rng.permutation(12)[:8] for _ in range(6)])
    candidates[0, 5:] = -1
    sources = rng.integers(0, 4, size=candidates.shape)
    one, other = rng.integers(0, 12, size=(2, 6))
    pairs = np.unique([a * 12 + b for a, b in zip([*one, *other], [*other, *one], strict=True) if a != b])
    kinds = rng.integers(-1, 3, size=12)
    mix = Mix(count=count, reasons=reasons, most_of_kind=most, kinds=kinds, alike=pairs.astype(np.int64))
    taken, passed = picked(candidates, sources=sources, mix=mix)
    assert (np.diff(np.where(taken < 0, 99, taken), axis=1) >= 0).all()
    for row, places in enumerate(taken):
        got = [int(candidates[row, place]) for place in places if place >= 0]
        assert -1 not in got
        assert len(set(got)) == len(got)
        assert not {a * 12 + b for a in got for b in got} & set(pairs.tolist())
        assert reasons is None or len({int(sources[row, place]) for place in places if place >= 0}) <= reasons
        of_kind = [int(kinds[thing]) for thing in got if kinds[thing] >= 0]
        assert most is None or all(of_kind.count(kind) <= most for kind in of_kind)
        assert 0 <= passed[row] <= (candidates[row] >= 0).sum() - len(got)
