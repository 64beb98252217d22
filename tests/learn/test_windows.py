"""Windows of outcomes: none overlaps another of the same customer, and learning bit by bit opens the same ones."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.learn.windows import LEFT, OTHER, SILENT, TOLD, Points, opened

WINDOW = 10
SPEAKS = (TOLD, LEFT)
occasions = st.lists(
    st.tuples(st.integers(1, 8), st.lists(st.sampled_from([OTHER, TOLD, LEFT, SILENT]), min_size=3, max_size=3)),
    min_size=1,
    max_size=8,
)
"""Days since the one before, and what was decided for each of three customers."""


def points(days, *, known=None):
    at, found = 0, []
    for place, (step, kinds) in enumerate(days):
        at += step
        found.append(
            Points(
                at=np.full(3, at),
                key=np.arange(3),
                kind=np.array(kinds, dtype=np.int8),
                opened=(known or {}).get(place),
            )
        )
    return found


@given(days=occasions)
@settings(max_examples=200, deadline=None)
def test_no_two_windows_of_a_customer_overlap_and_whoever_speaks_first_has_one(days):
    made = points(days)
    masks = opened(made, window=WINDOW)
    for who in range(3):
        mine = [one for one, mask in zip(made, masks, strict=True) if mask[who]]
        assert all(one.kind[who] != OTHER for one in mine)
        for one, two in combinations(mine, 2):
            assert two.at[0] - one.at[0] >= WINDOW
        speaking = [one for one in made if one.kind[who] in SPEAKS]
        if speaking:
            assert any(one is speaking[0] for one in mine)
        for one in speaking:  # one that opened none lies in the window of one that speaks
            if not any(one is other for other in mine):
                assert any(0 <= one.at[0] - other.at[0] < WINDOW and other.kind[who] in SPEAKS for other in mine)


@given(days=occasions, cut=st.integers(0, 7))
@settings(max_examples=200, deadline=None)
def test_what_is_on_record_of_ripe_runs_opens_the_same_later_windows(days, cut):
    made = points(days)
    whole = opened(made, window=WINDOW)
    now = made[min(cut, len(made) - 1)].at[0]
    known = {place: mask for place, mask in enumerate(whole) if made[place].at[0] + WINDOW <= now}
    again = opened(points(days, known=known), window=WINDOW)
    assert all((one == two).all() for one, two in zip(whole, again, strict=True))


def test_told_and_left_alone_are_looked_at_for_equally_long():
    """The held out would have been told each week; their first window holds all four, as that of the told does."""
    told = [(1, [TOLD, LEFT, SILENT])] + [(3, [SILENT, LEFT, SILENT])] * 3
    masks = np.array(opened(points(told), window=WINDOW))
    assert masks[:, 0].tolist() == masks[:, 1].tolist() == [True, False, False, False]
    assert masks[:, 2].tolist() == [True, False, False, False]


@given(
    days=occasions,
    visits=st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 2), st.sampled_from([OTHER, TOLD, LEFT, SILENT])), max_size=12
    ),
)
@settings(max_examples=200, deadline=None)
def test_decided_when_asked_is_one_more_point_wherever_it_is_kept(days, visits):
    """Visits in one part, or each in its own at its place in time: the same windows, and none overlaps another."""
    made = points(days)
    visits = sorted(visits)
    at, key = np.array([v[0] for v in visits], dtype=np.int64), np.array([v[1] for v in visits], dtype=np.int64)
    kind = np.array([v[2] for v in visits], dtype=np.int8)
    whole = opened([*made, Points(at=at, key=key, kind=kind)], window=WINDOW)
    each = [Points(at=at[n : n + 1], key=key[n : n + 1], kind=kind[n : n + 1]) for n in range(len(visits))]
    apart = opened([*made, *each], window=WINDOW)
    assert whole[-1].tolist() == [bool(mask[0]) for mask in apart[len(made) :]]
    assert all((one == two).all() for one, two in zip(whole[:-1], apart[: len(made)], strict=True))
    for who in range(3):
        mine = [int(one.at[who]) for one, mask in zip(made, whole, strict=False) if mask[who]]
        mine += at[(key == who) & whole[-1]].tolist()
        assert all(two - one >= WINDOW for one, two in combinations(sorted(mine), 2))
