"""Holdouts: who is left alone so that the effect can be measured; the same people however often one asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.decide.columns import named_flags
from tactful.decide.members import Keys
from tactful.decide.people import Asked
from tactful.reckon.chance import draws, share_of_draws
from tactful.words.fact import Purpose
from tactful.words.ids import customer_key
from tactful.words.outcome import Reason

UNIVERSAL: Final = "universal"
"""The name of the universal holdout in `held_out_of`; a program may not be called so."""


def household_keys(batch: pa.RecordBatch) -> Keys:
    """The key that the universal holdout is drawn by: the household's where there is one, else the customer's."""
    coded = batch["household_id"].dictionary_encode()
    known = np.array([customer_key(f"household\x00{name}") for name in coded.dictionary.to_pylist()] + [0])
    place = coded.indices.fill_null(len(known) - 1).to_numpy(zero_copy_only=False)
    found: Keys = np.where(place == len(known) - 1, batch["customer_key"].to_numpy(), known.astype(np.int64)[place])
    return found


def quarter(day: date) -> str:
    """The period over which a program's holdout stays the same people.

    >>> quarter(date(2011, 12, 9))
    '2011Q4'
    """
    return f"{day.year}Q{(day.month + 2) // 3}"


def held_out(asked: Asked, *, household: Keys, kind: Iterable[int]) -> tuple[NDArray[np.bool_], pa.Array]:
    """Denies the arms of those who are held out, and says of what: only where one of this kind could have been chosen.

    Returns:
        Whether the universal holdout holds them, shape (n,); and the names of `held_out_of`, list<string>.
    """
    project, salt = asked.project, asked.project.settings.salt
    marketing = asked.arms_where(purpose=Purpose.MARKETING.value)
    year = str(asked.clock.today.year)
    universal = draws(household, point=salt, purpose="universal", salt=year) < share_of_draws(
        str(project.policy.universal_holdout)
    )
    here = set(kind)
    flags, named = {UNIVERSAL: universal}, {}
    period = quarter(asked.clock.today)
    for name in sorted(project.programs):
        program = project.programs[name]
        arms = asked.arms_where(program=name)
        if program.holdout and program.purpose.may_hold_out and arms:
            drawn = draws(asked.keys, point=salt, purpose="program", salt=f"{name} {period}")
            flags[name] = drawn < share_of_draws(str(program.holdout))
    for name, flag in flags.items():
        arms = marketing if name == UNIVERSAL else asked.arms_where(program=name)
        if competing := [arm for arm in arms if arm in here]:
            named[name] = flag & asked.verdicts.may(competing)
    for name, flag in flags.items():
        arms = marketing if name == UNIVERSAL else asked.arms_where(program=name)
        asked.verdicts.deny(arms, where=flag, reason=Reason.HELD_OUT)
    return universal, named_flags(named, rows=asked.keys.size)
