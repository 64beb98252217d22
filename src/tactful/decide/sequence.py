"""Whose turn it is: steps of a sequence, and programs that do not reach the same customer on the same day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tactful.decide.members import Keys, among
from tactful.decide.people import Asked
from tactful.decide.standing import Contacts
from tactful.project.programs import Follows
from tactful.words.outcome import Reason

Flags = NDArray[np.bool_]


def keep_turn(asked: Asked, contacts: Contacts) -> None:
    """Denies the push arms of programs whose turn it is not, by what was sent or is about to be sent.

    A step goes once after each message of the step before, when so many project days have passed. A program does not go
    on a day on which one that excludes it, or that it excludes, has gone. The outbox asks both again.

    Args:
        asked: the batch.
        contacts: those that count, reserved ones included, in the order of key.
    """
    for name in sorted(asked.project.programs):
        program = asked.project.programs[name]
        push = [arm for arm in asked.arms_where(program=name) if not asked.arms.preview[arm]]
        if program.follows is not None:
            ready = _ready(contacts, name, follows=program.follows, asked=asked)
            asked.verdicts.deny(push, where=~among(asked.keys, ready), reason=Reason.OUT_OF_SEQUENCE)
        for other in beside(asked, name):
            today = contacts.since(1, clock=asked.clock, where=contacts.program == other)
            asked.verdicts.deny(push, where=among(asked.keys, today), reason=Reason.EXCLUDED_BY)


def beside(asked: Asked, name: str) -> tuple[str, ...]:
    """The programs that do not go on the same day, whichever of the two says so."""
    programs = asked.project.programs
    said = {other for other, program in programs.items() if name in program.excludes}
    return tuple(sorted({*programs[name].excludes, *said} - {name}))


def _ready(contacts: Contacts, name: str, *, follows: Follows, asked: Asked) -> Keys:
    """The keys of customers whose last message of the step before waits for this step; sorted."""
    before, own = _last(contacts, follows.program), _last(contacts, name)
    latest = np.full(before[0].size, np.iinfo(np.int64).min)
    if own[0].size:
        place = np.minimum(np.searchsorted(own[0], before[0]), own[0].size - 1)
        latest = np.where(own[0][place] == before[0], own[1][place], latest)
    by = int(asked.clock.days_before(follows.days - 1).timestamp()) * 1_000_000
    waits = (before[1] < by) & (before[1] > latest)
    if follows.within is not None:
        waits &= before[1] >= int(asked.clock.days_before(follows.within).timestamp()) * 1_000_000
    found: Keys = before[0][waits]
    return found


def _last(contacts: Contacts, program: str) -> tuple[Keys, NDArray[np.int64]]:
    """By customer the last contact of a program: keys in order, and instants in microseconds since 1970."""
    mine = contacts.program == program
    key, happened = contacts.key[mine], contacts.happened_at[mine]
    order = np.lexsort((happened, key))
    key, happened = key[order], happened[order]
    ends = np.flatnonzero(np.append(key[1:] != key[:-1], True)) if key.size else np.empty(0, dtype=np.int64)
    return key[ends], happened[ends]
