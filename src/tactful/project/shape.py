"""What every declaration shares: strict, frozen, and the small types people write (`10%`, `28 days`, `5000 GBP`)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints

from tactful.words.condition import Condition, read_condition
from tactful.words.money import Money


class Declaration(BaseModel):
    """A part of a project's files: unknown keys are errors, and what was read never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, strict=False)


def _share(value: Any) -> Any:  # Any: whatever YAML held
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", value)):
        return Decimal(match[1]) / 100
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return Decimal(str(value))
    raise ValueError(f"{value!r} is no share; write 10% or 0.1")


def _days(value: Any) -> Any:  # Any: whatever YAML held
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d+)\s*(day|week|month|year)s?\s*", value)):
        return int(match[1]) * {"day": 1, "week": 7, "month": 30, "year": 365}[match[2]]
    raise ValueError(f"{value!r} is no number of days; write 28 days or 2 weeks")


def _money(value: Any) -> Any:  # Any: whatever YAML held
    if isinstance(value, Money):
        return value
    if isinstance(value, str):
        return Money.read(value)
    raise ValueError(f"{value!r} is not money; write an amount and a currency, such as 5000 GBP")


def _condition(value: Any) -> Any:  # Any: whatever YAML held
    return read_condition(value) if isinstance(value, str) else value


def _tuple(value: Any) -> Any:  # Any: whatever YAML held
    return (value,) if isinstance(value, str) else value


_as_text = PlainSerializer(str, return_type=str)
Share = Annotated[Decimal, BeforeValidator(_share, json_schema_input_type=str | float), _as_text]
"""A share between 0 and 1, written as 10% or 0.1."""
Days = Annotated[int, BeforeValidator(_days, json_schema_input_type=str | int)]
"""A number of days, written as 28 days, 2 weeks or a number."""
Amount = Annotated[Money, BeforeValidator(_money, json_schema_input_type=str), _as_text]
"""Money, written as 5000 GBP."""
When = Annotated[
    Condition, BeforeValidator(_condition, json_schema_input_type=str), PlainSerializer(repr, return_type=str)
]
"""A condition, written as text: `kind = 'sale' and quantity > 0`."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
"""A name: small letters, digits, - and _."""
Names = Annotated[tuple[str, ...], BeforeValidator(_tuple, json_schema_input_type=str | list[str])]
"""One name or a list of names."""
