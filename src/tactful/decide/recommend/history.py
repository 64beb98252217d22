"""Who chose what and when: the one thing that every recommender learns from and is asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tactful.reckon import decay
from tactful.words.errors import Misuse

Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Scores: TypeAlias = NDArray[np.float32]
Sparse: TypeAlias = Any  # a scipy CSR array; scipy publishes no types
Made = TypeVar("Made")
_BY_ROW = ("customer", "item", "age", "occasion")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """Choices in the order of customers, and of time within a customer. Stability: caller.

    Items are best numbered by how often they were chosen, so that of equal scores the better known comes first.

    Attributes:
        customers: how many there are; they are numbered from 0.
        items: how many there are; they are numbered from 0.
        customer: whose choice; rising; shape (n,).
        item: what was chosen; shape (n,).
        age: how long ago, in days or in steps of the data's own clock; falling within a customer; shape (n,). None
            where nobody knows when.
        occasion: a number that is the same for choices of one occasion, such as an order, and other for the next one
            of the same customer; shape (n,). None where the age tells occasions apart, or each choice is one.
        ordered: whether the order within a customer means anything.
        content: what the titles of items say, weighted; sparse, shape (items, words). None where there are none.
    """

    customers: int
    items: int
    customer: Ints
    item: Ints
    age: Ints | None = None
    occasion: Ints | None = None
    ordered: bool = False
    content: Sparse = None

    def __post_init__(self) -> None:
        if self.customer.shape != self.item.shape or self.customer.ndim != 1:
            raise ValueError("there are not as many customers as items in the rows")
        if self.customer.size and not 0 <= int(self.item.min()) <= int(self.item.max()) < self.items:
            raise ValueError(f"an item's number is not from 0 to {self.items - 1}")
        if self.customer.size and (np.diff(self.customer) < 0).any():
            raise ValueError("rows are not in the order of customers")
        if self.customer.size and not 0 <= int(self.customer[0]) <= int(self.customer[-1]) < self.customers:
            raise ValueError(f"a customer's number is not from 0 to {self.customers - 1}")

    @property
    def bounds(self) -> Ints:
        """Where each customer's rows begin, and the end; shape (customers + 1,)."""
        return np.searchsorted(self.customer, np.arange(self.customers + 1)).astype(np.int64)

    @property
    def steps(self) -> Ints:
        """The number of the occasion of each row within its customer, from 0."""
        fresh = np.ones(self.customer.size, bool)
        fresh[1:] = np.diff(self.customer) != 0
        begins = fresh.copy()
        tells = self.age if self.occasion is None else self.occasion
        fresh[1:] |= True if tells is None else np.diff(tells) != 0
        count = np.cumsum(fresh)
        first = count[np.flatnonzero(begins)]
        return np.asarray(count - first[np.cumsum(begins) - 1] if count.size else count, dtype=np.int64)

    def counts(self) -> Sparse:
        """How often each customer chose each item; int64, sparse, shape (customers, items)."""
        ones = np.ones(self.item.size, np.int64)
        made = sparse.coo_array((ones, (self.customer, self.item)), shape=(self.customers, self.items)).tocsr()
        made.sum_duplicates()
        return made

    def chosen(self) -> Sparse:
        """A one for each item that a customer ever chose."""
        made = self.counts()
        made.data[:] = 1
        return made

    def recent(self, fading: float) -> Sparse:
        """What each customer chose, the last occasion as 1 and each one before times `fading`; the latest counts.

        Args:
            fading: in (0, 1]; 1 forgets the order.
        """
        if fading == 1 or not self.ordered:
            return self.chosen().astype(np.float32)
        steps, bounds = self.steps, self.bounds
        last = steps[np.maximum(bounds[1:] - 1, 0)] if steps.size else steps
        weight = (fading ** (last[self.customer] - steps)).astype(np.float32)
        keys = self.customer * self.items + self.item
        order = np.lexsort((weight, keys))
        final = order[np.append(np.diff(keys[order]) != 0, True)] if order.size else order
        places = (self.customer[final], self.item[final])
        return sparse.coo_array((weight[final], places), shape=(self.customers, self.items)).tocsr()

    def decayed(self, half_life: int | None) -> Sparse:
        """Choices with a half-life, in units of 2^-30 (without one, as if all were of today); int64, sparse, exact."""
        weight = np.full(self.item.size, decay.ONE, np.int64)
        if half_life is not None and self.age is not None:
            weight = decay.weights(self.age, half_life_days=half_life)
        places = (self.customer, self.item)
        made = sparse.coo_array((weight, places), shape=(self.customers, self.items)).tocsr()
        made.sum_duplicates()
        return made

    def part(self, start: int, stop: int) -> History:
        """The customers from `start` to before `stop`, numbered from 0."""
        low, high = np.searchsorted(self.customer, (start, stop))
        mine = self.rows(slice(int(low), int(high)))
        return replace(mine, customers=stop - start, customer=mine.customer - start)

    def only(self, customers: Ints) -> History:
        """These customers, numbered from 0 in the order given, which rises."""
        place = np.searchsorted(customers, self.customer)
        mine = customers[np.minimum(place, customers.size - 1)] == self.customer if customers.size else place < 0
        fields: dict[str, Any] = self._taken(mine)
        return replace(self, **(fields | {"customers": customers.size, "customer": place[mine]}))

    def rows(self, chosen: Bools | slice) -> History:
        """Only these rows; customers and items keep their numbers."""
        return replace(self, **self._taken(chosen))

    def _taken(self, chosen: Bools | slice) -> dict[str, Any]:  # Any: columns, of which some may be missing
        return {name: None if (one := getattr(self, name)) is None else one[chosen] for name in _BY_ROW}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bench:
    """A history being learned from, and what was worked out of it so far, so that variants of a model share it.

    Stability: caller.

    Attributes:
        history: what is learned from.
        deepest: the most directions that any variant of a graph filter will ask for; 0 where there is only one.
    """

    history: History
    deepest: int = 0
    _made: dict[object, Any] = field(default_factory=dict, repr=False)  # Any: matrices of every kind

    def once(self, name: object, make: Callable[[], Made]) -> Made:
        """What `make` gives, made the first time that the name is asked for."""
        if name not in self._made:
            self._made[name] = make()
        made: Made = self._made[name]
        return made


def of_counts(counts: Sparse, *, age: Sparse = None, content: Sparse = None) -> History:
    """A history from a sparse table of customers x items, for callers that keep no single rows.

    Args:
        counts: how often; whole numbers, shape (customers, items).
        age: days since the last time, at the same places; None where nobody knows.
        content: what the titles of items say.

    Raises:
        Misuse: the ages stand at other places than the counts.

    >>> made = of_counts(sparse.csr_array(np.array([[0, 2], [1, 0]])))
    >>> made.customer.tolist(), made.item.tolist()
    ([0, 0, 1], [1, 1, 0])
    """
    table = counts.tocsr().sorted_indices()
    times = np.asarray(table.data, dtype=np.int64)
    customer = np.repeat(np.repeat(np.arange(table.shape[0]), np.diff(table.indptr)), times)
    item = np.repeat(table.indices.astype(np.int64), times)
    sizes = {"customers": table.shape[0], "items": table.shape[1], "content": content}
    if age is None:
        return History(customer=customer, item=item, **sizes)
    ages = age.tocsr().sorted_indices()
    if not (np.array_equal(ages.indptr, table.indptr) and np.array_equal(ages.indices, table.indices)):
        raise Misuse.say(where="history", what="ages stand at other places than counts", do="give one age per count")
    old = np.repeat(ages.data.astype(np.int64), times)
    order = np.lexsort((item, -old, customer))
    return History(customer=customer[order], item=item[order], age=old[order], ordered=True, **sizes)
