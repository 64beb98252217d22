"""One message of every skeleton is written once more, by the reference path: what comes out are its author's words."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.compose import messages
from tactful.flow.stage import Inputs
from tactful.flow.workspace import Workspace
from tactful.store import lake

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
    decisions = lake.read(inputs["decisions"])
    decisions = decisions.filter(pc.is_in(decisions["decision_id"], value_set=wanted.combine_chunks()))
    people = lake.read(inputs["profiles"])
    whose = decisions["customer_id"].combine_chunks()
    given = {
        "decisions": decisions,
        "profiles": people.filter(pc.is_in(people["customer_id"], value_set=whose)),
        "items": inputs["items"],
    }
    written = messages.write(given, project=space.project, clock=space.clock, key=space.key, in_columns=False)
    tables = [batch for batch in written if (batch.schema.metadata or {}).get(b"table") == b"messages"]
    return [row for batch in tables for row in batch.select(["message_id", "skeleton_id", "bytes_hash"]).to_pylist()]
