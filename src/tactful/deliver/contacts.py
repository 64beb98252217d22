"""Contacts: what caps count. Imported past sends count from the first day."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from tactful.store import lake, ledger
from tactful.words.sealed import Sealed


def record(inputs: Mapping[str, Sealed | pa.Table], *, tx: ledger.Transaction) -> int:
    """Imported past sends go into the ledger; what is there already stays. Returns how many were new.

    Args:
        inputs: `past_sends`, as loaded.
    """
    return sum(ledger.write(tx, "contact", batch) for batch in lake.batches(inputs["past_sends"]))
