from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.load.fingerprints import LONG, fingerprints, of_slices
from tactful.load.merging import merged
from tactful.load.occurrences import Occurrences, Sieve, Sought, within

STRETCHES = st.lists(st.lists(st.integers(0, 20), max_size=12), max_size=8)


def prints(values):
    """Fingerprints of whole numbers."""
    return fingerprints([pa.array(values, pa.int64())])


def keys(values):
    """Fingerprints of keys; two different rows share each."""
    return prints([value // 2 for value in values])


@settings(max_examples=50)
@given(stretches=STRETCHES, settle_after=st.integers(1, 8))
def test_occurrences_are_those_of_one_pass_over_everything(stretches, settle_after):
    counter, seen = Occurrences(), Counter()
    rows = [value for stretch in stretches for value in stretch]
    found: dict[int, int] = {}
    waiting: list[int] = []
    begins = 0
    for number, stretch in enumerate(stretches, start=1):
        lines, still_open = counter.number(keys(stretch), whole=prints(stretch))
        found |= {begins + at: line for at, line in enumerate(lines.tolist()) if not still_open[at]}
        waiting += (begins + np.flatnonzero(still_open)).tolist()
        begins += len(stretch)
        if number % settle_after == 0 or number == len(stretches):
            late = [rows[at] for at in waiting]
            found |= dict(zip(waiting, counter.settle(keys(late), whole=prints(late)).tolist(), strict=True))
            waiting = []
    expected = []
    for value in rows:
        seen[value // 2] += 1
        expected.append(seen[value // 2])
    assert [found[at] for at in range(begins)] == expected
    assert counter.exact_repeats() == len(rows) - len(set(rows))


@given(values=st.lists(st.integers(0, 2**64 - 1), max_size=50))
def test_within_counts_in_order(values):
    seen = Counter()
    expected = []
    for value in values:
        seen[value] += 1
        expected.append(seen[value])
    assert within(np.array(values, np.uint64)).tolist() == expected


def test_the_sieve_never_forgets_and_seldom_errs():
    sieve, known, strange = Sieve(), prints(range(200_000)), prints(range(200_000, 400_000))
    sieve.add(known)
    assert sieve.has(known).all()
    assert sieve.has(strange).mean() < 0.002


def test_a_file_larger_than_the_sieve_has_room_for_is_numbered_the_same():
    """The sieve grows while rows are open; what is open must not be forgotten."""
    sieve = Sieve(usual_bits=10)
    assert sieve.room < 900
    counter = Occurrences(sieve=sieve)
    values = [n * 7919 % 500 for n in range(900)]
    found, still_open = np.zeros(900, np.int64), []
    for begin in range(0, 900, 50):
        part = prints(values[begin : begin + 50])
        numbers, is_open = counter.number(part)
        found[begin : begin + 50] = numbers
        still_open += [begin + int(row) for row in np.flatnonzero(is_open)]
    found[still_open] = counter.settle(prints([values[row] for row in still_open]))
    assert found.tolist() == [1 + values[:row].count(values[row]) for row in range(900)]


def test_places_among_keys():
    keys = np.unique(prints(range(0, 1000, 3)))
    at, rows = Sought(keys).among(prints(range(1000)))
    assert len(rows) == 334
    assert (keys[at] == prints(range(1000))[rows]).all()


TEXTS = st.one_of(st.text(max_size=20), st.text(min_size=LONG - 4, max_size=LONG + 20), st.none())


@given(
    values=st.lists(st.tuples(TEXTS, st.one_of(st.none(), st.integers(-(2**40), 2**40))), max_size=20),
    cut=st.integers(0, 5),
)
def test_fingerprints_agree_exactly_where_rows_do(values, cut):
    texts = pa.array([text for text, _ in values], pa.string())
    wide = pa.array([text for text, _ in values], pa.large_string())
    numbers = pa.array([number for _, number in values], pa.int64())
    found = fingerprints([texts, numbers])
    assert len(set(found.tolist())) == len(set(values))
    assert (fingerprints([wide, numbers]) == found).all()
    assert (fingerprints([texts[cut:], numbers[cut:]]) == found[cut:]).all()


def test_fingerprints_of_every_type_we_keep():
    now = datetime(2011, 12, 9, tzinfo=UTC)
    columns = [
        pa.array([Decimal("1.5"), Decimal("-1.5"), None], pa.decimal128(18, 4)),
        pa.array([now, None, now], pa.timestamp("us", tz="UTC")),
        pa.array([True, False, None]),
        pa.array([["a", "b"], ["a b"], None], pa.list_(pa.string())),
        pa.array([b"1" * 16, b"2" * 16, None], pa.binary(16)),
        pa.array([1.5, 2.5, None]),
        pa.array([now.date(), None, now.date()], pa.date32()),
    ]
    for column in columns:
        assert len(set(fingerprints([column]).tolist())) == len(set(map(str, column.to_pylist())))
        assert (fingerprints([column[1:]]) == fingerprints([column])[1:]).all()


def test_slices_at_the_end_of_the_data():
    data = np.frombuffer(b"0123456789", np.uint8)
    found = of_slices(data, starts=np.array([2, 9, 10]), lengths=np.array([8, 1, 0]))
    assert len(set(found.tolist())) == 3


ROWS = st.lists(
    st.fixed_dictionaries(
        {"a": st.sampled_from("xyz"), "b": st.sampled_from([1, 2]), "c": st.sampled_from([None, 1, 2, 3])}
    ),
    max_size=20,
)


@given(rows=ROWS)
def test_merging_keeps_the_last_value_that_says_something(rows):
    expected: dict[tuple[str, int], dict[str, object]] = {}
    for row in rows:
        kept = expected.setdefault((row["a"], row["b"]), dict(row))
        kept |= {name: value for name, value in row.items() if value is not None}
    schema = pa.schema([("a", pa.string()), ("b", pa.int64()), ("c", pa.int64())])
    found = merged(pa.Table.from_pylist(rows, schema=schema), keys=("a", "b"))
    assert found.to_pylist() == list(expected.values())
