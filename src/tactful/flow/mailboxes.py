"""Who shares a mailbox: a no of one of them is a no of the address, also between plan and send."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from tactful.store import lake
from tactful.words.sealed import Sealed


def sharers(profiles: Sealed | pa.Table) -> dict[str, frozenset[str]]:
    """For each customer who shares an address, everybody at it; addresses differ neither by case nor by blanks.

    Args:
        profiles: customer_id and email.

    >>> found = sharers(pa.table({"customer_id": ["a", "b", "c"], "email": ["x@y.example", " X@y.example", None]}))
    >>> sorted(found), sorted(found["a"])
    (['a', 'b'], ['a', 'b'])
    """
    rows = lake.read(profiles, columns=["customer_id", "email"])
    address = pc.utf8_lower(pc.utf8_trim_whitespace(rows["email"]))
    rows = pa.table({"customer_id": rows["customer_id"], "address": address})
    rows = rows.filter(pc.fill_null(pc.not_equal(address, ""), False))
    counts = pc.value_counts(rows["address"].combine_chunks())
    often = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    together: dict[str, set[str]] = {}
    shared = rows.filter(pc.is_in(rows["address"], value_set=often))
    for name, at in zip(shared["customer_id"].to_pylist(), shared["address"].to_pylist(), strict=True):
        together.setdefault(at, set()).add(name)
    return {name: frozenset(names) for names in together.values() for name in names}
