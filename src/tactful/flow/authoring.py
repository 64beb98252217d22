"""One message of every skeleton is written once more, by the reference path: what comes out are its author's words."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.compose import messages
from tactful.flow.stage import Inputs
from tactful.flow.workspace import Workspace
from tactful.store import lake
from tactful.words.sealed import Sealed

SCHEMA = pa.schema([("skeleton_id", pa.binary(16))])


def authored(inputs: Inputs, space: Workspace) -> pa.Table:
    """The skeletons of which a message, written again from its decision, comes out the same to the byte.

    Args:
        inputs: `messages`, `decisions`, `profiles` and `items`.
        space: the project, whose contents are rendered by python-liquid.

    Returns:
        One column, skeleton_id.
    """
    names = ["message_id", "decision_id", "skeleton_id", "bytes_hash"]
    stored = lake.read(inputs["messages"], columns=names)
    if not stored.num_rows:
        return SCHEMA.empty_table()
    codes = stored["skeleton_id"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    one_of_each = stored.take(pa.array(np.unique(codes, return_index=True)[1]))
    again = {row["message_id"]: row for row in _again(inputs, one_of_each["decision_id"], space=space)}
    kept = [
        row["skeleton_id"]
        for row in one_of_each.to_pylist()
        if (made := again.get(row["message_id"])) is not None
        and (made["skeleton_id"], made["bytes_hash"]) == (row["skeleton_id"], row["bytes_hash"])
    ]
    return pa.Table.from_pydict({"skeleton_id": kept}, schema=SCHEMA)


def _again(inputs: Inputs, wanted: pa.ChunkedArray, *, space: Workspace) -> list[dict[str, bytes]]:
    decisions = _only(inputs["decisions"], "decision_id", values=wanted.combine_chunks())
    given = {
        "decisions": decisions,
        "profiles": _only(inputs["profiles"], "customer_id", values=decisions["customer_id"].combine_chunks()),
        "items": inputs["items"],
    }
    written = messages.write(given, project=space.project, clock=space.clock, key=space.key, in_columns=False)
    tables = [batch for batch in written if (batch.schema.metadata or {}).get(b"table") == b"messages"]
    return [row for batch in tables for row in batch.select(["message_id", "skeleton_id", "bytes_hash"]).to_pylist()]


def _only(source: Sealed | pa.Table, name: str, *, values: pa.Array) -> pa.Table:
    """The rows with these values, found batch by batch: there may be millions of others."""
    kept = [batch.filter(pc.is_in(batch[name], value_set=values)) for batch in lake.batches(source)]
    return pa.Table.from_batches(kept) if kept else lake.read(source).slice(0, 0)
