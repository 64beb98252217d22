"""In sync: while a promise is in force, a pull touchpoint shows it, and it shows no offer that was not promised."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.decide.choice import Sealed
from tactful.decide.codes import CODE, ELIGIBLE
from tactful.decide.columns import lists
from tactful.decide.reasons import Explanation, arm_name, explain
from tactful.words.clock import Clock
from tactful.words.errors import Misuse
from tactful.words.outcome import Reason

_UNSENT: Final = frozenset({"cancelled", "expired", "rejected", "poison"})
"""States of the outbox in which nobody was told of the promise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What one customer was promised. Stability: caller.

    Attributes:
        offer: its id.
        program: whose message made it; None where that is no longer known.
        terms: what was promised, such as share or amount, as the ledger holds it.
        valid_until: the last instant at which it holds.
    """

    offer: str
    program: str | None
    terms: Mapping[str, str]
    valid_until: datetime


def in_force(rows: Iterable[Mapping[str, Any]], *, clock: Clock) -> tuple[Promise, ...]:  # Any: ledger rows
    """The promises of one customer that hold now: issued, not used, not over, and not of a message that never left.

    Args:
        rows: of `ledger.decide.promises_of_customer`.
        clock: now.
    """
    return tuple(
        Promise(
            offer=row["offer_id"], program=row["program"], terms=json.loads(row["promise"]),
            valid_until=row["valid_until"],
        )
        for row in rows
        if row["state"] == "issued" and row["valid_until"] > clock.now and row["sent"] not in _UNSENT
    )  # fmt: skip


def kept(row: pa.RecordBatch, *, arms: Arms, promises: Sequence[Promise]) -> pa.RecordBatch:
    """The customer's row of `inputs` at a pull touchpoint, held to the promises in force.

    No arm speaks of an offer that was not promised. Where an arm of this touchpoint can show a promise, with the offer
    and by the program that made it, only such arms compete.

    Args:
        row: one row, its `touchpoint` the one that asks.
        arms: what there is to say.
        promises: those in force.

    Raises:
        Misuse: more rows than one.
    """
    if row.num_rows != 1:
        raise Misuse.say(where="promises", what=f"{row.num_rows} rows", do="ask for one customer at a time")
    codes = row["why_not"].flatten().to_numpy().copy()
    kind = arms.of_kind(row["touchpoint"][0].as_py()).tolist()
    offers = {promise.offer for promise in promises}
    for arm in kind:
        if arms.offer[arm] is not None and arms.offer[arm] not in offers and codes[arm] == ELIGIBLE:
            codes[arm] = CODE[Reason.OFFER_NOT_HERE]
    shows = able(codes, arms=arms, kind=kind, promises=promises)
    for arm in kind[1:] if shows else ():
        if arm not in shows and codes[arm] == ELIGIBLE:
            codes[arm] = CODE[Reason.KEEPS_PROMISE]
    columns = {name: row[name] for name in row.schema.names}
    columns["why_not"], columns["eligible"] = lists(codes[None, :]), lists((codes == ELIGIBLE)[None, :])
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=row.schema)


def able(codes: NDArray[np.int64], *, arms: Arms, kind: Sequence[int], promises: Sequence[Promise]) -> list[int]:
    """The arms that may be chosen and show a promise."""
    return [arm for arm in kind if codes[arm] == ELIGIBLE and _shows(arms, arm, promises=promises)]


def _shows(arms: Arms, arm: int, *, promises: Sequence[Promise]) -> bool:
    return any(
        arms.offer[arm] == promise.offer and promise.program in (None, arms.program[arm]) for promise in promises
    )


def visit(
    row: pa.RecordBatch, *, sealed: Sealed, promises: Sequence[Promise], salt: str, clock: Clock
) -> tuple[Explanation, tuple[Promise, ...]]:
    """What a pull touchpoint shows one customer now, and which promises that keeps.

    Without a promise to show, the kernel decides as ever. With one, chance has no part: the best of the arms that show
    it stands, whatever it scores, for the promise is given already.

    Args:
        row: the customer's row of `inputs`, its `touchpoint` the one that asks.
        sealed: what is decided by.
        promises: those in force.
        salt: the project's.
        clock: now.
    """
    asked = kept(row, arms=sealed.arms, promises=promises)
    told = explain(asked, sealed=sealed, salt=salt, clock=clock)
    kind = sealed.arms.of_kind(row["touchpoint"][0].as_py()).tolist()
    shows = able(asked["why_not"].flatten().to_numpy(), arms=sealed.arms, kind=kind, promises=promises)
    if not shows:
        return told, ()
    names = {arm_name(sealed.arms, arm): arm for arm in reversed(shows)}
    best = next(one.name for one in told.arms if one.name in names)
    arms = tuple(dataclasses.replace(one, chance=float(one.name == best)) for one in told.arms)
    sentences = (Reason.KEEPS_PROMISE.sentence,)
    shown = dataclasses.replace(told, outcome="chosen", arm=best, sentences=sentences, arms=arms, instead=None)
    return shown, tuple(one for one in promises if _shows(sealed.arms, names[best], promises=[one]))
