"""The unit in which arms are valued, and how a cell of beliefs is named: learn writes both, decide reads both."""

from collections.abc import Iterable, Mapping
from typing import Final

from tactful.words.ids import derived_id
from tactful.words.money import MINOR_DIGITS, Money

UNITS_PER_MINOR: Final = 1000
"""Score units in one smallest unit of the currency: for GBP a unit is a thousandth of a penny."""
ROOT: Final = "/"
"""The cell of beliefs that holds a whole program."""
WHOLE_CELL: Final = "{}"
"""The cell of a level that asks for no facts: everybody."""


def units(money: Money) -> int:
    """An amount in the score's unit.

    >>> units(Money.read("0.01 GBP"))
    1000
    """
    return money.minor * UNITS_PER_MINOR


_SMALLEST: Final = {"GBP": "p", "EUR": " cent", "USD": " cents"}


def told(score: int, *, currency: str, places: int = 3) -> str:
    """A score for a reader, with its sign: in the currency's smallest unit where that has a known name.

    >>> told(13440, currency="GBP"), told(-6000, currency="USD", places=2), told(7, currency="JPY")
    ('+13.440p', '-6.00 cents', '+0.007 JPY')
    >>> told(13440, currency="SEK")
    '+0.13440 SEK'
    """
    if currency in _SMALLEST:
        return f"{score / UNITS_PER_MINOR:+.{places}f}{_SMALLEST[currency]}"
    digits = MINOR_DIGITS.get(currency, 2)
    return f"{score / UNITS_PER_MINOR / 10**digits:+.{places + digits}f} {currency}"


def belief_cell(touchpoint: str, *, level: str, offer: str | None, cell: str = WHOLE_CELL) -> str:
    """The name of a cell of beliefs: an arm, or an arm among the customers of one cell.

    >>> belief_cell("email", level="many", offer=None)
    '/email/many/none'
    >>> belief_cell("email", level="many", offer="ten-off", cell='{"range":"baking"}')
    '/email/many/ten-off/{"range":"baking"}'
    """
    arm = f"/{touchpoint}/{level}/{offer or 'none'}"
    return arm if cell == WHOLE_CELL else f"{arm}/{cell}"


_SAID: Final = ("program", "cell", "mean", "precision", "prior", "scale", "source_days")
_MAY_BE_SAID: Final = ("coefficients", "features", "shift", "source_rows")


def beliefs_id(rows: Iterable[Mapping[str, object]]) -> bytes:
    """The 16 bytes that name a set of beliefs, made of what they say and not of when: in any order the same.

    What no row states of coefficients, features, shift and the decisions behind it is not part of it.

    Args:
        rows: `beliefs` rows.

    >>> row = {"program": "p", "cell": "/", "mean": 1, "precision": 1, "prior": 1, "scale": 1, "source_days": 0}
    >>> beliefs_id([row]) == beliefs_id([row | {"mean": 2}])
    False
    >>> beliefs_id([row]) == beliefs_id([row | {"coefficients": None}]) != beliefs_id([row | {"coefficients": [1]}])
    True
    """
    said = sorted((*(str(row[name]) for name in _SAID), *_stated(row)) for row in rows)
    return derived_id("beliefs", *(word for row in said for word in row))


def _stated(row: Mapping[str, object]) -> list[str]:
    return [f"{name} {row[name]}" for name in _MAY_BE_SAID if row.get(name) is not None]
