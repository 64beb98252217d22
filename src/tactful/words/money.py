"""Money: a decimal with its currency beside it; no float anywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3, "JOD": 3}
"""Digits after the point where they are not two (ISO 4217)."""
SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in a currency. Stability: full.

    Args:
        amount: decimal with no more digits after the point than the currency has.
        currency: three capital letters, ISO 4217.

    >>> str(Money.read("5000 GBP")), Money(amount=Decimal("2.95"), currency="GBP").shown
    ('5000.00 GBP', '£2.95')
    >>> Money(amount=Decimal("10.5"), currency="JPY")
    Traceback (most recent call last):
        ...
    ValueError: 10.5 JPY has more digits after the point than JPY knows (0)
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise ValueError(f"{self.currency!r} is no currency; write three capital letters such as GBP")
        if not self.amount.is_finite():
            raise ValueError(f"{self.amount} is no amount of money")
        try:
            exact = self.amount.quantize(self.unit, rounding=ROUND_HALF_EVEN)
        except InvalidOperation:
            raise ValueError(
                f"{self.amount:.2E} {self.currency} is more than can be counted to the last digit"
            ) from None
        if self.amount != exact:
            raise ValueError(
                f"{self.amount} {self.currency} has more digits after the point"
                f" than {self.currency} knows ({self.digits})"
            )
        object.__setattr__(self, "amount", exact)

    @classmethod
    def read(cls, text: str) -> Money:
        """From `5000 GBP` or `12.50 EUR`: a plain decimal with a point, a space, the currency."""
        match = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s+([A-Z]{3})\s*", text)
        if not match:
            raise ValueError(f"{text!r} is not money; write an amount and a currency, such as 5000 GBP")
        return cls(amount=Decimal(match[1]), currency=match[2])

    @property
    def digits(self) -> int:
        """Digits after the point in this currency."""
        return MINOR_DIGITS.get(self.currency, 2)

    @property
    def unit(self) -> Decimal:
        """The smallest amount of the currency."""
        return Decimal(1).scaleb(-self.digits)

    @property
    def minor(self) -> int:
        """The amount in smallest units, such as pence."""
        return int(self.amount.scaleb(self.digits))

    @property
    def shown(self) -> str:
        """As an English reader expects it: sign and thousands."""
        sign = SIGNS.get(self.currency)
        number = f"{abs(self.amount):,.{self.digits}f}"
        minus = "-" if self.amount < 0 else ""
        return f"{minus}{sign}{number}" if sign else f"{minus}{number} {self.currency}"

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
