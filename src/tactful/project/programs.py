"""`programs/*.yaml`: why, for whom, at which levels, with which offers, within which limits."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from tactful.project.shape import Amount, Days, Declaration, Name, Names, Number, Share
from tactful.words.fact import Purpose
from tactful.words.level import Level


class ItemsWanted(Declaration):
    """Which items a level shows."""

    suggest: Literal[
        "picks",
        "popular",
        "newest",
        "steady_and_new",
        "pairings",
        "most_ordered",
        "alongside",
        "again_and_new",
        "ordered",
        "likely",
    ]
    count: int = Field(default=4, ge=1, le=12)
    least: int | None = Field(
        default=None, ge=0, description="with fewer fitting items the level is not eligible; all of them when left out"
    )
    within: str | None = Field(
        default=None, description="fact whose value the items' category must equal, such as favourite_range"
    )
    reasons: int = Field(
        default=1, ge=1, le=4, description="for `alongside`: at most so many of their own orders are named as reasons"
    )
    picks: tuple[str, ...] = Field(default=(), description="for `picks`: item ids, chosen by people")


class LevelPlan(Declaration):
    """What one level of a program says, to cells of whom."""

    content: str
    by: Names = ()
    items: ItemsWanted | None = None
    needs: Names = Field(default=(), description="facts without which the level is not eligible")
    cost: Amount | None = Field(
        default=None, description="cost of contact and complexity per message; the policy's when left out"
    )


class Expectation(Declaration):
    """What the team expects before outcomes exist; the prior that evidence will correct."""

    response: Share = Field(
        description="share of those written to who respond because of it, at level all with no offer"
    )
    margin: Amount = Field(description="long-term margin of one response")
    weight: int = Field(
        default=200, ge=1, description="how many customers' worth of evidence this expectation counts for"
    )
    levels: dict[Level, Number] = Field(default={}, description="response at a level as a multiple of `all`")
    offers: dict[str, Number] = Field(default={}, description="response with an offer as a multiple of none")


class Follows(Declaration):
    """What went before: the step of a sequence after which this program is the next."""

    program: str
    days: Days = Field(default=1, description="project days that must have passed since that message")
    within: Days | None = Field(default=None, description="days after which the sequence is over; never when left out")


class Promised(Declaration):
    """So many messages a day that somebody was promised of a program, as far as people and limits allow."""

    sends_per_day: int = Field(ge=1)
    missing: Amount = Field(description="what each message that is missing costs: no more is given up to keep it")


class Limits(Declaration):
    """What a program may spend and send, which holds exactly; and how much of it was promised."""

    budget: Amount | None = None
    sends_per_day: int | None = Field(default=None, ge=0)
    promised: Promised | None = Field(default=None, description="the least that is to be sent")


class Audience(Declaration):
    """How many people are expected, so that a typo is caught."""

    least: int = Field(default=0, ge=0)
    most: int | None = Field(default=None, ge=0)


class Program(Declaration):
    """One program."""

    program: Name
    purpose: Purpose
    why: str = Field(min_length=10)
    outcome: str | None = Field(
        default=None, description="a metric; only service and transactional programs may leave it out"
    )
    audience: str
    expect_audience: Audience = Audience()
    touchpoints: Names
    levels: dict[Level, LevelPlan]
    web: dict[Level, LevelPlan] = Field(
        default={}, description="what web touchpoints show; the levels' content with `.web` when left out"
    )
    offers: Names = ("none",)
    limits: Limits = Limits()
    holdout: Share = Decimal(0)
    expect: Expectation
    valid: Days = 14
    every: Days | None = Field(default=None, description="no second message of this program within so many days")
    rest_after: int | None = Field(
        default=None, ge=1, description="unanswered messages of this program after which it rests until they order"
    )
    priority: int = 0
    excludes: Names = Field(default=(), description="programs that do not reach the same customer on the same day")
    follows: Follows | None = Field(
        default=None, description="a step of a sequence: sent once after each message of the step before"
    )
    brand_message: bool = Field(
        default=False, description="a message for the brand: its outcome looks far ahead and its budget is capped"
    )
    test: bool = Field(default=False, description="a rehearsal: may reach seed addresses only")
    standing: bool = False
    owner: str = ""
