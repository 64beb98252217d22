"""A value with its interval, and the value that does not exist."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value with its interval; both in the unit of what was measured.

    Stability: full.

    >>> Estimate(value=0.5, low=0.4, high=0.6, effective_n=100).value
    0.5
    >>> Estimate(value=0.5, low=0.6, high=0.7, effective_n=100)
    Traceback (most recent call last):
        ...
    ValueError: interval [0.6, 0.7] does not hold its own estimate 0.5
    """

    value: float
    low: float
    high: float
    effective_n: float

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"interval [{self.low}, {self.high}] does not hold its own estimate {self.value}")


@dataclass(frozen=True, slots=True)
class Undefined:
    """No value exists, and why. Never written as 0, 1, NaN or an empty string.

    Stability: full.

    >>> Undefined("no orders yet")
    Undefined(reason='no orders yet')
    """

    reason: str

    def __post_init__(self) -> None:
        if not self.reason:
            raise ValueError("an Undefined says why: give a reason")

    def __bool__(self) -> bool:
        """An Undefined is never a truth value: look at it with isinstance."""
        raise TypeError(f"Undefined has no truth value ({self.reason}); look with isinstance(value, Undefined)")
