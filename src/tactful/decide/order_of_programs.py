"""Which program goes first: priorities, and programs that exclude each other."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tactful.decide.people import Asked
from tactful.words.outcome import Reason
from tactful.words.touchpoint import PUSH


def settle(asked: Asked) -> pa.Array:
    """Denies arms where another program goes first, on each kind of touchpoint by itself.

    A program of higher priority with an arm that may be chosen goes before all of lower priority; a program silences
    those it excludes, in the order of priority and then name. Holdouts are drawn afterwards: being held out of one
    program frees nobody for another.

    Returns:
        The program that went first among push touchpoints, empty where none had to; text, shape (n,).
    """
    blocked = np.full(asked.keys.size, -1, dtype=np.int64)
    programs = asked.project.programs
    order = sorted(programs, key=lambda name: (-programs[name].priority, name))
    kinds = [PUSH, *asked.arms.pull_touchpoints]
    for kind in kinds:
        among = set(asked.arms.of_kind(kind).tolist())
        for place, name in enumerate(order):
            arms = [a for a in asked.arms_where(program=name) if a in among]
            if not arms:
                continue
            goes = asked.verdicts.may(arms)
            for other in _behind(asked, name):
                theirs = [a for a in asked.arms_where(program=other) if a in among]
                stopped = goes & (asked.verdicts.may(theirs) if theirs else False)
                asked.verdicts.deny(theirs, where=stopped, reason=Reason.EXCLUDED_BY)
                if kind == PUSH:
                    blocked[(blocked < 0) & stopped] = place
    return pa.array([*order, None], type=pa.string()).take(pa.array(np.where(blocked < 0, len(order), blocked)))


def _behind(asked: Asked, name: str) -> list[str]:
    """The programs that wait for this one."""
    programs = asked.project.programs
    own = programs[name]
    return [
        other for other in sorted(programs)
        if other != name and (other in own.excludes or programs[other].priority < own.priority)
    ]  # fmt: skip
