"""`value:` of the policy: what the worth of a message may be learned from, as maps that are frozen once written."""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import pairwise

from pydantic import Field, model_validator

from tactful.project.shape import Days, Declaration, Names, Number, Signed


class ValueFeature(Declaration):
    """One fact or one plug-in model, and how it becomes a number: another scale is another map.

    A number (`centre`, `spread`) brings a flag of its own that says whether it is known.
    """

    fact: str | None = Field(default=None, description="a fact or profile column")
    model: str | None = Field(default=None, description="a value model that a package brings, by its name")
    version: str | None = Field(default=None, description="the model's version; another one is not used")
    centre: Signed = Decimal(0)
    spread: Number = Field(default=Decimal(1), gt=0, description="distance from the centre that counts as 1")
    values: Names = Field(default=(), description="one flag for each of these values, instead of a number")
    edges: tuple[Signed, ...] = Field(
        default=(), description="one flag from each of these up to the next, the last without end; instead of a number"
    )

    @model_validator(mode="after")
    def _one_of_each(self) -> ValueFeature:
        if (self.fact is None) == (self.model is None):
            raise ValueError("name a fact or a model, one of them")
        if (self.model is None) != (self.version is None):
            raise ValueError("a model, and only a model, says its version")
        if self.values and self.edges:
            raise ValueError("write values or edges, not both")
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError("edges rise from the first to the last")
        return self

    @property
    def column(self) -> str:
        """The column it reads: the fact's, or the model's with its version."""
        return self.fact if self.fact is not None else model_column(str(self.model), version=str(self.version))

    @property
    def bins(self) -> tuple[tuple[float, float], ...]:
        """Low and high of each bin; what lies below the first edge is in none."""
        if not self.edges:
            return ()
        ends = [*(float(edge) for edge in self.edges), math.inf]
        return tuple(pairwise(ends))


def model_column(name: str, *, version: str) -> str:
    """What the column of a model's predictions is called.

    >>> model_column("churn", version="3")
    'model churn@3'
    """
    return f"model {name}@{version}"


class Value(Declaration):
    """What the expected margin of a message is learned from. Without features it is learned by cell alone."""

    features: tuple[ValueFeature, ...] = ()
    half_life: Days = Field(default=180, ge=1, description="days after which an outcome counts half")
