"""Contacts that nobody answered: those of each program since the customer's last order."""

from __future__ import annotations

import numpy as np

from tactful.decide.members import Inputs, Keys
from tactful.decide.standing import Contacts, micros
from tactful.project.declared import Project
from tactful.store import sql
from tactful.store.engines.duckdb import Engine


def since_last_order(inputs: Inputs, *, project: Project, contacts: Contacts) -> dict[str, Keys]:
    """For every program that rests: the key of each of its contacts since the customer last ordered, sorted.

    Args:
        inputs: `transactions`; without them every contact counts as unanswered.
        project: its programs say which rest.
        contacts: what counts.
    """
    resting = [name for name, program in project.programs.items() if program.rest_after is not None]
    if not resting:
        return {}
    keys, last = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    if "transactions" in inputs and contacts.key.size:
        settings = project.settings
        with Engine.open(memory=settings.memory, threads=settings.threads, scratch=project.root / ".spill") as engine:
            rows = engine.table(sql.named("decide.last_orders"), tables={"transactions": inputs["transactions"]})
        keys, last = rows["customer_key"].to_numpy(), micros(rows["last_at"])
    ordered = np.full(contacts.key.size, np.iinfo(np.int64).min)
    if keys.size:
        at = np.minimum(np.searchsorted(keys, contacts.key), keys.size - 1)
        ordered = np.where(keys[at] == contacts.key, last[at], ordered)
    unanswered = contacts.happened_at > ordered
    return {name: contacts.key[unanswered & (contacts.program == name)] for name in resting}
