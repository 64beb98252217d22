"""A row that was refused: where it stood, its exact bytes, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What all refused rows of one file share. Stability: internal.

    Attributes:
        source: name of the source.
        file: name of the file.
        digest: of the file, 16 bytes.
        contract: under which the rows were judged.
        now: the project's now.
        written_as: how the bytes are written, as JSON: form, encoding, delimiter and header.
    """

    source: str
    file: str
    digest: bytes
    contract: str
    now: datetime
    written_as: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """One row that was not accepted. Stability: internal.

    Attributes:
        row: its position in its stretch; -1 where it could not be cut into cells.
        line: physical line on which it starts, from 1; for Parquet the row number.
        byte_offset: where its first byte stands; None for Parquet.
        raw: its exact bytes; none where the person was erased.
        field: the file's column at fault; None where the row as a whole is.
        rule: the rule it breaks: one of `Rule`, or the name of a source's own rule.
        reason: the same for a person; never repeats a value.
        origin: where it came from, where that is not the file being read.
    """

    row: int
    line: int
    byte_offset: int | None
    raw: bytes
    field: str | None
    rule: str
    reason: str
    origin: Origin | None = None
