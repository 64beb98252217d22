"""Features of a customer as the kernel reads them: whole numbers of at most 2^20, made one way everywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tactful.reckon.exact import FEATURE_LIMIT, check_width, quantise

SPREAD_UNITS: Final = 1 << 16
"""Units of a number that lies one spread above its centre; a number is clipped 16 spreads away."""


MOST_SPREADS: Final = FEATURE_LIMIT // SPREAD_UNITS


class Form(StrEnum):
    """How a column becomes a feature."""

    CONSTANT = "constant"
    """1 for everybody."""
    UNITS = "units"
    """As it stands: whole units of at most 2^20, such as a share in units of 2^-20; 0 where it is unknown."""
    NUMBER = "number"
    """Spreads above the centre, in units of 2^-16; 0 where it is unknown, as if it were the centre."""
    KNOWN = "known"
    """1 where the column has a value, else 0."""
    IS = "is"
    """1 where the column has this value, else 0."""
    BETWEEN = "between"
    """1 where the column is at least `low` and below `high`, else 0; 0 where it is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One feature: a column and the map that makes it a whole number. Stability: caller.

    Attributes:
        column: of `profiles`; empty for the constant.
        form: the map.
        centre: value that counts as 0; of numbers only.
        spread: distance from the centre that counts as 1; positive; of numbers only.
        value: what the column is compared with, as text; of `is` only.
        low, high: the bin, its low end inside and its high end outside; of `between` only.

    >>> str(Feature(column="orders", form=Form.NUMBER, centre=3.0, spread=2.5))
    'number orders (x - 3.0) / 2.5'
    """

    column: str
    form: Form
    centre: float = 0.0
    spread: float = 1.0
    value: str = ""
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        if (self.form is Form.CONSTANT) != (not self.column):
            raise ValueError("the constant has no column, and every other feature has one")
        if not (np.isfinite([self.centre, self.spread]).all() and self.spread > 0):
            raise ValueError(f"centre {self.centre} or spread {self.spread} of {self.column} is no scale")
        if not self.low < self.high:
            raise ValueError(f"nothing of {self.column} lies from {self.low} up to {self.high}")

    def __str__(self) -> str:
        """The feature with its map, as `beliefs.features` names it."""
        said = f"{self.form.value} {self.column}".strip()
        if self.form is Form.NUMBER:
            said += f" (x - {self.centre!r}) / {self.spread!r}"
        if self.form is Form.BETWEEN:
            said += f" {self.low!r} and {self.high!r}"
        return f"{said} = {self.value}" if self.form is Form.IS else said

    @property
    def units(self) -> int:
        """Units in 1.0 of what the form says: what a coefficient in real units is divided by.

        >>> BASE[0].units, BASE[1].units == FEATURE_LIMIT
        (1, True)
        """
        return {Form.UNITS: FEATURE_LIMIT, Form.NUMBER: SPREAD_UNITS}.get(self.form, 1)


BASE: Final = (
    Feature(column="", form=Form.CONSTANT),
    Feature(column="familiarity", form=Form.UNITS),
    Feature(column="familiarity", form=Form.KNOWN),
    Feature(column="knowledge", form=Form.UNITS),
    Feature(column="knowledge", form=Form.KNOWN),
)
"""The first features of every project, in the order of `inputs.features`; those it declares come after them."""


def units(feature: Feature, *, values: ArrayLike, known: ArrayLike) -> NDArray[np.int64]:
    """One feature of many customers.

    Args:
        feature: the map.
        values: numbers for `units`, `number` and `between`; flags for `is`; not looked at for the others or where not
            known.
        known: where there is a value; bool, shape (n,).

    Returns:
        Whole numbers of at most 2^20 in magnitude; int64, shape (n,). A row does not depend on the rows beside it.

    Raises:
        Misuse: a known number is not a number.

    >>> orders = Feature(column="orders", form=Form.NUMBER, centre=3, spread=2)
    >>> units(orders, values=[4, 0, 3], known=[True, False, True]).tolist()
    [32768, 0, 0]
    """
    there = np.asarray(known, dtype=np.bool_)
    if feature.form is Form.CONSTANT:
        return np.ones(there.size, dtype=np.int64)
    if feature.form is Form.KNOWN:
        return there.astype(np.int64)
    if feature.form is Form.IS:
        return (np.asarray(values, dtype=np.bool_) & there).astype(np.int64)
    if feature.form is Form.BETWEEN:
        real = np.where(there, np.asarray(values, dtype=np.float64), np.nan)
        return ((real >= feature.low) & (real < feature.high)).astype(np.int64)
    if feature.form is Form.UNITS:
        whole = np.where(there, np.asarray(values), 0).astype(np.int64)
        return np.clip(whole, -FEATURE_LIMIT, FEATURE_LIMIT)
    real = np.where(there, np.asarray(values, dtype=np.float64), feature.centre)
    with np.errstate(over="ignore"):
        spreads = (real - feature.centre) / feature.spread
    return quantise(np.clip(spreads, -MOST_SPREADS, MOST_SPREADS), scale=SPREAD_UNITS).values


def names(features: Sequence[Feature]) -> list[str]:
    """What `beliefs.features` says: every feature with its map, in order.

    Raises:
        Misuse: more features than any score can hold exactly.

    >>> names(BASE)[:3]
    ['constant', 'units familiarity', 'known familiarity']
    """
    check_width(len(features))
    return [str(feature) for feature in features]
