"""How much of a file is held in memory at once, and what is too large or too damaged to be read."""

from __future__ import annotations

from dataclasses import dataclass, replace

MEBIBYTE = 1 << 20
GLANCE_BYTES = MEBIBYTE // 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of reading. Stability: caller.

    Attributes:
        chunk_bytes: bytes read at once; at least 64. Arrays over the rows of 2 MiB are small enough that memory given
            back is used again, not fetched anew from the system; below it Python's part of the work grows.
        cell_bytes: a longer cell puts its row into quarantine.
        row_bytes: a longer row is quarantined; a quote not closed within it is taken for a stray one.
        expansion: a compressed file that grows by more than this factor is refused.
        expansion_floor_bytes: growth up to here is never refused: small files of zeros are not bombs.
        damaged_share: a file whose characters are damaged to a larger share is held.
    """

    chunk_bytes: int = 2 * MEBIBYTE
    cell_bytes: int = MEBIBYTE
    row_bytes: int = 4 * MEBIBYTE
    expansion: int = 100
    expansion_floor_bytes: int = 4 * MEBIBYTE
    damaged_share: float = 0.001

    @property
    def at_a_glance(self) -> Limits:
        """The same for reading that keeps nothing of what it read: a little at a time stays near the processor."""
        return replace(self, chunk_bytes=min(self.chunk_bytes, GLANCE_BYTES))

    def __post_init__(self) -> None:
        if self.chunk_bytes < 64:
            raise ValueError(f"chunk_bytes is {self.chunk_bytes}; reading needs at least 64")
        if not 0 < self.cell_bytes <= self.row_bytes:
            raise ValueError(f"cell_bytes {self.cell_bytes} must be positive and at most row_bytes {self.row_bytes}")


SPREADSHEET_ROWS = {65_536: "an old Excel sheet", 1_048_576: "an Excel sheet"}


def full_sheet(rows: int, *, header: bool = True) -> str | None:
    """What is suspicious about a number of data rows: exactly as many as a spreadsheet can hold; None if nothing is.

    >>> full_sheet(65_535)
    'its 65,536 lines are exactly as many as an old Excel sheet holds: the rest was probably cut off'
    >>> full_sheet(65_534) is None
    True
    """
    lines = rows + header
    sheet = SPREADSHEET_ROWS.get(lines)
    return sheet and f"its {lines:,} lines are exactly as many as {sheet} holds: the rest was probably cut off"
