"""The ledger's list of loaded files: by digest, with their account; and how a person's name leaves it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from tactful.store import ledger
from tactful.store.sql import named


def record(tx: ledger.Transaction, account: Mapping[str, object], *, run_id: bytes, at: datetime) -> None:
    """Notes one file's account, in place of an earlier one that says the file was held.

    Args:
        account: source, file, digest, contract, rows_read, accepted, quarantined, duplicate, state and why.
        run_id: the load run that sealed its rows.
        at: when, by the machine's clock.
    """
    place = {"source": account["source"], "digest": account["digest"]}
    ledger.act(tx, named("ledger.load.drop_held"), place)
    ledger.write(tx, "loaded_file", [{**account, "loaded_at": at, "run_id": run_id}])


def forget_names(tx: ledger.Transaction, *, pattern: re.Pattern[bytes]) -> int:
    """Takes a person's name out of the names of loaded files and what is said of them; returns how many changed.

    Args:
        pattern: matches the person's identifiers.
    """
    rows = ledger.ask(tx, named("ledger.load.files"))
    values = [
        {
            "source": row["source"],
            "digest": row["digest"],
            "file": pattern.sub(b"(erased)", row["file"].encode()).decode(),
            "why": pattern.sub(b"(erased)", row["why"].encode()).decode(),
        }
        for row in rows
        if pattern.search(f"{row['file']} {row['why']}".encode())
    ]
    return ledger.act_many(tx, named("ledger.load.rename_file"), values)
