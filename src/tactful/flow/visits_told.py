"""What one customer was shown when they came: what the ledger holds, and what is sealed, newest first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from tactful.flow.manifest import known_runs, sealed_in
from tactful.flow.visits import VISITS
from tactful.flow.workspace import Workspace
from tactful.store import ledger
from tactful.store.one_customer import of_key
from tactful.store.sql import named
from tactful.words.ids import customer_key
from tactful.words.level import Level
from tactful.words.outcome import Reason

Row = dict[str, Any]  # Any: one row of mixed columns

_TOLD: Final = ("touchpoint", "outcome_kind", "program", "level", "offer_id", "reasons", "propensity", "held_out_of")
_LISTED: Final = 8


def visits_of(space: Workspace, customer_id: str) -> list[Row]:
    """What was decided for a customer when they came, newest first.

    Args:
        space: the project.
        customer_id: whose.
    """
    with space.ledger.reading() as tx:
        kept = ledger.ask(tx, named("ledger.decide.live_of_customer"), {"customer_id": customer_id})
        runs = [one for one in known_runs(tx) if one.kind == VISITS]
        sealed = [sealed_in(tx, one.run_id, root=space.lake) for one in runs]
    columns = ["decided_at", *_TOLD]
    found = [
        {name: row[name] for name in columns}
        for each in sealed
        if "decisions" in each
        for row in of_key(each["decisions"], customer_key(customer_id), columns=columns).to_pylist()
    ]
    for row in kept:
        body = json.loads(row["body"])
        found.append({"decided_at": row["decided_at"], **{name: body[name] for name in _TOLD}})
    return sorted(found, key=lambda row: (row["decided_at"], row["touchpoint"]), reverse=True)


def visit_lines(came: Sequence[Row], *, zone: str) -> Iterator[str]:
    """The last of them in plain words.

    Args:
        came: as `visits_of` gives them.
        zone: in which times are told.
    """
    if came:
        yield ""
        yield "What they were shown when they came"
    for row in came[:_LISTED]:
        at: datetime = row["decided_at"]
        yield f"  {at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {row['touchpoint']}: {_said(row)}"
        yield f"    {Reason(row['reasons'][0]).sentence}"
    if len(came) > _LISTED:
        yield f"  and {len(came) - _LISTED} times before"


def _said(row: Row) -> str:
    if row["program"] is None:
        return "nothing"
    offer = f" with {row['offer_id']}" if row["offer_id"] else ""
    return f"{row['program']}, {Level(row['level']).label}{offer}"
