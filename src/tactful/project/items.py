"""`items:` of the policy: what is never shown to whom, and how different the items of one message are."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from tactful.project.shape import Days, Declaration, Names, Share


class ItemRules(Declaration):
    """Rules that every item in a message keeps; what is out of stock, not for sale or sensitive is never shown."""

    just_bought: Days = Field(default=14, description="what they ordered within so many days is not shown")
    returned: Days = Field(
        default=90, description="what they sent back within so many days is not shown to their cell; to them never"
    )
    household: Days | None = Field(
        default=30,
        description="what somebody else of their household ordered or sent back within so many days is not shown as"
        " their own; off where it says null",
    )
    consumables: Names = Field(
        default=(), description="categories of what is used up: may be shown to somebody who has it already"
    )
    never: Names = Field(default=(), description="item ids that are never recommended")
    never_ranges: Names = Field(default=(), description="categories that are never recommended")
    most_of_range: int | None = Field(
        default=3, ge=1, description="at most so many items of one category in a person's list; null for any number"
    )
    alike: Share = Field(
        default=Decimal("0.8"),
        gt=0,
        description="of two items whose titles are as alike as this (1 is the same words) only one is shown",
    )
