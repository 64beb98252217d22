"""`policy.yaml`: ceiling, caps, quiet hours, topics, risk: the bounds within which the engine decides alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from tactful.project.deployment import Deployment, Floor
from tactful.project.items import ItemRules
from tactful.project.shape import Amount, Days, Declaration, Names, Number, Share
from tactful.project.value import Value
from tactful.project.variants import Variants
from tactful.project.wear import Fatigue
from tactful.words.fact import Purpose
from tactful.words.level import Level


class Ceiling(Declaration):
    """Least familiarity and knowledge for each level, both in [0, 1]."""

    familiarity: dict[Level, Share]
    knowledge: dict[Level, Share]
    when_unknown: Level = Field(
        default=Level.MANY, description="the highest level where familiarity or knowledge is Undefined"
    )
    default_dial: Level = Field(default=Level.ONE, description="the dial of a customer who has not set one")


class Cap(Declaration):
    """No more than `most` contacts in `days`, per customer."""

    channel: str
    purpose: Purpose = Purpose.MARKETING
    most: int = Field(ge=0)
    days: Days = Field(ge=1)


class QuietHours(Declaration):
    """Between `start` and `end` of the customer's own day nothing is sent on the channel."""

    channel: str
    start: str = Field(default="21:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    end: str = Field(default="08:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    holidays: bool = Field(
        default=False, description="whether the whole of a public holiday where the customer lives is quiet too"
    )


class Exploration(Declaration):
    """How much is left to chance so that the engine keeps learning."""

    most: Share = Field(default=Decimal("0.10"), description="total probability of arms that are not the best")
    sharpness: int = Field(default=0, ge=0, description="gamma; from the expectation's weight when 0")
    budget: Amount | None = Field(default=None, description="expected offer cost that exploration may spend in a run")
    floors: tuple[Floor, ...] = Field(default=(), description="arms meant to be explored; the first that fits counts")


class Risk(Declaration):
    """The trade between reach and errors, as numbers."""

    quarantined: Share = Field(
        default=Decimal("0.02"), description="a run stops above this share of messages that fail the gate"
    )
    growth: Number = Field(
        default=Decimal(2), description="above this multiple of the last similar run a second person approves"
    )
    variants_per_customer: Share = Field(
        default=Decimal("0.05"), description="distinct variants for each customer written to; above it the run stops"
    )
    audited: Share = Field(
        default=Decimal("0.01"),
        description="share of messages, drawn by chance, that are joined and read again whole",
    )
    subject_characters: int = Field(default=60, ge=10)
    late_after_hours: int = Field(default=4, ge=0)


class SendCapacity(Declaration):
    """How many messages a channel can carry, or places people come to can show, over all programs together."""

    channel: str
    most: int = Field(ge=0)
    per: Literal["hour", "day"] = Field(
        default="day", description="an hour's capacity counts for every hour of the day that is not quiet"
    )
    visits: Share = Field(
        default=Decimal("0.10"),
        description="for a channel that people come to: the share of an audience expected to come in a day",
    )


class HandCapacity(Declaration):
    """How many messages of some levels the people who make or check them can take on in a day."""

    most: int = Field(ge=0)
    levels: tuple[Level, ...] = Field(
        default=(Level.ONE,), min_length=1, description="the levels whose messages pass through their hands"
    )


class ComplaintQuota(Declaration):
    """How many complaints a day a channel may be expected to bring: mailbox providers close the door above it."""

    channel: str
    most: Number = Field(ge=0, description="complaints that may be expected in a day")
    expected: dict[Level, Share] = Field(
        min_length=1, description="share of the messages of a level that is complained about; 0 where left out"
    )


class Capacity(Declaration):
    """What all programs share in a day. The engine prices what is short; no limit is passed by one unit."""

    sends: tuple[SendCapacity, ...] = ()
    checking: HandCapacity | None = Field(default=None, description="messages that people can look at")
    creative: HandCapacity | None = Field(default=None, description="messages that people can write or lay out")
    complaints: tuple[ComplaintQuota, ...] = ()


class Policy(Declaration):
    """The whole of `policy.yaml`."""

    ceiling: Ceiling
    caps: tuple[Cap, ...]
    quiet_hours: tuple[QuietHours, ...] = ()
    holidays: dict[str, tuple[date, ...]] = Field(
        default={},
        description="country, as profiles name it → its public holidays; `any` are everybody's",
    )
    unknown_zone: Literal["sender", "wait"] = "sender"
    universal_holdout: Share = Decimal(0)
    k_words: int = Field(default=20, ge=1)
    k_facts: int = Field(default=50, ge=1)
    k_report: int = Field(default=10, ge=1)
    personal_facts: int = Field(default=2, ge=0, description="personal facts visible in one message, the name aside")
    sensitive_topics: Names = ()
    least_age: int | None = Field(default=None, ge=0, le=120)
    contact_cost: dict[str, Amount]
    level_cost: dict[Level, Amount] = Field(default={})
    variants: Variants = Variants()
    items: ItemRules = ItemRules()
    fatigue: Fatigue | None = Field(default=None, description="without it one more contact costs only its own cost")
    exploration: Exploration = Exploration()
    deployment: Deployment | None = Field(
        default=None, description="without it new beliefs hold in full as soon as they are there"
    )
    value: Value = Value()
    capacity: Capacity = Capacity()
    risk: Risk = Risk()
    approval_lasts: Days = 3
    shared_address: Literal["one", "neutral"] = "one"
