"""Files of one load as one sorted table: each row once, in order, equal values file by file; loads after each other."""

from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.store import contracts, lake, merging
from tactful.words.sealed import Sealed

SCHEMA = contracts.table("segments").schema
WORDS = st.lists(st.sampled_from(["a", "b", "é", "z", "\U0001f600", "\uffee"]), max_size=12)


def sealed(root: Path, *files: list[str], run: bytes = b"r" * 16, rows: int = 1 << 20) -> Sealed:
    """Each file's rows under a number of their own, so that their order shows."""
    parts = []
    for number, words in enumerate(files):
        table = [
            {"segment": word, "customer_id": f"{number}", "customer_key": place, "as_of": 0}
            for place, word in enumerate(words)
        ]
        batch = pa.RecordBatch.from_pylist(table, schema=SCHEMA)
        parts += lake.seal("segments", [batch], root=root, run_id=run, part=str(number), rows_per_file=rows).files
    return Sealed(table="segments", run_id=run, files=tuple(parts))


def told(source: Sealed | pa.Table, *, rows: int = 2) -> list[tuple[str, str, int]]:
    found = [row for batch in merging.merged(source, by="segment", rows=rows) for row in batch.to_pylist()]
    return [(row["segment"], row["customer_id"], row["customer_key"]) for row in found]


@given(files=st.lists(WORDS, min_size=1, max_size=5), least=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_every_row_comes_once_in_order_and_ties_file_by_file(tmp_path_factory, files: list[list[str]], least) -> None:
    source = sealed(tmp_path_factory.mktemp("lake"), *files)
    expected = sorted(
        ((word, str(number), place) for number, words in enumerate(files) for place, word in enumerate(words)),
        key=lambda row: (row[0].encode(), row[1], row[2]),
    )
    assert told(source, rows=least * len(files)) == expected


def test_loads_come_one_after_the_other(tmp_path: Path) -> None:
    one, two = sealed(tmp_path, ["b", "d"], ["c"]), sealed(tmp_path, ["a"], ["b"], run=b"s" * 16)
    both = Sealed(table="segments", run_id=bytes(16), files=(*one.files, *two.files))
    assert [row[0] for row in told(both)] == ["b", "c", "d", "a", "b"]


def test_a_table_in_memory_is_given_as_it_is() -> None:
    rows = [{"segment": word, "customer_id": "1", "customer_key": 1, "as_of": 0} for word in ("b", "a")]
    assert [row[0] for row in told(pa.Table.from_pylist(rows, schema=SCHEMA))] == ["b", "a"]
    assert told(Sealed(table="segments", run_id=bytes(16), files=())) == []
