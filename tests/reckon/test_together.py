"""Counts of what stands together: against counting by hand, and the same however the groups are cut."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.reckon.together import Together

GROUPS = st.lists(st.sets(st.integers(0, 11), max_size=6), max_size=30)


def added(counts: Together, groups: list[set[int]]) -> None:
    bounds = np.cumsum([0, *map(len, groups)])
    counts.add(bounds, np.array([one for group in groups for one in sorted(group)], np.int64))


@given(groups=GROUPS, cut=st.integers(0, 30), least=st.integers(1, 4))
def test_pairs_are_those_counted_one_by_one_wherever_the_groups_are_cut(groups, cut, least):
    counts = Together(12)
    added(counts, groups[cut:])
    added(counts, groups[:cut])
    by_hand = Counter(pair for group in groups for pair in combinations(sorted(group), 2))
    found = list(zip(*(part.tolist() for part in counts.pairs(least=least)), strict=True))
    assert found == [(one, two, n) for (one, two), n in sorted(by_hand.items()) if n >= least]


def test_a_number_that_is_no_things_is_refused():
    with pytest.raises(ValueError, match="not from 0 to 2"):
        added(Together(3), [{1, 3}])
