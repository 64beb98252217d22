"""What the outbox holds programs to, counted where contacts are reserved: two runs at once cannot pass it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tactful.project.policy import Policy
from tactful.project.programs import Program
from tactful.store import ledger
from tactful.store.sql import named
from tactful.words.clock import Clock
from tactful.words.outcome import Reason


def hold(tx: ledger.Transaction, programs: Mapping[str, Program], *, run_id: bytes, clock: Clock) -> int:
    """Cancels queued rows that a program's own rules forbid by now, in the transaction that queued them.

    Asked after the rows of the run and their reservations are written: every other contact counts, sent or reserved, by
    whichever run. What is cancelled gives its reservation back.

    Args:
        tx: the open transaction.
        programs: with their rules.
        run_id: whose rows.
        clock: the project's now; days are project days.

    Returns:
        How many rows were cancelled.
    """
    cancelled = 0
    for name in sorted(programs):
        for values in _apart(name, programs=programs, clock=clock):
            cancelled += ledger.act(tx, named("ledger.deliver.refuse_beside"), {"run_id": run_id, **values})
        follows, most = programs[name].follows, programs[name].limits.sends_per_day
        if follows is not None:
            since = clock.days_before(follows.within) if follows.within is not None else clock.days_before(36_500)
            values = {
                "program": name, "other": follows.program, "before": clock.days_before(follows.days - 1),
                "since": since, "why": Reason.OUT_OF_SEQUENCE.value,
            }  # fmt: skip
            cancelled += ledger.act(tx, named("ledger.deliver.refuse_out_of_step"), {"run_id": run_id, **values})
        if most is not None:
            values = {"program": name, "since": clock.midnight, "most": most, "why": Reason.CAPACITY.value}
            cancelled += ledger.act(tx, named("ledger.deliver.refuse_over_capacity"), {"run_id": run_id, **values})
    if cancelled:
        ledger.act(tx, named("ledger.deliver.release_contacts"), {"run_id": run_id})
    return cancelled


def hold_channels(tx: ledger.Transaction, policy: Policy, *, run_id: bytes, clock: Clock) -> int:
    """Cancels queued rows beyond what channels can carry in a day, all runs together; asked where `hold` is.

    Args:
        tx: the open transaction.
        policy: its capacity says how much a channel can carry.
        run_id: whose rows.
        clock: the project's now; days are project days.

    Returns:
        How many rows were cancelled.
    """
    cancelled = 0
    for send in policy.capacity.sends:
        if send.per == "day":
            values = {"channel": send.channel, "since": clock.midnight, "most": send.most}
            values |= {"run_id": run_id, "why": Reason.CAPACITY.value}
            cancelled += ledger.act(tx, named("ledger.deliver.refuse_over_channel"), values)
    if cancelled:
        ledger.act(tx, named("ledger.deliver.release_contacts"), {"run_id": run_id})
    return cancelled


def _apart(name: str, *, programs: Mapping[str, Program], clock: Clock) -> Iterator[dict[str, object]]:
    """Which contacts stand against a message of a program: its own for so long, others' of the same day."""
    program = programs[name]
    if program.every is not None:
        since = clock.days_before(program.every - 1)
        yield {"program": name, "other": name, "since": since, "why": Reason.RESTING.value}
    said = {other for other, its in programs.items() if name in its.excludes}
    for other in sorted({*program.excludes, *said} - {name}):
        yield {"program": name, "other": other, "since": clock.midnight, "why": Reason.EXCLUDED_BY.value}
