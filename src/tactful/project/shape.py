"""What every declaration shares: strict, frozen, and the small types people write (`10%`, `28 days`, `5000 GBP`)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints

from tactful.project.written import written
from tactful.words.condition import Condition, read_condition
from tactful.words.money import Money

SQL_WORDS = frozenset(
    """all and any array as asc at between both by case cast check collate column constraint create cross current_date
    current_time current_timestamp date default delete desc describe distinct do drop else end escape except exists
    false fetch filter for foreign from full grant group having in index inner insert intersect interval into is join
    lambda lateral leading left like limit natural not null offset on only or order outer over partition pivot placing
    primary qualify references returning right rows select set show similar some summarize symmetric table then time
    timestamp to trailing true union unique unpivot update user using values view when where window with""".split()
)
"""Words that an engine may take for its own where a column's name stands."""


class Declaration(BaseModel):
    """A part of a project's files: unknown keys are errors, and what was read never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, strict=False)


def _growth(value: Any) -> Any:  # Any: whatever YAML held
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*(%?)\s*", value)):
        return Decimal(match[1]) / (100 if match[2] else 1)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and value >= 0:
        return Decimal(str(value))
    raise ValueError(f"{value!r} is no share; write 10% or 0.1")


def _share(value: Any) -> Any:  # Any: whatever YAML held
    share = _growth(value)
    if share > 1:
        raise ValueError(f"{value} is more than the whole; a share lies between 0% and 100%")
    return share


def _days(value: Any) -> Any:  # Any: whatever YAML held
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d{1,5})\s*(?:(day|week|month|year)s?)?\s*", value)):
        return int(match[1]) * {"day": 1, "week": 7, "month": 30, "year": 365}[match[2] or "day"]
    raise ValueError(f"{value!r} is no number of days; write 28 days or 2 weeks")


def _money(value: Any) -> Any:  # Any: whatever YAML held
    if isinstance(value, Money):
        return value
    if isinstance(value, str):
        money = Money.read(value)
        if money.amount < 0:
            raise ValueError(f"{value} is less than nothing; amounts start at 0")
        return money
    raise ValueError(f"{value!r} is not money; write an amount and a currency, such as 5000 GBP")


def _condition(value: Any) -> Any:  # Any: whatever YAML held
    return read_condition(value) if isinstance(value, str) else value


def _tuple(value: Any) -> Any:  # Any: whatever YAML held
    return (value,) if isinstance(value, str) else value


def _column_name(value: str) -> str:
    if value in SQL_WORDS:
        raise ValueError(f"{value!r} is a word of SQL and cannot name a column; write {value}_fact or another word")
    return value


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


_as_number = PlainSerializer(_plain, return_type=str, when_used="unless-none")
_as_text = PlainSerializer(str, return_type=str)
Number = Annotated[Decimal, Field(ge=0), _as_number]
"""A number of 0 or more, kept as a decimal: 1.10 and 1.1 are the same."""
Signed = Annotated[Decimal, _as_number]
"""Any number, kept as a decimal."""
Share = Annotated[Decimal, BeforeValidator(_share, json_schema_input_type=str | float), _as_number]
"""A share between 0 and 1, written as 10% or 0.1."""
Growth = Annotated[Decimal, BeforeValidator(_growth, json_schema_input_type=str | float), _as_number]
"""A share that may be more than the whole, written as 150% or 1.5."""
Days = Annotated[int, BeforeValidator(_days, json_schema_input_type=str | int)]
"""A number of days, written as 28 days, 2 weeks or a number."""
Amount = Annotated[Money, BeforeValidator(_money, json_schema_input_type=str), _as_text]
"""Money, written as 5000 GBP."""
When = Annotated[
    Condition, BeforeValidator(_condition, json_schema_input_type=str), PlainSerializer(written, return_type=str)
]
"""A condition, written as text: `kind = 'sale' and quantity > 0`."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
"""A name: small letters, digits, - and _."""
ColumnName = Annotated[
    str, AfterValidator(_column_name), StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)
]
"""A name that becomes a column: small letters, digits and _, and no word of SQL."""
Names = Annotated[tuple[str, ...], BeforeValidator(_tuple, json_schema_input_type=str | list[str])]
"""One name or a list of names."""
