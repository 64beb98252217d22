"""The ledger's list of loaded files: by digest, with their account; and how a person's name leaves it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from tactful.store import ledger
from tactful.store.sql import named


def record(tx: ledger.Transaction, account: Mapping[str, object], *, run_id: bytes, at: datetime) -> None:
    """Notes one file's account.

    Args:
        account: source, file, digest, contract, rows_read, accepted, quarantined, duplicate, state and why.
        run_id: the load run that sealed its rows.
        at: when, by the machine's clock.
    """
    ledger.write(tx, "loaded_file", [{**account, "loaded_at": at, "run_id": run_id}])


def forget_names(tx: ledger.Transaction, *, pattern: re.Pattern[bytes]) -> int:
    """Takes a person's name out of the names of loaded files; returns how many were renamed.

    Args:
        pattern: matches the person's identifiers.
    """
    rows = ledger.ask(tx, named("ledger.load.files"))
    values = [
        {"source": row["source"], "digest": row["digest"], "file": f"(erased) {row['digest'].hex()[:12]}"}
        for row in rows
        if pattern.search(row["file"].encode())
    ]
    return ledger.act_many(tx, named("ledger.load.rename_file"), values)
