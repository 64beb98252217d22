"""What a level wants shown, and at which grain: for everybody, for a cell, or for one person."""

from __future__ import annotations

from typing import Final

from tactful.project.programs import ItemsWanted, LevelPlan

INDIVIDUAL: Final = frozenset({"alongside", "again_and_new", "likely", "ordered"})
"""Suggesters whose list is a person's own; all others make one list for everybody of a cell."""


def least_of(items: ItemsWanted) -> int:
    """With fewer items than this the level has nothing to show; at least one.

    >>> least_of(ItemsWanted(suggest="popular", count=4))
    4
    """
    return max(1, items.count if items.least is None else items.least)


def grain_of(plan: LevelPlan) -> tuple[str, ...]:
    """The facts that tell the words of a level apart: its `by`, and what a list for a whole cell must lie within."""
    within = plan.items.within if plan.items and plan.items.suggest not in INDIVIDUAL else None
    return plan.by if within is None or within in plan.by else (*plan.by, within)
