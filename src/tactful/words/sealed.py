"""A sealed table: what a stage leaves behind and another may read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A handle to rows that will not change. Stability: full.

    Attributes:
        table: name of the table in the contracts.
        run_id: 16 bytes, the run that sealed it.
        paths: absolute paths of its Parquet files, in order; may be empty where the stage wrote no row.
        content_hash: 16 bytes over the files' bytes in order.
        rows: number of rows.
    """

    table: str
    run_id: bytes
    paths: tuple[str, ...]
    content_hash: bytes
    rows: int
