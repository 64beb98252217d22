"""`variants:` of the policy: what making and keeping one variant costs, so that only those open that pay for it."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from tactful.project.shape import Amount, Declaration, Share
from tactful.words.level import Level


class Variants(Declaration):
    """The fixed cost of a variant: words written, checked and kept for one cell, however many people are in it."""

    cost: dict[Level, Amount] = Field(
        default={}, description="cost of making and keeping one variant, by level; a level left out costs nothing"
    )
    runs: int = Field(default=1, ge=1, description="how many runs share that cost, such as 4 where words last a month")
    hold: Share = Field(
        default=Decimal("0.10"),
        description="an open variant closes, a closed one opens, only where that gains more than this share of it",
    )
