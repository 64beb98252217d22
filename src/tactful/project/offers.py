"""`offers/*.yaml`: incentive, value, cost, terms, budget, stock, validity."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tactful.project.shape import Amount, Days, Declaration, Growth, Name, Names, Share, When


class CostOf(Declaration):
    """A cost that goes with a fact: a tenth off costs a tenth of what they usually order."""

    fact: str = Field(description="a number in the project's currency")
    share: Growth = Field(description="of the fact, each time the offer is used")


class Offer(Declaration):
    """One offer. `words` is what the customer reads; `{date}` in it is the end of its validity."""

    offer: Name
    kind: Literal["none", "free_delivery", "percent", "amount"]
    value: Share | None = Field(default=None, description="for percent: the share off")
    amount: Amount | None = Field(default=None, description="for amount: the money off")
    words: str = ""
    terms: str = ""
    cost: Amount | None = Field(default=None, description="expected cost when used")
    cost_of: CostOf | None = Field(
        default=None, description="cost when used that differs by customer; `cost` holds where the fact is not known"
    )
    used: Share = Field(default=None, validate_default=False, description="expected share that uses it")  # type: ignore[assignment]  # required where cost is given
    valid: Days = 14
    ends: str | None = Field(default=None, description="last moment, ISO; no promise is made beyond it")
    starts: str | None = None
    budget: Amount | None = None
    stock: int | None = Field(default=None, ge=0)
    most_per_customer: int = Field(default=1, ge=1)
    who: When | None = Field(default=None, description="only customers for whom this holds")
    countries: Names = ()
    channels: Names = ()
    least_age: int | None = Field(default=None, ge=0, le=120)
