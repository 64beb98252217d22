"""Scarce things given out exactly: a price says who is nearly worth one, an assignment says who gets it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]

SMALL: Final = 1_000
"""Below so many units a resource is assigned and not left to its price; and no more units are assigned together."""


def assigned(gain: Whole, *, units: Whole) -> Whole:
    """Who gets one unit of which resource, so that the gains together are as large as can be.

    Only the customers with the largest gains from each resource can matter, as many as there are units of all of them:
    whoever else held a unit could be replaced by one of these who holds none.

    Args:
        gain: of each customer from each resource, over what they would have otherwise; 0 or less where they would not
            take it; int64 below 2^40, shape (n, resources).
        units: of each resource; shape (resources,).

    Returns:
        Resource of each customer, -1 for none; int64, shape (n,). Ties go to the customer who comes first.

    >>> assigned(np.array([[5, 4], [5, 1], [1, 1]]), units=np.array([1, 1])).tolist()
    [1, 0, -1]
    """
    from scipy.optimize import linear_sum_assignment

    found = np.full(gain.shape[0], -1, dtype=np.int64)
    units = np.minimum(units, np.count_nonzero(gain > 0, axis=0))
    total = int(units.sum())
    if not total:
        return found
    few = np.unique(np.concatenate([np.argsort(-column, kind="stable")[:total] for column in gain.T]))
    slots = np.repeat(np.arange(units.size), units)
    matrix = np.maximum(gain[few][:, slots], 0).astype(np.float64)
    rows, columns = linear_sum_assignment(matrix, maximize=True)
    taken = matrix[rows, columns] > 0
    found[few[rows[taken]]] = slots[columns[taken]]
    return found
