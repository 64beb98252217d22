"""Knowledge rises with what histories tell, is near zero where they tell nothing, never peeks, and is exact in sums."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.reckon import information
from tactful.reckon.information import MISSING, UNIT, Knowledge, Sequences, Why, gains, knowledge, sequences
from tactful.words.estimate import Undefined


def world(people: int, *, events: int, loyalty: float, seed: int, categories: int = 8) -> Sequences:
    """Each customer takes their favourite with probability `loyalty`, else any category."""
    rng = np.random.default_rng(seed)
    customer = np.repeat(np.arange(people), events)
    favourite = rng.integers(0, categories, people)[customer]
    category = np.where(rng.random(customer.size) < loyalty, favourite, rng.integers(0, categories, customer.size))
    return sequences(customer, category, segments=np.zeros(people, int), categories=categories)


def by_hand(events: Sequences) -> list[list[int]]:
    """The definition, event by event, in plain Python: count and total per customer."""
    n, C = len(events.customer), events.categories
    rows = [(int(events.customer[i]), int(events.category[i])) for i in range(n)]
    visit = [int(v) for v in events.occasion] if events.occasion is not None else list(range(n))
    sums = [[0, 0] for _ in events.segments]
    for i, (who, what) in enumerate(rows):
        earlier = [rows[j][1] for j in range(i) if rows[j][0] == who and visit[j] != visit[i]]
        others = [c for w, c in rows if w != who and events.segments[w] == events.segments[who]]
        p = (others.count(what) + 0.5) / (len(others) + C / 2)
        own = (earlier.count(what) + p * C / 2) / (len(earlier) + C / 2)
        if earlier:
            sums[who][0] += 1
            sums[who][1] += round(np.log2(own / p) * UNIT)
    return sums


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 3)), max_size=25), st.booleans())
def test_gains_equal_the_definition_event_by_event(rows: list[tuple[int, int, int]], with_visits: bool) -> None:
    rows = sorted(rows, key=lambda row: (row[0], row[2]))
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    visits = columns[:, 2] if with_visits else None
    events = sequences(columns[:, 0], columns[:, 1], segments=[0, 0, 1, 1, 1], categories=3, occasion=visits)
    found = gains(events)
    truth = np.array(by_hand(events))
    assert found.count.tolist() == truth[:, 0].tolist()
    assert np.abs(found.total - truth[:, 1]).max() <= len(rows)
    for at_once in (1, 3):
        few = gains(events, at_once=at_once)
        assert few.count.tolist() == found.count.tolist()
        assert few.total.tolist() == found.total.tolist()
        assert few.squares.tolist() == found.squares.tolist()


def test_knowledge_is_found_where_it_is_and_not_where_it_is_not() -> None:
    loyal, fickle = (knowledge(world(400, events=30, loyalty=share, seed=1)) for share in (0.8, 0.0))
    assert loyal.raw.mean() > UNIT
    assert (loyal.share > UNIT // 3).mean() > 0.95
    assert fickle.raw.mean() < 0
    assert (fickle.share == 0).all()


def test_raw_may_be_negative_and_share_is_clipped() -> None:
    found = knowledge(world(50, events=6, loyalty=0.0, seed=2))
    assert found.raw.min() < 0
    assert found.share.min() == 0
    assert found.share.max() <= UNIT


def test_shrinking_brings_the_estimate_nearer_to_what_comes() -> None:
    """Half of each customer's events foretell the other half's gain better when shrunk."""
    rng = np.random.default_rng(3)
    people, each = 600, 8
    loyalty = rng.beta(2, 2, people)
    long = 400
    customer = np.repeat(np.arange(people), long)
    favourite = rng.integers(0, 6, people)[customer]
    category = np.where(rng.random(customer.size) < loyalty[customer], favourite, rng.integers(0, 6, customer.size))
    first = np.tile(np.arange(long) < each, people)
    segments = np.zeros(people, int)
    short = knowledge(sequences(customer[first], category[first], segments=segments, categories=6))
    spread_raw, spread_shrunk = short.raw.std(), short.shrunk.std()
    assert 0 < spread_shrunk < spread_raw
    full = knowledge(sequences(customer, category, segments=segments, categories=6))
    centred = [column - column.mean() for column in (short.raw, short.shrunk, full.raw)]
    assert (centred[1] / UNIT - centred[2] / UNIT).std() < (centred[0] / UNIT - centred[2] / UNIT).std()


def test_a_customers_own_events_do_not_enter_the_segments_forecast() -> None:
    """Changing only customer 0's last event leaves the gains of their earlier events as they were."""
    base = world(20, events=10, loyalty=0.5, seed=4)
    turned = base.category.copy()
    turned[9] = (turned[9] + 1) % base.categories
    short = [
        gains(sequences(base.customer[:9], category[:9], segments=[0], categories=8)).total[0]
        for category in (base.category, turned)
    ]
    assert short[0] == short[1]
    others = np.arange(base.customer.size) >= 10
    shifted = sequences(
        np.concatenate([np.zeros(9, int), base.customer[others]]),
        np.concatenate([base.category[:9], base.category[others]]),
        segments=base.segments,
        categories=8,
    )
    whole = gains(base)
    last = whole.total[0] - gains(shifted).total[0]
    ratio_bound = int(np.log2(100) * UNIT)
    assert -ratio_bound < last < ratio_bound
    assert whole.count[0] == gains(shifted).count[0] + 1


def test_why_is_told_and_nothing_is_written_as_zero() -> None:
    events = sequences([0, 1, 1, 2, 2], [0, 0, 1, 1, 1], segments=[0, 0, 1, 0], categories=2)
    found = knowledge(events)
    assert found.why.tolist() == [Why.NO_HISTORY, Why.KNOWN, Why.ALONE, Why.NO_HISTORY]
    for column in (found.raw, found.shrunk, found.share):
        assert (column[found.why != Why.KNOWN] == MISSING).all()
    assert found.share_of(2) == Undefined(Why.ALONE.sentence)
    one = knowledge(sequences([0, 0, 1, 1], [0] * 4, segments=[0, 0], categories=1))
    assert one.why.tolist() == [Why.ONE_CATEGORY] * 2
    empty = knowledge(sequences([], [], segments=[], categories=3))
    assert empty.raw.size == 0
    assert isinstance(knowledge(sequences([], [], segments=[0], categories=3)), Knowledge)


def test_names_of_customers_do_not_matter() -> None:
    base = world(40, events=7, loyalty=0.4, seed=5)
    turn = np.random.default_rng(6).permutation(40)
    order = np.argsort(turn[base.customer], kind="stable")
    turned = sequences(turn[base.customer][order], base.category[order], segments=base.segments, categories=8)
    a, b = knowledge(base), knowledge(turned)
    assert np.array_equal(a.raw, b.raw[turn])
    assert np.array_equal(a.gains.squares, b.gains.squares[turn])
    assert np.abs(a.shrunk - b.shrunk[turn]).max() <= 1


def test_four_hundred_thousand_events_take_well_under_two_seconds() -> None:
    rng = np.random.default_rng(7)
    customer = np.sort(rng.integers(0, 4372, 400_000))
    events = sequences(customer, rng.integers(0, 40, 400_000), segments=rng.integers(0, 6, 4372), categories=40)
    began = time.process_time()
    knowledge(events)
    assert time.process_time() - began < 1.5


def test_faulty_sequences_are_refused() -> None:
    for customer, category, segments, occasion, why in (
        ([1, 0], [0, 0], [0, 0], None, "sorted"),
        ([0, 2], [0, 0], [0, 0], None, "outside"),
        ([0], [3], [0], None, "category"),
        ([0], [0, 1], [0], None, "length"),
        ([0], [0], [-1], None, "negative"),
        ([0, 0], [0, 0], [0], [2, 1], "occasions"),
    ):
        with pytest.raises(ValueError, match=why):
            sequences(customer, category, segments=segments, categories=3, occasion=occasion)
    assert information.entropy([[1, 1, 1, 1]]).tolist() == [2 * UNIT]
