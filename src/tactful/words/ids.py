"""Identities: customer keys, decision points, and the ids derived from them.

Ids that a user gives are strings. Derived ids are 16 bytes, shown as hex only in print. The canonical form of a tuple
of strings is each part's UTF-8 bytes preceded by its length (8 bytes, big-endian), so that no two tuples share bytes.
"""

import hashlib
from dataclasses import dataclass


def canonical(*parts: str) -> bytes:
    """The bytes of a tuple of strings, such that different tuples differ.

    >>> canonical("ab", "c") == canonical("a", "bc")
    False
    """
    encoded = [part.encode("utf-8") for part in parts]
    return b"".join(len(part).to_bytes(8, "big") + part for part in encoded)


def derived_id(*parts: str) -> bytes:
    """The first 16 bytes of SHA-256 of the canonical form.

    >>> derived_id("2011-12-01", "12347", "email", "0").hex()[:8]
    '60d4f85b'
    """
    return hashlib.sha256(canonical(*parts)).digest()[:16]


def customer_key(customer_id: str) -> int:
    """The number a customer is sorted, joined and drawn by: first 8 bytes, big-endian, of SHA-256, as a signed int64.

    >>> customer_key("12347")
    6156624100188162190
    """
    return int.from_bytes(hashlib.sha256(customer_id.encode("utf-8")).digest()[:8], "big", signed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPoint:
    """One moment at which something is decided for one customer. Stability: full.

    Attributes:
        occasion: the schedule slot in project time (`2011-12-01`), the id of the triggering event, or the start of the
            validity window for pull touchpoints. Never the run.
        customer_id: as the user gave it.
        touchpoint: such as `email` or `web.home_hero`; `push` where push touchpoints compete in one decision.
        step: step of a sequence, from 0.
    """

    occasion: str
    customer_id: str
    touchpoint: str
    step: int = 0

    def __post_init__(self) -> None:
        if not self.occasion or not self.customer_id or not self.touchpoint:
            raise ValueError("a decision point needs an occasion, a customer and a touchpoint")
        if self.step < 0:
            raise ValueError(f"step {self.step} is negative; steps count from 0")

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """The canonical order of the four parts."""
        return (self.occasion, self.customer_id, self.touchpoint, str(self.step))

    @property
    def decision_id(self) -> bytes:
        """16 bytes: two runs of one occasion make the same decisions.

        >>> point = DecisionPoint(occasion="2011-12-01", customer_id="12347", touchpoint="push")
        >>> len(point.decision_id), point.decision_id != point.message_id
        (16, True)
        """
        return derived_id(*self.parts)

    @property
    def message_id(self) -> bytes:
        """The same with `message` appended."""
        return derived_id(*self.parts, "message")
