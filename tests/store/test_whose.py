"""A customer's row is found by key where keys can say it, and by nobody's else."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as some

from tactful.store.whose import rows_by_key
from tactful.words.ids import customer_key


def people(names: list[str]) -> pa.Table:
    return pa.table(
        {"customer_id": pa.array(names, pa.string()), "customer_key": pa.array(map(customer_key, names), pa.int64())}
    )


def by_key(names: list[str]) -> pa.Table:
    return people(sorted(names, key=customer_key))


@given(some.sets(some.text(max_size=3), min_size=1), some.data())
def test_everybody_who_is_known_is_found_in_any_order_and_twice(names: set[str], data: some.DataObject) -> None:
    wanted = data.draw(some.lists(some.sampled_from(sorted(names))))
    known = by_key([*names])
    found = rows_by_key(people(wanted), among=known)
    assert found is not None
    assert known["customer_id"].take(pa.array(found, pa.int64())).to_pylist() == wanted


@pytest.mark.parametrize(
    ("wanted", "known"),
    [
        (people(["d"]), by_key(["a", "b"])),
        (people(["a"]), by_key([])),
        (people(["a"]), by_key(["a", "a"])),
        (people(["a"]), people(sorted(["a", "b", "c"], key=customer_key, reverse=True))),
        (pa.table({"customer_id": ["x"], "customer_key": [customer_key("a")]}), by_key(["a"])),
        (pa.table({"customer_id": pa.array([None], pa.string()), "customer_key": [customer_key("a")]}), by_key(["a"])),
        (pa.table({"customer_id": ["a"], "customer_key": pa.array([None], pa.int64())}), by_key(["a"])),
        (people(["a"]).select(["customer_id"]), by_key(["a"])),
    ],
    ids=["unknown", "nobody", "twice", "not sorted", "another's key", "no name", "no key", "no keys"],
)
def test_where_keys_cannot_say_it_nothing_is_said(wanted: pa.Table, known: pa.Table) -> None:
    assert rows_by_key(wanted, among=known) is None


def test_nobody_wanted_is_nobody_found() -> None:
    found = rows_by_key(people([]), among=by_key(["a"]))
    assert found is not None
    assert len(found) == 0
