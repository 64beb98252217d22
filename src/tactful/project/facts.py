"""`facts.yaml`: each fact's origin, sensitivity, purpose, life and how it may be spoken; and the journey's stages."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from tactful.project.shape import ColumnName, Days, Declaration, Name, Names, When
from tactful.words.fact import Provenance, Sensitivity, Speak


class Keep(Declaration):
    """The mergeable aggregate of a fact, read from text such as `top(range, by: quantity)`."""

    how: Literal["count", "count_distinct", "sum", "min", "max", "first", "last", "top", "days_since"]
    column: str | None = None
    by: str | None = None


def _keep(value: Any) -> Any:  # Any: whatever YAML held
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"\s*(\w+)\(\s*(\w+)?\s*(?:,\s*by:\s*(\w+)\s*)?\)\s*", value)
    if not match:
        raise ValueError(f"{value!r} cannot be read; write count(), sum(column), top(column, by: quantity) …")
    return {"how": match[1], "column": match[2], "by": match[3]}


def _written(keep: Keep | None) -> str | None:
    if keep is None:
        return None
    by = f", by: {keep.by}" if keep.by else ""
    return f"{keep.how}({keep.column or ''}{by})"


class Fact(Declaration):
    """One fact: a mergeable aggregate over a canonical table, or a column that the customer declared."""

    from_: Literal["transactions", "events", "customers", "facts"] = Field(alias="from")
    keep: (
        Annotated[Keep, BeforeValidator(_keep, json_schema_input_type=str), PlainSerializer(_written, return_type=str)]
        | None
    ) = None
    column: str | None = Field(default=None, description="for `from: customers`: the declared column")
    where: When | None = None
    window: Days | Literal["all"] = "all"
    half_life: Days | None = Field(default=None, description="decay of the weights, such as 90 days")
    type: Literal["text", "integer", "decimal", "instant", "flag"] = "text"
    provenance: Provenance = Provenance.OBSERVED
    sensitivity: Sensitivity = Sensitivity.ORDINARY
    purpose: Names = ("marketing",)
    speak: Speak = Speak.NEVER
    may_select: bool = Field(
        default=False,
        description="for an inferred fact: a branch may be chosen by it, since a wrong guess does no harm",
    )
    stale_after: Days | None = Field(default=None, description="older than this it falls silent")
    title: str = ""
    needs_count: int = Field(default=1, ge=1, description="fewer rows than this behind it and it is unknown")
    at_least: int | None = Field(
        default=None, description="for `type: flag`: true where the aggregate is at least this, false below it"
    )


class Stage(Declaration):
    """A stage of the journey; the first whose condition holds is the customer's."""

    stage: Name
    when: When | Literal["otherwise"]
    title: str = ""


class Facts(Declaration):
    """The whole of `facts.yaml`. Order lines are joined with their items: `keep` and `where` may name `category`."""

    facts: dict[ColumnName, Fact]
    stages: tuple[Stage, ...]
    knowledge: str = Field(
        default="category", description="the item column whose next value the history should predict"
    )
    segment_by: str | None = Field(
        default=None, description="fact by which the segment of knowledge is taken; all customers when left out"
    )
