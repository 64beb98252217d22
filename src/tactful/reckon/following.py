"""What follows what: sums over sequences of how soon one thing came after another, in whole numbers."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from tactful.reckon.pair_counts import UNIT, Ints, Sparse

WINDOW = 20
"""How many places apart two things of a sequence are looked at."""


def followed(bounds: Ints, things: Ints, *, steps: Ints, kinds: int, decay: float, back: float = 0.2) -> Sparse:
    """How often, and how soon, each thing was followed by each other one.

    A pair that is g steps apart counts decay^(g-1), over the root of its sequence's length; pairs in one step count in
    both directions. Each term is rounded to 2^-16 before it is added, so the sums are exact and the order is free.

    Args:
        bounds: where each sequence begins in `things`, and the end; shape (sequences + 1,).
        things: numbers of things in order of time; shape (n,).
        steps: the number of the occasion within its sequence, rising; things of one occasion share it; shape (n,).
        kinds: how many things there are.
        decay: what one step more takes away; in (0, 1].
        back: what a pair counts in the other direction; in [0, 1].

    Returns:
        int64 in units of 2^-16, sparse, shape (kinds, kinds), nothing on the diagonal.

    >>> one = followed(np.array([0, 3]), np.array([0, 1, 2]), steps=np.arange(3), kinds=3, decay=0.5, back=0)
    >>> (one.toarray() / 2**16).round(3).tolist()  # over the root of 3
    [[0.0, 0.577, 0.289], [0.0, 0.0, 0.577], [0.0, 0.0, 0.0]]
    """
    sizes = np.diff(bounds)
    owner = np.repeat(np.arange(sizes.size), sizes)
    total = sparse.csr_array((kinds, kinds), dtype=np.int64)
    for lag in range(1, min(WINDOW, int(sizes.max(initial=0)) - 1) + 1):
        same = np.flatnonzero(owner[:-lag] == owner[lag:])
        one, two = things[same], things[same + lag]
        gap = steps[same + lag] - steps[same]
        weight = decay ** np.maximum(gap - 1, 0) / np.sqrt(sizes[owner[same]])
        backwards = np.where(gap == 0, 1.0, back) * weight
        rows, columns = np.concatenate([one, two]), np.concatenate([two, one])
        data = np.rint(UNIT * np.concatenate([weight, backwards])).astype(np.int64)
        used = (rows != columns) & (data > 0)
        total = total + sparse.coo_array((data[used], (rows[used], columns[used])), shape=(kinds, kinds)).tocsr()
    return total
