"""A stage is a value: what it reads, what it writes, and the room's function that does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from tactful.flow.workspace import Workspace
from tactful.store.ledger import Transaction
from tactful.words.sealed import Sealed

Inputs = Mapping[str, "Sealed | pa.Table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What an act is given besides its inputs. Stability: internal."""

    space: Workspace
    run_id: bytes
    occasion: str
    report: Callable[[int], None]
    """Takes how many rows were just done, for the progress bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of a run. Stability: internal.

    Attributes:
        name: a noun or verb people see.
        says: one line of what it does.
        reads: tables it reads; lake tables of load span every load, ledger tables come as they stand.
        writes: lake tables it seals.
        act: yields the rows it writes; each batch names its table.
        follows: the table that it goes through row by row as it writes the first it writes; empty where nobody can
            say how far it is.
        notes: for a stage that writes the ledger: it runs in the transaction that also marks the stage done.
    """

    name: str
    says: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    act: Callable[[Inputs, Work], Iterable[pa.RecordBatch]] | None = None
    notes: Callable[[Inputs, Work, Transaction], None] | None = None
    follows: str = ""
