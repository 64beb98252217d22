"""`fatigue:` of the policy: how contacts wear on people, and what is lost when somebody leaves."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from tactful.project.shape import Amount, Days, Declaration, Number, Share


class ValueClass(Declaration):
    """Customers of a segment, with what is lost when one of them opts out; the first that fits counts."""

    segment: str
    remaining: Amount


class Fatigue(Declaration):
    """What one more contact costs later ones, and the risk that it is the last."""

    remaining: Amount = Field(
        description="what is lost when a customer opts out, beside what later messages would bring"
    )
    classes: tuple[ValueClass, ...] = Field(default=(), description="segments with a remaining value of their own")
    half_life: Days = Field(default=14, ge=1, description="after so many days half of a contact is felt no more")
    every: Days = Field(default=7, ge=1, description="days from one decision to the next")
    opt_out: Share = Field(default=Decimal("0.001"), description="share that leaves at a contact when nothing is felt")
    growth: Number = Field(default=Decimal("0.4"), description="each contact felt multiplies that risk by exp(growth)")
    loss: Share = Field(default=Decimal("0.05"), description="share of the response that each contact felt takes away")
    weight: dict[str, Number] = Field(default={}, description="how much a contact on a channel is felt; 1 if left out")
    weight_of_guess: int = Field(
        default=20_000, ge=1, description="how many contacts the two numbers above count for, once opt-outs are counted"
    )
    patience: Share = Field(
        default=Decimal("0.98"), description="what one unit at the next decision is worth today; below 1"
    )
