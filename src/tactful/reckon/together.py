"""Counts of what stands together: how many groups hold two things, added a part of the groups at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]


class Together:
    """How many groups hold each two of a number of things; exact, and the same in any order. Stability: full.

    The cost of a part is the sum of the squares of its groups' sizes, and memory holds only pairs that occur.

    Args:
        things: how many things there are; they are numbered from 0.

    >>> counts = Together(3)
    >>> counts.add(np.array([0, 2, 5]), np.array([0, 1, 0, 1, 2]))
    >>> [found.tolist() for found in counts.pairs(least=2)]
    [[0], [1], [2]]
    """

    def __init__(self, things: int) -> None:
        self.things = things
        self._counts = sparse.csr_array((things, things), dtype=np.int64)

    def add(self, bounds: Ints, members: Ints) -> None:
        """Counts more groups.

        Args:
            bounds: where each group begins in `members`, and the end; shape (groups + 1,), from 0 rising.
            members: numbers of things, group by group, each at most once in a group.

        Raises:
            ValueError: a number is no thing's.
        """
        if len(members) and not 0 <= int(members.min()) <= int(members.max()) < self.things:
            raise ValueError(f"a number is not from 0 to {self.things - 1}")
        ones = np.ones(len(members), np.int64)
        held = sparse.csr_array((ones, members, bounds), shape=(len(bounds) - 1, self.things))
        self._counts = self._counts + held.T.tocsr() @ held

    def pairs(self, *, least: int) -> tuple[Ints, Ints, Ints]:
        """Every two different things that stand together in `least` groups or more, once.

        Returns:
            The smaller numbers, the larger ones, and in how many groups; in the order of the numbers.
        """
        upper = sparse.triu(self._counts, k=1).tocoo()
        enough = upper.data >= least
        one, two, support = (np.asarray(part[enough], np.int64) for part in (upper.row, upper.col, upper.data))
        order = np.lexsort((two, one))
        return one[order], two[order], support[order]
