"""`deployment:` and `exploration.floors:`: how far a changed rule takes over, and what is tried how often at least."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field, model_validator

from tactful.project.shape import Declaration, Share
from tactful.words.level import Level


class Floor(Declaration):
    """Arms that are meant to be explored: those that fit every word written here."""

    program: str | None = None
    level: Level | None = None
    offer: str | None = Field(default=None, description="an offer's name, or none")
    content: str | None = None
    least: Share = Field(
        description="least chance of each of these arms for everybody who may get it and for whom another is the best"
    )

    @model_validator(mode="after")
    def _of_something(self) -> Floor:
        if not (self.program or self.level or self.offer or self.content):
            raise ValueError("say which arms: a program, a level, an offer or a content")
        return self


class Deployment(Declaration):
    """How far new beliefs may take over from those of the last rule that was proven."""

    loss: Share = Field(
        default=Decimal("0.05"), description="share of what the former rule brings that may be put at risk"
    )
    sure: Share = Field(default=Decimal("0.95"), lt=1, ge=Decimal("0.5"), description="how sure the lower bound is")
    least: int = Field(
        default=200, ge=2, description="customers with outcomes of drawn decisions below which nothing is compared"
    )
    unproven: Share = Field(
        default=Decimal(1), description="how far new beliefs are mixed in while fewer than that have outcomes"
    )
