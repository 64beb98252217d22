"""The suppression list: keyed hashes of addresses, so that a no outlives the data and tells nobody whose it is."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from tactful.store import lake, ledger
from tactful.words.consent import ANY_CHANNEL
from tactful.words.sealed import Sealed


def address_hash(address: str, *, key: bytes) -> bytes:
    """16 bytes that name an address to who holds the key, and to nobody else.

    Case and white space around it do not matter.

    >>> address_hash(" Anna@Example.org", key=b"k" * 32) == address_hash("anna@example.org ", key=b"k" * 32)
    True
    """
    return hmac.digest(key, b"address\x00" + address.strip().lower().encode("utf-8"), "sha256")[:16]


def record(inputs: Mapping[str, Sealed | pa.Table], *, key: bytes, tx: ledger.Transaction) -> int:
    """Imported suppressions go into the ledger; what is there already stays. Returns how many were new.

    Args:
        inputs: `suppressions`, as loaded.
        key: the project's token key.
    """
    added = 0
    for batch in lake.batches(inputs["suppressions"]):
        rows = batch.to_pylist()
        added += ledger.write(
            tx, "suppression", [{**row, "address_hash": address_hash(row["address"], key=key)} for row in rows]
        )
    return added


def suppressed(inputs: Mapping[str, Sealed | pa.Table], *, key: bytes) -> pa.Table:
    """Which customers may not be written to because their address is on the list.

    Args:
        inputs: `profiles` (customer_id, email) and the ledger's `suppression`.
        key: the project's token key.

    Returns:
        Columns customer_id and channel (`email`), one row per suppressed customer.
    """
    listed = lake.read(inputs["suppression"])
    applies = pc.is_in(listed["channel"], value_set=pa.array(["email", ANY_CHANNEL]))
    hashes = set(listed.filter(applies)["address_hash"].to_pylist())
    found: list[str] = []
    if hashes:
        for batch in lake.batches(inputs["profiles"], columns=["customer_id", "email"]):
            pairs = zip(batch["customer_id"].to_pylist(), batch["email"].to_pylist(), strict=True)
            found += [c for c, address in pairs if address and address_hash(address, key=key) in hashes]
    return pa.table(
        {"customer_id": pa.array(found, pa.string()), "channel": pa.array(["email"] * len(found), pa.string())}
    )
