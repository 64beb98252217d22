"""Knowledge: how many bits a customer's own history gains in foretelling their next choice, over their segment alone.

Each event is foretold before it is seen, twice: by the segment, and by the customer's own past.

- Segment: the choices of all *other* customers of the segment, smoothed by 1/2 per category (Krichevsky-Trofimov):
  ``p(c) = (others_c + 1/2) / (others + C/2)``. The customer's own events, past and future, are left out, so nothing of
  what is foretold is in the forecast.
- Own history: the customer's earlier choices, backed off to that same segment forecast with the weight of C/2 choices:
  ``p(c | history) = (own_c + p(c) C/2) / (own + C/2)``.

The gain of an event is log2 of the ratio. A first event gains exactly 0 by construction and is not counted. Gains are
fixed to integers in units of 2^-20 bits, so that their sums are exact, in any order, and one person can be subtracted.
A mean gain may be negative: then knowing the history makes the forecast worse, and personalisation is not knowledge.

Reference: Dawid (1984), "The prequential approach"; Krichevsky & Trofimov (1981); design chapter on knowledge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tactful.words.estimate import Undefined

UNIT: Final = 1 << 20
"""Units of one bit, and of share 1."""

MISSING: Final = -(1 << 63)
"""What a column holds where nothing is known; `why` says why."""

AT_ONCE: Final = 1 << 17
"""Events that are looked at together; it changes the time and memory taken, not the answer."""

Ints = NDArray[np.int64]


class Why(IntEnum):
    """Why a customer's knowledge exists or does not. Stability: full."""

    KNOWN = 0
    NO_HISTORY = 1
    ALONE = 2
    ONE_CATEGORY = 3

    @property
    def sentence(self) -> str:
        """In plain words.

        >>> Why.NO_HISTORY.sentence
        'no event with an earlier one to foretell it from'
        """
        return {
            Why.KNOWN: "known",
            Why.NO_HISTORY: "no event with an earlier one to foretell it from",
            Why.ALONE: "nobody else is in the segment, so there is nothing to compare with",
            Why.ONE_CATEGORY: "there is only one category, so nothing is to be foretold",
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gains:
    """Exact sums per customer of the gains of their events. Stability: full.

    Attributes:
        count: events foretold; int64, shape (m,).
        total: sum of gains, in 2^-20 bits; int64, shape (m,).
        squares: sum of squared gains, in 2^-20 bits²; int64, shape (m,).
    """

    count: Ints
    total: Ints
    squares: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Knowledge of each customer, as columns. Stability: full.

    Attributes:
        raw: mean gain in 2^-20 bits, unclipped; shape (m,).
        shrunk: the same, pulled to the segment's mean; shape (m,).
        share: clip(shrunk / entropy, 0, 1) in units of 2^-20; shape (m,).
        gains: the sums these were read from.
        entropy: of each segment's choices, in 2^-20 bits; shape (s,).
        why: a `Why` per customer; where it is not KNOWN, raw, shrunk and share hold `MISSING`; int8, shape (m,).
    """

    raw: Ints
    shrunk: Ints
    share: Ints
    gains: Gains
    entropy: Ints
    why: NDArray[np.int8]

    def share_of(self, customer: int) -> float | Undefined:
        """One customer's share in [0, 1], or why there is none."""
        if self.why[customer] != Why.KNOWN:
            return Undefined(Why(int(self.why[customer])).sentence)
        return int(self.share[customer]) / UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequences:
    """Events of many customers, sorted by customer and time. Stability: full.

    Attributes:
        customer: index of the customer, never falling; int64, shape (n,).
        category: index of what was chosen, in [0, categories); int64, shape (n,).
        segments: segment of each customer, in [0, ...); int64, shape (m,).
        categories: size of the alphabet; keep it small, such as ranges rather than items.
        occasion: index of the visit, never falling within a customer; events of one visit do not foretell each other.
            None: every event is a visit of its own.
    """

    customer: Ints
    category: Ints
    segments: Ints
    categories: int
    occasion: Ints | None = None

    def __post_init__(self) -> None:
        n, m = self.customer.size, self.segments.size
        if self.category.size != n or (self.occasion is not None and self.occasion.size != n):
            raise ValueError("customer, category and occasion differ in length")
        if n and ((np.diff(self.customer) < 0).any() or not 0 <= int(self.customer[0]) <= int(self.customer[-1]) < m):
            raise ValueError(f"customers are not sorted, or outside the {m} that have a segment")
        if self.categories < 1 or (
            n and not 0 <= int(self.category.min()) <= int(self.category.max()) < self.categories
        ):
            raise ValueError(f"a category is outside [0, {self.categories})")
        if m and int(self.segments.min()) < 0:
            raise ValueError("a segment is negative: every customer has one")
        if self.occasion is not None and ((np.diff(self.occasion) < 0) & (np.diff(self.customer) == 0)).any():
            raise ValueError("occasions fall within a customer: sort by customer and time")


def sequences(
    customer: ArrayLike,
    category: ArrayLike,
    *,
    segments: ArrayLike,
    categories: int,
    occasion: ArrayLike | None = None,
) -> Sequences:
    """`Sequences` from anything array-like; see its attributes for the meaning and the order of each column."""
    columns = [np.asarray(part, dtype=np.int64) for part in (customer, category, segments)]
    visits = None if occasion is None else np.asarray(occasion, dtype=np.int64)
    return Sequences(
        customer=columns[0], category=columns[1], segments=columns[2], categories=categories, occasion=visits
    )


def _sum_by(index: Ints, values: Ints, *, size: int) -> Ints:
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, index, values)
    return total


def _starts(*columns: Ints) -> Ints:
    """For each row the position at which its run of equal values began."""
    n = columns[0].size
    new = np.zeros(n, dtype=np.bool_)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return np.maximum.accumulate(np.where(new, np.arange(n), 0)).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """Own events before each event, all of them and those of its category; and all of its category, later ones too."""

    all: Ints
    same: Ints
    own: Ints


def _past(events: Sequences, *, rows: slice) -> _Past:
    """The past of the events of some customers, each with all of theirs."""
    customer, category = events.customer[rows], events.category[rows]
    position = np.arange(customer.size)
    visit = position if events.occasion is None else _starts(customer, events.occasion[rows])
    pair = customer * events.categories + category
    order = np.argsort(pair, kind="stable")
    pairs = pair[order]
    begins = _starts(pairs)
    same, own = np.empty_like(position), np.empty_like(position)
    same[order] = _starts(pairs, visit[order]) - begins
    own[order] = np.bincount(begins, minlength=1)[begins]
    return _Past(all=visit - _starts(customer), same=same, own=own)


def _blocks(customer: Ints, *, size: int) -> Iterator[slice]:
    """Events so many at a time, each customer's together: few enough that sorting them stays near the processor."""
    begin = 0
    while begin < customer.size:
        last = min(begin + size, customer.size) - 1
        end = int(np.searchsorted(customer, customer[last], side="right"))
        yield slice(begin, end)
        begin = end


def _by_segment(events: Sequences) -> Ints:
    """Exact counts of (segment, category)."""
    segments = int(events.segments.max()) + 1 if events.segments.size else 0
    found = np.zeros(segments * events.categories, dtype=np.int64)
    for rows in _blocks(events.customer, size=AT_ONCE):
        place = events.segments[events.customer[rows]] * events.categories + events.category[rows]
        found += np.bincount(place, minlength=found.size)
    return found.reshape(-1, events.categories)


def gains(events: Sequences, *, at_once: int = AT_ONCE) -> Gains:
    """Sums of the gain of every event that has a past, foretold before it is seen.

    Linear in the events, which are sorted a bounded number at a time; a customer's sums depend on others only through
    the segment's counts.

    Args:
        events: sorted by customer and time.
        at_once: events that are looked at together.

    >>> two = sequences([0, 0, 0, 1, 1], [0, 0, 0, 1, 0], segments=[0, 0], categories=2)
    >>> # Customer 0: p = 1.5/3 = 1/2; gains log2((1 + .5)/2 / .5), log2((2 + .5)/3 / .5).
    >>> # Customer 1: p = 3.5/4, gain log2((0 + .875)/2 / .875).
    >>> found = gains(two)
    >>> found.count.tolist(), [round(t / UNIT, 4) for t in found.total.tolist()]
    ([2, 1], [1.3219, -1.0])
    """
    count, total, squares = (np.zeros(events.segments.size, dtype=np.int64) for _ in range(3))
    by_segment = _by_segment(events)
    own_all = np.bincount(events.customer, minlength=count.size)
    for rows in _blocks(events.customer, size=at_once):
        past, customer = _past(events, rows=rows), events.customer[rows]
        segment = events.segments[customer]
        others = by_segment.sum(axis=1)[segment] - own_all[customer]
        p = (2 * (by_segment[segment, events.category[rows]] - past.own) + 1) / (2 * others + events.categories)
        weight = events.categories / 2
        ratio = (past.same + p * weight) / ((past.all + weight) * p)
        gain = np.rint(np.log2(ratio) * UNIT).astype(np.int64)
        seen = past.all > 0
        who, gain = customer[seen], gain[seen]
        np.add.at(count, who, 1)
        np.add.at(total, who, gain)
        np.add.at(squares, who, (gain * gain) >> 20)
    return Gains(count=count, total=total, squares=squares)


def entropy(by_segment: ArrayLike) -> Ints:
    """Entropy of each segment's choices in 2^-20 bits, counts smoothed by 1/2.

    Args:
        by_segment: counts; int64, shape (s, c).

    >>> (entropy([[500, 500], [999, 0]]) / UNIT).round(3).tolist()
    [1.0, 0.006]
    """
    counts = np.asarray(by_segment, dtype=np.int64)
    p = (2 * counts + 1) / (2 * counts.sum(axis=1, keepdims=True) + counts.shape[1])
    bits: Ints = np.rint(-(p * np.log2(p)).sum(axis=1) * UNIT).astype(np.int64)
    return bits


def knowledge(events: Sequences) -> Knowledge:
    """Knowledge of every customer: raw, shrunk to the segment, and as a share of the segment's entropy.

    Shrinking is empirical Bayes within each segment: ``mean + B (own - mean)``, ``B = tau² / (tau² + variance / n)``,
    with the within-customer variance pooled over the segment and tau² by moments, cut at 0.

    Args:
        events: sorted by customer and time.

    >>> steady = sequences([0] * 6 + [1] * 6, [0] * 6 + [1] * 6, segments=[0, 0], categories=2)
    >>> found = knowledge(steady)
    >>> bool((found.raw > UNIT // 2).all()), found.share_of(0) == found.share_of(1)
    (True, True)
    >>> knowledge(sequences([0], [1], segments=[0], categories=2)).share_of(0)
    Undefined(reason='no event with an earlier one to foretell it from')
    """
    found = gains(events)
    by_segment = _by_segment(events)
    bits = entropy(by_segment)
    why = _why(events, found, people=by_segment.sum(axis=1))
    known = np.flatnonzero(why == Why.KNOWN)
    raw, shrunk, share = (np.full(events.segments.size, MISSING, dtype=np.int64) for _ in range(3))
    if known.size:
        segment = events.segments[known]
        raw[known] = np.rint(found.total[known] / found.count[known]).astype(np.int64)
        mean = _shrunk(found, known=known, segment=segment, size=bits.size)
        shrunk[known] = np.rint(mean).astype(np.int64)
        share[known] = np.rint(np.clip(mean / bits[segment], 0.0, 1.0) * UNIT).astype(np.int64)
    return Knowledge(raw=raw, shrunk=shrunk, share=share, gains=found, entropy=bits, why=why)


def _why(events: Sequences, found: Gains, *, people: Ints) -> NDArray[np.int8]:
    own = np.bincount(events.customer, minlength=events.segments.size)
    alone = people[events.segments] == own if events.segments.size else np.zeros(0, dtype=np.bool_)
    why = np.where(found.count == 0, Why.NO_HISTORY, np.where(alone, Why.ALONE, Why.KNOWN))
    if events.categories == 1:
        why = np.where(why == Why.KNOWN, Why.ONE_CATEGORY, why)
    return why.astype(np.int8)


def _shrunk(found: Gains, *, known: Ints, segment: Ints, size: int) -> NDArray[np.float64]:
    """Posterior mean gain of each known customer, in 2^-20 bits."""
    n, total, squares = (part[known] for part in (found.count, found.total, found.squares))
    N, S, SS, G = (
        _sum_by(segment, part, size=size).astype(np.float64) for part in (n, total, squares, np.ones_like(n))
    )
    squared = np.bincount(segment, weights=(n * n).astype(np.float64), minlength=size)
    own = total / n
    own_part = np.bincount(segment, weights=own * total, minlength=size)
    some = np.where(N > 0, N, 1.0)
    within = np.maximum(SS * UNIT - own_part, 0.0) / np.maximum(N - G, 1.0)
    between = own_part - S * S / some - (G - 1) * within
    room = some - squared / some
    spread = np.where(room > 0, np.maximum(between, 0.0) / np.where(room > 0, room, 1.0), 0.0)
    noise = within[segment] / n
    sure = spread[segment] + noise
    trust = np.divide(spread[segment], sure, out=np.zeros(known.size), where=sure > 0)
    mean = (S / some)[segment]
    shrunk: NDArray[np.float64] = mean + trust * (own - mean)
    return shrunk
