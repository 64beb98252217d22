"""A size nobody expected, a sudden growth, a rehearsal: a second person must approve."""

from __future__ import annotations

import pytest

from check.world import starter
from tactful.check.audience import Crowd, guard, strangers
from tactful.project.policy import Risk

RISK = Risk()


def crowd(audience: int, sending: int = 100, before: int | None = None, *, test: bool = False) -> Crowd:
    program = starter().programs["win-back"].model_copy(update={"test": test})
    return Crowd(program=program, audience=audience, sending=sending, before=before)


def test_an_expected_size_asks_for_nobody() -> None:
    assert guard([crowd(1_445, 900, 800)], risk=RISK) == ()


@pytest.mark.parametrize(
    ("audience", "said"), [(999, "at least 1,000"), (2_001, "at most 2,000"), (80_000, "at most 2,000")]
)
def test_C16_F25_F38_an_audience_outside_its_range_asks_for_a_second_person(audience: int, said: str) -> None:
    (reason,) = guard([crowd(audience)], risk=RISK)
    assert said in reason
    assert reason.startswith(f"win-back: {audience:,} people")


@pytest.mark.parametrize(("before", "asks"), [(300, False), (299, True), (0, True), (None, False)])
def test_C16_more_than_twice_the_last_run_asks_for_a_second_person(before: int | None, *, asks: bool) -> None:
    assert bool(guard([crowd(1_445, 600, before)], risk=RISK)) is asks


def test_F37_a_rehearsal_asks_and_reaches_seeds_only() -> None:
    assert "rehearsal" in guard([crowd(1_445, test=True)], risk=RISK)[0]
    program, settings = crowd(1, test=True).program, starter().settings
    everyone = ["Seed.One@example.com", "anna@x.example"]
    assert strangers(everyone, program=program, settings=settings) == ("anna@x.example",)
    assert strangers(everyone, program=crowd(1).program, settings=settings) == ()


def test_F37_a_project_in_test_mode_reaches_seeds_only_whatever_the_program() -> None:
    settings = starter().settings.model_copy(update={"mode": "test"})
    assert strangers(["anna@x.example"], program=crowd(1).program, settings=settings) == ("anna@x.example",)
