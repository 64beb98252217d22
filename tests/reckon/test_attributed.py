"""Sums over links and whose doing they are, against plain loops; lists that differ, against their own rules."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from tactful.reckon import attributed
from tactful.reckon.few_reasons import Spoken, carried, carriers
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
@given(st.integers(0, 10_000), st.integers(1, 5), st.sampled_from([None, 1, 2]))
def test_a_list_keeps_what_it_must_and_takes_the_best_first(seed: int, count: int, most: int | None) -> None:
    rng = np.random.default_rng(seed)
    candidates = np.stack([rng.permutation(12)[:8] for _ in range(6)])
    candidates[0, 5:] = -1
    mix = mixed(rng, count=count, most=most)
    taken, passed = picked(candidates, mix=mix)
    assert (np.diff(np.where(taken < 0, 99, taken), axis=1) >= 0).all()
    for row, places in enumerate(taken):
        keeps_what_it_must(candidates[row], places, mix=mix)
        assert 0 <= passed[row] <= (candidates[row] >= 0).sum() - (places >= 0).sum()


def mixed(rng: np.random.Generator, *, count: int, most: int | None) -> Mix:
    one, other = rng.integers(0, 12, size=(2, 6))
    pairs = np.unique([a * 12 + b for a, b in zip([*one, *other], [*other, *one], strict=True) if a != b])
    return Mix(count=count, most_of_kind=most, kinds=rng.integers(-1, 3, size=12), alike=pairs.astype(np.int64))


def keeps_what_it_must(candidates: np.ndarray, places: np.ndarray, *, mix: Mix) -> None:
    got = [int(candidates[place]) for place in places if place >= 0]
    assert -1 not in got
    assert len(set(got)) == len(got)
    assert not {a * 12 + b for a in got for b in got} & set(mix.alike.tolist())
    of_kind = [int(mix.kinds[thing]) for thing in got if mix.kinds[thing] >= 0]
    assert mix.most_of_kind is None or all(of_kind.count(kind) <= mix.most_of_kind for kind in of_kind)


def few(seed: int, *, count: int, reasons: int, most: int | None) -> tuple[np.ndarray, ...]:
    """A small world, ranked; what few sources carry in it; and what every source adds to every candidate."""
    rng = np.random.default_rng(seed)
    held = rng.integers(0, 4, size=(5, 12)) * (rng.random((5, 12)) < 0.4)
    links = rng.integers(1, 60, size=(12, 12)) * (rng.random((12, 12)) < 0.4)
    parts = attributed.said(sparse.csr_array(held), sparse.csr_array(links))
    order = attributed.totals(parts, rows=5, things=12)
    candidates = np.argsort(-order, axis=1, kind="stable")[:, :9]
    worth = np.take_along_axis(order, candidates, axis=1)
    candidates = np.where(worth > 0, candidates, -1)
    mix = mixed(rng, count=count, most=most)
    spoken = Spoken.of(parts, candidates, worth=worth, kinds=mix.kinds)
    chosen = carriers(spoken, rows=5, mix=mix, reasons=reasons)
    found = carried(candidates, spoken=spoken, mix=mix, reasons=reasons, least=count)
    return (candidates, worth, held[:, :, None] * links[None], mix, chosen, *found)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(1, 3), st.sampled_from([None, 1, 2]))
def test_few_reasons_carry_a_list_and_each_really_speaks_for_its_thing(
    seed: int, count: int, reasons: int, most: int | None
) -> None:
    candidates, _, says, mix, _, taken, _, sources = few(seed, count=count, reasons=reasons, most=most)
    for row, places in enumerate(taken):
        keeps_what_it_must(candidates[row], places, mix=mix)
        named = [int(sources[row, place]) for place in places if place >= 0]
        assert -1 not in named
        assert len(set(named)) <= reasons
        for place, source in zip(places[places >= 0], named, strict=True):
            thing = candidates[row, place]
            assert says[row, source, thing] == max(says[row, one, thing] for one in set(named)) > 0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(1, 3), st.sampled_from([None, 1, 2]))
def test_each_further_reason_is_the_one_that_adds_most(seed: int, count: int, reasons: int, most: int | None) -> None:
    candidates, worth, says, mix, chosen, *_ = few(seed, count=count, reasons=reasons, most=most)

    def brings(row: int, sources: list[int]) -> float:
        """Worth of the list of these sources, by a plain loop."""
        total, got = 0.0, []
        for thing, one in zip(candidates[row], worth[row], strict=True):
            kind = int(mix.kinds[thing])
            full = most is not None and kind >= 0 and got.count(kind) >= most
            if thing >= 0 and not full and len(got) < count and any(says[row, s, thing] > 0 for s in sources):
                got.append(kind)
                total += float(one)
        return total

    for row in range(5):
        before: list[int] = []
        for source in chosen[row].tolist():
            others = [one for one in range(12) if one not in before and brings(row, [one])]
            if source < 0:
                assert not others
                break
            assert source == max(others, key=lambda one: (brings(row, [*before, one]), -one))
            before.append(source)


def test_where_things_alike_leave_too_few_another_reason_is_tried() -> None:
    """Source 0 brings the two best things, which are alike; source 1 two others."""
    held = sparse.csr_array(np.array([[1, 1, 0, 0, 0, 0]]))
    links = np.zeros((6, 6), np.int64)
    links[0, [2, 3]], links[1, [4, 5]] = (9, 8), (3, 2)
    parts = attributed.said(held, sparse.csr_array(links))
    candidates, worth = np.array([[2, 3, 4, 5]]), np.array([[9.0, 8.0, 3.0, 2.0]])
    mix = Mix(count=2, kinds=np.full(6, -1), alike=np.array([2 * 6 + 3, 3 * 6 + 2]))
    spoken = Spoken.of(parts, candidates, worth=worth, kinds=mix.kinds)
    for least, shown in ((1, [[0, -1]]), (2, [[2, 3]])):
        assert carried(candidates, spoken=spoken, mix=mix, reasons=1, least=least)[0].tolist() == shown
