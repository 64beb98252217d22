"""A sealed table: what a stage leaves behind and another may read."""

import hashlib
from dataclasses import dataclass

from tactful.words.ids import derived_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """One file of a sealed table. Stability: full.

    Attributes:
        path: absolute path of the Parquet file.
        content_hash: 16 bytes, the beginning of the SHA-256 of its bytes.
        rows: number of rows.
    """

    path: str
    content_hash: bytes
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A handle to rows that will not change. Stability: full.

    Attributes:
        table: name of the table in the contracts.
        run_id: 16 bytes, the run that sealed it.
        files: its files in order; there may be none where the stage wrote no row.

    >>> Sealed(table="items", run_id=bytes(16), files=()).rows
    0
    """

    table: str
    run_id: bytes
    files: tuple[SealedFile, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """Absolute paths of the files, in order."""
        return tuple(file.path for file in self.files)

    @property
    def rows(self) -> int:
        """Number of rows of all files."""
        return sum(file.rows for file in self.files)

    @property
    def content_hash(self) -> bytes:
        """16 bytes that stand for every file: the only file's own hash, or one over all in order."""
        match self.files:
            case ():
                return hashlib.sha256(b"").digest()[:16]
            case (file,):
                return file.content_hash
        return derived_id("parts", *(file.content_hash.hex() for file in self.files))
