"""Tables put aside while a stage works: the first stay in memory, the others wait in files that end with the stage."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.ipc

HELD_BYTES: Final = 128 << 20
"""So many bytes of tables stay in memory."""


class Scratch:
    """Tables by number, in the order in which they were put aside. Stability: internal."""

    def __init__(self, folder: Path, *, held_bytes: int) -> None:
        self._folder, self._room = folder, held_bytes
        self._tables: list[pa.Table | Path] = []

    @classmethod
    @contextmanager
    def within(cls, parent: Path, *, held_bytes: int = HELD_BYTES) -> Iterator[Scratch]:
        """A place that is gone when the block ends; what a kill leaves is swept away with `parent` by the next run.

        Args:
            parent: made when the first table does not fit in memory, and removed if nothing else is in it.
            held_bytes: so many bytes of tables stay in memory.
        """
        scratch = cls(parent, held_bytes=held_bytes)
        try:
            yield scratch
        finally:
            scratch.clear()

    def put(self, table: pa.Table) -> int:
        """Puts a table aside, and says its number."""
        self._room -= table.nbytes
        self._tables.append(table if self._room >= 0 else self._write(table))
        return len(self._tables) - 1

    def get(self, number: int) -> pa.Table:
        """The table of a number."""
        kept = self._tables[number]
        if isinstance(kept, pa.Table):
            return kept
        with pa.OSFile(str(kept)) as bytes_of, pa.ipc.open_file(bytes_of) as file:
            return file.read_all()

    def clear(self) -> None:
        """Forgets every table, and removes the files."""
        for folder in {kept.parent for kept in self._tables if isinstance(kept, Path)}:
            shutil.rmtree(folder, ignore_errors=True)
        self._tables = []
        if self._folder.is_dir() and not any(self._folder.iterdir()):
            self._folder.rmdir()

    def _write(self, table: pa.Table) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = Path(tempfile.mkdtemp(dir=self._folder, prefix="aside-")) / "rows.arrow"
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_file(str(path), table.schema, options=options) as file:
            file.write_table(table)
        return path
