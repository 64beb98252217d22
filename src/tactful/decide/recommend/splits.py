"""What is known and what is asked for: a history cut in two, by time, by the last choice, or by lot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from tactful.decide.recommend.history import Bools, History, Ints, Sparse
from tactful.reckon import chance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """A history, and what its customers chose afterwards. Stability: caller.

    Attributes:
        train: what models may see.
        truth: ones; sparse, shape (customers, items).
    """

    train: History
    truth: Sparse

    @property
    def repeated(self) -> float:
        """What share of the truth of known customers they had chosen before; 0 where there is no truth."""
        known = int(np.diff(self.truth.indptr)[np.diff(self.train.bounds) > 0].sum())
        return int(self.truth.multiply(self.train.chosen()).nnz) / known if known else 0.0


def truth_of(history: History, chosen: Bools) -> Sparse:
    """These rows of a history as a table of ones."""
    return history.rows(chosen).chosen()


def asked_ones(history: History, *, most: int) -> Bools:
    """At most so many customers with two choices or more, spread evenly over all; shape (customers,).

    Where these alone have something held out, what the others say is learned from whole, as it will be at the end.

    >>> import numpy as np
    >>> rows = {"customer": np.array([0, 0, 1, 2, 2]), "item": np.zeros(5, int)}
    >>> asked_ones(History(customers=3, items=1, **rows), most=1).tolist()
    [True, False, False]
    """
    who = np.flatnonzero(np.diff(history.bounds) >= 2)
    found = np.zeros(history.customers, bool)
    found[who if who.size <= most else who[np.arange(most) * who.size // most]] = True
    return found


def last_left_out(history: History, *, among: Bools | None = None) -> Split:
    """The last choice of each customer who made at least two is asked for.

    Args:
        history: what is cut.
        among: of which customers; None for all. Shape (customers,).

    >>> import numpy as np
    >>> made = last_left_out(History(customers=2, items=3, customer=np.array([0, 0, 1]), item=np.array([2, 1, 0])))
    >>> made.train.item.tolist(), made.truth.toarray().tolist()
    ([2, 0], [[0, 1, 0], [0, 0, 0]])
    """
    bounds = history.bounds
    left = np.zeros(history.item.size, bool)
    asked = np.diff(bounds) >= 2
    left[bounds[1:][asked if among is None else asked & among] - 1] = True
    return Split(train=history.rows(~left), truth=truth_of(history, left))


def latest_left_out(history: History, *, share: float, among: Bools | None = None) -> Split:
    """The latest choices of each customer are asked for, about a share of them: at least one, never all.

    Args:
        history: what is cut.
        share: about how much of it is asked for.
        among: of which customers; None for all. Shape (customers,).

    >>> import numpy as np
    >>> rows = {"customer": np.array([0, 0, 0, 0, 1]), "item": np.array([0, 1, 2, 3, 0])}
    >>> latest_left_out(History(customers=2, items=4, **rows), share=0.4).truth.toarray().tolist()
    [[0, 0, 1, 1], [0, 0, 0, 0]]
    """
    bounds = history.bounds
    sizes = np.diff(bounds)
    asked = np.minimum(np.maximum(np.rint(share * sizes), 1), sizes - 1).astype(np.int64)
    asked = asked if among is None else np.where(among, asked, 0)
    left = bounds[1:][history.customer] - np.arange(history.customer.size) <= asked[history.customer]
    return Split(train=history.rows(~left), truth=truth_of(history, left))


def after(history: History, *, age: int, only_next: bool = False) -> Split:
    """What was chosen less than `age` days (or steps) ago is asked for, and ages count from there.

    Args:
        history: what is cut; it has time.
        age: where.
        only_next: whether only each customer's next occasion is asked for; what comes later counts for nothing.

    >>> import numpy as np
    >>> rows = {"customer": np.array([0, 0, 0]), "item": np.array([0, 1, 2]), "age": np.array([9, 4, 2])}
    >>> made = after(History(customers=1, items=3, ordered=True, **rows), age=5, only_next=True)
    >>> made.train.age.tolist(), made.truth.toarray().tolist()
    ([4], [[0, 1, 0]])
    """
    assert history.age is not None, "only a history with time is cut by time"
    later = history.age < age
    train = history.rows(~later)
    assert train.age is not None
    asked = later.copy()
    if only_next:
        future, first = history.rows(later), np.zeros(int(later.sum()), bool)
        first[future.steps == 0] = True
        asked[later] = first
    return Split(train=replace(train, age=train.age - age), truth=truth_of(history, asked))


def by_popularity(split: Split) -> Split:
    """The same with items numbered by how many customers chose them in the known part, so that ties go by that."""
    count = np.bincount(split.train.chosen().indices, minlength=split.train.items)
    order = np.argsort(-count, kind="stable")
    number = np.empty(order.size, np.int64)
    number[order] = np.arange(order.size)
    content = split.train.content
    train = replace(split.train, item=number[split.train.item], content=None if content is None else content[order])
    return Split(train=train, truth=split.truth[:, order].tocsr())


def drawn(history: History, *, share: float, repeats: bool, among: Bools | None = None) -> Split:
    """A share of each customer's choices is asked for, by a lot that is the same every time.

    Args:
        history: what is cut.
        share: about how much of it is asked for.
        repeats: whether single choices are drawn, so that what is asked for may have been chosen before too; else all
            of a customer's choices of one item are drawn together.
        among: of which customers; None for all. Shape (customers,).
    """
    pair = history.customer * history.items + history.item
    keys = np.arange(pair.size) if repeats else pair
    lot = chance.draws(keys, point="validation", purpose="split", salt="")
    left = lot < chance.share_of_draws(Fraction(share).limit_denominator(1000))
    left = left if among is None else left & among[history.customer]
    keeps = np.bincount(history.customer, weights=~left, minlength=history.customers) > 0
    left &= keeps[history.customer]
    return Split(train=history.rows(~left), truth=truth_of(history, left))


def age_of_share(history: History, *, share: float) -> int:
    """The age below which about a share of all choices lies; at least one day (or step), and never everything.

    >>> import numpy as np
    >>> age_of_share(History(customers=1, items=1, customer=np.zeros(4, int), item=np.zeros(4, int),
    ...                      age=np.array([9, 5, 1, 0])), share=0.5)
    5
    """
    assert history.age is not None, "only a history with time is cut by time"
    ages: Ints = np.sort(history.age)
    found = int(ages[min(int(np.ceil(share * ages.size)), ages.size - 1)])
    return max(1, found)
