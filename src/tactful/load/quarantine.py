"""Quarantine: every refused row with its exact bytes, where it stood and why; and which of them still wait.

Rows are only ever added. A refused row is put in with `replayed_at` empty; when it is read again, a second row of the
same place (`digest`, `line`, `byte_offset`), without bytes and with `replayed_at` set, takes it out. If it is refused
once more, it is put in again under the new contract. So a place in a file waits exactly if it was put in more often
than it was taken out (`load.waiting_count`). A person's erasure removes what was put in, and so ends the waiting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import pyarrow as pa

from tactful.load.refused import Origin, RefusedRow
from tactful.load.rules import Rule
from tactful.store import contracts

MOST_AT_ONCE = 65_536


def put_in(rows: Iterable[tuple[RefusedRow, int | None]], *, origin: Origin) -> pa.RecordBatch:
    """Refused rows with their occurrence numbers, where they have one, as rows of `quarantine`."""
    listed = [
        {
            "source": origin.source,
            "file": (row.origin or origin).file,
            "digest": (row.origin or origin).digest,
            "written_as": (row.origin or origin).written_as,
            "line": row.line,
            "byte_offset": row.byte_offset,
            "raw": row.raw,
            "field": row.field,
            "rule": row.rule,
            "reason": row.reason,
            "contract": origin.contract,
            "seen_at": origin.now,
            "replayed_at": None,
            "occurrence": number,
        }
        for row, number in rows
    ]
    return pa.RecordBatch.from_pylist(listed, schema=contracts.table("quarantine").schema)


def taken_out(waiting: Mapping[str, object], *, now: datetime) -> dict[str, object]:
    """The row that takes a waiting row out again: the same place, no bytes, and when it was read again."""
    return {**waiting, "raw": b"", "replayed_at": now}


def unreadable(bad: pa.RecordBatch) -> list[RefusedRow]:
    """The rows of a file that could not be cut into cells, as refused rows."""
    return [
        RefusedRow(
            row=-1,
            line=row["line"],
            byte_offset=row["byte_offset"],
            raw=row["raw"],
            field=row["field"],
            rule=row["rule"],
            reason=row["reason"],
        )
        for row in bad.to_pylist()
    ]


NEVER_AGAIN = (Rule.ERASED.value, Rule.ROW_TOO_LONG.value)
"""Rules whose rows are not read again: their bytes are not there, or not whole."""
