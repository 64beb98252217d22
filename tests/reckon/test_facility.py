"""Which variants to open: hand-worked cases, every set tried on small ones, the certificate, and what stands."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tactful.reckon.facility import Part, choose
from tactful.reckon.facility_bound import bounded
from tactful.words.errors import Misuse

HAND = np.array([[9, 0, 6], [8, 1, 6], [0, 7, 6], [1, 9, 6]])


def value_of(worth: np.ndarray, *, cost: list[int], opened: tuple[int, ...], people: np.ndarray) -> int:
    gross = int(np.maximum(worth[:, list(opened)].max(axis=1), 0) @ people) if opened else 0
    return gross - sum(cost[v] for v in opened)


def best_of_all(worth: np.ndarray, *, cost: list[int], people: np.ndarray) -> int:
    m = worth.shape[1]
    sets = (s for size in range(m + 1) for s in combinations(range(m), size))
    return max(value_of(worth, cost=cost, opened=s, people=people) for s in sets)


def relaxed(worth: np.ndarray, *, cost: list[int], people: np.ndarray) -> float:
    """The strong linear relaxation itself, written out, by HiGHS."""
    n, m = worth.shape
    gain = np.maximum(worth, 0) * people[:, None]
    once = np.zeros((n, n * m + m))
    for i in range(n):
        once[i, i * m : (i + 1) * m] = 1
    opened = np.hstack([np.eye(n * m), -np.tile(np.eye(m), (n, 1))])
    found = linprog(
        np.concatenate([-gain.ravel(), cost]),
        A_ub=np.vstack([once, opened]),
        b_ub=np.concatenate([np.ones(n), np.zeros(n * m)]),
        bounds=(0, 1),
        method="highs",
    )
    return float(-found.fun)


def test_one_variant_for_everybody_where_two_of_their_own_cost_too_much():
    def found(cost: list[int]) -> tuple[tuple[int, ...], int]:
        chosen = choose([Part.of(HAND)], cost=cost)
        return chosen.open, chosen.value

    assert found([2, 2, 2]) == ((0, 1), 9 + 8 + 7 + 9 - 4)
    assert found([6, 6, 6]) == ((0, 1), 21)
    assert found([8, 8, 6]) == ((2,), 18)
    assert found([90, 90, 90]) == ((), 0)


def test_what_a_variant_adds_is_what_it_would_take_away():
    chosen = choose([Part.of(HAND)], cost=[2, 2, 2])
    # Closing 0 leaves 0, 1, 7, 9: takes 16 away; closing 1 leaves 9, 8, 0, 1: takes 15; opening 2 adds nothing.
    assert chosen.gain.tolist() == [16, 15, 0]
    none = choose([Part.of(HAND)], cost=[90, 90, 90])
    assert none.gain.tolist() == [18, 17, 24]


def test_an_exchange_is_found_that_no_single_step_leads_to():
    # Greedy opens the middle one (30) first; the best are the two ends (2 x 20 - 2 x 4 = 32 against 30 - 4 = 26).
    worth = np.array([[20, 15, 0], [0, 15, 20]])
    chosen = choose([Part.of(worth)], cost=[4, 4, 4])
    assert (chosen.open, chosen.value) == ((0, 2), 32)


def test_what_stands_stays_unless_changing_gains_more_than_the_margin():
    worth = np.array([[10, 12], [10, 12]])
    part = Part.of(worth)
    assert choose([part], cost=[5, 5]).open == (1,)
    assert choose([part], cost=[5, 5], standing=[0]).open == (1,)
    assert choose([part], cost=[5, 5], standing=[0], margin=1).open == (1,), "an exchange of 4 passes twice 1"
    assert choose([part], cost=[5, 5], standing=[0], margin=2).open == (0,), "it does not pass twice 2"
    assert choose([part], cost=[21, 26], standing=[0], margin=2).open == (0,), "closing would gain 1"
    assert choose([part], cost=[23, 26], standing=[0], margin=2).open == (), "closing gains 3"
    assert choose([part], cost=[19, 23], margin=2).open == (), "opening would gain 1"


problems = st.tuples(
    st.integers(1, 7).flatmap(
        lambda n: st.integers(1, 5).flatmap(
            lambda m: st.lists(st.lists(st.integers(-5, 30), min_size=m, max_size=m), min_size=n, max_size=n)
        )
    ),
    st.lists(st.integers(0, 50), min_size=5, max_size=5),
    st.lists(st.integers(0, 4), min_size=7, max_size=7),
)


@settings(max_examples=60)
@given(problems)
def test_no_set_passes_the_bound_and_the_bound_is_the_relaxations_own(problem):
    rows, costs, counts = problem
    worth = np.array(rows)
    cost, people = costs[: worth.shape[1]], np.array(counts[: worth.shape[0]])
    part = Part.of(worth, people=people)
    chosen = choose([part], cost=cost)
    best = best_of_all(worth, cost=cost, people=people)
    assert chosen.value == value_of(worth, cost=cost, opened=chosen.open, people=people) <= best
    bound = bounded([part], cost=cost, chosen=chosen)
    exact = relaxed(worth, cost=cost, people=people)
    assert best <= bound.most
    assert bound.most <= exact + 1e-6


@settings(max_examples=60)
@given(problems, st.integers(0, 40), st.integers(0, 40))
def test_a_dearer_variant_never_opens_more_where_both_answers_are_proven(problem, one, other):
    rows, _, counts = problem
    worth = np.array(rows)
    part = Part.of(worth, people=np.array(counts[: worth.shape[0]]))
    low, high = (np.full(worth.shape[1], c) for c in sorted((one, other)))
    cheap, dear = choose([part], cost=low), choose([part], cost=high)
    assert bounded([part], cost=high, chosen=dear).most <= bounded([part], cost=low, chosen=cheap).most
    proven = [bounded([part], cost=c, chosen=got).most == got.value for c, got in ((low, cheap), (high, dear))]
    if all(proven) and one != other:
        assert len(dear.open) <= len(cheap.open)


def test_parts_and_workers_change_no_bit():
    rng = np.random.default_rng(3)
    worth = rng.integers(0, 1_000_000, (900, 12))
    cost = np.full(12, 40_000_000)
    whole = [Part.of(worth)]
    one = choose(whole, cost=cost)
    bound = bounded(whole, cost=cost, chosen=one)
    for pieces, workers in ((3, 1), (4, 2), (7, 4)):
        parts = [Part.of(piece) for piece in np.array_split(worth, pieces)]
        again = choose(parts, cost=cost, workers=workers)
        assert (again.open, again.value, again.gain.tolist()) == (one.open, one.value, one.gain.tolist())
        assert bounded(parts, cost=cost, chosen=again, workers=workers) == bound


def test_kinds_with_people_are_the_same_as_everybody_alone():
    rng = np.random.default_rng(4)
    kinds, people = rng.integers(0, 900, (40, 6)), rng.integers(0, 9, 40)
    cost = np.full(6, 3_000)
    together = choose([Part.of(kinds, people=people)], cost=cost)
    alone = choose([Part.of(np.repeat(kinds, people, axis=0))], cost=cost)
    assert (together.open, together.value) == (alone.open, alone.value)


def test_more_customers_than_the_planes_look_at_are_bounded_closely():
    rng = np.random.default_rng(5)
    taste, place = rng.normal(size=(90_000, 2)), rng.normal(size=(15, 2))
    worth = np.rint(1e4 * np.maximum(1 + 0.3 * taste @ place.T + 0.1 * rng.normal(size=(90_000, 15)), 0))
    parts = [Part.of(piece.astype(np.int64)) for piece in np.array_split(worth, 4)]
    cost = np.full(15, int(worth.max(axis=1).sum() * 0.01))
    chosen = choose(parts, cost=cost)
    bound = bounded(parts, cost=cost, chosen=chosen)
    assert 0 <= bound.gap(chosen) < 2e-3


def test_what_does_not_fit_is_refused():
    with pytest.raises(Misuse, match="whole numbers"):
        Part.of([[0.5]])
    with pytest.raises(Misuse, match="less than nobody"):
        Part.of([[1]], people=[-1])
    with pytest.raises(Misuse, match="2\\^53"):
        Part.of([[1 << 40]], people=[1 << 20])
    with pytest.raises(Misuse, match="different variants"):
        choose([Part.of([[1, 2]])], cost=[1])
    with pytest.raises(Misuse, match="less than nothing"):
        choose([Part.of([[1]])], cost=[-1])
