"""The audience guard: a size nobody expected, or a rehearsal aimed at people, waits for a second person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from tactful.project.policy import Risk
from tactful.project.programs import Program
from tactful.project.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """How many people a program is about to write to. Stability: full.

    Attributes:
        program: which.
        audience: how many are in its audience, before anything holds anybody back.
        sending: how many it would write to now.
        before: how many it wrote to in the last similar run; None where there was none.
    """

    program: Program
    audience: int
    sending: int
    before: int | None = None


def guard(crowds: Collection[Crowd], *, risk: Risk) -> tuple[str, ...]:
    """Why a second person must approve, in plain words; empty where one is enough.

    Args:
        crowds: one for each program that sends.
        risk: `growth` is the multiple of the last similar run above which a second person approves.

    >>> from tactful.project.policy import Risk
    >>> guard([], risk=Risk())
    ()
    """
    return tuple(reason for crowd in crowds for reason in _reasons(crowd, risk))


def _reasons(crowd: Crowd, risk: Risk) -> list[str]:
    program, expected = crowd.program, crowd.program.expect_audience
    size = f"{program.program}: {crowd.audience:,} people are in its audience"
    found = []
    if crowd.audience < expected.least:
        found.append(f"{size}; at least {expected.least:,} were expected")
    if expected.most is not None and crowd.audience > expected.most:
        found.append(f"{size}; at most {expected.most:,} were expected")
    if crowd.before is not None and Decimal(crowd.sending) > risk.growth * max(crowd.before, 1):
        times = Decimal(crowd.sending) / max(crowd.before, 1)
        found.append(
            f"{program.program}: {crowd.sending:,} would be written to, {times:.1f} times the last run's"
            f" {crowd.before:,}; the policy asks above {risk.growth:g} times"
        )
    if program.test:
        found.append(f"{program.program}: it is a rehearsal and has an audience of {crowd.audience:,}")
    return found


def strangers(recipients: Collection[str], *, program: Program, settings: Settings) -> tuple[str, ...]:
    """Addresses that a rehearsal may not reach: all but the project's seeds; none where it is no rehearsal.

    Args:
        recipients: addresses about to be written to.
        program: whether it is a test decides, and so does the project's mode.
        settings: mode and seeds.
    """
    if not program.test and settings.mode == "live":
        return ()
    seeds = {seed.casefold().strip() for seed in settings.seeds}
    return tuple(sorted(one for one in recipients if one.casefold().strip() not in seeds))
