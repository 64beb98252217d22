"""One customer's rows are found by reading few others, whatever file and group they are in."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tactful.store import contracts, lake
from tactful.store.one_customer import HELD, Finder, of_key
from tactful.words.sealed import Sealed

ROWS = 9_000


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    """Members of three segments, sorted by segment and then by key, in files of two thousand."""
    rng = np.random.default_rng(1)
    schema = contracts.table("segments").schema
    keys = rng.permutation(ROWS)
    now = pa.scalar(0, pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    rows = pa.table({
        "segment": [f"s{key % 3}" for key in keys], "customer_id": [f"c{key // 3}" for key in keys],
        "customer_key": pa.array(keys // 3), "as_of": pa.repeat(now, ROWS),
    }, schema=schema).sort_by([("segment", "ascending"), ("customer_key", "ascending")])  # fmt: skip
    return lake.seal(
        "segments", rows.to_batches(), root=tmp_path_factory.mktemp("lake"), run_id=bytes(16), rows_per_file=2_000
    )


def test_who_is_asked_for_is_found_in_every_segment(segments: Sealed) -> None:
    finder, whole = Finder.of(segments), lake.read(segments)
    for key in (0, 1, 7, 1_500, 2_999):
        mine = whole.filter(pc.equal(whole["customer_key"], key))
        assert mine.num_rows == 3
        assert finder.rows(key).equals(mine)
        assert of_key(segments, key).equals(mine)
    assert len(finder.held) <= HELD


def test_nobody_is_nobody_and_a_table_without_files_has_nobody(segments: Sealed) -> None:
    none = Finder.of(segments).rows(5_000)
    assert (none.num_rows, none.schema) == (0, contracts.table("segments").schema)
    assert Finder.of(Sealed(table="segments", run_id=bytes(16), files=())).rows(1).num_rows == 0


def test_only_the_groups_are_read_that_may_hold_them(segments: Sealed) -> None:
    finder = Finder.of(segments)
    finder.rows(1_500)
    read = sum(len(keys) for keys, _ in finder.held.values())
    assert read < ROWS / 10


def test_columns_that_are_not_asked_for_are_not_read(segments: Sealed) -> None:
    assert of_key(segments, 7, columns=["segment"]).column_names == ["segment"]
