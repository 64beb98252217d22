"""Texts read as the codes of their file say the same, also within lists, across groups of rows and files."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tactful.store import lake
from tactful.store.codes import in_codes, opened
from tactful.words.sealed import Sealed, SealedFile

ROWS = 3_000


def table(*, kinds: int, seed: int = 5) -> pa.Table:
    """Rows with a text, and with lists of items, some empty and some of them missing."""
    chance = random.Random(seed)

    def item() -> dict[str, object]:
        return {"item_id": f"{chance.randrange(kinds):0400}", "because": chance.choice([None, "a", "b"]), "count": 3}

    return pa.table(
        {
            "word": pa.array([chance.choice(["x", "ü", None]) for _ in range(ROWS)], pa.string()),
            "items": pa.array([[item() for _ in range(chance.randrange(4))] for _ in range(ROWS)]),
            "number": pa.array(range(ROWS)),
        }
    )


def written(path: Path, made: pa.Table, *, groups: int = 3) -> str:
    pq.write_table(made, path, row_group_size=max(1, ROWS // groups))
    return str(path)


@pytest.mark.parametrize("kinds", [7, 1 << 60], ids=["few", "more than a dictionary holds"])
def test_texts_of_lists_are_codes_and_say_the_same(tmp_path: Path, kinds: int) -> None:
    made = table(kinds=kinds)
    path = written(tmp_path / "a.parquet", made)
    read = opened(path, coded=["items", "word", "number", "unknown"]).table(None)
    flat = read["items"].combine_chunks().flatten()
    assert pa.types.is_dictionary(flat.field("item_id").type)
    assert pa.types.is_dictionary(read["word"].type)
    assert pa.types.is_integer(flat.field("count").type)
    assert read.to_pylist() == made.to_pylist()
    assert read.combine_chunks().to_pylist() == made.to_pylist()


def test_columns_and_batches_are_those_that_were_asked_for(tmp_path: Path) -> None:
    made = table(kinds=50)
    file = opened(written(tmp_path / "a.parquet", made), coded=["items"])
    assert file.table(["word"]).equals(made.select(["word"]))
    batches = list(file.batches(["number", "items"], rows=700))
    assert max(batch.num_rows for batch in batches) == 700
    assert pa.Table.from_batches(batches).to_pylist() == made.select(["number", "items"]).to_pylist()


def test_a_file_without_rows_has_the_same_columns(tmp_path: Path) -> None:
    made = table(kinds=5)
    full = opened(written(tmp_path / "a.parquet", made), coded=["items", "word"]).table(None)
    empty = opened(written(tmp_path / "b.parquet", made.slice(0, 0)), coded=["items", "word"]).table(None)
    assert empty.num_rows == 0
    assert empty.schema.types == full.schema.types


def test_several_files_with_words_of_their_own_are_one_table(tmp_path: Path) -> None:
    parts = [table(kinds=9, seed=1), table(kinds=1 << 60, seed=2)]
    files = tuple(
        SealedFile(path=written(tmp_path / f"{number}.parquet", one), content_hash=bytes(16), rows=ROWS)
        for number, one in enumerate(parts)
    )
    source = Sealed(table="decisions", run_id=bytes(16), files=files)
    every = [row for one in parts for row in one.select(["items", "word"]).to_pylist()]
    assert lake.read(source, columns=["items", "word"], coded=["items", "word"]).combine_chunks().to_pylist() == every


def test_codes_are_made_of_texts_that_are_spelt_out() -> None:
    made = table(kinds=4)["items"].combine_chunks()
    coded = in_codes(made)
    assert pa.types.is_dictionary(coded.values.field("item_id").type)
    assert coded.to_pylist() == made.to_pylist()
    assert in_codes(pa.array([[None], None, [{"a": "x"}, {"a": None}]])).to_pylist() == [
        [None],
        None,
        [{"a": "x"}, {"a": None}],
    ]
